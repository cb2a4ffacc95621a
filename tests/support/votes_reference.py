"""A count the slow, obvious way: voter by voter, one share after the other, nothing shared.

It reads rules as the plain JSON that a poll keeps and goes through a list of papers as somebody at
a table would. It divides where the service multiplies, counts owners by name where the service adds
up shares of heads, and knows none of the service's classes: that both agree is what is tested.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Voter:
    """One entry of the roll, and what it did: a choice, ``spoiled``, or None: it stayed away."""

    owner: str
    household: str
    area: int
    did: str | None
    channel: str = "online"


@dataclass(frozen=True)
class Verdict:
    """What it comes to."""

    passed: bool
    quorum_reached: bool
    extend_days: int
    lock_days: int
    majority: str | None


def count(rules: dict[str, Any], roll: list[Voter], extended: int = 0) -> Verdict:
    """The verdict on these votes."""
    reached = _enough_came(rules, roll)
    majority = _majority(rules, roll) if rules["non_voters"] == "with_majority" else None
    passed = reached
    for what in _what_counts(rules):
        if not _carried(rules, roll, what, majority):
            passed = False
    may_extend = not reached and len(roll) > 0 and extended < rules["extension"]["times"]
    return Verdict(
        passed=passed,
        quorum_reached=reached,
        extend_days=rules["extension"]["days"] if may_extend else 0,
        lock_days=0 if passed or may_extend else rules["lock_days"],
        majority=majority,
    )


def _what_counts(rules: dict[str, Any]) -> list[str]:
    return {
        "person": ["heads"],
        "household": ["heads"],
        "floor_area": ["area"],
        "dual": ["area", "heads"],
    }[rules["weight"]]


def _measure(what: str, some: list[Voter], roll: list[Voter]) -> Fraction:
    """How much these voters are, one after the other."""
    if what == "households":
        return Fraction(len({voter.household for voter in some}))
    amount = Fraction(0)
    for voter in some:
        if what == "entries":
            amount += 1
        elif what == "area":
            amount += voter.area
        else:
            units = 0
            for other in roll:
                if other.owner == voter.owner:
                    units += 1
            amount += Fraction(1, units)
    return amount


def _is_there(rules: dict[str, Any], voter: Voter) -> bool:
    if voter.did is None:
        return False
    if voter.did in ("for", "against"):
        return True
    return bool(rules["abstain_is_present"])


def _high_enough(part: Fraction, whole: Fraction, bar: dict[str, Any]) -> bool:
    if whole == 0:
        return False
    above, below = bar["at"].split("/")
    wanted = Fraction(int(above), int(below))
    share = part / whole
    return share > wanted if bar["above"] else share >= wanted


def _enough_came(rules: dict[str, Any], roll: list[Voter]) -> bool:
    if len(roll) == 0:
        return False
    came = [voter for voter in roll if _is_there(rules, voter)]
    answers = []
    for what in ("entries", "households", "area", "heads"):
        bar = rules["quorum"][what]
        if bar is not None:
            answers.append(
                _high_enough(_measure(what, came, roll), _measure(what, roll, roll), bar)
            )
    if rules["quorum"]["kind"] == "either":
        return True in answers
    return False not in answers


def _majority(rules: dict[str, Any], roll: list[Voter]) -> str | None:
    """Where those who stayed away are put: on the side that is larger in everything."""
    larger = set()
    for what in _what_counts(rules):
        yes = _measure(what, [v for v in roll if v.did == "for"], roll)
        no = _measure(what, [v for v in roll if v.did == "against"], roll)
        if yes > no:
            larger.add("for")
        elif no > yes:
            larger.add("against")
        else:
            larger.add("neither")
    if larger == {"for"}:
        return "for"
    if larger == {"against"}:
        return "against"
    return None


def _carried(rules: dict[str, Any], roll: list[Voter], what: str, majority: str | None) -> bool:
    """Whether it is carried by area, or by heads."""
    yes_voters, no_voters, base_voters = [], [], []
    for voter in roll:
        side = voter.did
        put = side is None and majority is not None
        if put:
            side = majority
        if side == "for":
            yes_voters.append(voter)
        if side == "against":
            no_voters.append(voter)
        base = rules["threshold"]["base"]
        if (
            base == "roll"
            or (base == "cast" and side in ("for", "against"))
            or (base == "present" and (put or _is_there(rules, voter)))
        ):
            base_voters.append(voter)
    yes, no = _measure(what, yes_voters, roll), _measure(what, no_voters, roll)
    whole = _measure(what, base_voters, roll)
    if yes == no or yes < no:
        return False
    if rules["threshold"]["unanimous"]:
        return whole > 0 and yes == whole
    return _high_enough(yes, whole, rules["threshold"][what])
