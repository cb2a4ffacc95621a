"""The committee's queues: who has waited longest comes first, a page at a time."""

from typing import TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from services.contracts.operations.base import ListCommand
from services.identity.models import CorrectionRow, Membership
from services.kit.pages import decode_moment, encode_cursor

Waiting = TypeVar("Waiting", Membership, CorrectionRow)


def page_of(
    session: Session, table: type[Waiting], query: Select[Waiting], cmd: ListCommand
) -> tuple[list[Waiting], str | None]:
    """The rows of ``query`` that ``cmd`` asks for, and the cursor behind them (None on the last).

    Raises:
        BadCursor: it is not one of ours.
    """
    order = (table.requested_at, table.id)
    if cmd.cursor:
        query = query.where(tuple_(*order) > decode_moment(cmd.cursor))
    rows = list(session.scalars(query.order_by(*order).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    last = page[-1] if len(rows) > cmd.limit else None
    return page, encode_cursor(last.requested_at.isoformat(), last.id) if last else None
