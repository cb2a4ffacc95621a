"""``python -m services.grid_bridge.quarantine``: updates of the grid platform that are held.

For operators. Lists what lies in quarantine, newest first, and with ``--waiting`` what waits for
a gap to fill; ends with 1 when there is anything in quarantine, so that a monitor can call it.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from services.grid_bridge.models import HeldUpdateRow
from services.grid_bridge.settings import Settings
from services.kit import db
from services.kit.uow import UnitOfWorkFactory

REASONS = {
    "unknown_order": "没有这张工单",
    "impossible": "状态不能这样变化",
    "conflict": "同一序号说法不一",
    "too_far": "序号相差过大",
    "wait": "等待前面的序号",
}


def show(
    waiting: Annotated[bool, typer.Option(help="also what waits for a gap to fill")] = False,
    limit: Annotated[int, typer.Option(min=1, help="at most this many")] = 100,
) -> None:
    """List held updates."""
    engine = db.make_engine(Settings().database_url, pool=1)
    standings = ["quarantined", "waiting"] if waiting else ["quarantined"]
    with UnitOfWorkFactory(engine, "grid_bridge")(read_only=True) as uow:
        rows = uow.session.scalars(
            select(HeldUpdateRow)
            .where(HeldUpdateRow.standing.in_(standings))
            .order_by(HeldUpdateRow.received_at.desc())
            .limit(limit)
        ).all()
        quarantined = uow.session.scalar(
            select(func.count()).where(HeldUpdateRow.standing == "quarantined")
        )
    engine.dispose()
    table = Table("received", "work order", "seq", "state", "standing", "reason", "event")
    for row in rows:
        table.add_row(
            row.received_at.isoformat(timespec="seconds"),
            row.work_order_no,
            str(row.seq),
            row.state,
            row.standing,
            f"{row.reason} {REASONS.get(row.reason, '')}".strip(),
            row.event_id,
        )
    Console().print(table)
    Console().print(f"{quarantined} in quarantine")
    raise typer.Exit(1 if quarantined else 0)


if __name__ == "__main__":
    typer.run(show)
