"""The words of problems and plans: what happens on the way, why something cannot be done now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.web import words
from gateway.web.texts import N_

KIND: Final[Mapping[str, tuple[str, str]]] = {
    **words.KIND,
    "confirmed": (N_("居民确认已解决"), "done"),
    "not_confirmed": (N_("居民说还没解决"), "talk"),
    "referred": (N_("转给别家办"), "up"),
    "referral_done": (N_("转办已办好"), "check"),
    "referral_declined": (N_("转办退回居委会"), "again"),
    "referral_withdrawn": (N_("居委会收回自己办"), "again"),
    "merge_asked": (N_("商量合并"), "link"),
    "merge_agreed": (N_("合并办理"), "link"),
    "merge_refused": (N_("不合并，分开办"), "link"),
    "merge_undone": (N_("取消合并"), "link"),
    "shared_outcome": (N_("合并的问题有结果了"), "done"),
    "shared_reopening": (N_("合并的问题重新办理"), "again"),
    "urged": (N_("督办"), "horn"),
    "withdrawal_asked": (N_("申请撤回工单"), "again"),
    "amended": (N_("补充情况"), "text"),
    "link": (N_("附来的链接"), "link"),
    "location_doubtful": (N_("位置待核对"), "pin"),
    "minutes": (N_("用时登记"), "clock"),
    "reminder": (N_("承诺到期提醒"), "clock"),
    "assigned": (N_("交办"), "person"),
    "unassigned": (N_("交回大家办"), "users"),
    "covered": (N_("有人代办"), "users"),
    "published": (N_("对外公开"), "eye"),
    "unpublished": (N_("不再对外公开"), "lock"),
    "consultation_opened": (N_("启动联合会商"), "users"),
    "consultation_invited": (N_("邀请部门"), "users"),
    "consultation_uninvited": (N_("部门不必再来"), "users"),
    "consultation_accepted": (N_("部门应邀"), "check"),
    "consultation_declined": (N_("部门不来"), "no"),
    "consultation_meeting_planned": (N_("约定开会"), "clock"),
    "consultation_meeting_held": (N_("开了会"), "users"),
    "consultation_meeting_cancelled": (N_("会议取消"), "no"),
    "consultation_minutes_published": (N_("会议纪要"), "scroll"),
    "consultation_action_added": (N_("定下要办的事"), "text"),
    "consultation_action_started": (N_("开始办"), "walk"),
    "consultation_action_done": (N_("办好一件"), "check"),
    "consultation_action_dropped": (N_("不再办"), "no"),
    "consultation_action_postponed": (N_("延期"), "clock"),
    "consultation_action_due": (N_("快到期了"), "clock"),
    "consultation_action_overdue": (N_("过了期限"), "clock"),
    "consultation_concluded": (N_("会商结束"), "done"),
}
"""A step on the timeline of a problem, and its icon."""

LEVEL: Final[Mapping[str, str]] = {
    "committee": N_("居委会"),
    "town": N_("街镇"),
    "district": N_("区里"),
}
"""Who has heard that a promise was broken."""

WHY_NOT: Final[Mapping[str, str]] = {
    "grid.issue_state": N_("办出结果以后才能这样做。"),
    "grid.triage_first": N_("居委会还没有受理。"),
    "grid.order_is_live": N_("网格平台正在办，等它有结果。"),
    "grid.already_rated": N_("您已经评价过了。"),
    "grid.own_issue": N_("这是您自己反映的。"),
    "grid.nothing_to_join": N_("已经有结果或者并入别的问题了，不能再附议。"),
    "grid.only_reporter": N_("只有反映这件事的人可以评价和要求重办。"),
    "grid.no_merge": N_("没有要您答复的合并。"),
}
"""Why something cannot be done now, by the code of the refusal."""

NEXT: Final[Mapping[str, str]] = {
    "reported": N_("接下来居委会会看，分清是咨询、建议还是要动手解决的事。"),
    "triaged": N_("接下来居委会答复，或者先和邻居一起想办法解决。"),
    "answered": N_("您可以评价；没办好，可以要求重办。"),
    "self_governing": N_("正在小区里自己想办法。解决不了的难题，才转给网格平台。"),
    "solved": N_("反映人可以评价；没解决，可以要求重办。"),
    "referred": N_("办的人换了，对您的承诺没有变，居委会继续盯着。"),
    "escalated": N_("网格平台派部门办，每一步都会写在下面。"),
    "in_consultation": N_("几家部门坐在一起商量，公开的纪要写在下面。"),
    "closed": N_("反映人可以评价；没办好，可以要求重办。"),
    "reopened": N_("居委会重新办，期限重新开始算。"),
    "merged": N_("和另一件一起办，结果两边都会写。"),
}
"""What comes next, in people's words."""

ORDER_WAY: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("accepted", N_("网格受理"), frozenset({"reported", "accepted"})),
    ("registered", N_("核实立案"), frozenset({"verifying", "registered"})),
    ("dispatched", N_("派给部门"), frozenset({"dispatched", "returned"})),
    (
        "disposing",
        N_("部门处置"),
        frozenset({"disposing", "extension_requested", "suspended", "rework", "reopened"}),
    ),
    ("checking", N_("回来核查"), frozenset({"disposed", "checking"})),
    ("closed", N_("办结"), frozenset({"closed", "evaluated"})),
)
"""The way of a work order in six steps, each with the states of the platform that belong to it."""

DIRECTION: Final[Mapping[str, tuple[str, str]]] = {
    "new": (N_("这个月新出现"), "up"),
    "rising": (N_("比上月多"), "up"),
    "steady": (N_("和上月差不多"), "dots"),
    "falling": (N_("比上月少"), "down"),
}
"""How a concern moves, and its icon."""
ACTION: Final[Mapping[str, str]] = {
    "campaign": N_("专项行动"),
    "project": N_("公益项目"),
    "topic": N_("议题"),
}
ACTION_STATE: Final[Mapping[str, tuple[str, str]]] = {
    "planned": (N_("准备中"), "wait"),
    "running": (N_("正在做"), "go"),
    "finished": (N_("做完了"), "done"),
}

SEAT: Final[Mapping[str, tuple[str, str]]] = {
    "invited": (N_("已邀请"), "wait"),
    "accepted": (N_("答应来"), "done"),
    "declined": (N_("不来"), "late"),
    "withdrawn": (N_("不必来了"), "rest"),
}
MEETING: Final[Mapping[str, str]] = {
    "planned": N_("约好开会"),
    "held": N_("开过会"),
    "cancelled": N_("会议取消"),
}
TABLE_ACTION: Final[Mapping[str, tuple[str, str]]] = {
    "open": (N_("待办"), "wait"),
    "in_progress": (N_("在办"), "go"),
    "overdue": (N_("过期"), "late"),
    "done": (N_("办好了"), "done"),
    "dropped": (N_("不办了"), "rest"),
}

# -- plans ----------------------------------------------------------------------------------------

PLAN: Final[Mapping[str, tuple[str, str]]] = {
    "draft": (N_("起草中"), "rest"),
    "open": (N_("征求意见"), "wait"),
    "adopted": (N_("已通过"), "go"),
    "in_progress": (N_("正在做"), "go"),
    "finished": (N_("已完成"), "done"),
    "withdrawn": (N_("已撤回"), "rest"),
}
ITEM: Final[Mapping[str, tuple[str, str]]] = {
    "planned": (N_("还没开始"), "rest"),
    "doing": (N_("正在做"), "go"),
    "done": (N_("做完了"), "done"),
    "dropped": (N_("不做了"), "rest"),
}
OWNER: Final[Mapping[str, str]] = {
    "committee": N_("居委会"),
    "property": N_("物业"),
    "owners_committee": N_("业委会"),
    "department": N_("职能部门"),
    "person": N_("具体的人"),
}
MONEY: Final[Mapping[str, str]] = {
    "maintenance_fund": N_("维修资金"),
    "public_revenue": N_("公共收益"),
    "treasury": N_("财政"),
    "self_raised": N_("自筹"),
    "other": N_("其他"),
}
EVIDENCE: Final[Mapping[str, str]] = {
    "hot_topic": N_("热点"),
    "survey_answer": N_("问卷"),
    "issues": N_("大家反映的问题"),
    "site_visit": N_("实地走看"),
}
COMMENT: Final[Mapping[str, tuple[str, str]]] = {
    "shown": (N_("已公开"), "done"),
    "waiting": (N_("等居委会看过后公开"), "wait"),
    "hidden": (N_("没有公开"), "late"),
    "withdrawn": (N_("已收回"), "rest"),
}
CHANGE: Final[Mapping[str, tuple[str, str]]] = {
    "added": (N_("新加"), "done"),
    "removed": (N_("去掉"), "late"),
    "changed": (N_("修改"), "go"),
}
CHANGED_FIELD: Final[Mapping[str, str]] = {
    "title": N_("名称"),
    "summary": N_("说明"),
    "text": N_("内容"),
    "evidence": N_("依据"),
    "owner": N_("谁负责"),
    "budget": N_("花多少钱"),
    "due_on": N_("什么时候做好"),
}


# -- what stops a report --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """What is not for the committee to deal with, or not first.

    Attributes:
        name: what it is.
        help: what to do instead.
        calls: numbers with whom one reaches.
        module: the module of the community where it belongs.
        danger: it cannot wait; it may still be reported after the call.
    """

    name: str
    help: str
    calls: tuple[tuple[str, str], ...] = ()
    module: str = ""
    danger: bool = False


STOPS: Final[Mapping[str, Stop]] = {
    "fire": Stop(
        N_("着火、冒烟、有煤气味"),
        N_("先离开，再打电话。闻到煤气味不要开灯、不要在屋里打电话。"),
        (("119", N_("火警")), ("110", N_("报警"))),
        danger=True,
    ),
    "hurt": Stop(
        N_("有人受伤、打架、被困"),
        N_("先打电话，守在安全的地方等人来。"),
        (("120", N_("急救")), ("110", N_("报警")), ("119", N_("火警"))),
        danger=True,
    ),
    "supply": Stop(
        N_("停电、停水、停气"),
        N_("先打电话，多半已经在修。电话打不通，再报给居委会。"),
        (("95598", N_("供电")), ("12345", N_("市民热线"))),
        danger=True,
    ),
    "law": Stop(
        N_("合同、工钱、离婚、遗产"),
        N_("这些居委会断不了，可以先免费问律师。"),
        (("12348", N_("法律援助")),),
    ),
    "talk": Stop(
        N_("想请大家一起商量、表决"),
        N_("请到议事厅提议题，够多邻居附议就能讨论和表决。"),
        module="hall",
    ),
}
