"""``shequ grid``: the grid platform's list held against the bridge's orders (对账)."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ValidationError
from rich.table import Table

from deploy.shequ.community import By, operator
from deploy.shequ.where import STATEMENT_MS, console, settled
from services.contracts.operations.base import Moment
from services.contracts.operations.grid_bridge import PlatformOrder
from services.grid_bridge import repository_reconciling as rows
from services.grid_bridge.handlers import reconciling
from services.grid_bridge.models import DifferenceRow
from services.grid_bridge.repository_districts import district as known
from services.grid_bridge.settings import Settings
from services.kit.blobs import BlobStore
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory

app = typer.Typer(no_args_is_help=True, help="The grid platform: compare and mend.")

MOST_LINES = 200  # of a report, on the screen
KINDS = {
    "missing_there": "对方没有",
    "missing_here": "本方没有",
    "behind": "本方缺回告",
    "ahead": "对方落后",
    "other_state": "状态不同",
    "other_deadline": "期限不同",
    "held": "回告被搁置",
}
REPAIRS = {
    "republish_opened": "重发派单",
    "ask_updates": "请对方重发回告",
    "take_deadline": "采用对方期限",
    "release": "重新判断",
    "look": "人工核对",
}
STATUS = {"open": "待办", "asked": "已请求", "done": "已修复", "left": "未能修复"}


class BadList(ValueError):
    """The file is not the platform's list, or was cut off; the words say where."""


class Trailer(BaseModel):
    """The last line of the list."""

    orders: int
    exported_at: Moment
    opened_since: Moment | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """The platform's list, whole."""

    orders: list[PlatformOrder]
    trailer: Trailer


def read_export(file: Path) -> Export:
    """Read the list, line by line; :class:`BadList` when a line is wrong or the end is missing."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    if not lines:
        raise BadList("the list is empty: not even its last line is there")
    orders = [_read(PlatformOrder, line, number) for number, line in enumerate(lines[:-1], 1)]
    try:
        trailer = Trailer.model_validate_json(lines[-1])
    except ValidationError:
        raise BadList("the list was cut off: its last line does not count the orders") from None
    if trailer.orders != len(orders):
        raise BadList(f"the last line counts {trailer.orders} orders, there are {len(orders)}")
    return Export(orders, trailer)


def _read(model: type[PlatformOrder], line: str, number: int) -> PlatformOrder:
    try:
        return model.model_validate(json.loads(line))
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, told["loc"]))
        raise BadList(f"line {number}: {where} {told['msg']}") from None
    except (ValueError, RecursionError):
        raise BadList(f"line {number} is no JSON") from None


@contextmanager
def _bridge() -> Iterator[tuple[UnitOfWorkFactory, Settings]]:
    with settled("grid_bridge"):
        settings = Settings()
        engine = make_engine(
            settings.database_url, pool=2, statement_timeout_ms=STATEMENT_MS, application="shequ"
        )
        try:
            yield UnitOfWorkFactory(engine, "grid_bridge"), settings
        finally:
            engine.dispose()


@app.command()
def reconcile(
    file: Annotated[Path, typer.Option(help="their list: grid_platform export > theirs.jsonl")],
    district: Annotated[str | None, typer.Option(help="a district's id; all by default")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="do what the rows suggest")] = False,
    by: By = "",
) -> None:
    """Compare order by order; ends with 1 when something differs that nothing was done about."""
    with _bridge() as (units, settings):
        theirs = read_export(file)
        who = by or operator()
        now = datetime.now(UTC)
        with units(now=now) as uow:
            path = known(uow.session, district).path if district else None
            found = reconciling.compare_lists(
                uow,
                reconciling.Scope(district, path, who),
                theirs.orders,
                now,
                theirs.trailer.exported_at,
                theirs.trailer.opened_since,
            )
            uow.commit()
        while repair:
            with units(now=now) as uow:
                if not reconciling.mend(uow, found.id, who, BlobStore(settings), now):
                    break
                uow.commit()
        with units(read_only=True) as uow:
            told = rows.page_of_differences(uow.session, found.id, after=0, limit=1_000_000)
        _show(told)
        console.print(
            f"本方 {found.ours} · 对方 {found.theirs} · 一致 {found.equal} · "
            f"差异 {found.differences}  ({found.id})",
            markup=False,
        )
        if any(one.status in ("open", "left") for one in told):
            raise typer.Exit(1)


def _show(lines: Sequence[DifferenceRow]) -> None:
    if not lines:
        return
    table = Table("工单号", "差异", "本方", "对方", "修复", "结果")
    for one in lines[:MOST_LINES]:
        repair = REPAIRS[one.repair] + (f" ≥{one.from_seq}" if one.from_seq else "")
        kind = KINDS[one.kind] + (f" ×{one.held}" if one.held else "")
        table.add_row(
            one.work_order_no, kind, _side(one.ours), _side(one.theirs), repair, STATUS[one.status]
        )
    console.print(table)
    if len(lines) > MOST_LINES:
        console.print(f"… {len(lines) - MOST_LINES} more")


def _side(side: dict[str, object] | None) -> str:
    return f"{side['seq']} {side['state']}" if side else "–"
