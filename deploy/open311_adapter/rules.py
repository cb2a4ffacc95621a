"""From what GeoReport says to the steps of a work order, and back. Pure: no I/O, no clock.

::

    theirs                                   ours
    the request has an id                    reported ─► accepted        reopened ─► dispatched
    open, and its notes speak of work        … ─► disposing
    closed                                   … ─► closed
    closed, and its notes speak of refusal   … ─► not_registered, past that point cancelled

GeoReport knows two states; the table of work orders knows nineteen, and lets none be passed over.
So the steps between are made at once, and each says that it was concluded and not told. A request
cannot be withdrawn, urged, added to or opened again: what of that concerns an order is put down for
people (:data:`BY_HAND`), and a reopened order is a new request that names the old one.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from deploy.grid_platform.domain import MOVES, OPEN, Role, State, Step
from deploy.grid_platform.messages import AMENDED, URGED

MOST_TEXT: Final = 4_000
REFUSED: Final = re.compile(
    r"不予受理|不予立案|不属于|重复|reject|declin|duplicate|invalid|not (?:our|a city)"
    r"|out of jurisdiction",
    re.IGNORECASE,
)
WORKING: Final = re.compile(
    r"处置中|正在处|已派|派遣|in progress|assigned|dispatched|scheduled|under way", re.IGNORECASE
)
CONCLUDED: Final = "城市系统（Open311）不告知此环节，据其后续状态推定。"
BY_HAND: Final[Mapping[str, str]] = {
    AMENDED: "补充情况",
    URGED: "督办",
    "workorder.withdrawn.v1": "撤回",
}
"""What came for an order that is at the city already, and that GeoReport cannot pass on."""

AT_HOME: Final = frozenset({"S1", "X1", "X2"})
AT_HOME_WORDS: Final = re.compile("承重|群租|户内|室内|居改非|房屋使用性质")
"""Slots that tell of somebody's home, by key or name; the bridge publishes no place of theirs."""

_ROOM: Final = re.compile(
    r"[A-Za-z]?\d{1,6}\s{0,2}[室户]|\d{1,6}\s{0,2}单元|(?<=[楼幢栋号])\s{0,2}\d{3,4}(?!\d)"
)
_FORWARD: Final = (
    State.ACCEPTED, State.VERIFYING, State.REGISTERED, State.NOT_REGISTERED, State.DISPATCHED,
    State.DISPOSING, State.DISPOSED, State.CHECKING, State.CLOSED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A request as the city tells it; ``open`` or ``closed`` and its notes."""

    status: str
    notes: str = ""
    agency: str = ""

    @property
    def closed(self) -> bool:
        """Whether the city is done with it."""
        return self.status.strip().lower() == "closed"


def goal(state: State, told: Standing | None) -> State | None:
    """Where the order should stand by what the city tells; None when it stands there.

    ``told`` is None as long as only the request's id is known.
    """
    if state not in OPEN:
        return None
    if told is not None and told.closed:
        if not REFUSED.search(told.notes):
            return State.CLOSED
        return State.NOT_REGISTERED if route(state, State.NOT_REGISTERED) else State.CANCELLED
    if state is State.REPORTED:
        return State.ACCEPTED
    if state is State.REOPENED:
        return State.DISPATCHED
    if told is not None and WORKING.search(told.notes) and route(state, State.DISPOSING):
        return State.DISPOSING
    return None


def route(state: State, target: State) -> tuple[State, ...]:
    """The shortest legal way to ``target``; empty when there is none."""
    ways: deque[tuple[State, tuple[State, ...]]] = deque([(state, ())])
    seen = {state}
    while ways:
        here, way = ways.popleft()
        for after in MOVES[here]:
            if after is target:
                return (*way, after)
            if after in _FORWARD and after not in seen:
                seen.add(after)
                ways.append((after, (*way, after)))
    return ()


def steps(state: State, told: Standing | None, request_id: str) -> list[Step]:
    """The steps to what the city tells, each with its words and those that it concludes."""
    target = goal(state, told)
    if target is None:
        return []
    found = []
    for after in route(state, target):
        words = CONCLUDED
        if after is State.ACCEPTED:
            words = f"城市系统（Open311）已接收，编号 {request_id}。"
        elif after is State.DISPATCHED and state is State.REOPENED:
            words = f"重办件已重新提交城市系统，编号 {request_id}。"
        if after is target and told is not None and (told.notes or told.closed):
            words = told.notes or "城市系统告知已办结，未附说明。"
        found.append(
            Step(
                after,
                words[:MOST_TEXT],
                department=(told.agency or None) if told else None,
                actor=Role.DEPARTMENT if after is target else None,
            )
        )
    return found


def marker(no: str, turn: int) -> str:
    """By what a request is found again at the city; turn 2 is the first reopening."""
    return f"[{no}/{turn}]"


def form(
    order: Mapping[str, Any],
    turn: int,
    *,
    service_code: str,
    attributes: Mapping[str, str],
    before: str = "",
    words: bool = False,
) -> dict[str, str]:
    """The request of an order, to be sent in the very same words as often as it must be.

    Args:
        order: the body of ``workorder.opened.v1``.
        before: the id of the request that was closed before it was reopened.
        words: whether the neighbourhood's own words may be sent, and where a home is that a case
            tells of; otherwise it is the community, and whoever goes there asks the committee.
    """
    where = order.get("location") or {}
    sorted_as = order.get("catalogue") or {}
    kind = sorted_as.get("name") or service_code
    at_home = sorted_as.get("slot") in AT_HOME or bool(AT_HOME_WORDS.search(kind))
    lines = [f"{kind} {marker(order['work_order_no'], turn)}"]
    if before:
        lines.append(f"重办，原编号 {before}")
    if words:
        lines += [str(order.get("title") or ""), str(order.get("description") or "")]
    community = (order.get("community") or {}).get("name") or ""
    if at_home and not words:  # what a city's server holds, anybody reads: whose home it is not
        where = {}
    address = _ROOM.sub("", str(where.get("address") or "")).strip()
    said = {
        "service_code": service_code,
        "description": "\n".join(line for line in lines if line)[:MOST_TEXT],
        "address_string": f"{community}{address}" or order["work_order_no"],
        **{f"attribute[{code}]": value for code, value in attributes.items()},
    }
    # GeoReport's points are WGS84; a point of another system would lie hundreds of metres off.
    if where.get("lat") is not None and where.get("crs") in ("WGS84", "CGCS2000"):
        said |= {"lat": str(where["lat"]), "long": str(where["lng"])}
    return said
