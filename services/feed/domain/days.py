"""Days as neighbours count them."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")  # one zone, no summer time


def day_of(moment: datetime) -> date:
    """The day on the calendar in China at ``moment``."""
    return moment.astimezone(CHINA).date()
