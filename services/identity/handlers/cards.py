"""How somebody appears to a community: told to the other services whenever it changes."""

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from services.contracts.actor import covers
from services.contracts.errors import NotFound
from services.contracts.events import MemberCardChanged
from services.contracts.events.identity import Standing
from services.contracts.operations.identity import GetMemberCard, MemberCard, Residence
from services.identity import repository
from services.identity.domain import roles
from services.identity.models import Territory
from services.kit.uow import UnitOfWork


class NoCard(NotFound):
    """The person has nothing to do with the community."""

    code = "identity.no_card"
    zh, en = "此人不属于该社区", "This person does not belong to the community"


def get_member_card(uow: UnitOfWork, cmd: GetMemberCard, now: datetime) -> MemberCard:
    """The card of a resident or staff member.

    Raises:
        NoCard: the person is neither.
    """
    community = repository.community(uow.session, cmd.community_id)
    found = card(uow.session, cmd.person_id, community, now)
    if found.standing == "ended":
        raise NoCard()
    return found


def card(session: Session, person_id: str, community: Territory, now: datetime) -> MemberCard:
    """The card as it is now; standing ``ended`` when the person has no business there."""
    found = cards_of(session, [person_id], community, now)
    if not found:
        raise repository.PersonNotFound()
    return found[0]


def cards_of(
    session: Session, person_ids: Collection[str], community: Territory, now: datetime
) -> list[MemberCard]:
    """The cards of several people in one community, in five queries for any number."""
    people = repository.people(session, person_ids)
    addresses = repository.first_addresses(session, people, community.id)
    grants = repository.live_grants_of(session, people)
    badges = repository.badges_shown(session, people)
    around = repository.nodes(
        session, (i for a in addresses.values() for i in (a.estate_id, a.building_id))
    )
    found = []
    for person in people.values():
        address = addresses.get(person.id)
        held = repository.held_roles(grants.get(person.id, ()))
        label, home = "", ""
        if address is not None:
            home = around[address.building_id].path
            label = f"{around[address.estate_id].name} {around[address.building_id].name}"
        standing = roles.standing(
            address is not None, held, community.path, now, is_child=person.guardian_id is not None
        )
        found.append(
            MemberCard(
                person_id=person.id,
                community_id=community.id,
                path=community.path,
                standing=cast(Standing, standing),
                display_name=person.display_name,
                building_label=label,
                badge_shown=roles.may_show_party_badge(held, now) and person.id in badges,
                role_badges=roles.badges(held, community.path, now),
                residence=cast(Residence, address.residence) if address else "local",
                home=home,
            )
        )
    return found


def announce_all(
    uow: UnitOfWork, person_ids: Collection[str], community: Territory, now: datetime
) -> None:
    """Tell the others how several people appear to one community now."""
    uow.session.flush()
    for found in cards_of(uow.session, person_ids, community, now):
        uow.emit(MemberCardChanged(**found.model_dump()))


def announce(uow: UnitOfWork, person_id: str, community: Territory, now: datetime) -> None:
    """Tell the others how the person appears to one community now."""
    uow.session.flush()
    found = card(uow.session, person_id, community, now)
    uow.emit(MemberCardChanged(**found.model_dump()))


def announce_everywhere(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Tell it for every community that the person belongs to (name or badge changed)."""
    session = uow.session
    session.flush()
    grants = [g.path for g in repository.live_grants(session, person_id)]
    paths = {p for path in grants for p in repository.ancestors_of(path)}
    paths.update(repository.member_paths(session, person_id))
    for node in repository.nodes_at(session, paths).values():
        if node.kind == "community":
            announce(uow, person_id, node, now)


def announce_around(uow: UnitOfWork, person_id: str, path: str, now: datetime) -> None:
    """Tell it for the community that a grant's ``path`` lies in; offices above have no card."""
    community = repository.community_around(uow.session, path)
    if community is not None and covers(community.path, path):
        announce(uow, person_id, community, now)
