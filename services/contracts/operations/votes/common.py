"""What the families of votes' operations share."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import View, holders

TopicState = Literal[
    "raised",
    "screened",
    "discussion",
    "actionable",
    "prior_study",
    "proposal",
    "notice",
    "voting",
    "publicity",
    "adopted",
    "refused",
    "closed",
]
PollState = Literal["announced", "open", "closed", "published", "void"]
Convener = Literal["residents_committee", "owners_committee"]
Choice = Literal["for", "against", "abstain"]
Preset = Literal[
    "residents_assembly",
    "villagers_assembly",
    "owners_ordinary",
    "owners_special",
    "owners_unanimous",
    "article_2017",
]
Count = Annotated[int, Field(ge=0, le=100_000_000)]
Barred = Literal["observer", "not_a_member", "child"]
"""Why somebody takes no part of her own: she watches, does not belong here, or is below 14."""

BODIES: Final[Mapping[str, frozenset[Role]]] = {
    "residents_committee": COMMITTEE,
    "owners_committee": frozenset({Role.OWNERS_COMMITTEE}),
}
"""Who is the convening body: for what belongs to all owners their committee (民法典 art. 278)."""

DESK = holders(*COMMITTEE, Role.OWNERS_COMMITTEE)
"""Who screens, convenes and counts: the committee, and the owners' committee for its matters."""


class Words(View):
    """A piece of two texts beside each other: it stayed, was there before, or came."""

    kind: Literal["same", "removed", "added"]
    text: str
