"""The life of a work order (网格工单), as tables. Pure: no I/O, no clock.

::

    reported ─► accepted ─► verifying ─► registered ─► dispatched ─► disposing ─► disposed
       │                        │            │           ▲  ▲ │        ▲ ▲ │          │
       ├─► rejected             └─────┬──────┘           │  │ ▼        │ │ ▼          ▼
       └─► duplicate            not_registered           │ returned    │ suspended  checking
                                                         │             │ extension_   │ │
                                                         │             │ requested    │ │
                                                         │             └── rework ◄───┘ │
                                                      reopened ◄── closed ◄─────────────┘
    every open state ─► cancelled                        ▲            ▼
                                                         └──────── evaluated

Source: the lifecycle that the national and Shanghai rules share (受理 → 立案 → 派遣 → 处置 →
督办 → 核查 → 结案), with the on-site check (核实) that reports from the public need first.
督办 (urged) is a flag on an open order and no state.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an order stands; the values are those of the wire."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    VERIFYING = "verifying"
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    DISPOSING = "disposing"
    EXTENSION_REQUESTED = "extension_requested"
    SUSPENDED = "suspended"
    DISPOSED = "disposed"
    CHECKING = "checking"
    REWORK = "rework"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """Who moves an order; travels as ``actor_role``."""

    INTAKE_CLERK = "intake_clerk"  # 受理员
    FIELD_SUPERVISOR = "field_supervisor"  # 监督员: verifies and checks on site
    SHIFT_LEADER = "shift_leader"  # 值班长: registers and closes
    DISPATCHER = "dispatcher"  # 派遣员
    DEPARTMENT = "department"  # 处置部门
    RESIDENT = "resident"  # 居民, through the community's platform
    COMMUNITY = "community"  # 居民区, which withdraws what it sent


NAMES: dict[State, str] = {
    State.REPORTED: "待受理",
    State.ACCEPTED: "已受理",
    State.REJECTED: "不予受理",
    State.DUPLICATE: "重复",
    State.VERIFYING: "核实中",
    State.REGISTERED: "已立案",
    State.NOT_REGISTERED: "不予立案",
    State.DISPATCHED: "已派遣",
    State.RETURNED: "已回退",
    State.DISPOSING: "处置中",
    State.EXTENSION_REQUESTED: "申请延期",
    State.SUSPENDED: "挂账",
    State.DISPOSED: "已处置",
    State.CHECKING: "核查中",
    State.REWORK: "返工",
    State.CLOSED: "已结案",
    State.EVALUATED: "已评价",
    State.REOPENED: "重办",
    State.CANCELLED: "已作废",
}

ROLE_NAMES: dict[Role, str] = {
    Role.INTAKE_CLERK: "受理员",
    Role.FIELD_SUPERVISOR: "监督员",
    Role.SHIFT_LEADER: "值班长",
    Role.DISPATCHER: "派遣员",
    Role.DEPARTMENT: "处置部门",
    Role.RESIDENT: "居民",
    Role.COMMUNITY: "居民区",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed transition: who makes it, and whether a reason must be written down."""

    actor: Role
    reason: bool = False


_S, _R = State, Role
_CANCEL = Move(_R.SHIFT_LEADER, reason=True)

MOVES: dict[State, dict[State, Move]] = {
    _S.REPORTED: {
        _S.ACCEPTED: Move(_R.INTAKE_CLERK),
        _S.REJECTED: Move(_R.INTAKE_CLERK, reason=True),
        _S.DUPLICATE: Move(_R.INTAKE_CLERK, reason=True),  # the reason names the other order
        _S.CANCELLED: _CANCEL,
    },
    _S.ACCEPTED: {_S.VERIFYING: Move(_R.FIELD_SUPERVISOR), _S.CANCELLED: _CANCEL},
    _S.VERIFYING: {
        _S.REGISTERED: Move(_R.SHIFT_LEADER),
        _S.NOT_REGISTERED: Move(_R.SHIFT_LEADER, reason=True),
        _S.CANCELLED: _CANCEL,
    },
    _S.REGISTERED: {
        _S.DISPATCHED: Move(_R.DISPATCHER),
        _S.NOT_REGISTERED: Move(_R.SHIFT_LEADER, reason=True),
        _S.CANCELLED: _CANCEL,
    },
    _S.DISPATCHED: {
        _S.DISPOSING: Move(_R.DEPARTMENT),
        _S.RETURNED: Move(_R.DEPARTMENT, reason=True),
        _S.CANCELLED: _CANCEL,
    },
    _S.RETURNED: {_S.DISPATCHED: Move(_R.DISPATCHER), _S.CANCELLED: _CANCEL},
    _S.DISPOSING: {
        _S.DISPOSED: Move(_R.DEPARTMENT),
        _S.EXTENSION_REQUESTED: Move(_R.DEPARTMENT, reason=True),
        _S.SUSPENDED: Move(_R.DEPARTMENT, reason=True),
        _S.CANCELLED: _CANCEL,
    },
    _S.EXTENSION_REQUESTED: {_S.DISPOSING: Move(_R.SHIFT_LEADER), _S.CANCELLED: _CANCEL},
    _S.SUSPENDED: {_S.DISPOSING: Move(_R.DEPARTMENT), _S.CANCELLED: _CANCEL},
    _S.DISPOSED: {_S.CHECKING: Move(_R.FIELD_SUPERVISOR), _S.CANCELLED: _CANCEL},
    _S.CHECKING: {
        _S.CLOSED: Move(_R.SHIFT_LEADER),
        _S.REWORK: Move(_R.FIELD_SUPERVISOR, reason=True),
        _S.CANCELLED: _CANCEL,
    },
    _S.REWORK: {_S.DISPOSING: Move(_R.DEPARTMENT), _S.CANCELLED: _CANCEL},
    _S.CLOSED: {
        _S.EVALUATED: Move(_R.RESIDENT),
        _S.REOPENED: Move(_R.RESIDENT, reason=True),
    },
    # Evaluated ends the platform's work. Only the resident can undo it: who rates "not solved"
    # and then asks again must not be sent away to open a second order for the same rubbish.
    _S.EVALUATED: {_S.REOPENED: Move(_R.RESIDENT, reason=True)},
    _S.REOPENED: {_S.DISPATCHED: Move(_R.DISPATCHER), _S.CANCELLED: _CANCEL},
    _S.REJECTED: {},
    _S.DUPLICATE: {},
    _S.NOT_REGISTERED: {},
    _S.CANCELLED: {},
}

OPEN: frozenset[State] = frozenset(
    state for state, exits in MOVES.items() if State.CANCELLED in exits
)
"""States of an order that still waits for somebody; these may be urged or withdrawn."""

MAX_NOTE = 4000
"""Characters of a note that the wire carries."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a message of the community's platform is answered when the table above allows it.

    ``note`` is what everybody may read on the order's timeline: it does not repeat the words of
    the person who asked.
    """

    target: State
    actor: Role
    note: str


ANSWERS: dict[str, Answer] = {
    "workorder.withdrawn.v1": Answer(_S.CANCELLED, _R.COMMUNITY, "按居民区要求，工单作废。"),
    "workorder.rated.v1": Answer(_S.EVALUATED, _R.RESIDENT, "已收到居民评价。"),
    "workorder.reopened.v1": Answer(_S.REOPENED, _R.RESIDENT, "居民反映未解决，工单重办。"),
}


@dataclass(frozen=True, slots=True)
class AutomaticStep:
    """What the automatic mode does next, and the words it leaves."""

    target: State
    note: str


AUTOMATIC: dict[State, AutomaticStep] = {
    _S.REPORTED: AutomaticStep(_S.ACCEPTED, "工单已受理，安排监督员现场核实。"),
    _S.ACCEPTED: AutomaticStep(_S.VERIFYING, "监督员已到现场核实情况。"),
    _S.VERIFYING: AutomaticStep(_S.REGISTERED, "情况属实，予以立案。"),
    _S.REGISTERED: AutomaticStep(_S.DISPATCHED, "已派遣至责任部门。"),
    _S.DISPATCHED: AutomaticStep(_S.DISPOSING, "责任部门已接收，正在处置。"),
    _S.DISPOSING: AutomaticStep(_S.DISPOSED, "现场处置完毕，报请核查。"),
    _S.DISPOSED: AutomaticStep(_S.CHECKING, "监督员正在现场核查处置结果。"),
    _S.CHECKING: AutomaticStep(_S.CLOSED, "核查通过，予以结案，请居民评价。"),
    _S.REOPENED: AutomaticStep(_S.DISPATCHED, "已重新派遣至责任部门。"),
    _S.REWORK: AutomaticStep(_S.DISPOSING, "责任部门正在返工。"),
}
"""The automatic mode's walk. A state that is not here (回退, 挂账, 延期) waits for a person."""


class OrderError(Exception):
    """Base of what can't be done with an order.

    ::

        OrderError
        ├── ImpossibleMove   the table has no such transition
        ├── ReasonMissing    the transition needs a written reason
        └── UnknownOrder     no order with that number
    """


class ImpossibleMove(OrderError):
    """The table of transitions does not allow the step."""

    def __init__(self, no: str, source: State, target: State) -> None:
        exits = "、".join(f"{state}（{NAMES[state]}）" for state in MOVES[source]) or "无（已终结）"
        super().__init__(
            f"工单 {no} 处于 {source}（{NAMES[source]}），不能转为 {target}（{NAMES[target]}）；"
            f"可转为：{exits}"
        )


class ReasonMissing(OrderError):
    """The transition must carry a reason."""

    def __init__(self, target: State) -> None:
        super().__init__(f"转为 {target}（{NAMES[target]}）必须写明原因（--note）")


class UnknownOrder(OrderError):
    """There is no such order here."""

    def __init__(self, no: str) -> None:
        super().__init__(f"没有工单 {no}")


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What the platform knows about one order.

    ``no`` is given by the community's platform, ``platform_ref`` by us. ``seq`` is the number of
    updates sent so far and never restarts. ``urged`` counts 督办. ``subject_version`` is that of
    the last message taken for this order (None when the sender gives none). ``deadlines`` are
    the limits that came with the order: ``""`` is the overall one, the rest are by stage;
    ``opened_at`` is when they began to run.
    """

    no: str
    platform_ref: str
    state: State
    since: datetime
    opened_at: datetime
    seq: int = 0
    title: str = ""
    urgency: str = "normal"
    department: str = ""
    deadline: datetime | None = None
    deadlines: tuple[tuple[str, datetime], ...] = ()
    urged: int = 0
    score: int | None = None
    subject_version: int | None = None
    traceparent: str = ""

    def limit(self, stage: str) -> datetime | None:
        """The limit for ``stage``, else the overall one, else None."""
        limits = dict(self.deadlines)
        return limits.get(stage, limits.get(""))


@dataclass(frozen=True, slots=True)
class Step:
    """A wish to move an order: by a clerk, by the automatic mode, or by a message."""

    target: State
    note: str = ""
    actor: Role | None = None
    department: str | None = None
    deadline: datetime | None = None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """What the community's platform is told: the body of ``workorder.updated.v1``."""

    work_order_no: str
    seq: int
    state: State
    at: datetime
    actor_role: Role
    department: str
    note: str
    deadline: datetime | None
    attachments: tuple[str, ...]
    platform_ref: str


def may(order: WorkOrder, target: State) -> bool:
    """Whether the table allows ``order`` to go to ``target``."""
    return target in MOVES[order.state]


def advance(order: WorkOrder, step: Step, at: datetime) -> tuple[WorkOrder, Update]:
    """Move ``order``, and say so with the next ``seq``.

    ``at`` is aware, UTC; an order's updates never go back in time, even when the clock does.
    Raises :class:`ImpossibleMove` or :class:`ReasonMissing`; then nothing has happened.
    """
    move = MOVES[order.state].get(step.target)
    if move is None:
        raise ImpossibleMove(order.no, order.state, step.target)
    if move.reason and not step.note.strip():
        raise ReasonMissing(step.target)
    at = max(at, order.since)
    department = order.department if step.department is None else step.department
    deadline = step.deadline or _promise(order, step.target, at)
    moved = replace(
        order,
        state=step.target,
        since=at,
        seq=order.seq + 1,
        department=department,
        deadline=deadline or order.deadline,
    )
    update = Update(
        work_order_no=order.no,
        seq=moved.seq,
        state=step.target,
        at=at,
        actor_role=step.actor or move.actor,
        department=department,
        note=step.note.strip()[:MAX_NOTE],
        deadline=deadline,
        attachments=step.attachments,
        platform_ref=order.platform_ref,
    )
    return moved, update


# At these moments the platform promises a date: the whole order's when it takes it on, the
# department's when it sends somebody. The stage's name is that of the state it is spent in.
_PROMISES: dict[State, str] = {State.ACCEPTED: "", State.DISPATCHED: State.DISPOSING}


def _promise(order: WorkOrder, target: State, at: datetime) -> datetime | None:
    """The date promised on entering ``target``; a reopened order is given its time once more."""
    limit = order.limit(_PROMISES[target]) if target in _PROMISES else None
    if limit is None or order.state is not State.REOPENED:
        return limit
    return at + max(limit - order.opened_at, timedelta(0))


def in_turn(order: WorkOrder | None, opening: bool, version: int | None) -> bool:
    """Whether a message with this ``subject_version`` may be taken now, or waits for others.

    ``opening`` says that the message opens the order. The sender counts its messages per order
    1, 2, 3…; a number that was passed already is in turn too: the table decides what it does.
    """
    if order is None:
        return opening
    if version is None or order.subject_version is None:
        return True
    return version <= order.subject_version + 1


def automatic_step(order: WorkOrder) -> Step | None:
    """What the automatic mode would do with ``order``; None when a person must."""
    plan = AUTOMATIC.get(order.state)
    return Step(plan.target, plan.note) if plan else None


def due_at(since: datetime, seconds: float) -> datetime:
    """When the automatic mode leaves a state that was entered at ``since``."""
    return since + timedelta(seconds=seconds)


def overdue(order: WorkOrder, now: datetime) -> bool:
    """Whether an open order has passed the date that was promised for it."""
    return order.state in OPEN and order.deadline is not None and order.deadline < now
