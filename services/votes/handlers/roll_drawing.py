"""What the clock does with rolls: reads them in, lets the snapshot go, forgets whose they were.

A page is laid down in the transaction that says how far it came, so one that was begun and not
finished leaves nothing, and none is laid down twice.
"""

from datetime import datetime, timedelta
from typing import Final

from services.contracts.errors import ShequError
from services.contracts.operations.identity import ElectoratePage
from services.contracts.operations.identity.electorates import MOST_OF_A_PAGE
from services.kit.uow import UnitOfWork
from services.votes import repository, texts_rolls
from services.votes.handlers import polls, rolls
from services.votes.handlers.common import CLOCK, look_again, tell
from services.votes.models import PollRow

KEPT: Final = timedelta(days=30)
"""How long doors and accounts stay on the roll after the publicity: objections may come late."""
LOOK_AGAIN: Final = timedelta(days=7)
SOON: Final = timedelta(seconds=1)
_NOT_YET: Final = "identity.electorate_being_drawn"
_LOST: Final = {
    "identity.electorate_not_found": texts_rolls.LOST,
    "identity.electorate_too_large": texts_rolls.TOO_LARGE,
}


def draw_page(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``roll.draw``: read one page; with the last the roll is published.

    A snapshot that is being taken is waited for. One that is gone, or holds too many, cannot be
    read: then the poll has to be announced again.
    """
    topic, poll = polls.locked(uow, poll_id)
    if poll.roll_state != "drawing" or poll.ticket is None or poll.state == "void":
        return None
    after = int(poll.drawn_to or 0)
    try:
        told = uow.ask(
            "identity",
            "page_electorate",
            ticket=poll.ticket,
            after=after,
            limit=MOST_OF_A_PAGE,
        )
    except ShequError as error:
        if error.code == _NOT_YET:
            return now + SOON
        if error.code not in _LOST:
            raise
        poll.ticket = None
        text = _LOST[error.code]
        tell(uow, topic, "roll_lost", CLOCK, text, now, ref={"poll_id": poll.id})
        return None
    page = ElectoratePage.model_validate(told)
    rolls.lay_down(uow, poll, page.items)
    if page.after is not None:
        poll.drawn_to = str(page.after)
        return now
    poll.roll_state, poll.drawn_to = "published", str(after + len(page.items))
    poll.roll_drawn_at = page.drawn_at or now
    rolls.reckon(uow, poll)
    text = texts_rolls.published(poll.roll_size, page.drawn_at)
    tell(uow, topic, "roll_published", CLOCK, text, now, ref={"poll_id": poll.id})
    repository.due.put(uow.session, "roll.drop", poll.id, now)
    repository.due.put(uow.session, "roll.forget", poll.id, poll.closes_at + KEPT)
    look_again(uow, poll.id, now)
    return None


def drop(uow: UnitOfWork, poll_id: str, _due_at: datetime, _now: datetime) -> datetime | None:
    """The duty ``roll.drop``: what was read and committed need not be kept by identity."""
    poll = repository.polls.poll(uow.session, poll_id, lock=True)
    if poll.ticket is not None:
        uow.ask("identity", "drop_electorate", ticket=poll.ticket)
        poll.ticket = None
    return None


def forget(uow: UnitOfWork, poll_id: str, _due_at: datetime, now: datetime) -> datetime | None:
    """The duty ``roll.forget``: when all is over, which door and whose account goes."""
    poll = repository.polls.poll(uow.session, poll_id, lock=True)
    until = _needed_until(poll)
    if until is None or now < until:
        return until or now + LOOK_AGAIN
    repository.rolls.forget_people(uow.session, poll.id)
    return None


def _needed_until(poll: PollRow) -> datetime | None:
    """Until when the desk may have to find somebody; None while nobody can say."""
    if poll.state == "void":
        return poll.closes_at + KEPT
    if poll.published_at is None:
        return None
    publicity = polls.rules_of(poll).publicity_days
    return poll.published_at + timedelta(days=publicity) + KEPT
