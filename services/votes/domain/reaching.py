"""What must be reached at least: a rule set on a roll, before anybody has voted."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal

from services.contracts.operations.votes.rules import OWNERS, WEIGHED, Bar, Measure, RuleSet
from services.votes.domain import count_words as words
from services.votes.domain.count_words import Base, Language
from services.votes.domain.counting import MEASURES, Side


@dataclass(frozen=True, slots=True)
class Least:
    """So much of ``whole`` is needed; ``least`` is None where there is nothing to take it of.

    Areas are in hundredths of m², heads whole ones.
    """

    of: Literal["quorum", "threshold"]
    measure: Measure
    alternative: bool
    whole: Fraction
    least: Fraction | None
    zh: str
    en: str


_ALL: Final = Bar(at="1/1")
_MORE_THAN_HALF: Final = Bar(at="1/2", above=True)


def must_reach(rules: RuleSet, roll: Side) -> list[Least]:
    """First how many must come, then how many of those that come must agree."""
    return [*_to_come(rules, roll), *_to_agree(rules, roll)]


def least(bar: Bar, whole: Fraction) -> Fraction | None:
    """The smallest whole number that reaches the bar; None of nothing."""
    if not whole:
        return None
    exact = whole * bar.share
    return Fraction(floor(exact) + 1 if bar.above else ceil(exact))


def _to_come(rules: RuleSet, roll: Side) -> Iterator[Least]:
    for measure in MEASURES:
        bar: Bar | None = getattr(rules.quorum, measure)
        if bar is not None:
            yield _line(rules, "quorum", measure, bar, "roll", Fraction(roll.by(measure)))


def _to_agree(rules: RuleSet, roll: Side) -> Iterator[Least]:
    base = rules.threshold.base
    for measure in WEIGHED[rules.weight]:
        everybody = Fraction(roll.by(measure))
        fewest = None if base == "roll" else _fewest(rules, measure, everybody)
        for whole in (everybody,) if fewest in (None, everybody) else (fewest, everybody):
            bar = _ALL if rules.threshold.unanimous else getattr(rules.threshold, measure)
            if base == "cast" and bar.share <= _MORE_THAN_HALF.share:
                bar = _MORE_THAN_HALF  # of votes for and against fewer are a tie, or lost
            yield _line(rules, "threshold", measure, bar, base, whole or Fraction(0))


def _fewest(rules: RuleSet, measure: Measure, everybody: Fraction) -> Fraction | None:
    """How many come at least when the quorum is just reached; None where it does not say.

    Of persons and households the entries are the heads.
    """
    if rules.quorum.kind in ("none", "either"):
        return None
    bar: Bar | None = getattr(rules.quorum, measure)
    if bar is None and measure == "heads" and rules.electorate.who not in OWNERS:
        bar = rules.quorum.entries
    return None if bar is None else least(bar, everybody)


def _line(
    rules: RuleSet,
    of: Literal["quorum", "threshold"],
    measure: Measure,
    bar: Bar,
    base: Base,
    whole: Fraction,
) -> Least:
    alternative = of == "quorum" and rules.quorum.kind == "either"
    needed = least(bar, whole)
    told: dict[Language, str] = {}
    for language in _LANGUAGES:
        asked = (
            words.everybody(rules, measure, base, language)
            if of == "threshold" and rules.threshold.unanimous
            else words.condition(rules, of, measure, bar, base, language)
        )
        told[language] = (
            asked + words.one_of(alternative, language) + _of(measure, whole, needed, language)
        )
    return Least(of, measure, alternative, whole, needed, told["zh"], told["en"])


_LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")


def _of(measure: Measure, whole: Fraction, needed: Fraction | None, language: Language) -> str:
    unit = ("平方米", " m²") if measure == "area" else ("", "")
    all_of_it = words.number(measure, whole)
    if needed is None:
        return "：没有可以计算的" if language == "zh" else ": there is nothing to take it of"
    some = words.number(measure, needed)
    if language == "zh":
        return f"：{all_of_it}{unit[0]}里至少要{some}{unit[0]}"
    return f": at least {some} of {all_of_it}{unit[1]}"
