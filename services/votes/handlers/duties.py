"""What the clock has to do: opens, warns, closes, publishes, each once and after any crash.

A duty is done in the transaction that marks it done. One that fails is undone alone, and tried
again later and later: it neither gets lost nor stops the others.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from services.kit import db, logs
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain.waiting import LAPSE, OVERDUE
from services.votes.handlers import (
    ballots,
    covenants,
    follow_ups,
    polls,
    publicity,
    publishing,
    roll_drawing,
    surveys,
    topic_clock,
)

Duty = Callable[[UnitOfWork, str, datetime, datetime], datetime | None]
"""Called with the transaction, the subject's id, when it was due, and the time.

It gives when it is due again, as it cannot be put anew while it is being done; None: it is done.
"""

DUTIES: Mapping[str, Duty] = {
    "poll.open": polls.open_poll,
    "poll.remind": polls.remind,
    "poll.close": polls.close_poll,
    "poll.publish": publishing.publish,
    "publicity.end": publicity.end,
    "filing.overdue": publicity.file_late,
    "covenant.effective": covenants.take_effect,
    "covenant.expire": covenants.expire,
    "covenant.review": covenants.remind,
    "follow_up.late": follow_ups.tell_late,
    "survey.close": surveys.close_by_clock,
    "ballot.forget": ballots.forget,
    "poll.turnout": ballots.tell_turnout,
    "paper.turnout": ballots.tell_papers,
    "roll.draw": roll_drawing.draw_page,
    "roll.drop": roll_drawing.drop,
    "roll.forget": roll_drawing.forget,
    LAPSE: topic_clock.lapse,
    OVERDUE: topic_clock.say_overdue,
}

LONGEST_WAIT = timedelta(hours=1)
log = logs.get(__name__)


def do_next(uow: UnitOfWork, now: datetime, duties: Mapping[str, Duty] = DUTIES) -> int:
    """Do the duty that has waited longest; 0 when nothing is due."""
    row = repository.due.take(uow.session, now)
    if row is None:
        return 0
    kind, subject_id, due_at, tries = row.kind, row.subject_id, row.due_at, row.tries
    try:
        with uow.part():
            again = duties[kind](uow, subject_id, due_at, now)
    except db.AWAY:
        raise
    except Exception as error:
        row.tries, row.error = tries + 1, type(error).__name__
        row.try_at = now + min(LONGEST_WAIT, timedelta(seconds=5 * 2 ** min(tries, 12)))
        log.exception("duty failed", duty=kind, tries=row.tries)
        return 1
    if again is None:
        row.done_at = now
    else:
        row.due_at = row.try_at = again
        row.tries, row.error = 0, None
    return 1
