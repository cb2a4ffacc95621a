"""The roll (表决人名册): who may vote, what was changed in it, and the proof that I am on it."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from services.contracts.operations.base import (
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    Text,
    View,
)
from services.contracts.operations.identity.electorates import Doubt, SubjectKind
from services.contracts.operations.votes.common import DESK
from services.contracts.operations.votes.paper import PaperAct, PaperNo, PaperState
from services.contracts.operations.votes.polls import OfPoll

EntryState = Literal["free", "online", "paper_out", "paper", "proxy", "struck", "absent"]

Searched = Annotated[Text, Field(min_length=1, max_length=50)]


class RollChange(View):
    """A change of the roll before it was frozen; it names nobody."""

    id: str
    kind: Literal["added", "struck", "restored"]
    reason: str
    objection_id: str | None
    at: datetime


class RollBuilding(View):
    """How many entries a building has."""

    building: str
    entries: int


class RollKind(View):
    """How many entries are of a kind."""

    kind: SubjectKind
    entries: int


class RollDoubt(View):
    """How many entries are counted in although something is not known of them."""

    doubt: Doubt
    entries: int


class Roll(View):
    """The roll as everybody may see it: sizes, changes, and a hash that holds it fast.

    ``hash`` is the Merkle root (RFC 6962) over all lines, each with its own salt; until the roll is
    ``frozen`` it changes with every change. ``area`` is in m², ``heads`` as n/d. While it is being
    drawn, ``drawn`` entries have come of ``expected`` (null: nobody knows yet); ``drawn_at`` is the
    moment of the register that it shows.
    """

    poll_id: str
    state: Literal["drawing", "published", "frozen"]
    hash: str
    size: int
    households: int
    area: str
    heads: str
    kinds: list[RollKind]
    buildings: list[RollBuilding]
    doubts: list[RollDoubt]
    changes: list[RollChange]
    drawn: int = 0
    expected: int | None = None
    drawn_at: datetime | None = None


class RollProof(View):
    """The proof that an entry of mine is in the roll.

    The leaf is the hash of ``salt|line``, ``line`` being ``code|kind|area|heads`` with the area in
    hundredths of m²; ``path`` leads from the leaf at ``index`` up to the root.
    """

    subject_id: str
    line: str
    salt: str
    index: int
    path: list[str]


class RollProofs(View):
    """All entries that I may vote for, against the roll's hash of now."""

    poll_id: str
    hash: str
    size: int
    items: list[RollProof]


NAMED_AT_ONCE: Final = 50
"""Entries that are told with names at once."""


class FindOnRoll(ListCommand):
    """Entries for the desk, by building, place, state, name, code, or the number on a slip; a name
    finds others of the register, too.

    Without ``names`` nobody is named, and ten times as many come at once: the list that a desk
    keeps for when its line is down.
    """

    id: Id
    limit: int = Field(default=20, ge=1, le=500)
    building: Searched | None = None
    place: Searched | None = None
    name: Searched | None = Field(default=None, repr=False)
    code: Id | None = None
    paper: PaperNo | None = None
    state: EntryState | None = None
    names: bool = True


class DeskPaper(View):
    """The paper that was handed out last for an entry. ``instead``: a vote stands online, whose
    place it takes when it comes back."""

    paper: str
    state: PaperState
    instead: bool
    issued_at: datetime


class DeskEntry(View):
    """An entry as the desk sees it, with the state it is in; one that is ``absent`` has no
    ``subject_id`` and can be added by its ``ref``. ``names`` are masked, and missing while identity
    cannot be asked. ``acts`` is what can be done now with its paper, or for a paper of its own."""

    subject_id: str | None
    ref: str
    kind: SubjectKind
    building: str
    place: str
    state: EntryState
    area: str
    heads: str
    doubt: Doubt
    names: list[str]
    birth_years: list[int | None]
    paper: DeskPaper | None = None
    acts: list[PaperAct] = []


class DeskTurnout(View):
    """How many entries of a building have voted, and how many have a paper."""

    building: str
    roll: int
    voted: int
    paper_out: int


class RollTurnout(View):
    """The turnout building by building."""

    buildings: list[DeskTurnout]


class AddRollEntry(Command):
    """Somebody was left out: ``ref`` is that of the register; the reason is public."""

    id: Id
    ref: Id
    reason: Reason
    objection_id: Id | None = None


class StrikeRollEntry(Command):
    """Somebody does not belong on the roll; the reason is public."""

    id: Id
    subject_id: Id
    reason: Reason
    objection_id: Id | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listRoll", "GET /polls/{id}/roll", "votes", PERSON, OfPoll, Roll,
        "The roll of a poll: sizes, changes, hash",
    ),
    Operation(
        "listMyRollEntries", "GET /polls/{id}/roll/mine", "votes", PERSON, OfPoll, RollProofs,
        "The proof that I am on the roll",
    ),
    Operation(
        "findOnRoll", "GET /polls/{id}/roll/entries", "votes", DESK, FindOnRoll, Page[DeskEntry],
        "Find entries of the roll at the desk",
    ),
    Operation(
        "getRollTurnout", "GET /polls/{id}/roll/turnout", "votes", DESK, OfPoll, RollTurnout,
        "The turnout building by building",
    ),
    Operation(
        "addRollEntry", "POST /polls/{id}/roll/additions", "votes", DESK, AddRollEntry, RollChange,
        "Add somebody who was left out of the roll", status=201,
    ),
    Operation(
        "strikeRollEntry", "POST /polls/{id}/roll/strikes", "votes", DESK, StrikeRollEntry,
        RollChange, "Strike somebody off the roll", status=201,
    ),
)  # fmt: skip
