"""Joint consultation (联合会商): several departments around one table, for a legacy case.

::

    triaged, reopened ────────────┐                      ┌─ resolved ──────► solved
    self_governing, it failed ────┤                      ├─ unresolvable ──► closed, with reason
    referred (is taken back) ─────┼─convene─► in_        ├─ handed_over ───► 8x, escalated
    escalated, its order returned ┤       consultation ──┤
    closed, the grid refused it ──┘                      └─ returned ──────► triaged, or escalated
                                                                             while its order lives
    seat     invited ─► accepted ⇄ declined; withdrawn from any; invited again from the last two
    meeting  planned ─► held | cancelled
    action   open ─► in_progress ─► done
              └──────┬───┴─► dropped, with the reason
                     └─ its date passes ─► overdue ─► done | dropped | postponed (in_progress)

A question or a proposal is answered, not consulted on. The city's order may live on meanwhile (a
department returned it, 退单): its updates are told and noted, and the issue cannot end here before
the order has. *Handed over* passes by the same gate as any escalation: a slot of the 8+X, and a
failed attempt or urgency. The promise to the resident never stands still: its date is that of the
next action, and not before what was promised already; with nothing left to do, the committee has
the time of the issue's category for its next word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from services.contracts.actor import GUESTS, Actor, Role
from services.contracts.errors import Conflict, Forbidden, Invalid, RuleBroken
from services.grid_bridge.domain import issue as issues
from services.grid_bridge.domain.issue import (
    Act,
    Category,
    Issue,
    NotNow,
    OrderIsLive,
    ProofNeeded,
    SlotNeeded,
    SlotNotAllowed,
    Status,
    take,
)
from services.grid_bridge.domain.work_order import REFUSED, State

CONVENERS: tuple[Role, ...] = (
    Role.SECRETARY,
    Role.COMMITTEE_STAFF,
    Role.TOWN_ADMIN,
    Role.DISTRICT_ADMIN,
)
"""Who leads, the nearest first: somebody who is several acts as the first of them."""

READERS: Final = frozenset({*CONVENERS, Role.GRID_OPERATOR})
"""Who sees all of a consultation of the places that a grant covers, without sitting there."""

SEATS_AT_MOST, MEETINGS_AT_MOST, ACTIONS_AT_MOST = 30, 50, 100
VERSIONS_AT_MOST = 50
"""Of the minutes of one meeting, which are read together."""
LONGEST = timedelta(days=2 * 366)
"""How far ahead a meeting or the date of an action may lie."""

REMINDED_BEFORE = timedelta(days=1)
"""How long before its date an action is brought to mind."""


class Seat(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Meeting(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """Where an action stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    OVERDUE = "overdue"
    DONE = "done"
    DROPPED = "dropped"


SEATED: Final = frozenset({Seat.INVITED, Seat.ACCEPTED})
"""Who sees the case: whoever declined, or is not wanted any more, does not."""

UNDONE: Final = frozenset({Action.OPEN, Action.IN_PROGRESS, Action.OVERDUE})

SEAT_MOVES: Mapping[str, tuple[frozenset[Seat], Seat]] = {
    "invite": (frozenset({Seat.DECLINED, Seat.WITHDRAWN}), Seat.INVITED),
    "accept": (frozenset({Seat.INVITED, Seat.DECLINED}), Seat.ACCEPTED),
    "decline": (SEATED, Seat.DECLINED),
    "withdraw": (frozenset({*SEATED, Seat.DECLINED}), Seat.WITHDRAWN),
}
MEETING_MOVES: Mapping[str, tuple[frozenset[Meeting], Meeting]] = {
    "held": (frozenset({Meeting.PLANNED}), Meeting.HELD),
    "cancelled": (frozenset({Meeting.PLANNED}), Meeting.CANCELLED),
}
ACTION_MOVES: Mapping[str, tuple[frozenset[Action], Action]] = {
    "start": (frozenset({Action.OPEN}), Action.IN_PROGRESS),
    "finish": (UNDONE, Action.DONE),
    "drop": (UNDONE, Action.DROPPED),
    "postpone": (UNDONE, Action.IN_PROGRESS),
    "lapse": (frozenset({Action.OPEN, Action.IN_PROGRESS}), Action.OVERDUE),
}
LEADERS_MOVES: Final = frozenset({"drop", "postpone"})
"""What the owner of an action does not decide alone."""


# -- what may not be ---------------------------------------------------------------------------


class NotForConsultation(RuleBroken):
    """Questions and proposals are answered by the committee."""

    code = "grid.not_for_consultation"
    zh, en = "咨询、建议类由居委会答复，不进行联合会商", "Questions and proposals are answered here"


class AttemptRunning(Conflict):
    """The neighbourhood is trying by itself; that has to end first."""

    code = "grid.attempt_running"
    zh, en = "居民自治处置尚未结束，请先记录结果", "Self-governance is under way: end it first"


class ConsultationConcluded(NotNow):
    """It has ended: nothing is added to it any more."""

    code = "grid.consultation_concluded"
    zh, en = "联合会商已结束", "The joint consultation has ended"


class SeatState(Conflict):
    """The invitation does not stand so that this could be done."""

    code = "grid.invitation_state"
    zh, en = "该邀请的当前状态不允许此操作", "The invitation's state does not allow this now"


class MeetingState(Conflict):
    """The meeting was held or cancelled already, or was not held yet."""

    code = "grid.meeting_state"
    zh, en = "该会议的当前状态不允许此操作", "The meeting's state does not allow this now"


class ActionState(Conflict):
    """The action was done or dropped already, or is at work."""

    code = "grid.action_state"
    zh, en = "该事项的当前状态不允许此操作", "The action's state does not allow this now"


class MinutesChanged(Conflict):
    """Somebody else has written the minutes since they were read."""

    code = "grid.minutes_changed"
    zh, en = (
        "纪要已被他人修改，请刷新后再保存",
        "The minutes were changed meanwhile",
    )


class BadDate(Invalid):
    """A date lies ahead, and not further than two years."""

    code = "grid.consultation_date"
    zh, en = "时间应在今后两年之内", "The date must lie ahead, within two years"


class OwnerNeeded(Invalid):
    """An action belongs to the committee, to an invited department or to an invited person."""

    code = "grid.action_owner"
    zh, en = "责任方应为居委会或已邀请的部门、人员", "The owner must be invited, or the committee"


class ReasonNeeded(Invalid):
    """Who declines, drops, cancels or postpones says why."""

    code = "grid.reason_needed"
    zh, en = "请说明理由", "Say why"


class TableFull(RuleBroken):
    """More seats, meetings, versions of minutes or actions than anybody keeps an overview of."""

    code = "grid.consultation_full"
    zh, en = "邀请、会议、纪要或事项数量已达上限", "No more seats, meetings, minutes or actions"


class NotYours(Forbidden):
    """The action is another's, or only whoever leads the consultation may do this."""

    code = "grid.not_your_action"
    zh, en = "只有责任方或会商组织方可以操作", "Only its owner, or whoever leads, may do this"


# -- moving ------------------------------------------------------------------------------------

S = TypeVar("S", Seat, Meeting, Action)


def move(
    table: Mapping[str, tuple[frozenset[S], S]], state: S, act: str, refusal: type[Conflict]
) -> S:
    """Where ``act`` leads from ``state``; ``refusal`` is raised when the table has no such move."""
    sources, target = table[act]
    if state not in sources:
        raise refusal()
    return target


def convene(issue: Issue) -> Issue:
    """The case goes to the table."""
    if issue.order_is_live and issue.order is not State.RETURNED:
        raise OrderIsLive()
    if issue.status is Status.CLOSED and issue.order not in (*REFUSED, State.CANCELLED):
        raise NotNow()
    moved = take(issue, Act.CONVENE)
    if issue.category in (Category.CONSULT, Category.ADVISE):
        raise NotForConsultation()
    if issue.status is Status.SELF_GOVERNING and issue.last_outcome != "failed":
        raise AttemptRunning()
    return replace(moved, result=None)


def conclude(
    issue: Issue, outcome: str, *, photo: bool, slot: str | None = None, urgent: bool = False
) -> Issue:
    """The issue after the consultation; of ``handed_over``, after the escalation, too.

    Args:
        photo: a picture taken afterwards came with the conclusion, or with an action.
    """
    if outcome != "handed_over" and slot is not None:
        raise SlotNotAllowed()
    if outcome == "returned":
        return give_back(issue)
    if issue.order_is_live:
        raise OrderIsLive()
    if outcome == "resolved":
        moved = take(issue, Act.CONSULT_SOLVE)
        if not photo:
            raise ProofNeeded()
        return replace(moved, proof=True, last_outcome="solved", result="solved")
    if outcome == "unresolvable":
        return replace(take(issue, Act.CONSULT_CLOSE), result="unresolvable")
    back = give_back(issue)
    if slot is None:
        raise SlotNeeded()
    return issues.escalate(issues.triage(back, Category.HARD, slot), urgent=urgent)


def give_back(issue: Issue) -> Issue:
    """The committee is at it again, or the grid whose order lives on."""
    moved = take(issue, Act.CONSULT_RETURN)
    return replace(moved, status=Status.ESCALATED if issue.order_is_live else Status.TRIAGED)


def ahead(moment: datetime, now: datetime) -> datetime:
    """The moment, when it lies ahead and not too far."""
    if not now < moment <= now + LONGEST:
        raise BadDate()
    return moment


def next_word(promised_at: datetime, dates: Iterable[datetime], fallback: datetime) -> datetime:
    """By when the resident is promised the next word.

    Args:
        promised_at: the limit that ran when the consultation was opened.
        dates: those of the actions that are neither done nor dropped.
        fallback: the limit where there is nothing to be done.
    """
    return max(promised_at, min(dates, default=fallback))


@dataclass(frozen=True, slots=True)
class Alarm:
    """When the clock looks at an action again, and whether its reminder was said."""

    at: datetime | None
    reminded: bool


def alarm(due_at: datetime, now: datetime, *, reminded: bool = False) -> Alarm:
    """A day before the date, then at the date; on shorter notice nothing is brought to mind."""
    reminder = due_at - REMINDED_BEFORE
    if reminded or reminder <= now:
        return Alarm(due_at, reminded=True)
    return Alarm(reminder, reminded=False)


# -- who ---------------------------------------------------------------------------------------


def leads_as(actor: Actor, path: str) -> Role | None:
    """The role in which the actor may lead a consultation there."""
    return next((role for role in CONVENERS if actor.holds(frozenset({role}), path)), None)


def is_guest(actor: Actor, path: str) -> bool:
    """Whether the actor reaches the place as a department alone: she sees what she is invited to.

    A helper is nobody's department.
    """
    others = frozenset(Role) - GUESTS
    return not actor.holds(others, path) and actor.holds(GUESTS, path)


def may_sit(actor: Actor, path: str) -> bool:
    """Whether the actor serves as a department at the place, for herself."""
    return not actor.acted_by and actor.holds(GUESTS, path)
