"""How an operation is asked for, and what the table says must come of it.

::

                     own scope                    other scope
    SELF      done                         done                       touches only the caller
    PLACE     done                         403 or 404                 aimed at the home community
    THING     done with one's own          403 or 404 with another's  belongs to a person
    PUBLIC    done, by anybody and nobody
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from services.contracts.actor import GUESTS, Actor, Role
from services.contracts.operations.base import Operation
from tests.support.identity_world import HOME
from tests.support.matrix.house import FAR, FARTHEST, House

# Role -> the node above the community where it is held; all others are held in the community.
ABOVE = {
    Role.DISTRICT_ADMIN: ("d", FARTHEST),
    Role.DISTRICT_ANALYST: ("d", FARTHEST),
    Role.AUDITOR: ("d", FARTHEST),
    Role.GRID_OPERATOR: ("d", FARTHEST),
    Role.SERVICE: ("d", FARTHEST),
    Role.TOWN_ADMIN: ("d.t", "d.t2"),
    Role.DEPARTMENT_STAFF: ("d.t", "d.t2"),
    Role.OBSERVER: ("d.t", "d.t2"),
}
LOCAL = (HOME, FAR)

Command = dict[str, Any]
Build = Callable[[House, Actor], Command]


class Reach(Enum):
    """What an operation touches; see the module."""

    SELF = "self"
    PLACE = "place"
    THING = "thing"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Row:
    """A valid command of one operation.

    Args:
        reach: what it touches.
        build: the command, for this actor; of a THING, one whose owner the actor is.
        only: those roles besides which the service lets nobody do it, though the table would.
        away: it cannot be done here (something outside is missing), but it is not refused either.
    """

    reach: Reach
    build: Build
    only: frozenset[Role] | None = None
    away: bool = False


def self_(build: Build | None = None, **more: Any) -> Row:
    """It touches nothing but the caller's own."""
    return Row(Reach.SELF, build or (lambda _h, _who: {}), **more)


def place(build: Build, **more: Any) -> Row:
    """It is aimed at the home community, or at something in it."""
    return Row(Reach.PLACE, build, **more)


def inside(build: Build, **more: Any) -> Row:
    """It shows what neighbours have among themselves: a department's grant does not open that."""
    return Row(Reach.PLACE, build, only=frozenset(Role) - GUESTS, **more)


def thing(build: Build, **more: Any) -> Row:
    """It belongs to the actor that it is built for."""
    return Row(Reach.THING, build, **more)


def public(build: Build | None = None, **more: Any) -> Row:
    """Anybody may."""
    return Row(Reach.PUBLIC, build or (lambda _h, _who: {}), **more)


def held_at(role: Role, side: str) -> str:
    """The node at which ``role`` is held: one that reaches the home community, or another."""
    here, elsewhere = ABOVE.get(role, LOCAL)
    return here if side == "own" else elsewhere


def somebody(house: House, operation: Operation, role: Role, side: str) -> Actor:
    """Somebody fresh with ``role``, held where the command is aimed at, or elsewhere."""
    who = house.person((role, held_at(role, side)))
    if operation.who.member and role is not Role.RESIDENT:
        house.settle(who, HOME if side == "own" else FAR)
    return who


def onlooker(house: House, operation: Operation, role: Role, side: str) -> Actor:
    """As :func:`somebody`, but the same one each time: for whoever reads or is refused."""
    key = role, side, operation.who.member
    if key not in house.onlookers:
        house.onlookers[key] = somebody(house, operation, role, side)
    return house.onlookers[key]


def refused_by_table(operation: Operation, role: Role | None, acted_by: str = "") -> str:
    """What the table means, in its own words: the code of a refusal, or empty."""
    if not operation.who.login:
        return ""
    if role is None:
        return "auth.token_required"
    if acted_by and not operation.assisted:
        return "auth.not_on_behalf"
    changes_something = operation.method in ("POST", "PUT", "PATCH", "DELETE")
    if role is Role.OBSERVER and changes_something and not operation.own:
        return "auth.observer_read_only"
    if operation.who.roles and role not in operation.who.roles:
        return "auth.forbidden"
    return ""


def done(row: Row, side: str, role: Role) -> bool:
    """Whether a service does what the table lets ``role`` ask for."""
    if row.only is not None and role not in row.only:
        return False
    return side == "own" or row.reach in (Reach.SELF, Reach.PUBLIC)
