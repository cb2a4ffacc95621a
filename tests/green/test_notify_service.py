"""Notify as a running service: events in over the broker, calls answered. Needs: db, broker."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from kombu import Connection, Producer
from sqlalchemy import create_engine, text

from services.contracts import events as e
from services.contracts.errors import ShequError
from services.contracts.ids import new_id
from services.contracts.operations import ALL
from services.kit import wire
from services.notify.service import NotifyService
from services.notify.settings import Settings
from tests.support.green_caller import Caller
from tests.support.keys import Signer
from tests.support.neighbourhood import say

pytestmark = [pytest.mark.db, pytest.mark.broker]


class Running:
    """A running notify with its broker and database at hand."""

    def __init__(self, database_url: str, amqp_url: str, signer: Signer) -> None:
        self.engine = create_engine(database_url)
        self.amqp_url = amqp_url
        self.caller = Caller(amqp_url)
        self.signer = signer

    def close(self) -> None:
        self.caller.close()
        self.engine.dispose()

    def publish(self, event: e.Event, version: int = 1, event_id: str | None = None) -> str:
        envelope = e.Envelope(
            event_id=event_id or new_id(),
            source=event.SOURCE,
            type=event.TYPE,
            subject=event.subject,
            subject_version=version,
            time=datetime.now(UTC),
        )
        self.send(event.EXCHANGE, event.TYPE, event.model_dump_json(), envelope)
        return envelope.event_id

    def send(self, exchange: str, key: str, body: str, envelope: e.Envelope) -> None:
        with Connection(self.amqp_url) as connection:
            Producer(connection.channel()).publish(
                body,
                exchange=exchange,
                routing_key=key,
                headers=wire.event_headers(envelope),
                message_id=envelope.event_id,
                content_type="application/json",
                content_encoding="utf-8",
            )

    def count(self, sql: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(text(f"SELECT count(*) FROM {sql}")) or 0)

    def eventually(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, "did not happen in time"
            time.sleep(0.02)

    def handled(self, event_id: str, queue: str) -> None:
        self.eventually(
            lambda: bool(
                self.count(f"kit_inbox WHERE event_id = '{event_id}' AND queue = '{queue}'")
            )
        )

    def call(self, person: str | None, method: str, language: str = "", **kwargs: Any) -> Any:
        context = {"language": language} if language else {}
        if person:
            context["token"] = self.signer.token(person)
        return self.caller.call_as(context, "notify", method, **kwargs)["data"]


@pytest.fixture
def running(start, make_database, amqp_url, signer) -> Iterator[Running]:
    database_url = make_database("notify")
    start(NotifyService, Settings, database_url, amqp_url)
    bench = Running(database_url, amqp_url, signer)
    yield bench
    bench.close()


def test_a_report_travels_from_the_broker_into_the_inbox_and_is_read(running):
    running.handled(running.publish(say(e.CommunityChanged)), "notify.territory")
    granted = running.publish(say(e.RoleGranted, person_id="wang"))
    running.handled(granted, "notify.territory")
    running.handled(running.publish(say(e.IssueReported)), "notify.news")

    page = running.call("wang", "list_notifications")
    assert page["unread"] == 1
    assert page["items"][0]["title"] == "居民反映：「商铺占用绿化带」"
    english = running.call("wang", "list_notifications", language="en")
    assert english["items"][0]["title"] == "A resident reported “商铺占用绿化带”"
    assert running.call("wang", "count_unread") == {"unread": 1}
    read = running.call("wang", "mark_notifications_read", ids=[page["items"][0]["id"]])
    assert read == {"unread": 0}
    assert running.call("wang", "list_notifications")["items"][0]["read"] is True
    told = "kit_outbox WHERE type = 'notification.created.v1' AND published_at IS NOT NULL"
    running.eventually(lambda: running.count(told) == 1)


def test_the_same_delivery_twice_is_told_once(running):
    event_id = running.publish(say(e.IssueTriaged))
    running.publish(say(e.IssueTriaged), event_id=event_id)
    running.handled(running.publish(say(e.IssueEscalated), 2), "notify.news")
    running.eventually(lambda: running.count("kit_inbox WHERE queue = 'notify.news'") == 2)
    assert running.call("sun", "list_notifications")["unread"] == 2
    running.eventually(lambda: running.count("kit_inbox WHERE queue = 'notify.brief'") == 1)
    assert running.count("brief_counts WHERE figure = 'triaged' AND count = 1") == 1


def test_a_grant_that_comes_after_its_revocation_gives_no_duty(running):
    revoked = running.publish(say(e.RoleRevoked, person_id="wang"), version=2)
    running.handled(revoked, "notify.territory")
    running.handled(running.publish(say(e.RoleGranted, person_id="wang")), "notify.territory")
    running.handled(running.publish(say(e.IssueReported)), "notify.news")
    assert running.call("wang", "list_notifications")["items"] == []


def test_a_message_that_makes_no_sense_does_not_stop_the_others(running):
    bad = e.Envelope(new_id(), "grid_bridge", "issue.triaged.v1", "issue", 1, datetime.now(UTC))
    running.send("grid_bridge.events", bad.type, json.dumps({"issue_id": 7}), bad)
    running.handled(running.publish(say(e.IssueTriaged), 2), "notify.news")

    def parked() -> bool:
        with Connection(running.amqp_url) as connection:
            return bool(connection.channel().basic_get("notify.news.dlq", no_ack=True))

    running.eventually(parked)
    assert running.call("sun", "count_unread") == {"unread": 1}


REFUSED: list[tuple[str | None, str, dict[str, Any], int, str]] = [
    (None, "list_notifications", {}, 401, "auth.token_required"),
    (None, "mark_notifications_read", {}, 401, "auth.token_required"),
    (None, "count_unread", {}, 401, "auth.token_required"),
    ("sun", "list_notifications", {"cursor": "rubbish"}, 400, "request.bad_cursor"),
    ("sun", "list_notifications", {"limit": 0}, 422, "request.invalid"),
    ("sun", "mark_notifications_read", {"ids": []}, 422, "request.invalid"),
    ("sun", "mark_notifications_read", {"ids": ["no id at all"]}, 422, "request.invalid"),
    ("sun", "mark_notifications_read", {"ids": "x"}, 422, "request.invalid"),
    ("sun", "mark_notifications_read", {"up_to": ""}, 422, "request.invalid"),
]


def test_strangers_and_bad_input_are_refused_by_name(running):
    for person, method, arguments, status, code in REFUSED:
        with pytest.raises(ShequError) as refused:
            running.call(person, method, **arguments)
        assert (method, refused.value.status, refused.value.code) == (method, status, code)


def test_the_service_serves_what_the_table_calls_built():
    elsewhere = {"streamNotifications"}  # the gateway's own
    built = {
        row.rpc_method
        for row in ALL
        if row.service == "notify" and row.built and row.id not in elsewhere
    }
    served = {
        name
        for name in dir(NotifyService)
        if hasattr(getattr(getattr(NotifyService, name), "spec", None), "operation")
    }
    assert served == built | {"advance_clock", "export_person"}  # every service has these
