"""The demo's posts keep the rules that everybody's posts keep."""

import pytest

from services.contracts import demo
from services.contracts.actor import COMMITTEE
from services.contracts.operations.feed import CreateComment, CreatePost
from services.feed.domain import fields, modules, texts
from services.feed.seed_posts import POSTS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.title)
def test_a_seeded_post_could_have_been_posted(post):
    community_id, path = post.community
    cmd = CreatePost(
        cid=community_id,
        module=post.module,
        title=post.title,
        body=post.body,
        extra=dict(post.extra),
    )
    assert texts.clean_line(cmd.title) == post.title
    assert texts.clean_text(cmd.body) == post.body
    module = modules.BY_KEY[post.module]
    assert fields.read_extra(module, cmd.extra) == dict(post.extra)
    kind = "village" if path == demo.PATH_HAIXING else "urban"
    assert module in modules.switched_on(kind, ())
    assert module.post.members or post.office in COMMITTEE or post.who == demo.OLD_LU
    for number, said in enumerate(post.comments):
        CreateComment(id="x", body=said.text)
        assert said.reply_to is None or said.reply_to < number
    assert list(post.comments) == sorted(post.comments, key=lambda said: said.after)


def test_every_module_of_the_town_has_something_to_show():
    shown = {post.module for post in POSTS if post.community[0] == demo.SHANGYUAN}
    assert shown == {module.key for module in modules.switched_on("urban", ())}
