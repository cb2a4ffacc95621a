"""Whoever leaves: what ends with her belonging to a community, and what goes with her account.

::

    left a community ──▶ places free · volunteers · the Party's check-in · arrangements · offers
    account deleted  ──▶ the same everywhere, and her private words, distances and silences go

What she said in public stays, under the name that her card has then (已注销用户): others answered
it. What others did about it stays, too; of a deleted account the ids left mean nobody (ADR 0019).
"""

from datetime import datetime

from services.contracts.events import Event, MemberCardChanged, PersonDeleted
from services.directory.queries import PRESENT
from services.feed.handlers import handshakes, party, projects, sign_ups
from services.feed.repository import leaving as repository
from services.kit.uow import UnitOfWork


def follow(uow: UnitOfWork, event: Event, now: datetime) -> None:
    """Let every family follow somebody who has left a community, or for good.

    Her posts, and those in which she has a part, are locked before anything that they carry, as all
    do who write or delete.
    """
    match event:
        case MemberCardChanged(standing=standing) if standing not in PRESENT:
            repository.hold_posts_of(uow.session, event.person_id, event.community_id)
        case PersonDeleted():
            repository.hold_posts_of(uow.session, event.person_id, None)
    sign_ups.follow_directory(uow, event, now)
    projects.follow(uow, event, now)
    party.follow(uow, event)
    match event:
        case MemberCardChanged(standing=standing) if standing not in PRESENT:
            handshakes.end_with(uow, event.person_id, event.community_id, now)
        case PersonDeleted():
            handshakes.end_with(uow, event.person_id, None, now)
            repository.forget(uow.session, event.person_id, now)
