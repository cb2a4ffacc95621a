"""Whoever leaves: what ends with her belonging to a community, and what goes with her account.

What she said in public stays, nobody's by then: others answered it (ADR 0019). What only she could
read goes.
"""

from datetime import datetime

from services.contracts.events import Event, MemberCardChanged, PersonDeleted
from services.directory.queries import PRESENT
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.handlers import topics


def follow(uow: UnitOfWork, event: Event, now: datetime) -> None:
    """Let every family follow somebody who has left a community, or for good."""
    match event:
        case MemberCardChanged(standing=standing) if standing not in PRESENT:
            repository.discussion.end_moderations(
                uow.session, event.person_id, event.community_id, now
            )
        case PersonDeleted():
            topics.forget(uow, event.person_id, now)
            repository.discussion.end_moderations(uow.session, event.person_id, None, now)
            for family in (
                repository.seconders,
                repository.discussion,
                repository.objections,
                repository.paper,
                repository.ledger,
                repository.covenants,
                repository.breaches,
                repository.surveys,
                repository.results,
                repository.rules,
                repository.proxies,
            ):
                family.forget(uow.session, event.person_id)
            repository.rolls.forget_person(uow.session, event.person_id)
