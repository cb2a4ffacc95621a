"""Counting: rules, a roll and votes go in; what they come to comes out, line by line.

::

    roll ⊇ those who took part ⊇ for · against · abstain (· spoiled)
      │              │                  │
      └─ quorum ─────┘                  │        how many must take part
                     └──── threshold ───┘        what carries the motion, never a tie

Whole numbers and fractions only: a share is compared by multiplying both sides, so that nothing is
divided and nothing rounded. A number of which a share is asked may be none (an empty roll, no area,
nobody voting): nothing is a share of nothing, so the bar is missed, and the line says why.

Whoever stayed away may be counted with the majority where a charter says so, never as taking part.
民法典 art. 278 reckons by those who take part, and says nothing of others; there are courts that
refuse it. The majority is the larger side in everything that counts: by area and by heads, or it is
none, and nobody is added.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Final, Literal

from services.contracts.errors import FieldError, RuleBroken
from services.contracts.operations.votes.common import Choice
from services.contracts.operations.votes.counting import CountLine, Outcome
from services.contracts.operations.votes.rules import WEIGHED, Bar, Measure, RuleSet
from services.votes.domain import count_words as words

MEASURES: Final[tuple[Measure, ...]] = ("entries", "households", "area", "heads")
CHOICES: Final[tuple[Choice, ...]] = ("for", "against", "abstain")


class BadTally(RuleBroken):
    """Numbers that cannot be a count: negative, more than there are, or not adding up."""

    code = "votes.bad_tally"
    zh, en = "票数对不上，不能计票", "These numbers do not add up to a count"


@dataclass(frozen=True, slots=True)
class Side:
    """How many, by each measure. ``area`` is in hundredths of m²; an owner of three units is a
    head, a third of it on each (最高法建筑物区分所有权解释 art. 9).

    Raises:
        BadTally: one is negative, or not a whole number (heads: nor a fraction).
    """

    entries: int = 0
    households: int = 0
    area: int = 0
    heads: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            kinds = (int, Fraction) if one.name == "heads" else (int,)
            if type(value) not in kinds or value < 0:
                raise BadTally(errors=[FieldError(one.name, "must be a number, 0 or more")])
        object.__setattr__(self, "heads", Fraction(self.heads))

    @classmethod
    def of(cls, entries: int) -> "Side":
        """So many who are one household and one head each, without an area."""
        return cls(entries, entries, 0, Fraction(entries))

    def __add__(self, other: "Side") -> "Side":
        return Side(*(self.by(name) + other.by(name) for name in MEASURES))  # type: ignore[arg-type]

    def by(self, measure: Measure) -> int | Fraction:
        """How many by this measure."""
        value: int | Fraction = getattr(self, measure)
        return value


NOBODY: Final = Side()


@dataclass(frozen=True, slots=True)
class Tally:
    """What was voted, by channel. A paper that nobody can read is ``spoiled``: it took part.

    Who votes for another does so online: a ballot does not say by whom it was cast, so that of a
    secret poll nobody learns what those chose who were voted for.
    """

    online: Mapping[Choice, Side] = field(default_factory=dict)
    paper: Mapping[Choice, Side] = field(default_factory=dict)
    spoiled: int = 0

    def votes(self) -> dict[Choice, Side]:
        """Both channels together."""
        channels = (self.online, self.paper)
        return {one: total(by.get(one, NOBODY) for by in channels) for one in CHOICES}


def total(sides: Iterable[Side]) -> Side:
    """All of them together; households are added, so they must not overlap."""
    return sum(sides, NOBODY)


def evaluate(
    rules: RuleSet,
    roll: Side,
    taken_part: Side,
    votes: Mapping[Choice, Side],
    spoiled: int = 0,
    *,
    extended: int = 0,
) -> Outcome:
    """What the votes come to.

    Args:
        rules: as frozen with the poll.
        roll: everybody entitled.
        taken_part: everybody whose vote was counted, spoiled papers too; households, once each.
        votes: by choice, over all channels. Their households are not looked at.
        spoiled: how many papers of those who took part say nothing.
        extended: how often voting has been extended already.

    Raises:
        BadTally: the numbers cannot be a count.
    """
    _check(rules, roll, taken_part, votes, spoiled)
    cast = votes.get("for", NOBODY) + votes.get("against", NOBODY)
    present = taken_part if rules.abstain_is_present else cast
    quorum = list(_quorum(rules, roll, present))
    reached = _reached(quorum)
    sides = _with_non_voters(rules, roll, taken_part, votes)
    threshold = list(_threshold(rules, sides, roll, present))
    passed = reached and all(line.holds for line in threshold)
    extends = not reached and roll.entries > 0 and extended < rules.extension.times
    return Outcome(
        passed=passed,
        quorum_reached=reached,
        extend_days=rules.extension.days if extends else 0,
        lock_days=0 if passed or extends else rules.lock_days,
        non_voters_with=sides.joined,
        lines=[*quorum, *threshold],
    )


# -- the quorum ------------------------------------------------------------------------------------


def _quorum(rules: RuleSet, roll: Side, present: Side) -> Iterator[CountLine]:
    if not roll.entries:
        yield _more_than_none("roll", "entries", "roll", rules)
    for measure in MEASURES:
        bar: Bar | None = getattr(rules.quorum, measure)
        if bar is not None:
            yield _bar_line(
                rules, "quorum", measure, bar, present.by(measure), roll.by(measure), "roll"
            )


def _reached(lines: list[CountLine]) -> bool:
    alternatives = [line.holds for line in lines if line.alternative]
    return all(line.holds for line in lines if not line.alternative) and (
        any(alternatives) or not alternatives
    )


# -- the threshold ---------------------------------------------------------------------------------


_Amounts = Mapping[Measure, int | Fraction]


@dataclass(frozen=True, slots=True)
class _Sides:
    """For and against by what counts, with those who stayed away where they are ``added``."""

    yes: _Amounts
    no: _Amounts
    joined: Literal["for", "against"] | None
    added: _Amounts


def _with_non_voters(
    rules: RuleSet, roll: Side, taken_part: Side, votes: Mapping[Choice, Side]
) -> _Sides:
    weighed = WEIGHED[rules.weight]
    yes, no = (
        _amounts(votes.get("for", NOBODY), weighed),
        _amounts(votes.get("against", NOBODY), weighed),
    )
    nothing = _amounts(NOBODY, weighed)
    if rules.non_voters == "ignored":
        return _Sides(yes, no, None, nothing)
    away = {name: roll.by(name) - taken_part.by(name) for name in weighed}
    if all(yes[name] > no[name] for name in weighed):
        return _Sides({name: yes[name] + away[name] for name in weighed}, no, "for", away)
    if all(no[name] > yes[name] for name in weighed):
        return _Sides(yes, {name: no[name] + away[name] for name in weighed}, "against", away)
    return _Sides(yes, no, None, nothing)


def _amounts(side: Side, measures: Iterable[Measure]) -> _Amounts:
    return {name: side.by(name) for name in measures}


def _threshold(rules: RuleSet, sides: _Sides, roll: Side, present: Side) -> Iterator[CountLine]:
    """Everybody or a share of the base, by each measure that counts; and more for than against."""
    base = rules.threshold.base
    for measure in WEIGHED[rules.weight]:
        yes, no = sides.yes[measure], sides.no[measure]
        whole = {
            "cast": yes + no,
            "present": present.by(measure) + sides.added[measure],
            "roll": roll.by(measure),
        }[base]
        bar: Bar | None = getattr(rules.threshold, measure)
        if bar is None:
            yield _all_line(rules, measure, yes, whole, base)
        else:
            yield _bar_line(rules, "threshold", measure, bar, yes, whole, base)
        yield CountLine(
            of="threshold",
            measure=measure,
            left=words.number(measure, yes),
            relation=">",
            right=words.number(measure, no),
            holds=yes > no,
            zh=words.more_for_than_against(rules, measure, "zh"),
            en=words.more_for_than_against(rules, measure, "en"),
        )


# -- lines -----------------------------------------------------------------------------------------


def _bar_line(
    rules: RuleSet,
    of: Literal["quorum", "threshold"],
    measure: Measure,
    bar: Bar,
    part: int | Fraction,
    whole: int | Fraction,
    base: words.Base,
) -> CountLine:
    """``part`` is so much of ``whole``: both multiplied, so that nothing is divided."""
    alternative = of == "quorum" and rules.quorum.kind == "either"
    if not whole:
        return _more_than_none(of, measure, base, rules, alternative=alternative)
    above, below = bar.share.numerator, bar.share.denominator
    left, right = part * below, whole * above
    return CountLine(
        of=of,
        measure=measure,
        alternative=alternative,
        left=words.product(measure, below, part),
        relation=">" if bar.above else "≥",
        right=words.product(measure, above, whole),
        holds=left > right if bar.above else left >= right,
        zh=words.condition(rules, of, measure, bar, base, "zh") + words.one_of(alternative, "zh"),
        en=words.condition(rules, of, measure, bar, base, "en") + words.one_of(alternative, "en"),
    )


def _all_line(
    rules: RuleSet, measure: Measure, yes: int | Fraction, whole: int | Fraction, base: words.Base
) -> CountLine:
    if not whole:
        return _more_than_none("threshold", measure, base, rules)
    return CountLine(
        of="threshold",
        measure=measure,
        left=words.number(measure, yes),
        relation="=",
        right=words.number(measure, whole),
        holds=yes == whole,
        zh=words.everybody(rules, measure, base, "zh"),
        en=words.everybody(rules, measure, base, "en"),
    )


def _more_than_none(
    of: Literal["roll", "quorum", "threshold"],
    measure: Measure,
    base: words.Base,
    rules: RuleSet,
    *,
    alternative: bool = False,
) -> CountLine:
    """There is nothing to take a share of: ``0 > 0``, which does not hold."""
    return CountLine(
        of=of,
        measure=measure,
        alternative=alternative,
        left=words.number(measure, 0),
        relation=">",
        right="0",
        holds=False,
        zh=words.nothing_there(rules, measure, base, "zh"),
        en=words.nothing_there(rules, measure, base, "en"),
    )


# -- what can be a count ---------------------------------------------------------------------------


def _check(
    rules: RuleSet, roll: Side, taken_part: Side, votes: Mapping[Choice, Side], spoiled: int
) -> None:
    """Nobody votes who did not take part, nobody takes part who is not on the roll.

    Of what the rules do not count by, the votes need not say anything.

    Raises:
        BadTally: naming the measure that does not add up.
    """
    if unknown := sorted(set(votes) - set(CHOICES)):
        raise BadTally(errors=[FieldError("votes", f"has choices that there are not: {unknown}")])
    if type(spoiled) is not int or spoiled < 0:
        raise BadTally(errors=[FieldError("spoiled", "must be a number, 0 or more")])
    voted = total(votes.values())
    wrong = [
        FieldError(f"taken_part.{name}", "is more than the roll has")
        for name in MEASURES
        if taken_part.by(name) > roll.by(name)
    ]
    if voted.entries + spoiled != taken_part.entries:
        wrong.append(FieldError("taken_part.entries", "is not the votes with the spoiled papers"))
    wrong += [
        FieldError(f"votes.{name}", "is more than those have who took part")
        for name in WEIGHED[rules.weight]
        if voted.by(name) > taken_part.by(name)
    ]
    if not spoiled:
        wrong += [
            FieldError(f"votes.{name}", "is less than those have who took part")
            for name in WEIGHED[rules.weight]
            if voted.by(name) < taken_part.by(name)
        ]
    if wrong:
        raise BadTally(errors=wrong)
