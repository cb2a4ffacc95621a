"""What the clock has to do: opens, warns, closes, publishes, each once and after any crash."""

from collections.abc import Mapping
from datetime import datetime

from services.kit import due
from services.kit.uow import UnitOfWork
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

DUTIES: Mapping[str, due.Duty] = {
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


def do_next(uow: UnitOfWork, now: datetime, duties: Mapping[str, due.Duty] = DUTIES) -> int:
    """Do the duty that has waited longest; 0 when nothing is due."""
    return due.do_next(uow, now, duties)
