"""Feed's posts on a real database. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, NotFound, ObserverReadOnly
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.feed.domain import posts, speaking
from services.feed.handlers import between
from tests.support.feed_street import (
    CID,
    LU,
    NOON,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    VILLAGE,
    VILLAGE_PATH,
    WANG,
    ZHAO,
    Street,
    actor,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def test_a_post_as_its_author_gets_it(street):
    photo = street.shelf.put("sun")
    post = street.post(
        module="idle",
        title="婴儿床 🛏",
        body="<b>九成新</b>",
        extra={"price": 180},
        attachments=[photo],
    )
    ops.Post.model_validate(post, strict=False)
    assert set(post) == set(ops.Post.model_fields)
    assert (post["title"], post["body"]) == ("婴儿床 🛏", "<b>九成新</b>")
    assert post["extra"] == {"price": "180.00"}
    assert [a["id"] for a in post["attachments"]] == [photo]
    assert (post["like_count"], post["liked_by_me"], post["comment_count"]) == (0, False, 0)
    assert post["author"] == {
        "id": "sun",
        "display_name": "孙奶奶",
        "building_label": "3号楼",
        "badge_shown": False,
        "role_badges": [],
        "anonymous": False,
    }
    assert (post["mine"], post["official"], post["pinned"]) == (True, False, False)
    assert street.get(post["id"]) == post


@pytest.mark.parametrize(
    "module", ["hall", "nearby", "services", "mutual_aid", "neighbours", "idle"]
)
def test_three_fields_are_enough(street, module):
    assert street.post(module=module)["module"] == module


def test_publishing_is_told_once(street):
    post = street.post(title="好人好事")
    assert street.emitted() == [
        (
            "post.published.v1",
            {
                "post_id": post["id"],
                "community_id": CID,
                "path": PATH,
                "module": "neighbours",
                "author_id": "sun",
                "title": "好人好事",
                "issue_id": None,
                "hide_name": False,
                "praised_id": None,
                "official": False,
                "praise": False,
                "mentions": [],
            },
        )
    ]


def test_an_office_speaks_officially_and_a_party_member_shows_the_flag(street):
    official = street.post(WANG, module="announcements")
    party = street.post(LU, module="party", extra={"kind": "check_in"})
    assert (official["official"], official["author_role"]) == (True, "committee_staff")
    assert official["author"]["role_badges"] == ["committee_staff"]
    assert (party["official"], party["author"]["badge_shown"]) == (False, True)
    assert street.post(SHI)["author_role"] == "secretary"


@pytest.mark.parametrize(
    ("who", "fields", "refusal"),
    [
        (SUN, {"module": "announcements"}, speaking.MayNotPost),
        (SUN, {"module": "party"}, speaking.MayNotPost),
        (SUN, {"module": "homesick"}, speaking.ModuleOff),
        (SUN, {"module": "casino"}, Invalid),
        (SUN, {"title": "\u200b"}, Invalid),
        (SUN, {"body": "\u2060\n"}, Invalid),
        (SUN, {"extra": {"price": 1}}, Invalid),
        (SUN, {"attachments": [new_id()]}, Invalid),
        (SUN, {"cid": "atlantis"}, NotFound),
        (SUN, {"cid": VILLAGE}, Forbidden),
        (STRANGER, {}, Forbidden),
        (OBSERVER, {}, ObserverReadOnly),
    ],
)
def test_what_is_refused_leaves_nothing(street, who, fields, refusal):
    with pytest.raises(refusal):
        street.post(who, **fields)
    assert street.posts()["items"] == []
    assert street.emitted() == []


def test_somebody_elses_upload_is_not_to_be_had(street):
    mine, hers = street.shelf.put("sun"), street.shelf.put("lu")
    with pytest.raises(Invalid) as refused:
        street.post(attachments=[mine, hers])
    assert [error.field for error in refused.value.errors] == ["attachments.1"]


def test_an_ended_membership_ends_the_speaking(street):
    street.card("sun", standing="ended")
    with pytest.raises(Forbidden) as refused:
        street.post()
    assert refused.value.code == "identity.not_a_member"


# -- a hidden name


def test_a_hidden_name_shows_to_its_owner_alone(street):
    post = street.post(title="家门口的事", hide_name=True)
    assert post["author"]["display_name"] == "孙奶奶"
    for reader in (LU, WANG, OBSERVER):
        seen = street.get(post["id"], reader)
        assert seen["author"] == {
            "id": None,
            "display_name": "匿名邻居",
            "building_label": "",
            "badge_shown": False,
            "role_badges": [],
            "anonymous": True,
        }
        assert seen["mine"] is False
        assert "sun" not in str(street.posts(reader)["items"])
    assert street.emitted()[0][1]["hide_name"] is True


def test_a_hidden_name_stays_hidden_in_its_own_thread(street):
    post = street.post(hide_name=True)
    first = street.comment(post["id"], SUN, "补充一下")
    street.comment(post["id"], LU, "收到", reply_to=first["id"])
    assert first["author"]["display_name"] == "孙奶奶"
    seen = street.comments(post["id"], LU)["items"]
    assert [c["author"]["display_name"] for c in seen] == ["匿名邻居", "老陆"]
    assert [c["by_post_author"] for c in seen] == [True, False]
    assert seen[1]["reply_to_name"] == "匿名邻居"
    assert "sun" not in str(seen)


def test_hiding_the_name_hides_the_office_too(street):
    post = street.post(WANG, hide_name=True)
    assert (post["official"], post["author_role"]) == (False, None)
    assert street.comment(post["id"], WANG)["official"] is False


def test_the_issue_desk_is_told_who_wrote(street):
    post = street.post(hide_name=True)
    cmd = ops.OfPost(id=post["id"])
    source = street.run(between.get_thread_source, cmd, WANG)
    assert (source.author_id, source.hide_name, source.path) == ("sun", True, PATH)
    juyuan = actor("other", (Role.COMMITTEE_STAFF, "demo.yuepu.juyuan"))
    for reader, refusal in ((SUN, Forbidden), (OBSERVER, Forbidden), (juyuan, NotFound)):
        with pytest.raises(refusal):
            street.run(between.get_thread_source, cmd, reader)


# -- who reads


def test_strangers_learn_nothing(street):
    post = street.post()
    for reader in (STRANGER, ZHAO):
        with pytest.raises(posts.PostNotFound):
            street.get(post["id"], reader)
        with pytest.raises(posts.PostNotFound):
            street.comments(post["id"], reader)
        with pytest.raises(NotFound):
            street.posts(reader)
        with pytest.raises(posts.PostNotFound):
            street.like(post["id"], reader)
    with pytest.raises(posts.PostNotFound):
        street.get(new_id())


def test_those_above_read_and_stay_silent(street):
    post = street.post()
    assert street.get(post["id"], OBSERVER)["id"] == post["id"]
    assert len(street.posts(OBSERVER)["items"]) == 1
    assert not any(module.may_comment for module in street.modules(OBSERVER).values())
    for act in (street.like, street.comment):
        with pytest.raises(ObserverReadOnly):
            act(post["id"], OBSERVER)


# -- changing and deleting


def test_the_author_changes_the_words(street):
    post = street.post(module="idle", extra={"price": 5})
    street.later(minutes=5)
    photo = street.shelf.put("sun")
    changed = street.update(
        post["id"], title="改 了\u200b", body="新的", extra={"price": 3}, attachments=[photo]
    )
    assert (changed["title"], changed["body"]) == ("改 了", "新的")
    assert changed["extra"] == {"price": "3.00"}
    assert [a["id"] for a in changed["attachments"]] == [photo]
    assert changed["edited_at"] is not None
    assert changed["created_at"] == post["created_at"]
    assert street.types() == ["post.published.v1", "post.changed.v1"]


def test_an_update_that_names_nothing_changes_nothing(street):
    post = street.post()
    assert street.update(post["id"]) == post
    assert street.types() == ["post.published.v1"]


@pytest.mark.parametrize(
    ("who", "fields", "refusal"),
    [
        (LU, {"title": "我改的"}, posts.NotTheAuthor),
        (WANG, {"title": "我改的"}, posts.NotTheAuthor),
        (SUN, {"pinned": True}, posts.NotAModerator),
        (SUN, {"pinned": False}, posts.NotAModerator),
        (LU, {"pinned": True}, posts.NotTheAuthor),
        (WANG, {"expires_at": NOON + timedelta(days=1)}, posts.NotTheAuthor),
        (WANG, {"never_expires": True}, posts.NotTheAuthor),
        (SUN, {"extra": {"price": 5}}, Invalid),
        (SUN, {"title": "\u200b"}, Invalid),
        (STRANGER, {"title": "x"}, posts.PostNotFound),
        (OBSERVER, {"title": "x"}, ObserverReadOnly),
    ],
)
def test_a_change_that_is_refused_changes_nothing(street, who, fields, refusal):
    post = street.post()
    with pytest.raises(refusal):
        street.update(post["id"], who, **fields)
    assert street.get(post["id"]) == post


def test_what_its_author_deletes_is_gone(street):
    post = street.post()
    street.comment(post["id"])
    street.delete(post["id"], SUN)
    assert street.posts()["items"] == []
    for act in (
        street.get,
        street.comments,
        street.like,
        street.unlike,
        street.comment,
        street.update,
        street.delete,
    ):
        with pytest.raises(posts.PostNotFound):
            act(post["id"])
    assert street.types()[-1] == "post.removed.v1"
    assert street.types().count("post.removed.v1") == 1


def test_nobody_else_deletes(street):
    post = street.post()
    for who, refusal in (
        (LU, posts.MayNotDelete),
        (WANG, posts.MayNotDelete),
        (STRANGER, posts.PostNotFound),
        (actor("far", (Role.COMMITTEE_STAFF, VILLAGE_PATH)), posts.PostNotFound),
    ):
        with pytest.raises(refusal):
            street.delete(post["id"], who)
    assert len(street.posts()["items"]) == 1


def test_whoever_moved_away_takes_her_posts_with_her_if_she_wants(street):
    mine, other = street.post()["id"], street.post(LU)["id"]
    street.card("sun", standing="ended", display_name="孙奶奶")
    with pytest.raises(posts.PostNotFound):
        street.get(mine)
    with pytest.raises(posts.PostNotFound):
        street.delete(other)
    street.delete(mine)
    assert [post["id"] for post in street.posts(LU)["items"]] == [other]
    assert street.types()[-1] == "post.removed.v1"


def test_a_deleted_account_leaves_its_words_without_a_name(street):
    from services.contracts.events import PersonDeleted

    post = street.post()
    street.told(PersonDeleted(person_id="sun"))
    author = street.get(post["id"], LU)["author"]
    assert (author["display_name"], author["building_label"]) == ("已注销用户", "")


def test_modules_say_what_one_may_do(street):
    mine, offices = street.modules(), street.modules(WANG)
    assert (mine["idle"].may_post, mine["announcements"].may_post) == (True, False)
    assert (mine["announcements"].may_comment, mine["idle"].may_moderate) == (True, False)
    assert (offices["announcements"].may_post, offices["idle"].may_moderate) == (True, True)
    assert mine["idle"].name == "闲置物品"
    assert [field.key for field in mine["idle"].fields] == ["price", "condition", "swap"]
    assert "homesick" in street.modules(ZHAO, VILLAGE)
