"""The rules of an emergency: who may call it, how it is confirmed, what is known of a household.

What is known of a household, from what its members said and what was found at the door::

    somebody's own call for help stands, and no visit was later ───────────────▶ help
    the last visit found help ─────────────────────────────────────────────────▶ help
    the last visit, or what was said for all of them, whichever is later ──────▶ that
    each of them said for herself that she is safe ────────────────────────────▶ safe
    otherwise ─────────────────────────────────────────────────────────────────▶ silent

A call for help is ended by whoever made it, or by whoever was at the door: that the husband at work
says "all safe" a minute later does not end his wife's.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.contracts.actor import Actor, Role, covers
from services.contracts.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
)
from services.contracts.operations.identity.doors import CALLERS
from services.contracts.operations.notify.emergencies import AT_THE_DOOR, FEWEST

CONFIRM_WITHIN: Final = timedelta(minutes=10)
SHOWN_AFTERWARDS: Final = timedelta(days=7)
"""How long after its end an emergency stands on the page of whoever it concerned."""
HEARD_WITHIN: Final = (15, 30, 60)
"""Minutes after the call for which the report says how many were heard of."""
WIDE: Final = frozenset({"town", "district"})
"""Scopes where everybody is told and nobody is asked for an answer."""


class EmergencyNotFound(NotFound):
    """There is no such emergency, or it does not concern the actor."""

    code = "notify.emergency_not_found"
    zh, en = "没有找到这次应急事件", "There is no such emergency"


class PlaceNotFound(NotFound):
    """There is no such district or town."""

    code = "notify.place_not_found"
    zh, en = "没有找到这个区或街镇", "There is no such district or town"


class NotConfirmed(RuleBroken):
    """It was not confirmed, or something else was, or more than ten minutes ago."""

    code = "notify.emergency_not_confirmed"
    zh = "请先预览通知范围，再在十分钟内带确认码发布"
    en = "Look first how many would be told, then confirm within ten minutes"


class AlreadyCalled(Conflict):
    """An emergency (or drill) of this place is open."""

    code = "notify.emergency_already_called"
    zh = "这里已有进行中的应急事件，请在其中追加通知"
    en = "An emergency is open here; please tell more within it"


class NoDrillNow(Conflict):
    """Nobody is drilled where an emergency is open."""

    code = "notify.no_drill_in_an_emergency"
    zh, en = "此处有真实的应急事件，不能演练", "There is a real emergency here: no drill now"


class EmergencyClosed(Conflict):
    """It is over. A call for help is taken all the same, as long as households are known."""

    code = "notify.emergency_closed"
    zh = "这次应急事件已经结束；如仍需帮助请选择“需要帮助”"
    en = "This emergency is over; if you still need help, say so"


class NoDoors(Conflict):
    """A town or a district is told, but nobody there is asked."""

    code = "notify.emergency_without_doors"
    zh, en = "街镇和区级通知没有住户名单", "A town or a district has no list of doors"


class DoorsStand(Conflict):
    """The list of doors is whole, or being read."""

    code = "notify.emergency_doors_stand"
    zh, en = "住户名单已经生成或正在生成", "The list of doors is there, or on its way"


@dataclass(frozen=True, slots=True)
class Said:
    """What an account last said; ``whole``: for all at home."""

    state: str
    need: str | None
    whole: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What was last found at the door."""

    state: str
    need: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a household; ``by_staff``: from a visit."""

    state: str
    need: str | None = None
    by_staff: bool = False


def standing(people: int, said: Sequence[Said], found: Found | None) -> Standing:
    """What is known of a household; see the module.

    Args:
        people: how many live there.
        said: the last word of each account that said anything.
        found: what the last visit found; None: there was none.
    """
    calls = [one for one in said if one.state == "help" and (not found or one.at > found.at)]
    if calls:
        return Standing("help", max(calls, key=lambda one: one.at).need)
    for_all = max((one.at for one in said if one.state == "safe" and one.whole), default=None)
    if found and (found.state == "help" or for_all is None or found.at >= for_all):
        return Standing(found.state, found.need, by_staff=True)
    if for_all or 0 < people <= sum(one.state == "safe" for one in said):
        return Standing("safe")
    return Standing("silent")


def confirmation(actor: Actor, path: str, words: Iterable[str], now: datetime) -> str:
    """What confirms this very call for the next ten minutes, and not less than that."""
    return _confirmations(actor, path, words, now)[0]


def check_confirmed(
    given: str | None, actor: Actor, path: str, words: Iterable[str], now: datetime
) -> None:
    """Raise :class:`NotConfirmed` unless the actor has looked at this very call just now."""
    if given not in _confirmations(actor, path, words, now):
        raise NotConfirmed(errors=[FieldError("confirm", "does not confirm this call")])


def _confirmations(actor: Actor, path: str, words: Iterable[str], now: datetime) -> list[str]:
    slot = int(now.timestamp() // CONFIRM_WITHIN.total_seconds())
    told = "\0".join((actor.person_id, path, *words))
    return [hashlib.sha256(f"{one}\0{told}".encode()).hexdigest()[:16] for one in (slot, slot - 1)]


def check_need(state: str, need: str | None, field: str = "need") -> None:
    """Whoever asks for help says which; whoever does not has none to name.

    Raises:
        Invalid: one is missing, or too much.
    """
    if (state == "help") != (need is not None):
        raise Invalid(errors=[FieldError(field, "belongs to a call for help, and to that alone")])


def office(actor: Actor, path: str, roles: frozenset[Role] = CALLERS) -> Role:
    """In which office the actor acts at ``path``: the nearest to it.

    Raises:
        Forbidden: in none.
    """
    held = [one for one in actor.grants if one.role in roles and covers(one.path, path)]
    if not held:
        actor.require(roles, path)
        raise Forbidden()
    return max(held, key=lambda one: one.path.count(".")).role


def office_at_the_door(actor: Actor, path: str, community_path: str) -> Role:
    """The office in which the actor sees the doors: one held in the community itself.

    Raises:
        Forbidden: whoever is set above communities sees figures.
    """
    return office(_near(actor, community_path), path, AT_THE_DOOR)


def sees_doors(actor: Actor, path: str, community_path: str) -> bool:
    """Whether the actor has such an office."""
    return _near(actor, community_path).holds(AT_THE_DOOR, path)


def _near(actor: Actor, community_path: str) -> Actor:
    within = [one for one in actor.grants if covers(community_path, one.path)]
    return Actor(actor.person_id, actor.session_id, tuple(within), actor.expires_at)


def told_as(households: Mapping[str, int]) -> dict[str, str]:
    """Under which name each building is told to whoever only watches (k-anonymity).

    One of fewer households than :data:`FEWEST` goes with the others of its estate, which stands
    before the building's own name; where these are too few, the next larger one goes with them, so
    that nothing is told by what is missing of the sum. What is too little of an estate goes with
    others under no name.

    Args:
        households: how many, by building.
    """
    estates: dict[str, dict[str, int]] = {}
    for building, count in households.items():
        estates.setdefault(building.rpartition(" ")[0], {})[building] = count
    names = {b: name for e, counts in estates.items() for b, name in _together(counts, e).items()}
    sums: dict[str, int] = {}
    for building, name in names.items():
        sums[name] = sums.get(name, 0) + households[building]
    last = _together(sums, "")
    return {building: last[name] for building, name in names.items()}


def _together(counts: Mapping[str, int], name: str) -> dict[str, str]:
    few = {one for one, count in counts.items() if count < FEWEST}
    together = sum(counts[one] for one in few)
    for one in sorted(counts.keys() - few, key=lambda one: (counts[one], one)):
        if not 0 < together < FEWEST:
            break
        few.add(one)
        together += counts[one]
    return {one: name if one in few else one for one in counts}


def floor_of(room: str) -> int | None:
    """The floor that a room's number says (``1203`` is on the 12th), if it says one."""
    number = re.fullmatch(r"\D*(\d{3,4})\D*", room)
    return int(number[1]) // 100 if number else None
