"""An account's phone: changed by its owner, who holds the old one and the new one."""

from datetime import datetime, timedelta

from services.contracts.actor import Actor
from services.contracts.operations.base import Empty
from services.contracts.operations.identity import ChangePhone
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import login as codes
from services.identity.domain import names
from services.identity.domain.messages import Kind, Message
from services.identity.domain.recovery import SamePhone
from services.identity.handlers import login, messages, moving, recoveries, sessions
from services.kit.uow import UnitOfWork

NOTICE_USEFUL = timedelta(hours=24)


def change_phone(
    uow: UnitOfWork,
    cmd: ChangePhone,
    vault: Vault,
    actor: Actor,
    clock: datetime,
    now: datetime,
    *,
    demo: bool,
) -> Empty:
    """Move the account to a new phone; the old one is told, the other sessions end.

    Raises:
        PhoneInvalid, SamePhone: see there.
        CodeNotRight: the code of the old phone (``code``) or of the new one (``new_code``).
        PhoneTaken: the number is somebody's; said only to whoever holds it, and not whose it is.
    """
    new_phone = names.phone(cmd.new_phone, "new_phone")
    new_index = vault.index("phone", new_phone)
    person = repository.person(uow.session, actor.person_id)
    old_index, old_sealed = person.phone_index, person.phone_sealed
    if old_index is None or old_sealed is None:
        raise codes.CodeNotRight("code")  # no phone, so no code of it
    if new_index == old_index:
        raise SamePhone()
    login.require_code(uow, vault, old_index, cmd.code, clock, demo=demo)
    login.require_code(uow, vault, new_index, cmd.new_code, clock, field="new_code", demo=demo)
    # codes before the person, in the order of a log-in
    person = repository.person(uow.session, actor.person_id, lock=True)
    if person.phone_index != old_index:
        raise codes.CodeNotRight("code")  # the account has moved meanwhile
    moving.move(uow, vault, person, new_phone)
    login.use_code(uow, old_index, clock)
    login.use_code(uow, new_index, clock)
    old_phone = vault.open(old_sealed, purpose="person.phone", owner=person.id)
    notice = Message(Kind.PHONE_CHANGED, (names.phone_tail(new_phone),))
    messages.queue(uow, vault, old_phone, notice, clock, useful=NOTICE_USEFUL)
    sessions.end_all(uow, person.id, "phone_changed", clock, besides=actor.session_id)
    recoveries.overtake(uow, person.id, now)
    return Empty()
