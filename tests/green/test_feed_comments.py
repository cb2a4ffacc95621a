"""Feed's comments and likes on a real database, also many at once. Needs: db."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.contracts.errors import Invalid
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.feed.domain import posts
from services.kit.pages import BadCursor, encode_cursor
from tests.support.feed_street import LU, SUN, WANG, Street, actor

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


@pytest.fixture
def post(street) -> str:
    return str(street.post(module="mutual_aid")["id"])


def at_once(tasks) -> list:
    """Run all tasks side by side; their answers."""
    with ThreadPoolExecutor(max_workers=12) as pool:
        return [future.result(timeout=60) for future in [pool.submit(task) for task in tasks]]


# -- comments


def test_a_comment_as_everybody_gets_it(street, post):
    comment = street.comment(post, LU, "我\u200b来<i>帮</i>忙")
    ops.Comment.model_validate(comment)
    assert set(comment) == set(ops.Comment.model_fields)
    assert comment["body"] == "我来<i>帮</i>忙"
    assert comment["author"]["display_name"] == "老陆"
    assert (comment["official"], comment["actor_role"], comment["step"]) == (False, None, None)
    assert (comment["mine"], comment["by_post_author"]) == (True, False)
    assert street.comments(post, LU)["items"] == [comment]
    assert street.get(post)["comment_count"] == 1


def test_an_answer_in_office_carries_its_badge(street, post):
    comment = street.comment(post, WANG, "居委会来协调")
    assert (comment["official"], comment["actor_role"]) == (True, "committee_staff")
    assert comment["author"]["role_badges"] == ["committee_staff"]
    kind, body = street.emitted()[-1]
    assert kind == "comment.published.v1"
    assert (body["official"], body["author_id"], body["post_author_id"]) == (True, "wang", "sun")


def test_a_reply_knows_what_it_answers(street, post):
    first = street.comment(post, LU, "几点？")
    reply = street.comment(post, SUN, "八点", reply_to=first["id"])
    assert (reply["reply_to"], reply["reply_to_name"]) == (first["id"], "老陆")
    assert reply["by_post_author"] is True
    assert street.emitted()[-1][1]["reply_to_author_id"] == "lu"


def test_a_reply_belongs_to_the_same_post(street, post):
    elsewhere = street.comment(street.post()["id"], LU)
    for parent in (elsewhere["id"], new_id()):
        with pytest.raises(Invalid) as refused:
            street.comment(post, reply_to=parent)
        assert refused.value.errors[0].field == "reply_to"
    assert street.get(post)["comment_count"] == 0


def test_an_invisible_comment_is_none(street, post):
    with pytest.raises(Invalid):
        street.comment(post, body="\u200b\n\ufeff")
    assert street.comments(post)["items"] == []


def test_a_thread_is_read_oldest_first_page_by_page(street, post):
    for number in range(5):
        street.comment(post, body=f"第{number}句")
        if number % 2:
            street.later(seconds=1)
    for limit in (1, 2, 5, 50):
        said, cursor = [], None
        while True:
            page = street.comments(post, limit=limit, cursor=cursor)
            said += [comment["body"] for comment in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(said) == [f"第{number}句" for number in range(5)]
        assert said[2:4] == ["第2句", "第3句"] or said[2:4] == ["第3句", "第2句"]
        assert said[4] == "第4句"


def test_a_comment_made_meanwhile_comes_on_the_next_page(street, post):
    street.comment(post, body="一")
    street.later(seconds=1)
    street.comment(post, body="二")
    page = street.comments(post, limit=1)
    street.later(seconds=1)
    street.comment(post, body="三")
    rest = street.comments(post, cursor=page["next_cursor"])
    assert [comment["body"] for comment in rest["items"]] == ["二", "三"]


@pytest.mark.parametrize(
    "cursor",
    ["x", encode_cursor("now", new_id()), encode_cursor("2026-03-02T04:00:00+00:00", "1")],
)
def test_a_tampered_cursor_is_refused(street, post, cursor):
    with pytest.raises(BadCursor):
        street.comments(post, cursor=cursor)


def test_a_thread_costs_the_same_however_long_it_is(street, post):
    parent = street.comment(post, LU)["id"]
    few = street.statements(lambda: street.comments(post, limit=50))
    for _ in range(30):
        street.comment(post, WANG, reply_to=parent)
    many = street.statements(lambda: street.comments(post, limit=50))
    assert len(street.comments(post, limit=50)["items"]) == 31
    assert len(few) == len(many)


# -- likes


def test_a_like_counts_once(street, post):
    assert street.like(post) == ops.Likes(like_count=1, liked_by_me=True)
    assert street.like(post) == ops.Likes(like_count=1, liked_by_me=True)
    assert street.like(post, LU).like_count == 2
    assert street.get(post)["liked_by_me"] is True
    assert street.get(post, WANG)["liked_by_me"] is False
    assert street.posts()["items"][0]["liked_by_me"] is True
    assert street.unlike(post) == ops.Likes(like_count=1, liked_by_me=False)
    assert street.unlike(post) == ops.Likes(like_count=1, liked_by_me=False)
    assert street.drift() == []


def test_only_changes_are_told(street, post):
    for act in (street.like, street.like, street.unlike, street.unlike):
        act(post)
    told = [body["like_count"] for kind, body in street.emitted() if kind == "reaction.changed.v1"]
    assert told == [1, 0]


def test_many_who_like_at_once_are_all_counted(street, post):
    people = [actor(f"p{number}") for number in range(30)]
    for person in people:
        street.card(person.person_id)
    at_once([lambda p=person: street.like(post, p) for person in people for _ in range(2)])
    assert street.get(post)["like_count"] == 30
    assert street.drift() == []
    told = [body["like_count"] for kind, body in street.emitted() if kind == "reaction.changed.v1"]
    assert told == list(range(1, 31)), "the events tell each count once and in order"


def test_liking_and_unliking_wildly_does_not_drift(street, post):
    people = [actor(f"p{number}") for number in range(6)]
    for person in people:
        street.card(person.person_id)
    acts = [street.like, street.unlike, street.like, street.like, street.unlike, street.comment]
    at_once([lambda a=act, p=person: a(post, p) for act in acts for person in people])
    assert street.drift() == []
    assert street.get(post)["comment_count"] == 6


def test_one_person_liking_at_once_from_many_phones_counts_once(street, post):
    answers = at_once([lambda: street.like(post, LU)] * 20)
    assert {answer.like_count for answer in answers} == {1}
    assert street.drift() == []


def test_likes_and_comments_end_with_the_post(street, post):
    people = [actor(f"p{number}") for number in range(8)]
    for person in people:
        street.card(person.person_id)

    def speak(person):
        try:
            street.comment(post, person)
            street.like(post, person)
        except posts.PostNotFound:
            return "late"
        return "in time"

    tasks = [lambda p=person: speak(p) for person in people]
    tasks.insert(4, lambda: street.delete(post))
    answers = at_once(tasks)
    assert answers.count(None) == 1
    assert street.drift() == []
    with pytest.raises(posts.PostNotFound):
        street.like(post, LU)
