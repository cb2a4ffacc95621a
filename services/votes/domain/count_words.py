"""The words of a count, and how its numbers are written: the same on result and certificate."""

from fractions import Fraction
from typing import Final, Literal

from services.contracts.operations.votes.rules import OWNERS, Bar, Measure, RuleSet

Language = Literal["zh", "en"]
Base = Literal["cast", "present", "roll"]
HUNDRED: Final = 100
"""Areas are kept in hundredths of a square metre."""


def number(measure: Measure, value: int | Fraction) -> str:
    """Exactly this number: an area in m² with two decimals, heads as ``n`` or ``n/d``."""
    if measure == "area":
        whole, hundredths = divmod(int(value), HUNDRED)
        return f"{whole}.{hundredths:02}"
    return str(Fraction(value))


def exact(value: int | Fraction) -> str:
    """A number as ``n/d``: as it is kept, hashed and told to programs."""
    return f"{value.numerator}/{value.denominator}"


def product(measure: Measure, factor: int, value: int | Fraction) -> str:
    """``3 × 1000 = 3000``: for a pocket calculator."""
    return f"{factor} × {number(measure, value)} = {number(measure, factor * value)}"


def share(bar: Bar, language: Language) -> str:
    """``超过 1/2`` · ``达到 2/3`` · ``more than 1/2`` · ``at least 2/3``."""
    if language == "zh":
        return f"{'超过' if bar.above else '达到'} {bar.at}"
    return f"{'more than' if bar.above else 'at least'} {bar.at}"


def noun(rules: RuleSet, measure: Measure, language: Language) -> str:
    """What is counted, in the words of the roll that it is counted on."""
    who = rules.electorate.who
    zh, en = {
        "entries": ("人数", "people"),
        "households": ("户数", "households"),
        "area": ("专有部分面积", "floor area"),
        "heads": ("人数", "people"),
    }[measure]
    if who in OWNERS and measure == "entries":
        zh, en = "房屋套数", "units"
    elif who in OWNERS and measure == "heads":
        zh, en = "业主人数", "owners"
    elif who == "households" and measure in ("entries", "heads"):
        zh, en = "户数", "households"
    return zh if language == "zh" else en


_WHOLE: Final[dict[Base, tuple[str, str]]] = {
    "roll": ("名册", "on the roll"),
    "present": ("参加表决", "taking part"),
    "cast": ("投同意和反对票", "voting for or against"),
}


def whole(base: Base, language: Language) -> str:
    """Of what a share is asked: ``名册`` · ``taking part``."""
    return _WHOLE[base][0 if language == "zh" else 1]


def condition(
    rules: RuleSet,
    of: Literal["quorum", "threshold"],
    measure: Measure,
    bar: Bar,
    base: Base,
    language: Language,
) -> str:
    """What a bar asks: ``参加表决的人数超过名册人数的 1/2``."""
    what = noun(rules, measure, language)
    zh, en = _WHOLE[base]
    if language == "zh":
        part = "参加表决" if of == "quorum" else "同意"
        return f"{part}的{what}{share(bar, 'zh').replace(' ', f'{zh}{what}的 ', 1)}"
    part = "taking part" if of == "quorum" else "voting for"
    return f"{what} {part}: {share(bar, 'en')} of the {what} {en}"


def one_of(alternative: bool, language: Language) -> str:
    """That another condition may be met in this one's place."""
    if not alternative:
        return ""
    return "（几项中满足一项即可）" if language == "zh" else " (one of these is enough)"


def everybody(rules: RuleSet, measure: Measure, base: Base, language: Language) -> str:
    """That all of the base vote for it."""
    what = noun(rules, measure, language)
    zh, en = _WHOLE[base]
    if language == "zh":
        return f"同意的{what}等于{zh}的{what}（一个都不能少）"
    return f"{what} voting for: all the {what} {en}"


def more_for_than_against(rules: RuleSet, measure: Measure, language: Language) -> str:
    """That a tie never carries."""
    what = noun(rules, measure, language)
    if language == "zh":
        return f"同意的{what}多于反对的{what}（一样多就是没有通过）"
    return f"{what} voting for: more than the {what} voting against (a tie does not carry)"


def nothing_there(rules: RuleSet, measure: Measure, base: Base, language: Language) -> str:
    """Why a bar is missed that has nothing to be a share of."""
    what = noun(rules, measure, language)
    zh, en = _WHOLE[base]
    if language == "zh":
        return f"{zh}的{what}大于零"
    return f"{what} {en}: more than none"
