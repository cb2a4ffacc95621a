"""Text messages that wait to be sent, and sending them."""

from datetime import datetime, timedelta

from sqlalchemy import select

from services.contracts.ids import new_id
from services.identity.crypto import Vault
from services.identity.domain.messages import Message
from services.identity.models import SmsMessage
from services.identity.sms import NotDelivered, SmsSink
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

_RETRY = timedelta(seconds=2)


def queue(
    uow: UnitOfWork,
    vault: Vault,
    phone: str,
    message: Message,
    clock: datetime,
    *,
    useful: timedelta,
) -> None:
    """Send ``message`` to ``phone`` (E.164) once this transaction has committed.

    Args:
        clock: real time.
        useful: how long it makes sense to try.
    """
    message_id = new_id()
    uow.session.add(
        SmsMessage(
            id=message_id,
            phone_sealed=vault.seal(phone, purpose="sms.phone", owner=message_id),
            text_sealed=vault.seal(message.dump(), purpose="sms.text", owner=message_id),
            due_at=clock,
            expires_at=clock + useful,
            tries=0,
        )
    )


def send_message(uow: UnitOfWork, vault: Vault, sink: SmsSink, clock: datetime) -> int:
    """Send the message that waits longest; how many were handled (0 or 1).

    A message that cannot be delivered is tried again at growing intervals, as long as it is of
    any use.
    """
    session = uow.session
    row = session.scalars(
        select(SmsMessage)
        .where(SmsMessage.due_at <= clock)
        .order_by(SmsMessage.due_at, SmsMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return 0
    message = _read(vault, row)
    if message is None or row.expires_at <= clock:
        log.warning("text message given up", message_id=row.id, tries=row.tries)
        session.delete(row)
        return 1
    phone = vault.open(row.phone_sealed, purpose="sms.phone", owner=row.id)
    try:
        sink.send(phone, message, row.id)
    except OSError as error:
        why = str(error) if isinstance(error, NotDelivered) else type(error).__name__
        log.warning("text message not sent", message_id=row.id, kind=message.kind, error=why)
        row.tries += 1
        row.due_at = clock + _RETRY * 2 ** min(row.tries, 6)
    else:
        session.delete(row)
    return 1


def _read(vault: Vault, row: SmsMessage) -> Message | None:
    """The message; None for one that an earlier version of ours has written."""
    try:
        return Message.load(vault.open(row.text_sealed, purpose="sms.text", owner=row.id))
    except ValueError:
        return None
