"""The public bulletin, what a receipt proves, and the export that anybody reckons again."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PUBLIC,
    Command,
    Id,
    ListCommand,
    Operation,
    Text,
    View,
    holders,
)
from services.contracts.operations.votes.common import PollState
from services.contracts.operations.votes.polls import OfPoll

SERVICE = "votes"


class GetBulletin(ListCommand):
    """The ledger of a poll, entry by entry, the oldest first."""

    id: Id


class LedgerEntry(View):
    """An entry of a ledger. ``payload`` is null where it would tell choices before the close; its
    hash stands from the start.
    """

    seq: int
    kind: str
    payload: dict[str, Any] | None
    hash: str


class SignedHead(View):
    """The end of the chain and the root of the tree at a moment, signed by the service (Ed25519).

    What is signed is the canonical JSON of ``poll_id``, ``seq``, ``hash``, ``leaves``, ``root`` and
    ``at``. ``key_id`` is the beginning of the SHA-256 of ``public_key``.
    """

    seq: int
    hash: str
    leaves: int
    root: str
    at: str
    key_id: str
    public_key: str
    signature: str


class BulletinTurnout(View):
    """How many entries of the roll have voted; before the close that is all there is to know."""

    roll: int
    online: int
    paper: int


class Bulletin(View):
    """A page of a poll's ledger, its head now, and the heads that were signed."""

    poll_id: str
    title: str
    state: PollState
    secrecy: str
    seq: int
    hash: str
    leaves: int
    superseded: int
    turnout: BulletinTurnout
    heads: list[SignedHead]
    items: list[LedgerEntry]
    next_cursor: str | None = None


class CheckReceipt(Command):
    """Is my ballot in the bulletin? Never what it said. ``code`` is as it was typed."""

    code: Annotated[Text, StringConstraints(min_length=1, max_length=100)]


class ReceiptFound(View):
    """Where the ballot of a receipt stands, and the proof of it.

    ``proof`` leads from ``leaf`` at ``position`` to ``root`` (RFC 6962, hashes from below). The
    root is of the tree of ``leaves`` ballots; from the close on it is the one that was signed.
    ``replaced`` says that another ballot, or a paper, took its place by the entry
    ``superseded_by``.
    """

    poll_id: str
    title: str
    state: PollState
    seq: int
    position: int
    leaf: str
    leaves: int
    proof: list[str]
    root: str
    head_seq: int
    head_hash: str
    heads: list[SignedHead]
    replaced: bool
    superseded_by: int | None = None


class ExportPart(Command):
    """A piece of an export; ``cursor`` is what the piece before gave."""

    id: Id
    audience: Literal["public", "auditor"] = "public"
    cursor: Annotated[str, Field(max_length=500)] | None = None


class ExportPiece(View):
    """A piece of the text of an export: all of them in a row are one JSON document."""

    text: str
    next_cursor: str | None = None


class PollExport(View):
    """A whole poll after its close, for whoever counts again: the ledger with its signed heads,
    what was opened, the roll's marks, the certificate.

    ``services/votes/verify.py`` reads it, describes it field by field, and needs nothing else.
    """

    format: str
    poll_id: str
    entries: list[LedgerEntry]
    heads: list[SignedHead]
    choices: list[str]
    ballots: list[list[int | str]]
    roll: list[list[int | str]]
    papers: list[list[int | str | dict[str, str]]]
    certificate: dict[str, Any] | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getBulletin", "GET /polls/{id}/bulletin", SERVICE, PUBLIC, GetBulletin, Bulletin,
        "The public bulletin",
    ),
    Operation(
        "checkReceipt", "GET /receipts/{code}", SERVICE, PUBLIC, CheckReceipt, ReceiptFound,
        "Look a receipt up in the bulletin",
    ),
    Operation(
        "exportPoll", "GET /polls/{id}/export", SERVICE, PUBLIC, OfPoll, PollExport,
        "The whole poll, to be counted again",
    ),
    Operation(
        "auditPoll", "GET /polls/{id}/audit", SERVICE, holders(Role.AUDITOR), OfPoll, PollExport,
        "The whole poll with what only auditors see", audited=True,
    ),
    # Some pieces are ten thousand rows.
    Operation(
        "exportPollPart", "INTERNAL", SERVICE, PUBLIC, ExportPart, ExportPiece,
        "A piece of an export", timeout=20.0, audited=True,
    ),
)  # fmt: skip
