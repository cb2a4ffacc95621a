"""How somebody appears to a community: told to the other services whenever it changes."""

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
    person = repository.person(session, person_id)
    address = repository.first_address(session, person_id, community.id)
    held = repository.held_roles(repository.live_grants(session, person_id))
    shown = roles.may_show_party_badge(held, now) and repository.badge_shown(session, person_id)
    label = ""
    if address is not None:
        around = repository.nodes(session, [address.estate_id, address.building_id])
        label = f"{around[address.estate_id].name} {around[address.building_id].name}"
    return MemberCard(
        person_id=person_id,
        community_id=community.id,
        path=community.path,
        standing=cast(Standing, roles.standing(address is not None, held, community.path, now)),
        display_name=person.display_name,
        building_label=label,
        badge_shown=shown,
        role_badges=roles.badges(held, community.path, now),
        residence=cast(Residence, address.residence) if address else "local",
    )


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
