"""What a district may enter as days off, and as limits."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from services.contracts.errors import Conflict, FieldError, Invalid, RuleBroken


class BadCalendar(Invalid):
    """The days cannot be a year's; which ones is named."""

    code = "grid.bad_calendar"
    zh, en = "日历有误，请核对日期", "These days cannot be a year's calendar"


class BadLimits(Invalid):
    """The limits cannot be set like that; which ones is named."""

    code = "grid.bad_limits"
    zh, en = "时限设置有误", "These limits cannot be set"


class LimitsChangedMeanwhile(Conflict):
    """The limits are others than were read."""

    code = "grid.limits_changed"
    zh, en = "时限已被他人修改，请重新打开", "Somebody else has set the limits meanwhile"


class NotOfThisDistrict(RuleBroken):
    """The community is not one of the district's."""

    code = "grid.not_of_this_district"
    zh, en = "该社区不属于本区", "That community is not in this district"


class Day(Protocol):
    """A day as it is entered."""

    day: Any
    worked: bool
    name: str


class Draft(Protocol):
    """A limit as it is set."""

    stage: Any
    days: int | None
    warn_percent: int


def checked_days(year: int, days: Sequence[Day]) -> list[dict[str, Any]]:
    """The days as they are stored, in their order.

    Raises:
        BadCalendar: a day lies in another year, or is named twice.
    """
    errors, seen = [], set()
    for number, one in enumerate(days):
        if one.day.year != year:
            errors.append(FieldError(f"days.{number}.day", f"不在 {year} 年内"))
        elif one.day in seen:
            errors.append(FieldError(f"days.{number}.day", "日期重复"))
        seen.add(one.day)
    if errors:
        raise BadCalendar(errors=errors)
    return [
        {"day": one.day.isoformat(), "worked": one.worked, "name": one.name}
        for one in sorted(days, key=lambda one: one.day)
    ]


def checked_limits(drafts: Sequence[Draft]) -> dict[str, dict[str, int]]:
    """The limits as they are stored.

    Raises:
        BadLimits: a stage is named twice, has no days, or is ``grid`` and has some.
    """
    errors: list[FieldError] = []
    limits: dict[str, dict[str, int]] = {}
    for number, one in enumerate(drafts):
        if one.stage in limits:
            errors.append(FieldError(f"limits.{number}.stage", "阶段重复"))
        elif (one.days is None) != (one.stage == "grid"):
            errors.append(FieldError(f"limits.{number}.days", "网格阶段以外须填写工作日数"))
        limits[one.stage] = {"days": one.days or 0, "warn": one.warn_percent}
    if errors:
        raise BadLimits(errors=errors)
    return limits


def days_of(limit: Mapping[str, int]) -> int | None:
    """The working days of a stored limit; None of the stage that has none."""
    return limit["days"] or None
