"""The privacy desk: consents, who looked, a copy of everything, correction, deletion."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.events import AccessCounted
from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    AnyObject,
    Body,
    Command,
    Day,
    Empty,
    Id,
    Line,
    ListCommand,
    Moment,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    SERVICE,
    CommunityRef,
    Person,
    Short,
)

Purpose = Literal[
    "real_name",
    "address",
    "rules",
    "party_badge",
    "grid_platform",
    "assistance",
    "messages",
]
CorrectedField = Literal["real_name", "id_number"]


class ListMyAccessLog(ListCommand):
    """Who looked at my personal data?"""


class AccessLogEntry(View):
    """Somebody looked: ``what`` they saw, in which office, and why."""

    id: str
    at: datetime
    actor: Person
    actor_role: str
    community: CommunityRef | None
    what: str
    purpose: str


class ListObserverReads(ListCommand):
    """What do those read who observe in this district, and how often?

    Numbers by day, observer, operation and place; ``day`` and ``person_id`` narrow it.
    """

    did: Id
    day: Day | None = None
    person_id: Id | None = None


class ObserverReadsRow(View):
    """So many reads of one operation; ``place`` is the community or district that it named.

    A read is counted within two minutes; a process that was killed loses its last minute.
    """

    day: date
    observer: Person
    operation: str
    place: str | None
    reads: int


class ListMyReads(ListCommand):
    """What of my own looking is written down, in numbers by day, operation and place?"""


class ListCommunityReads(ListCommand):
    """What do those who observe read of this community, and how often?

    Numbers by day, observer and operation; ``day`` and ``person_id`` narrow it.
    """

    cid: Id
    day: Day | None = None
    person_id: Id | None = None


class CountReads(Command):
    """What a gateway counted of the reads that no service answers; ``telling`` is its own id."""

    telling: Id
    reads: list[AccessCounted]


class ExportMyData(Command):
    """Everything about me, in one document."""


class DeleteMe(Command):
    """Delete my account; needs a fresh login code."""

    code: Short = Field(repr=False)


class PersonalData(View):
    """Everything the platform holds about the caller, by service.

    A service that is away is named in ``missing``: ask again later for its part.
    """

    made_at: datetime
    person_id: str
    identity: dict[str, Any]
    services: dict[str, Any]
    missing: list[str]


class ExportPerson(Command):
    """Identity asks a service for all it holds about the caller (and nobody else)."""


class ListMyConsents(ListCommand):
    """The ledger of my consents, the newest first, withdrawn ones too."""


class GiveConsent(Command):
    """Consent to one purpose, by itself (PIPL art. 14, 23, 29)."""

    purpose: Purpose


class WithdrawConsent(Command):
    """Withdraw a consent; as easy as giving it (PIPL art. 15)."""

    id: Id


class ConsentView(View):
    """One consent: for what, in which words (``notice`` is the version), when, until when.

    ``needed`` ones cannot be withdrawn while a membership stands: end it, or delete the account.
    """

    id: str
    purpose: str
    text: str
    notice: str
    needed: bool
    given_at: datetime
    given_by: Person
    withdrawn_at: datetime | None = None


class RequestCorrection(Command):
    """Something about me is wrong (PIPL art. 46); the committee looks at a proof and decides."""

    field: CorrectedField
    value: Short = Field(repr=False)
    reason: Reason = Field(repr=False)


class ListMyCorrections(ListCommand):
    """The corrections that I asked for, the newest first."""


class ListCorrections(ListCommand):
    """The corrections that residents of the community ask for, the longest waiting first."""

    cid: Id
    status: Literal["pending", "approved", "refused"] = "pending"


class Correction(View):
    """A correction; old and new value are masked while it waits, and not kept afterwards."""

    id: str
    status: Literal["pending", "approved", "refused"]
    person: Person
    field: str
    old: str = Field(repr=False)
    new: str = Field(repr=False)
    reason: str = Field(repr=False)
    requested_at: datetime
    decided_at: datetime | None = None
    answer: str | None = None


class DecideCorrection(Command):
    """Approve or refuse; refusing needs an answer, which the person reads."""

    id: Id
    decision: Literal["approve", "refuse"]
    answer: Reason | None = None


class ReporterForGrid(Command):
    """The bridge asks whom it may name to the grid platform: only who consented, masked.

    Handing it over is a look of its own, in the office of the staff who escalate.
    """

    person_id: Id


class GridReporter(View):
    """The reporter for the grid platform, or nothing without a separate consent (PIPL art. 23)."""

    consented: bool
    name: str | None = Field(default=None, repr=False)
    phone: str | None = Field(default=None, repr=False)


class RecordAssessment(Command):
    """Record a personal-information impact assessment (PIPL art. 55 and 56).

    ``did`` names the district, needed by whoever administers several.
    """

    title: Line
    purpose: Body
    data_kinds: list[Line] = Field(min_length=1, max_length=30)
    risks: Body
    measures: Body
    conclusion: Literal["acceptable", "acceptable_with_measures", "not_acceptable"]
    review_at: Moment
    did: Id | None = None


class ListAssessments(ListCommand):
    """The impact assessments of the district, the newest first."""


class Assessment(View):
    """An impact assessment; kept for three years at least (PIPL art. 56)."""

    id: str
    title: str
    purpose: str
    data_kinds: list[str]
    risks: str
    measures: str
    conclusion: str
    recorded_by: Person
    recorded_at: datetime
    review_at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "exportMyData", "GET /me/export", SERVICE, PERSON, ExportMyData, PersonalData,
        "Everything about me in one document", timeout=20.0, guarded=True,
    ),
    Operation(
        "deleteMe", "DELETE /me", SERVICE, PERSON, DeleteMe, Empty, "Delete my account", own=True,
        guarded=True,
    ),
    Operation(
        "listMyAccessLog", "GET /me/access-log", SERVICE, PERSON, ListMyAccessLog,
        Page[AccessLogEntry], "Who looked at my personal data", guarded=True,
    ),
    Operation(
        "listMyConsents", "GET /me/consents", SERVICE, PERSON, ListMyConsents, Page[ConsentView],
        "My consents", guarded=True,
    ),
    Operation(
        "giveConsent", "POST /me/consents", SERVICE, PERSON, GiveConsent, ConsentView,
        "Consent to a purpose", status=201, own=True,
    ),
    Operation(
        "withdrawConsent", "DELETE /me/consents/{id}", SERVICE, PERSON, WithdrawConsent, Empty,
        "Withdraw a consent", own=True,
    ),
    Operation(
        "requestCorrection", "POST /me/corrections", SERVICE, PERSON, RequestCorrection,
        Correction, "Ask for a correction of my data", status=201, own=True, secret=True,
        guarded=True,
    ),
    Operation(
        "listMyCorrections", "GET /me/corrections", SERVICE, PERSON, ListMyCorrections,
        Page[Correction], "The corrections that I asked for", guarded=True,
    ),
    Operation(
        "listCorrections", "GET /communities/{cid}/corrections", SERVICE, COMMITTEE_ONLY,
        ListCorrections, Page[Correction], "Corrections that residents ask for", audited=True,
    ),
    Operation(
        "decideCorrection", "POST /corrections/{id}/decision", SERVICE, COMMITTEE_ONLY,
        DecideCorrection, Correction, "Decide about a correction", secret=True,
    ),
    Operation(
        "recordAssessment", "POST /impact-assessments", SERVICE, holders(Role.DISTRICT_ADMIN),
        RecordAssessment, Assessment, "Record an impact assessment", status=201,
    ),
    Operation(
        "listAssessments", "GET /impact-assessments", SERVICE,
        holders(Role.DISTRICT_ADMIN, Role.AUDITOR), ListAssessments, Page[Assessment],
        "Impact assessments",
    ),
    Operation(
        "listObserverReads", "GET /districts/{did}/observer-reads", SERVICE,
        holders(Role.DISTRICT_ADMIN, Role.AUDITOR), ListObserverReads, Page[ObserverReadsRow],
        "How often observers read what",
    ),
    Operation(
        "listCommunityReads", "GET /communities/{cid}/observer-reads", SERVICE, COMMITTEE_ONLY,
        ListCommunityReads, Page[ObserverReadsRow], "How often observers read of a community",
    ),
    Operation(
        "listMyReads", "GET /me/observer-reads", SERVICE, holders(Role.OBSERVER), ListMyReads,
        Page[ObserverReadsRow], "What of my own looking is written down",
    ),
    # Between processes only: a gateway has no account.
    Operation(
        "countReads", "INTERNAL", SERVICE, PUBLIC, CountReads, Empty,
        "How often observers read what a gateway answers alone", audited=True,
    ),
    # Between services only.
    Operation(
        "exportPerson", "INTERNAL", "*", PERSON, ExportPerson, AnyObject,
        "All that a service holds about the caller", own=True, guarded=True,
    ),
    Operation(
        "reporterForGrid", "INTERNAL", SERVICE, PERSON, ReporterForGrid, GridReporter,
        "Whom the grid platform may be told about", own=True, audited=True,
    ),
)  # fmt: skip
