"""A community's statistics as tables: what a page draws, a file holds and the month report tells.

::

    answers of the services ──Told──▶ tables() ──┬── chart with its table     /console/figures
                                                 ├── sheets of a workbook, CSV
                                                 └── the month report

Each number is made in one place, so that the page, the files and the report cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, Literal

from gateway.web import words, words_desk, words_district
from gateway.web.texts import N_

Kind = Literal["bar", "stack", "line"]
Cell = str | int | float | None
Say = Callable[[str], str]
PROMISES: Final = ("contact", "issues_answered", "finish_on_time", "posts_answered")
"""Figures whose rest to one are promises that were not kept."""
TREND: Final = ("issues_answered", "posts_answered", "finish_on_time", "satisfied")
SLOTS: Final = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What the services answered for a span of days; None what could not be had.

    Attributes:
        report: ``communityKpis``.
        parts: ``issueBreakdown``.
        counts: ``issueCounts``, of this moment.
        polls: those whose time to vote touches the span.
        reach: the community's row of ``identityFigures``, ``reach_at`` its moment.
        posts: ``getPostResponse``.
    """

    first: date
    last: date
    report: Mapping[str, Any]
    parts: Mapping[str, Any]
    counts: Mapping[str, Any] | None = None
    polls: list[dict[str, Any]] | None = None
    reach: Mapping[str, Any] | None = None
    reach_at: str = ""
    posts: Mapping[str, Any] | None = None

    @property
    def figures(self) -> dict[str, Mapping[str, Any]]:
        """The formula figures by key."""
        return {one["key"]: one for one in self.report["items"]}

    @property
    def volumes(self) -> dict[str, int]:
        """How many were reported, finished, opened as orders."""
        return {one["key"]: one["count"] or 0 for one in self.report["volumes"]}


@dataclass(frozen=True, slots=True)
class Table:
    """One of the statistics.

    Attributes:
        kind: how it is drawn.
        columns: the first names what the rows are of.
        how: how it is counted.
        notes: what is left out.
    """

    key: str
    title: str
    kind: Kind
    columns: list[str]
    rows: list[list[Cell]]
    how: str
    as_of: str
    unit: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def told(self) -> bool:
        """Whether there is a number at all."""
        return any(cell for row in self.rows for cell in row[1:])


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that can be checked."""

    key: str
    title: str
    said: str
    how: str
    numerator: int | None
    denominator: int | None
    as_of: str


def tables(told: Told, say: Say) -> list[Table]:
    """Everything that is counted of the span, in the order in which it is shown."""
    found = [_months(told, say), _kinds(told, say), _slots(told, say), _sources(told, say)]
    found += [_buildings(told, say), _scores(told, say)]
    if told.counts:
        found.append(_standing(told.counts, say))
    if told.posts:
        found.append(_posts(told.posts, say))
    if told.polls is not None:
        found.append(_polls(told.polls, str(told.report["as_of"]), say))
    return found


def _category(key: str | None, say: Say) -> str:
    return say(words.CATEGORY.get(key, key)) if key else say(N_("还没受理"))


def _months(told: Told, say: Say) -> Table:
    months = told.parts["by_month"]
    kinds = [one["category"] for one in told.parts["by_category"]]
    rows: list[list[Cell]] = []
    for month in months:
        of = {one["category"]: one["count"] for one in month["by_category"]}
        rows.append([month["month"], *(of.get(kind, 0) for kind in kinds)])
    return Table(
        "months", say(N_("每月上报的问题")), "stack",
        [say(N_("月份")), *(_category(kind, say) for kind in kinds)], rows,
        say(N_("按上报那天算，含电话、来访、来信登记的；头尾两个月只算选中的日子。")),
        str(told.parts["as_of"]),
    )  # fmt: skip


def _kinds(told: Told, say: Say) -> Table:
    rows: list[list[Cell]] = [
        [_category(one["category"], say), one["count"]] for one in told.parts["by_category"]
    ]
    return Table(
        "kinds", say(N_("是哪一类")), "bar", [say(N_("类别")), say(N_("件数"))], rows,
        say(N_("这段时间上报的问题，按居委会受理时定的类别。")), str(told.parts["as_of"]),
    )  # fmt: skip


def _slots(told: Told, say: Say) -> Table:
    every = told.parts["by_slot"]
    rows: list[list[Cell]] = [[one["name"] or one["slot"], one["count"]] for one in every[:SLOTS]]
    notes = []
    if len(every) > SLOTS:
        notes = [say(N_("只列最多的 {n} 个小类。")).format(n=SLOTS)]
    return Table(
        "slots", say(N_("8+X 难题是什么")), "bar", [say(N_("小类")), say(N_("件数"))], rows,
        say(N_("这段时间上报、定为 8+X 难题的，按目录的小类。")), str(told.parts["as_of"]),
        notes=notes,
    )  # fmt: skip


def _sources(told: Told, say: Say) -> Table:
    known = {one["source"]: one["count"] for one in told.parts["by_source"]}
    every = dict.fromkeys([*words_desk.SOURCE, *known])
    rows: list[list[Cell]] = [
        [say(words_desk.SOURCE.get(source, source)), known.get(source, 0)] for source in every
    ]
    return Table(
        "sources", say(N_("从哪里来")), "bar", [say(N_("渠道")), say(N_("件数"))], rows,
        say(N_("这段时间上报的问题，按来的路：手机、帖子、来电、来访、来信、外部平台。")),
        str(told.parts["as_of"]),
    )  # fmt: skip


def _buildings(told: Told, say: Say) -> Table:
    parts = told.parts
    rows: list[list[Cell]] = [[one["building"], one["count"]] for one in parts["buildings"]]
    if parts["few"]:
        name = say(N_("其余 {n} 栋合计")).format(n=parts["few"])
        rows.append([name, parts["other_buildings"]])
    rows.append([say(N_("没有楼栋")), parts["nowhere"]])
    notes = []
    if parts["few"] and parts["other_buildings"] is None:
        notes = [say(N_("合计也少于 {n} 件，不显示。")).format(n=parts["floor"])]
    return Table(
        "buildings", say(N_("住在哪一栋的人反映的")), "bar", [say(N_("楼栋")), say(N_("件数"))],
        rows,
        say(N_(
            "按反映人现在登记的楼栋。少于 {n} 件的楼栋不单独列，免得让人猜出是谁；"
            "来电来信没有留名、或者人已迁出的，没有楼栋。"
        )).format(n=parts["floor"]),
        str(parts["as_of"]), notes=notes,
    )  # fmt: skip


def _scores(told: Told, say: Say) -> Table:
    rows: list[list[Cell]] = [
        [say(N_("{n} 分")).format(n=one["score"]), one["count"]] for one in told.parts["by_score"]
    ]
    return Table(
        "scores", say(N_("居民打了几分")), "bar", [say(N_("评分")), say(N_("次数"))], rows,
        say(N_("这段时间收到的评价，5 分最好；4 分、5 分算满意。")), str(told.parts["as_of"]),
    )  # fmt: skip


def _standing(counts: Mapping[str, Any], say: Say) -> Table:
    rows: list[list[Cell]] = [
        [_category(one["category"], say), one["open"] - one["overdue"], one["overdue"]]
        for one in counts["by_category"]
    ]
    return Table(
        "standing", say(N_("现在还没办完的")), "stack",
        [say(N_("类别")), say(N_("在期限内")), say(N_("已超时"))], rows,
        say(N_("此刻没有结果的问题；超时：承诺的期限已过。")), str(counts["as_of"]),
    )  # fmt: skip


def _posts(posts: Mapping[str, Any], say: Say) -> Table:
    rows: list[list[Cell]] = [
        [say(N_("要回应的帖子")), posts["posts"]],
        [say(N_("居委会按时回应")), posts["staff_in_time"]["numerator"]],
        [say(N_("居委会回应了")), posts["staff"]["numerator"]],
        [say(N_("邻居回应了")), posts["neighbour"]["numerator"]],
        [say(N_("转成问题的")), posts["handed_over"]],
        [say(N_("还等着")), posts["open"]],
        [say(N_("等过了期限")), posts["open_overdue"]],
    ]
    return Table(
        "posts", say(N_("帖子有没有人回")), "bar", [say(N_("帖子")), say(N_("个数"))], rows,
        say(N_("这段时间里发的、要居委会回应的帖子，按发帖那天算；转成问题的，由问题的承诺接着管。")),
        str(posts["as_of"]),
    )  # fmt: skip


def _polls(polls: list[dict[str, Any]], as_of: str, say: Say) -> Table:
    rows: list[list[Cell]] = [[one["title"], one["turnout"]["roll"], voted(one)] for one in polls]
    return Table(
        "polls", say(N_("表决有多少人参加")), "bar",
        [say(N_("表决")), say(N_("名册上")), say(N_("已投"))], rows,
        say(N_("投票日在这段时间里的表决；网上和纸质的票都算，作废的表决不算。")), as_of,
    )  # fmt: skip


def voted(poll: Mapping[str, Any]) -> int:
    """How many of a roll have voted, by phone or on paper."""
    return int(poll["turnout"]["online"]) + int(poll["turnout"]["paper"])


def response(reports: list[Mapping[str, Any]], months: list[str], name: str, say: Say) -> Table:
    """How many percent of promises were kept and of ratings were good, month by month.

    Args:
        name: the field of a figure that has its name (``name``, ``name_en``).
    """
    by_key = [{one["key"]: one for one in report["items"]} for report in reports]
    rows: list[list[Cell]] = [
        [month, *(percent(figures[key]["decimal"]) for key in TREND)]
        for month, figures in zip(months, by_key, strict=True)
    ]
    return Table(
        "response", say(N_("回应得怎么样")), "line",
        [say(N_("月份")), *(by_key[-1][key][name] for key in TREND)], rows,
        say(N_("每个月一个点，算法和上面的指标一样；没有应办的那个月断开。")),
        str(reports[-1]["as_of"]), unit="%",
    )  # fmt: skip


def percent(decimal: str | None) -> float | None:
    """A share of one as percent with one decimal; None where there is none.

    >>> percent("0.9333"), percent(None)
    (93.3, None)
    """
    if decimal is None:
        return None
    return float((Decimal(decimal) * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN))


def figures(told: Told, say: Say) -> list[Figure]:
    """Who takes part: households that have somebody here, badges shown, votes cast."""
    found = []
    if told.reach is not None:
        reach = told.reach
        found.append(
            _share(
                "binding", say(N_("绑定覆盖率")), reach["households_bound"], reach["households"],
                say(N_("有居民加入的户 / 总户数")), told.reach_at,
            )
        )  # fmt: skip
        if reach["badges_shown"] is not None and reach["party_members"]:
            found.append(
                _share(
                    "badges", say(N_("党员亮身份率")), reach["badges_shown"],
                    reach["party_members"],
                    say(N_("亮身份的党员 / 已确认的党员")), told.reach_at,
                )
            )  # fmt: skip
    if told.polls:
        rolls = sum(int(one["turnout"]["roll"]) for one in told.polls)
        cast = sum(voted(one) for one in told.polls)
        found.append(
            _share(
                "turnout", say(N_("表决参与率")), cast, rolls,
                say(N_("已投的票 / 各次表决名册人数之和")), str(told.report["as_of"]),
            )
        )  # fmt: skip
    return found


def _share(key: str, title: str, above: int, below: int, how: str, as_of: str) -> Figure:
    said = words_district.percent(f"{above}/{below}")
    return Figure(key, title, said, how, above, below, as_of)


def month_of(text: str, today: date) -> tuple[date, date] | None:
    """The first and last day of a month (``2026-02``) as far as it has come; None for no month.

    >>> month_of("2026-02", date(2026, 3, 2))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    >>> month_of("2026-03", date(2026, 3, 2))
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 2))
    >>> month_of("2026-04", date(2026, 3, 2)) is month_of("2026-13", date(2026, 3, 2)) is None
    True
    """
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
    if first > today or len(text) != len("2026-02"):
        return None
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, min(date.fromordinal(following.toordinal() - 1), today)
