"""Corrections: what a person says is wrong about her, looked at by her committee (PIPL art. 46).

::

    pending ──approve──▶ approved    the new value stands
       └─────refuse────▶ refused     with an answer

What was asked for is sealed while it is pending and forgotten with the decision.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound, RuleBroken
from services.identity.domain import guardians, id_number, membership, names
from services.identity.domain.membership import AlreadyDecided

REAL_NAME: Final = "real_name"
ID_NUMBER: Final = "id_number"
PENDING, APPROVED, REFUSED = "pending", "approved", "refused"

MASKS: dict[str, Callable[[str], str]] = {
    REAL_NAME: names.mask_name,
    ID_NUMBER: names.mask_id_number,
}


class CorrectionNotFound(NotFound):
    """There is no such correction, or it is another community's."""

    code = "identity.correction_not_found"
    zh, en = "没有找到这个更正申请", "There is no such correction"


class CorrectionWaits(Conflict):
    """One at a time: the committee has not decided about the last one."""

    code = "identity.correction_waits"
    zh, en = "上一次的更正申请还在处理", "Your last correction has not been decided yet"


class NothingToCorrect(RuleBroken):
    """The platform holds no such thing about the person, or she lives in no community."""

    code = "identity.nothing_to_correct"
    zh, en = "平台没有登记您的这项信息", "We hold no such thing about you"


class NothingDiffers(RuleBroken):
    """What she gives is what we have."""

    code = "identity.nothing_differs"
    zh, en = "与已登记的一致，无需更正", "That is what we have already"


class AnswerNeeded(RuleBroken):
    """Nobody is refused without being told why."""

    code = "identity.answer_needed"
    zh, en = "不同意更正时必须答复", "A refusal needs an answer"


def corrected(field: str, value: str, today: date, *, of_child: bool = False) -> str:
    """The new value in its one spelling.

    Args:
        of_child: a guardian answers for whoever it is.

    Raises:
        RealNameInvalid, IdNumberInvalid, GuardianNeeded, NotAChild: it cannot be right; told
            beside ``value``.
    """
    try:
        if field == REAL_NAME:
            return names.real_name(value)
        number = id_number.parse(value, today)
        (guardians.require_child if of_child else membership.require_age)(number, today)
    except Invalid as error:
        raise type(error)(errors=[FieldError("value", e.message) for e in error.errors]) from None
    return number.text


def require_different(old: str, new: str) -> None:
    """Raise :class:`NothingDiffers` when there is nothing to correct in what we have."""
    if old == new:
        raise NothingDiffers(errors=[FieldError("value", NothingDiffers.zh)])


def decide(status: str, decision: str, answer: str | None) -> str:
    """What becomes of a correction.

    Raises:
        AlreadyDecided: it is not pending.
        AnswerNeeded: a refusal without an answer.
    """
    if status != PENDING:
        raise AlreadyDecided()
    if decision == "approve":
        return APPROVED
    if not answer:
        raise AnswerNeeded(errors=[FieldError("answer", AnswerNeeded.zh)])
    return REFUSED
