"""The two rows on top of a desk: what lies on it, and where in it one is.

::

    group      今天 │ 问题 │ 议事 │ 居民 │ 内容 │ 统计        the first row: six words on a phone
    section         └─ 受理 · 工单 · 会商 · 答复样例 …       the second row: those of the open group

A page that opens a section adds its line to the table below; the rows are made from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.web.texts import N_
from services.contracts.actor import COMMITTEE as STAFF
from services.contracts.actor import Actor, Role
from services.contracts.operations import BY_ID


@dataclass(frozen=True, slots=True)
class Section:
    """A place of a desk.

    Attributes:
        path: where it begins; what lies below belongs to it.
        name: in the second row.
        group: the key of the group that it stands in.
        asks: the operation without which there is nothing to see there; empty: none.
    """

    path: str
    name: str
    group: str
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Nav:
    """A desk's two rows, seen from the page ``here``.

    Attributes:
        title: what the desk is called.
        table: its groups (name and icon by key) and their sections.
    """

    title: str
    table: tuple[Mapping[str, tuple[str, str]], Sequence[Section]]
    here: str

    @property
    def section(self) -> Section | None:
        """Where the page lies: the section with the longest path that it is in."""
        inside = [
            one
            for one in self.table[1]
            if self.here == one.path or self.here.startswith(f"{one.path}/")
        ]
        return max(inside, key=lambda one: len(one.path), default=None)

    @property
    def groups(self) -> list[tuple[str, str, str, bool]]:
        """The first row: path, name, icon, and whether it is the open one."""
        groups, sections = self.table
        first: dict[str, str] = {}
        for section in sections:
            first.setdefault(section.group, section.path)
        mine = self.section.group if self.section else ""
        return [
            (first[key], name, icon, key == mine)
            for key, (name, icon) in groups.items()
            if key in first
        ]

    @property
    def sections(self) -> list[tuple[str, str, bool]]:
        """The second row: path, name, and whether it is the open one; empty for a group of one."""
        mine = self.section
        row = [one for one in self.table[1] if mine and one.group == mine.group]
        return [(one.path, one.name, one is mine) for one in row] if len(row) > 1 else []


COMMITTEE: Final = (
    {
        "today": (N_("今天"), "clock"),
        "issues": (N_("问题"), "flag"),
        "votes": (N_("议事"), "hall"),
        "people": (N_("居民"), "users"),
        "content": (N_("内容"), "comment"),
        "figures": (N_("统计"), "chart"),
    },
    (
        Section("/console", N_("今天"), "today"),
        Section("/console/emergencies", N_("应急"), "today"),
        Section("/console/robot", N_("群机器人"), "today"),
        Section("/console/issues", N_("受理"), "issues"),
        Section("/console/self-governance", N_("自治"), "issues"),
        Section("/console/referrals", N_("转办"), "issues"),
        Section("/console/orders", N_("工单"), "issues"),
        Section("/console/consultations", N_("会商"), "issues"),
        Section("/console/unanswered", N_("待回应"), "issues"),
        Section("/console/guides", N_("答复样例"), "issues"),
        Section("/console/plans", N_("方案"), "issues"),
        Section("/console/absences", N_("不在岗"), "issues"),
        Section("/console/topics", N_("议题"), "votes"),
        Section("/console/polls", N_("表决"), "votes"),
        Section("/console/covenants", N_("公约"), "votes"),
        Section("/console/paper", N_("纸质票"), "votes"),
        Section("/console/surveys", N_("问卷"), "votes"),
        Section("/console/chain", N_("流程"), "votes"),
        Section("/console/memberships", N_("入住审核"), "people"),
        Section("/console/register", N_("名册"), "people"),
        Section("/console/members", N_("成员"), "people"),
        Section("/console/recoveries", N_("换号"), "people"),
        Section("/console/corrections", N_("信息更正"), "people"),
        Section("/console/places", N_("楼栋"), "people"),
        Section("/console/posters", N_("海报"), "people"),
        Section("/console/offices", N_("角色"), "people"),
        Section("/console/moderation", N_("审核"), "content"),
        Section("/console/content", N_("栏目"), "content"),
        Section("/console/suggestions", N_("线索"), "content"),
        Section("/console/questions", N_("提问"), "content"),
        Section("/console/deeds", N_("好事"), "content"),
        Section("/console/modules", N_("栏目设置"), "content"),
        Section("/console/figures", N_("统计"), "figures"),
        Section("/console/secretary", N_("一页通"), "figures"),
        Section("/console/secretary/month", N_("月报"), "figures"),
        Section("/console/rules", N_("规矩"), "figures"),
        Section("/console/looks", N_("观察记录"), "figures"),
        Section("/console/aid", N_("互助"), "content"),
        Section("/console/ledgers", N_("账目"), "content"),
    ),
)

OBSERVER: Final = (
    {
        "now": (N_("现在"), "eye"),
        "issues": (N_("问题"), "flag"),
        "brief": (N_("周报"), "scroll"),
        "figures": (N_("统计"), "chart"),
        "looks": (N_("我的浏览"), "lock"),
    },
    (
        Section("/observe", N_("现在"), "now"),
        Section("/console/emergencies", N_("应急"), "now"),
        Section("/observe/issues", N_("问题"), "issues"),
        Section("/observe/brief", N_("周报"), "brief"),
        Section("/district", N_("统计"), "figures"),
        Section("/observe/looks", N_("我的浏览"), "looks"),
    ),
)
DISTRICT: Final = (
    {
        "figures": (N_("指标"), "chart"),
        "places": (N_("社区"), "map"),
        "topics": (N_("热点"), "spark"),
        "brief": (N_("周报"), "scroll"),
        "running": (N_("运行"), "tool"),
    },
    (
        Section("/district", N_("总览"), "figures", asks="kpis"),
        Section("/district/trends", N_("走势"), "figures", asks="kpis"),
        Section("/district/promises", N_("没兑现的承诺"), "figures", asks="kpis"),
        Section("/district/dictionary", N_("数据字典"), "figures", asks="kpis"),
        Section("/district/places", N_("社区"), "places", asks="kpis"),
        Section("/district/binding", N_("绑定覆盖"), "places", asks="identityFigures"),
        Section("/observe/issues", N_("问题"), "places", asks="listWatchedIssues"),
        Section("/district/topics", N_("十大热点"), "topics", asks="kpis"),
        Section("/district/consultations", N_("联合会商"), "topics",
                asks="listMyJointConsultations"),
        Section("/console/emergencies", N_("应急"), "places", asks="listEmergencies"),
        Section("/observe/brief", N_("周报"), "brief", asks="districtBrief"),
        Section("/district/operations", N_("系统运行"), "running", asks="listClassifierModels"),
        Section("/district/reconciliations", N_("对账"), "running", asks="startReconciliation"),
        Section("/district/classifier", N_("分类模型"), "running", asks="listClassifierModels"),
        Section("/district/limits", N_("期限"), "running", asks="putLimits"),
        Section("/district/calendar", N_("工作日"), "running", asks="putCalendarYear"),
        Section("/district/catalogue", N_("8+X 目录"), "running", asks="getCatalogueDraft"),
        Section("/district/open311", N_("开放接口"), "running", asks="listOpen311Keys"),
        Section("/district/bounds", N_("区界"), "running", asks="putDistrictBounds"),
        Section("/district/hot-runs", N_("重算热点"), "running", asks="startHotTopicRun"),
        Section("/console/polls/rules", N_("表决规则"), "running", asks="confirmRules"),
    ),
)  # fmt: skip
DISTRICT_ROLES: Final = frozenset(
    {
        Role.DISTRICT_ADMIN,
        Role.DISTRICT_ANALYST,
        Role.TOWN_ADMIN,
        Role.AUDITOR,
        Role.GRID_OPERATOR,
    }
)
"""Who sits at the district's desk; each of them sees the sections whose operation is hers."""

CONVENING: Final = "votes"
"""The group of the committee's desk where topics are led and votes convened."""


def alone(here: str, section: Section) -> Nav:
    """The rows for somebody who has no desk, but a page that lies on one."""
    return Nav(section.name, ({section.group: (section.name, "desk")}, (section,)), here)


def committee(here: str, actor: Actor | None) -> Nav:
    """The rows of the committee's desk; the owners' committee has the group that it convenes in."""
    if actor is None or actor.roles & STAFF or Role.OWNERS_COMMITTEE not in actor.roles:
        return Nav(N_("工作台"), COMMITTEE, here)
    groups, sections = COMMITTEE
    own = [one for one in sections if one.group == CONVENING]
    return Nav(N_("业委会"), ({CONVENING: groups[CONVENING]}, own), here)


def serving(actor: Actor | None) -> str:
    """Where the desk of somebody begins who serves the neighbourhood; empty for everybody else."""
    if actor is None:
        return ""
    if actor.roles & STAFF:
        return "/console"
    return "/console/topics" if Role.OWNERS_COMMITTEE in actor.roles else ""


def watching(actor: Actor | None) -> str:
    """Where the desk of somebody begins who watches over a place; empty for everybody else."""
    if actor is None:
        return ""
    if actor.roles & DISTRICT_ROLES:
        return "/district"
    return "/observe" if actor.is_observer else ""


def watch(here: str, actor: Actor) -> Nav:
    """The rows of the observer's desk, or of the district's with what the actor may see there."""
    if not actor.roles & DISTRICT_ROLES:
        return Nav(N_("观察"), OBSERVER, here)
    groups, sections = DISTRICT
    open_ = [one for one in sections if not one.asks or BY_ID[one.asks].who.roles & actor.roles]
    return Nav(N_("区级工作台"), (groups, open_), here)
