"""The bridge as a running service: calls, the classifier, the grid's border. Needs: db, broker."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Producer
from sqlalchemy import create_engine, text

from services.contracts import events as e
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.ids import new_id
from services.contracts.operations import ALL
from services.grid_bridge.classifier import current_model
from services.grid_bridge.service import GridBridgeService
from services.grid_bridge.settings import Settings
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.support.bridge import OPERATOR, SHANGYUAN, SHI, SUN, TO_CLOSED, Bridge
from tests.support.green_caller import Caller
from tests.support.grid_rig import Platform
from tests.support.keys import Signer

pytestmark = [pytest.mark.db, pytest.mark.broker]


class Running:
    """A running bridge with its broker and database at hand."""

    def __init__(self, database_url: str, amqp_url: str, signer: Signer) -> None:
        self.engine = create_engine(database_url)
        self.amqp_url = amqp_url
        self.caller = Caller(amqp_url)
        self.signer = signer

    def close(self) -> None:
        self.caller.close()
        self.engine.dispose()

    def call(self, who: Actor, method: str, **kwargs: Any) -> Any:
        grants = [(grant.role.value, grant.path) for grant in who.grants]
        token = self.signer.token(who.person_id, grants)
        return self.caller.call_as({"token": token}, "grid_bridge", method, **kwargs)["data"]

    def scalar(self, sql: str) -> Any:
        with self.engine.connect() as connection:
            return connection.scalar(text(sql))

    def eventually(self, condition: Callable[[], Any], seconds: float = 15) -> Any:
        limit = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < limit, "did not happen in time"
            time.sleep(0.02)
        return value

    def platform_says(self, body: Any, message_id: str | None = None, **headers: Any) -> None:
        event_id = message_id or new_id()
        with Connection(self.amqp_url) as connection:
            Producer(connection.channel()).publish(
                body,
                exchange=e.WorkOrderUpdated.EXCHANGE,
                routing_key=e.WorkOrderUpdated.TYPE,
                headers={
                    "cloudEvents:id": event_id,
                    "cloudEvents:source": "grid_platform",
                    "cloudEvents:type": e.WorkOrderUpdated.TYPE,
                    "cloudEvents:specversion": "1.0",
                    "cloudEvents:time": datetime.now(UTC).isoformat(),
                    **headers,
                },
                message_id=event_id,
                content_type="application/json",
                content_encoding="utf-8",
            )

    def update(self, no: str, seq: int, state: str, **more: Any) -> str:
        facts = {
            "work_order_no": no,
            "seq": seq,
            "state": state,
            "at": datetime.now(UTC),
            "actor_role": "dispatcher",
            **more,
        }
        return e.WorkOrderUpdated(**facts).model_dump_json()

    def parked(self) -> int:
        with Connection(self.amqp_url) as connection:
            declared = connection.channel().queue_declare(
                "grid_bridge.grid_updates.dlq", passive=True
            )
            return int(declared.message_count)


@pytest.fixture(scope="module")
def trained() -> None:
    """The classifier's model is there, as it is in a house that was set up."""
    current_model()


@pytest.fixture
def running(trained, start, make_database, amqp_url, signer, tmp_path: Path) -> Iterator[Running]:
    database_url = make_database("grid_bridge")
    engine = make_engine(database_url, pool=2)
    Bridge(UnitOfWorkFactory(engine, "grid_bridge"), tmp_path)  # fills the directory
    engine.dispose()
    start(
        GridBridgeService,
        Settings,
        database_url,
        amqp_url,
        upload_secret_file=tmp_path / "upload.secret",
        storage_url=f"file://{tmp_path / 'files'}",
    )
    bench = Running(database_url, amqp_url, signer)
    yield bench
    bench.close()


def escalate(running: Running) -> tuple[str, str]:
    issue = running.call(
        SUN,
        "report_issue",
        cid=SHANGYUAN,
        title="商铺占用绿化带",
        body="楼下商铺把绿化带围起来种菜",
    )
    running.call(SHI, "triage_issue", id=issue["id"], category="8x", slot="X3")
    steps = {"step": "talk", "note": "上门约谈，商户拒绝", "outcome": "failed", "with": "商户"}
    running.call(SHI, "record_self_governance", id=issue["id"], **steps)
    order = running.call(SHI, "escalate_issue", id=issue["id"], reason="约谈无效")
    return issue["id"], order["no"]


def test_a_report_is_classified_with_reasons_within_seconds(running):
    issue = running.call(
        SUN,
        "report_issue",
        cid=SHANGYUAN,
        title="楼下饭店油烟扰民",
        body="楼下烧烤店每天晚上油烟直排，味道刺鼻，窗户都不敢开，请尽快处理。",
    )
    suggestion = running.eventually(
        lambda: running.call(SHI, "get_issue", id=issue["id"])["suggestion"]
    )
    assert (suggestion["category"], suggestion["slot"]) == ("8x", "S7")
    assert 0 < suggestion["confidence"] <= 1
    assert suggestion["reasons"]
    assert suggestion["candidates"][0]["slot"] == "S7"
    assert suggestion["model_version"]
    assert running.call(SUN, "get_issue", id=issue["id"])["suggestion"] is None


def test_a_helpers_repeats_are_hers_and_her_token_does_nothing_else(running):
    """The same Idempotency-Key by a helper, another one, and the person herself: three reports."""

    def acting(helper: str) -> dict[str, str]:
        act = {"act": {"sub": helper}} if helper else {}
        grants = [(grant.role.value, grant.path) for grant in SUN.grants]
        token = running.signer.token(SUN.person_id, grants, f"s-{helper}", **act)
        return {"token": token, "idempotency_key": "k", "body_hash": "h"}

    problem = {"cid": SHANGYUAN, "title": "路灯不亮", "body": "三号楼前"}
    told = []
    for helper in ("p-lu", "p-wang", ""):
        first, again = (
            running.caller.call_as(acting(helper), "grid_bridge", "report_issue", **problem)
            for _ in range(2)
        )
        assert again["replayed"] and again["data"] == first["data"]
        told.append(first["data"]["id"])
    assert len(set(told)) == 3
    assert [running.call(SUN, "get_issue", id=i)["assisted_by"] is None for i in told] == [
        False,
        False,
        True,
    ]
    for row in ALL:
        if row.service == "grid_bridge" and row.built and row.who.login and not row.assisted:
            with pytest.raises(ShequError) as caught:
                running.caller.call_as(acting("p-lu"), "grid_bridge", row.rpc_method, id=told[0])
            assert caught.value.code == "auth.not_on_behalf", row.id


def test_updates_come_over_the_border_and_bad_ones_stop_nothing(running):
    issue_id, no = escalate(running)
    running.platform_says("{not json")
    running.platform_says(running.update(no, 1, "accepted").replace("accepted", "abducted"))
    running.platform_says(
        running.update(no, 1, "accepted").replace('"note":""', f'"note":"{"长" * 5000}"')
    )
    running.platform_says(running.update("SQT-310113-2026-999999", 1, "accepted"))
    running.platform_says(running.update(no, 2, "verifying"))
    repeated = new_id()
    for _ in range(2):
        running.platform_says(running.update(no, 1, "accepted"), message_id=repeated)
    running.eventually(
        lambda: running.call(OPERATOR, "get_work_order", no=no)["state"] == "verifying"
    )
    kinds = [line["kind"] for line in running.call(SUN, "get_issue", id=issue_id)["timeline"]]
    assert kinds == ["reported", "triaged", "talk", "escalated", "accepted", "verifying"]
    running.eventually(lambda: running.parked() == 3)
    held = "SELECT count(*) FROM held_updates WHERE standing = 'quarantined'"
    running.eventually(lambda: running.scalar(held) == 1)


def test_the_opened_order_lies_in_the_platforms_queue(running):
    _, no = escalate(running)

    def delivered() -> Any:
        with Connection(running.amqp_url) as connection:
            return connection.channel().basic_get("gridplatform.workorders", no_ack=True)

    message = running.eventually(delivered)
    body = e.WorkOrderOpened.model_validate_json(message.body)
    assert body.work_order_no == no
    assert message.delivery_info["routing_key"] == "workorder.opened.v1.demo.8x"
    assert message.headers["cloudEvents:type"] == "workorder.opened.v1"


@pytest.fixture
def platform(running, tmp_path: Path) -> Iterator[Platform]:
    (tmp_path / "platform").mkdir()
    process = Platform(running.amqp_url, tmp_path / "platform")
    process.start()
    yield process
    process.close()


def test_an_order_goes_to_the_reference_platform_and_comes_back_closed(running, platform):
    issue_id, no = escalate(running)

    def issue_is(status: str) -> Callable[[], bool]:
        return lambda: running.call(SUN, "get_issue", id=issue_id)["status"] == status

    running.eventually(issue_is("closed"), 30)
    issue = running.call(SUN, "get_issue", id=issue_id)
    assert (issue["outcome"], issue["promise"]) == ("grid_closed", None)
    assert [line["kind"] for line in issue["timeline"]][4:] == list(TO_CLOSED)
    order = running.call(OPERATOR, "get_work_order", no=no)
    assert order["platform_ref"]
    assert [step["seq"] for step in order["steps"]] == list(range(1, 9))

    running.call(SUN, "rate_issue", id=issue_id, score=1, solved=False)
    running.call(SUN, "reopen_issue", id=issue_id, reason="又围起来了")
    running.eventually(issue_is("escalated"), 30)
    running.eventually(issue_is("closed"), 30)
    kinds = [line["kind"] for line in running.call(SUN, "get_issue", id=issue_id)["timeline"]]
    assert kinds[-6:] == ["reopened", "dispatched", "disposing", "disposed", "checking", "closed"]
    assert "evaluated" in kinds
    assert running.scalar("SELECT count(*) FROM held_updates WHERE standing <> 'applied'") == 0
    assert running.call(SUN, "rate_issue", id=issue_id, score=5, solved=True)["score"] == 5


def test_a_request_repeated_with_its_key_opens_one_order(running):
    issue = running.call(SUN, "report_issue", cid=SHANGYUAN, title="楼道堆物", body="堵住了")
    running.call(SHI, "triage_issue", id=issue["id"], category="8x", slot="S4")
    grants = [(grant.role.value, grant.path) for grant in SHI.grants]
    context = {
        "token": running.signer.token(SHI.person_id, grants),
        "idempotency_key": "once",
        "body_hash": "h",
    }
    numbers = {
        running.caller.call_as(
            context, "grid_bridge", "escalate_issue", id=issue["id"], reason="急", urgent=True
        )["data"]["no"]
        for _ in range(2)
    }
    assert len(numbers) == 1
    assert running.scalar("SELECT count(*) FROM work_orders") == 1


def test_staff_choose_from_the_catalogue_and_see_whose_list_it_is(running):
    catalogue = running.call(SHI, "list_catalogue")
    keys = [one["slot"] for one in catalogue["items"]]
    assert keys == [f"S{n}" for n in range(1, 9)] + [f"X{n}" for n in range(1, 10)]
    assert "并非" in catalogue["notice"]
    with pytest.raises(ShequError) as refused:
        running.call(SUN, "list_catalogue")
    assert refused.value.status == 403


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("get_issue", {"id": "a b"}, 422, "request.invalid"),
    ("get_issue", {"id": "nowhere"}, 404, "grid.issue_not_found"),
    ("list_issues", {"cid": SHANGYUAN, "cursor": "??"}, 400, "request.bad_cursor"),
    ("list_issues", {"cid": SHANGYUAN, "status": "lost"}, 422, "request.invalid"),
    ("get_work_order", {"no": "'; drop table"}, 422, "request.invalid"),
    ("get_work_order", {"no": "SQT-310113-2026-000001"}, 404, "grid.work_order_not_found"),
    ("list_work_orders", {"state": "lost"}, 422, "request.invalid"),
    ("report_issue", {"cid": SHANGYUAN, "title": "", "body": "b"}, 422, "request.invalid"),
    ("report_issue", {"cid": SHANGYUAN, "title": "t", "body": "\x00"}, 422, "request.invalid"),
    (
        "report_issue",
        {"cid": SHANGYUAN, "title": "t", "body": "b", "location": {"lng": 500, "lat": 1}},
        422,
        "request.invalid",
    ),
    ("triage_issue", {"id": "x", "category": "9x"}, 403, "auth.forbidden"),
    ("rate_issue", {"id": "x", "score": 6, "solved": True}, 422, "request.invalid"),
    ("rate_issue", {"id": "x", "score": "5", "solved": True}, 422, "request.invalid"),
]


def test_strangers_and_bad_input_are_refused_by_name(running):
    for method, arguments, status, code in REFUSED:
        with pytest.raises(ShequError) as refused:
            running.call(SUN, method, **arguments)
        assert (method, refused.value.status, refused.value.code) == (method, status, code)


def test_the_service_serves_what_the_table_calls_built():
    built = {row.rpc_method for row in ALL if row.service == "grid_bridge" and row.built}
    served = {
        name
        for name in dir(GridBridgeService)
        if hasattr(getattr(getattr(GridBridgeService, name), "spec", None), "operation")
    }
    assert served == built | {"advance_clock", "export_person"}
