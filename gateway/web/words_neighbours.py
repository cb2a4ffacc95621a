"""What neighbours do together: the contract's keys in people's words."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from gateway.web.texts import N_

_SUM: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")

# -- events that one signs up for ------------------------------------------------------------------

UNIT: Mapping[str, str] = {"person": N_("按人报名"), "family": N_("按户报名"), "stall": N_("摊位")}
UNIT_SAYS: Mapping[str, str] = {
    "person": N_("一个名额一位"),
    "family": N_("一个名额一户，可以几个人一起来"),
    "stall": N_("有编号的摊位"),
}
PART: Mapping[str, tuple[str, str]] = {
    "in": (N_("已报上"), "done"),
    "waiting": (N_("候补"), "wait"),
    "invited": (N_("受邀"), "wait"),
    "cancelled": (N_("已取消"), "rest"),
}
"""Somebody's part in an event."""

NO_SIGN_UP: Mapping[str, str] = {
    "feed.sign_up_closed": N_("报名已经结束。"),
    "feed.event_started": N_("活动已经开始。"),
    "feed.sign_up_not_open": N_("报名还没有开始。"),
    "feed.sign_up_deadline_passed": N_("报名截止时间已过。"),
}
"""Why nobody signs up now, by the code of the error that it would end in."""

# -- mutual aid and idle things --------------------------------------------------------------------

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


def spans(slots: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], str, str]]:
    """Hours of the week as people say them: the days that have the same hours, and the hours."""
    days: dict[tuple[str, str], list[str]] = {}
    for slot in slots:
        days.setdefault((slot["from"], slot["to"]), []).append(WEEKDAYS[slot["weekday"] - 1])
    return [(names, begins, ends) for (begins, ends), names in days.items()]


SHAKE: Mapping[str, tuple[str, str]] = {
    "asked": (N_("等回话"), "wait"),
    "agreed": (N_("约好了"), "go"),
    "declined": (N_("婉拒了"), "rest"),
    "done": (N_("做好了"), "done"),
    "thanked": (N_("谢过了"), "done"),
    "no_show": (N_("没有来"), "late"),
    "cancelled": (N_("取消了"), "rest"),
}
"""Where a handshake stands, and its tone."""

SHAKE_SAYS: Mapping[str, str] = {
    "asked": N_("问了一声"),
    "agreed": N_("答应了"),
    "declined": N_("这次帮不上"),
    "done": N_("说做好了"),
    "thanked": N_("道谢"),
    "no_show": N_("说对方没有来"),
    "cancelled": N_("取消了"),
}
"""A step of it, as it stands in the conversation beside who took it."""

STEP: Mapping[str, str] = {
    "agree": N_("好，就这么定"),
    "decline": N_("这次不行"),
    "cancel": N_("取消约定"),
    "done": N_("做好了"),
    "thank": N_("说声谢谢"),
    "no_show": N_("对方没有来"),
}
STEP_SAYS: Mapping[str, str] = {
    "agree": N_("可以写上时间、地点"),
    "decline": N_("不用说理由，说一句也好"),
    "cancel": N_("请尽早说，对方好另作打算"),
    "done": N_("双方都可以点"),
    "thank": N_("写下的话，邻居们都看得到"),
    "no_show": N_("多次爽约的人，居委会会先找他谈谈"),
}
FAR: Mapping[str, str] = {
    "building": N_("同一幢楼"),
    "estate": N_("同一小区"),
    "community": N_("同一社区"),
}
"""How near by somebody lives."""
NOT_OPEN: Mapping[str, str] = {
    "open": N_("现在还不能约。"),
    "reserved": N_("已有邻居预订；没有成交，会重新放开。"),
    "closed": N_("对方已不再找人。"),
    "gone": N_("已经送出去了。"),
}
"""Why nobody asks now."""

# -- micro-projects --------------------------------------------------------------------------------

PROJECT: Mapping[str, tuple[str, str]] = {
    "applied": (N_("等居委会同意"), "wait"),
    "approved": (N_("已同意"), "go"),
    "refused": (N_("没有同意"), "late"),
    "recruiting": (N_("招募志愿者"), "go"),
    "running": (N_("进行中"), "go"),
    "done": (N_("已完成"), "done"),
    "cancelled": (N_("不做了"), "rest"),
}
"""Where a project stands, and its tone."""

PROJECT_STEP: Mapping[str, tuple[str, str]] = {
    "apply": (N_("申报"), "flag"),
    "approve": (N_("同意"), "check"),
    "refuse": (N_("不同意"), "no"),
    "recruit": (N_("开始招募"), "users"),
    "progress": (N_("进展"), "walk"),
    "done": (N_("完成"), "done"),
    "cancel": (N_("不做了"), "close"),
}
"""A step on the timeline, and its icon."""

PROJECT_ACT: Mapping[str, str] = {
    "apply": N_("重新申报"),
    "approve": N_("同意这个项目"),
    "refuse": N_("不同意"),
    "recruit": N_("开始招募志愿者"),
    "progress": N_("记一次进展"),
    "done": N_("项目完成，交账"),
    "cancel": N_("项目不做了"),
}
PROJECT_ASKS: Mapping[str, str] = {
    "approve": N_("可以说说有什么要求"),
    "refuse": N_("请写明理由，发起人看得到"),
    "recruit": N_("邻居就可以报名做志愿者了"),
    "progress": N_("做了什么，拍张照更好"),
    "done": N_("写写经过，附上照片；账目要先记好"),
    "cancel": N_("请写明原因"),
}


def brief(hours: str) -> str:
    """Hours without the zeros at their end: 2.50 is 2.5."""
    return f"{Decimal(hours).normalize():f}" if _SUM.fullmatch(hours) else hours


def grouped(amount: str) -> str:
    """An amount of yuan as people read it: 30,000.00."""
    return f"{Decimal(amount):,.2f}" if _SUM.fullmatch(amount) else amount


MONEY: Mapping[str, tuple[str, str]] = {
    "income": (N_("收入"), "done"),
    "spending": (N_("支出"), "late"),
}

# -- accounts --------------------------------------------------------------------------------------

LEDGER: Mapping[str, str] = {
    "collective": N_("村集体经济"),
    "public_income": N_("公共收益"),
    "maintenance_fund": N_("维修资金"),
}
SECTION: Mapping[str, tuple[str, str]] = {
    "income": (N_("收入"), "done"),
    "spending": (N_("支出"), "late"),
    "asset": (N_("资产"), "go"),
    "liability": (N_("负债"), "wait"),
}
# -- the party garden ------------------------------------------------------------------------------

CHECK_IN: Mapping[str, tuple[str, str]] = {
    "resident": (N_("住在这里"), "rest"),
    "in_service": (N_("在职党员"), "go"),
}
