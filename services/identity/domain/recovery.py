"""A phone that was lost: the account moves to a new one on the word of two staff members.

::

    opened ──confirm (another of the staff)──▶ waiting ──finish (24 h)──▶ done
      │  └──────────cancel──────┐                │
      └──expire (7 days)──▶ expired      cancel──┴──▶ cancelled

Nobody who holds an office is recovered: two of a committee must not come into a town's or a
district's office by it. The office is taken back first, and given again afterwards, by those who
give it. The same number is taken for somebody who has lost her second factor, which goes, too.

Waiting, the old phone is told and can say no: its owner by logging in, the staff on her word. The
waiting is in business time, like every other notice of the neighbourhood.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, NotFound, RuleBroken

OBJECTION: Final = timedelta(hours=24)
UNCONFIRMED: Final = timedelta(days=7)


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
    """Whoever opened it does not confirm it."""

    code = "identity.second_person_needed"
    zh, en = "须由另一位工作人员确认", "Another staff member has to confirm"


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
