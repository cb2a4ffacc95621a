"""What a plan's items are made of: on what they rest, who sees to them, with what money."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.contracts.operations.base import Command, Day, Id, Line, Text
from services.contracts.operations.grid_bridge.common import Month

ItemState = Literal["planned", "doing", "done", "dropped"]
EvidenceKind = Literal["hot_topic", "survey_answer", "issues", "site_visit"]
OwnerKind = Literal["committee", "property", "owners_committee", "department", "person"]
MoneySource = Literal["maintenance_fund", "public_revenue", "treasury", "self_raised", "other"]
"""Where money comes from: 维修资金, 公共收益, 财政, 自筹, something else that the note names."""

Fen = Annotated[int, Field(ge=0, le=10**13, strict=True)]
"""Money in fen (分, a hundredth of a yuan), a whole number."""

_Note = Annotated[Text, Field(max_length=500)]


class Evidence(Command):
    """On what an item rests; ``note`` says it in words.

    ``hot_topic`` names the topic in ``ref`` and its ``month``; ``survey_answer`` the survey in
    ``ref``, which this community was asked; ``issues`` their ids, all of this community, or how
    many there were in ``count``; ``site_visit`` the day ``on``.
    """

    kind: EvidenceKind
    ref: Annotated[Text, Field(max_length=64)] = ""
    month: Month | None = None
    issue_ids: Annotated[list[Id], Field(max_length=50)] = []
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    on: Day | None = None
    note: _Note = ""

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        said = {
            "hot_topic": bool(self.ref and self.month),
            "survey_answer": bool(self.ref),
            "issues": bool(self.issue_ids or self.count),
            "site_visit": self.on is not None,
        }
        if not said[self.kind]:
            raise ValueError("hot_topic: ref, month; survey_answer: ref; issues: ids; visit: on")
        return self


class PlanOwner(Command):
    """Who sees to an item; ``name`` is of a department, or a label for a person (三号楼楼组长)."""

    kind: OwnerKind
    name: Annotated[Text, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.kind in ("department", "person") and not self.name.strip():
            raise ValueError("a department or a person needs a name")
        return self


class PlanBudget(Command):
    """How much an item may cost, and where the money comes from."""

    amount_fen: Fen
    source: MoneySource
    note: _Note = ""


class PlanItemDraft(Command):
    """An item as it is written; ``key`` is that of an item of the version before, which it stays.

    A draft may lack owner and evidence; a plan that is opened for comments may not.
    """

    key: Id | None = None
    title: Line
    text: Annotated[Text, Field(max_length=2_000)] = ""
    evidence: Annotated[list[Evidence], Field(max_length=10)] = []
    owner: PlanOwner | None = None
    budget: PlanBudget | None = None
    due_on: Day | None = None
