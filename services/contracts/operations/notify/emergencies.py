"""An emergency (应急): everybody is told at once, every household is heard of, nobody is forgotten.

::

    called ──▶ open ──▶ closed ──30 days──▶ forgotten: the report keeps its counts
                │ told again, to all or to the silent; answers by phone, ticks at the doors

Of an estate, a building or a whole community; a town or a district can be told, but nobody there is
asked for an answer. A drill (演练) says so wherever it is shown, and is told as ordinary news.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import (
    PERSON,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    View,
    check_storable,
    holders,
)
from services.contracts.operations.documents import Document, DocumentForm
from services.contracts.operations.identity.doors import CALLERS

READERS = CALLERS | {Role.OBSERVER, Role.DISTRICT_ANALYST, Role.AUDITOR}
"""Who reads the figures of an emergency; whoever only watches sees nothing else of it."""
FEWEST: Final = 10
"""Of fewer households nothing is told by itself to whoever only watches."""
AT_THE_DOOR = COMMITTEE | {Role.COMMUNITY_POLICE, Role.GRID_OPERATOR}
"""Who is shown the doors: of these, whoever serves in the community itself."""
ABOVE = frozenset({Role.TOWN_ADMIN, Role.DISTRICT_ADMIN})

Scope = Literal["building", "estate", "community", "town", "district"]
Answer = Literal["safe", "help"]
DoorState = Literal["silent", "safe", "help", "absent", "moved"]
Ticked = Literal["safe", "help", "absent", "moved"]
Need = Literal["medical", "trapped", "supplies", "alone", "other"]
"""``medical`` · ``trapped`` · ``supplies`` medicine or food · ``alone`` an old person or a child
who is alone · ``other``."""
ToWhom = Literal["all", "silent"]
DoorsState = Literal["none", "reading", "ready", "lost"]
"""The list of doors: there is none, it is being read from the register, it is whole, or it could
not be read to its end and has to be taken again."""

Headline = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    AfterValidator(check_storable),
]
Message = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(check_storable),
]
Note = Line


class Calling(Command):
    """What is called out. Against a slip of the finger it takes two steps.

    As a ``dry_run``, which it is unless said otherwise, nothing happens but that the answer tells
    how many would be told, and a ``confirm``. With that, the same call is made within ten minutes.
    """

    title: Headline
    message: Message
    drill: bool = False
    dry_run: bool = True
    confirm: Annotated[str, StringConstraints(max_length=64)] | None = None


class CallEmergency(Calling):
    """Call an emergency of a community, or of ``place_id``, an estate or a building in it."""

    cid: Id
    place_id: Id | None = None


class CallDistrictEmergency(Calling):
    """Tell a whole district, or one town of it."""

    did: Id
    town_id: Id | None = None


class Headcount(View):
    """Households by what is known of them, and how many people live in each kind.

    ``withheld``: there are fewer than ten households, and the reader only watches: how many there
    are is all that is told.
    """

    households: int = 0
    people: int = 0
    silent: int = 0
    safe: int = 0
    help: int = 0
    absent: int = 0
    moved: int = 0
    people_silent: int = 0
    people_safe: int = 0
    people_help: int = 0
    withheld: bool = False


class BuildingCount(Headcount):
    """The households of a building; of none are those whose address is not known.

    To whoever only watches buildings of fewer than ten households are told together, under the
    name of their estate; where those are too few still, under none.
    """

    building: str


class Emergency(View):
    """An emergency. ``told`` is how many accounts the call has reached by now."""

    id: str
    scope: Scope
    community_id: str | None
    place: str
    title: str
    message: str
    drill: bool
    state: Literal["open", "closed"]
    called_by_role: str
    called_at: datetime
    closed_at: datetime | None
    told: int
    doors: DoorsState
    doors_as_of: datetime | None


class CalledEmergency(View):
    """What was called, or, of a dry run, what would be: how many are told, and how to confirm it.

    ``households`` and ``people`` are null where they are not asked, or identity cannot say.
    """

    emergency: Emergency | None
    told: int
    households: int | None
    people: int | None
    confirm: str | None


class OfEmergency(Command):
    """One emergency."""

    id: Id


class ListEmergencies(ListCommand):
    """The emergencies of a community and those called above it, newest first."""

    cid: Id
    state: Literal["open", "closed"] | None = None


class ListDistrictEmergencies(ListCommand):
    """The emergencies in a district, or in one town of it, newest first."""

    did: Id
    town_id: Id | None = None
    state: Literal["open", "closed"] | None = None


class EmergencyFigures(Emergency):
    """An emergency with what is known of its households.

    ``may_lead``: the reader may tell more of it and end it. ``may_knock``: the doors are shown to
    her, and she may say what she found there.
    """

    headcount: Headcount
    may_lead: bool = False
    may_knock: bool = False


class BuildingCounts(View):
    """What is known, building by building, in their order; ``total`` is the sum of all."""

    total: Headcount
    buildings: list[BuildingCount]


class TellEmergency(OfEmergency):
    """Tell everybody concerned again, or only those of whom nothing was heard."""

    text: Message
    to: ToWhom = "all"


class Broadcast(View):
    """Something that was told. ``told`` grows until ``done``."""

    id: str
    kind: Literal["call", "update", "all_clear"]
    to: ToWhom
    text: str
    by_role: str
    at: datetime
    told: int
    done: bool


class CloseEmergency(OfEmergency):
    """It is over: everybody concerned is told so."""

    text: Message


class AnswerEmergency(OfEmergency):
    """I am safe, or I need help. ``whole``: this goes for all of us at home.

    Sent again it changes nothing; the last one counts. A call for help is ended by whoever made it,
    or by whoever was at the door.
    """

    state: Answer
    need: Need | None = None
    note: Note | None = Field(default=None, repr=False)
    whole: bool = True


class MyAnswer(View):
    """What I said."""

    state: Answer
    need: Need | None
    note: str | None = Field(repr=False)
    whole: bool
    at: datetime


class MyEmergency(View):
    """An emergency that concerns me. ``latest`` is what was told last.

    ``asked``: an answer is waited for. ``household`` is what is known of us all at home.
    """

    id: str
    scope: Scope
    place: str
    title: str
    message: str
    latest: str
    drill: bool
    state: Literal["open", "closed"]
    called_at: datetime
    closed_at: datetime | None
    asked: bool
    answer: MyAnswer | None
    household: DoorState | None


class MyEmergencies(View):
    """Those that are open, and those closed within the last week, newest first."""

    items: list[MyEmergency]


class ListMyEmergencies(Command):
    """What concerns me."""


class NeedCount(View):
    """How many households asked for this help."""

    need: Need
    households: int


class EmergencyReport(View):
    """The report: counts alone. ``final``: the households themselves are forgotten.

    ``heard_within`` are the households heard of within so many minutes of the call; ``by_phone``
    and ``at_the_door`` say how; ``late`` asked for help after the end.
    """

    emergency: Emergency
    as_of: datetime
    final: bool
    headcount: Headcount
    buildings: list[BuildingCount]
    needs: list[NeedCount]
    heard_within: dict[str, int]
    by_phone: int
    at_the_door: int
    late: int
    broadcasts: list[Broadcast]


class GetEmergencyReportFile(OfEmergency):
    """The report to keep."""

    format: DocumentForm


_CALLERS, _READERS = holders(*CALLERS), holders(*READERS)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "callEmergency", "POST /communities/{cid}/emergencies", "notify", _CALLERS,
        CallEmergency, CalledEmergency, "Call an emergency, in two steps", timeout=15.0,
    ),
    Operation(
        "callDistrictEmergency", "POST /districts/{did}/emergencies", "notify", holders(*ABOVE),
        CallDistrictEmergency, CalledEmergency, "Tell a district or a town, in two steps",
        timeout=15.0,
    ),
    Operation(
        "listEmergencies", "GET /communities/{cid}/emergencies", "notify", _READERS,
        ListEmergencies, Page[Emergency], "The emergencies of a community",
    ),
    Operation(
        "listDistrictEmergencies", "GET /districts/{did}/emergencies", "notify", _READERS,
        ListDistrictEmergencies, Page[Emergency], "The emergencies in a district",
    ),
    Operation(
        "getEmergency", "GET /emergencies/{id}", "notify", _READERS, OfEmergency,
        EmergencyFigures, "An emergency and its headcount",
    ),
    Operation(
        "getHeadcount", "GET /emergencies/{id}/headcount", "notify", _READERS, OfEmergency,
        BuildingCounts, "The headcount by building",
    ),
    Operation(
        "tellEmergency", "POST /emergencies/{id}/broadcasts", "notify", _CALLERS, TellEmergency,
        Broadcast, "Tell everybody, or the silent, again", status=201, timeout=15.0,
    ),
    Operation(
        "takeDoors", "POST /emergencies/{id}/doors", "notify", _CALLERS, OfEmergency, Emergency,
        "Take the list of doors again",
    ),
    Operation(
        "closeEmergency", "POST /emergencies/{id}/close", "notify", _CALLERS, CloseEmergency,
        Emergency, "End an emergency: the all-clear", timeout=15.0,
    ),
    Operation(
        "getEmergencyReport", "GET /emergencies/{id}/report", "notify", _READERS, OfEmergency,
        EmergencyReport, "The report",
    ),
    Operation(
        "getEmergencyReportFile", "GET /emergencies/{id}/report.{format}", "notify", _READERS,
        GetEmergencyReportFile, Document, "The report to keep",
    ),
    # To be safe is no taking part: an observer who lives there says it, a helper for her neighbour.
    Operation(
        "answerEmergency", "PUT /emergencies/{id}/answer", "notify", PERSON, AnswerEmergency,
        MyEmergency, "I am safe, or I need help", own=True, assisted=True,
    ),
    Operation(
        "listMyEmergencies", "GET /me/emergencies", "notify", PERSON, ListMyEmergencies,
        MyEmergencies, "The emergencies that concern me", own=True, assisted=True,
    ),
)  # fmt: skip
