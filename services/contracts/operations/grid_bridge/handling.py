"""What staff do with an issue besides: refer, merge; and neighbours who have the same problem."""

from typing import Literal

from services.contracts.operations.base import NEIGHBOUR, AnyObject, Command, Id, Operation, Reason
from services.contracts.operations.grid_bridge.common import STAFF, AttachmentIds


class ReferIssue(Command):
    """To the property firm, the owners' committee or a department; the promise runs on."""

    id: Id
    to: Literal["property", "owners_committee", "department"]
    note: Reason
    attachments: AttachmentIds = []


class MergeIssue(Command):
    """Into the issue that tells of the same problem."""

    id: Id
    into: Id
    reason: Reason | None = None


class MeToo(Command):
    """The same problem concerns me."""

    id: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "referIssue", "POST /issues/{id}/referrals", service="grid_bridge", who=STAFF,
        command=ReferIssue, result=AnyObject, summary="Refer to another party", built=False,
    ),
    Operation(
        "mergeIssue", "POST /issues/{id}/merge", service="grid_bridge", who=STAFF,
        command=MergeIssue, result=AnyObject, summary="Merge into an issue of the same problem",
        built=False,
    ),
    Operation(
        "meToo", "PUT /issues/{id}/me-too", service="grid_bridge", who=NEIGHBOUR,
        command=MeToo, result=AnyObject, summary="It concerns me, too", built=False,
    ),
)  # fmt: skip
