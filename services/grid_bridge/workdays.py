"""The government's calendar of working days, as published (chinesecalendar)."""

from datetime import date
from functools import cache

import chinese_calendar
from chinese_calendar import constants


@cache
def _published_years() -> frozenset[int]:
    return frozenset(day.year for day in (*constants.holidays, *constants.workdays))


class PublishedCalendar:
    """Working days with holidays and exchanged weekends (调休).

    The State Council publishes a year's holidays in the autumn before it; beyond that, weekdays
    count as worked on.
    """

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked on."""
        if self.is_published(day):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < 5

    def is_published(self, day: date) -> bool:
        """Whether the published calendar covers ``day``."""
        return day.year in _published_years()


CALENDAR = PublishedCalendar()
