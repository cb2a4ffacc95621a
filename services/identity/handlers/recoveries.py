"""Phones that were lost: opened by one of the staff, confirmed by another, finished by time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor, Role, covers
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.identity import (
    CancelRecovery,
    ConfirmRecovery,
    ListRecoveries,
    OpenRecovery,
    Recovery,
    RecoveryNotice,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import names, recovery, roles
from services.identity.domain.messages import Kind, Message
from services.identity.domain.recovery import State, Step
from services.identity.handlers import access, login, messages, moving, sessions, totp, wechat
from services.identity.handlers.access import Subject
from services.identity.models import PersonRow, PhoneRecovery, Territory
from services.kit import logs
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

WHAT_WAS_SEEN = "隐去中段的原手机号和新手机号"
PURPOSE = "办理更换手机号"
NO_PHONE = "—"


def open_recovery(
    uow: UnitOfWork,
    cmd: OpenRecovery,
    vault: Vault,
    actor: Actor,
    clock: datetime,
    now: datetime,
    *,
    demo: bool,
) -> Recovery:
    """The first of two staff members says that a resident has lost the phone.

    The new one has to be in the person's hands, so that a mistyped digit gives nobody the account.

    Raises:
        Forbidden: not of this community's committee.
        OwnRecovery, NotAResident, NobodyToWarn, HoldsOffice, RecoveryRunning: see the domain.
        CodeNotRight: the code of the new phone (``new_code``).
        SamePhone: said, as what follows, only about a phone whose code was shown.
        PhoneTaken: somebody with a name, a home or an office logs in with the new number.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    if cmd.person_id == actor.person_id:
        raise recovery.OwnRecovery()
    phone = names.phone(cmd.new_phone, "new_phone")
    person = _member(session, cmd.person_id, community, now)
    if _live(session, person.id) is not None:
        raise recovery.RecoveryRunning()
    index = vault.index("phone", phone)
    login.require_code(uow, vault, index, cmd.new_code, clock, field="new_code", demo=demo)
    if index == person.phone_index:
        if not repository.has_factor(session, person.id):
            raise recovery.SamePhone()
    else:
        holder = moving.holder_of(session, index)
        if holder is not None and not repository.is_blank(session, holder.id):
            raise recovery.PhoneTaken()
    recovery_id = new_id()
    row = PhoneRecovery(
        id=recovery_id,
        state=State.OPENED.value,
        person_id=person.id,
        community_id=community.id,
        new_phone_sealed=vault.seal(phone, purpose="recovery.phone", owner=recovery_id),
        new_phone_index=index,
        reason=cmd.reason,
        opened_by=actor.person_id,
        opened_at=now,
        effective_at=now + recovery.UNCONFIRMED,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # the index of live ones
        raise recovery.RecoveryRunning() from None
    login.use_code(uow, index, clock)
    return _seen(uow, vault, [row], community, actor, now)[0]


def confirm_recovery(
    uow: UnitOfWork,
    cmd: ConfirmRecovery,
    vault: Vault,
    actor: Actor,
    clock: datetime,
    now: datetime,
) -> Recovery:
    """The second one confirms: the old phone is told, and 24 hours begin.

    Raises:
        RecoveryNotFound: none such, or another community's.
        OwnRecovery, SecondPersonNeeded, NotIndependent, RecoveryOver, NotAResident, NobodyToWarn,
            HoldsOffice: see the domain.
    """
    session = uow.session
    row, community = _of_staff(session, cmd.id, actor)
    recovery.require_second(row.person_id, row.opened_by, actor.person_id)
    both = (row.opened_by, actor.person_id)
    one, other = (_offices(session, person_id, community, now) for person_id in both)
    recovery.require_independent(row.opened_by, one, actor.person_id, other, now)
    row.state = recovery.after(State(row.state), Step.CONFIRM).value
    person = _member(session, row.person_id, community, now)
    row.confirmed_by, row.confirmed_at = actor.person_id, now
    row.effective_at = now + recovery.OBJECTION
    hours = str(int(recovery.OBJECTION.total_seconds() // 3600))
    notice = Message(Kind.RECOVERY_WAITING, (hours, names.phone_tail(_new_phone(vault, row))))
    _tell(uow, vault, person, notice, clock)
    return _seen(uow, vault, [row], community, actor, now)[0]


def cancel_recovery(uow: UnitOfWork, cmd: CancelRecovery, actor: Actor, now: datetime) -> Empty:
    """Stop it: the person herself, or the community's staff.

    Raises:
        RecoveryNotFound: none such, or neither hers nor of her community.
        RecoveryOver: it is over.
    """
    row = uow.session.get(PhoneRecovery, cmd.id, with_for_update=True)
    if row is None:
        raise recovery.RecoveryNotFound()
    community = repository.community(uow.session, row.community_id)
    serves = actor.holds(COMMITTEE, community.path) and not actor.is_observer
    if row.person_id != actor.person_id and not serves:
        raise recovery.RecoveryNotFound()
    _over(row, Step.CANCEL, actor.person_id, now)
    return Empty()


def list_recoveries(
    uow: UnitOfWork, cmd: ListRecoveries, vault: Vault, actor: Actor, now: datetime
) -> Page[Recovery]:
    """The community's recoveries, the newest first; each look is written down."""
    session = uow.session
    community = repository.community(session, cmd.cid)
    actor.require(COMMITTEE, community.path)
    query = select(PhoneRecovery).where(PhoneRecovery.community_id == community.id)
    if cmd.cursor:
        query = query.where(PhoneRecovery.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(session.scalars(query.order_by(PhoneRecovery.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    return Page[Recovery](
        items=_seen(uow, vault, page, community, actor, now),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def notice_of(session: Session, person_id: str) -> RecoveryNotice | None:
    """The person's own recovery under way, if there is one."""
    row = _live(session, person_id)
    if row is None:
        return None
    return RecoveryNotice(
        id=row.id, effective_at=row.effective_at if row.state == State.WAITING else None
    )


def state_of(session: Session, person_id: str) -> str | None:
    """Where the person's recovery under way stands; None without one."""
    row = _live(session, person_id)
    return row.state if row else None


def overtake(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """The person has moved or deleted the account herself: what the staff began is off."""
    row = _live(uow.session, person_id, lock=True)
    if row is not None:
        _over(row, Step.CANCEL, person_id, now)


def forget_phones(uow: UnitOfWork, person_id: str) -> None:
    """What is over keeps who opened and who confirmed it, for whoever asks how it came about."""
    uow.session.flush()
    uow.session.execute(
        update(PhoneRecovery)
        .where(PhoneRecovery.person_id == person_id)
        .values(new_phone_sealed=None, new_phone_index=None)
    )


def end_at(uow: UnitOfWork, community_id: str, by: str, now: datetime) -> int:
    """A community that is no more vouches for nobody; how many recoveries it had under way."""
    rows = uow.session.scalars(
        select(PhoneRecovery)
        .where(
            PhoneRecovery.community_id == community_id,
            PhoneRecovery.state.in_([state.value for state in recovery.LIVE]),
        )
        .with_for_update()
    ).all()
    for row in rows:
        _over(row, Step.CANCEL, by, now)
    return len(rows)


def finish_recoveries(uow: UnitOfWork, vault: Vault, clock: datetime, now: datetime) -> int:
    """Finish one that is due; how many were handled (0 or 1).

    The account moves to the new phone with nothing of the old one: every session ends, WeChat
    and the second factor are gone, and the old phone is told. What nobody has confirmed within
    seven days expires. It is cancelled when the new number has become somebody's meanwhile, or the
    person came into an office.
    """
    session = uow.session
    due = (
        select(PhoneRecovery)
        .where(
            PhoneRecovery.state.in_([state.value for state in recovery.LIVE]),
            PhoneRecovery.effective_at <= now,
        )
        .order_by(PhoneRecovery.effective_at, PhoneRecovery.id)
        .limit(1)
    )
    person_id = session.scalar(due.with_only_columns(PhoneRecovery.person_id))
    if person_id is None:
        return 0
    repository.hold(session, person_id)  # before the row: whoever moves or deletes it does so, too
    mine = due.where(PhoneRecovery.person_id == person_id)
    row = session.scalars(mine.with_for_update(skip_locked=True)).first()
    if row is None:
        return 0
    if row.state == State.OPENED:
        _over(row, Step.EXPIRE, None, now)
        return 1
    person = repository.person(session, row.person_id, lock=True)
    phone = _new_phone(vault, row)
    index = vault.index("phone", phone)
    done = Message(Kind.RECOVERY_DONE, (names.phone_tail(phone),))
    _tell(uow, vault, person, done, clock)  # as long as the old number is known
    try:
        _require_no_office(session, person.id, now)
        if index != person.phone_index:
            moving.make_room(uow, index, clock, now)
            moving.move(uow, vault, person, phone)
    except (recovery.PhoneTaken, recovery.HoldsOffice) as error:
        uow.rollback()
        return _give_up(uow, row.id, error.code, now)
    totp.forget(uow, person.id)
    wechat.forget(uow, person.id)
    sessions.end_all(uow, person.id, "phone_recovered", clock)
    _over(row, Step.FINISH, None, now)
    return 1


def _give_up(uow: UnitOfWork, recovery_id: str, why: str, now: datetime) -> int:
    row = uow.session.get(PhoneRecovery, recovery_id, with_for_update=True)
    if row is not None and row.state == State.WAITING:
        _over(row, Step.CANCEL, None, now)
        log.warning("phone recovery cancelled", recovery_id=recovery_id, why=why)
    return 1


def _over(row: PhoneRecovery, step: Step, by: str | None, now: datetime) -> None:
    row.state = recovery.after(State(row.state), step).value
    row.ended_at, row.ended_by = now, by


def _of_staff(session: Session, recovery_id: str, actor: Actor) -> tuple[PhoneRecovery, Territory]:
    row = session.get(PhoneRecovery, recovery_id, with_for_update=True)
    community = repository.community(session, row.community_id) if row else None
    if row is None or community is None or not actor.holds(COMMITTEE, community.path):
        raise recovery.RecoveryNotFound()
    return row, community


def _member(session: Session, person_id: str, community: Territory, now: datetime) -> PersonRow:
    if community.path not in repository.member_paths(session, person_id):
        raise recovery.NotAResident()
    _require_no_office(session, person_id, now)
    person = repository.person(session, person_id)
    if person.phone_index is None:
        raise recovery.NobodyToWarn()
    return person


def _offices(
    session: Session, person_id: str, community: Territory, now: datetime
) -> list[recovery.Office]:
    """The grants by which somebody serves on the community's committee."""
    return [
        recovery.Office(grant.granted_by, grant.granted_at)
        for grant in repository.live_grants(session, person_id)
        if Role(grant.role) in COMMITTEE
        and covers(grant.path, community.path)
        and (grant.expires_at is None or grant.expires_at > now)
    ]


def _live(session: Session, person_id: str, *, lock: bool = False) -> PhoneRecovery | None:
    query = select(PhoneRecovery).where(
        PhoneRecovery.person_id == person_id,
        PhoneRecovery.state.in_([state.value for state in recovery.LIVE]),
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def _require_no_office(session: Session, person_id: str, now: datetime) -> None:
    if roles.holds_office(repository.held_roles(repository.live_grants(session, person_id)), now):
        raise recovery.HoldsOffice()


def _tell(
    uow: UnitOfWork, vault: Vault, person: PersonRow, message: Message, clock: datetime
) -> None:
    if person.phone_sealed is not None:
        phone = vault.open(person.phone_sealed, purpose="person.phone", owner=person.id)
        messages.queue(uow, vault, phone, message, clock, useful=recovery.OBJECTION)


def _new_phone(vault: Vault, row: PhoneRecovery) -> str:
    """The new number; kept as long as the person has the account."""
    if row.new_phone_sealed is None:
        raise recovery.RecoveryOver()
    return vault.open(row.new_phone_sealed, purpose="recovery.phone", owner=row.id)


def _seen(
    uow: UnitOfWork,
    vault: Vault,
    rows: Sequence[PhoneRecovery],
    community: Territory,
    actor: Actor,
    now: datetime,
) -> list[Recovery]:
    """The recoveries as staff see them, and the line in each person's access log."""
    session = uow.session
    session.flush()
    ids = [i for r in rows for i in (r.person_id, r.opened_by, r.confirmed_by) if i]
    people = repository.people(session, ids)
    access.write_down(
        uow,
        actor,
        now,
        subjects=[Subject(person_id=row.person_id) for row in rows],
        community=community,
        what=WHAT_WAS_SEEN,
        purpose=PURPOSE,
    )
    return [_view(vault, row, people) for row in rows]


def masked_phone(vault: Vault, person: PersonRow) -> str | None:
    """The person's number as staff see it; None for somebody who has none."""
    if person.phone_sealed is None:
        return None
    return names.mask_phone(
        vault.open(person.phone_sealed, purpose="person.phone", owner=person.id)
    )


def _view(vault: Vault, row: PhoneRecovery, people: dict[str, PersonRow]) -> Recovery:
    state = State(row.state)
    return Recovery(
        id=row.id,
        state=state.value,
        person=access.named(people, row.person_id),
        old_phone=masked_phone(vault, people[row.person_id]) or NO_PHONE,
        new_phone=names.mask_phone(_new_phone(vault, row)) if row.new_phone_sealed else NO_PHONE,
        opened_by=access.named(people, row.opened_by),
        opened_at=row.opened_at,
        confirmed_by=access.named(people, row.confirmed_by) if row.confirmed_by else None,
        effective_at=row.effective_at if row.confirmed_by else None,
        reason=row.reason,
    )
