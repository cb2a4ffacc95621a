"""Queries of the comparison with the platform, and of letters put back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound
from services.grid_bridge.domain.reconciling import Difference, Ours, Theirs
from services.grid_bridge.domain.work_order import State
from services.grid_bridge.models import (
    DifferenceRow,
    HeldUpdateRow,
    ReconciliationRow,
    ReplayedLetterRow,
)


class ReconciliationNotFound(NotFound):
    """There is no such comparison, or it is of another district."""

    code = "grid.reconciliation_not_found"
    zh, en = "没有找到这次对账", "There is no such comparison"


_OURS = text(
    """
    SELECT no, state, applied, used, deadline, opened_at,
           coalesce(told.at, opened_at) AS moved_at,
           coalesce(kept.waiting, 0) AS waiting, coalesce(kept.quarantined, 0) AS quarantined
    FROM work_orders
    LEFT JOIN LATERAL (
        SELECT max(received_at) AS at FROM work_order_updates WHERE work_order_no = no
    ) AS told ON true
    LEFT JOIN (
        SELECT work_order_no,
               count(*) FILTER (WHERE standing = 'waiting') AS waiting,
               count(*) FILTER (WHERE standing = 'quarantined') AS quarantined
        FROM held_updates WHERE standing IN ('waiting', 'quarantined') GROUP BY work_order_no
    ) AS kept ON kept.work_order_no = no
    WHERE (cast(:district AS text) IS NULL OR district_id = :district)
      AND (cast(:since AS timestamptz) IS NULL OR opened_at >= :since OR no = ANY(:named))
    """
)


def orders(
    session: Session, district_id: str | None, since: datetime | None, named: Iterable[str]
) -> dict[str, Ours]:
    """Our orders by number: those of the district opened since then, and the named ones."""
    rows = session.execute(_OURS, {"district": district_id, "since": since, "named": sorted(named)})
    return {
        row.no: Ours(
            State(row.state),
            row.applied,
            row.used,
            row.deadline,
            row.opened_at,
            row.moved_at,
            row.waiting,
            row.quarantined,
        )
        for row in rows
    }


def keep(session: Session, row: ReconciliationRow, found: Sequence[Difference]) -> None:
    """Write a comparison down with its differences, in their order."""
    session.add(row)
    session.flush()
    if found:
        session.execute(
            insert(DifferenceRow),
            [
                {
                    "reconciliation_id": row.id,
                    "work_order_no": one.no,
                    "kind": one.kind.value,
                    "ours": _side(one.ours),
                    "theirs": _side(one.theirs),
                    "held": one.held,
                    "repair": one.repair.value,
                    "from_seq": one.from_seq,
                    "status": "open",
                }
                for one in found
            ],
        )


def _side(side: Ours | Theirs | None) -> dict[str, Any] | None:
    if side is None:
        return None
    seq = side.applied if isinstance(side, Ours) else side.seq
    deadline = side.deadline.isoformat() if side.deadline else None
    return {"state": side.state.value, "seq": seq, "deadline": deadline}


def reconciliation(session: Session, found_id: str, *, lock: bool = False) -> ReconciliationRow:
    """The comparison; :class:`ReconciliationNotFound` when there is none."""
    row = session.get(ReconciliationRow, found_id, with_for_update=lock or None)
    if row is None:
        raise ReconciliationNotFound()
    return row


def page_of_differences(
    session: Session, found_id: str, *, after: int, limit: int
) -> Sequence[DifferenceRow]:
    """Differences in their order; one more than ``limit``."""
    query = select(DifferenceRow).where(
        DifferenceRow.reconciliation_id == found_id, DifferenceRow.id > after
    )
    return session.scalars(query.order_by(DifferenceRow.id).limit(limit + 1)).all()


def to_repair(
    session: Session, found_id: str, wanted: Sequence[int], limit: int
) -> Sequence[DifferenceRow]:
    """Open differences that something else than a person mends: these, or the first ones."""
    query = select(DifferenceRow).where(
        DifferenceRow.reconciliation_id == found_id,
        DifferenceRow.status == "open",
        DifferenceRow.repair != "look",
    )
    if wanted:
        query = query.where(DifferenceRow.id.in_(wanted))
    return session.scalars(query.order_by(DifferenceRow.id).limit(limit)).all()


def quarantined(session: Session, no: str) -> Sequence[HeldUpdateRow]:
    """What lies in quarantine of an order, by its numbers."""
    query = select(HeldUpdateRow).where(
        HeldUpdateRow.work_order_no == no, HeldUpdateRow.standing == "quarantined"
    )
    return session.scalars(query.order_by(HeldUpdateRow.seq, HeldUpdateRow.received_at)).all()


def set_aside(session: Session, no: str, applied: int, now: datetime) -> int:
    """Put away what can never take effect: its number has passed. How many there were."""
    done = session.execute(
        update(HeldUpdateRow)
        .where(
            HeldUpdateRow.work_order_no == no,
            HeldUpdateRow.standing == "quarantined",
            HeldUpdateRow.seq <= applied,
        )
        .values(standing="set_aside", settled_at=now)
        .returning(HeldUpdateRow.id)
    )
    return len(done.all())


def count_quarantined(session: Session, no: str) -> int:
    """How many updates of an order lie in quarantine."""
    return (
        session.scalar(
            select(func.count()).where(
                HeldUpdateRow.work_order_no == no, HeldUpdateRow.standing == "quarantined"
            )
        )
        or 0
    )


def forget(session: Session, before: datetime) -> int:
    """Delete comparisons that were started before then; how many there were."""
    gone = session.execute(
        delete(ReconciliationRow)
        .where(ReconciliationRow.started_at < before)
        .returning(ReconciliationRow.id)
    )
    return len(gone.all())


# -- letters put back --------------------------------------------------------------------------


def letters_lock(session: Session) -> None:
    """Look into the dead-letter queues alone: what one holds in its hands, another cannot see."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('grid_bridge.dead_letters'))"))


def replayed(session: Session, letter_id: str) -> ReplayedLetterRow | None:
    """When this letter was put back, if it was."""
    return session.get(ReplayedLetterRow, letter_id)


def note_replayed(session: Session, values: Mapping[str, Any]) -> None:
    """Write down that a letter was put back (again, when it died again)."""
    statement = upsert(ReplayedLetterRow).values(**values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={
                "replayed_by": statement.excluded.replayed_by,
                "replayed_at": statement.excluded.replayed_at,
            },
        )
    )
