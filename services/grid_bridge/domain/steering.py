"""What we do to an order that the platform works on: urge it, add to it, take it back.

::

    act        while the order is   its effect there           again
    urge 督办  open                 a flag, no state           next day, each level by itself
    amend      open                 more in its file           any time
    withdraw   open                 cancelled, when it agrees  no: it was asked already

The platform alone moves an order (see :mod:`.work_order`), so none of these changes its state
here: a withdrawal is a wish until ``cancelled`` comes, and the order may be closed before that.
"""

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import Conflict, Forbidden
from services.grid_bridge.domain.sla import Level
from services.grid_bridge.domain.work_order import OPEN, State

LEVELS: tuple[tuple[Level, frozenset[Role]], ...] = (
    ("committee", COMMITTEE),
    ("town", frozenset({Role.TOWN_ADMIN})),
    ("district", frozenset({Role.DISTRICT_ADMIN})),
)
"""Who urges at which level: those who are told when a promise breaks."""

URGERS: frozenset[Role] = frozenset().union(*(roles for _, roles in LEVELS))


class OrderEnded(Conflict):
    """The platform has done it, refused it or cancelled it: there is nothing to move any more."""

    code = "grid.order_ended"
    zh, en = "工单已终结，不能再操作", "The work order has ended"


class UrgedToday(Conflict):
    """This level has urged the order today."""

    code = "grid.urged_today"
    zh, en = "今天已经督办过", "It was urged today already"


class WithdrawalAsked(Conflict):
    """We have asked for the order back; the platform decides."""

    code = "grid.withdrawal_asked"
    zh, en = "已经申请撤回，请等待网格平台处理", "The withdrawal was asked for already"


def level_of(actor: Actor, path: str) -> tuple[Level, Role]:
    """The level at which the actor urges there, the nearest first, and her role.

    Raises:
        Forbidden: none of her roles reaches it.
    """
    for level, roles in LEVELS:
        for role in sorted(roles, reverse=True):  # a secretary speaks as one
            if actor.holds(frozenset({role}), path):
                return level, role
    raise Forbidden()


def still_open(state: State) -> None:
    """Raise :class:`OrderEnded` unless somebody still works on it."""
    if state not in OPEN:
        raise OrderEnded()


def may_withdraw(state: State, *, asked: bool) -> None:
    """Raise unless the order may be asked back now."""
    still_open(state)
    if asked:
        raise WithdrawalAsked()
