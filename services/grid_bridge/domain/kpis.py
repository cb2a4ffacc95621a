"""The figures (KPI) as a table: each a formula of two sums of marks, with its words and source.

The formulas are those of the grid platforms' and the hotline's scorecards; where a source leaves
open what its words mean, ``note`` says how it is reckoned here, and ``sure`` says whether the
source itself is certain. Values are exact fractions; a denominator of nought has no value.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from services.contracts.errors import FieldError, Invalid
from services.grid_bridge.domain.tallies import Mark

Unit = Literal["share", "seconds", "points"]

LONGEST: Final = timedelta(days=366)


class FiguresSpan(Invalid):
    """The span begins before it ends, is at most 366 days long, and does not lie ahead."""

    code = "grid.figures_span"
    zh, en = "请核对起止日期（最长366天，不晚于今天）", "Check the days; 366 at most, none ahead"


class Family(StrEnum):
    """Whose promise a figure holds against what was done."""

    GRID = "grid"
    HOTLINE = "hotline"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure.

    ``numerator`` names a mark, ``denominator`` those that are summed; ``formula`` is in words, zh
    and en. ``sure`` is false where the source does not settle the denominator or the word. A bare
    count (:data:`VOLUMES`) has no family.
    """

    key: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    numerator: Mark
    denominator: tuple[Mark, ...]
    family: Family | None
    source: str
    unit: Unit = "share"
    sure: bool = True
    note: str = ""


_GRID = "eGova「悟能」指标；金牛区考核公式"
_HOTLINE = "12345 热线考核口径（青浦·赵巷镇计分表）"
_HERE = "社区通：发帖必响应、问题意见必反馈（罗店）"
_M = Mark


def _grid(
    key: str,
    names: tuple[str, str],
    formula: tuple[str, str],
    numerator: Mark,
    denominator: Mark,
    **more: object,
) -> Kpi:
    return Kpi(key, *names, *formula, numerator, (denominator,), Family.GRID, _GRID, **more)  # type: ignore[arg-type]


KPIS: tuple[Kpi, ...] = (
    _grid(
        "disposal", ("处置率", "Disposal rate"),
        ("处置 / 应处置", "disposed of / due to be disposed of"),
        _M.DISPOSE_DONE, _M.DISPOSE_DUE,
        note="应处置：处置时限在此期间的工单，含逾期未处置；退回、撤回的不计",
    ),
    _grid(
        "disposal_on_time", ("按期处置率", "On-time disposal rate"),
        ("按期处置 / 应处置", "disposed of in time / due to be disposed of"),
        _M.DISPOSE_ON_TIME, _M.DISPOSE_DUE,
    ),
    _grid(
        "closing", ("结案率", "Closing rate"),
        ("结案 / 应结案", "closed / due to be closed"),
        _M.CLOSE_DONE, _M.CLOSE_DUE,
        note="应结案：总时限在此期间的工单，含逾期未结案；重办另计一次",
    ),
    _grid(
        "closing_on_time", ("按期结案率", "On-time closing rate"),
        ("按期结案 / 应结案", "closed in time / due to be closed"),
        _M.CLOSE_ON_TIME, _M.CLOSE_DUE,
    ),
    _grid(
        "registration_on_time", ("按时立案率", "On-time registration rate"),
        ("按时立案 / 立案", "registered in time / registered"),
        _M.REGISTER_ON_TIME, _M.REGISTER_DONE,
        sure=False, note="出处未核实立案率的分母；此处按出处字面以立案数为分母",
    ),
    _grid(
        "registration_accurate", ("准确立案率", "Accurate registration rate"),
        ("准确立案 / 立案", "registered rightly / registered"),
        _M.REGISTER_ACCURATE, _M.REGISTER_DONE,
        sure=False, note="出处未核实立案率的分母；准确立案：立案后未改为不予立案",
    ),
    _grid(
        "dispatch_accurate", ("准确派遣率", "Accurate dispatch rate"),
        ("准确派遣 / 应派遣", "dispatched rightly / due to be dispatched"),
        _M.DISPATCH_ACCURATE, _M.DISPATCH_DUE,
        note="准确派遣：派遣后未被回退",
    ),
    _grid(
        "dispatch_on_time", ("按期派遣率", "On-time dispatch rate"),
        ("按期派遣 / 应派遣", "dispatched in time / due to be dispatched"),
        _M.DISPATCH_ON_TIME, _M.DISPATCH_DUE,
    ),
    _grid(
        "verification_on_time", ("按期核实率", "On-time verification rate"),
        ("按时核实 / 应核实", "verified in time / due to be verified"),
        _M.VERIFY_ON_TIME, _M.VERIFY_DUE,
        note="应核实：平台已转核实、核实时限在此期间的工单",
    ),
    _grid(
        "checking_on_time", ("按期核查率", "On-time checking rate"),
        ("按时核查 / 应核查", "checked in time / due to be checked"),
        _M.CHECK_ON_TIME, _M.CHECK_DUE,
        note="应核查：已处置、核查时限在此期间；返工后再次核查另计一次",
    ),
    _grid(
        "reports_effective", ("有效上报率", "Effective report rate"),
        ("有效上报 / 上报", "reports that were registered / reports"),
        _M.ORDERS_EFFECTIVE, _M.ORDERS_REPORTED,
        note="有效上报：平台已立案；尚未受理的计入上报",
    ),
    _grid(
        "rework", ("返工率", "Rework rate"),
        ("返工 / 应结案", "sent back to be done again / due to be closed"),
        _M.CLOSE_REWORKED, _M.CLOSE_DUE,
    ),
    _grid(
        "disposal_overdue", ("超期待处置率", "Overdue rate"),
        ("超期未处置 / 应处置", "overdue and not disposed of / due to be disposed of"),
        _M.DISPOSE_OVERDUE, _M.DISPOSE_DUE,
    ),
    _grid(
        "extension", ("延期率", "Extension rate"),
        ("延期 / 应处置", "extension asked for / due to be disposed of"),
        _M.DISPOSE_EXTENDED, _M.DISPOSE_DUE,
    ),
    _grid(
        "disposal_time", ("平均处置时长", "Mean time to dispose"),
        ("处置时长合计 / 处置", "seconds from dispatch to disposal / disposed of"),
        _M.DISPOSE_SECONDS, _M.DISPOSE_DONE,
        unit="seconds", note="自最近一次派遣至首次处置完毕，日历时间",
    ),
    Kpi(
        "satisfied", "满意率", "Satisfaction rate",
        "满意 / 评价", "rated 4 or 5 / rated",
        _M.RATINGS_SATISFIED, (_M.RATINGS_COUNT,), Family.GRID, _GRID,
        sure=False, note="出处未给出公式；此处4分、5分为满意",
    ),
    Kpi(
        "contact", "先行联系率", "Contact rate",
        "已联系 /（已联系+未联系）", "contacted / (contacted + not contacted)",
        _M.CONTACT_DONE, (_M.CONTACT_DUE,), Family.HOTLINE, _HOTLINE,
        note="首次响应时限在此期间的问题；并入其他问题的不计",
    ),
    Kpi(
        "finish_on_time", "按时办结率", "On-time completion rate",
        "按时办结 / 应办结", "finished in time / due to be finished",
        _M.FINISH_ON_TIME, (_M.FINISH_DUE,), Family.HOTLINE, _HOTLINE,
        note="应办结：办理承诺时限在此期间的问题，含逾期未办结",
    ),
    Kpi(
        "solved", "实际解决率", "Solution rate",
        "实际解决 /（实际解决+解释说明）", "solved / (solved + explained)",
        _M.OUTCOMES_SOLVED, (_M.OUTCOMES_SOLVED, _M.OUTCOMES_EXPLAINED),
        Family.HOTLINE, _HOTLINE,
    ),
    Kpi(
        "explained", "解释说明率", "Explanation rate",
        "解释说明 /（实际解决+解释说明）", "explained / (solved + explained)",
        _M.OUTCOMES_EXPLAINED, (_M.OUTCOMES_SOLVED, _M.OUTCOMES_EXPLAINED),
        Family.HOTLINE, _HOTLINE,
    ),
    Kpi(
        "satisfaction", "市民满意率", "Citizens' satisfaction",
        "Σ满意分 / 测评数", "sum of points / ratings",
        _M.RATINGS_POINTS, (_M.RATINGS_COUNT,), Family.HOTLINE, _HOTLINE,
        unit="points", note="每分折合20分，满分100",
    ),
    Kpi(
        "reopened", "重办率", "Reopening rate",
        "重办 / 办结", "opened again / finished",
        _M.OUTCOMES_REOPENED, (_M.OUTCOMES_ALL,), Family.HOTLINE, _HOTLINE,
        note="在此期间办结、其后被要求重办的",
    ),
    Kpi(
        "first_response_time", "平均首次响应时长", "Mean time to first response",
        "首次响应时长合计 / 已响应", "seconds from report to first word / answered",
        _M.CONTACT_SECONDS, (_M.CONTACT_DONE,), Family.COMMUNITY, _HERE,
        unit="seconds", note="日历时间",
    ),
    Kpi(
        "issues_answered", "问题必回应率", "Issues answered in time",
        "按时首次响应 / 应响应的问题", "answered in time / issues due to be answered",
        _M.CONTACT_ON_TIME, (_M.CONTACT_DUE,), Family.COMMUNITY, _HERE,
    ),
    Kpi(
        "posts_answered", "发帖必响应率", "Posts answered in time",
        "按时由居委会响应的帖子 / 应响应的帖子", "answered by staff in time / posts due",
        _M.POSTS_ON_TIME, (_M.POSTS_DUE,), Family.COMMUNITY, _HERE,
        note="按发帖日统计；应响应：居委会已响应，或时限已过仍未响应",
    ),
    Kpi(
        "self_governance", "自治成功率", "Self-governance success rate",
        "自治解决 / 自治已结束", "solved by the neighbourhood / attempts ended",
        _M.GOVERNED_SOLVED, (_M.GOVERNED_ENDED,), Family.COMMUNITY,
        "上海市居民委员会工作条例 第25条：先劝阻，后上报",
    ),
)  # fmt: skip


def _volume(key: str, zh: str, en: str, mark: Mark) -> Kpi:
    return Kpi(key, zh, en, zh, en, mark, (mark,), None, "")


VOLUMES: tuple[Kpi, ...] = (
    _volume("issues_reported", "问题上报数", "Issues reported", _M.ISSUES_REPORTED),
    _volume("issues_finished", "问题办结数", "Issues finished", _M.OUTCOMES_ALL),
    _volume("orders_opened", "网格工单数", "Work orders opened", _M.ORDERS_REPORTED),
)
"""How many there were, whose number per 1,000 residents is told."""
EVERY: tuple[Kpi, ...] = (*KPIS, *VOLUMES)


@dataclass(frozen=True, slots=True)
class Value:
    """A figure of a place. ``withheld``: of so few that it is not told; then all is null."""

    kpi: Kpi
    numerator: int | None
    denominator: int | None
    withheld: bool = False

    @property
    def exact(self) -> str | None:
        """``"n/d"``; null when there is nothing to divide by."""
        return f"{self.numerator}/{self.denominator}" if self.denominator else None

    @property
    def decimal(self) -> str | None:
        """Rounded to four places, half to even."""
        if not self.denominator or self.numerator is None:
            return None
        return rounded(self.numerator, self.denominator)


def rounded(numerator: int, denominator: int) -> str:
    """Four decimal places, half to even; of what is not negative.

    >>> rounded(1, 20_000), rounded(3, 20_000), rounded(2, 3)
    ('0.0000', '0.0002', '0.6667')
    """
    whole, rest = divmod(numerator * 10_000, denominator)
    whole += 2 * rest > denominator or (2 * rest == denominator and whole % 2)
    return f"{whole // 10_000}.{whole % 10_000:04d}"


Row = list[tuple[int, int]]
"""Numerator and denominator of every figure of a place, in the order of :data:`EVERY`."""


def row(sums: Mapping[str, int]) -> Row:
    """Every figure of a place from what is counted of it."""
    get = sums.get
    return [
        (
            get(kpi.numerator, 0),
            get(kpi.denominator[0], 0)
            if len(kpi.denominator) == 1
            else sum(get(mark, 0) for mark in kpi.denominator),
        )
        for kpi in EVERY
    ]


def values(
    of: Row, hidden: Collection[int] = (), every: Iterable[int] = range(len(EVERY))
) -> list[Value]:
    """What is told of figures, by their places in the order; nothing of those that are hidden."""
    return [
        Value(EVERY[at], None, None, withheld=True) if at in hidden else Value(EVERY[at], *of[at])
        for at in every
    ]


def check_span(first: date, last: date, today: date) -> None:
    """Whether figures can be asked for these days (both included).

    Raises:
        FiguresSpan: the field says which end is wrong.
    """
    if first > last:
        raise FiguresSpan(errors=[FieldError("from", "after to")])
    if last > today:
        raise FiguresSpan(errors=[FieldError("to", "lies ahead")])
    if last - first >= LONGEST:
        raise FiguresSpan(errors=[FieldError("from", "more than 366 days before to")])


def pieces(first: date, last: date) -> tuple[list[date], list[tuple[date, date]]]:
    """The span as whole months (their first days) and the days around them (first, last)."""
    months: list[date] = []
    day = first if first.day == 1 else _next_month(first)
    while _next_month(day) - timedelta(days=1) <= last:
        months.append(day)
        day = _next_month(day)
    if not months:
        return [], [(first, last)]
    around = [(first, months[0] - timedelta(days=1)), (_next_month(months[-1]), last)]
    return months, [(a, b) for a, b in around if a <= b]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def of_thousand(count: int | None, residents: int | None) -> tuple[str, str] | None:
    """So many per 1,000 residents, exact and rounded; null where nobody knows how many live there.

    >>> of_thousand(3, 1560)
    ('3000/1560', '1.9231')
    """
    if not residents or count is None:
        return None
    return f"{count * 1_000}/{residents}", rounded(count * 1_000, residents)


def grouped(rows: Iterable[Sequence[Any]]) -> dict[str, dict[str, int]]:
    """(node, mark, amount) by node."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for node, mark, amount in rows:
        found[node][mark] = amount
    return found
