"""Many at once in one thread: every counter stays true, every page complete. Needs: db."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from services.contracts.errors import Invalid
from services.feed.domain import comments as rules
from tests.support.explained import analyze, rows_read
from tests.support.feed_street import LU, SUN, WANG, Street, actor

pytestmark = pytest.mark.db

CONNECTIONS = 12


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def at_once(tasks) -> list:
    """Run all tasks side by side; their answers."""
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        return [future.result(timeout=60) for future in [pool.submit(task) for task in tasks]]


class Storm:
    """Neighbours who do whatever comes to their minds."""

    def __init__(self, street: Street, people: int, seed: int) -> None:
        self.street = street
        self.posts = [street.post()["id"] for _ in range(2)]
        self.roots = [street.comment(post, LU)["id"] for post in self.posts for _ in range(2)]
        self.people = [actor(f"p{number}") for number in range(people)]
        for person in self.people:
            street.card(person.person_id)
        self.dice = random.Random(seed)

    def tasks(self, each: int):
        return [self._task(person) for _ in range(each) for person in self.people]

    def _task(self, person):
        street, dice = self.street, self.dice
        number = dice.randrange(len(self.roots))
        post, root = self.posts[number // 2], self.roots[number]
        act = dice.choice(["like", "unlike", "say", "reply", "take back", "like it", "unlike it"])

        def say_and_take_back():
            street.delete_comment(street.comment(post, person, reply_to=root)["id"], person)

        return {
            "like": lambda: street.like(post, person),
            "unlike": lambda: street.unlike(post, person),
            "say": lambda: street.comment(post, person),
            "reply": lambda: street.comment(post, person, reply_to=root),
            "take back": say_and_take_back,
            "like it": lambda: street.like_comment(root, person),
            "unlike it": lambda: street.unlike_comment(root, person),
        }[act]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_counter_drifts_in_a_storm(street, seed):
    storm = Storm(street, people=20, seed=seed)
    at_once(storm.tasks(each=12))
    assert street.drift() == []
    with street.units() as uow:
        replies, deleted, likes = uow.session.execute(
            text(
                "SELECT sum(reply_count), count(*) FILTER (WHERE state = 'deleted'), "
                "sum(like_count) FROM feed_comments"
            )
        ).one()
    assert min(replies, deleted, likes) > 0, "the storm did not touch everything"


def test_a_comment_that_is_deleted_by_many_at_once_is_counted_once(street):
    post = street.post()["id"]
    mine = street.comment(post, reply_to=street.comment(post, LU)["id"])["id"]

    def take_back():
        try:
            street.delete_comment(mine)
        except rules.CommentNotFound:
            return "late"
        return "done"

    answers = at_once([take_back] * 10)
    assert answers.count("done") == 1
    assert street.get(post)["comment_count"] == 1
    assert street.drift() == []


def test_answers_to_what_is_being_deleted_count_or_are_refused(street):
    post = street.post()["id"]
    root = street.comment(post)["id"]

    def answer():
        try:
            return street.comment(post, LU, reply_to=root)["id"]
        except Invalid:
            return None

    tasks = [answer] * 10
    tasks.insert(5, lambda: street.delete_comment(root))
    answered = [one for one in at_once(tasks) if one]
    line = street.comments(post, under="roots")["items"][0]
    assert (line["state"], line["reply_count"]) == ("deleted", len(answered))
    assert street.drift() == []


# -- pages


def a_long_thread(street: Street, count: int) -> str:
    """A post with ``count`` comments: some of them replies, one in ten by 孙奶奶."""
    post = str(street.post()["id"])
    with street.units() as uow:
        uow.session.execute(
            text(
                """
                INSERT INTO feed_comments (id, post_id, author_id, body, root_id, created_at)
                SELECT gen_random_uuid(), :post, CASE WHEN n % 10 = 0 THEN 'sun' ELSE 'lu' END,
                    '第' || n || '句', NULL,
                    cast(:at AS timestamptz) + n * interval '1 millisecond'
                FROM generate_series(1, :count) AS n
                """
            ),
            {"post": post, "at": street.now, "count": count},
        )
        uow.session.execute(
            text(
                "UPDATE feed_posts SET comment_count = :count, active_at = (SELECT "
                "max(created_at) FROM feed_comments WHERE post_id = :post) WHERE id = :post"
            ),
            {"post": post, "count": count},
        )
        uow.commit()
    return post


@pytest.mark.parametrize(
    "fields",
    [{}, {"order": "newest"}, {"under": "roots"}, {"under": "roots", "order": "newest"}],
)
def test_pages_miss_nothing_and_repeat_nothing_while_others_write(street, fields):
    post = a_long_thread(street, 1_000)
    stood = [one["id"] for one in all_pages(street, post, fields)]
    assert len(stood) == 1_000
    mine = [one["id"] for one in all_pages(street, post, fields) if one["mine"]]
    done = threading.Event()
    new: list[str] = []

    def writer(number: int) -> None:
        dice = random.Random(number)
        while not done.is_set():
            new.append(street.comment(post, LU)["id"])
            street.comment(post, WANG, reply_to=dice.choice(stood)) if number else None
            if mine and number == 0:
                street.delete_comment(mine.pop(dice.randrange(len(mine))))

    with ThreadPoolExecutor(max_workers=2) as pool:
        writers = [pool.submit(writer, number) for number in range(2)]
        try:
            read = [one["id"] for one in all_pages(street, post, fields, limit=40)]
        finally:
            done.set()
        for one in writers:
            one.result(timeout=60)
    assert len(read) == len(set(read)), "a comment came twice"
    assert [one for one in read if one in set(stood)] == stood, "a comment is missing"
    assert new, "nobody wrote meanwhile"
    if fields.get("order") != "newest":
        follow = [one for one in read if one in set(new)]
        rest = [one["id"] for one in all_pages(street, post, fields)]
        made = [one for one in rest if one in set(new)]
        assert follow == made[: len(follow)], "a comment slipped in before the end of a page"
    assert street.drift() == []


def all_pages(street: Street, post: str, fields, limit: int = 100):
    """The comments of all pages, one after the other."""
    found, cursor = [], None
    while True:
        page = street.comments(post, SUN, cursor=cursor, limit=limit, **fields)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_a_slow_clock_writes_no_comment_into_the_past(street):
    """A writer whose clock is behind still stands after what was read before."""
    post = street.post()["id"]
    street.later(minutes=1)
    street.comment(post, body="一")
    street.comment(post, body="二")
    page = street.comments(post, limit=1)
    rest = street.comments(post, cursor=page["next_cursor"], limit=1)
    assert rest["next_cursor"] is None
    street.later(seconds=-30)
    late = street.comment(post, body="三")
    assert late["created_at"] > rest["items"][0]["created_at"]
    assert [one["body"] for one in street.comments(post)["items"]] == ["一", "二", "三"]


# -- what is read


@pytest.mark.parametrize(
    "fields", [{}, {"order": "newest"}, {"under": "roots"}, {"official": True}]
)
def test_a_page_reads_what_it_shows(street, fields):
    post = a_long_thread(street, 3_000)
    a_long_thread(street, 3_000)  # of others
    with street.units() as uow:
        uow.session.execute(
            text(
                "UPDATE feed_comments SET official = true, actor_role = 'secretary' "
                "WHERE id IN (SELECT id FROM feed_comments ORDER BY id LIMIT 300)"
            )
        )
        uow.commit()
    analyze(street.units.engine, "feed_comments")
    page, read = rows_read(
        street.units.engine, "feed_comments", lambda: street.comments(post, limit=20, **fields)
    )
    assert len(page["items"]) == 20
    assert read < 150, f"{read} comments read for a page of 20"


def test_the_answers_of_a_long_thread_are_read_alone(street):
    post = a_long_thread(street, 3_000)
    for body in ("一", "二"):
        street.pin(street.comment(post, WANG, body)["id"])
    analyze(street.units.engine, "feed_comments")
    whole, read = rows_read(street.units.engine, "feed_comments", lambda: street.get(post))
    assert [one["body"] for one in whole["answers"]] == ["二", "一"]
    assert read < 20, f"{read} comments read for two answers"
