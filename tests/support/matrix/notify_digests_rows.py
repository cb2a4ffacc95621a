"""Operations of notify about digests."""

from sqlalchemy import insert

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.notify.models import Digest
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, self_


def _digest(h: House, who: Actor) -> Command:
    digest_id = new_id()
    with h.units["notify"]() as uow:
        uow.session.execute(
            insert(Digest).values(
                id=digest_id,
                person_id=who.person_id,
                round=h.now,
                rhythm="daily",
                count=0,
                made_at=h.now,
            )
        )
        uow.commit()
    return {"id": digest_id}


DIGESTS: dict[str, Row] = {"listDigests": self_(), "getDigest": self_(_digest)}
