"""Ordinary posts of neighbours: is it a problem at all, and then which?

Nothing is kept here. Whoever offered the post keeps the answer, and the committee decides.
"""

from collections.abc import Callable

from services.contracts.events import IssueSuggested, PostOffered
from services.contracts.operations.grid_bridge import Suggestion
from services.grid_bridge import repository, slots
from services.kit.uow import UnitOfWork


def suggest(
    uow: UnitOfWork,
    event: PostOffered,
    likelihood: Callable[[str, str], float],
    advise: Callable[[str, str], Suggestion],
) -> None:
    """Say what the classifier thinks of a post, unless it is an issue already or not asked."""
    if not event.asks or repository.issue_of_post(uow.session, event.post_id):
        return
    share = likelihood(event.title, event.body)
    advice = advise(event.title, event.body)
    if advice.slot:
        advice = slots.as_here(advice, slots.current(uow, event.community_id))
    uow.emit(
        IssueSuggested(
            post_id=event.post_id,
            community_id=event.community_id,
            path=event.path,
            post_version=event.post_version,
            problem=share,
            category=advice.category,
            slot=advice.slot,
            confidence=advice.confidence,
            reasons=list(advice.reasons),
            urgent=advice.urgent,
        )
    )
