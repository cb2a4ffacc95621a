"""Preferences on a real database: who is told, by which ways, when, and how loudly. Needs: db."""

import threading
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.contracts import events as e
from services.contracts.errors import NotFound
from services.contracts.ids import new_id
from services.contracts.operations.notify import preferences as ops
from services.kit import db
from services.notify import copies, domain
from services.notify.domain import Kind, News, OnDuty, Persons, Why
from services.notify.domain import preferences as rules
from services.notify.handlers import preferences, routing
from services.notify.repository import delivering, people, sending
from services.notify.repository import preferences as stored
from tests.support.inboxes import Inboxes, actor
from tests.support.neighbourhood import NOON, say
from tests.support.waiting import until

pytestmark = pytest.mark.db

PUSH = ("live", "web_push")


@pytest.fixture
def notify(emptied) -> Inboxes:
    return Inboxes(emptied("notify"))


def chosen(notify: Inboxes, person: str, language: domain.Language = "zh") -> Any:
    with notify.units(read_only=True) as uow:
        return preferences.get_preferences(uow, actor(person), language)


def muted(notify: Inboxes, person: str, **command: Any) -> Any:
    with notify.units(read_only=True) as uow:
        cmd = ops.ListMutedThreads(**command)
        return preferences.list_muted_threads(uow, cmd, actor(person))


def comment(notify: Inboxes, author: str = "lu", to: str = "sun", now: datetime = NOON) -> str:
    event = say(e.CommentPublished, author_id=author, post_author_id=to)
    return notify.tell(event, now=now)


def hand_over(notify: Inboxes, news: News, now: datetime = NOON) -> str:
    """News that no rule makes: an emergency."""
    event_id, event = new_id(), say(e.PostPublished, author_id="wang", module="announcements")
    with notify.units() as uow:
        delivering.deliver(uow.session, event, event_id, [news], now, 200)
        routing.route(uow, event_id, now)
        uow.commit()
    return event_id


def test_who_never_chose_has_the_defaults_and_a_choice_takes_the_place_of_the_last(notify):
    before = chosen(notify, "sun")
    assert before.chosen is False
    assert before.model_dump(include=set(ops.NotificationChoice.model_fields)) == (
        before.defaults.model_dump()
    )
    assert (before.quiet_from, before.quiet_until, before.daily_budget) == ("22:00", "07:00", 10)
    notify.prefer(
        "sun",
        ("sms",),
        quiet_from="23:15",
        quiet_until="06:00",
        muted_kinds=["comment"],
        daily_budget=0,
        digest="weekly",
        language="en",
    )
    after = chosen(notify, "sun", "en")
    assert after.chosen and after.defaults == before.defaults
    assert after.model_dump(include=set(ops.NotificationChoice.model_fields)) == {
        "channels": ["in_app", "sms"],
        "quiet_from": "23:15",
        "quiet_until": "06:00",
        "muted_kinds": ["comment"],
        "daily_budget": 0,
        "digest": "weekly",
        "language": "en",
    }
    kinds = {kind.kind: kind for kind in after.kinds}
    assert set(kinds) == set(Kind)
    comments, silence = kinds["comment"], kinds["silence"]
    assert (comments.title, comments.may_mute, comments.muted) == (
        "Comments and replies", True, True,
    )  # fmt: skip
    assert (silence.may_mute, silence.muted, silence.lane) == (False, False, "ordinary")
    assert (kinds["issue_reported"].lane, kinds["emergency"].lane) == ("duty", "emergency")
    for error, wrong in (
        (rules.OpenNight, {"quiet_from": "22:00"}),
        (rules.UnknownKind, {"muted_kinds": ["no"]}),
        (rules.NotToMute, {"muted_kinds": ["content_decided"]}),
    ):
        with pytest.raises(error):
            notify.prefer("sun", **wrong)
    assert chosen(notify, "sun", "en") == after, "nothing of a wrong choice is kept"
    notify.prefer("sun", ("live",))
    assert chosen(notify, "sun").quiet_from is None, "left out is chosen, too"


def test_to_ask_for_pushes_is_to_choose_them_and_changes_nothing_else(notify):
    notify.prefer("lu", quiet_from="21:00", quiet_until="08:00", digest="off")
    with notify.units() as uow:
        for person in ("sun", "lu", "lu"):
            stored.add_channel(uow.session, person, "web_push", NOON)
        uow.commit()
    assert chosen(notify, "sun").channels == ["in_app", "live", "web_push"]
    assert chosen(notify, "sun").quiet_from == "22:00"
    hers = chosen(notify, "lu")
    assert (hers.channels, hers.quiet_from, hers.digest) == (
        ["in_app", "live", "web_push"], "21:00", "off",
    )  # fmt: skip


def test_what_is_muted_is_not_told_but_for_what_nobody_can_mute(notify):
    notify.community(sun="孙奶奶", lu="老陆", li="小李")
    notify.on_duty("sun")
    notify.tell(say(e.PostPublished, title="借梯子"))
    comment(notify)
    assert notify.mute("sun").title == "借梯子"
    assert notify.mute("sun").muted_at == NOON, "once more changes nothing"
    comment(notify)
    notify.tell(say(e.ContentDecided))
    notify.tell(say(e.IssueReported, reporter_id="li"))
    told = ["issue_reported", "content_decided", "comment"]
    assert [item.kind for item in notify.items("sun")] == told
    assert [item.lane for item in notify.items("sun")] == ["duty", "ordinary", "ordinary"]
    notify.unmute("sun")
    notify.prefer("sun", muted_kinds=["comment"])
    comment(notify)
    assert notify.page("sun").unread == len(told)
    notify.prefer("sun")
    comment(notify)
    assert notify.page("sun").unread == len(told) + 1
    assert notify.page("lu").unread == 0
    assert notify.drift() == []


def test_what_is_muted_meanwhile_is_not_sent_but_for_what_nobody_can_mute(notify):
    notify.community(sun="孙奶奶", lu="老陆")
    notify.prefer("sun", PUSH)
    comment(notify)
    notify.tell(say(e.ContentDecided))
    notify.mute("sun")
    with notify.units(read_only=True) as uow:
        ids = list(uow.session.scalars(text("SELECT id FROM deliveries ORDER BY notice_id")))
        looked = {row.id: row.moot for row in sending.particulars(uow.session, ids)}
    assert [looked[one] for one in ids] == ["muted_thread", None]


def test_whoever_muted_the_personal_news_still_hears_it_at_work(notify):
    notify.on_duty("sun")
    notify.prefer("sun", muted_kinds=["issue_closed"])
    notify.tell(say(e.IssueClosed))
    assert [(item.kind, item.lane) for item in notify.items("sun")] == [("issue_closed", "duty")]


def test_only_threads_of_ones_own_are_muted_and_they_are_listed_newest_first(notify):
    for number in range(3):
        notify.tell(say(e.PostPublished, post_id=f"p{number}", title=f"第{number}帖"))
        notify.mute("sun", f"p{number}", NOON + timedelta(minutes=number))
    notify.tell(say(e.PostRemoved, post_id="p1"))
    first = muted(notify, "sun", limit=2)
    assert [(one.id, one.title, one.removed) for one in first.items] == [
        ("p2", "第2帖", False),
        ("p1", None, True),
    ]
    rest = muted(notify, "sun", limit=2, cursor=first.next_cursor)
    assert [one.id for one in rest.items] == ["p0"] and rest.next_cursor is None
    for person, thread in (("lu", "p0"), ("sun", "unknown")):
        with pytest.raises(NotFound):
            notify.mute(person, thread)
    notify.unmute("sun", "unknown")
    assert muted(notify, "lu").items == []


def test_it_goes_out_when_the_rules_say_so(notify):
    """The statement over everybody against the rule for one, at five times of the day."""
    random = Random(20260302)
    people = {f"p{n}": None for n in range(60)}
    for person in people:
        night = random.sample(range(24 * 60), 2) if random.random() < 0.8 else (None, None)
        start, end = (rules.clock_of(minute) for minute in night)
        notify.prefer(
            person,
            random.choice([PUSH, ("sms", "mail"), ("web_push",), ()]),
            quiet_from=start,
            quiet_until=end,
            daily_budget=random.randrange(8),
            digest=random.choice(["off", "daily", "weekly"]),
        )
    with notify.units(read_only=True) as uow:
        wishes = {person: stored.of_person(uow.session, person) for person in [*people, "never"]}
    days: dict[str, list[datetime]] = {person: [] for person in wishes}
    expected: dict[str, list[tuple[str, str, Any]]] = {person: [] for person in wishes}
    silent: list[tuple[str, bool]] = []
    moment = NOON.replace(second=17)
    for step in range(6):
        moment += timedelta(hours=5 * bool(step), minutes=31)
        news = News(0, Persons(tuple(wishes)), Kind.SIGN_UP, "alone", Why.MY_PLACE, "/")
        event_id, event = new_id(), say(e.SignUpChanged, person_id="x")
        with notify.units() as uow:
            told = delivering.deliver(uow.session, event, event_id, [news], moment, 200)
            routing.route(uow, event_id, moment)
            uow.commit()
        for person, mine in wishes.items():
            day = rules.day_begins(mine, moment)
            days[person].append(day)
            place = days[person].count(day)
            over = place > mine.daily_budget
            state = "waiting" if not over else "dropped" if mine.digest == "off" else "digest"
            due = rules.goes_out_at(mine, rules.Lane.ORDINARY, moment)
            expected[person] += [
                (way, state, due) for way in sorted(mine.channels) if way in rules.OUTWARD
            ]
            loud = rules.is_silent(mine, Kind.SIGN_UP, rules.Lane.ORDINARY, place, moment)
            silent.append((person, loud))
        assert sorted((one.person_id, one.silent) for one in told) == sorted(silent)
        silent.clear()
    assert {person: notify.ways(person) for person in wishes} == expected
    states = {state for ways in expected.values() for _, state, _ in ways}
    assert states == {"waiting", "digest", "dropped"}
    assert notify.drift() == []


def test_a_duty_waits_for_the_morning_and_an_emergency_for_nothing(notify, capfd):
    notify.prefer(
        "sun", PUSH, quiet_from="09:00", quiet_until="13:00", daily_budget=0, digest="daily"
    )
    notify.on_duty("sun")
    notify.tell(say(e.PostPublished))
    notify.mute("sun")
    notify.tell(say(e.IssueReported, reporter_id="li"))
    one_o_clock = NOON + timedelta(hours=1)
    assert notify.ways("sun") == [("web_push", "waiting", one_o_clock)]
    assert notify.live()[-1].silent is True
    everybody = Persons(("sun", "never"))
    hand_over(notify, News(0, everybody, Kind.EMERGENCY, "", Why.MY_COMMUNITY, "/e", {"n": "1"}))
    assert [due_at for _, _, due_at in notify.ways("sun")] == [one_o_clock, NOON]
    with notify.units(read_only=True) as uow:
        use = uow.session.execute(text("SELECT * FROM lane_uses")).one()
    assert (use.kind, use.actor_id, use.community_id, use.path, use.link, use.facts) == (
        "emergency", "wang", "shangyuan", "demo.yuepu.shangyuan", "/e", {"n": "1"},
    )  # fmt: skip
    assert (use.people, use.used_at) == (2, NOON)
    hand_over(notify, News(0, OnDuty(frozenset(), "demo"), Kind.PLAN, "open", Why.ON_DUTY, "/"))
    assert notify.scalar("SELECT count(*) FROM lane_uses") == 1, "of the other lanes none is kept"
    said = "".join(capfd.readouterr())
    assert "sun" not in said and "wang" not in said


def test_the_budget_holds_when_news_comes_at_once(notify):
    notify.prefer("sun", PUSH, daily_budget=3)
    ready = threading.Barrier(8)

    def tell() -> None:
        ready.wait(10)
        comment(notify)

    tellers = [threading.Thread(target=tell) for _ in range(8)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join(30)
    states = [state for _, state, _ in notify.ways("sun")]
    assert (states.count("waiting"), states.count("digest")) == (3, 5)
    assert sum(not live.silent for live in notify.live()) == 3
    assert notify.page("sun").unread == 8


def test_an_event_that_comes_twice_goes_out_once_and_takes_one_piece_of_the_budget(notify):
    notify.prefer("sun", PUSH, daily_budget=2)
    first = comment(notify)
    again = say(e.CommentPublished, author_id="lu", post_author_id="sun")
    notify.tell(again, first)
    comment(notify)
    assert [state for _, state, _ in notify.ways("sun")] == ["waiting", "waiting"]


def test_live_news_is_in_the_language_that_she_chose(notify):
    notify.prefer("sun", language="en")
    notify.tell(say(e.IssueTriaged))
    (live,) = notify.live()
    assert live.why == "because you reported this issue" and live.lane == "ordinary"


def test_of_who_leaves_nothing_stays_even_of_news_that_is_being_told(notify, monkeypatch):
    notify.prefer("sun", PUSH)
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.IssueTriaged))
    notify.mute("sun")
    with notify.units(read_only=True) as uow:
        held = copies.held_about(uow, "sun")
    parts = ("inbox", "follows", "preferences", "muted_threads", "deliveries")
    assert [len(held[part]["items"]) for part in parts] == [1, 1, 1, 1, 1]
    leaving = threading.Thread(target=notify.know, args=(say(e.PersonDeleted, person_id="sun"),))
    with notify.units() as uow:  # is being told, and not yet committed
        event_id, event = new_id(), say(e.IssueEscalated, post_id="other")
        news = domain.news_of(event)
        delivering.deliver(uow.session, event, event_id, news, NOON, 200)
        routing.route(uow, event_id, NOON)
        leaving.start()
        waits = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = "
        waits += "'departed'::regclass"
        until(lambda: notify.scalar(waits), what="that she waits for whoever tells now")
        uow.commit()
    leaving.join(10)
    with notify.units() as uow, monkeypatch.context() as impatient:  # to very many, it takes long
        delivering.deliver(uow.session, event, new_id(), news, NOON, 200)
        impatient.setattr(people, "PATIENCE", "50ms")
        with pytest.raises(OperationalError) as gave_up:
            notify.know(say(e.PersonDeleted, person_id="lu"))
        assert db.sqlstate(gave_up.value) == "55P03", "its lock, before a statement's time is over"
        notify.tell(say(e.IssueReported, reporter_id="li"))  # nobody has to wait behind it
    notify.tell(say(e.CommentPublished, author_id="sun", post_author_id="sun"))
    with pytest.raises(NotFound):
        notify.prefer("sun", PUSH)
    with notify.units(read_only=True) as uow:
        left = copies.held_about(uow, "sun")
    assert [len(left[part]["items"]) for part in parts] == [0, 0, 0, 0, 0]
    assert notify.drift() == []
