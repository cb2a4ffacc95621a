"""Assisted mode (代办): naming helpers, ending help, and the token to act for somebody."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError

from services.contracts.actor import COMMITTEE, Actor, Role, covers
from services.contracts.errors import FieldError, ObserverReadOnly
from services.contracts.events import AssistanceEnded
from services.contracts.ids import new_id
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.identity import Assistance as AssistanceView
from services.contracts.operations.identity import (
    AssistedToken,
    CreateAssistedToken,
    EndAssistance,
    ListAssistances,
    NameHelper,
    Person,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import assistance as rules
from services.identity.domain import login, names
from services.identity.domain.assistance import Kind
from services.identity.domain.consents import ASSISTANCE, PURPOSES
from services.identity.domain.guardians import GuardianStays
from services.identity.domain.membership import GuardianNeeded
from services.identity.handlers import access, cards, ledger
from services.identity.handlers.access import Subject
from services.identity.handlers.sessions import Desk
from services.identity.models import Assistance, PersonRow, SessionRow, Territory
from services.identity.tokens import ACCESS_SECONDS
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

SEALED_FOR = "assistance.phone"
WHAT_IS_SEEN = "您的住址、入住申请，以及您在社区里能看到的内容"
WHY = "以您的名义代办"


# -- naming ------------------------------------------------------------------------------------


def name_helper(
    uow: UnitOfWork, vault: Vault, cmd: NameHelper, actor: Actor, now: datetime
) -> AssistanceView:
    """Let the holder of a phone act for the actor, or for somebody who cannot log in.

    Nobody is looked up by the phone, so the answer tells nothing about it.

    Raises:
        PhoneInvalid: it cannot be a mobile number.
        Invalid: the expiry has passed; staff did not say how the person agreed.
        OwnHelper, AlreadyHelper, TooManyHelpers: see the domain.
        PersonNotFound, PersonLogsIn: staff record it for their own residents without a phone.
        GuardianNeeded: for a child nobody acts but the guardian.
    """
    phone = names.phone(cmd.phone)
    index = vault.index("phone", phone)
    rules.require_future(cmd.expires_at, now)
    if cmd.person_id in (None, actor.person_id):
        subject = repository.person(uow.session, actor.person_id, lock=True)
        community, means, note = None, rules.IN_APP, ""
        if subject.phone_index == index:
            raise rules.OwnHelper(errors=[FieldError("phone", rules.OwnHelper.zh)])
    else:
        rules.require_consent(cmd.consent_means, cmd.consent_note)
        subject, community = _resident_without_phone(uow, str(cmd.person_id), actor)
        means, note = str(cmd.consent_means), str(cmd.consent_note)
    in_office = repository.person(uow.session, actor.person_id).phone_index == index
    row = Assistance(
        id=new_id(),
        kind=Kind.STAFF if in_office else Kind.RELATIVE,
        helper_id=actor.person_id if in_office else None,
        subject_id=subject.id,
        community_id=community.id if community else None,
        relationship=cmd.relationship,
        consent_means=means,
        consent_note=note,
        consent_at=now,
        recorded_by=actor.person_id,
        expires_at=cmd.expires_at,
        taken_up_at=now if in_office else None,
        due_at=rules.due(cmd.expires_at, in_office, now),
    )
    if not in_office:
        row.phone_index = index
        row.phone_sealed = vault.seal(phone, purpose=SEALED_FOR, owner=row.id)
    add(uow, row, now)
    return views(uow, vault, [row], actor)[0]


def _resident_without_phone(
    uow: UnitOfWork, person_id: str, actor: Actor
) -> tuple[PersonRow, Territory]:
    """The person, and where the actor serves on her committee."""
    session = uow.session
    homes = repository.nodes_at(session, repository.member_paths(session, person_id))
    served = next((home for home in homes.values() if actor.holds(COMMITTEE, home.path)), None)
    if served is None:
        raise repository.PersonNotFound()
    subject = repository.person(session, person_id, lock=True)
    if subject.phone_index is not None:
        raise rules.PersonLogsIn()
    if subject.guardian_id is not None:
        raise GuardianNeeded(errors=[FieldError("person_id", GuardianNeeded.zh)])
    return subject, served


def add(uow: UnitOfWork, row: Assistance, now: datetime) -> None:
    """Keep an assistance and the subject's consent to it.

    Raises:
        TooManyHelpers, AlreadyHelper: see the domain.
    """
    session = uow.session
    mine = select(func.count()).where(
        Assistance.subject_id == row.subject_id, Assistance.ended_at.is_(None)
    )
    if (session.scalar(mine) or 0) >= rules.MOST_HELPERS:
        raise rules.TooManyHelpers()
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise rules.AlreadyHelper() from None
    ledger.keep(uow, row.subject_id, [PURPOSES[ASSISTANCE]], given_by=row.recorded_by, now=now)


# -- who helps whom ----------------------------------------------------------------------------


def list_assistances(
    uow: UnitOfWork, vault: Vault, cmd: ListAssistances, actor: Actor
) -> Page[AssistanceView]:
    """Who helps the actor and whom she helps, the newest first, ended ones too."""
    query = select(Assistance).where(
        or_(Assistance.subject_id == actor.person_id, _helped_by(uow, actor))
    )
    if cmd.cursor:
        query = query.where(Assistance.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(uow.session.scalars(query.order_by(Assistance.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    return Page[AssistanceView](
        items=views(uow, vault, page, actor),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def _helped_by(uow: UnitOfWork, actor: Actor) -> ColumnElement[bool]:
    """What the actor has taken up, or may: her phone was named, and nobody has acted yet."""
    me = repository.person(uow.session, actor.person_id)
    return or_(
        Assistance.helper_id == me.id,
        (Assistance.helper_id.is_(None))
        & (Assistance.phone_index.is_not(None))
        & (Assistance.phone_index == me.phone_index),
    )


def views(
    uow: UnitOfWork, vault: Vault, rows: Sequence[Assistance], actor: Actor
) -> list[AssistanceView]:
    """Assistances with names; the phone is for those who gave it."""
    ids = {i for r in rows for i in (r.helper_id, r.subject_id, r.recorded_by) if i}
    people = repository.people(uow.session, ids)

    def person(person_id: str) -> Person:
        return Person(id=person_id, display_name=people[person_id].display_name)

    found = []
    for row in rows:
        phone = None
        if row.phone_sealed and actor.person_id in (row.subject_id, row.recorded_by):
            phone = names.mask_phone(vault.open(row.phone_sealed, purpose=SEALED_FOR, owner=row.id))
        found.append(
            AssistanceView(
                id=row.id,
                kind=Kind(row.kind).value,
                helper=person(row.helper_id) if row.helper_id else None,
                phone=phone,
                subject=person(row.subject_id),
                relationship=row.relationship,
                consent_means=row.consent_means,
                consent_at=row.consent_at,
                recorded_by=person(row.recorded_by),
                expires_at=row.expires_at,
                ended_at=row.ended_at,
            )
        )
    return found


# -- ending ------------------------------------------------------------------------------------


def end_assistance(uow: UnitOfWork, cmd: EndAssistance, actor: Actor, now: datetime) -> Empty:
    """End it, by the subject, the helper, or staff where the subject lives; twice is once.

    Raises:
        AssistanceNotFound: none such, or not the actor's to end.
        GuardianStays: the guardian's consent is withdrawn by deleting the child's account.
    """
    row = uow.session.get(Assistance, cmd.id, with_for_update=True)
    if row is None or not _may_end(uow, row, actor):
        raise rules.AssistanceNotFound()
    if row.ended_at is None and row.kind == Kind.GUARDIAN:
        raise GuardianStays()
    if row.ended_at is None:
        _end(uow, [row], actor.person_id, now)
    return Empty()


def _may_end(uow: UnitOfWork, row: Assistance, actor: Actor) -> bool:
    session = uow.session
    mine = select(Assistance.id).where(Assistance.id == row.id, _helped_by(uow, actor))
    if row.subject_id == actor.person_id or session.scalar(mine) is not None:
        return True
    places = set(repository.member_paths(session, row.subject_id))
    places |= {node.path for node in repository.nodes(session, [row.community_id]).values()}
    return any(actor.holds(COMMITTEE, path) for path in places)


def end_for(uow: UnitOfWork, subject_id: str, by: str, now: datetime) -> None:
    """Nobody acts for ``subject_id`` any more: she took her consent back, or is gone."""
    _end(uow, _live(uow, Assistance.subject_id == subject_id), by, now)


def end_by(uow: UnitOfWork, helper_id: str, by: str, now: datetime) -> None:
    """``helper_id`` acts for nobody any more: the account is gone."""
    _end(uow, _live(uow, Assistance.helper_id == helper_id), by, now)


def end_at(uow: UnitOfWork, community_id: str, by: str, now: datetime) -> int:
    """Nobody acts for anybody in the name of a community that is no more; how many did."""
    rows = _live(uow, Assistance.community_id == community_id)
    _end(uow, rows, by, now)
    return len(rows)


def expire_assistances(uow: UnitOfWork, now: datetime) -> int:
    """End those whose time is over, or that nobody took up; how many there were."""
    rows = uow.session.scalars(
        select(Assistance)
        .where(Assistance.ended_at.is_(None), Assistance.due_at <= now)
        .order_by(Assistance.id)
        .limit(50)
        .with_for_update(skip_locked=True)
    ).all()
    _end(uow, rows, None, now)
    return len(rows)


def _live(uow: UnitOfWork, condition: ColumnElement[bool]) -> Sequence[Assistance]:
    query = select(Assistance).where(condition, Assistance.ended_at.is_(None))
    return uow.session.scalars(query.order_by(Assistance.id).with_for_update()).all()


def _end(uow: UnitOfWork, rows: Iterable[Assistance], by: str | None, now: datetime) -> None:
    """End them, and with a person's last one the consent to be helped."""
    session = uow.session
    ended = list(rows)
    for row in ended:
        row.ended_at, row.ended_by = now, by
        row.phone_index = row.phone_sealed = None  # it has served
        if row.helper_id:
            uow.emit(
                AssistanceEnded(
                    assistance_id=row.id, helper_id=row.helper_id, subject_id=row.subject_id
                )
            )
    session.flush()
    for subject_id in sorted({row.subject_id for row in ended}):
        left = select(Assistance.id).where(
            Assistance.subject_id == subject_id, Assistance.ended_at.is_(None)
        )
        if session.scalar(left.limit(1)) is None:
            ledger.close(uow, subject_id, ASSISTANCE, now)


# -- acting ------------------------------------------------------------------------------------


def create_assisted_token(
    uow: UnitOfWork, cmd: CreateAssistedToken, desk: Desk, actor: Actor
) -> AssistedToken:
    """A token of 15 minutes to act for somebody: her homes, no office, in the helper's session.

    Raises:
        AssistanceNotFound: none such, or somebody else's.
        AssistanceOver: it has ended.
        OfficeLeft: a staff helper serves there no more.
        ObserverReadOnly: one of the two only watches, and speaks through nobody either.
        SessionEnded: the helper's own session is over.
    """
    session, now = uow.session, desk.now
    row = session.scalars(
        select(Assistance)
        .where(Assistance.id == cmd.assistance_id, _helped_by(uow, actor))
        .with_for_update()
    ).first()
    if row is None:
        raise rules.AssistanceNotFound()
    rules.require_live(row.ended_at, row.due_at, now)
    _require_session(uow, desk, actor)
    _require_no_observer(uow, (row.subject_id, actor.person_id), now)
    homes = repository.nodes_at(session, repository.member_paths(session, row.subject_id))
    if row.kind == Kind.STAFF:
        office = _office(uow, row, actor, now)
        homes = {path: home for path, home in homes.items() if home.id == office.id}
        access.write_down(
            uow,
            actor,
            now,
            subjects=[Subject(row.subject_id)],
            community=office,
            what=WHAT_IS_SEEN,
            purpose=WHY,
        )
    elif row.helper_id is None:
        _take_up(uow, row, actor, now)
    for home in homes.values():
        _introduce(uow, actor.person_id, home, now)
    people = repository.people(session, [row.subject_id, actor.person_id])
    subject, helper = people[row.subject_id], people[actor.person_id]
    grants = [(Role.RESIDENT.value, path) for path in sorted(homes)]
    return AssistedToken(
        access_token=desk.issuer.access_token(
            subject.id,
            actor.session_id,
            grants,
            acted_by=helper.id,
            guards=row.kind == Kind.GUARDIAN,
        ),
        expires_in=ACCESS_SECONDS,
        person=Person(id=subject.id, display_name=subject.display_name),
        acted_by=Person(id=helper.id, display_name=helper.display_name),
    )


def _require_session(uow: UnitOfWork, desk: Desk, actor: Actor) -> None:
    """A session that was revoked a minute ago must not live on in tokens for others."""
    row = uow.session.get(SessionRow, actor.session_id)
    if row is None or row.revoked_at is not None or row.expires_at <= desk.clock:
        raise login.SessionEnded()


def _require_no_observer(uow: UnitOfWork, person_ids: Iterable[str], now: datetime) -> None:
    for person_id in person_ids:
        held = repository.held_roles(repository.live_grants(uow.session, person_id))
        if any(h.role is Role.OBSERVER and h.live(now) for h in held):
            raise ObserverReadOnly()


def _office(uow: UnitOfWork, row: Assistance, actor: Actor, now: datetime) -> Territory:
    """The community where a staff helper serves, by her token and by the table as it is now."""
    community = repository.community(uow.session, str(row.community_id))
    held = repository.held_roles(repository.live_grants(uow.session, actor.person_id))
    serves = any(
        h.role in COMMITTEE and h.live(now) and covers(h.path, community.path) for h in held
    )
    if not (serves and actor.holds(COMMITTEE, community.path)):
        raise rules.OfficeLeft()
    return community


def _take_up(uow: UnitOfWork, row: Assistance, actor: Actor, now: datetime) -> None:
    """From now on it is this account that helps, whatever becomes of the phone number."""
    try:
        with uow.session.begin_nested():
            row.helper_id, row.taken_up_at = actor.person_id, now
            row.due_at = rules.due(row.expires_at, True, now)
            uow.session.flush()
    except IntegrityError:
        raise rules.AlreadyHelper() from None


def _introduce(uow: UnitOfWork, helper_id: str, home: Territory, now: datetime) -> None:
    """The services there learn the helper's name; she gets no standing by it."""
    if cards.card(uow.session, helper_id, home, now).standing == "ended":
        cards.announce(uow, helper_id, home, now)
