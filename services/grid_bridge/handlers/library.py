"""The library of actively discovered problems: an entry follows the latest order of its issue."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import LibraryEntryView, ListLibraryEntries
from services.grid_bridge import repository_library as entries
from services.grid_bridge.domain.library import OF_ORDER
from services.grid_bridge.domain.work_order import State
from services.grid_bridge.models import LibraryEntryRow, WorkOrderRow
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork


def entered(uow: UnitOfWork, order: WorkOrderRow, now: datetime) -> None:
    """A new order: of an issue that is handed over for the first time, or again."""
    entry = entries.entry_of(uow.session, order.issue_id)
    if entry is None:
        entries.enter(uow.session, order, OF_ORDER[State(order.state)], now)
        return
    entry.orders += 1
    entry.work_order_no = order.no
    entry.slot, entry.slot_name = order.slot, order.slot_name
    entry.catalogue_version = order.catalogue_version
    _follow(entry, order, now)


def follow(uow: UnitOfWork, order: WorkOrderRow, now: datetime) -> None:
    """The platform moved an order; the entry follows the latest one of its issue."""
    entry = entries.entry_of(uow.session, order.issue_id)
    if entry is None:  # opened by a process of the version before, during its replacement
        entries.enter(uow.session, order, OF_ORDER[State(order.state)], now)
    elif entry.work_order_no == order.no:
        _follow(entry, order, now)


def _follow(entry: LibraryEntryRow, order: WorkOrderRow, now: datetime) -> None:
    entry.standing = OF_ORDER[State(order.state)]
    entry.order_state = order.state
    entry.updated_at = now


def list_entries(uow: UnitOfWork, cmd: ListLibraryEntries, actor: Actor) -> Page[LibraryEntryView]:
    """The entries of a district that the actor's grants reach; none elsewhere."""
    rows = entries.page_of_entries(
        uow.session,
        actor,
        cmd.did,
        standing=cmd.standing,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    shown = rows[: cmd.limit]
    return Page[LibraryEntryView](
        items=[LibraryEntryView.model_validate(_told(row)) for row in shown],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
    )


def _told(row: LibraryEntryRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in LibraryEntryView.model_fields}
