"""The contract's keys in people's words, and how they look.

Each table maps a key of the contract to a message; an unknown key (a newer service) is shown as it
is, never an error.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zlib import crc32

from gateway.web import moments
from gateway.web.texts import N_, Texts

STATUS: Mapping[str, tuple[str, str]] = {
    "reported": (N_("待受理"), "wait"),
    "triaged": (N_("已受理"), "go"),
    "answered": (N_("已答复"), "done"),
    "self_governing": (N_("自治处置中"), "go"),
    "solved": (N_("已解决"), "done"),
    "referred": (N_("已转办"), "go"),
    "escalated": (N_("网格办理中"), "go"),
    "in_consultation": (N_("联合会商中"), "go"),
    "closed": (N_("已办结"), "done"),
    "reopened": (N_("重新办理"), "wait"),
    "merged": (N_("已合并"), "rest"),
}
"""Where an issue stands, and the tone it is shown in."""

CATEGORY: Mapping[str, str] = {
    "consult": N_("咨询"),
    "advise": N_("建议"),
    "dispose": N_("处置"),
    "8x": N_("8+X 难题"),
}
CATEGORY_MEANS: Mapping[str, str] = {
    "consult": N_("问政策、问办事，由居委会答复"),
    "advise": N_("提意见、提建议，由居委会答复"),
    "dispose": N_("具体问题，先由小区自治解决"),
    "8x": N_("自治难以解决的顽疾，可转网格平台"),
}
RESULT: Mapping[str, str] = {
    "answered": N_("已答复"),
    "fixed": N_("已处理好"),
    "solved": N_("小区自治解决"),
    "refused": N_("不予办理，已说明理由"),
    "grid_closed": N_("网格平台已办结"),
    "grid_refused": N_("网格平台未予办理"),
    "unresolvable": N_("经联合会商暂无法解决"),
    "cancelled": N_("工单已撤销"),
}
STAGE: Mapping[str, str] = {
    "first_response": N_("首次回应"),
    "consult": N_("答复咨询"),
    "advise": N_("答复建议"),
    "dispose": N_("处置"),
    "8x": N_("处置"),
    "grid": N_("网格办结"),
}
"""What is promised by the clock that runs."""

RELATION: Mapping[str, str] = {
    "owner": N_("业主"),
    "family": N_("业主家属"),
    "tenant": N_("租户"),
    "operator": N_("商户"),
    "villager": N_("村民"),
    "away": N_("在外村民"),
    "migrant": N_("来沪人员"),
}
RESIDENCE: Mapping[str, str] = {"local": N_("本地"), "away": N_("外地（离村不离心）")}
VERIFIER: Mapping[str, str] = {"network_identity": N_("国家网络身份认证")}
MEMBERSHIP: Mapping[str, tuple[str, str]] = {
    "pending": (N_("待居委会核实"), "wait"),
    "active": (N_("已认证"), "done"),
    "refused": (N_("未通过"), "late"),
    "ended": (N_("已迁出"), "rest"),
}
ROLE: Mapping[str, str] = {
    "resident": N_("居民"),
    "owner": N_("业主"),
    "party_member": N_("党员"),
    "committee_staff": N_("居委会"),
    "secretary": N_("社区书记"),
    "owners_committee": N_("业委会"),
    "property_manager": N_("物业"),
    "community_police": N_("社区民警"),
    "family_doctor": N_("家庭医生"),
    "volunteer": N_("志愿者"),
    "group_representative": N_("楼组长"),
    "supervisor": N_("监督员"),
    "department_staff": N_("职能部门"),
    "observer": N_("观察员"),
    "grid_operator": N_("网格中心"),
    "town_admin": N_("街镇管理员"),
    "district_analyst": N_("区分析员"),
    "district_admin": N_("区管理员"),
    "auditor": N_("审计"),
    "service": N_("系统"),
    "classifier": N_("智能分类"),
    "clock": N_("时限提醒"),
    "intake_clerk": N_("网格受理员"),
    "field_supervisor": N_("网格监督员"),
    "shift_leader": N_("网格值班长"),
    "dispatcher": N_("网格派遣员"),
    "department": N_("处置部门"),
    "community": N_("居民区"),
}
KIND: Mapping[str, tuple[str, str]] = {
    "reported": (N_("上报"), "flag"),
    "classified": (N_("智能分类"), "spark"),
    "triaged": (N_("受理"), "check"),
    "answered": (N_("答复"), "talk"),
    "site_visit": (N_("现场查看"), "walk"),
    "talk": (N_("约谈"), "talk"),
    "undertaking": (N_("承诺整改"), "hand"),
    "check": (N_("复查"), "eye"),
    "escalated": (N_("转网格平台"), "up"),
    "rated": (N_("居民评价"), "star"),
    "reopened": (N_("要求重办"), "again"),
    "promise_at_risk": (N_("时限将至"), "clock"),
    "promise_broken": (N_("超过承诺时限"), "clock"),
    "accepted": (N_("网格受理"), "check"),
    "verifying": (N_("现场核实"), "eye"),
    "registered": (N_("立案"), "check"),
    "dispatched": (N_("派遣"), "up"),
    "returned": (N_("部门退单"), "again"),
    "disposing": (N_("处置中"), "walk"),
    "extension_requested": (N_("申请延期"), "clock"),
    "suspended": (N_("挂账"), "clock"),
    "disposed": (N_("处置完成"), "check"),
    "checking": (N_("核查"), "eye"),
    "rework": (N_("返工"), "again"),
    "closed": (N_("结案"), "done"),
    "evaluated": (N_("评价"), "star"),
    "rejected": (N_("不予受理"), "no"),
    "duplicate": (N_("重复工单"), "no"),
    "not_registered": (N_("不予立案"), "no"),
    "cancelled": (N_("工单作废"), "no"),
}
"""A step on the timeline, and its icon."""

STEP: Mapping[str, str] = {
    "site_visit": N_("现场查看"),
    "talk": N_("约谈"),
    "undertaking": N_("承诺整改"),
    "check": N_("复查"),
}
ANSWER: Mapping[str, str] = {
    "answered": N_("已答复"),
    "fixed": N_("已处理好"),
    "refused": N_("不予办理（请说明理由）"),
}
SCORE: Mapping[str, str] = {
    "1": N_("很不满意"),
    "2": N_("不满意"),
    "3": N_("一般"),
    "4": N_("满意"),
    "5": N_("非常满意"),
}
MODULE_LOOK: Mapping[str, tuple[str, str]] = {
    "announcements": ("horn", "amber"),
    "party": ("flag", "red"),
    "guides": ("book", "blue"),
    "hall": ("hall", "plum"),
    "nearby": ("pin", "jade"),
    "services": ("heart", "rose"),
    "mutual_aid": ("hands", "teal"),
    "neighbours": ("chat", "sky"),
    "idle": ("gift", "sand"),
    "village_affairs": ("scroll", "amber"),
    "homesick": ("moon", "blue"),
    "owners": ("key", "plum"),
    "property": ("tool", "teal"),
    "police": ("shield", "blue"),
    "doctor": ("cross", "rose"),
}
"""Icon and tone of a module's tile."""

MODULE_SAYS: Mapping[str, str] = {
    "announcements": N_("居委会发布的通知和报名"),
    "party": N_("报到、学习、研讨、亮身份"),
    "guides": N_("办事找谁、带什么、怎么办"),
    "hall": N_("大家的事，大家商量着办"),
    "nearby": N_("身边的好事、难事、新鲜事"),
    "services": N_("社区活动和公益项目"),
    "mutual_aid": N_("搭把手，远亲不如近邻"),
    "neighbours": N_("左邻右舍，聊聊家常"),
    "idle": N_("用不着的，送给用得着的人"),
    "village_affairs": N_("村集体的事和账，公开看"),
    "homesick": N_("在外的乡亲，常回家看看"),
    "owners": N_("业委会向业主公开"),
    "property": N_("物业向居民公开"),
    "police": N_("社区民警在线"),
    "doctor": N_("家庭医生在线"),
}


def label(key: str | None, table: Mapping[str, Any], texts: Texts) -> str:
    """The key in words."""
    if not key:
        return ""
    entry = table.get(key, key)
    return texts.gettext(entry[0] if isinstance(entry, tuple) else entry)


def look(key: str | None, table: Mapping[str, tuple[str, str]], default: str = "rest") -> str:
    """How the key looks: its tone or icon."""
    entry = table.get(key or "")
    return entry[1] if entry else default


def tile(key: str) -> tuple[str, str]:
    """Icon and tone of a module."""
    return MODULE_LOOK.get(key, ("dots", "sand"))


def colour(name: str) -> int:
    """Which of eight colours stands behind somebody's initial."""
    return crc32(name.encode()) % 8


def initial(name: str) -> str:
    """The sign that stands for somebody: the surname, where the name shows it."""
    text = name.strip()
    if not text:
        return "·"
    return (text[1] if len(text) > 1 and text[0] in "老小阿" else text[0]).upper()


def _ago(at: str, now: datetime, *, texts: Texts) -> str:
    return moments.ago(at, now, texts)


def _due(at: str, now: datetime, *, texts: Texts) -> str:
    return moments.due(at, now, texts)


def _during(begins: str, ends: str | None, now: datetime, *, texts: Texts) -> str:
    return moments.during(begins, ends, now, texts)


def _left(at: str, now: datetime, *, texts: Texts) -> str:
    return moments.left(at, now, texts)


def _exact(at: str, *, texts: Texts) -> str:
    return moments.exact(at, texts)


def _word(key: str | None, table: Mapping[str, Any], *, texts: Texts) -> str:
    return label(key, table, texts)


FILTERS: Mapping[str, Callable[..., str]] = {
    "ago": _ago,
    "due": _due,
    "during": _during,
    "left": _left,
    "exact": _exact,
    "word": _word,
}
"""Filters of the templates that need to know the language."""
