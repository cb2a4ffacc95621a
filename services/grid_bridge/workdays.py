"""Working days: what a district entered, over what the government published, over weekdays.

::

    entered by the district ──► published (chinesecalendar) ──► Monday to Friday
       a day of a year              years that it covers          provisional
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Final

import chinese_calendar
from chinese_calendar import constants

from services.grid_bridge.domain.sla import ZONE

_IN_CHINESE: Final = {one.value: one.chinese for one in constants.Holiday}
"""What people call a day whose English name stands in the table."""


@cache
def _published_years() -> frozenset[int]:
    return frozenset(day.year for day in (*constants.holidays, *constants.workdays))


class PublishedCalendar:
    """The published table with holidays and exchanged weekends (调休), as chinesecalendar has it.

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

    def years(self) -> frozenset[int]:
        """The years that the table covers."""
        return _published_years()

    def until(self) -> datetime:
        """The end of the last year that the table covers, in China."""
        return datetime(max(_published_years()) + 1, 1, 1, tzinfo=ZONE)

    def exceptions(self, year: int) -> dict[date, tuple[bool, str]]:
        """The days of a year on which it differs from weekdays: worked or not, and why."""
        days = {
            day: (worked, _IN_CHINESE.get(name, name))
            for worked, table in ((False, constants.holidays), (True, constants.workdays))
            for day, name in table.items()
            if day.year == year and worked != (day.weekday() < 5)
        }
        return dict(sorted(days.items()))


CALENDAR = PublishedCalendar()


@dataclass(frozen=True, slots=True)
class DistrictCalendar:
    """A district's calendar: the days that it entered, and beneath them the published table.

    ``revision`` names what was entered and is empty where nothing was. ``complete`` are the years
    that it entered as a whole, so that what lies in them is not provisional.
    """

    revision: str = ""
    days: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    complete: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked on."""
        entered = self.days.get(day)
        return CALENDAR.is_workday(day) if entered is None else entered

    def is_published(self, day: date) -> bool:
        """Whether ``day`` is known to be worked on or not."""
        return day.year in self.complete or CALENDAR.is_published(day)


PUBLISHED_ALONE = DistrictCalendar()
