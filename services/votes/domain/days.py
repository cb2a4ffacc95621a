"""Days as they are counted here."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")  # one zone, no summer time


def day_of(moment: datetime) -> date:
    """The day that it is here then."""
    return moment.astimezone(CHINA).date()
