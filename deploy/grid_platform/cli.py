"""The command line: ``python -m deploy.grid_platform`` runs the platform; with a command it works
on the same state file, also while the platform runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from . import log
from .desk import Desk, utc_now
from .domain import (
    MAX_NOTE,
    MOVES,
    NAMES,
    OPEN,
    ROLE_NAMES,
    OrderError,
    Role,
    State,
    Step,
    UnknownOrder,
    WorkOrder,
    overdue,
)
from .faults import Journal, Plan
from .messages import AMENDED, OPENED, URGED, WANTED, export_line, export_trailer
from .run import AlreadyRunning
from .run import run as run_platform
from .settings import Settings
from .store import Store

app = typer.Typer(
    help="网格化管理平台（参考实现）。不带命令即运行平台；带命令则在同一状态库上手工办理工单。",
    add_completion=False,
    rich_markup_mode=None,
)
# What residents wrote is shown as it is: no markup is read from it.
out = Console(markup=False, emoji=False, highlight=False)

KINDS: dict[str, str] = {
    OPENED: "收到：派单",
    AMENDED: "收到：补充",
    URGED: "收到：督办",
    WANTED: "收到：请重发回告",
    "workorder.withdrawn.v1": "收到：撤回",
    "workorder.rated.v1": "收到：评价",
    "workorder.reopened.v1": "收到：重办",
}
URGENCY: dict[str, str] = {"normal": "一般", "urgent": "紧急", "critical": "非常紧急"}

Found = TypeVar("Found", bound=BaseSettings)
Number = Annotated[str, typer.Argument(metavar="NO", help="工单号")]
Note = Annotated[str, typer.Option("--note", "-n", help="说明（居民可见）")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Run the platform when no command is given."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings(Settings)
    if not settings.grid_amqp_url:
        fail("没有设置 SHEQU_GRID_AMQP_URL（网格平台自己的消息用户）", code=2)
    log.set_up(settings.log_level, settings.log_format)
    try:
        run_platform(settings)
    except (AlreadyRunning, OSError, RuntimeError) as error:
        fail(f"无法启动：{error}", code=2)


@app.command("list")
def list_orders(
    state: Annotated[list[State] | None, typer.Option(help="只看这些状态")] = None,
    all_: Annotated[bool, typer.Option("--all", help="包括已终结的")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """工单一览（默认只列未终结的）。"""
    states = tuple(state or (() if all_ else sorted(OPEN | {State.CLOSED})))
    table = Table("工单号", "平台编号", "状态", "紧急程度", "责任部门", "期限", "督办", "标题")
    with _desk() as desk:
        now = utc_now()
        for order in desk.store.orders(states, limit):
            table.add_row(
                order.no,
                order.platform_ref,
                NAMES[order.state],
                URGENCY.get(order.urgency, order.urgency),
                order.department,
                _deadline(order, now),
                str(order.urged or ""),
                _plain(order.title),
            )
    out.print(table)


@app.command()
def show(no: Number) -> None:
    """一张工单的全部经过，以及下一步可以怎么走。"""
    with _desk() as desk:
        order = desk.store.order(no)
        if order is None:
            raise UnknownOrder(no)
        history = desk.store.history(no)
    title = Text(_plain(f"{order.no} · {order.title}"))
    out.print(Panel(_card(order), title=title, title_align="left"))
    table = Table("时间", "事项", "经办", "说明", "序号", "已送达")
    for row in history:
        what = KINDS.get(row["kind"]) or NAMES[State(row["state"])]
        role = ROLE_NAMES[Role(row["actor_role"])] if row["actor_role"] else "社区通"
        sent = "" if row["seq"] is None else ("是" if row["sent_at"] else "待发")
        table.add_row(
            _local(row["at"]), what, role, _plain(row["note"]), str(row["seq"] or ""), sent
        )
    out.print(table)


@app.command()
def step(
    no: Number,
    state: Annotated[State, typer.Argument(metavar="STATE", help="转到哪个状态")],
    note: Note = "",
    department: Annotated[str | None, typer.Option(help="责任部门")] = None,
    deadline: Annotated[datetime | None, typer.Option(help="答应的期限（本地时间）")] = None,
    attachment: Annotated[list[str] | None, typer.Option(help="照片编号（先经接口上传）")] = None,
) -> None:
    """手工办理：把工单转到下一个状态。"""
    if len(note) > MAX_NOTE:
        fail(f"说明不能超过 {MAX_NOTE} 字")
    wish = Step(
        target=state,
        note=note,
        department=department,
        deadline=deadline.astimezone() if deadline else None,
        attachments=tuple(attachment or ()),
    )
    with _desk() as desk:
        _told(desk.step(no, wish))


@app.command()
def rate(no: Number, score: Annotated[int, typer.Argument(min=1, max=5)]) -> None:
    """回访：记下居民的评分（已结案 → 已评价）。"""
    with _desk() as desk:
        _told(desk.rate(no, score))


@app.command()
def library() -> None:
    """主动发现问题库。"""
    table = Table("编号", "类别", "目录版本", "入库时间", "工单号", "状态", "标题")
    with _desk() as desk:
        for row in desk.store.library():
            table.add_row(
                row["no"],
                f"{row['slot']} {row['slot_name']}".strip(),
                row["catalogue_version"],
                _local(row["entered_at"]),
                row["work_order_no"],
                NAMES[State(row["state"])],
                _plain(row["title"]),
            )
    out.print(table)


@app.command()
def export(
    since: Annotated[datetime | None, typer.Option(help="只列此后受理的（本地时间）")] = None,
) -> None:
    """对账清单：每行一张工单（JSON），末行为张数与时间。"""
    begin = since.astimezone() if since else None
    count = 0
    with _desk() as desk:
        at = utc_now()
        with desk.store.snapshot():
            for order in desk.store.every_order(begin):
                typer.echo(export_line(order))
                count += 1
    typer.echo(export_trailer(count, at, begin))


@app.command()
def faults(
    seed: Annotated[int | None, typer.Option(help="先看此计划会做什么")] = None,
    share: Annotated[float, typer.Option(min=0, max=1)] = 0.1,
) -> None:
    """故障演练：已注入的故障（给出 --seed 时：计划注入的故障）。"""
    table = Table("工单号", "序号", "故障")
    with _desk() as desk:
        if seed is None:
            rows = [(one.no, one.seq, one.kind) for one in Journal.beside(desk.store.path).read()]
        else:
            plan = Plan(seed=seed, share=share)
            told = (
                (order.no, seq, plan.fault(order.no, seq))
                for order in desk.store.every_order()
                for seq in range(1, order.seq + 1)
            )
            rows = [(no, seq, kind) for no, seq, kind in told if kind]
    for no, seq, kind in rows:
        table.add_row(no, str(seq), kind)
    out.print(table)
    out.print(f"{len(rows)}")


def read_settings(kind: type[Found]) -> Found:
    """The settings, or the end of the command with what is wrong with them."""
    try:
        return kind()
    except ValidationError as error:
        lines = []
        for found in error.errors(include_input=False, include_url=False):
            name = ".".join(map(str, found["loc"])).upper()
            lines.append(f"SHEQU_{name}: {found['msg']}" if name else found["msg"])
        fail("设置有误：" + "；".join(lines), code=2)


@contextmanager
def desk_at(path: Path) -> Iterator[Desk]:
    """The desk over a state file; what keeps the command from its work is said in a line."""
    try:
        with Store(path) as store:
            yield Desk(store)
    except FileNotFoundError:
        fail(f"没有状态库 {path}：还没有运行过")
    except sqlite3.OperationalError as error:
        fail(f"状态库暂时不可用：{error}")
    except OrderError as error:
        fail(str(error))


def fail(words: str, code: int = 1) -> NoReturn:
    """End the command with a line of what is wrong."""
    Console(stderr=True, soft_wrap=True, markup=False).print(words, style="red")
    raise typer.Exit(code)


def _desk() -> AbstractContextManager[Desk]:
    return desk_at(read_settings(Settings).grid_database_file)


def _told(order: WorkOrder) -> None:
    out.print(f"{order.no} 已转为 {NAMES[order.state]}（第 {order.seq} 次回告）")


def _plain(words: str) -> str:
    """Without control characters: a title must not steer the clerk's terminal."""
    return "".join(c if c.isprintable() else " " for c in words)


def _card(order: WorkOrder) -> str:
    exits = "、".join(f"{state}（{NAMES[state]}）" for state in MOVES[order.state]) or "已终结"
    lines = {
        "状态": f"{NAMES[order.state]}（{order.state}），自 {_local(order.since.isoformat())}",
        "平台编号": order.platform_ref,
        "责任部门": order.department,
        "期限": _deadline(order, utc_now()) or "未定",
        "督办": f"{order.urged} 次" if order.urged else "无",
        "评分": str(order.score or "未评"),
        "可转为": exits,
    }
    return "\n".join(f"{name}：{value}" for name, value in lines.items())


def _deadline(order: WorkOrder, now: datetime) -> str:
    if order.deadline is None:
        return ""
    late = "（超期）" if overdue(order, now) else ""
    return f"{order.deadline.astimezone():%Y-%m-%d %H:%M}{late}"


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"
