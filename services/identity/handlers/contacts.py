"""Addresses for messages, and the tickets by which they are asked for one at a time.

Notify keeps no phone, no openid and no mail address. It keeps a ticket, which it was given in the
name of whoever chose the channel; the process that sends shows the ticket at the moment of sending.
What a look is allowed by is the consent to messages: it is asked for anew each time, so that a
withdrawal counts for what was on its way.
"""

import hmac
import json
from datetime import datetime

from sqlalchemy import Row, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.ids import new_id
from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import contacts as rules
from services.identity.domain import login as codes
from services.identity.domain import names
from services.identity.domain.consents import MESSAGES
from services.identity.handlers import ledger
from services.identity.models import Contact, ContactTicket, MailCode, PersonRow
from services.identity.tokens import new_refresh_token, refresh_hash
from services.identity.wechat import Wechat
from services.kit.uow import UnitOfWork

_WECHAT_SHOWN = "微信"


def give_ticket(
    uow: UnitOfWork, cmd: op.GiveContactTicket, vault: Vault, actor: Actor, clock: datetime
) -> op.ContactTicket:
    """A ticket for the actor's address; an earlier one for the same channel ends.

    Raises:
        ContactConsentNeeded, NoContact: see there.
    """
    person = repository.person(uow.session, actor.person_id, lock=True)
    _require_consent(uow, person.id)
    address = _address(uow, vault, person.id, cmd.channel)
    if address is None:
        raise rules.NoContact()
    revoke(uow, person.id, cmd.channel)
    ticket = _give(uow, person_id=person.id, channel=cmd.channel, given_at=clock)
    return op.ContactTicket(ticket=ticket, shown=_shown(cmd.channel, address))


def contact_of(
    uow: UnitOfWork, cmd: op.OfContactTicket, vault: Vault, clock: datetime
) -> op.Contact:
    """The address behind a ticket, which is counted.

    Raises:
        ContactTicketInvalid: it ended: another address, no consent any more, no account.
        LookedTooOften: see there.
    """
    ticket_hash = refresh_hash(cmd.ticket)
    today = codes.day_of(clock)
    most = case(
        (ContactTicket.person_id.is_(None), rules.ROBOT_LOOKS_A_DAY), else_=rules.LOOKS_A_DAY
    )
    fresh = or_(ContactTicket.day.is_(None), ContactTicket.day != today)
    seen = uow.session.execute(
        update(ContactTicket)
        .where(ContactTicket.ticket_hash == ticket_hash, or_(fresh, ContactTicket.looks < most))
        .values(day=today, looks=case((fresh, 1), else_=ContactTicket.looks + 1))
        .returning(
            ContactTicket.id,
            ContactTicket.person_id,
            ContactTicket.channel,
            ContactTicket.robot_sealed,
        )
    ).first()
    if seen is None:
        _refuse_if_worn(uow, ticket_hash)
        return _mail_on_trial(uow, vault, ticket_hash, clock)
    if seen.robot_sealed is not None:
        robot = json.loads(vault.open(seen.robot_sealed, purpose="contact.robot", owner=seen.id))
        return op.Contact(address=robot["token"], secret=robot["secret"])
    address = None
    if ledger.counts(uow.session, seen.person_id, MESSAGES):
        address = _address(uow, vault, seen.person_id, seen.channel)
    if address is None:
        raise rules.ContactTicketInvalid()
    return op.Contact(address=address)


def drop_ticket(uow: UnitOfWork, cmd: op.OfContactTicket) -> Empty:
    """The ticket opens nothing any more; doing so again changes nothing."""
    uow.session.execute(
        delete(ContactTicket).where(ContactTicket.ticket_hash == refresh_hash(cmd.ticket))
    )
    return Empty()


def revoke(uow: UnitOfWork, person_id: str, *channels: str) -> None:
    """The person's tickets for these channels end; for all of them when none is named."""
    query = delete(ContactTicket).where(ContactTicket.person_id == person_id)
    if channels:
        query = query.where(ContactTicket.channel.in_(channels))
    uow.session.execute(query)


def forget(uow: UnitOfWork, person_id: str) -> None:
    """No ticket and no address for messages is left."""
    revoke(uow, person_id)
    for table in (Contact, MailCode):
        uow.session.execute(delete(table).where(table.person_id == person_id))


def withdraw(uow: UnitOfWork, person_id: str) -> None:
    """Nothing is sent any more. How many codes went out today is not forgotten with the consent.

    Otherwise whoever consents anew could have a stranger's mailbox filled.
    """
    revoke(uow, person_id)
    uow.session.execute(delete(Contact).where(Contact.person_id == person_id))
    over = update(MailCode).where(MailCode.person_id == person_id)
    uow.session.execute(over.values(expires_at=MailCode.sent_at))


# -- mail ------------------------------------------------------------------------------------------


def begin_mail(
    uow: UnitOfWork, cmd: op.BeginMailAddress, vault: Vault, actor: Actor, clock: datetime
) -> op.ContactTicket:
    """Remember an address on trial, and a code for it; the ticket opens both to whoever sends.

    Raises:
        MailInvalid, ContactConsentNeeded, MailCodeTooSoon: see there.
    """
    address = rules.mail(cmd.address)
    session = uow.session
    person = repository.person(session, actor.person_id, lock=True)
    _require_consent(uow, person.id)
    earlier = session.scalars(select(MailCode).where(MailCode.person_id == person.id)).first()
    today, sent = codes.day_of(clock), 0
    if earlier is not None:
        sent = earlier.sent_today if earlier.day == today else 0
        wait = codes.RESEND_AFTER - (clock - earlier.sent_at)
        if wait.total_seconds() > 0:
            raise rules.MailCodeTooSoon(retry_after=int(wait.total_seconds()) + 1)
        if sent >= rules.MAIL_CODES_A_DAY:
            raise rules.MailCodeTooSoon(retry_after=3600)
        session.delete(earlier)
        session.flush()
    ticket, code_id = new_refresh_token(), new_id()
    session.add(
        MailCode(
            id=code_id,
            person_id=person.id,
            address_sealed=vault.seal(address, purpose="mail_code.address", owner=code_id),
            code_sealed=vault.seal(codes.new_code(), purpose="mail_code.code", owner=code_id),
            ticket_hash=refresh_hash(ticket),
            tries=0,
            looks=0,
            sent_at=clock,
            expires_at=clock + rules.MAIL_CODE_LIFETIME,
            day=today,
            sent_today=sent + 1,
        )
    )
    return op.ContactTicket(ticket=ticket, shown=rules.mask_mail(address))


def confirm_mail(
    uow: UnitOfWork, cmd: op.ConfirmMailAddress, vault: Vault, actor: Actor, clock: datetime
) -> op.ContactShown:
    """The code came back: the address is hers. Tickets for an earlier one end.

    Raises:
        CodeNotRight: it is wrong, used, run out, or was tried five times.
    """
    session = uow.session
    repository.person(session, actor.person_id, lock=True)
    tried = session.execute(
        update(MailCode)
        .where(
            MailCode.person_id == actor.person_id,
            MailCode.tries < codes.CODE_TRIES,
            MailCode.expires_at > clock,
        )
        .values(tries=MailCode.tries + 1)
        .returning(MailCode.id, MailCode.code_sealed, MailCode.address_sealed)
    ).first()
    if tried is None or not _is_code(vault, tried, cmd.code):
        uow.commit()  # the try counts although the call is refused
        raise codes.CodeNotRight("code")
    address = vault.open(tried.address_sealed, purpose="mail_code.address", owner=tried.id)
    # used up, but it still counts among those of the day
    session.execute(update(MailCode).where(MailCode.id == tried.id).values(expires_at=clock))
    _keep(uow, vault, actor.person_id, rules.MAIL, address, clock)
    return op.ContactShown(shown=rules.mask_mail(address))


def remove(uow: UnitOfWork, actor: Actor, channel: str) -> Empty:
    """Forget an address of the actor's, and whatever opens it."""
    _remove(uow, actor.person_id, channel)
    return Empty()


def sweep(uow: UnitOfWork, clock: datetime) -> int:
    """Forget addresses on trial that have run out; they stay for the day that they count in."""
    gone = uow.session.execute(
        delete(MailCode)
        .where(MailCode.expires_at < clock, MailCode.day < codes.day_of(clock))
        .returning(MailCode.id)
    ).all()
    return len(gone)


# -- WeChat and robots -----------------------------------------------------------------------------


def put_wechat(
    uow: UnitOfWork,
    cmd: op.PutWechatContact,
    vault: Vault,
    wechat: Wechat,
    actor: Actor,
    clock: datetime,
) -> op.ContactShown:
    """Keep who the actor is in WeChat, sealed: a message needs it, a log-in only its index.

    WeChat is asked before the first row is read, so that a slow answer holds nothing up.

    Raises:
        WechatOff, WechatCodeWrong, Unavailable: see :mod:`services.identity.wechat`.
        ContactConsentNeeded: see there.
    """
    openid = wechat.openid(cmd.code)
    repository.person(uow.session, actor.person_id, lock=True)
    _require_consent(uow, actor.person_id)
    _keep(uow, vault, actor.person_id, rules.WECHAT, openid, clock)
    return op.ContactShown(shown=_WECHAT_SHOWN)


def keep_robot(
    uow: UnitOfWork, cmd: op.KeepRobot, vault: Vault, actor: Actor, clock: datetime
) -> op.ContactTicket:
    """A ticket for the group robot of a community; an earlier one ends.

    Raises:
        CommunityNotFound, Forbidden, RobotInvalid: see there.
    """
    community = repository.community(uow.session, cmd.community_id)
    actor.require(COMMITTEE, community.path)
    token = rules.robot_part(cmd.token, "token")
    secret = rules.robot_part(cmd.secret, "secret") if cmd.secret else None
    uow.session.execute(delete(ContactTicket).where(ContactTicket.community_id == community.id))
    ticket_id = new_id()
    robot = json.dumps({"token": token, "secret": secret})
    ticket = _give(
        uow,
        id=ticket_id,
        community_id=community.id,
        channel=rules.ROBOT,
        robot_sealed=vault.seal(robot, purpose="contact.robot", owner=ticket_id),
        given_at=clock,
    )
    return op.ContactTicket(ticket=ticket, shown=rules.mask_token(token))


# -- parts -----------------------------------------------------------------------------------------


def _require_consent(uow: UnitOfWork, person_id: str) -> None:
    if not ledger.counts(uow.session, person_id, MESSAGES):
        raise rules.ContactConsentNeeded()


def _address(uow: UnitOfWork, vault: Vault, person_id: str, channel: str) -> str | None:
    """The person's address on a channel; None when there is none, or no account any more."""
    person = uow.session.get(PersonRow, person_id)
    if person is None or person.deleted_at is not None:
        return None
    if channel == rules.SMS:
        if person.phone_sealed is None:
            return None
        return vault.open(person.phone_sealed, purpose="person.phone", owner=person.id)
    kept = uow.session.scalars(
        select(Contact).where(Contact.person_id == person_id, Contact.channel == channel)
    ).first()
    if kept is None:
        return None
    return vault.open(kept.address_sealed, purpose="contact.address", owner=kept.id)


def _shown(channel: str, address: str) -> str:
    masks = {rules.SMS: names.mask_phone, rules.MAIL: rules.mask_mail}
    return masks[channel](address) if channel in masks else _WECHAT_SHOWN


def _keep(
    uow: UnitOfWork, vault: Vault, person_id: str, channel: str, address: str, clock: datetime
) -> None:
    """Keep an address in place of the earlier one, whose tickets end."""
    _remove(uow, person_id, channel)
    contact_id = new_id()
    uow.session.execute(
        insert(Contact).values(
            id=contact_id,
            person_id=person_id,
            channel=channel,
            address_sealed=vault.seal(address, purpose="contact.address", owner=contact_id),
            kept_at=clock,
        )
    )


def _remove(uow: UnitOfWork, person_id: str, channel: str) -> None:
    revoke(uow, person_id, channel)
    uow.session.execute(
        delete(Contact).where(Contact.person_id == person_id, Contact.channel == channel)
    )


def _give(uow: UnitOfWork, **row: object) -> str:
    ticket = new_refresh_token()
    uow.session.execute(
        insert(ContactTicket).values(**{"id": new_id(), "ticket_hash": refresh_hash(ticket), **row})
    )
    return ticket


def _is_code(vault: Vault, row: Row[str, str, str], code: str) -> bool:
    right = vault.open(row.code_sealed, purpose="mail_code.code", owner=row.id)
    return hmac.compare_digest(right.encode(), code.encode())


def _refuse_if_worn(uow: UnitOfWork, ticket_hash: str) -> None:
    known = select(ContactTicket.id).where(ContactTicket.ticket_hash == ticket_hash)
    if uow.session.scalar(known) is not None:
        raise rules.LookedTooOften(retry_after=3600)


def _mail_on_trial(uow: UnitOfWork, vault: Vault, ticket_hash: str, clock: datetime) -> op.Contact:
    seen = uow.session.execute(
        update(MailCode)
        .where(
            MailCode.ticket_hash == ticket_hash,
            MailCode.expires_at > clock,
            MailCode.looks < rules.MAIL_CODE_LOOKS,
        )
        .values(looks=MailCode.looks + 1)
        .returning(MailCode.id, MailCode.address_sealed, MailCode.code_sealed)
    ).first()
    if seen is None:
        raise rules.ContactTicketInvalid()
    return op.Contact(
        address=vault.open(seen.address_sealed, purpose="mail_code.address", owner=seen.id),
        code=vault.open(seen.code_sealed, purpose="mail_code.code", owner=seen.id),
    )
