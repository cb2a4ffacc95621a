"""What stands on the posters of QR tokens; the gateway and the town's command line draw them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.operations.identity import PosterContent, PosterOf
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.handlers import places, qr
from services.identity.models import QrToken
from services.identity.qr_tokens import QrUnknown, token_for
from services.kit.uow import UnitOfWork


def poster_of(
    uow: UnitOfWork, vault: Vault, cmd: PosterOf, actor: Actor, now: datetime, public_url: str
) -> PosterContent:
    """The words of one poster, for the community's committee.

    Raises:
        QrUnknown: forged, or of a community that is not the actor's.
        QrRevoked, QrExpired: nobody should put up a poster that lets nobody in.
    """
    row = qr.valid(uow, vault, cmd.token, now)
    community = repository.community(uow.session, row.community_id)
    if not actor.holds(COMMITTEE, community.path):
        raise QrUnknown()
    return contents(uow.session, vault, [row], public_url)[0]


def contents(
    session: Session, vault: Vault, rows: Iterable[QrToken], public_url: str
) -> list[PosterContent]:
    """The words of several posters, in three queries for any number."""
    codes = list(rows)
    around = repository.nodes(
        session, [i for r in codes for i in (r.community_id, r.estate_id, r.building_id)]
    )
    communities = [around[i] for i in {r.community_id for r in codes}]
    known = {r.community_id: r for r in places.records(session, communities)}
    return [
        PosterContent(
            district=known[row.community_id].district_name,
            town=known[row.community_id].town_name,
            community=known[row.community_id].name,
            estate=around[row.estate_id].name,
            building=around[row.building_id].name if row.building_id else None,
            url=qr.url_of(public_url, token_for(vault, row.id)),
            expires_at=row.expires_at,
        )
        for row in codes
    ]
