"""For which household somebody speaks."""

from sqlalchemy import select

from services.contracts.actor import Actor
from services.contracts.operations.identity import HouseholdKey, HouseholdOf
from services.identity.crypto import Vault
from services.identity.models import Membership
from services.kit.uow import UnitOfWork


def household_of(uow: UnitOfWork, vault: Vault, cmd: HouseholdOf, actor: Actor) -> HouseholdKey:
    """The key of the dwelling where the actor is a member; of several the one she had first.

    It is made for this matter alone and cannot be turned back: a service that keeps it can count
    households, and neither tell which they are nor find one again in another matter.
    """
    home = uow.session.scalars(
        select(Membership)
        .where(
            Membership.person_id == actor.person_id,
            Membership.community_id == cmd.community_id,
            Membership.status == "active",
        )
        .order_by(Membership.requested_at, Membership.id)
        .limit(1)
    ).first()
    if home is None:
        return HouseholdKey(key=None)
    dwelling = "\0".join((cmd.matter, home.building_id, home.unit_id or "", home.room_key))
    return HouseholdKey(key=vault.mac("household", dwelling.encode()).hex())
