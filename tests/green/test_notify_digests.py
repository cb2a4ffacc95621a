"""Digests: of what really happened, once each, and made of who has news. Needs: db."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.operations.notify.digests import DigestPage, GetDigest, ListDigests
from services.kit.pages import BadCursor
from services.notify import copies
from services.notify.domain import digests as rules
from services.notify.handlers import clock, digests
from services.notify.repository import digests as store
from services.notify.repository import people
from tests.support.explained import analyze
from tests.support.inboxes import Inboxes, actor
from tests.support.neighbourhood import NOON, say

pytestmark = pytest.mark.db
EVENING = rules.next_round(NOON)  # a Monday's
DAY = timedelta(days=1)
SUNDAY = EVENING + 6 * DAY


class Evenings(Inboxes):
    """Notify, whose clock a test moves."""

    def duty(self, now: datetime) -> int:
        with self.units() as uow:
            done = clock.do_next(uow, now)
            uow.commit()
        return done

    def stand(self, now: datetime) -> None:
        with self.units() as uow:
            clock.stand(uow, now)
            uow.commit()

    def evening(self, now: datetime) -> None:
        """All that is due by now."""
        while self.duty(now):
            pass

    def digests(self, person: str) -> list[DigestPage]:
        """Somebody's digests, the newest first, each whole."""
        with self.units(read_only=True) as uow:
            listed = digests.list_digests(uow, ListDigests(), actor(person))
            return [self.digest(person, one.id) for one in listed.items]

    def digest(self, person: str, digest_id: str, **more: object) -> DigestPage:
        with self.units(read_only=True) as uow:
            cmd = GetDigest(id=digest_id, **more)
            return digests.get_digest(uow, cmd, actor(person), "zh")

    def told(self, person: str) -> list[list[str]]:
        """The titles of each of somebody's digests, the newest first."""
        return [[item.title for item in one.items] for one in self.digests(person)]

    def wishes(self, person: str, rhythm: str, **more: object) -> None:
        """What somebody chose."""
        chosen = {"channels": ["in_app"], "budget": 10, "muted": [], **more}
        with self.units() as uow:
            uow.session.execute(
                text(
                    "INSERT INTO preferences (person_id, channels, daily_budget, digest, "
                    "language, muted_kinds, changed_at) VALUES (:person, :channels, :budget, "
                    ":rhythm, 'zh', :muted, now())"
                ),
                {"person": person, "rhythm": rhythm, **chosen},
            )
            uow.commit()


@pytest.fixture
def notify(emptied) -> Evenings:
    notify = Evenings(emptied("notify"))
    notify.stand(NOON)
    return notify


def test_it_tells_what_is_unread_by_kind_the_newest_first_and_each_thing_once(notify):
    notify.community(sun="孙奶奶", lu="老陆", zhao="赵")
    notify.tell(say(e.PostPublished, module="nearby", title="谁家的猫"))
    for author in ("lu", "zhao"):
        notify.tell(say(e.CommentPublished, author_id=author))
    notify.tell(say(e.IssueTriaged, post_id="other"))
    notify.tell(say(e.IssueEscalated, post_id="other"))
    notify.read("sun", ids=[notify.items("sun")[0].id])
    notify.evening(EVENING - timedelta(minutes=1))
    assert notify.digests("sun") == []

    notify.evening(EVENING)
    (digest,) = notify.digests("sun")
    assert [(kind.kind, kind.title, kind.count) for kind in digest.kinds] == [
        ("issue_triaged", "问题受理分类", 1),
        ("comment", "评论和回复", 2),
    ]
    assert [item.title for item in digest.items] == [
        "「一件社区事务」已受理：8+X 事项",
        "赵评论了「谁家的猫」",
        "老陆评论了「谁家的猫」",
    ]
    assert (digest.count, digest.rhythm, digest.made_at) == (3, "daily", EVENING)
    news = notify.items("sun")[0]
    assert (news.kind, news.title, news.link) == (
        "digest",
        "今日消息汇总：3 条未读",
        f"/digests/{digest.id}",
    )
    assert notify.drift() == []
    assert [one.kind for one in notify.live()].count("digest") == 1 + len(notify.digests("lu"))

    notify.evening(EVENING + DAY)  # nothing happened since: there is none
    assert len(notify.digests("sun")) == 1
    notify.tell(say(e.CommentPublished, author_id="lu"), now=EVENING + DAY)
    notify.tell(say(e.PostRemoved, post_id="post"), now=EVENING + DAY)
    notify.evening(EVENING + 2 * DAY)
    assert notify.told("sun")[0] == ["老陆评论了「已删除的内容」"]
    assert "谁家的猫" not in str(notify.told("sun"))


def test_a_digest_is_read_page_by_page_by_whom_it_is_for_alone(notify):
    for n in range(5):
        notify.tell(say(e.CommentPublished, author_id=f"p-{n}"))
    notify.evening(EVENING)
    (digest,) = notify.digests("sun")
    first = notify.digest("sun", digest.id, limit=2)
    second = notify.digest("sun", digest.id, limit=3, cursor=first.next_cursor)
    assert [item.id for item in [*first.items, *second.items]] == [i.id for i in digest.items]
    assert (first.count, second.next_cursor) == (5, None)
    with pytest.raises(digests.DigestNotFound):
        notify.digest("zhao", digest.id)
    for cursor in ("rubbish", "WyJ4Il0"):
        with pytest.raises(BadCursor):
            notify.digest("sun", digest.id, cursor=cursor)
    with notify.units(read_only=True) as uow:
        held = copies.held_about(uow, "sun")["digests"]["items"]
    assert [one["notice_id"] for one in held] == [item.id for item in digest.items]


def test_daily_weekly_or_never_as_each_chose_and_a_change_loses_and_repeats_nothing(notify):
    for person, rhythm in (("weekly", "weekly"), ("never", "off"), ("daily", "daily")):
        notify.wishes(person, rhythm)
    notify.wishes("deaf", "daily", muted=["digest"])
    everybody = ("weekly", "never", "daily", "deaf")

    def happens(post: str, now: datetime) -> None:
        for person in everybody:
            notify.tell(
                say(e.IssueAnswered, reporter_id=person, post_id=post, supporter_ids=[]), now=now
            )

    happens("mon", NOON)
    notify.evening(EVENING)
    happens("tue", NOON + DAY)
    with notify.units() as uow:
        uow.session.execute(
            text("UPDATE preferences SET digest = 'weekly' WHERE person_id = 'daily'")
        )
        uow.commit()
    for days in range(1, 7):
        notify.evening(EVENING + days * DAY)
    counts = {p: [(d.rhythm, d.count) for d in notify.digests(p)] for p in everybody}
    assert counts == {
        "weekly": [("weekly", 2)],
        "never": [],
        "daily": [("weekly", 1), ("daily", 1)],
        "deaf": [],
    }


def test_what_somebody_chose_while_the_digests_are_made_holds(notify):
    """The round has begun, on a Monday; one wants none any more, one hers on Sundays."""
    people = ("none", "deaf", "sundays", "daily")
    for person in people:
        notify.wishes(person, "daily")
        notify.tell(say(e.IssueAnswered, reporter_id=person, supporter_ids=[]))
    notify.duty(EVENING)
    assert notify.scalar("SELECT count(*) FROM digest_waiting") == 4
    with notify.units() as uow:
        for person, chosen in (
            ("none", "digest = 'off'"),
            ("deaf", "muted_kinds = '{digest}'"),
            ("sundays", "digest = 'weekly'"),
        ):
            change = text(f"UPDATE preferences SET {chosen} WHERE person_id = :person")
            uow.session.execute(change, {"person": person})
        uow.commit()
    notify.evening(EVENING)
    assert notify.scalar("SELECT count(*) FROM due WHERE error IS NOT NULL") == 0
    assert [len(notify.items(person)) for person in people] == [1, 1, 1, 2]
    notify.evening(SUNDAY)
    assert [[d.rhythm for d in notify.digests(p)] for p in people] == [
        [], [], ["weekly"], ["daily"],
    ]  # fmt: skip


def test_the_overflow_of_the_day_is_in_it_what_went_out_or_is_muted_is_not(notify):
    notify.community(sun="孙奶奶", lu="老陆")
    notify.wishes("sun", "daily", channels=["in_app", "web_push"], budget=2)
    for n in range(3):
        notify.tell(say(e.CommentPublished, post_id=f"post-{n}", author_id="lu"))
    states = "SELECT string_agg(state, ' ' ORDER BY notice_id) FROM deliveries"
    assert notify.scalar(states) == "waiting waiting digest"
    with notify.units() as uow:
        uow.session.execute(
            text(
                "UPDATE deliveries SET state = 'parked' WHERE notice_id = "
                "(SELECT min(notice_id) FROM deliveries)"
            )
        )
        uow.commit()
    notify.tell(say(e.CommentPublished, post_id="muted", author_id="lu"))
    with notify.units() as uow:
        uow.session.execute(
            text(
                "INSERT INTO muted_threads (person_id, post_id, muted_at) "
                "VALUES ('sun', 'muted', now())"
            )
        )
        uow.commit()
    notify.evening(EVENING)
    (digest,) = notify.digests("sun")
    ids = [item.id for item in reversed(notify.items("sun")) if item.kind == "comment"]
    assert [item.id for item in digest.items] == [ids[2], ids[0]]
    mine = "SELECT state FROM deliveries d JOIN notices n ON n.id = notice_id WHERE kind = 'digest'"
    assert notify.scalar(mine) == "waiting"  # it goes out, though the day's budget is used up


def test_killed_between_two_chunks_it_goes_on_and_tells_everybody_once(notify, monkeypatch):
    monkeypatch.setattr(digests, "CHUNK", 2)
    crowd = [f"p-{n}" for n in range(5)]
    for person in crowd:
        notify.tell(say(e.IssueAnswered, reporter_id=person, supporter_ids=[]))
    with notify.units() as uow:  # the round begins, and the process dies before the commit
        clock.do_next(uow, EVENING)
    assert notify.scalar("SELECT count(*) FROM digest_rounds") == 0
    notify.duty(EVENING)
    notify.duty(EVENING)
    with notify.units() as uow:  # it dies in the second chunk
        clock.do_next(uow, EVENING)
        assert len(uow.session.execute(text("SELECT id FROM digests")).all()) == 4
    assert notify.scalar("SELECT count(*) FROM digests") == 2
    notify.know(say(e.PersonDeleted, person_id="p-2"))  # meanwhile somebody leaves for good
    notify.stand(EVENING)
    notify.evening(EVENING)
    assert [len(notify.digests(p)) for p in crowd] == [1, 1, 0, 1, 1]
    assert [notify.titles(p).count("今日消息汇总：1 条未读") for p in crowd] == [1, 1, 0, 1, 1]
    assert notify.scalar("SELECT count(*) FROM inbox WHERE person_id = 'p-2'") == 0
    assert notify.drift() == []


def test_a_moved_clock_makes_one_digest_of_what_was_missed_and_none_again(notify):
    notify.tell(say(e.IssueAnswered, supporter_ids=[]))
    notify.evening(EVENING)
    for days in (1, 2, 3):
        notify.tell(say(e.IssueTriaged), now=NOON + days * DAY)
    notify.evening(EVENING + 3 * DAY)  # the clock was moved on by three days
    assert [d.count for d in notify.digests("sun")] == [3, 1]
    with notify.units() as uow:  # and back, where a round is due once more
        uow.session.execute(text("UPDATE due SET try_at = :at, due_at = :at"), {"at": EVENING})
        uow.commit()
    notify.tell(say(e.IssueEscalated), now=EVENING)
    notify.evening(EVENING + timedelta(hours=1))
    assert len(notify.digests("sun")) == 2
    notify.tell(say(e.IssueProgressed), now=EVENING + 3 * DAY)
    notify.evening(EVENING + 4 * DAY)
    assert [d.count for d in notify.digests("sun")] == [2, 3, 1]


def test_who_leaves_while_her_digest_is_made_leaves_nothing_behind(notify):
    for n in range(16):
        notify.tell(say(e.IssueAnswered, reporter_id=f"p-{n}", supporter_ids=[]))
    notify.duty(EVENING)
    ready = threading.Barrier(3)
    failed: list[BaseException] = []

    def leave(numbers: range) -> None:
        try:
            ready.wait()
            for n in numbers:
                with notify.units() as uow:
                    people.forget_person(uow.session, f"p-{n}")
                    uow.commit()
        except BaseException as error:
            failed.append(error)

    leaving = [threading.Thread(target=leave, args=(range(a, 16, 2),)) for a in (0, 1)]
    for one in leaving:
        one.start()
    ready.wait()
    notify.evening(EVENING)
    for one in leaving:
        one.join()
    assert failed == []
    for table in ("inbox", "unread_counts", "digests", "digest_items", "digest_waiting"):
        assert notify.scalar(f"SELECT count(*) FROM {table}") == 0


def test_a_round_looks_at_who_has_news_and_at_nobody_else(notify):
    with notify.units() as uow:
        uow.session.execute(
            text(
                "INSERT INTO preferences (person_id, channels, daily_budget, digest, language, "
                "changed_at) SELECT 'p-' || n, '{in_app}', 10, 'daily', 'zh', now() "
                "FROM generate_series(1, 5000) n"
            )
        )
        uow.session.execute(text("INSERT INTO unread_counts SELECT person_id, 0 FROM preferences"))
        uow.session.execute(
            text(
                "INSERT INTO notices (id, event_id, rank, kind, variant, why, link, facts, "
                "created_at) SELECT lpad(n || '', 36, '0'), n, 0, 'comment', '', 'my_post', '/', "
                "'{}', :long_ago FROM generate_series(1, 5000) n"
            ),
            {"long_ago": NOON - 100 * DAY},
        )
        uow.commit()
    for n in (7, 77, 777):
        notify.tell(say(e.IssueAnswered, reporter_id=f"p-{n}", supporter_ids=[]))
    analyze(notify.units.engine, "preferences", "unread_counts", "inbox", "notices")
    values = store.collecting(EVENING, EVENING - DAY, EVENING - 7 * DAY)
    with notify.units() as uow:
        plan = uow.session.scalars(text(f"EXPLAIN {store.COLLECT}"), values).all()
        oldest = {"oldest": EVENING - 8 * DAY}
        oldest_plan = uow.session.scalars(text(f"EXPLAIN {store.OLDEST}"), oldest).all()
    assert any("notices_created" in line for line in oldest_plan), oldest_plan
    assert any("preferences_pkey" in line for line in plan), plan
    for table in ("preferences", "unread_counts"):
        assert not any(f"Seq Scan on {table}" in line for line in plan), plan
    notify.evening(EVENING)
    assert notify.scalar("SELECT count(*) FROM digests") == 3


def test_a_duty_that_takes_too_long_is_put_off_and_stops_no_other(notify):
    """As a round among very many might; an emergency has to go on meanwhile."""
    done = []

    def slow(uow, *_: object) -> None:
        uow.session.execute(text("SET LOCAL statement_timeout = '20ms'"))
        uow.session.execute(text("SELECT pg_sleep(5)"))

    duties = {"digests": slow, "briefs": lambda *_: done.append("briefs")}
    with notify.units() as uow:
        uow.session.execute(text("UPDATE due SET try_at = :at"), {"at": EVENING})
        uow.commit()
    for _ in range(2):
        with notify.units() as uow:
            clock.do_next(uow, EVENING, duties)
            uow.commit()
    assert done == ["briefs"]
    put_off = "SELECT count(*) FROM due WHERE kind = 'digests' AND tries = 1 AND try_at > :at"
    assert notify.scalar(put_off, at=EVENING) == 1
