"""Assisted mode (代办): who may act for whom, and until when.

::

                   named by phone ──holder of the phone acts──▶ taken up ──┐
                        │  30 days                                         ├──▶ ended
    staff registers ────┼──────────────────────────────────────────────────┤  by subject, helper,
                        └──────────────────────────────────────────────────┘  staff, or its expiry

Naming somebody tells nothing about the phone: whether it has an account shows only when its
holder acts. A helper reports, signs up and asks to join; voting stays the person's own (the table
of operations says so, see ``Operation.assisted``).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, RuleBroken

TAKE_UP_WITHIN: Final = timedelta(days=30)  # afterwards the number may be somebody else's
MOST_HELPERS: Final = 10
IN_APP: Final = "in_app"
"""How somebody agreed who named the helper from her own account."""


class Kind(StrEnum):
    """In which quality somebody helps."""

    STAFF = "staff"
    RELATIVE = "relative"
    GUARDIAN = "guardian"  # of a child below 14, see ``domain.guardians``


class AssistanceNotFound(NotFound):
    """There is no such assistance, or it is not the actor's."""

    code = "identity.assistance_not_found"
    zh, en = "没有找到这项代办关系", "There is no such assistance"


class AssistanceOver(Conflict):
    """It was ended, or its time has run out."""

    code = "identity.assistance_over"
    zh, en = "这项代办已结束，请由本人重新指定", "This assistance is over; it has to be agreed anew"


class AlreadyHelper(Conflict):
    """This phone was named before, or helps this person already."""

    code = "identity.already_helper"
    zh, en = "已经指定过这位代办人", "This helper has been named already"


class OwnHelper(RuleBroken):
    """Nobody needs help to act for oneself."""

    code = "identity.own_helper"
    zh, en = "不能指定自己为代办人", "You cannot be your own helper"


class TooManyHelpers(Conflict):
    """At most ten at a time."""

    code = "identity.too_many_helpers"
    zh, en = "代办人已达上限，请先停止一位", "You have as many helpers as possible; end one first"


class PersonLogsIn(Conflict):
    """Whoever can log in names her helpers herself."""

    code = "identity.person_logs_in"
    zh, en = "此人可以自己登录，请由本人指定代办人", "This person names her helpers herself"


class OfficeLeft(Forbidden):
    """Staff help only as long as they hold the office."""

    code = "identity.office_left"
    zh, en = "您已不在该社区任职，不能再代办", "You no longer hold the office this help depends on"


def require_consent(means: str | None, note: str | None) -> None:
    """Raise :class:`Invalid` unless staff say how the person agreed."""
    missing = [
        FieldError(field, "请写明本人是怎样同意的")
        for field, said in (("consent_means", means), ("consent_note", note))
        if not said
    ]
    if missing:
        raise Invalid(errors=missing)


def require_future(expires_at: datetime | None, now: datetime) -> None:
    """Raise :class:`Invalid` when it would be over before it began."""
    if expires_at is not None and expires_at <= now:
        raise Invalid(errors=[FieldError("expires_at", "有效期必须晚于现在")])


def due(expires_at: datetime | None, taken_up: bool, now: datetime) -> datetime | None:
    """When it ends by itself: at its expiry, or when nobody takes it up; never, when None."""
    if taken_up:
        return expires_at
    untaken = now + TAKE_UP_WITHIN
    return untaken if expires_at is None else min(expires_at, untaken)


def require_live(ended_at: datetime | None, due_at: datetime | None, now: datetime) -> None:
    """Raise :class:`AssistanceOver` once it has ended, even before the timer has come by."""
    if ended_at is not None or (due_at is not None and due_at <= now):
        raise AssistanceOver()
