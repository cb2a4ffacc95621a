"""Everything that the copies of the other services hold, for making one anew."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from services.contracts.events import CommunityChanged, MemberCardChanged
from services.contracts.operations.identity import (
    CommunityRecords,
    ListCommunityRecords,
    ListMemberCards,
    MemberCards,
    VersionedCard,
    VersionedRecord,
)
from services.identity import repository
from services.identity.handlers import cards, places
from services.kit import kept
from services.kit.uow import UnitOfWork


def list_community_records(uow: UnitOfWork, cmd: ListCommunityRecords) -> CommunityRecords:
    """A page of all communities, with the versions of the same moment."""
    session = uow.session
    rows = repository.communities_after(session, cmd.after, cmd.limit + 1)
    records = places.records(session, rows[: cmd.limit])
    versions = _versions(session, (CommunityChanged(**r.model_dump()).subject for r in records))
    return CommunityRecords(
        epoch=kept.epoch(session),
        items=[VersionedRecord(version=versions.get(r.community_id, 0), record=r) for r in records],
        more=len(rows) > cmd.limit,
    )


def list_member_cards(uow: UnitOfWork, cmd: ListMemberCards, now: datetime) -> MemberCards:
    """A page of a community's cards, with the versions of the same moment.

    Raises:
        CommunityNotFound: there is no such community.
    """
    session = uow.session
    community = repository.community(session, cmd.community_id)
    if cmd.people is None:
        people = repository.people_around(session, community, cmd.after, cmd.limit + 1)
    else:
        people = sorted(set(cmd.people))
    page = people[: cmd.limit]
    found = cards.cards_of(session, page, community, now)
    subjects = {c.person_id: MemberCardChanged(**c.model_dump()).subject for c in found}
    versions = _versions(session, subjects.values())
    return MemberCards(
        epoch=kept.epoch(session),
        items=[
            VersionedCard(version=versions.get(subjects[c.person_id], 0), card=c) for c in found
        ],
        after=page[-1] if len(people) > cmd.limit else None,
    )


def _versions(session: Session, subjects: Iterable[str]) -> dict[str, int]:
    return kept.versions(session, CommunityChanged.SOURCE, subjects)
