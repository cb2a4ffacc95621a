"""Residents with somebody who helps them: named, with a session, given a token to act with."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from services.contracts.actor import Actor
from services.contracts.operations import identity as op
from services.identity.handlers import assistance, sessions
from services.identity.models import PersonRow, SessionRow
from tests.support.identity_world import World, made_up_id

PHONE = "13911112222"
AGREED = {"consent_means": "spoken", "consent_note": "上门当面同意，邻居在场"}


def logged_in(world: World, who: Actor) -> Actor:
    """The same person with a session that the tables know."""
    session_id = f"s-{who.person_id}"
    with world.units() as uow:
        uow.session.execute(
            insert(SessionRow).values(
                id=session_id,
                person_id=who.person_id,
                created_at=world.clock,
                expires_at=world.clock + timedelta(days=30),
            )
        )
        uow.commit()
    return Actor(who.person_id, session_id, who.grants, who.expires_at)


def resident(world: World) -> Actor:
    """Somebody in 402 by the register."""
    world.register("孙桂芳", "402")
    person = world.person("13900000001")
    assert world.join(person).status == "active"
    return person


def without_phone(world: World) -> Actor:
    """A resident whose account has no phone."""
    world.register("周阿婆", "101")
    person = world.person()
    world.join(person, real_name="周阿婆", room="101", id_number=made_up_id(sequence=6))
    take_phone(world, person)
    return person


def take_phone(world: World, who: Actor) -> None:
    """The account loses its number."""
    with world.units() as uow:
        uow.session.execute(
            update(PersonRow)
            .where(PersonRow.id == who.person_id)
            .values(phone_index=None, phone_sealed=None)
        )
        uow.commit()


def name_helper(world: World, who: Actor, phone: str = PHONE, **more: Any) -> op.Assistance:
    """Name somebody as a helper, by the phone."""
    cmd = op.NameHelper(**{"phone": phone, "relationship": "女儿", **more})
    return world.do(assistance.name_helper, world.vault, cmd, who, world.now)


def token(world: World, who: Actor, assistance_id: str) -> op.AssistedToken:
    """Begin to act for whom she helps."""
    cmd = op.CreateAssistedToken(assistance_id=assistance_id)
    desk = sessions.Desk(world.issuer, world.clock, world.now)
    return world.do(assistance.create_assisted_token, cmd, desk, who)
