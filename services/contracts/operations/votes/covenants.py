"""Covenants (公约): articles in versions, who agreed to them, and what changed.

A covenant is made, amended and repealed by votes alone: whoever wants that raises a topic with
that aim. Each version says by which proposal and poll it came, and each article since which
version it has its words.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
)
from services.contracts.operations.votes.common import DESK, Convener, Count
from services.contracts.operations.votes.proposals import ProposalChange

CovenantState = Literal["not_yet", "in_force", "expired", "repealed"]
CovenantChange = Literal["new", "amended", "repealed"]
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]

# -- what the caller asks for ---------------------------------------------------------------------


class ListCovenants(ListCommand):
    """The covenants of a community, the newest first."""

    cid: Id
    state: CovenantState | None = None
    convener: Convener | None = None
    to_agree: bool = False
    """Those alone that hold and that I have not agreed to as they stand."""


class OfCovenant(Command):
    """Names a covenant and nothing more."""

    id: Id


class GetCovenant(Command):
    """A covenant as it holds, or one of its versions."""

    id: Id
    version: VersionNumber | None = None


class CompareCovenantVersions(Command):
    """What became of a covenant between two of its versions."""

    id: Id
    older: VersionNumber
    newer: VersionNumber


class AgreeToCovenant(Command):
    """I have read this version and agree to keep it; ``named``: my name may be shown for it."""

    id: Id
    version: VersionNumber
    named: bool = False


class KeepCovenant(Command):
    """The convening body looked at the covenant again, and it stays as it is; the next look is
    after the community's time for it, from now on.
    """

    id: Id
    version: VersionNumber
    reason: Reason


# -- what the caller gets -------------------------------------------------------------------------


class Provenance(View):
    """By which decision something came; a topic that passed without a poll has none."""

    version: int
    topic_id: str
    poll_id: str | None
    proposal: int
    proposal_hash: str
    adopted_at: datetime


class BreachSums(View):
    """How many breaches were reported, by what became of them; nobody is named."""

    open: Count = 0
    settled: Count = 0
    to_issue: Count = 0
    closed: Count = 0


class CovenantArticle(View):
    """An article: ``key`` stays through amendments, ``number`` is its place in this version."""

    key: str
    number: int
    title: str
    text: str
    since: Provenance
    """The decision that gave it its present words."""
    breaches: BreachSums


class CovenantSummary(View):
    """A covenant as a list shows it.

    ``version`` is the one that holds, or that will when none does yet; ``newest`` may be a later
    one that has yet to take effect. ``agreed`` is how many have agreed to ``version``,
    ``my_agreement`` the version that I agreed to last.
    """

    id: str
    community_id: str
    title: str
    convener: Convener
    state: CovenantState
    version: int
    newest: int
    size: int
    effective_at: datetime
    expires_at: datetime | None
    review_at: datetime | None
    agreed: int
    my_agreement: int | None
    breaches_open: int


class AgreedBy(View):
    """Somebody who lets her name be shown for it."""

    person_id: str
    display_name: str
    building_label: str


class Covenant(CovenantSummary):
    """A covenant in one of its versions, ``shown``, with what it changed of the one before.

    ``may_agree``: neighbours may agree to this version now. ``may_keep``: whoever asks is of the
    body that convened it, and it holds as it is shown.
    """

    shown: int
    change: CovenantChange
    came_by: Provenance
    shown_effective_at: datetime
    shown_expires_at: datetime | None
    shown_agreed: int
    articles: list[CovenantArticle]
    changes: list[ProposalChange]
    breaches: BreachSums
    """Of the whole covenant, those included that name no article."""
    agreed_by: list[AgreedBy]
    """Who agreed to the version and lets her name be shown; the newest, at most 50."""
    may_agree: bool = False
    may_keep: bool = False


class CovenantVersion(View):
    """One version, as the covenant's history shows it."""

    version: int
    change: CovenantChange
    size: int
    topic_id: str
    topic_title: str
    poll_id: str | None
    proposal: int
    proposal_hash: str
    adopted_at: datetime
    effective_at: datetime
    expires_at: datetime | None
    agreed: int


class CovenantVersions(View):
    """Every version of a covenant, the newest first."""

    items: list[CovenantVersion]


class CovenantDifferences(View):
    """What became of a covenant between two versions."""

    older: int
    newer: int
    changes: list[ProposalChange]


class Agreement(View):
    """Where I stand with a covenant, and how many have agreed to the version."""

    covenant_id: str
    version: int | None
    named: bool
    agreed: int


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listCovenants", "GET /communities/{cid}/covenants", "votes", PERSON, ListCovenants,
        Page[CovenantSummary], "The community's covenants", assisted=True,
    ),
    Operation(
        "getCovenant", "GET /covenants/{id}", "votes", PERSON, GetCovenant, Covenant,
        "A covenant", assisted=True,
    ),
    Operation(
        "listCovenantVersions", "GET /covenants/{id}/versions", "votes", PERSON, OfCovenant,
        CovenantVersions, "A covenant's versions",
    ),
    Operation(
        "compareCovenantVersions", "GET /covenants/{id}/differences", "votes", PERSON,
        CompareCovenantVersions, CovenantDifferences, "What changed between two versions",
    ),
    Operation(
        "agreeToCovenant", "PUT /covenants/{id}/agreement", "votes", NEIGHBOUR, AgreeToCovenant,
        Agreement, "Read and agreed",
    ),
    Operation(
        "withdrawAgreement", "DELETE /covenants/{id}/agreement", "votes", NEIGHBOUR, OfCovenant,
        Agreement, "Take my agreement back",
    ),
    Operation(
        "keepCovenant", "POST /covenants/{id}/reviews", "votes", DESK, KeepCovenant, Covenant,
        "Looked at again: it stays", status=201,
    ),
)  # fmt: skip
