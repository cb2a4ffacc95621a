"""A phone that was lost: the account moves to a new one on the word of two staff members.

::

    opened ──confirm (another of the staff)──▶ waiting ──finish (24 h)──▶ done
      │  └──────────cancel──────┐                │
      └──expire (7 days)──▶ expired      cancel──┴──▶ cancelled

Nobody who holds an office is recovered: two of a committee must not come into a town's or a
district's office by it. The office is taken back first, and given again afterwards, by those who
give it. The same number is taken for somebody who has lost her second factor, which goes, too.

The two are two people only where their offices do not come from one another: a secretary may give
an office to an account of her own. So neither counts that the other gave, and none that is younger
than a week.

Waiting, the old phone is told and can say no: its owner by logging in, the staff on her word. The
waiting is in business time, like every other notice of the neighbourhood.

An account without a phone is not recovered at all, because nobody can be warned: whom else one
could tell, a helper, was written down by the same staff. Its membership is ended, and the person
joins with her own phone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, NotFound, RuleBroken

OBJECTION: Final = timedelta(hours=24)
UNCONFIRMED: Final = timedelta(days=7)
# As long as a recovery waits for its second: nobody is put into an office to confirm one under way.
SETTLED: Final = UNCONFIRMED


class State(StrEnum):
    """Where a recovery stands."""

    OPENED = "opened"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Step(StrEnum):
    """What happens to one."""

    CONFIRM = "confirm"
    FINISH = "finish"
    CANCEL = "cancel"
    EXPIRE = "expire"


LIVE: Final = frozenset({State.OPENED, State.WAITING})
TRANSITIONS: Final[Mapping[tuple[State, Step], State]] = {
    (State.OPENED, Step.CONFIRM): State.WAITING,
    (State.OPENED, Step.CANCEL): State.CANCELLED,
    (State.OPENED, Step.EXPIRE): State.EXPIRED,
    (State.WAITING, Step.FINISH): State.DONE,
    (State.WAITING, Step.CANCEL): State.CANCELLED,
}


class RecoveryNotFound(NotFound):
    """There is no such recovery, or it is another community's."""

    code = "identity.recovery_not_found"
    zh, en = "没有找到这项换号申请", "There is no such phone recovery"


class RecoveryOver(Conflict):
    """It is confirmed already, done, cancelled or expired."""

    code = "identity.recovery_over"
    zh, en = "这项换号申请的状态已变，请刷新后再看", "This phone recovery is no longer at that step"


class RecoveryRunning(Conflict):
    """One at a time for a person."""

    code = "identity.recovery_running"
    zh, en = "此人已有正在办理的换号申请", "A phone recovery for this person is under way"


class OwnRecovery(Forbidden):
    """Nobody vouches for herself."""

    code = "identity.own_recovery"
    zh, en = "不能为自己办理换号，请由其他工作人员办理", "You may not recover your own phone"


class SecondPersonNeeded(Forbidden):
    """Whoever opened it, or asked for somebody, does not confirm it."""

    code = "identity.second_person_needed"
    zh, en = "须由另一位工作人员确认", "Another staff member has to confirm"


class NotIndependent(Forbidden):
    """One of the two holds the office by the other's grant, or has not held it for a week."""

    code = "identity.not_independent"
    zh = "两位经办人的职务不能由对方授予，且均须任职满七天，请由其他工作人员确认"
    en = (
        "Neither of the two may hold the office by the other's grant or for less than seven days; "
        "another staff member has to confirm"
    )


class NobodyToWarn(Conflict):
    """The account has no phone, so nobody could say no."""

    code = "identity.nobody_to_warn"
    zh = "此账号没有手机号，换号前无法通知本人；请先结束其成员身份，再由本人用自己的手机申请加入"
    en = (
        "The account has no phone to warn; please end its membership and let the person join "
        "with her own phone"
    )


class NotAResident(NotFound):
    """The person does not live in this community (or is nobody)."""

    code = "identity.not_a_resident"
    zh, en = "此人不是本社区的居民", "This person is not a resident of the community"


class PhoneTaken(Conflict):
    """The number cannot be used; whose it is, is not told."""

    code = "identity.phone_taken"
    zh, en = "这个手机号不能使用，请换一个", "This phone number cannot be used; please take another"


class HoldsOffice(Conflict):
    """The person holds an office, which must not pass to whoever holds the new phone."""

    code = "identity.holds_office"
    zh = "此人担任职务，请先由授予者收回职务，换号后再授予"
    en = "This person holds an office; it has to be taken back first and given again afterwards"


class SamePhone(RuleBroken):
    """The number that the account has already, and there is no second factor to lose."""

    code = "identity.same_phone"
    zh, en = "新手机号与原手机号相同", "This is the account's present phone number"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("new_phone", self.zh)])


def after(state: State, step: Step) -> State:
    """The state after ``step``.

    Raises:
        RecoveryOver: the step is not possible in ``state``.
    """
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise RecoveryOver() from None


def require_second(person_id: str, opened_by: str, actor_id: str) -> None:
    """Raise unless ``actor_id`` is neither the person nor the one who opened it."""
    if actor_id == person_id:
        raise OwnRecovery()
    if actor_id == opened_by:
        raise SecondPersonNeeded()


@dataclass(frozen=True, slots=True)
class Office:
    """A grant by which somebody serves on the committee; nobody gave what the platform set up."""

    granted_by: str | None
    granted_at: datetime


def require_independent(
    one: str, ones: Iterable[Office], other: str, others: Iterable[Office], now: datetime
) -> None:
    """Raise :class:`NotIndependent` unless each has an office of her own for ``SETTLED``.

    Args:
        one: a person, ``ones`` the offices that let her vouch here; the same of the ``other``.
    """
    pairs = ((ones, other), (others, one))
    if not all(any(_of_ones_own(office, giver, now) for office in held) for held, giver in pairs):
        raise NotIndependent()


def _of_ones_own(office: Office, giver: str, now: datetime) -> bool:
    return office.granted_by != giver and office.granted_at <= now - SETTLED
