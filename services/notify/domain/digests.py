"""When a digest is made, and what it may tell.

::

    19:00 in China ──▶ a round ──▶ everybody with unread news since the last one ──▶ one digest each
                         │
                         └ on Sundays also for those who have theirs weekly, of the whole week

A round that was missed is made up for by one, not by several: what would have been told by them is
told by it. What was told while the clock stood back comes with the next news of the same person.
"""

from datetime import datetime, time, timedelta
from typing import Final

from services.notify.domain.wording import CHINA

AT: Final = time(19, 0, tzinfo=CHINA)
SUNDAY: Final = 6
DAY, WEEK = timedelta(days=1), timedelta(days=7)

OVERLAP: Final = timedelta(hours=1)
"""So long before the last round a round begins to look again: what was under way then is not lost,
and what was told then is not told again."""

OLDEST: Final = WEEK + DAY
"""No digest tells what is older."""


def last_round(now: datetime) -> datetime:
    """The latest moment for a round that has come."""
    today = datetime.combine(now.astimezone(CHINA), AT)
    return today if today <= now else today - DAY


def next_round(now: datetime) -> datetime:
    """The first moment for a round that has not come yet."""
    return last_round(now) + DAY


def is_weekly(this: datetime, before: datetime | None) -> bool:
    """Whether a Sunday lies between two rounds; of the first one, whether it is a Sunday's."""
    days_after_sunday = (this.astimezone(CHINA).weekday() - SUNDAY) % 7
    sunday = this - days_after_sunday * DAY
    return sunday == this if before is None else sunday > before


def news_since(this: datetime, before: datetime | None, *, span: timedelta = DAY) -> datetime:
    """From when on news counts for a round: since the one before, and for ``span`` at least."""
    back = this - span if before is None else min(before, this - span)
    return max(back, this - OLDEST) - OVERLAP
