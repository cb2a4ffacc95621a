"""The paper desk (纸质票工作台): papers that are handed out, and come back.

A paper has two halves. The slip (回执) carries the number, and the desk checks it off when the
voter comes back; the ballot carries none, and goes into the urn. Which slips are back says who has
voted; what the urn says, says not who. Only where the rules publish choices with names, to
everybody or to auditors, is a ballot entered with its entry of the roll.

What a desk writes down while the line is down waits in its browser: every entry has a key of its
own (``entry_key``), by which it counts once, however often and however late it comes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import (
    Command,
    Id,
    Line,
    Moment,
    Operation,
    Reason,
    View,
    holders,
)
from services.contracts.operations.documents import Document
from services.contracts.operations.votes.common import DESK
from services.contracts.operations.votes.polls import OfPoll

READERS = holders(*COMMITTEE, Role.OWNERS_COMMITTEE, Role.SUPERVISOR, Role.AUDITOR)
"""Who reads the desk's figures: those who count, and those who watch them."""

PaperNo = Annotated[str, StringConstraints(pattern=r"^\d{4,7}-[0-9A-Z]{2}$")]
"""The number on a slip: a serial of the poll, and two signs that a wrong one does not have."""

PaperState = Literal["out", "returned", "spoiled", "taken_back"]
PaperAct = Literal["issue", "return", "spoil", "take_back", "reopen"]
"""What the desk does with the paper of an entry."""


class Keyed(Command):
    """An entry of the desk; ``entry_key`` is the desk's own name of it."""

    entry_key: Id | None = None


class IssuePaper(Keyed):
    """Hand out papers: each reserves its entry of the roll. All of them, or none.

    ``subject_id`` for one voter, ``subject_ids`` for a round of visits (上门投票).
    """

    id: Id
    subject_id: Id | None = None
    subject_ids: Annotated[list[Id], Field(max_length=200)] = []


class OfPaper(Keyed):
    """A paper by the number on its slip; ``at`` is when it happened, if not just now."""

    id: Id
    paper: PaperNo
    at: Moment | None = None


class ReturnPaper(OfPaper):
    """The voter gave her paper back: the slip is checked off, then the ballot goes into the urn.

    Where the paper takes the place of a vote cast online, ``witnesses`` are the two who saw it, and
    a photo shows it.
    """

    witnesses: Annotated[list[Line], Field(max_length=2)] = []
    photo_ids: Annotated[list[Id], Field(max_length=5)] = []


class ReopenPaper(OfPaper):
    """The slip was checked off by mistake: it is out again."""

    reason: Reason


class Paper(View):
    """A paper that was handed out."""

    paper: str
    serial: int
    subject_id: str
    building: str
    place: str
    state: PaperState
    issued_at: datetime


class Papers(View):
    """The papers that were handed out just now, in the order in which they were asked for."""

    papers: list[Paper]


class DeskBuilding(View):
    """The papers of a building. ``late`` were settled in the books only after voting ended."""

    building: str
    roll: int
    issued: int
    out: int
    returned: int
    spoiled: int
    taken_back: int
    late: int


class PaperLine(View):
    """A line of the reconciliation (对账): what the register says, and what the sheet does."""

    sheet: int | None
    buildings: list[str]
    line: str
    register_says: str
    sheet_says: str
    agrees: bool


class PaperDesk(View):
    """How many papers are where.

    Each line of the reconciliation must agree before there is a result. Three days after the close
    it is enough that over all urns what was counted is what came back; the lines that disagree are
    told with the result.

    ``issued`` are the papers that were handed out and not taken back unused.
    """

    poll_id: str
    buildings: list[DeskBuilding]
    issued: int
    out: int
    returned: int
    spoiled: int
    sheets_open: int
    lines: list[PaperLine]
    reconciled: bool


Act = Literal[
    "issue", "return", "spoil", "take_back", "reopen", "enter", "confirm", "counter", "drop"
]


class QueuedEntry(Command):
    """An entry that waited in the desk's queue: ``body`` is what its own operation takes."""

    entry_key: Id
    act: Act
    body: dict[str, Any]


class SyncPaper(Command):
    """What waited in the desk's queue, in its order. Each entry gets its own result."""

    id: Id
    entries: Annotated[list[QueuedEntry], Field(min_length=1, max_length=100)]


class SyncRefusal(View):
    """Why an entry was not taken; it may be mended and sent under a new key."""

    code: str
    zh: str
    en: str
    errors: list[dict[str, str]]


class SyncResult(View):
    """What became of an entry: ``done``, ``before`` (it was done already) or ``refused``."""

    entry_key: str
    outcome: Literal["done", "before", "refused"]
    result: dict[str, Any] | None = None
    refusal: SyncRefusal | None = None


class SyncResults(View):
    """A result for each entry, in the order of the entries."""

    results: list[SyncResult]


class GetBallotPapers(Command):
    """Ballots to print: for the papers that are out, of a building or of a span of serials."""

    id: Id
    format: Literal["pdf"]
    building: Line | None = None
    first: Annotated[int, Field(ge=1, le=9_999_999)] = 1
    last: Annotated[int, Field(ge=1, le=9_999_999)] = 9_999_999


class GetIssueRegister(Command):
    """The register of a building to print: who is on the roll, and who got which paper."""

    id: Id
    format: Literal["pdf"]
    building: Line


class GetTallySheet(Command):
    """A sheet to fill by hand, for the urn of these buildings."""

    id: Id
    format: Literal["pdf"]
    building: Line | None = None


class GetPollPoster(OfPoll):
    """The notice for the board: what is voted on, when, how, and the hashes to compare with."""

    format: Literal["pdf"]


_OF_PAPER = "/polls/{id}/papers/{paper}"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "issuePaper", "POST /polls/{id}/paper-issues", "votes", DESK, IssuePaper, Papers,
        "Hand out paper ballots", status=201,
    ),
    Operation(
        "returnPaper", f"POST {_OF_PAPER}/return", "votes", DESK, ReturnPaper, Paper,
        "Check off the slip of a paper that came back",
    ),
    Operation(
        "spoilPaper", f"POST {_OF_PAPER}/spoiling", "votes", DESK, OfPaper, Paper,
        "A paper was spoiled; the voter may get another",
    ),
    Operation(
        "takeBackPaper", f"POST {_OF_PAPER}/taking-back", "votes", DESK, OfPaper, Paper,
        "A paper came back unused; the voter may vote otherwise",
    ),
    Operation(
        "reopenPaper", f"POST {_OF_PAPER}/reopening", "votes", DESK, ReopenPaper, Paper,
        "A slip was checked off by mistake",
    ),
    Operation(
        "listPaperDesk", "GET /polls/{id}/paper-desk", "votes", READERS, OfPoll, PaperDesk,
        "The papers of a poll in figures",
    ),
    Operation(
        "syncPaper", "POST /polls/{id}/paper-entries", "votes", DESK, SyncPaper, SyncResults,
        "Take what waited in the desk's queue", timeout=20.0,
    ),
    Operation(
        "getBallotPapers", "GET /polls/{id}/ballot-papers.{format}", "votes", DESK,
        GetBallotPapers, Document, "Ballots to print",
    ),
    Operation(
        "getIssueRegister", "GET /polls/{id}/issue-register.{format}", "votes", DESK,
        GetIssueRegister, Document, "The register of papers to print", audited=True,
    ),
    Operation(
        "getTallySheet", "GET /polls/{id}/tally-sheet.{format}", "votes", DESK, GetTallySheet,
        Document, "A tally sheet to print",
    ),
    Operation(
        "getPollPoster", "GET /polls/{id}/notice.{format}", "votes", READERS, GetPollPoster,
        Document, "The notice of a poll to print",
    ),
)  # fmt: skip
