"""What is asked about rules: the presets, what a choice comes to, who confirmed what.

A confirmation (核实) is a public act of a district's administrator: that a version of a preset
agrees with the law in force, by name, date and source. Others may read it, wherever they live.
"""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    Body,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.votes.common import Preset
from services.contracts.operations.votes.counting import Exact, Outcome
from services.contracts.operations.votes.rules import Measure, RuleChoice, RuleSet

ADMINISTRATOR = holders(Role.DISTRICT_ADMIN)
Entries = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Area = Annotated[int, Field(ge=0, le=10_000_000_000_000, strict=True)]
"""Hundredths of a square metre."""
HeadCount = Annotated[Exact, Field(max_length=30)]
Sure = Literal["read", "older_text", "press"]
"""How sure a preset is: its law was read; an older text was, the one in force could not be; or it
is our reading of what a newspaper told."""

# -- what the caller asks for ---------------------------------------------------------------


class OfCommunityRules(Command):
    """The presets as they stand in a community's district."""

    cid: Id


class SideOfCount(Command):
    """How many, by each measure; households and heads are as many as entries unless said.

    ``area`` is in hundredths of m².
    """

    model_config = ConfigDict(extra="forbid")

    entries: Entries
    households: Entries | None = None
    area: Area = 0
    heads: HeadCount | None = None


class ExampleVotes(Command):
    """Votes to try the rules on; together with ``spoiled`` papers they are who took part.

    ``households`` is how many have somebody among them: as many as entries unless said.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    for_: Annotated[SideOfCount, Field(alias="for")]
    against: SideOfCount
    abstain: SideOfCount = SideOfCount(entries=0)
    spoiled: SideOfCount = SideOfCount(entries=0)
    households: Entries | None = None


class PreviewRules(Command):
    """What a choice of rules comes to: in words, as arithmetic, on a roll, with votes.

    Without ``roll`` the preset's example is reckoned; ``votes`` need a roll.
    """

    cid: Id
    rule_set: RuleChoice
    roll: SideOfCount | None = None
    votes: ExampleVotes | None = None

    @model_validator(mode="after")
    def _on_a_roll(self) -> Self:
        if self.votes and not self.roll:
            raise ValueError("votes can be counted on a roll only")
        return self


class ConfirmRules(Command):
    """A version of a preset agrees with the law in force, as ``by`` has read it.

    ``by`` is the office and name under which this is published; ``source`` the law with its
    articles, ``text`` its words, ``read_on`` the day of reading.
    """

    did: Id
    preset: Preset
    version: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    by: Line
    source: Line
    text: Body
    read_on: date


class RevokeRuleConfirmation(Command):
    """A confirmation is taken back; the reason is public. Polls that are open keep their copy."""

    id: Id
    reason: Reason


class ListRuleConfirmations(ListCommand):
    """The confirmations of a district, revoked ones too, the newest first."""

    did: Id
    preset: Preset | None = None


# -- what the caller gets -------------------------------------------------------------------


class Sentences(View):
    """The same sentences in both languages."""

    zh: list[str]
    en: list[str]


class RuleConfirmation(View):
    """Who confirmed which version of a preset, by which text; and that it was taken back."""

    id: str
    did: str
    preset: Preset
    version: int
    by: str
    source: str
    text: str
    read_on: date
    confirmed_at: datetime
    revoked_at: datetime | None = None
    revoked_reason: str | None = None


class RuleBound(View):
    """What a preset's source does not leave to the choice.

    ``binding``: to go below it is refused. Otherwise it is marked in the set, which then counts as
    not verified.
    """

    field: str
    binding: bool
    zh: str
    en: str


class RulePreset(View):
    """A preset in its version of today: its source, how sure it is, and what it says.

    ``verified`` is false while its law of today could not be read and nobody of the district has
    confirmed it; ``warning`` says so in words then.
    """

    preset: Preset
    version: int
    since: date
    name_zh: str
    name_en: str
    sure: Sure
    source_zh: str
    source_en: str
    verified: bool
    warning: Sentences | None
    confirmation: RuleConfirmation | None
    rules: RuleSet
    words: Sentences
    arithmetic: Sentences
    bounds: list[RuleBound]


class RulePresets(View):
    """The presets, in the order in which they are explained."""

    items: list[RulePreset]


class MustReach(View):
    """How much is needed at least on these numbers; None where nothing can reach it.

    Of a threshold among those taking part it is told twice, if only the fewest come that make the
    quorum, and if everybody does. Areas are in m² with two decimals.
    """

    of: Literal["quorum", "threshold"]
    measure: Measure
    alternative: bool
    whole: str
    least: str | None
    zh: str
    en: str


class RulesPreview(View):
    """What a choice of rules comes to. ``hash`` is the SHA-256 of the whole set."""

    rules: RuleSet
    hash: str
    words: Sentences
    arithmetic: Sentences
    must_reach: list[MustReach]
    outcome: Outcome | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listRulePresets", "GET /communities/{cid}/rule-presets", "votes", PERSON,
        OfCommunityRules, RulePresets, "How things can be decided, and by which law",
    ),
    Operation(
        "previewRules", "POST /communities/{cid}/rule-previews", "votes", PERSON, PreviewRules,
        RulesPreview, "What a choice of rules comes to",
    ),
    Operation(
        "confirmRules", "POST /districts/{did}/rule-confirmations", "votes", ADMINISTRATOR,
        ConfirmRules, RuleConfirmation, "Confirm a preset against the law in force", status=201,
    ),
    Operation(
        "revokeRuleConfirmation", "POST /rule-confirmations/{id}/revocation", "votes",
        ADMINISTRATOR, RevokeRuleConfirmation, RuleConfirmation, "Take a confirmation back",
    ),
    Operation(
        "listRuleConfirmations", "GET /districts/{did}/rule-confirmations", "votes", PERSON,
        ListRuleConfirmations, Page[RuleConfirmation], "Who confirmed which rules",
    ),
)  # fmt: skip
