"""All operations of the contract, joined from the tables of the services.

A new operation is one row in ``operations/<service>``; gateway, service, OpenAPI document and
permission matrix follow from it.
"""

from services.contracts.operations import feed, grid_bridge, identity, notify, ops, votes
from services.contracts.operations.base import Operation

INTERNAL = "INTERNAL"

ALL: tuple[Operation, ...] = (
    *identity.OPERATIONS,
    *feed.OPERATIONS,
    *grid_bridge.OPERATIONS,
    *votes.OPERATIONS,
    *notify.OPERATIONS,
    *ops.OPERATIONS,
)
HTTP: tuple[Operation, ...] = tuple(row for row in ALL if row.http != INTERNAL)
BY_ID: dict[str, Operation] = {row.id: row for row in ALL}

_BY_METHOD: dict[str, Operation] = {row.rpc_method: row for row in ALL}

if len(_BY_METHOD) != len(ALL) or len({row.http for row in HTTP}) != len(HTTP):
    raise TypeError("two operations claim the same id or the same route")


def by_method(name: str) -> Operation:
    """The operation that the RPC method ``name`` serves; :class:`KeyError` when none does."""
    return _BY_METHOD[name]
