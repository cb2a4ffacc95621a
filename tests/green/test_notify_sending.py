"""What goes out by other ways than the inbox: sent, tried again, parked, dropped. Needs: db."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Unavailable
from services.contracts.operations import identity as op
from services.contracts.operations.notify.channels import ListParkedDeliveries
from services.identity.domain.contacts import ContactTicketInvalid
from services.notify.domain import sending as rules
from services.notify.domain.sending import Circuits
from services.notify.handlers import channels, retention, sending
from services.notify.sender.ways import way
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import NOON, say
from tests.support.providers import Provider, provider
from tests.support.waiting import until

pytestmark = pytest.mark.db
PHONE = "+8613800000001"


class Sending(Inboxes):
    """Notify, with a sender and an identity that knows tickets."""

    def __init__(self, units: Any) -> None:
        super().__init__(units)
        self.asked: list[str] = []
        self.refuses: Exception | None = None
        self.clock = 1000.0
        self.now = NOON
        self.circuits = Circuits(lambda: self.clock)

    def ask(self, service: str, method: str, *, ticket: str) -> dict[str, Any]:
        assert (service, method) == ("identity", "contact_of")
        self.asked.append(ticket)
        if self.refuses:
            raise self.refuses
        if ticket == "t-gone":
            raise ContactTicketInvalid()
        code = "123456" if ticket == "t-trial" else None
        return op.Contact(address=PHONE, code=code).model_dump()

    def run(self, sql: str, **values: Any) -> None:
        with self.units() as uow:
            uow.session.execute(text(sql), values)
            uow.commit()

    def chooses(self, person: str, *channels: str, ticket: str | None = None) -> None:
        self.run(
            "INSERT INTO preferences (person_id, channels, daily_budget, digest, language, "
            "changed_at) VALUES (:p, :c, 100, 'off', 'zh', now())",
            p=person, c=["in_app", *channels],
        )  # fmt: skip
        for channel in channels:
            self.run(
                "INSERT INTO channel_tickets VALUES (:p, :c, :t, '***', now())",
                p=person, c=channel, t=ticket or f"t-{person}",
            )  # fmt: skip

    def send(self, found: Any) -> int:
        with self.units(ask=self.ask) as uow:
            count = sending.send_due(uow, found, self.now, "https://shequ.example/")
            uow.commit()
        return count

    def later(self, **time_: float) -> None:
        self.now += timedelta(**time_)
        self.clock += timedelta(**time_).total_seconds()

    def rows(self) -> list[Any]:
        with self.units(read_only=True) as uow:
            return list(uow.session.execute(text("SELECT * FROM deliveries ORDER BY person_id")))

    def states(self) -> dict[str, tuple[str, str | None]]:
        return {row.person_id: (row.state, row.error) for row in self.rows()}


@pytest.fixture
def notify(emptied: Callable[[str], Any]) -> Sending:
    return Sending(emptied("notify"))


@pytest.fixture
def relay() -> Iterator[Provider]:
    with provider() as found:
        yield found


def texts(notify: Sending, relay: Provider) -> Any:
    return way("sms", f"json://{relay.netloc}/send?+Authorization=Bearer%20s", notify.circuits)


def announcement(**more: Any) -> e.PostPublished:
    facts = {"module": "announcements", "title": "明天停水", "author_id": "zhao", **more}
    return say(e.PostPublished, **facts)


def told(notify: Sending, *people: str, channel: str = "sms") -> None:
    notify.community(zhao="居委会赵", **{p: p for p in people})
    for person in people:
        notify.chooses(person, channel)
    notify.tell(announcement(), now=notify.now)


def test_it_goes_out_in_short_with_a_link_and_its_key_and_no_address_is_kept(notify, relay):
    told(notify, "sun")
    with capture_logs() as logs:
        assert notify.send(texts(notify, relay)) == 1
        assert notify.send(texts(notify, relay)) == 0
    (row,) = notify.rows()
    assert (row.state, row.attempts, row.error) == ("sent", 1, None)
    (got,) = relay.got
    assert got["headers"]["Idempotency-Key"] == got["said"]["key"] == row.id
    assert got["headers"]["Authorization"] == "Bearer s"
    assert got["said"]["to"] == PHONE
    assert "明天停水" in got["said"]["title"]
    assert got["said"]["link"].startswith("https://shequ.example/posts/")
    assert notify.asked == ["t-sun"]
    with notify.units(read_only=True) as uow:
        for table in ("deliveries", "channel_tickets"):
            held = uow.session.execute(text(f"SELECT * FROM {table}")).all()
            assert PHONE not in str(held)
    assert PHONE not in str(logs)


def test_what_became_pointless_is_dropped_with_the_reason(notify, relay):
    people = ("gone", "left", "muted", "off", "read", "sun", "thread")
    told(notify, *people)
    notify.read("read")
    notify.run("UPDATE preferences SET channels = '{in_app}' WHERE person_id = 'off'")
    notify.run("UPDATE preferences SET muted_kinds = '{announcement}' WHERE person_id = 'muted'")
    post = notify.scalar("SELECT post_id FROM notices")
    notify.run("INSERT INTO muted_threads VALUES ('thread', :p, now())", p=post)
    notify.run("INSERT INTO departed VALUES ('left')")
    notify.run("UPDATE channel_tickets SET ticket = 't-gone' WHERE person_id = 'gone'")
    notify.send(texts(notify, relay))
    assert notify.states() == {
        "gone": ("dropped", "no_address"),
        "left": ("dropped", "departed"),
        "muted": ("dropped", "muted_kind"),
        "off": ("dropped", "switched_off"),
        "read": ("dropped", "read"),
        "sun": ("sent", None),
        "thread": ("dropped", "muted_thread"),
    }
    assert len(relay.got) == 1
    assert notify.scalar("SELECT count(*) FROM channel_tickets WHERE ticket = 't-gone'") == 0


def test_a_provider_that_is_down_is_tried_up_the_ladder_then_parked_and_never_lost(notify, relay):
    told(notify, "sun")
    relay.says = 500
    for pause in rules.LADDER:
        assert notify.send(texts(notify, relay)) == 1
        (row,) = notify.rows()
        assert (row.state, row.error, row.due_at) == ("waiting", "http_500", notify.now + pause)
        assert notify.send(texts(notify, relay)) == 0
        notify.later(seconds=pause.total_seconds())
    notify.send(texts(notify, relay))
    (row,) = notify.rows()
    assert (row.state, row.attempts) == ("parked", 6)
    assert {got["said"]["key"] for got in relay.got} == {row.id}
    relay.says = 200
    notify.later(days=3)
    assert notify.send(texts(notify, relay)) == 0
    notify.run("UPDATE deliveries SET state = 'waiting', attempts = 0")  # an operator sends it on
    notify.send(texts(notify, relay))
    assert notify.states() == {"sun": ("sent", None)}


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("nonsense", ("waiting", "connection")),
        ("cut", ("waiting", "connection")),
        (503, ("waiting", "http_503")),
        (302, ("parked", "http_302")),
        (422, ("parked", "http_422")),
    ],
)
def test_whatever_a_provider_answers_is_an_outcome(notify, relay, says, state):
    told(notify, "sun")
    relay.says = says
    relay.headers = {"Location": "http://127.0.0.1:1/"}
    notify.send(texts(notify, relay))
    assert notify.states() == {"sun": state}


def test_retry_after_is_obeyed_and_stops_the_others_at_once(notify, relay, monkeypatch):
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    people = [f"p{n:02}" for n in range(8)]
    told(notify, *people)
    relay.says, relay.headers = 429, {"Retry-After": "900"}
    notify.send(texts(notify, relay))
    assert len(relay.got) <= sending.AT_ONCE
    assert {row.state for row in notify.rows()} == {"waiting"}
    tried = [row for row in notify.rows() if row.error == "http_429"]
    assert len(tried) == len(relay.got)
    assert all(row.due_at == notify.now + timedelta(seconds=900) for row in tried)
    assert sum(row.attempts for row in notify.rows()) == len(relay.got)
    notify.later(seconds=890)
    assert notify.send(texts(notify, relay)) == 0
    relay.says = 200
    notify.later(seconds=60)
    while notify.send(texts(notify, relay)):
        pass
    assert len(relay.delivered) == 8


def test_one_that_is_down_does_not_eat_the_batch_and_one_attempt_tries_it_out(
    notify, relay, monkeypatch
):
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    people = [f"p{n:02}" for n in range(12)]
    told(notify, *people)
    relay.says = 500
    notify.send(texts(notify, relay))
    first = len(relay.got)
    assert rules.TRIPS_AFTER <= first <= rules.TRIPS_AFTER + sending.AT_ONCE
    with provider() as mail:
        notify.chooses("wang", "mail")
        notify.community(wang="王")
        notify.tell(announcement(post_id="post-2"), now=notify.now)
        letters = way("mail", f"json://{mail.netloc}/", notify.circuits)
        notify.send(letters)
        assert len(mail.delivered) == 1, "another provider does not notice"
    notify.later(seconds=rules.FIRST_REST + 1)
    notify.send(texts(notify, relay))
    assert len(relay.got) == first + 1
    relay.says = 200
    for _ in range(4):
        notify.later(hours=1)
        while notify.send(texts(notify, relay)):
            pass
    assert len(relay.delivered) == 2 * len(people)


def test_two_senders_at_once_send_each_once_and_hold_no_lock_meanwhile(notify, relay, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 8)
    people = [f"p{n:02}" for n in range(12)]
    told(notify, *people)
    relay.hang = 15.0
    with ThreadPoolExecutor(2) as pool:
        found = texts(notify, relay)
        runs = [pool.submit(notify.send, found) for _ in range(2)]
        assert relay.arrived.wait(10)
        until(lambda: all(row.attempts for row in notify.rows()), what="both have taken theirs")
        notify.run("UPDATE deliveries SET error = error")  # nobody holds a row
        assert not any(run.done() for run in runs), "the provider has not answered either yet"
        relay.released.set()
        assert sum(run.result() for run in runs) == 12
    assert len(relay.got) == len(relay.delivered) == 12
    assert {row.state for row in notify.rows()} == {"sent"}


def test_a_sender_that_died_after_the_yes_leaves_it_to_be_sent_again_under_the_same_key(
    notify, relay, monkeypatch
):
    told(notify, "sun")

    class Died(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Died()

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_keep", die)
        with pytest.raises(Died):
            notify.send(texts(notify, relay))
    assert notify.send(texts(notify, relay)) == 0, "the lease runs"
    notify.later(seconds=sending.LEASE.total_seconds())
    notify.send(texts(notify, relay))
    keys = [got["said"]["key"] for got in relay.got]
    assert len(keys) == 2
    assert len(set(keys)) == len(relay.delivered) == 1
    assert notify.states() == {"sun": ("sent", None)}


def test_a_late_sender_does_not_overwrite_what_the_next_one_found(notify, relay):
    told(notify, "sun")
    relay.hang = 0.3
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(notify.send, texts(notify, relay))
        relay.arrived.wait(5)
        notify.run("UPDATE deliveries SET due_at = :now", now=notify.now)  # its lease is over
        notify.refuses = Unavailable()
        assert notify.send(texts(notify, relay)) == 1
        (before,) = notify.rows()
        assert before.attempts == 1, "that was no attempt: the number is the late one's again"
        late.result()
    (row,) = notify.rows()
    assert (row.state, row.error, row.due_at) == ("waiting", "server.unavailable", before.due_at)


def test_while_identity_is_away_nothing_is_lost_and_no_rung_is_taken(notify, relay):
    told(notify, "sun")
    notify.refuses = Unavailable(retry_after=2)
    notify.send(texts(notify, relay))
    (row,) = notify.rows()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert relay.got == []
    notify.refuses = None
    notify.later(minutes=1)
    notify.send(texts(notify, relay))
    assert notify.states() == {"sun": ("sent", None)}


def test_what_is_on_its_way_while_a_ticket_is_renewed_goes_out_by_the_new_one(notify, relay):
    told(notify, "sun")
    asked = notify.ask

    def ask(service: str, method: str, *, ticket: str) -> dict[str, Any]:
        if ticket == "t-sun":
            notify.run("UPDATE channel_tickets SET ticket = 't-new'")
            raise ContactTicketInvalid()
        return asked(service, method, ticket=ticket)

    notify.ask = ask
    notify.send(texts(notify, relay))
    assert notify.states() == {"sun": ("waiting", "ticket_renewed")}
    notify.send(texts(notify, relay))
    assert notify.states() == {"sun": ("sent", None)}


def test_a_retry_waits_for_the_end_of_quiet_hours_and_an_emergency_does_not(notify, relay):
    told(notify, "sun", "wang")
    notify.run("UPDATE preferences SET quiet_from = 0, quiet_until = 1439")
    notify.run("UPDATE deliveries SET lane = 'emergency' WHERE person_id = 'wang'")
    notify.send(texts(notify, relay))
    sun, wang = notify.rows()
    assert (sun.state, sun.attempts, wang.state) == ("waiting", 0, "sent")
    assert sun.due_at > notify.now


def test_what_is_over_goes_when_its_time_is_over_and_parked_news_stays(notify, monkeypatch):
    people = [f"p{n}" for n in range(6)]
    told(notify, *people)
    states = ("digest", "dropped", "parked", "sent", "sent", "waiting")
    for person, state in zip(people, states, strict=True):
        notify.run("UPDATE deliveries SET state = :s WHERE person_id = :p", s=state, p=person)
    notify.run("UPDATE deliveries SET created_at = :t, due_at = :t", t=NOON - rules.KEPT)
    notify.run("UPDATE deliveries SET due_at = :t WHERE person_id = 'p5'", t=NOON)  # in the night
    notify.run(
        "INSERT INTO deliveries (id, person_id, channel, lane, state, due_at, created_at, what) "
        "VALUES ('t', 'p6', 'fax', 'duty', 'parked', :t, :t, 'test')",
        t=NOON - rules.KEPT,
    )
    monkeypatch.setattr(retention, "PIECE", 2)

    def retained() -> list[int]:
        counts = []
        while True:
            with notify.units() as uow:
                counts.append(retention.retain(uow, notify.now))
                uow.commit()
            if not counts[-1]:
                return counts

    assert retained() == [0]
    notify.later(seconds=1)
    assert retained() == [2, 2, 1, 0]
    assert [row.person_id for row in notify.rows()] == ["p2", "p5"]
    notify.later(seconds=rules.KEPT.total_seconds())
    assert retained() == [1, 0], "nobody delivers there any more"
    assert notify.states() == {"p2": ("parked", None)}


def test_a_towns_news_and_a_robot_are_parked_before_their_own_operators_alone(notify):
    told(notify, "sun", "lu")
    notify.run("UPDATE deliveries SET state = 'parked'")
    notify.run("UPDATE notices SET community_id = NULL, path = 'demo.yuepu'")
    notify.run(
        "UPDATE deliveries SET channel = 'dingtalk', person_id = 'shangyuan', what = 'test', "
        "notice_id = NULL WHERE person_id = 'lu'"
    )

    def parked(path: str) -> int:
        admin = Actor("op", "s", (Grant(Role.DISTRICT_ADMIN, path),), 0)
        with notify.units(read_only=True) as uow:
            return len(channels.list_parked(uow, ListParkedDeliveries(), admin).items)

    assert (parked("demo"), parked("elsewhere"), parked("dem_")) == (2, 0, 0)


def test_a_code_goes_to_the_address_on_trial_and_into_no_row(notify, relay):
    notify.run(
        "INSERT INTO deliveries (id, person_id, channel, lane, state, due_at, created_at, what, "
        "target) VALUES ('d1', 'sun', 'mail', 'duty', 'waiting', now(), now(), 'code', 't-trial')"
    )
    notify.now = notify.scalar("SELECT now()")
    found = way("mail", f"json://{relay.netloc}/", notify.circuits)
    assert notify.send(found) == 1
    assert relay.got[0]["said"]["title"].startswith("123456 是您的邮箱验证码")
    assert "123456" not in str(notify.rows())
