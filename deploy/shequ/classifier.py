"""``shequ classifier``: its versions, refits, and whether its advice still fits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from deploy.shequ.community import By, operator
from deploy.shequ.where import console, settled
from services.contracts.operations.grid_bridge.learning import (
    ClassifierModel,
    ListClassifierModels,
    UseClassifierModel,
)
from services.grid_bridge.classifier import store
from services.grid_bridge.handlers import learning
from services.grid_bridge.settings import Settings
from services.kit.db import make_engine
from services.kit.uow import UnitOfWork, UnitOfWorkFactory

app = typer.Typer(no_args_is_help=True, help="The classifier: versions, learning, going back.")

STATES = {"candidate": "待启用", "in_use": "使用中", "retired": "已停用", "refused": "未通过"}
REFITS = {"waiting": "等待", "running": "训练中", "done": "已完成", "failed": "失败"}


@contextmanager
def _bridge(*, read_only: bool = False) -> Iterator[tuple[UnitOfWork, datetime]]:
    with settled("grid_bridge"):
        now = datetime.now(UTC)
        engine = make_engine(Settings().database_url, pool=2, application="shequ")
        try:
            with UnitOfWorkFactory(engine, "grid_bridge")(now=now, read_only=read_only) as uow:
                yield uow, now
                uow.commit()
        finally:
            engine.dispose()


@app.command("list")
def show() -> None:
    """The versions with their figures, the newest first."""
    with _bridge(read_only=True) as (uow, _):
        found = learning.list_models(uow, ListClassifierModels(), store.current_version())
    table = Table("版本", "状态", "人工判定", "留出集 F1", "当时在用", "最新判定", "当时在用")
    for one in found.items:
        table.add_row(one.version, STATES[one.state], str(one.labels), *_figures(one))
    console.print(table)
    words = (
        f"人工判定 {found.labels} · 未学习 {found.new_labels}（满 {found.nightly_from} 夜间训练）"
    )
    if found.refit:
        words += f" · 训练：{REFITS[found.refit.state]}"
    console.print(words, markup=False)


@app.command()
def refit(by: By = "") -> None:
    """Ask for a refit; the process ``grid_classifier`` does it within minutes."""
    with _bridge() as (uow, now):
        found = learning.request(uow, by or operator(), now)
        console.print(f"{found.id}  {REFITS[found.state]}", markup=False)


@app.command()
def use(
    version: Annotated[str, typer.Argument(help="as `shequ classifier list` names it")],
    reason: Annotated[str, typer.Option(help="why, for the record")],
    force: Annotated[bool, typer.Option("--force", help="though its figures are weak")] = False,
    by: By = "",
) -> None:
    """Put a version to use, or go back to one; every process follows within seconds."""
    with _bridge() as (uow, now):
        cmd = UseClassifierModel(version=version, reason=reason, force=force)
        found = learning.put_to_use(uow, cmd, by or operator(), "operator", now)
        before = found.uses[0].before or "–"
        console.print(f"{before} → {found.version}", markup=False)


def _figures(one: ClassifierModel) -> list[str]:
    judged = (one.held_out, one.held_out_of_current, one.newest, one.newest_of_current)
    return [f"{told.macro_f1:.3f} (n {told.n})" if told else "–" for told in judged]
