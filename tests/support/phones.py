"""An account's number, its second factor, and what was said about them, in a world of identity."""

from services.contracts.actor import Actor
from services.identity.domain.messages import Kind
from services.identity.models import TotpFactor
from tests.support.identity_world import World

OLD, NEW, THIRD = "13800000001", "13900000002", "13700000003"


def factor(world: World, who: Actor) -> None:
    """A confirmed second factor."""
    with world.units() as uow:
        uow.session.add(
            TotpFactor(
                person_id=who.person_id,
                secret_sealed="x",
                created_at=world.now,
                confirmed_at=world.now,
                last_step=0,
                recovery_hashes=[],
            )
        )
        uow.commit()


def phone_of(world: World, who: Actor) -> str | None:
    """The number that the account holds."""
    (row,) = world.rows("SELECT phone_sealed FROM persons WHERE id = :id", id=who.person_id)
    if row.phone_sealed is None:
        return None
    return world.vault.open(row.phone_sealed, purpose="person.phone", owner=who.person_id)


def told(world: World, kind: Kind) -> list[tuple[str, tuple[str, ...]]]:
    """The messages of a kind that wait: each one's number, and what it says."""
    return [(phone, said.params) for phone, said in world.messages() if said.kind is kind]
