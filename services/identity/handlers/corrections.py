"""Corrections of name or ID number: asked for by the person, decided by her committee."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    Correction,
    DecideCorrection,
    ListCorrections,
    ListMyCorrections,
    Person,
    RequestCorrection,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import corrections as rules
from services.identity.domain import id_number
from services.identity.domain.corrections import APPROVED, ID_NUMBER, MASKS, PENDING, REAL_NAME
from services.identity.handlers import access, children, queues
from services.identity.handlers.access import Subject
from services.identity.handlers.claims import IdTaken, close_correction
from services.identity.handlers.desk import GONE
from services.identity.handlers.joining import CHINA
from services.identity.handlers.leaving import OwnRequest
from services.identity.models import CorrectionRow, Membership, RealName, Territory
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

SEALED_FOR = "correction.new"
WHAT_WAS_SEEN = "隐去中段的姓名或证件号码（原值与更正值）、更正理由"
PURPOSE = "处理个人信息更正申请"
_SEALS = {REAL_NAME: "real_name.name", ID_NUMBER: "real_name.id_number"}


def request_correction(
    uow: UnitOfWork, vault: Vault, cmd: RequestCorrection, actor: Actor, now: datetime
) -> Correction:
    """Ask for a correction; the committee of the community that she joined first decides.

    Raises:
        RealNameInvalid, IdNumberInvalid, GuardianNeeded, NotAChild: it cannot be right.
        NothingToCorrect: nothing of the kind is held, or she is a member nowhere.
        NothingDiffers: it is what we have.
        CorrectionWaits: the last one has not been decided.
    """
    session = uow.session
    person = repository.person(session, actor.person_id, lock=True)
    of_child = person.guardian_id is not None
    today = now.astimezone(CHINA).date()
    new = rules.corrected(cmd.field, cmd.value, today, of_child=of_child)
    old = _known(vault, session.get(RealName, person.id), cmd.field)
    home = _home(uow, person.id)
    if old is None or home is None:
        raise rules.NothingToCorrect()
    rules.require_different(old, new)
    waiting = select(CorrectionRow.id).where(
        CorrectionRow.person_id == person.id,
        CorrectionRow.field == cmd.field,
        CorrectionRow.status == PENDING,
    )
    if session.scalar(waiting) is not None:
        raise rules.CorrectionWaits()
    correction_id = new_id()
    row = CorrectionRow(
        id=correction_id,
        person_id=person.id,
        community_id=home,
        field=cmd.field,
        new_sealed=vault.seal(new, purpose=SEALED_FOR, owner=correction_id),
        reason=cmd.reason,
        status=PENDING,
        requested_at=now,
    )
    session.add(row)
    session.flush()
    return _views(uow, vault, [row])[0]


def _home(uow: UnitOfWork, person_id: str) -> str | None:
    """The community where the person is an active member, the first of several."""
    return uow.session.scalars(
        select(Membership.community_id)
        .where(Membership.person_id == person_id, Membership.status == "active")
        .order_by(Membership.requested_at, Membership.id)
        .limit(1)
    ).first()


def _known(vault: Vault, claim: RealName | None, field: str) -> str | None:
    """What is held; None for people whom an external verifier vouches for."""
    if claim is None:
        return None
    sealed = claim.name_sealed if field == REAL_NAME else claim.id_number_sealed
    return vault.open(sealed, purpose=_SEALS[field], owner=claim.person_id) if sealed else None


def list_my_corrections(
    uow: UnitOfWork, vault: Vault, cmd: ListMyCorrections, actor: Actor
) -> Page[Correction]:
    """What the actor asked for, the newest first."""
    query = select(CorrectionRow).where(CorrectionRow.person_id == actor.person_id)
    if cmd.cursor:
        query = query.where(CorrectionRow.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(uow.session.scalars(query.order_by(CorrectionRow.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    return Page[Correction](
        items=_views(uow, vault, page),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def list_corrections(
    uow: UnitOfWork, vault: Vault, cmd: ListCorrections, actor: Actor, now: datetime
) -> Page[Correction]:
    """The community's corrections with one status, the longest waiting first, data masked."""
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    query = select(CorrectionRow).where(
        CorrectionRow.community_id == community.id, CorrectionRow.status == cmd.status
    )
    page, next_cursor = queues.page_of(session, CorrectionRow, query, cmd)
    items = _views(uow, vault, page)
    _write_down(uow, page, community, actor, now)
    return Page[Correction](items=items, next_cursor=next_cursor)


def decide_correction(
    uow: UnitOfWork, vault: Vault, cmd: DecideCorrection, actor: Actor, now: datetime
) -> Correction:
    """Approve or refuse a correction of the actor's own community.

    Membership and register stay as they are: who was let in stays in.

    Raises:
        CorrectionNotFound: none such, or of another community.
        OwnRequest: it is the actor's own, or her child's.
        AlreadyDecided, AnswerNeeded: see the domain.
        IdTaken: the new number belongs to another account.
    """
    session = uow.session
    row = session.get(CorrectionRow, cmd.id, with_for_update=True)
    community = repository.community(session, row.community_id) if row else None
    if row is None or community is None or not actor.holds(COMMITTEE, community.path):
        raise rules.CorrectionNotFound()
    if actor.person_id in (row.person_id, children.guardian_of(uow, row.person_id)):
        raise OwnRequest()
    after = rules.decide(row.status, cmd.decision, cmd.answer)
    if after == APPROVED:
        _correct(uow, vault, row, now)
    close_correction(row, after, cmd.answer, actor.person_id, now)
    session.flush()
    _write_down(uow, [row], community, actor, now)
    return _views(uow, vault, [row])[0]


def _correct(uow: UnitOfWork, vault: Vault, row: CorrectionRow, now: datetime) -> None:
    session = uow.session
    claim = session.get(RealName, row.person_id, with_for_update=True)
    if claim is None or row.new_sealed is None:
        raise rules.NothingToCorrect()  # she moved out meanwhile
    new = vault.open(row.new_sealed, purpose=SEALED_FOR, owner=row.id)
    sealed = vault.seal(new, purpose=_SEALS[row.field], owner=row.person_id)
    if row.field == REAL_NAME:
        claim.name_sealed = sealed
        return
    number = id_number.parse(new, now.astimezone(CHINA).date())
    try:
        with session.begin_nested():
            session.execute(
                update(RealName)
                .where(RealName.person_id == row.person_id)
                .values(
                    id_number_sealed=sealed,
                    id_index=vault.index("id_number", new),
                    birth_year=number.birth.year,
                )
            )
    except IntegrityError:
        raise IdTaken() from None
    if children.guardian_of(uow, row.person_id) is not None:
        children.end_anew(uow, row.person_id, number)


def _write_down(
    uow: UnitOfWork,
    rows: Sequence[CorrectionRow],
    community: Territory,
    actor: Actor,
    now: datetime,
) -> None:
    access.write_down(
        uow,
        actor,
        now,
        subjects=[Subject(row.person_id) for row in rows],
        community=community,
        what=WHAT_WAS_SEEN,
        purpose=PURPOSE,
    )


def _views(uow: UnitOfWork, vault: Vault, rows: Sequence[CorrectionRow]) -> list[Correction]:
    ids = [row.person_id for row in rows]
    people = repository.people(uow.session, ids)
    claims = repository.real_names(uow.session, ids)
    found = []
    for row in rows:
        old = new = GONE
        if row.status == PENDING and row.new_sealed:
            mask = MASKS[row.field]
            known = _known(vault, claims.get(row.person_id), row.field)
            old = mask(known) if known else GONE
            new = mask(vault.open(row.new_sealed, purpose=SEALED_FOR, owner=row.id))
        person = people[row.person_id]
        found.append(
            Correction(
                id=row.id,
                status=row.status,
                person=Person(id=person.id, display_name=person.display_name),
                field=row.field,
                old=old,
                new=new,
                reason=row.reason,
                requested_at=row.requested_at,
                decided_at=row.decided_at,
                answer=row.answer,
            )
        )
    return found
