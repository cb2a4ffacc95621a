"""The month report (月报): what a town's leader reads of a community, in numbers alone.

::

    Told + Beside ──made──▶ Document ──┬── the page, block by block
                                       ├── DOCX (gateway/documents)
                                       └── its tables as sheets of a workbook

Nobody is named in it: no resident, no address, no problem's own words. Titles of votes and labels
of hot topics are public, the latter of at least ten people's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web import moments, statistics, words, words_desk, words_district, words_polls
from gateway.web.statistics import PROMISES, Cell, Told, voted
from gateway.web.texts import N_, Texts
from services.contracts.operations.documents import Document, DocumentBlock
from services.contracts.operations.feed import Sheet

UNKNOWN = "–"
TOLD = ("kinds", "slots", "sources", "buildings", "posts")
"""The statistics that stand in the report's third part."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the report tells besides the statistics; None what could not be had.

    Attributes:
        hot: the month's hot ten; an empty list where none were published.
        emergencies: those called in the month.
        coming: votes of the weeks after it.
    """

    hot: list[dict[str, Any]] | None
    emergencies: list[dict[str, Any]] | None
    coming: list[dict[str, Any]] | None


def made(
    place: str, month: str, told: Told, beside: Beside, spoken: Texts, *, english: bool
) -> Document:
    """The report of a month.

    Args:
        place: the community's name.
        month: ``2026-02``.
    """
    say = spoken.gettext
    writer = _Writer(told, beside, spoken, english)
    year, number = month.split("-")
    title = say(N_("{place}{year}年{month}月社区月报")).format(
        place=place, year=year, month=int(number)
    )
    lines = [
        f"{told.first} – {told.last}",
        say(N_("数字截至 {at}")).format(at=moments.exact(str(told.report["as_of"]), spoken)),
        say(N_("本报告只有数字，不含居民的姓名、电话、住址和原话。")),
    ]
    return Document(title=title, lines=lines, blocks=writer.blocks())


def as_sheets(document: Document) -> list[Sheet]:
    """Each table of the report as a sheet, named after the heading above it."""
    found: list[Sheet] = []
    title = document.title
    for block in document.blocks:
        if block.kind == "heading":
            title = block.text
        elif block.kind == "table":
            found.append(Sheet(title=title, columns=block.columns, rows=block.rows))
    return found


@dataclass(frozen=True, slots=True)
class _Writer:
    told: Told
    beside: Beside
    spoken: Texts
    english: bool

    def blocks(self) -> list[DocumentBlock]:
        tables = statistics.tables(self.told, self.spoken.gettext)
        parts = (
            self._whole(), self._promises(), self._problems(tables), self._ratings(tables),
            self._votes(), self._hot(), self._emergencies(), self._figures(),
        )  # fmt: skip
        return [block for part in parts for block in part]

    def _say(self, message: str, **values: object) -> str:
        said = self.spoken.gettext(message)
        return said.format(**values) if values else said

    def _whole(self) -> list[DocumentBlock]:
        volumes, counts, reach = self.told.volumes, self.told.counts, self.told.reach
        reported, finished = volumes["issues_reported"], volumes["issues_finished"]
        said = self._say(
            N_("本月居民反映问题 {reported} 件，办结 {finished} 件，上报网格平台 {orders} 件。"),
            reported=reported, finished=finished, orders=volumes["orders_opened"],
        )  # fmt: skip
        if counts:
            said += self._say(
                N_("现在还有 {open} 件没办完，其中 {late} 件已超时。"),
                open=counts["open"], late=counts["overdue"],
            )  # fmt: skip
        rows: list[list[Cell]] = [
            [self._say(N_("上报问题")), reported],
            [self._say(N_("办结")), finished],
            [self._say(N_("上报网格平台")), volumes["orders_opened"]],
            [self._say(N_("现在没办完的")), counts["open"] if counts else None],
            [self._say(N_("其中已超时的")), counts["overdue"] if counts else None],
            [self._say(N_("总户数")), reach["households"] if reach else None],
            [self._say(N_("有人加入的户")), reach["households_bound"] if reach else None],
        ]
        return [
            self._heading(N_("一、概况")),
            _text(said),
            self._table((N_("事项"), N_("数")), rows, [3, 1]),
        ]

    def _promises(self) -> list[DocumentBlock]:
        rows: list[list[Cell]] = []
        broken = 0
        for key in PROMISES:
            one = self.told.figures[key]
            due, kept = one["denominator"] or 0, one["numerator"] or 0
            broken += due - kept
            rows.append([self._name(one), due, kept, due - kept, self._value(one)])
        said = (
            self._say(N_("说好的期限过了还没有做到的，共 {n} 项。"), n=broken)
            if broken
            else self._say(N_("应兑现的承诺都按时兑现了。"))
        )
        columns = (N_("承诺"), N_("应兑现"), N_("已兑现"), N_("没兑现"), N_("兑现率"))
        return [
            self._heading(N_("二、承诺兑现")),
            _text(said),
            self._table(columns, rows, [4, 1, 1, 1, 1]),
        ]

    def _problems(self, tables: Sequence[statistics.Table]) -> list[DocumentBlock]:
        found = [self._heading(N_("三、反映了什么"))]
        for table in tables:
            if table.key in TOLD and table.told:
                found += self._counted(table)
        if len(found) == 1:
            found.append(_text(self._say(N_("本月没有上报的问题。"))))
        return found

    def _ratings(self, tables: Sequence[statistics.Table]) -> list[DocumentBlock]:
        head = self._heading(N_("四、居民评价"))
        table = next(one for one in tables if one.key == "scores")
        one = self.told.figures["satisfied"]
        if not table.told:
            return [head, _text(self._say(N_("本月没有收到评价。")))]
        said = self._say(
            N_("收到评价 {n} 次，满意 {good} 次，满意率 {share}。"),
            n=one["denominator"] or 0, good=one["numerator"] or 0, share=self._value(one),
        )  # fmt: skip
        return [head, _text(said), *self._counted(table)]

    def _votes(self) -> list[DocumentBlock]:
        found = [self._heading(N_("五、议事表决"))]
        polls, coming = self.told.polls, self.beside.coming
        if polls is None:
            found.append(_text(self._say(N_("这一部分现在问不到。"))))
        elif polls:
            rows: list[list[Cell]] = [
                [
                    one["title"], self._label(one["state"], words_polls.POLL),
                    one["turnout"]["roll"], voted(one),
                    words_district.percent(f"{voted(one)}/{one['turnout']['roll']}"),
                ]
                for one in polls
            ]  # fmt: skip
            columns = (N_("表决"), N_("状态"), N_("名册上"), N_("已投"), N_("参与率"))
            found.append(self._table(columns, rows, [4, 2, 1, 1, 1]))
        else:
            found.append(_text(self._say(N_("本月没有表决。"))))
        if coming:
            ahead: list[list[Cell]] = [
                [one["title"], moments.minute(one["opens_at"]), moments.minute(one["closes_at"])]
                for one in coming
            ]
            when = (N_("表决"), N_("开始投票"), N_("截止"))
            found += [
                self._heading(N_("接下来的表决"), 2),
                self._table(when, ahead, [3, 1, 1]),
            ]
        return found

    def _hot(self) -> list[DocumentBlock]:
        head = self._heading(N_("六、大家最关心的"))
        if self.beside.hot is None:
            return [head, _text(self._say(N_("这一部分现在问不到。")))]
        if not self.beside.hot:
            return [head, _text(self._say(N_("本月还没有发布热点。")))]
        rows: list[list[Cell]] = [
            [
                one["rank"], one["label"], one["people"],
                self._label(one["trend"]["direction"], words_desk.DIRECTION),
            ]
            for one in self.beside.hot
        ]  # fmt: skip
        columns = (N_("名次"), N_("热点"), N_("说起的人"), N_("走势"))
        return [head, self._table(columns, rows, [1, 4, 1, 1])]

    def _emergencies(self) -> list[DocumentBlock]:
        head, called = self._heading(N_("七、应急")), self.beside.emergencies
        if called is None:
            return [head, _text(self._say(N_("这一部分现在问不到。")))]
        if not called:
            return [head, _text(self._say(N_("本月没有发过应急通知。")))]
        drills = sum(one["drill"] for one in called)
        return [
            head,
            _text(
                self._say(
                    N_("本月发过应急通知 {n} 次，演练 {m} 次。"), n=len(called) - drills, m=drills
                )
            ),
        ]

    def _figures(self) -> list[DocumentBlock]:
        rows: list[list[Cell]] = [
            [
                self._name(one), self._value(one), one["numerator"], one["denominator"],
                one["formula_en" if self.english else "formula"],
            ]
            for one in self.told.report["items"]
        ]  # fmt: skip
        rows += [
            [one.title, one.said, one.numerator, one.denominator, one.how]
            for one in statistics.figures(self.told, self.spoken.gettext)
        ]
        columns = (N_("指标"), N_("值"), N_("分子"), N_("分母"), N_("怎么算的"))
        return [
            self._heading(N_("八、指标一览")),
            self._table(columns, rows, [3, 2, 1, 1, 4]),
            DocumentBlock(
                kind="remark",
                text=self._say(
                    N_("同样的数字在工作台的「统计」里，选同一个月就能对上；没有分母的不算。")
                ),
            ),
        ]

    # -- pieces ------------------------------------------------------------------------------

    def _heading(self, message: str, level: int = 1) -> DocumentBlock:
        return DocumentBlock(kind="heading", text=self._say(message), level=level)

    def _counted(self, table: statistics.Table) -> list[DocumentBlock]:
        remark = " ".join([table.how, *table.notes])
        return [
            DocumentBlock(kind="heading", text=table.title, level=2),
            _table(table.columns, table.rows, [3, *[1] * (len(table.columns) - 1)]),
            DocumentBlock(kind="remark", text=remark),
        ]

    def _table(
        self, columns: Sequence[str], rows: list[list[Cell]], shares: list[int]
    ) -> DocumentBlock:
        return _table([self._say(one) for one in columns], rows, shares)

    def _name(self, one: Mapping[str, Any]) -> str:
        return str(one["name_en" if self.english else "name"])

    def _value(self, one: Mapping[str, Any]) -> str:
        return words_district.told(one, one["unit"], self.spoken)

    def _label(self, key: str, table: Mapping[str, tuple[str, str]]) -> str:
        return words.label(key, table, self.spoken)


def _table(columns: list[str], rows: list[list[Cell]], shares: list[int]) -> DocumentBlock:
    texts = [[UNKNOWN if cell is None else str(cell) for cell in row] for row in rows]
    return DocumentBlock(kind="table", columns=columns, shares=shares, rows=texts)


def _text(said: str) -> DocumentBlock:
    return DocumentBlock(kind="text", text=said)
