"""Posts that look like problems; for the committee alone."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from services.contracts.actor import COMMITTEE
from services.contracts.operations.base import (
    Id,
    ListCommand,
    Operation,
    Page,
    View,
    check_storable,
    holders,
)
from services.contracts.operations.feed.common import OfPost

WhyNot = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(check_storable)
]


class ListSuggestions(ListCommand):
    """Suggestions that nobody has decided yet, the newest first."""

    cid: Id


class DismissSuggestion(OfPost):
    """It is no problem for the committee; ``reason`` helps the classifier's keepers."""

    reason: WhyNot = ""


class PostSuggestion(View):
    """What the classifier says of a post. Advice: a person makes an issue of it, or does not.

    ``problem`` and ``confidence`` are shares of 1: that it is a problem at all, and that it is of
    this ``category``. ``reasons`` are words of the post. ``state`` is ``taken`` when it became an
    issue.
    """

    post_id: str
    title: str
    excerpt: str
    module: str
    problem: float
    category: Literal["consult", "advise", "dispose", "8x"] | None
    slot: str | None
    confidence: float
    reasons: list[str]
    urgent: bool
    state: Literal["open", "dismissed", "taken"]
    posted_at: datetime
    suggested_at: datetime


_COMMITTEE = holders(*COMMITTEE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listSuggestions",
        "GET /communities/{cid}/suggestions",
        service="feed",
        who=_COMMITTEE,
        command=ListSuggestions,
        result=Page[PostSuggestion],
        summary="Posts that look like problems",
    ),
    Operation(
        "getSuggestion",
        "GET /posts/{id}/suggestion",
        service="feed",
        who=_COMMITTEE,
        command=OfPost,
        result=PostSuggestion,
        summary="What the classifier says of a post",
    ),
    Operation(
        "dismissSuggestion",
        "POST /posts/{id}/suggestion/dismissal",
        service="feed",
        who=_COMMITTEE,
        command=DismissSuggestion,
        result=PostSuggestion,
        summary="A post is no problem for the committee",
    ),
)
