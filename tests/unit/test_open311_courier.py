"""The adapter's courier on a real state file, with a city's server over HTTP, in JSON and XML."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.grid_platform import messages
from deploy.grid_platform.desk import Desk
from deploy.grid_platform.store import Store
from deploy.open311_adapter import rules
from deploy.open311_adapter.city import MOST_BYTES, City, CityAway, CityRefuses
from deploy.open311_adapter.cli import app
from deploy.open311_adapter.courier import Courier
from deploy.open311_adapter.settings import Settings
from services.grid_bridge import catalogue
from services.grid_bridge.domain import open311
from tests.support.open311_city import City as Server
from tests.support.open311_city import running_city

pytestmark = pytest.mark.unit
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Office:
    """A desk, a courier and a city; the clock is moved by hand."""

    def __init__(self, server: Server, store: Store, path: Path, form: str) -> None:
        self.server, self.now, self.path = server, NOON, path
        settings = Settings(
            open311_url=server.url,
            open311_api_key="secret",
            open311_format=form,
            open311_services='{"X3": "006"}',
        )
        self.city = City(settings)
        self.desk = Desk(store, now=lambda: self.now)
        self.courier = Courier(settings, self.desk, self.city, now=lambda: self.now)

    def open(self, no: str) -> None:
        body = {
            "work_order_no": no,
            "title": "占绿",
            "department": {"name": "绿化市容"},
            "catalogue": {"version": "2026.1", "slot": "X3", "name": "毁绿占绿"},
        }
        raw = json.dumps(body).encode()
        self.desk.receive(
            messages.read(
                raw,
                message_id=f"in-{no}",
                kind=messages.OPENED,
                headers={"subject_version": 1, "traceparent": ""},
            )
        )

    def go_round(self, times: int = 1) -> None:
        for _ in range(times):
            self.courier.go_round()
            self.now += timedelta(minutes=2)

    def standings(self) -> dict[str, str]:
        return {row["work_order_no"]: row["standing"] for row in self.courier.ledger.all()}

    def state(self, no: str) -> str:
        order = self.desk.store.order(no)
        return order.state.value if order else ""


@pytest.fixture(params=["json", "xml"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as stack:
        server = stack.enter_context(running_city())
        path = tmp_path / "state.sqlite3"
        store = stack.enter_context(Store(path, create=True))
        office = Office(server, store, path, request.param)
        stack.callback(office.city.close)
        yield office


def test_a_request_is_sent_followed_and_closed(office: Office) -> None:
    office.open("SQT-1")
    office.go_round()
    assert office.state("SQT-1") == "accepted"
    (request,) = office.server.requests.values()
    assert request["form"]["api_key"] == "secret" and "SQT-1/1" in request["description"]
    assert office.city.named("[SQT-1/1]", "006", NOON.isoformat()) == ["10000"]
    office.go_round(2)
    assert office.city.standing(["10000"])["10000"].notes == "已清理"
    assert (office.state("SQT-1"), office.standings()) == ("closed", {"SQT-1": "done"})


def test_a_refusal_and_an_absence_are_told_apart(office: Office) -> None:
    with pytest.raises(CityRefuses, match="status 400: service_code is closed"):
        office.server.refuses = {"006"}
        office.city.send({"service_code": "006"})
    office.server.away = True
    with pytest.raises(CityAway, match="503"):
        office.city.standing(["1"])


def test_a_token_may_hold_anything_and_becomes_the_id(office: Office) -> None:
    office.server.batch = True
    office.open("SQT-1")
    office.go_round(2)
    (row,) = office.courier.ledger.all()
    assert (row["request_id"], row["standing"]) == ("10000", "sent")


def test_a_request_that_the_city_lost_hides_no_other(office: Office) -> None:
    for no in ("SQT-1", "SQT-2", "SQT-3"):
        office.open(no)
    office.go_round()
    (lost,) = (key for key, one in office.server.requests.items() if "SQT-2" in one["description"])
    office.server.gone = {lost}
    office.go_round(4)
    assert [office.state(no) for no in ("SQT-1", "SQT-2", "SQT-3")] == [
        "closed", "accepted", "closed",
    ]  # fmt: skip


def test_a_row_that_fails_lets_the_others_go_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = office.city.send

    def trip(form: dict[str, str]) -> tuple[str, str]:
        if "SQT-1" in form["description"]:
            raise RuntimeError("a fault of ours")
        return send(form)

    monkeypatch.setattr(office.city, "send", trip)
    for no in ("SQT-1", "SQT-2"):
        office.open(no)
    office.go_round()
    assert office.standings() == {"SQT-1": "wanted", "SQT-2": "sent"}
    monkeypatch.undo()
    office.go_round()
    assert office.standings()["SQT-1"] == "sent"


def test_after_a_key_was_renewed_all_that_was_refused_is_sent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.server.key = "renewed"
    for no in ("SQT-1", "SQT-2"):
        office.open(no)
    office.go_round()
    assert {*office.standings().values()} == {"parked"}
    office.server.key = "secret"
    monkeypatch.setenv("SHEQU_OPEN311_DATABASE_FILE", str(office.path))
    said = CliRunner().invoke(app, ["retry"])
    assert said.exit_code == 0 and all(no in said.output for no in ("SQT-1", "SQT-2"))
    assert CliRunner().invoke(app, ["retry"]).exit_code == 1
    office.now = datetime.now(UTC) + timedelta(minutes=1)  # the command goes by the real clock
    office.go_round()
    assert {*office.standings().values()} == {"sent"}


@pytest.mark.parametrize(
    "body",
    [b"", b"<a", b"[" * 100_000, b'{"a": 1}', b"[1]", b"x" * (MOST_BYTES + 1), b"\xff\xfe"],
    ids=["empty", "half", "deep", "object", "numbers", "large", "no text"],
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(office: Office, body: bytes) -> None:
    office.server.raw = body
    with pytest.raises(CityAway):
        office.city.standing(["1"])


def test_of_a_home_a_city_is_told_the_community() -> None:
    order = {
        "work_order_no": "SQT-1",
        "catalogue": {"slot": "X2", "name": "群租"},
        "community": {"name": "尚园"},
        "location": {"address": "3号楼502", "lng": 121.43, "lat": 31.45, "crs": "WGS84"},
    }
    told = rules.form(order, 1, service_code="006", attributes={})
    assert told["address_string"] == "尚园" and "lat" not in told
    kept = rules.form(order, 1, service_code="006", attributes={}, words=True)
    assert kept["address_string"] == "尚园3号楼" and kept["lat"] == "31.45"
    outside = {**order, "catalogue": {"slot": "X3", "name": "毁绿占绿"}}
    assert rules.form(outside, 1, service_code="006", attributes={})["lat"] == "31.45"
    offered = open311.services(catalogue.BUILT_IN, "310113").values()
    assert {one.code for one in offered if one.at_home} == rules.AT_HOME
    assert open311.is_at_home("X12", "室内漏水") and rules.AT_HOME_WORDS.search("室内漏水")
