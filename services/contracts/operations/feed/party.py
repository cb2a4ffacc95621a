"""The party garden (党建园地): reporting, study, pledges under the neighbours' eyes."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    check_storable,
)
from services.contracts.operations.feed.common import (
    AttachmentView,
    Author,
    OfCommunity,
    OfPost,
    Photos,
)

ShortNote = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(check_storable)
]
CheckInKind = Literal["resident", "in_service"]

# -- what the caller asks for ---------------------------------------------------------------


class CheckInParty(OfCommunity):
    """Report as a Party member where I live (报到); again to change what I said.

    ``in_service`` (在职党员) is who belongs to a branch at work. ``offers`` is what I can do for
    the neighbours. The committee and fellow members see it; neighbours only while I show the badge.
    """

    kind: CheckInKind
    offers: ShortNote = ""


class ListOfGarden(ListCommand):
    """A list of one community's party garden."""

    cid: Id


class ListOfItem(ListCommand):
    """A list that belongs to one post."""

    id: Id


class CompleteStudy(OfPost):
    """I have studied this item; again to change the note."""

    note: ShortNote = ""


class ListPledges(ListOfGarden):
    """The pledges of a community, the newest first."""


class OfKeeper(OfPost):
    """Concerning a neighbour whom the author of a pledge named to keep it with her."""

    person_id: Id


class RecordDeed(OfPost):
    """What was done for a pledge on a day."""

    on_date: date
    note: Reason
    attachments: Photos = Field(default_factory=list)


class OfDeed(Command):
    """Concerning one record."""

    id: Id


class WitnessDeed(OfDeed):
    """Whether I saw it done; said by name, and again to change it."""

    seen: bool
    note: ShortNote = ""


class ListWitnesses(ListCommand):
    """Who saw something done, or did not."""

    id: Id


# -- what the caller gets -------------------------------------------------------------------


class PartyCheckIn(View):
    """A Party member who has reported."""

    person: Author
    kind: CheckInKind
    offers: str
    mine: bool
    checked_in_at: datetime


class MyPartyCheckIn(View):
    """What I said when I reported."""

    kind: CheckInKind
    offers: str
    checked_in_at: datetime


class PartyCheckIns(Page[PartyCheckIn]):
    """Who has reported, the latest first, as far as the caller may see it.

    ``number`` counts all; neighbours get it in full tens, or not at all.
    """

    number: int | None
    mine: MyPartyCheckIn | None


class Completion(View):
    """That somebody has studied an item."""

    post_id: str
    note: str
    at: datetime


class CompletionOf(View):
    """Who has studied an item."""

    person: Author
    note: str
    at: datetime


class StudyItem(View):
    """Something to study, until ``until`` if it says so, and how far it was studied.

    ``number`` and ``mine`` as in getStudyProgress.
    """

    post_id: str
    title: str
    created_at: datetime
    until: datetime | None
    number: int | None
    mine: Completion | None


class StudyProgress(Page[CompletionOf]):
    """How far an item was studied: who has, for the committee; to others a number, and my own.

    Neighbours get ``number`` in full tens, or not at all.
    """

    number: int | None
    mine: Completion | None


class Deed(View):
    """Something done for a pledge; ``seen`` and ``not_seen`` count the neighbours who say so."""

    id: str
    post_id: str
    on_date: date
    note: str
    attachments: list[AttachmentView]
    by: Author
    at: datetime
    seen: int
    not_seen: int
    seen_by_me: bool | None


class KeptPromise(View):
    """Days that the schedule made due until yesterday, those with a record, and their share of 1.

    ``missed`` are days without a record, the latest first, at most thirty.
    """

    due: int
    kept: int
    share: str | None
    missed: list[date]


class Deeds(Page[Deed]):
    """What was done for a pledge, the latest day first, and how it was kept."""

    promise: KeptPromise
    keepers: list[Author]
    may_record: bool


class Pledge(View):
    """A pledge as a list tells it: who made it, how it was kept, what was done the last time.

    ``deeds`` counts the records, ``seen`` how often neighbours saw it done; ``last_on`` is the
    latest day that something was recorded for.
    """

    post_id: str
    title: str
    by: Author
    mine: bool
    said_at: datetime
    extra: dict[str, JsonValue]
    promise: KeptPromise
    keepers: int
    deeds: int
    seen: int
    last_on: date | None


class Keepers(View):
    """Who keeps a pledge with its author."""

    keepers: list[Author]


class Witness(View):
    """A neighbour's word on a record."""

    person: Author
    seen: bool
    note: str
    at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "checkInParty",
        "PUT /communities/{cid}/party/check-in",
        service="feed",
        who=NEIGHBOUR,
        command=CheckInParty,
        result=MyPartyCheckIn,
        summary="Report as a Party member",
    ),
    Operation(
        "leaveParty",
        "DELETE /communities/{cid}/party/check-in",
        service="feed",
        who=PERSON,
        command=OfCommunity,
        result=Empty,
        summary="Take my report as a Party member back",
        own=True,
    ),
    Operation(
        "listPartyCheckIns",
        "GET /communities/{cid}/party/check-ins",
        service="feed",
        who=PERSON,
        command=ListOfGarden,
        result=PartyCheckIns,
        summary="Who has reported as a Party member",
    ),
    Operation(
        "completeStudy",
        "PUT /posts/{id}/completion",
        service="feed",
        who=NEIGHBOUR,
        command=CompleteStudy,
        result=Completion,
        summary="I have studied an item",
    ),
    Operation(
        "withdrawCompletion",
        "DELETE /posts/{id}/completion",
        service="feed",
        who=PERSON,
        command=OfPost,
        result=Empty,
        summary="I have not studied an item",
        own=True,
    ),
    Operation(
        "getStudyProgress",
        "GET /posts/{id}/completions",
        service="feed",
        who=PERSON,
        command=ListOfItem,
        result=StudyProgress,
        summary="How far an item was studied",
    ),
    Operation(
        "listStudies",
        "GET /communities/{cid}/party/studies",
        service="feed",
        who=PERSON,
        command=ListOfGarden,
        result=Page[StudyItem],
        summary="What there is to study, and how far it was studied",
    ),
    Operation(
        "nameKeeper",
        "PUT /posts/{id}/keepers/{person_id}",
        service="feed",
        who=NEIGHBOUR,
        command=OfKeeper,
        result=Keepers,
        summary="Name a neighbour who keeps a pledge with me",
    ),
    Operation(
        "removeKeeper",
        "DELETE /posts/{id}/keepers/{person_id}",
        service="feed",
        who=NEIGHBOUR,
        command=OfKeeper,
        result=Keepers,
        summary="Somebody keeps a pledge with its author no more",
    ),
    Operation(
        "listPledges",
        "GET /communities/{cid}/pledges",
        service="feed",
        who=PERSON,
        command=ListPledges,
        result=Page[Pledge],
        summary="The pledges of a community, and how they are kept",
    ),
    Operation(
        "recordDeed",
        "POST /posts/{id}/deeds",
        service="feed",
        who=NEIGHBOUR,
        command=RecordDeed,
        result=Deed,
        status=201,
        summary="Record what was done for a pledge",
    ),
    Operation(
        "listDeeds",
        "GET /posts/{id}/deeds",
        service="feed",
        who=PERSON,
        command=ListOfItem,
        result=Deeds,
        summary="What was done for a pledge, and how it was kept",
    ),
    Operation(
        "witnessDeed",
        "PUT /deeds/{id}/witness",
        service="feed",
        who=NEIGHBOUR,
        command=WitnessDeed,
        result=Deed,
        summary="Say whether I saw it done",
    ),
    Operation(
        "listWitnesses",
        "GET /deeds/{id}/witnesses",
        service="feed",
        who=PERSON,
        command=ListWitnesses,
        result=Page[Witness],
        summary="Who saw it done, or did not",
    ),
)
