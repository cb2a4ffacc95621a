"""Rule sets (表决规则): how something is decided, all of it as data.

A preset is a starting point with its source; a proposal names one and what differs from it. At the
opening of the poll the whole set is frozen with it. Every share is a fraction in whole numbers
(``"2/3"``): nothing here is ever a float.
"""

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.contracts.operations.base import Command, Id, Operation, View
from services.contracts.operations.votes.common import Preset


def _share(text: str) -> str:
    above, below = (int(part) for part in text.split("/"))
    if not 0 < above <= below:
        raise ValueError("must be above 0 and at most 1")
    return text


Share = Annotated[
    str, StringConstraints(pattern=r"^[1-9]\d{0,3}/[1-9]\d{0,3}$"), AfterValidator(_share)
]
"""A share of something, as ``n/d``."""

Days = Annotated[int, Field(ge=0, le=366)]


class Bar(View):
    """What must be reached: ``at`` itself is enough, or only more than it (``above``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Share
    above: bool = False

    @property
    def share(self) -> Fraction:
        """The share as an exact number."""
        return Fraction(self.at)


class Electorate(View):
    """Who may vote; ``within`` narrows owners to those of one node of the tree (受影响业主)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Literal[
        "residents18", "households", "representatives", "owners", "affected_owners", "villagers"
    ]
    tenants: bool = True
    migrants: bool = True
    away: bool = True
    within: Id | None = None


class Quorum(View):
    """How many must take part; a bar that is named must be reached.

    ``either`` is content with one of its bars (过半数村民或三分之二以上的户), ``dual`` wants both
    area and heads.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["none", "fraction", "dual", "either"] = "none"
    entries: Bar | None = None
    """Of the entries of the roll."""
    households: Bar | None = None
    area: Bar | None = None
    heads: Bar | None = None


class Threshold(View):
    """What carries the motion. A tie never does.

    ``cast`` reckons by votes for and against, ``present`` adds abstentions (and spoiled papers)
    where they count as present, ``roll`` everybody entitled. With weight ``dual`` both ``heads``
    and ``area`` must be reached; ``unanimous`` wants everybody of the base.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Literal["cast", "present", "roll"] = "cast"
    heads: Bar | None = None
    area: Bar | None = None
    unanimous: bool = False


class Extension(View):
    """How often, and by how many days, voting goes on when the quorum is not reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    times: Annotated[int, Field(ge=0, le=12)] = 0
    days: Days = 0


class RuleSet(View):
    """A whole rule set, as it is frozen with a poll.

    ``precedence`` says what holds when somebody voted over both channels: the first valid vote, or
    the paper (only where choices carry names: of a secret ballot nobody knows whose it is).
    ``non_voters`` counted with the majority needs a charter that says so. ``verified`` is false
    while the preset rests on law whose text of 2026 could not be read, and no administrator has
    confirmed it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Preset
    version: Annotated[int, Field(ge=1)] = 1
    electorate: Electorate
    weight: Literal["person", "household", "floor_area", "dual"] = "person"
    quorum: Quorum = Quorum()
    threshold: Threshold = Threshold(heads=Bar(at="1/2", above=True))
    abstain_is_present: bool = True
    non_voters: Literal["ignored", "with_majority"] = "ignored"
    channels: Annotated[list[Literal["online", "paper"]], Field(min_length=1, max_length=2)] = [
        "online",
        "paper",
    ]
    precedence: Literal["first", "paper"] = "first"
    change_of_vote: bool = False
    secrecy: Literal["secret", "named", "named_to_auditors"] = "secret"
    proxies: Literal["none", "written"] = "none"
    proxies_each: Annotated[int, Field(ge=0, le=100)] = 0
    """How many others somebody may vote for."""
    notice_days: Days = 7
    publicity_days: Days = 7
    objection_days: Days = 7
    """How long the notice is open to objections, and the publicity again."""
    extension: Extension = Extension()
    lock_days: Days = 0
    """For how long the same thing may not come back after it was voted down."""
    verified: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.precedence == "paper" and self.secrecy == "secret":
            raise ValueError("paper cannot take the place of a ballot that nobody can find")
        if self.change_of_vote and self.precedence == "paper":
            raise ValueError("either the voter or the paper changes a vote, not both")
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("names a channel twice")
        return self


class RuleOverrides(Command):
    """A rule set made from a preset: ``base`` and what differs from it."""

    model_config = ConfigDict(extra="allow")

    base: Preset


RuleChoice = Preset | RuleOverrides
"""How a proposal names its rules: a preset, or a preset and what differs."""

OPERATIONS: tuple[Operation, ...] = ()
