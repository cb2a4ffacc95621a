"""Posts that look like problems: the classifier's word, and who decides. Needs: db."""

import pytest

from services.contracts import events as e
from services.contracts.errors import Forbidden, NotFound
from services.contracts.ids import new_id
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import suggestions as ops
from services.feed.domain.posts import PostNotFound
from services.feed.domain.suggestions import SuggestionDecided, SuggestionNotFound
from services.feed.handlers import suggestions
from services.kit.pages import BadCursor
from tests.support.feed_street import (
    CID,
    LU,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    VILLAGE,
    WANG,
    Street,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db):
    return Street(db("feed"))


def suggest(street, post, version=1, **said):
    values = {
        "problem": 0.93,
        "category": "8x",
        "slot": "S1",
        "confidence": 0.7,
        "reasons": ["占", "绿化带"],
        **said,
    }
    event = e.IssueSuggested(
        post_id=post["id"], community_id=CID, path=PATH, post_version=version, **values
    )
    street.run(suggestions.keep, event, street.now)


def listed(street, who=WANG, **asked):
    cmd = ops.ListSuggestions(cid=CID, **asked)
    return street.run(suggestions.list_suggestions, cmd, who, read_only=True)


def one(street, post, who=WANG):
    return street.run(suggestions.get_suggestion, OfPost(id=post["id"]), who, read_only=True)


def dismiss(street, post, who=WANG, reason=""):
    cmd = ops.DismissSuggestion(id=post["id"], reason=reason)
    return street.run(suggestions.dismiss_suggestion, cmd, who, street.now)


def test_the_committee_sees_what_the_classifier_says_newest_first(street):
    posts = []
    for number in range(3):
        posts.append(street.post(module="nearby", title=f"绿化带被占 {number}"))
        street.later(minutes=1)
        suggest(street, posts[-1])
    page = listed(street, limit=2)
    assert [item["post_id"] for item in page["items"]] == [posts[2]["id"], posts[1]["id"]]
    rest = listed(street, limit=2, cursor=page["next_cursor"])
    assert [item["post_id"] for item in rest["items"]] == [posts[0]["id"]]
    assert rest["next_cursor"] is None
    assert ops.PostSuggestion.model_validate(page["items"][0]).reasons == ["占", "绿化带"]
    assert one(street, posts[0])["state"] == "open"


@pytest.mark.parametrize("who", [SUN, LU, OBSERVER])
def test_nobody_else_does_not_even_the_author(street, who):
    post = street.post(module="nearby", who=SUN)
    suggest(street, post)
    for ask in (lambda: listed(street, who), lambda: one(street, post, who)):
        with pytest.raises(Forbidden):
            ask()
    assert "suggestion" not in street.get(post["id"], SUN)


def test_a_stranger_learns_nothing_of_the_post(street):
    post = street.post(module="nearby")
    suggest(street, post)
    with pytest.raises(PostNotFound):
        one(street, post, STRANGER)


def test_what_is_probably_no_problem_is_not_shown_but_danger_always_is(street):
    chat, fire = street.post(module="nearby"), street.post(module="nearby")
    suggest(street, chat, problem=0.2)
    suggest(street, fire, problem=0.2, urgent=True)
    assert [item["post_id"] for item in listed(street)["items"]] == [fire["id"]]
    with pytest.raises(SuggestionNotFound):
        one(street, chat)


def test_an_answer_about_an_older_text_is_passed_over(street):
    post = street.post(module="nearby")
    suggest(street, post, version=2)  # nobody has written a second text
    assert listed(street)["items"] == []
    suggest(street, post, version=1)
    suggest(street, post, version=1, problem=0.6)  # said twice: the first stands
    assert one(street, post)["problem"] == 0.93


def test_a_dismissed_one_stays_so_and_tells_who_came_second(street):
    post = street.post(module="nearby")
    suggest(street, post)
    assert dismiss(street, post, reason="邻居闲聊")["state"] == "dismissed"
    suggest(street, post)
    assert listed(street)["items"] == []
    with pytest.raises(SuggestionDecided):
        dismiss(street, post, who=SHI)


def test_neither_neighbour_nor_observer_dismisses(street):
    post = street.post(module="nearby")
    suggest(street, post)
    for who in (SUN, OBSERVER):
        with pytest.raises(Forbidden):
            dismiss(street, post, who=who)
    with pytest.raises(SuggestionNotFound):
        dismiss(street, street.post(module="nearby"))


def test_when_staff_make_it_an_issue_the_suggestion_is_taken(street):
    post = street.post(module="nearby")
    suggest(street, post)
    issue = new_id()
    street.story(
        e.IssueReported(
            issue_id=issue,
            post_id=post["id"],
            community_id=CID,
            path=PATH,
            reporter_id="sun",
            title=post["title"],
            body=post["body"],
            reported_at=street.now,
            from_post=True,
            taken_up_by="wang",
        )
    )
    assert listed(street)["items"] == []
    assert one(street, post)["state"] == "taken"
    suggest(street, post)
    assert one(street, post)["state"] == "taken"


def test_posts_that_are_gone_are_not_listed_nor_kept(street):
    gone, late = street.post(module="nearby"), street.post(module="nearby")
    suggest(street, gone)
    street.delete(gone["id"])
    assert listed(street)["items"] == []
    street.delete(late["id"])
    suggest(street, late)
    assert listed(street)["items"] == []


def test_a_foreign_cursor_is_refused(street):
    with pytest.raises(BadCursor):
        listed(street, cursor="abc")


def test_another_community_is_not_there(street):
    with pytest.raises(NotFound) as refused:
        street.run(
            suggestions.list_suggestions, ops.ListSuggestions(cid=VILLAGE), WANG, read_only=True
        )
    assert refused.value.code == "identity.community_not_found"


def test_a_page_is_one_statement(street):
    for _ in range(5):
        suggest(street, street.post(module="nearby"))
    few = len(street.statements(lambda: listed(street, limit=1)))
    assert len(street.statements(lambda: listed(street, limit=5))) == few
