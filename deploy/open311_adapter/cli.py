"""The command line: ``python -m deploy.open311_adapter`` runs the adapter; with a command it works
on the same state file, also while the adapter runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.grid_platform import log
from deploy.grid_platform.cli import desk_at, fail, read_settings
from deploy.grid_platform.desk import Desk, utc_now
from deploy.grid_platform.domain import NAMES, State, Step
from deploy.grid_platform.messages import wire_time
from deploy.grid_platform.run import AlreadyRunning

from .ledger import Ledger
from .rules import BY_HAND
from .run import run as run_adapter
from .settings import Settings

app = typer.Typer(
    help="Open311 接口适配器：以 GeoReport v2 把工单交给城市系统。不带命令即运行。",
    add_completion=False,
    rich_markup_mode=None,
)
out = Console(markup=False, emoji=False, highlight=False)
Number = Annotated[str, typer.Argument(metavar="NO", help="工单号")]
NumberOrAll = Annotated[str, typer.Argument(metavar="[NO]", help="工单号；不写即全部")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Run the adapter when no command is given."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings(Settings)
    for name in ("grid_amqp_url", "open311_url"):
        if not getattr(settings, name):
            fail(f"没有设置 SHEQU_{name.upper()}", code=2)
    log.set_up(settings.log_level, settings.log_format, "open311_adapter")
    try:
        run_adapter(settings)
    except (AlreadyRunning, OSError, RuntimeError) as error:
        fail(f"无法启动：{error}", code=2)


@app.command("list")
def list_requests(
    standing: Annotated[list[str] | None, typer.Option(help="只看 wanted、sent、parked…")] = None,
) -> None:
    """已交和待交城市系统的工单。"""
    table = Table("工单号", "次", "情况", "城市编号", "工单状态", "问题")
    with _desk() as (desk, ledger):
        for row in ledger.all(standing or ()):
            order = desk.store.order(row["work_order_no"])
            table.add_row(
                row["work_order_no"],
                str(row["turn"]),
                row["standing"],
                row["request_id"] or "",
                NAMES[order.state] if order else "",
                row["problem"],
            )
    out.print(table)


@app.command()
def retry(no: NumberOrAll = "") -> None:
    """被拒的工单按现行设置重新提交；密钥失效后换了新的，不写工单号即全部。"""
    with _desk() as (desk, ledger):
        parked = [row for row in ledger.all(["parked"]) if no in ("", row["work_order_no"])]
        if not parked:
            fail(f"工单 {no} 没有被拒的提交" if no else "没有被拒的提交")
        with desk.store.transaction():
            for row in parked:
                if row["attempts"]:
                    ledger.change(row, standing="wanted", next_at=wire_time(utc_now()), problem="")
                else:  # never sent: it is written anew, with the service code there is now
                    ledger.drop(row)
    for row in parked:
        out.print(f"工单 {row['work_order_no']} 将重新提交")


@app.command()
def refuse(no: Number, note: Annotated[str, typer.Option(help="原因，居民可见")]) -> None:
    """城市系统不受理：退回社区。"""
    with _desk() as (desk, ledger):
        desk.step(no, Step(State.REJECTED, note))
        for row in ledger.all(["parked"]):
            if row["work_order_no"] == no:
                ledger.change(row, standing="done")
    out.print(f"工单 {no} 已退回")


@app.command("by-hand")
def by_hand() -> None:
    """GeoReport 无法转达、须人工告知城市系统的事项。"""
    table = Table("工单号", "事项", "时间", "内容")
    with _desk() as (_, ledger):
        for row in ledger.by_hand():
            table.add_row(row["work_order_no"], BY_HAND[row["kind"]], row["at"], row["words"])
    out.print(table)


@app.command()
def told(no: Number) -> None:
    """已人工告知城市系统。"""
    with _desk() as (_, ledger):
        count = ledger.told_by_hand(no, utc_now())
    out.print(f"工单 {no}：{count} 项已告知")


@contextmanager
def _desk() -> Iterator[tuple[Desk, Ledger]]:
    with desk_at(read_settings(Settings).open311_database_file) as desk:
        yield desk, Ledger(desk.store)
