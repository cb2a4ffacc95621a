"""A community leaves the platform: its ties end, its codes stop, its register is forgotten later.

::

    open ──offboard──▶ closed ──180 days──▶ register without names
                         │
                         └ what was written stays readable for town and district

Membership, offices and codes end at once. The register of persons is kept for 180 days in case
the community comes back or somebody has to be answered; then its entries lose name, room, birth
year and indexes, and only how many lived in a building is left (PIPL art. 47: what a purpose no
longer needs is deleted or anonymised).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.errors import Conflict
from services.contracts.events import CommunityClosed, QrRevoked
from services.contracts.ids import new_id
from services.identity import register_rows, repository
from services.identity.crypto import Vault
from services.identity.handlers import assistance, claims, leaving, recoveries, roles
from services.identity.handlers.access import OPERATOR
from services.identity.handlers.community_export import Package
from services.identity.models import (
    CorrectionRow,
    GrantRow,
    ImportRecord,
    Membership,
    PersonRow,
    QrToken,
    RegisterPerson,
    Territory,
)
from services.kit import db
from services.kit.uow import UnitOfWork

REGISTER_KEPT: Final = timedelta(days=180)
ANONYMISED: Final = "anonymised"  # the relation of an entry that is only a number any more
BATCH: Final = 500
REASON: Final = "社区退出平台"
CORRECTIONS_ELSEWHERE: Final = "社区已退出平台，请向新的居委会提出"


class AlreadyClosed(Conflict):
    """The community has been off-boarded before."""

    code = "identity.already_closed"
    zh, en = "该社区已退出平台", "This community has left the platform already"


@dataclass(frozen=True, slots=True)
class Offboarded:
    """What ended."""

    memberships: int
    requests: int
    roles: int
    codes: int
    assistances: int
    recoveries: int
    corrections: int
    register_persons: int
    register_forgotten_on: datetime


def offboard(
    uow: UnitOfWork, community_id: str, package: Package, by: str, now: datetime
) -> Offboarded:
    """Close a community of which ``package`` is the whole export.

    Args:
        by: the operator who does it, as the record shall name them.

    Raises:
        CommunityNotFound, AlreadyClosed: there is nothing to close.
    """
    session = uow.session
    community = repository.community(session, community_id)
    register_rows.lock(session, community.id)
    session.refresh(community, with_for_update=True)
    if community.closed_at is not None:
        raise AlreadyClosed()
    community.closed_at = now
    # before the memberships: with the last of these the corrections would end by themselves
    corrections = claims.end_corrections(
        uow, CorrectionRow.community_id == community.id, CORRECTIONS_ELSEWHERE, OPERATOR, now
    )
    ended = Offboarded(
        *_memberships(uow, community, now),
        roles=_offices(uow, community, now),
        codes=_codes(uow, community, now),
        assistances=assistance.end_at(uow, community.id, OPERATOR, now),
        recoveries=recoveries.end_at(uow, community.id, OPERATOR, now),
        corrections=corrections,
        register_persons=_register(session, community.id, now),
        register_forgotten_on=now + REGISTER_KEPT,
    )
    session.add(
        ImportRecord(
            id=new_id(),
            kind="offboarding",
            community_id=community.id,
            file_sha256=_manifest_hash(session, package),
            actor_id=None,
            at=now,
            report={"by": by, "export_id": package.export_id, "roles": ended.roles,
                    "memberships": ended.memberships, "codes": ended.codes},
        )
    )  # fmt: skip
    uow.emit(CommunityClosed(community_id=community.id, path=community.path, why="offboarded"))
    return ended


def _manifest_hash(session: Session, package: Package) -> str:
    return session.get_one(ImportRecord, package.export_id).file_sha256


def _memberships(uow: UnitOfWork, community: Territory, now: datetime) -> tuple[int, int]:
    """Members and those who asked to be; people are locked in order, as everywhere."""
    session = uow.session
    live = Membership.status.in_(("pending", "active"))
    here = Membership.community_id == community.id
    session.execute(
        select(PersonRow.id)
        .where(PersonRow.id.in_(select(Membership.person_id).where(here, live)))
        .order_by(PersonRow.id)
        .with_for_update()
    )
    rows = session.scalars(
        select(Membership).where(here, live).order_by(Membership.id).with_for_update()
    ).all()
    members = sum(row.status == "active" for row in rows)
    for row in rows:
        leaving.end(uow, row, community, "offboarded", now, by=OPERATOR, reason=REASON)
    return members, len(rows) - members


def _offices(uow: UnitOfWork, community: Territory, now: datetime) -> int:
    """Every role within the community; those of town and district stay."""
    below = db.below(community.path)
    grants = uow.session.scalars(
        select(GrantRow)
        .where(
            GrantRow.revoked_at.is_(None),
            (GrantRow.path == community.path) | GrantRow.path.like(below, escape="\\"),
        )
        .order_by(GrantRow.person_id, GrantRow.id)
        .with_for_update()
    ).all()
    for grant in grants:
        roles.end(uow, grant, OPERATOR, now)
    return len(grants)


def _codes(uow: UnitOfWork, community: Territory, now: datetime) -> int:
    codes = uow.session.scalars(
        select(QrToken)
        .where(QrToken.community_id == community.id, QrToken.revoked_at.is_(None))
        .with_for_update()
    ).all()
    for code in codes:
        code.revoked_at, code.revoked_by = now, OPERATOR
        uow.emit(QrRevoked(qr_id=code.id, community_id=community.id))
    return len(codes)


def _register(session: Session, community_id: str, now: datetime) -> int:
    live = session.scalars(
        select(RegisterPerson.id).where(
            RegisterPerson.community_id == community_id, RegisterPerson.ended_at.is_(None)
        )
    ).all()
    register_rows.end(session, live, now)
    return len(live)


# -- later -----------------------------------------------------------------------------------------


def forget_registers(uow: UnitOfWork, vault: Vault, now: datetime) -> int:
    """Anonymise entries of communities that left 180 days ago; how many, at most a batch."""
    session = uow.session
    rows = session.scalars(
        select(RegisterPerson)
        .join(Territory, Territory.id == RegisterPerson.community_id)
        .where(Territory.closed_at <= now - REGISTER_KEPT, RegisterPerson.relation != ANONYMISED)
        .order_by(RegisterPerson.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=RegisterPerson)
    ).all()
    for row in rows:
        row.name_sealed = vault.seal("—", purpose="register.name", owner=row.id)
        row.match_index = vault.index("register.forgotten", row.id)
        row.name_index = row.id_index = row.birth_year = None
        row.unit_id = row.room_id = row.person_id = None
        row.room_key, row.relation = "", ANONYMISED
    return len(rows)
