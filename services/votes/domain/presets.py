"""The presets, version by version, each with its source and how sure it is.

A version is data with a date: when the law changes, a version is added and none is changed, so that
an older poll is still explained by what it was made from. A poll keeps a copy of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final, Literal

from services.contracts.operations.votes.common import Preset
from services.votes.domain.bounds import (
    AS_WE_READ_IT,
    HALF,
    RESIDENTS,
    THREE_QUARTERS,
    UNANIMOUS,
    VILLAGERS,
    Bound,
    assembly_of_owners,
)
from services.votes.domain.counting import Side


@dataclass(frozen=True, slots=True)
class PresetVersion:
    """A preset as of a day. ``rules`` is its whole content, as a rule set names it.

    ``example`` is a roll to reckon it on; only that of ``article_2017`` is a real one (its
    households are not told).
    """

    preset: Preset
    version: int
    since: date
    name: tuple[str, str]
    sure: Literal["read", "older_text", "press"]
    source: tuple[str, str]
    rules: Mapping[str, Any]
    bounds: tuple[Bound, ...]
    example: Side

    @property
    def read(self) -> bool:
        """Whether the law that it rests on could be read as it is in force."""
        return self.sure == "read"


_DUAL_QUORUM: Final = {"kind": "dual", "area": {"at": "2/3"}, "heads": {"at": "2/3"}}
_HALF_OF_THOSE_PRESENT: Final = {"base": "present", "heads": {"at": "1/2", "above": True}}
_OWNERS_ROLL: Final = {"who": "owners", "tenants": False}
_RESIDENTS_EXAMPLE: Final = Side(1_560, 620, 0, Fraction(1_560))
_OWNERS_EXAMPLE: Final = Side(600, 600, 5_400_000, Fraction(580))
_FIRST: Final = date(2026, 3, 1)


def _owners(threshold: Mapping[str, Any]) -> Mapping[str, Any]:
    """An assembly of owners: by name to auditors, as its written ballots always were."""
    return {
        "electorate": _OWNERS_ROLL,
        "weight": "dual",
        "quorum": _DUAL_QUORUM,
        "threshold": threshold,
        "secrecy": "named_to_auditors",
        "proxies": "written",
        "proxies_each": 1,
        "notice_days": 15,
    }


PRESETS: Final[Mapping[Preset, tuple[PresetVersion, ...]]] = {
    version.preset: (version,)
    for version in (
        PresetVersion(
            "residents_assembly",
            1,
            _FIRST,
            ("居民会议", "residents' assembly"),
            "older_text",
            (
                "《城市居民委员会组织法》（2018年修正）第九条、第十条；2025年10月28日修订、"
                "2026年1月1日起施行的文本第四章未能读到",
                "Organic Law of Urban Residents' Committees (2018), art. 9–10; chapter 4 of the "
                "text revised on 2025-10-28, in force since 2026-01-01, could not be read",
            ),
            {
                "electorate": {"who": "residents18"},
                "quorum": {"kind": "fraction", "entries": {"at": "1/2", "above": True}},
                "threshold": _HALF_OF_THOSE_PRESENT,
            },
            RESIDENTS,
            _RESIDENTS_EXAMPLE,
        ),
        PresetVersion(
            "villagers_assembly",
            1,
            _FIRST,
            ("村民会议", "villagers' assembly"),
            "older_text",
            (
                "《村民委员会组织法》（2018年修正）第二十一条、第二十二条；2026年1月1日起施行的"
                "修正文本未能读到",
                "Organic Law of Villagers' Committees (2018), art. 21–22; the text amended as of "
                "2026-01-01 could not be read",
            ),
            {
                "electorate": {"who": "villagers", "tenants": False, "migrants": False},
                "quorum": {
                    "kind": "either",
                    "entries": {"at": "1/2", "above": True},
                    "households": {"at": "2/3"},
                },
                "threshold": _HALF_OF_THOSE_PRESENT,
                "notice_days": 10,
            },
            VILLAGERS,
            Side(900, 300, 0, Fraction(900)),
        ),
        PresetVersion(
            "owners_ordinary",
            1,
            _FIRST,
            ("业主大会（一般事项）", "owners' assembly, ordinary matters"),
            "read",
            (
                "《民法典》第二百七十八条第一款第（一）至（五）、（九）项和第二款；通知期限："
                "《物业管理条例》第十四条；书面委托：《上海市住宅物业管理规定》第十八条",
                "Civil Code art. 278 (1)–(5), (9); notice: Property Management Regulations, art. "
                "14; written authority: Shanghai Residential Property Rules, art. 18",
            ),
            _owners(
                {
                    "base": "present",
                    "area": {"at": "1/2", "above": True},
                    "heads": {"at": "1/2", "above": True},
                }
            ),
            assembly_of_owners(
                HALF,
                "参与表决专有部分面积过半数且人数过半数的业主同意",
                "more than half of the area and of the owners taking part agree",
            ),
            _OWNERS_EXAMPLE,
        ),
        PresetVersion(
            "owners_special",
            1,
            _FIRST,
            ("业主大会（特别事项）", "owners' assembly, special matters"),
            "read",
            (
                "《民法典》第二百七十八条第一款第（六）至（八）项和第二款：筹集维修资金、改建重建、"
                "改变共有部分用途或者利用共有部分经营",
                "Civil Code art. 278 (6)–(8): raising maintenance funds, rebuilding, changing the "
                "use of common parts or doing business with them",
            ),
            _owners({"base": "present", "area": {"at": "3/4"}, "heads": {"at": "3/4"}}),
            assembly_of_owners(
                THREE_QUARTERS,
                "参与表决专有部分面积四分之三以上且人数四分之三以上的业主同意",
                "at least 3/4 of the area and of the owners taking part agree",
            ),
            _OWNERS_EXAMPLE,
        ),
        PresetVersion(
            "owners_unanimous",
            1,
            _FIRST,
            ("有利害关系的业主一致同意", "all owners concerned agree"),
            "read",
            (
                "《民法典》第二百七十九条（住宅改为经营性用房）；不写范围时是全体业主，"
                "用 affected_owners 和 within 写明是哪一栋楼",
                "Civil Code art. 279 (a home becomes a business); all owners of the community "
                "unless affected_owners and within name the building",
            ),
            {
                "electorate": _OWNERS_ROLL,
                "threshold": {"base": "roll", "unanimous": True},
                "secrecy": "named_to_auditors",
                "proxies": "written",
                "proxies_each": 1,
            },
            UNANIMOUS,
            Side(36, 36, 324_000, Fraction(35)),
        ),
        PresetVersion(
            "article_2017",
            1,
            _FIRST,
            ("2017年宝月尚园的表决", "the vote of 宝月尚园 in 2017"),
            "press",
            (
                "2017年7月关于宝月尚园的报道：常住居民1,560人，线上线下近1,000人参加，通过。"
                "报道没有写表决规则，“过半数参加、参加者过半数同意”是我们的理解",
                "a newspaper of July 2017: 1,560 permanent residents, nearly 1,000 voted over both "
                "channels, adopted. The rule is not told: more than half taking part, more than "
                "half of them for, is our reading",
            ),
            {
                "electorate": {"who": "residents18"},
                "quorum": {"kind": "fraction", "entries": {"at": "1/2", "above": True}},
                "threshold": _HALF_OF_THOSE_PRESENT,
            },
            AS_WE_READ_IT,
            _RESIDENTS_EXAMPLE,
        ),
    )
}


def current(preset: Preset) -> PresetVersion:
    """The newest version of a preset: what a proposal is made by today."""
    return PRESETS[preset][-1]
