"""Tally sheets (计票单): what was found in the urns, entered by two people."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.contracts.events import Attachment
from services.contracts.operations.base import (
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
)
from services.contracts.operations.votes.common import DESK, Count
from services.contracts.operations.votes.paper import READERS, Keyed

SheetState = Literal["entered", "recount", "confirmed", "replaced", "dropped"]
PaperChoice = Literal["for", "against", "abstain", "invalid"]
Heads = Annotated[str, StringConstraints(pattern=r"^\d{1,9}/[1-9]\d{0,8}$")]


class PaperWeight(Command):
    """What the ballots of one choice weigh: ``area`` in hundredths of m², ``heads`` as n/d."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    area: Annotated[int, Field(ge=0, le=10**12)] = 0
    heads: Heads = "0/1"


class PaperBallot(Command):
    """A ballot that carries a name: whose entry it is, and what it says."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    subject_id: Id
    choice: PaperChoice


class PaperCounts(Keyed):
    """A sheet of one urn: issued = returned + spoiled + unreturned, and what lay in the urn.

    ``invalid`` are ballots in the urn that say nothing clear (废票); ``spoiled`` those that were
    given back at the desk for a new one. ``buildings`` are those whose ballots the urn holds.
    ``weights`` belong to a secret poll that weighs by area or heads, ``ballots`` to one whose
    choices carry names.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    buildings: Annotated[list[Line], Field(min_length=1, max_length=200)]
    issued: Count
    returned: Count
    spoiled: Count
    unreturned: Count
    for_: Annotated[Count, Field(alias="for")]
    against: Count
    abstain: Count
    invalid: Count = 0
    weights: dict[PaperChoice, PaperWeight] = {}
    ballots: Annotated[list[PaperBallot], Field(max_length=2_000)] = []


class EnterPaper(PaperCounts):
    """The first person enters a sheet, with a photo of it as it was signed."""

    id: Id
    photo_ids: Annotated[list[Id], Field(min_length=1, max_length=5)]


class ConfirmPaper(PaperCounts):
    """A second person enters the same sheet from the paper, without seeing what the first entered.

    Where the two differ both are told on which lines, and it is counted anew: the next who enters
    it is the first of a new round.
    """

    id: Id


class CounterPaper(PaperCounts):
    """A sheet that takes the place of a confirmed one; that one stays in the books, reversed."""

    id: Id
    photo_ids: Annotated[list[Id], Field(min_length=1, max_length=5)]
    reason: Reason


class DropPaper(Keyed):
    """Give up a sheet that was never confirmed."""

    id: Id
    reason: Reason


class PaperSums(View):
    """What a confirmed sheet says. ``weights`` are there where the poll weighs votes."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    issued: int
    returned: int
    spoiled: int
    unreturned: int
    for_: int = Field(alias="for")
    against: int
    abstain: int
    invalid: int
    weights: dict[PaperChoice, PaperWeight] = {}


class PaperTally(View):
    """A sheet. Its numbers are shown once two people have entered the same.

    ``differ`` are the lines on which the last two differed; ``replaces`` is the sheet in whose
    place this one is put, and ``reason`` why.
    """

    id: str
    poll_id: str
    number: int
    state: SheetState
    round: int
    buildings: list[str]
    replaces: str | None
    reason: str | None
    differ: list[str]
    counts: PaperSums | None
    photos: list[Attachment]
    entered_by_me: bool
    created_at: datetime
    confirmed_at: datetime | None


class ListTallies(ListCommand):
    """The sheets of a poll, the newest first."""

    id: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "enterPaper", "POST /polls/{id}/paper-tallies", "votes", DESK, EnterPaper, PaperTally,
        "Enter a sheet of paper ballots", status=201,
    ),
    Operation(
        "confirmPaper", "POST /paper-tallies/{id}/confirmation", "votes", DESK, ConfirmPaper,
        PaperTally, "Confirm a sheet of paper ballots",
    ),
    Operation(
        "counterPaper", "POST /paper-tallies/{id}/counter-entry", "votes", DESK, CounterPaper,
        PaperTally, "Put a sheet in the place of a confirmed one", status=201,
    ),
    Operation(
        "dropPaper", "POST /paper-tallies/{id}/dropping", "votes", DESK, DropPaper, PaperTally,
        "Give up a sheet that was never confirmed",
    ),
    Operation(
        "listTallies", "GET /polls/{id}/paper-tallies", "votes", READERS, ListTallies,
        Page[PaperTally], "The sheets of a poll",
    ),
)  # fmt: skip
