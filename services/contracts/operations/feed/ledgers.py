"""Disclosed accounts: the village's collective, common income of an estate, its maintenance fund.

Amounts are yuan as decimal text ("1280.50"), so that nobody reckons them in binary fractions.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    check_storable,
)
from services.contracts.operations.feed.common import (
    AsSheet,
    AttachmentView,
    Author,
    Note,
    OfPost,
    Sheet,
)

LedgerKind = Literal["collective", "public_income", "maintenance_fund"]
LedgerState = Literal["draft", "published"]
Section = Literal["income", "spending", "asset", "liability"]
Yuan = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}(\.[0-9]{1,2})?$")]
SignedYuan = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,11}(\.[0-9]{1,2})?$")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(check_storable)
]
MOST_LINES = 2_000


class PutLedger(OfPost):
    """Begin an account on a post, or change its head while it is a draft."""

    kind: LedgerKind
    title: Line
    starts_on: date
    ends_on: date
    opening: SignedYuan = "0"


class LineOfLedger(View):
    """One line as it is written; ``party`` is who paid or was paid."""

    section: Section
    on_date: date
    subject: Line
    amount: Yuan
    party: Words = ""
    note: Words = ""
    attachments: list[Id] = Field(default_factory=list, max_length=3)


class PutLedgerLines(OfPost):
    """All lines of a draft, in this order."""

    lines: list[LineOfLedger] = Field(max_length=MOST_LINES)


class CorrectLedgerLine(OfPost):
    """Cancel a line of a published account, and put ``line`` in its place when given."""

    number: int = Field(ge=1, le=1_000_000)
    reason: Reason
    line: LineOfLedger | None = None


class CheckLedger(OfPost):
    """The supervisory committee (村务监督委员会, 居务监督委员会) says that it has looked."""

    note: Note = ""


class ListLedgers(ListCommand):
    """The accounts of a community, the latest period first: the published ones, or drafts.

    A draft is shown to the office that keeps it.
    """

    cid: Id
    kind: LedgerKind | None = None
    state: LedgerState = "published"


class ListLedgerLines(ListCommand):
    """The lines of an account in their order."""

    id: Id
    section: Section | None = None


class ExportLedger(OfPost, AsSheet):
    """An account as a table."""


class LedgerCheck(View):
    """Who of the supervisory committee has looked, and what they say."""

    by: Author
    at: datetime
    note: str


class Ledger(View):
    """An account of a period. ``closing`` is opening plus income less spending.

    ``corrected`` counts cancelled lines. ``may_write``, ``may_publish``, ``may_correct`` and
    ``may_check`` say what the caller may do.
    """

    post_id: str
    community_id: str
    module: str
    kind: LedgerKind
    title: str
    starts_on: date
    ends_on: date
    state: LedgerState
    opening: str
    income: str
    spending: str
    closing: str
    assets: str
    liabilities: str
    lines: int
    corrected: int
    published_at: datetime | None
    check: LedgerCheck | None
    may_write: bool = False
    may_publish: bool = False
    may_correct: bool = False
    may_check: bool = False


class LedgerLine(View):
    """One line. ``cancels`` names the line that it takes back, ``cancelled`` that it was."""

    number: int
    section: Section
    on_date: date
    subject: str
    amount: str
    party: str
    note: str
    attachments: list[AttachmentView]
    cancels: int | None
    cancelled: bool


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "putLedger",
        "PUT /posts/{id}/ledger",
        service="feed",
        who=NEIGHBOUR,
        command=PutLedger,
        result=Ledger,
        summary="Begin an account, or change its head",
    ),
    Operation(
        "putLedgerLines",
        "PUT /posts/{id}/ledger/lines",
        service="feed",
        who=NEIGHBOUR,
        command=PutLedgerLines,
        result=Ledger,
        summary="The lines of a draft",
    ),
    Operation(
        "publishLedger",
        "POST /posts/{id}/ledger/publication",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=Ledger,
        summary="Publish an account; from then on it is only corrected",
    ),
    Operation(
        "correctLedgerLine",
        "POST /posts/{id}/ledger/corrections",
        service="feed",
        who=NEIGHBOUR,
        command=CorrectLedgerLine,
        result=Ledger,
        status=201,
        summary="Cancel a line of a published account, with a reason",
    ),
    Operation(
        "checkLedger",
        "PUT /posts/{id}/ledger/check",
        service="feed",
        who=NEIGHBOUR,
        command=CheckLedger,
        result=Ledger,
        summary="The supervisory committee has looked",
    ),
    Operation(
        "getLedger",
        "GET /posts/{id}/ledger",
        service="feed",
        who=PERSON,
        command=OfPost,
        result=Ledger,
        summary="An account with its sums",
    ),
    Operation(
        "listLedgerLines",
        "GET /posts/{id}/ledger/lines",
        service="feed",
        who=PERSON,
        command=ListLedgerLines,
        result=Page[LedgerLine],
        summary="The lines of an account",
    ),
    Operation(
        "exportLedger",
        "GET /posts/{id}/ledger/export",
        service="feed",
        who=PERSON,
        command=ExportLedger,
        result=Sheet,
        summary="An account as a table",
    ),
    Operation(
        "listLedgers",
        "GET /communities/{cid}/ledgers",
        service="feed",
        who=PERSON,
        command=ListLedgers,
        result=Page[Ledger],
        summary="The accounts of a community",
    ),
)
