"""QR tokens: what lies behind one, and the committee's list of them."""

from datetime import datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import FieldError, Invalid, NotFound
from services.contracts.events import QrRevoked as QrRevokedEvent
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.identity import (
    BuildingView,
    CommunityKind,
    CreateQr,
    ListQr,
    QrTarget,
    QrView,
    ResolveQr,
    RevokeQr,
    RotateQr,
    UnitView,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain.tenure import RELATIONS
from services.identity.handlers import places
from services.identity.models import Membership, QrToken, Territory
from services.identity.qr_tokens import QrExpired, QrRevoked, QrUnknown, read, token_for
from services.kit import logs, metrics
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

log = logs.get(__name__)


class PlaceNotFound(NotFound):
    """The estate or building is not one of this community."""

    code = "identity.place_not_found"
    zh, en = "该社区没有这个小区或楼栋", "The community has no such estate or building"


def valid(
    uow: UnitOfWork, vault: Vault, token: str, now: datetime, actor: Actor | None = None
) -> QrToken:
    """The QR token, when it lets people in; refusals are logged, without the token.

    Raises:
        QrUnknown: forged, or of another installation.
        QrRevoked: the committee has revoked it.
        QrExpired: its time is over.
    """
    try:
        qr_id = read(vault, token)
    except QrUnknown:
        _refused("forged", None, actor)
        raise
    row = uow.session.get(QrToken, qr_id)
    if row is None:
        _refused("unknown", qr_id, actor)
        raise QrUnknown()
    if row.revoked_at is not None:
        _refused("revoked", qr_id, actor)
        raise QrRevoked()
    if row.expires_at is not None and row.expires_at <= now:
        _refused("expired", qr_id, actor)
        raise QrExpired()
    return row


def _refused(kind: str, qr_id: str | None, actor: Actor | None) -> None:
    metrics.QR_REFUSED.labels(kind).inc()
    log.warning("QR token refused", kind=kind, qr_id=qr_id, actor=actor.hand if actor else None)


def resolve_qr(
    uow: UnitOfWork, vault: Vault, cmd: ResolveQr, now: datetime, actor: Actor | None = None
) -> QrTarget:
    """Where the code on the notice board leads: the estate and its buildings."""
    session = uow.session
    code = valid(uow, vault, cmd.token, now, actor)
    around = repository.nodes(session, [code.community_id, code.estate_id])
    community, estate = around[code.community_id], around[code.estate_id]
    buildings = [
        b
        for b in repository.children(session, [estate.id], "building")
        if code.building_id in (None, b.id)
    ]
    units: dict[str | None, list[UnitView]] = {}
    for unit in repository.children(session, [b.id for b in buildings], "unit"):
        units.setdefault(unit.parent_id, []).append(UnitView(id=unit.id, name=unit.name))
    return QrTarget(
        community=places.community_ref(community),
        estate=places.place(estate),
        buildings=[
            BuildingView(id=b.id, name=b.name, units=units.get(b.id, [])) for b in buildings
        ],
        relations=list(RELATIONS[cast(CommunityKind, community.community_kind)]),
    )


def list_qr(
    uow: UnitOfWork, vault: Vault, cmd: ListQr, actor: Actor, public_url: str
) -> Page[QrView]:
    """The community's tokens, newest first, revoked ones too."""
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    query = select(QrToken).where(QrToken.community_id == community.id)
    if cmd.cursor:
        query = query.where(QrToken.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(session.scalars(query.order_by(QrToken.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    return Page[QrView](
        items=_views(session, vault, page, public_url),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def create_qr(
    uow: UnitOfWork, vault: Vault, cmd: CreateQr, actor: Actor, now: datetime, public_url: str
) -> QrView:
    """Make a token for an estate, or one building of it; older ones stay valid till revoked."""
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    found = repository.nodes(session, [cmd.estate, cmd.building])
    estate = found.get(cmd.estate)
    building = found.get(cmd.building) if cmd.building else None
    if not _right_below(estate, community, "estate") or (
        cmd.building and not _right_below(building, estate, "building")
    ):
        raise PlaceNotFound()
    _require_ahead("expires_at", cmd.expires_at, now)
    row = _made(uow, community.id, cmd.estate, cmd.building, cmd.expires_at, actor, now)
    return _views(session, vault, [row], public_url)[0]


def rotate_qr(
    uow: UnitOfWork, vault: Vault, cmd: RotateQr, actor: Actor, now: datetime, public_url: str
) -> QrView:
    """Make a token in place of another, which is revoked at once, or ends at a time given.

    Raises:
        QrUnknown: forged, or not of the actor's community.
        QrRevoked: it was revoked before; there is nothing to take the place of.
    """
    old = _own(uow, vault, cmd.token, actor)
    if old.revoked_at is not None:
        raise QrRevoked()
    _require_ahead("revoke_old_at", cmd.revoke_old_at, now)
    _require_ahead("expires_at", cmd.expires_at, now)
    new = _made(uow, old.community_id, old.estate_id, old.building_id, cmd.expires_at, actor, now)
    if cmd.revoke_old_at is None:
        revoke(uow, old, actor, now)
    else:
        old.expires_at = min(filter(None, (old.expires_at, cmd.revoke_old_at)))
    return _views(uow.session, vault, [new], public_url)[0]


def revoke_qr(uow: UnitOfWork, vault: Vault, cmd: RevokeQr, actor: Actor, now: datetime) -> Empty:
    """Let nobody in by this token any more; revoking it again changes nothing."""
    row = _own(uow, vault, cmd.token, actor)
    if row.revoked_at is None:
        revoke(uow, row, actor, now)
    return Empty()


def _own(uow: UnitOfWork, vault: Vault, token: str, actor: Actor) -> QrToken:
    """A token of the actor's community, locked; others are not theirs to see."""
    row = uow.session.get(QrToken, read(vault, token), with_for_update=True)
    if row is None:
        raise QrUnknown()
    community = repository.community(uow.session, row.community_id)
    if not actor.holds(COMMITTEE, community.path):
        raise QrUnknown()
    return row


def _made(
    uow: UnitOfWork,
    community_id: str,
    estate_id: str,
    building_id: str | None,
    expires_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> QrToken:
    row = QrToken(
        id=new_id(),
        community_id=community_id,
        estate_id=estate_id,
        building_id=building_id,
        created_by=actor.person_id,
        created_at=now,
        expires_at=expires_at,
    )
    uow.session.add(row)
    return row


def revoke(uow: UnitOfWork, row: QrToken, actor: Actor, now: datetime) -> None:
    """Let nobody in by a token that counted, and tell it."""
    row.revoked_at, row.revoked_by = now, actor.person_id
    uow.emit(QrRevokedEvent(qr_id=row.id, community_id=row.community_id))


def _require_ahead(field: str, at: datetime | None, now: datetime) -> None:
    if at is not None and at <= now:
        raise Invalid(errors=[FieldError(field, "时间必须晚于现在")])


def _right_below(node: Territory | None, parent: Territory | None, kind: str) -> bool:
    return (
        node is not None
        and parent is not None
        and node.kind == kind
        and node.parent_id == parent.id
        and node.closed_at is None
    )


def _views(session: Session, vault: Vault, rows: list[QrToken], public_url: str) -> list[QrView]:
    around = repository.nodes(session, [i for r in rows for i in (r.estate_id, r.building_id)])
    came = _came_by(session, rows)
    views = []
    for row in rows:
        token = token_for(vault, row.id)
        views.append(
            QrView(
                id=row.id,
                token=token,
                url=url_of(public_url, token),
                estate=places.place(around[row.estate_id]),
                building=places.place(around[row.building_id]) if row.building_id else None,
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
                asked=came.get(row.id, (0, 0))[0],
                joined=came.get(row.id, (0, 0))[1],
            )
        )
    return views


def _came_by(session: Session, rows: list[QrToken]) -> dict[str, tuple[int, int]]:
    """How many asked to join by each token, and how many of them are members now."""
    found = session.execute(
        select(
            Membership.qr_id,
            func.count(),
            func.count().filter(Membership.status == "active"),
        )
        .where(Membership.qr_id.in_([row.id for row in rows]))
        .group_by(Membership.qr_id)
    )
    return {qr_id: (asked, joined) for qr_id, asked, joined in found if qr_id}


def url_of(public_url: str, token: str) -> str:
    """The address that is printed."""
    return f"{public_url.rstrip('/')}/j/{token}"
