"""Topics and polls of the home community, laid down in the state that an operation wants."""

from datetime import datetime, timedelta

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.votes import RuleSet
from services.kit.uow import UnitOfWork
from services.votes.models import PollRow
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command
from tests.support.votes import RULES, poll_row, topic_row

THERE = {"community_id": "c-home", "path": HOME}


def topic(h: House, state: str, author: Actor | None = None, **facts: object) -> Command:
    """Names a topic in that state, raised by this neighbour or another."""
    author_id = (author or h.resident).person_id
    row = topic_row(state, h.now, author_id=author_id, **THERE, **facts)
    found: Command = {"id": row.id}
    with h.units["votes"]() as uow:
        uow.session.add(row)
        uow.commit()
    return found


def poll(
    uow: UnitOfWork,
    on: Command,
    state: str,
    opens: datetime,
    rules: RuleSet = RULES,
    **facts: object,
) -> PollRow:
    """A poll on the topic that was named, in the transaction."""
    row = poll_row(state, opens, rules, topic_id=on["id"], **THERE, **facts)
    uow.session.add(row)
    uow.session.flush()
    return row


def announced(h: House, poll_id: str = "", rules: RuleSet = RULES, **facts: object) -> Command:
    """Names a topic in its notice, whose poll opens in a week."""
    poll_id = poll_id or new_id()
    found = topic(h, "notice", poll_id=poll_id)
    opens = h.now + timedelta(days=7)
    with h.units["votes"]() as uow:
        poll(uow, found, "announced", opens, rules, id=poll_id, announced_at=h.now, **facts)
        uow.commit()
    return found
