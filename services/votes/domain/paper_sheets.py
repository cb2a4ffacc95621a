"""Tally sheets (计票单): what was found in an urn, entered twice, by two people.

::

    enter ──► entered ──(a second person, the same)──► confirmed ──(one in its place)──► replaced
              │ ▲   │
              │ └─┐ └──(a second person, otherwise)──► recount
              │   └───────── entered anew ────────────────┤
              └────────────► dropped ◄────────────────────┘

Neither sees what the other entered; where they differ both learn on which lines, and count again.
A confirmed sheet is never changed: one that is wrong is reversed by another that takes its place
and says why, and that is entered and confirmed as any other. Each building is on one sheet that
stands, so that the sheets can be held against the register building by building.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid
from services.votes.domain.count_words import exact
from services.votes.domain.ledger import list_hash

CHOICES: Final = ("for", "against", "abstain", "invalid")
FEWEST: Final = 5
"""So many ballots at least lie in an urn, unless choices are published with names: fewer would tell
who voted how."""
SUMS: Final = ("issued", "returned", "spoiled", "unreturned")


class State(StrEnum):
    """Where a sheet stands; the values are the contract's."""

    ENTERED = "entered"
    RECOUNT = "recount"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    DROPPED = "dropped"


OPEN: Final = frozenset({State.ENTERED, State.RECOUNT})


class DoesNotReconcile(Invalid):
    """The sheet's own sums do not agree; ``errors`` names the lines."""

    code = "votes.sheet_does_not_reconcile"
    zh, en = "计票单各项数字对不上，请核对", "The numbers on the sheet do not add up"


class UrnTooSmall(Invalid):
    """So few ballots in an urn would tell who voted how."""

    code = "votes.urn_too_small"
    zh = f"不公开姓名的选票少于 {FEWEST} 张时不能单独计票，请与其他楼栋并箱"
    en = f"Fewer than {FEWEST} ballots without public names are counted with other buildings"


class SamePerson(Forbidden):
    """The second person has to be another one."""

    code = "votes.same_person"
    zh, en = "复核须由另一人录入", "A second person has to enter the sheet"


class BuildingCounted(Conflict):
    """Another sheet holds one of these buildings already."""

    code = "votes.building_counted"
    zh, en = "有楼栋已列入另一张计票单", "A building is on another sheet already"


class SheetClosed(Conflict):
    """The sheet is confirmed, replaced or dropped: it takes no entries; or it is not confirmed."""

    code = "votes.sheet_closed"
    zh, en = "计票单的状态不允许此操作", "The state of the sheet does not allow this"


class UrnSealed(Conflict):
    """The urns are opened when voting has ended."""

    code = "votes.urn_sealed"
    zh, en = "表决截止后才能开箱计票", "Urns are opened only after voting has ended"


class NoSuchPhoto(Invalid):
    """A photo is unknown, somebody else's, or no picture."""

    code = "votes.no_such_photo"
    zh, en = "照片不存在，或不是您上传的", "There is no such photo of yours"


@dataclass(frozen=True, slots=True)
class Weight:
    """``area`` in hundredths of m², ``heads`` exact."""

    area: int = 0
    heads: Fraction = Fraction(0)

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.area + other.area, self.heads + other.heads)


@dataclass(frozen=True, slots=True)
class Counts:
    """What one person read from a sheet.

    ``weights`` are by choice, in a secret poll that weighs; ``ballots`` choices by entry, in one
    whose choices carry names.
    """

    buildings: tuple[str, ...]
    issued: int
    returned: int
    spoiled: int
    unreturned: int
    votes: Mapping[str, int]
    weights: Mapping[str, Weight] = field(default_factory=dict)
    ballots: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is kept; :meth:`of` reads it again."""
        return {
            "buildings": list(self.buildings),
            **{name: getattr(self, name) for name in SUMS},
            "votes": {choice: self.votes[choice] for choice in CHOICES},
            "weights": {
                choice: {"area": one.area, "heads": exact(one.heads)}
                for choice, one in sorted(self.weights.items())
            },
            "ballots": dict(sorted(self.ballots.items())),
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Counts":
        """What :meth:`as_json` gave."""
        return cls(
            buildings=tuple(kept["buildings"]),
            issued=kept["issued"],
            returned=kept["returned"],
            spoiled=kept["spoiled"],
            unreturned=kept["unreturned"],
            votes=kept["votes"],
            weights={
                choice: Weight(one["area"], Fraction(one["heads"]))
                for choice, one in kept["weights"].items()
            },
            ballots=kept["ballots"],
        )


def public(counts: Counts, secrecy: str, salt: str) -> dict[str, Any]:
    """What the ledger says of a sheet; who voted how only where everybody may know.

    Where auditors may, ``names`` holds it fast: the hash of ``[salt, ballots]``. The area of a
    single ballot would name its owner, so weights are told for all sheets together.
    """
    told = {**counts.as_json(), "weights": {}}
    ballots = told.pop("ballots")
    if secrecy == "named":
        return {**told, "ballots": ballots}
    if secrecy == "named_to_auditors":
        return {**told, "names": list_hash([salt, ballots])}
    return told


def check(counts: Counts, *, named: bool, weighed: bool) -> None:
    """The sheet's own sums agree.

    Args:
        named: ballots carry names and are listed; otherwise none is.
        weighed: votes weigh by area or heads, and nobody's name is on them.

    Raises:
        DoesNotReconcile: they do not; ``errors`` says where, and by how much.
    """
    wrong = []
    accounted = counts.returned + counts.spoiled + counts.unreturned
    if counts.issued != accounted:
        wrong.append(
            FieldError("issued", f"is {counts.issued}, but {accounted} papers are accounted for")
        )
    found = sum(counts.votes.values())
    if found != counts.returned:
        wrong.append(FieldError("returned", f"is {counts.returned}, but {found} ballots are"))
    if len(set(counts.buildings)) != len(counts.buildings):
        wrong.append(FieldError("buildings", "names a building twice"))
    wrong.extend(_listed(counts) if named else _unlisted(counts))
    wrong.extend(_weights(counts, weighed=weighed and not named))
    if wrong:
        raise DoesNotReconcile(errors=wrong)


def _listed(counts: Counts) -> Iterable[FieldError]:
    for choice in CHOICES:
        listed = sum(1 for one in counts.ballots.values() if one == choice)
        if listed != counts.votes[choice]:
            yield FieldError(choice, f"is {counts.votes[choice]}, but {listed} are listed")


def _unlisted(counts: Counts) -> Iterable[FieldError]:
    if counts.ballots:
        yield FieldError("ballots", "must be empty: nobody's name is on a secret ballot")


def _weights(counts: Counts, *, weighed: bool) -> Iterable[FieldError]:
    if not weighed:
        if counts.weights:
            yield FieldError("weights", "must be empty: they follow from the roll")
        return
    for choice in CHOICES:
        weight = counts.weights.get(choice, Weight())
        if not counts.votes[choice] and weight != Weight():
            yield FieldError(f"weights.{choice}", "weighs something, but there is no ballot")
        if counts.votes[choice] and choice not in counts.weights:
            yield FieldError(f"weights.{choice}", "must be given")


def differ(one: Counts, other: Counts) -> list[str]:
    """The lines on which two readings of a sheet differ; empty when they are the same."""
    lines = [name for name in SUMS if getattr(one, name) != getattr(other, name)]
    lines += [choice for choice in CHOICES if one.votes[choice] != other.votes[choice]]
    if set(one.buildings) != set(other.buildings):
        lines.append("buildings")
    lines += [
        f"weights.{choice}"
        for choice in CHOICES
        if one.weights.get(choice, Weight()) != other.weights.get(choice, Weight())
    ]
    codes = sorted(one.ballots.keys() | other.ballots.keys())
    lines += [f"ballots.{c}" for c in codes if one.ballots.get(c) != other.ballots.get(c)]
    return lines


def need_crowd(counts: Counts, others: int, *, apart: Iterable[int] = ()) -> None:
    """An urn holds enough ballots, or all there are; and so does what it sets apart.

    A sheet is told when it is confirmed, and one that is replaced was told before: two of them that
    differ by a small building tell how it voted.

    Args:
        others: how many ballots of this poll lie in other buildings' urns.
        apart: how many ballots the sheet leaves for no other but one of their own, or adds to those
            of the sheet in whose place it comes, or takes from them.

    Raises:
        UrnTooSmall: fewer would be told of by themselves, while they could lie among others.
    """
    if 0 < counts.returned < FEWEST and others:
        raise UrnTooSmall(errors=[FieldError("returned", f"must be {FEWEST} at least")])
    for few in apart:
        if 0 < few < FEWEST:
            said = f"would set {few} ballots apart: put their buildings together with more"
            raise UrnTooSmall(errors=[FieldError("buildings", said)])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the reconciliation: the register's word and the sheet's (None: no sheet)."""

    sheet: int | None
    buildings: tuple[str, ...]
    name: str
    register: str
    counted: str

    @property
    def agrees(self) -> bool:
        """Whether the two say the same."""
        return self.register == self.counted

    def as_json(self) -> dict[str, Any]:
        """As it is told."""
        return {
            "sheet": self.sheet,
            "buildings": list(self.buildings),
            "line": self.name,
            "register_says": self.register,
            "sheet_says": self.counted,
            "agrees": self.agrees,
        }


@dataclass(frozen=True, slots=True)
class Booked:
    """What the register says of a building's papers; those taken back unused are none of them.

    ``weight`` is that of the entries whose papers came back.
    """

    issued: int = 0
    returned: int = 0
    spoiled: int = 0
    weight: Weight = Weight()

    @property
    def unreturned(self) -> int:
        """How many are still out."""
        return self.issued - self.returned - self.spoiled

    def __add__(self, other: "Booked") -> "Booked":
        return Booked(
            self.issued + other.issued,
            self.returned + other.returned,
            self.spoiled + other.spoiled,
            self.weight + other.weight,
        )


Back = Mapping[str, frozenset[str]]
"""By building the entries whose papers came back."""


def reconcile(
    register: Mapping[str, Booked],
    sheets: Iterable[tuple[int, Counts]],
    *,
    weighed: bool,
    back: Back | None = None,
) -> list[Line]:
    """Every sheet that stands against the register of its buildings, line by line.

    A building whose papers are on no sheet is a line, too, which does not agree. Where ballots
    carry names (``back``) it is not enough that there are as many: they are those that came back.
    """
    lines: list[Line] = []
    covered: set[str] = set()
    for number, counts in sheets:
        covered.update(counts.buildings)
        booked = sum((register.get(name, Booked()) for name in counts.buildings), Booked())
        pairs: list[tuple[str, int | str, int | str]] = [
            ("issued", booked.issued, counts.issued),
            ("returned", booked.returned, counts.returned),
            ("spoiled", booked.spoiled, counts.spoiled),
            ("unreturned", booked.unreturned, counts.unreturned),
        ]
        if weighed:
            total = sum(counts.weights.values(), Weight())
            pairs.append(("area", booked.weight.area, total.area))
            pairs.append(("heads", exact(booked.weight.heads), exact(total.heads)))
        if back is not None:
            named = {code for name in counts.buildings for code in back.get(name, ())}
            pairs.append(("ballots", len(named), len(named & counts.ballots.keys())))
        lines += [
            Line(number, counts.buildings, name, str(said), str(found))
            for name, said, found in pairs
        ]
    lines += [
        Line(None, (name,), "sheet", str(booked.issued), "")
        for name, booked in sorted(register.items())
        if booked.issued and name not in covered
    ]
    return lines


def adds_up(
    register: Mapping[str, Booked],
    sheets: Iterable[tuple[int, Counts]],
    *,
    weighed: bool,
    back: Back | None = None,
) -> bool:
    """Whether what was counted is what came back, over all urns: as much as bears on the result.

    A ballot that lay in the wrong urn is on one sheet too many and on another missing, for good.
    """
    counted = [counts for _, counts in sheets]
    booked = sum(register.values(), Booked())
    total = sum((one for counts in counted for one in counts.weights.values()), Weight())
    named = {code for counts in counted for code in counts.ballots}
    return (
        booked.returned == sum(counts.returned for counts in counted)
        and (not weighed or booked.weight == total)
        and (back is None or named == {code for codes in back.values() for code in codes})
    )
