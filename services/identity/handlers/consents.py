"""My consents: what I agreed to, in which words, and taking it back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.identity import (
    ConsentView,
    GiveConsent,
    GridReporter,
    ListMyConsents,
    Person,
    ReporterForGrid,
    WithdrawConsent,
)
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import consents, names
from services.identity.domain.consents import (
    ASSISTANCE,
    GRID_PLATFORM,
    MESSAGES,
    PARTY_BADGE,
    PURPOSES,
)
from services.identity.handlers import access, assistance, badge, contacts, ledger
from services.identity.handlers.access import Subject
from services.identity.handlers.claims import real_name
from services.identity.models import Consent, Territory
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

HANDED_OVER = "隐去中段的姓名和手机号，随工单提供给网格化管理平台"
TO_THE_GRID = "上报您反映的问题（您已单独同意）"


def list_my_consents(
    uow: UnitOfWork, cmd: ListMyConsents, actor: Actor, language: str
) -> Page[ConsentView]:
    """The ledger of the actor's consents, the newest first, withdrawn ones too."""
    query = select(Consent).where(Consent.person_id == actor.person_id)
    if cmd.cursor:
        query = query.where(Consent.id < decode_cursor(cmd.cursor, 1)[0])
    rows = list(uow.session.scalars(query.order_by(Consent.id.desc()).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    return Page[ConsentView](
        items=views(uow, page, language),
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def give_consent(
    uow: UnitOfWork, cmd: GiveConsent, actor: Actor, now: datetime, language: str
) -> ConsentView:
    """Consent to one purpose; said twice in the same words it stands once.

    To consent to the Party badge is to show it.

    Raises:
        BadgeNotConfirmed: no branch has confirmed the membership.
        ConsentByDeed: a helper has to be named.
    """
    purpose = PURPOSES[cmd.purpose]
    if purpose.by_deed:
        raise consents.ConsentByDeed()
    person = repository.person(uow.session, actor.person_id, lock=True)
    if purpose.key == PARTY_BADGE:
        badge.show(uow, person.id, now)
    elif not ledger.counts(uow.session, person.id, purpose.key):
        ledger.keep(uow, person.id, [purpose], given_by=person.id, now=now)
    mine = (c for c in ledger.standing(uow.session, person.id) if c.purpose == purpose.key)
    return views(uow, [next(mine)], language)[0]


def withdraw_consent(uow: UnitOfWork, cmd: WithdrawConsent, actor: Actor, now: datetime) -> Empty:
    """Withdraw a consent, and with it every other to the same purpose; what it allowed ends.

    Raises:
        ConsentNotFound: none such, or another person's.
        ConsentNeeded: a membership stands on it.
    """
    session = uow.session
    person = repository.person(session, actor.person_id, lock=True)
    row = session.get(Consent, cmd.id)
    if row is None or row.person_id != person.id:
        raise consents.ConsentNotFound()
    if row.withdrawn_at is not None:
        return Empty()
    member = repository.has_live_membership(session, person.id)
    consents.require_withdrawable(row.purpose, member=member)
    if row.purpose == PARTY_BADGE:
        badge.hide(uow, person.id, now)
    if row.purpose == ASSISTANCE:
        assistance.end_for(uow, person.id, person.id, now)
    if row.purpose == MESSAGES:
        contacts.withdraw(uow, person.id)
    ledger.close(uow, person.id, row.purpose, now)
    return Empty()


def reporter_for_grid(
    uow: UnitOfWork, vault: Vault, cmd: ReporterForGrid, actor: Actor, now: datetime
) -> GridReporter:
    """Whom the grid platform may be told about: masked name and phone, or nothing at all.

    Only for staff of a community where the reporter is a member, and written down like any other
    look: the person can read that it was handed over, and by whom.
    """
    session = uow.session
    homes = repository.nodes_at(session, repository.member_paths(session, cmd.person_id))
    served = next((home for home in homes.values() if actor.holds(COMMITTEE, home.path)), None)
    if served is None or not ledger.counts(session, cmd.person_id, GRID_PLATFORM):
        return GridReporter(consented=False)
    return _reporter(uow, vault, cmd.person_id, actor, served, now)


def _reporter(
    uow: UnitOfWork,
    vault: Vault,
    person_id: str,
    actor: Actor,
    community: Territory,
    now: datetime,
) -> GridReporter:
    person = repository.person(uow.session, person_id)
    known = repository.real_names(uow.session, [person_id]).get(person_id)
    name = phone = None
    if full := real_name(vault, known):
        name = names.mask_name(full)
    if person.phone_sealed:
        full = vault.open(person.phone_sealed, purpose="person.phone", owner=person_id)
        phone = names.mask_phone(full)
    access.write_down(
        uow,
        actor,
        now,
        subjects=[Subject(person_id)],
        community=community,
        what=HANDED_OVER,
        purpose=TO_THE_GRID,
    )
    return GridReporter(consented=True, name=name, phone=phone)


def views(uow: UnitOfWork, rows: Sequence[Consent], language: str) -> list[ConsentView]:
    """Consents with their words and who gave them, in one query for any number."""
    givers = repository.people(uow.session, _givers(rows))
    found = []
    for row in rows:
        purpose = PURPOSES.get(row.purpose)
        giver = givers[row.given_by or row.person_id]
        found.append(
            ConsentView(
                id=row.id,
                purpose=row.purpose,
                text=purpose.words(row.notice, language) if purpose else row.purpose,
                notice=row.notice,
                needed=bool(purpose and purpose.needed),
                given_at=row.given_at,
                given_by=Person(id=giver.id, display_name=giver.display_name),
                withdrawn_at=row.withdrawn_at,
            )
        )
    return found


def _givers(rows: Iterable[Consent]) -> set[str]:
    return {row.given_by or row.person_id for row in rows}
