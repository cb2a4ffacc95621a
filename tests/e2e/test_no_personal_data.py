"""A newcomer lives through it all; afterwards she is looked for wherever the system writes.

What may be found is her display name, and what she wrote to her neighbours. Phone, real name, ID
number and room may stand sealed in identity (the room in clear, in the membership alone), and
nowhere else: no log, no event, no kept answer, no other service, no dead letter.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from deploy.client import Client, Problem
from deploy.demo import newcomer
from deploy.demo.people import CODE
from deploy.processes import SERVICES
from services.contracts import demo
from services.contracts.operations.base import AnyObject
from services.contracts.operations.identity import MembershipState
from tests.support.platform import Platform
from tests.support.traces import Text, Traces, found_in, tapped
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

RARE = "彧璟翀曦琬钰珩霁昉祎"  # together in no text of the demo
SPOILT = "notify.news"


@dataclass
class Told:
    """What the newcomer told the system about herself, and what marks her traces."""

    display_name: str
    request_id: str
    spoilt: str
    phone: str
    real_name: str
    id_number: str
    room: str
    wrong_number: str
    corrected_name: str

    @property
    def secrets(self) -> tuple[str, ...]:
        return (
            self.phone,
            self.real_name,
            self.id_number,
            self.room,
            self.wrong_number,
            self.corrected_name,
        )


def rare(count: int) -> str:
    return "".join(secrets.choice(RARE) for _ in range(count))


def somebody() -> Told:
    made = newcomer.make()
    return Told(
        display_name=f"标记{rare(6)}",
        request_id=f"planted-{secrets.token_hex(8)}",
        spoilt=f"spoilt-{secrets.token_hex(8)}",
        phone=made.phone,
        real_name=f"欧阳{rare(4)}",
        id_number=made.id_number,
        room=f"室{rare(5)}",
        wrong_number=made.id_number[:17] + ("0" if made.id_number[17] != "0" else "1"),
        corrected_name=f"司马{rare(4)}",
    )


@dataclass
class Lived:
    """Who lived through it, and the traces that are left."""

    told: Told
    traces: Traces


@pytest.fixture(scope="module")
def lived(platform: Platform, api: Client, secretary: Client) -> Iterator[Lived]:
    told = somebody()
    with tapped(platform) as traces:
        live_through(platform, api, secretary, told)
        traces.spoil(SPOILT, f"{told.spoilt} no event")
        until(
            lambda: found_in(traces.left(), told.spoilt),
            what="the dead letter",
            pause=0.2,
            limit=30,
        )
        yield Lived(told, traces)
        traces.left(take=True)


def live_through(platform: Platform, api: Client, secretary: Client, told: Told) -> None:
    """Log in, be refused, join, be looked at, report, correct, take a copy, move out."""
    api.request_code(told.phone)
    me = api.login(told.phone, CODE)
    me.send("PATCH", "/me", json={"display_name": told.display_name}, key=secrets.token_hex(8))
    token = next(qr["token"] for qr in platform.demo["qr"] if qr["community_id"] == demo.SHANGYUAN)
    building = api.resolve_qr(token).buildings[2]
    request = {
        "qr_token": token,
        "building": building.id,
        "unit": building.units[0].id,
        "room": told.room,
        "relation": "tenant",
        "real_name": told.real_name,
        "id_number": told.id_number,
        "consents": ["real_name"],
    }
    for wrong in (
        {"id_number": told.wrong_number},
        {"id_number": [told.id_number]},
        {"real_name": {"name": told.real_name}},
        {"building": told.room},
        {"room": told.room * 30},
    ):
        refused(me, "/memberships", {**request, **wrong})
    refused(api, "/auth/tokens", {"phone": told.phone, "code": "000000"})
    refused(api, "/auth/codes", {"phone": [told.phone]})

    asked = me.post(MembershipState, "/memberships", request, key=secrets.token_hex(8))
    thief = api.login(newcomer.make().phone, CODE)
    refused(thief, "/memberships", request)  # her number is taken
    waiting = {item.id: item for item in secretary.membership_requests(demo.SHANGYUAN)}
    assert "*" in waiting[asked.id].real_name
    secretary.decide_membership(asked.id, "approve")
    assert me.me().memberships[0].room == told.room
    planted = httpx.get(  # a forged code is logged, with the request that it came with
        f"{me.url}/api/v1/qr/{'A' * 38}", headers={"X-Request-Id": told.request_id}
    )
    assert planted.status_code == 404
    receipt = me.report_issue(demo.SHANGYUAN, "楼道灯不亮", "三楼的灯坏了一周，晚上看不清台阶。")
    until(lambda: secretary.issue(receipt.id).suggestion, what="the suggestion", limit=20)
    correction = {"field": "real_name", "value": told.corrected_name, "reason": "登记有误"}
    me.post(AnyObject, "/me/corrections", correction, key=secrets.token_hex(8))
    me.send("GET", "/me/export")
    me.post(MembershipState, f"/memberships/{asked.id}/end", {}, key=secrets.token_hex(8))


def refused(client: Client, path: str, body: dict[str, object]) -> None:
    with pytest.raises(Problem) as problem:
        client.send("POST", path, json=body)
    assert problem.value.status in (401, 404, 409, 422), problem.value


def size(texts: list[Text]) -> int:
    return sum(len(text.content) for text in texts)


# -- that it looks where something is -----------------------------------------------------------


def test_the_search_finds_a_planted_request_in_the_logs(lived: Lived) -> None:
    logs = lived.traces.logs()
    assert {f"log {name}.log" for name in ("gateway", *SERVICES)} <= {text.where for text in logs}
    assert size(logs) > 5_000
    where = {place for place, _ in found_in(logs, lived.told.request_id)}
    assert where == {"log gateway.log", "log identity.log"}


def test_the_search_finds_the_display_name_in_events_answers_copies_and_on_the_wire(
    lived: Lived,
) -> None:
    name = lived.told.display_name
    written = lived.traces.outboxes()
    places = {place for place, _ in found_in(written, name)}
    assert {"identity.kit_outbox", "identity.kit_answer"} <= places
    assert found_in(lived.traces.tables("feed"), name)
    until(lambda: found_in(lived.traces.wire(), name), what="the card on the wire")
    story = {"event membership.requested.v1", "event membership.ended.v1"}
    until(lambda: story <= {t.where for t in lived.traces.wire()}, what="joining and leaving")


def test_the_search_finds_a_dead_letter(lived: Lived) -> None:
    (place, _), *_ = found_in(lived.traces.left(), lived.told.spoilt)
    assert place == f"queue {SPOILT}.dlq"


# -- what must not be there ----------------------------------------------------------------------


def test_no_log_names_her(lived: Lived) -> None:
    assert found_in(lived.traces.logs(), *lived.told.secrets) == []


def test_no_event_and_no_kept_answer_names_her(lived: Lived) -> None:
    assert found_in(lived.traces.outboxes(), *lived.told.secrets) == []
    assert found_in(lived.traces.wire(), *lived.told.secrets) == []


def test_no_message_left_in_the_broker_names_her(lived: Lived) -> None:
    assert found_in(lived.traces.left(), *lived.told.secrets) == []


@pytest.mark.parametrize("service", ["feed", "votes", "grid_bridge", "notify"])
def test_no_other_service_knows_who_she_is(lived: Lived, service: str) -> None:
    assert found_in(lived.traces.tables(service), *lived.told.secrets) == []


def test_identity_holds_her_sealed_and_the_room_in_the_membership_alone(lived: Lived) -> None:
    rows = lived.traces.tables("identity")
    assert found_in(rows, *lived.told.secrets) == [("identity.memberships", lived.told.room)]
