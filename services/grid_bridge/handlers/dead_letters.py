"""Dead letters as operators see them: which queue, why and when, never what they say."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid, NotFound
from services.contracts.operations.grid_bridge import (
    DeadLetter,
    DeadLetters,
    ListDeadLetters,
    ReplayDeadLetter,
    Replayed,
)
from services.grid_bridge import repository_reconciling as rows
from services.kit import dead_letters as kit
from services.kit import logs
from services.kit.uow import UnitOfWork

log = logs.get(__name__)


class UnknownQueue(Invalid):
    """No queue of ours is called so."""

    code = "ops.unknown_queue"
    zh, en = "没有这个消息队列", "There is no such queue"


class DeadLetterNotFound(NotFound):
    """There is no such dead letter, and none with this id was put back."""

    code = "ops.dead_letter_not_found"
    zh, en = "没有找到这条死信", "There is no such dead letter"


def list_letters(uow: UnitOfWork, cmd: ListDeadLetters, amqp_url: str) -> DeadLetters:
    """The letters of one queue, or of all; they stay where they are.

    Raises:
        UnknownQueue, BrokerAway
    """
    known = kit.queues()
    if cmd.queue is not None and cmd.queue not in known:
        raise UnknownQueue(errors=[FieldError("queue", "is none of " + ", ".join(known))])
    rows.letters_lock(uow.session)
    found, more = kit.look(amqp_url, [cmd.queue] if cmd.queue else known, cmd.limit)
    items = [
        DeadLetter(**{name: getattr(one, name) for name in DeadLetter.model_fields})
        for one in found
    ]
    return DeadLetters(items=items, more=more)


def replay(
    uow: UnitOfWork, cmd: ReplayDeadLetter, actor: Actor, amqp_url: str, now: datetime
) -> Replayed:
    """Put a letter back. Once it is back, a second time changes nothing; a letter that died
    again is there again, and is put back again.

    Raises:
        DeadLetterNotFound, BrokerAway
    """
    rows.letters_lock(uow.session)
    letter = kit.replay(amqp_url, cmd.id)
    if letter is None:
        earlier = rows.replayed(uow.session, cmd.id)
        if earlier is None:
            raise DeadLetterNotFound()
        return Replayed(
            id=earlier.id,
            queue=earlier.queue,
            event_id=earlier.event_id,
            replayed_at=earlier.replayed_at,
        )
    told = Replayed(id=letter.id, queue=letter.queue, event_id=letter.event_id, replayed_at=now)
    rows.note_replayed(uow.session, {**told.model_dump(), "replayed_by": actor.person_id})
    log.info("dead letter replayed", queue=letter.queue, letter=letter.id, by=actor.person_id)
    return told
