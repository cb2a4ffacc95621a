"""What the end of a post, or time, does to the sign-up that it carries."""

from datetime import datetime

from services.feed.domain import sign_ups as rules
from services.feed.handlers.places import Places
from services.feed.repository import sign_ups as repository
from services.feed.repository.sign_ups import Found
from services.kit.uow import UnitOfWork


def end(uow: UnitOfWork, post_id: str, how: rules.End, now: datetime) -> None:
    """A post came to its end: no more sign-ups, and those who signed up are told."""
    _end(uow, repository.hold(uow.session, post_id), how, now)


def reopen(uow: UnitOfWork, post_id: str, closed_at: datetime) -> None:
    """A post is back that was taken down at ``closed_at``: what this had closed is open again.

    What its organiser had closed before stays closed.
    """
    found = repository.hold(uow.session, post_id)
    if found is not None and found.event.closed_at == closed_at:
        repository.reopen(uow.session, post_id)


def follow(uow: UnitOfWork, post_id: str) -> None:
    """The time of a post, which is locked, is another now."""
    repository.renew_due(uow.session, post_id)


def end_one_over(uow: UnitOfWork, now: datetime) -> int:
    """Close one event that has come to its end, or whose post has; how many there were."""
    return _end(uow, repository.hold_one_due(uow.session, now), "expired", now)


def _end(uow: UnitOfWork, found: Found | None, how: rules.End, now: datetime) -> int:
    if found is None:
        return 0
    places = Places(uow, found, now)
    places.end(how)
    places.settle()
    return 1
