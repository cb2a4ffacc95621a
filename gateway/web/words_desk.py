"""The desk's own words: what lies beside a problem while it is worked off.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`; templates know
this module as ``desk``.
"""

from collections.abc import Mapping

from gateway.web import words_issues
from gateway.web.texts import N_

SOURCE: Mapping[str, str] = {
    "app": N_("手机"),
    "post": N_("帖子"),
    "phone": N_("来电"),
    "visit": N_("来访"),
    "letter": N_("来信"),
    "open311": N_("外部平台"),
}
PARTY: Mapping[str, str] = {
    "property": N_("物业"),
    "owners_committee": N_("业委会"),
    "department": N_("职能部门"),
}
REFERRAL: Mapping[str, tuple[str, str]] = {
    "open": (N_("对方在办"), "go"),
    "done": (N_("已办好"), "done"),
    "declined": (N_("退回"), "late"),
    "withdrawn": (N_("已撤回"), "rest"),
}
CLOCK: Mapping[str, str] = {"overdue": N_("已超时"), "at_risk": N_("快到期")}
DIRECTION: Mapping[str, tuple[str, str]] = {
    "new": (N_("新出现"), "wait"),
    "rising": (N_("上升"), "late"),
    "steady": (N_("持平"), "rest"),
    "falling": (N_("下降"), "done"),
}
FITS: Mapping[str, str] = {
    "slot": N_("同一小类"),
    "category": N_("同一类别"),
    "words": N_("说的相近"),
}
URGENCY: Mapping[str, tuple[str, str]] = {
    "normal": (N_("一般"), "rest"),
    "urgent": (N_("紧急"), "wait"),
    "critical": (N_("特急"), "late"),
}
ORDER: Mapping[str, tuple[str, str]] = {
    "reported": (N_("已上报，等平台受理"), "wait"),
    "accepted": (N_("平台已受理"), "go"),
    "verifying": (N_("现场核实中"), "go"),
    "registered": (N_("已立案"), "go"),
    "dispatched": (N_("已派到部门"), "go"),
    "returned": (N_("部门退单"), "late"),
    "disposing": (N_("部门处置中"), "go"),
    "extension_requested": (N_("申请延期"), "wait"),
    "suspended": (N_("挂账"), "wait"),
    "disposed": (N_("处置完成，等核查"), "go"),
    "checking": (N_("核查中"), "go"),
    "rework": (N_("返工"), "late"),
    "closed": (N_("已结案"), "done"),
    "evaluated": (N_("已评价"), "done"),
    "reopened": (N_("重新办理"), "wait"),
    "rejected": (N_("不予受理"), "late"),
    "duplicate": (N_("重复工单"), "rest"),
    "not_registered": (N_("不予立案"), "late"),
    "cancelled": (N_("已作废"), "rest"),
}
"""Where a work order stands."""

MESSAGE: Mapping[str, str] = {
    "opened": N_("开工单"),
    "amended": N_("补充材料"),
    "urged": N_("催办"),
    "withdrawn": N_("撤回工单"),
    "rated": N_("居民评价"),
    "reopened": N_("要求重办"),
    "updates_wanted": N_("请平台补发进展"),
}
"""What we say to the platform about an order."""

HELD: Mapping[str, str] = {
    "wait": N_("前面还缺进展，先等着"),
    "impossible": N_("与现在的状态接不上"),
    "conflict": N_("与同一序号的进展说法不一"),
    "too_far": N_("前面缺得太多"),
}
LETTER: Mapping[str, str] = {
    "rejected": N_("内容不合规定，被拒收"),
    "unreadable": N_("读不懂"),
    "gave_up": N_("试了多次都没成"),
    "crashed": N_("处理时程序出错"),
}
"""Why nobody could handle a message."""

SEAT: Mapping[str, tuple[str, str]] = {
    "invited": (N_("已邀请"), "wait"),
    "accepted": (N_("参加"), "done"),
    "declined": (N_("婉拒"), "late"),
    "withdrawn": (N_("不再邀请"), "rest"),
}
TABLE: Mapping[str, tuple[str, str]] = {
    "open": (N_("会商中"), "go"),
    "concluded": (N_("已结束"), "done"),
}
MEETING: Mapping[str, tuple[str, str]] = {
    "planned": (N_("待开"), "wait"),
    "held": (N_("已开"), "done"),
    "cancelled": (N_("取消"), "rest"),
}
ACTION: Mapping[str, tuple[str, str]] = {
    "open": (N_("待办"), "wait"),
    "in_progress": (N_("在办"), "go"),
    "overdue": (N_("超期"), "late"),
    "done": (N_("完成"), "done"),
    "dropped": (N_("不办了"), "rest"),
}
MOVE: Mapping[str, str] = {
    "start": N_("开始办"),
    "finish": N_("办完了"),
    "postpone": N_("改期"),
    "drop": N_("不办了"),
}
CONCLUSION: Mapping[str, str] = {
    "resolved": N_("解决了"),
    "handed_over": N_("转网格平台"),
    "returned": N_("退回居委会继续办"),
    "unresolvable": N_("暂时解决不了，说明原因"),
}
PLAN: Mapping[str, tuple[str, str]] = {
    "draft": (N_("草案"), "rest"),
    "open": (N_("征求意见"), "wait"),
    "adopted": (N_("已通过"), "go"),
    "in_progress": (N_("实施中"), "go"),
    "finished": (N_("已完成"), "done"),
    "withdrawn": (N_("已撤回"), "rest"),
}
PLAN_STEP: Mapping[str, str] = {
    "draft": N_("退回修改"),
    "open": N_("公开征求意见"),
    "adopted": N_("确定方案"),
    "in_progress": N_("开始实施"),
    "finished": N_("全部完成"),
    "withdrawn": N_("撤回方案"),
}
"""What leads a plan to a state."""

ITEM: Mapping[str, tuple[str, str]] = {
    "planned": (N_("未开始"), "rest"),
    "doing": (N_("进行中"), "go"),
    "done": (N_("完成"), "done"),
    "dropped": (N_("不做了"), "rest"),
}
OWNER, MONEY = words_issues.OWNER, words_issues.MONEY
ACTION_OWNER: Mapping[str, str] = {
    "committee": N_("居委会"),
    "department": N_("部门"),
    "person": N_("部门里的一个人"),
}
EVIDENCE: Mapping[str, str] = {
    "hot_topic": N_("热点"),
    "survey_answer": N_("问卷"),
    "issues": N_("居民反映"),
    "site_visit": N_("现场查看"),
}
COMMENT: Mapping[str, tuple[str, str]] = {
    "shown": (N_("已公开"), "done"),
    "waiting": (N_("待公开"), "wait"),
    "hidden": (N_("已隐藏"), "rest"),
    "withdrawn": (N_("已收回"), "rest"),
}
TASK: Mapping[str, str] = {
    "screen_question": N_("筛选议题"),
    "publish": N_("发布议题"),
    "form_item": N_("形成议案"),
    "screen_item": N_("审议议案"),
    "prior_study": N_("前置研究"),
    "draft_proposal": N_("起草提案"),
}
LEVEL: Mapping[str, str] = {
    "committee": N_("居委会"),
    "town": N_("街镇"),
    "district": N_("区"),
}
