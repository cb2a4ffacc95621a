"""Votes has its place: it runs, is ready, and keeps its copy. Needs: db, broker."""

import http.client
import json
import time
from collections.abc import Callable

import pytest
from kombu import Connection, Producer

from deploy.local.system import free_port
from services import directory
from services.contracts import events as e
from services.contracts.errors import Unauthenticated
from services.contracts.ids import new_id
from services.contracts.operations import ALL
from services.kit import wire
from services.votes.service import VotesService
from services.votes.settings import Settings
from tests.support.green_caller import Caller
from tests.support.neighbourhood import NOON, say

pytestmark = [pytest.mark.db, pytest.mark.broker]


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.02)


def page(port: int, path: str) -> tuple[int, dict[str, bool]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except ConnectionRefusedError:
        return 0, {}
    finally:
        connection.close()


def publish(amqp_url: str, event: e.Event, version: int) -> None:
    event_id = new_id()
    envelope = e.Envelope(event_id, event.SOURCE, event.TYPE, event.subject, version, NOON)
    with Connection(amqp_url) as connection:
        Producer(connection.channel()).publish(
            event.model_dump_json(),
            exchange=event.EXCHANGE,
            routing_key=event.TYPE,
            headers=wire.event_headers(envelope),
            message_id=event_id,
            content_type="application/json",
            content_encoding="utf-8",
        )


def test_it_is_alive_and_ready(start, make_database, amqp_url):
    port = free_port()
    start(VotesService, Settings, make_database("votes"), amqp_url, health_port=port)
    eventually(lambda: page(port, "/readyz")[0] == 200)
    assert page(port, "/readyz")[1] == {"consumer": True, "database": True, "storage": True}
    assert page(port, "/healthz") == (200, {"alive": True})


def test_it_keeps_the_territory_and_forgets_who_left(start, db, amqp_url):
    units = db("votes")
    url = units.engine.url.render_as_string(hide_password=False)
    start(VotesService, Settings, url, amqp_url)
    publish(amqp_url, say(e.CommunityChanged), 1)
    away = say(e.MemberCardChanged, display_name="孙老师", residence="away")
    publish(amqp_url, away, 2)
    publish(amqp_url, away, 2)
    publish(amqp_url, say(e.MemberCardChanged, display_name="孙奶奶"), 1)

    def card() -> directory.Card | None:
        with units(read_only=True) as uow:
            return directory.card(uow, "sun", "shangyuan")

    def handled() -> int:
        with units(read_only=True) as uow:
            inbox = uow.session.connection().exec_driver_sql("SELECT count(*) FROM kit_inbox")
            return int(inbox.scalar() or 0)

    eventually(lambda: handled() == 4)
    kept = card()
    assert kept is not None, "it has been told of her"
    assert (kept.display_name, kept.residence) == ("孙老师", "away"), "an older card came later"
    with units(read_only=True) as uow:
        assert directory.community(uow, "shangyuan").name == "尚园居民区"
    publish(amqp_url, say(e.PersonDeleted), 1)
    eventually(lambda: handled() == 5)
    left = card()
    assert left is not None and not left.present and left.display_name != "孙老师"


def test_it_gives_somebody_all_that_it_holds_about_her(start, db, amqp_url, signer):
    units = db("votes")
    with units() as uow:
        directory.project(uow, say(e.MemberCardChanged))
        directory.project(uow, say(e.MemberCardChanged, person_id="lu"))
        uow.commit()
    url = units.engine.url.render_as_string(hide_password=False)
    start(VotesService, Settings, url, amqp_url)
    caller = Caller(amqp_url)
    try:
        told = caller.call_as({"token": signer.token("sun")}, "votes", "export_person")["data"]
        with pytest.raises(Unauthenticated):
            caller.call("votes", "export_person")
    finally:
        caller.close()
    assert told["cards"]["left_out"] == 0
    assert [card["person_id"] for card in told["cards"]["items"]] == ["sun"]


def test_no_operation_is_called_built_before_it_is_served():
    rows = [row for row in ALL if row.service == "votes"]
    assert rows, "the contract has operations of votes"
    built = {row.rpc_method for row in rows if row.built}
    served = {
        name
        for name in dir(VotesService)
        if hasattr(getattr(getattr(VotesService, name), "spec", None), "operation")
    }
    assert served == built | {"advance_clock", "export_person"}  # every service has these
