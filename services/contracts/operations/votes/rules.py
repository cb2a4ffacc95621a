"""Rule sets (表决规则): how something is decided, all of it as data.

A preset is a starting point with its source; a proposal names one and what differs from it. At the
opening of the poll the whole set is frozen with it. Every share is a fraction in whole numbers
(``"2/3"``): nothing here is ever a float. What is asked about rules stands in
:mod:`~services.contracts.operations.votes.rule_desk`.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.contracts.operations.base import Command, Id, View
from services.contracts.operations.identity.electorates import Who
from services.contracts.operations.votes.common import Preset


def _share(text: str) -> str:
    above, below = (int(part) for part in text.split("/"))
    if not 0 < above <= below:
        raise ValueError("must be above 0 and at most 1")
    return text


Share = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}/[1-9][0-9]{0,3}$"), AfterValidator(_share)
]
"""A share of something, as ``n/d``."""

Days = Annotated[int, Field(ge=0, le=366)]
Measure = Literal["entries", "households", "area", "heads"]
Weight = Literal["person", "household", "floor_area", "dual"]
OWNERS: Final = frozenset({"owners", "affected_owners"})
"""The electorates whose entries are units with an area."""
WEIGHED: Final[dict[Weight, tuple[Measure, ...]]] = {
    "person": ("heads",),
    "household": ("heads",),
    "floor_area": ("area",),
    "dual": ("area", "heads"),
}
"""By what votes are counted with each weight: a household is one head of a roll of households."""


class Bar(View):
    """What must be reached: ``at`` itself is enough, or only more than it (``above``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Share
    above: bool = False

    @model_validator(mode="after")
    def _within_reach(self) -> Self:
        if self.above and self.share == 1:
            raise ValueError("more than everything can never be reached")
        return self

    @property
    def share(self) -> Fraction:
        """The share as an exact number."""
        return Fraction(self.at)


class Entitled(View):
    """Who may vote; ``within`` narrows owners to those of one node of the tree (受影响业主)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Who
    tenants: bool = True
    migrants: bool = True
    away: bool = True
    within: Id | None = None


class Quorum(View):
    """How many must take part; a bar that is named must be reached.

    ``fraction`` has one bar, ``dual`` wants both area and heads, ``either`` is content with one of
    its bars (过半数村民或三分之二以上的户).
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
    and ``area`` must be reached; ``unanimous`` wants everybody of the base, and has no bars.
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

    ``abstain_is_present``: whether abstentions and spoiled papers count as taking part, for the
    quorum and for the base ``present``. ``precedence`` says what holds when somebody voted over
    both channels: the first valid vote, or the paper (only where choices carry names: of a secret
    ballot nobody knows whose it is). ``non_voters`` counted with the majority needs a charter that
    says so; they never count as taking part. ``verified`` is false while the preset rests on law
    whose text of 2026 could not be read and no administrator has confirmed it, and wherever the
    set departs from the preset's source: ``differs_from_source`` names in what.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Preset
    version: Annotated[int, Field(ge=1)] = 1
    electorate: Entitled
    weight: Weight = "person"
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
    """For how long the same thing may not come back after it was not passed."""
    verified: bool = True
    differs_from_source: list[str] = []

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems = [
            *_who_and_how_much(self),
            *_bars(self),
            *_how_it_is_voted(self),
        ]
        if problems:
            raise PydanticCustomError(
                "rules_do_not_fit",
                "{said}",
                {
                    "said": "; ".join(f"{field}: {said}" for field, said in problems),
                    "problems": problems,
                },
            )
        return self


_Problems = Iterator[tuple[str, str]]
"""Dotted fields of a rule set, and why they do not fit."""


def _who_and_how_much(rules: RuleSet) -> _Problems:
    who, weight = rules.electorate.who, rules.weight
    if (weight == "household") != (who == "households"):
        yield "weight", "votes are counted by household on a roll of households, and only there"
    if "area" in WEIGHED[weight] and who not in OWNERS:
        yield "weight", "only owners vote by floor area"
    if who == "affected_owners" and not rules.electorate.within:
        yield "electorate.within", "must name the building or part whose owners are concerned"
    if who != "affected_owners" and rules.electorate.within:
        yield "electorate.within", "narrows affected owners only"


def _bars(rules: RuleSet) -> _Problems:
    quorum, threshold, who = rules.quorum, rules.threshold, rules.electorate.who
    named = {name for name in ("entries", "households", "area", "heads") if getattr(quorum, name)}
    wanted = {
        "none": not named,
        "fraction": len(named) == 1,
        "dual": named == {"area", "heads"},
        "either": len(named) > 1,
    }
    if not wanted[quorum.kind]:
        yield "quorum.kind", _QUORUMS[quorum.kind]
    if "area" in named and who not in OWNERS:
        yield "quorum.area", "only the roll of owners has areas"
    if "households" in named and who in OWNERS:
        yield "quorum.households", "owners are counted by area and heads"
    if "households" in named and not rules.abstain_is_present:
        yield "quorum.households", "of a household nobody can say that it abstained as a whole"
    for name in ("heads", "area"):
        bar = getattr(threshold, name)
        if threshold.unanimous and bar:
            yield f"threshold.{name}", "everybody is asked for already"
        elif bar and name not in WEIGHED[rules.weight]:
            yield f"threshold.{name}", "votes are not counted by this"
        elif not bar and not threshold.unanimous and name in WEIGHED[rules.weight]:
            yield f"threshold.{name}", "must say what carries the motion"
    if threshold.unanimous and rules.non_voters == "with_majority":
        yield "non_voters", "nobody is taken to agree where everybody must"


_QUORUMS: Final = {
    "none": "has no bars",
    "fraction": "has exactly one bar",
    "dual": "has a bar for area and one for heads",
    "either": "has two bars or more",
}


def _how_it_is_voted(rules: RuleSet) -> _Problems:
    if len(set(rules.channels)) != len(rules.channels):
        yield "channels", "names a channel twice"
    if rules.precedence == "paper" and rules.secrecy == "secret":
        yield "precedence", "paper cannot take the place of a ballot that nobody can find"
    if rules.precedence == "paper" and len(rules.channels) < 2:
        yield "precedence", "there is one channel only"
    if rules.change_of_vote and rules.precedence == "paper":
        yield "change_of_vote", "either the voter or the paper changes a vote, not both"
    if rules.change_of_vote and "online" not in rules.channels:
        yield "change_of_vote", "a paper that was handed in is not given back"
    if (rules.proxies == "none") != (rules.proxies_each == 0):
        yield "proxies_each", "must be 0 without proxies, and at least 1 with them"
    if bool(rules.extension.times) != bool(rules.extension.days):
        yield "extension", "wants both, how often and by how many days"
    if rules.extension.times and rules.quorum.kind == "none":
        yield "extension", "without a quorum there is nothing to wait for"
    if rules.extension.times and not rules.abstain_is_present:
        yield "extension", "whether enough took part would show only once the box is open"


class RuleOverrides(Command):
    """A rule set made from a preset: ``base`` and what differs from it, as in a rule set.

    Objects are merged, a bar is named as a whole. Another ``quorum.kind`` begins the quorum anew,
    and a unanimous threshold does away with the preset's bars.
    """

    model_config = ConfigDict(extra="allow")

    base: Preset


RuleChoice = Preset | RuleOverrides
"""How a proposal names its rules: a preset, or a preset and what differs."""
