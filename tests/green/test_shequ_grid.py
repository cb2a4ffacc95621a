"""``shequ grid reconcile`` on a real database. Needs: db."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from deploy.shequ.__main__ import app
from services.contracts.events import WorkOrderUpdatesWanted
from tests.support.bridge import Bridge

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path, monkeypatch) -> Bridge:
    units = db("grid_bridge")
    for name, value in {
        "SHEQU_GRID_BRIDGE_DATABASE_URL": units.engine.url.render_as_string(hide_password=False),
        "SHEQU_UPLOAD_SECRET_FILE": str(tmp_path / "upload.secret"),
        "SHEQU_STORAGE_URL": f"file://{tmp_path / 'files'}",
        "SHEQU_ENV": "test",
    }.items():
        monkeypatch.setenv(name, value)
    return Bridge(units, tmp_path)


@pytest.fixture
def theirs(tmp_path):
    """Writes the platform's list; ``end`` is its last line."""

    def write(*orders, end=...) -> str:
        last = {"orders": len(orders), "exported_at": str(datetime.now(UTC) + timedelta(days=1))}
        lines = [*orders, last if end is ... else end]
        text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines if one)
        (tmp_path / "theirs.jsonl").write_text(text + "\n")
        return str(tmp_path / "theirs.jsonl")

    return write


def reconcile(file: str, *words: str, code: int) -> str:
    said = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["grid", "reconcile", "--file", file, *words]
    )
    assert said.exit_code == code, said.output
    assert "Traceback" not in said.output
    return said.output


def order_line(no: str, state: str = "reported", seq: int = 0) -> dict[str, object]:
    return {"work_order_no": no, "state": state, "seq": seq, "platform_ref": "GP1"}


def test_two_sides_that_agree_end_well(bridge, theirs):
    order = bridge.escalated()
    said = reconcile(theirs(order_line(order.no)), code=0)
    assert "本方 1 · 对方 1 · 一致 1 · 差异 0" in said
    reconcile(theirs(order_line(order.no)), "--district", "demo", code=0)


def test_a_difference_is_shown_and_repaired_on_demand_with_who_did_it(bridge, theirs):
    order = bridge.escalated()
    file = theirs(order_line(order.no, "accepted", 1))
    said = reconcile(file, code=1)
    for words in (order.no, "本方缺回告", "1 accepted", "请对方重发回告 ≥1", "待办"):
        assert words in said
    assert bridge.told(WorkOrderUpdatesWanted) == []
    assert "已请求" in reconcile(file, "--repair", "--by", "李工", code=0)
    (wanted,) = bridge.told(WorkOrderUpdatesWanted)
    assert (wanted.work_order_no, wanted.from_seq) == (order.no, 1)
    rows = bridge.rows("SELECT repaired_by FROM reconciliation_rows WHERE status = 'asked'")
    assert [row.repaired_by for row in rows] == ["李工"]


def test_what_a_person_must_look_at_ends_with_1_also_after_a_repair(bridge, theirs):
    file = theirs(order_line("SQT-310113-2026-900000", "closed", 8))
    assert "人工核对" in reconcile(file, "--repair", code=1)


@pytest.mark.parametrize(
    ("lines", "end", "words"),
    [
        ((), None, "the list is empty"),
        ((order_line("SQT-1"),), None, "cut off"),
        ((order_line("SQT-1"),), {"orders": 2, "exported_at": "2026-03-05T01:00:00Z"}, "counts 2"),
        (('{"work_order_no": "SQT-',), ..., "line 1 is no JSON"),
        ((order_line("SQT-1", "lost"),), ..., "line 1: state"),
        ((order_line("孙奶奶"),), ..., "line 1: work_order_no"),
    ],
    ids=["empty", "cut off", "miscounted", "no JSON", "unknown state", "no number"],
)
def test_a_broken_list_is_refused_with_its_place_and_nothing_is_kept(
    bridge, theirs, lines, end, words
):
    said = reconcile(theirs(*lines, end=end), code=2)
    assert words in said
    assert "孙奶奶" not in said
    assert bridge.rows("SELECT id FROM reconciliations") == []


def test_an_unknown_district_is_refused(bridge, theirs):
    assert "没有找到这个区" in reconcile(theirs(), "--district", "nowhere", code=1)
