"""What the source of a preset does not leave to the choice: its bounds, each with its words.

To go above one is everybody's choice; what comes of going below, :mod:`.rules` says.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from services.contracts.operations.votes.rules import OWNERS, Bar, RuleSet


@dataclass(frozen=True, slots=True)
class Bound:
    """What a source wants of ``field``; ``open`` where those who apply it do not agree."""

    field: str
    kept: Callable[[RuleSet], bool]
    zh: str
    en: str
    open: bool = False


def _reaches(bar: Bar | None, floor: Bar) -> bool:
    """Whether a bar is as high as the floor, or higher."""
    if bar is None:
        return False
    return bar.share > floor.share or (bar.share == floor.share and bar.above >= floor.above)


HALF, _TWO_THIRDS = Bar(at="1/2", above=True), Bar(at="2/3")
THREE_QUARTERS = Bar(at="3/4")


def _of_those_who_came(rules: RuleSet) -> bool:
    """Whether the motion is carried by a share of those taking part, or of more."""
    return rules.threshold.base in ("present", "roll")


def _who(*kinds: str) -> Callable[[RuleSet], bool]:
    return lambda rules: rules.electorate.who in kinds


_NO_NON_VOTERS: Final = Bound(
    "non_voters",
    lambda rules: rules.non_voters == "ignored",
    "没有参加表决的不计入（《民法典》第二百七十八条只写参加表决的；有法院不认可按多数计算）",
    "those who stayed away are not counted (art. 278 names those taking part; courts differ)",
    open=True,
)
_ALL_OWNERS: Final = (
    Bound("electorate.who", _who(*OWNERS), "由业主表决", "owners decide"),
    Bound(
        "electorate.tenants",
        lambda rules: not rules.electorate.tenants,
        "承租人不是业主",
        "tenants are not owners",
    ),
    Bound(
        "electorate.away",
        lambda rules: rules.electorate.away and rules.electorate.migrants,
        "业主不论住在哪里、户口在哪里都有表决权",
        "owners vote wherever they live and come from",
    ),
    Bound(
        "proxies",
        lambda rules: rules.proxies == "written",
        "业主可以书面委托他人表决",
        "owners may send somebody with a written authority",
    ),
    _NO_NON_VOTERS,
)


def assembly_of_owners(floor: Bar, zh: str, en: str) -> tuple[Bound, ...]:
    """民法典 art. 278: who takes part, and how many of them must agree."""
    return (
        *_ALL_OWNERS,
        Bound(
            "weight",
            lambda rules: rules.weight == "dual",
            "面积和人数两项都要算",
            "both floor area and heads count",
        ),
        Bound(
            "quorum",
            lambda rules: (
                rules.quorum.kind == "dual"
                and _reaches(rules.quorum.area, _TWO_THIRDS)
                and _reaches(rules.quorum.heads, _TWO_THIRDS)
            ),
            "专有部分面积占比三分之二以上且人数占比三分之二以上的业主参加表决",
            "at least 2/3 of the floor area and 2/3 of the owners take part",
        ),
        Bound(
            "threshold",
            lambda rules: (
                _of_those_who_came(rules)
                and (
                    rules.threshold.unanimous
                    or (
                        _reaches(rules.threshold.area, floor)
                        and _reaches(rules.threshold.heads, floor)
                    )
                )
            ),
            zh,
            en,
        ),
        Bound(
            "abstain_is_present",
            lambda rules: rules.abstain_is_present,
            "弃权也是参加表决",
            "who abstains takes part",
        ),
        Bound(
            "notice_days",
            lambda rules: rules.notice_days >= 15,
            "提前十五日通知全体业主",
            "all owners are told 15 days before",
        ),
    )


def _quorum_of_persons(rules: RuleSet) -> bool:
    """More than half of the entries, whatever else is asked for."""
    quorum = rules.quorum
    bars = (quorum.entries, quorum.heads)
    return quorum.kind == "fraction" and any(_reaches(bar, HALF) for bar in bars)


def _quorum_of_villagers(rules: RuleSet) -> bool:
    """More than half of the villagers, or at least 2/3 of the households."""
    quorum = rules.quorum
    if rules.electorate.who == "households":
        bars = (quorum.entries, quorum.heads, quorum.households)
        return quorum.kind == "fraction" and any(_reaches(bar, _TWO_THIRDS) for bar in bars)
    kept = {
        "entries": _reaches(quorum.entries, HALF),
        "heads": _reaches(quorum.heads, HALF),
        "households": _reaches(quorum.households, _TWO_THIRDS),
    }
    return quorum.kind in ("fraction", "either") and all(
        holds for name, holds in kept.items() if getattr(quorum, name)
    )


_MORE_THAN_HALF_OF_THOSE_PRESENT: Final = Bound(
    "threshold",
    lambda rules: (
        _of_those_who_came(rules)
        and (rules.threshold.unanimous or _reaches(rules.threshold.heads, HALF))
    ),
    "由出席人的过半数通过",
    "more than half of those present carry it",
)
_ABSTAINING_IS_COMING: Final = Bound(
    "abstain_is_present",
    lambda rules: rules.abstain_is_present,
    "弃权的也是出席的",
    "who abstains is present",
)
_ONLY_WHO_CAME: Final = Bound(
    "non_voters",
    lambda rules: rules.non_voters == "ignored",
    "没有参加的不是出席人，不计入",
    "those who stayed away are not present, and not counted",
)
RESIDENTS: Final = (
    Bound(
        "electorate.who",
        _who("residents18", "households", "representatives"),
        "十八周岁以上的居民，或者每户派代表，或者居民小组选举的代表",
        "residents from 18, or one of each household, or representatives of the groups",
    ),
    Bound(
        "quorum",
        _quorum_of_persons,
        "有过半数出席才能举行",
        "more than half of them must attend",
    ),
    _MORE_THAN_HALF_OF_THOSE_PRESENT,
    _ABSTAINING_IS_COMING,
    _ONLY_WHO_CAME,
)
AS_WE_READ_IT: Final = tuple(replace(bound, open=True) for bound in RESIDENTS)
"""Of what a newspaper told no rule is binding; what departs from our reading is marked."""
VILLAGERS: Final = (
    Bound(
        "electorate.who",
        _who("villagers", "households"),
        "十八周岁以上的村民，或者户的代表",
        "villagers from 18, or representatives of the households",
    ),
    Bound(
        "quorum",
        _quorum_of_villagers,
        "十八周岁以上村民的过半数，或者三分之二以上的户的代表参加",
        "more than half of the villagers from 18, or at least 2/3 of the households, attend",
    ),
    _MORE_THAN_HALF_OF_THOSE_PRESENT,
    _ABSTAINING_IS_COMING,
    _ONLY_WHO_CAME,
    Bound(
        "notice_days",
        lambda rules: rules.notice_days >= 10,
        "提前十天通知村民",
        "villagers are told 10 days before",
    ),
)
UNANIMOUS: Final = (
    *_ALL_OWNERS,
    Bound(
        "threshold",
        lambda rules: rules.threshold.unanimous and rules.threshold.base == "roll",
        "经有利害关系的业主一致同意",
        "all owners concerned agree",
    ),
)
