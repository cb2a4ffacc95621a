"""Words of the settings: limits, calendars, comparisons, the classifier's versions.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`; templates know
this module as ``settings``.
"""

from collections.abc import Mapping

from gateway.web.texts import N_

STAGE: Mapping[str, str] = {
    "post": N_("帖子的第一次回应"),
    "first_response": N_("问题的第一次回应"),
    "consult": N_("答复咨询"),
    "advise": N_("答复建议"),
    "dispose": N_("处置问题"),
    "8x": N_("处置 8+X 难题"),
    "grid": N_("网格工单"),
}
SET_BY: Mapping[str, str] = {
    "default": N_("默认"),
    "district": N_("本区定的"),
    "community": N_("本社区定的"),
}
LAYER: Mapping[str, str] = {
    "entered": N_("本区录入"),
    "published": N_("国务院公布"),
    "weekdays": N_("只按周一到周五"),
}
DIFFERENCE: Mapping[str, tuple[str, str]] = {
    "missing_there": (N_("平台没有这张"), "late"),
    "missing_here": (N_("我们没有这张"), "late"),
    "behind": (N_("我们少收了更新"), "wait"),
    "ahead": (N_("平台比我们旧"), "wait"),
    "other_state": (N_("状态不一样"), "late"),
    "other_deadline": (N_("期限不一样"), "wait"),
    "held": (N_("有更新没能处理"), "wait"),
}
REPAIR: Mapping[str, str] = {
    "republish_opened": N_("重新告诉平台"),
    "ask_updates": N_("请平台补发更新"),
    "take_deadline": N_("改用平台的期限"),
    "release": N_("重新处理扣下的更新"),
    "look": N_("要有人去核对"),
}
REPAIRED: Mapping[str, tuple[str, str]] = {
    "open": (N_("还没修"), "wait"),
    "asked": (N_("已发出，等平台"), "go"),
    "done": (N_("已修好"), "done"),
    "left": (N_("修不了，要人看"), "late"),
}
CRS: Mapping[str, str] = {
    "WGS84": N_("WGS84（GPS）"),
    "GCJ02": N_("GCJ02（高德、腾讯）"),
    "CGCS2000": N_("CGCS2000（天地图）"),
    "BD09": N_("BD09（百度）"),
}
MODEL_FAULT: Mapping[str, str] = {
    "below_floor": N_("低于下限"),
    "below_current": N_("明显不如现在用的"),
}
REFIT: Mapping[str, tuple[str, str]] = {
    "waiting": (N_("排队中"), "wait"),
    "running": (N_("正在学习"), "go"),
    "done": (N_("学完了"), "done"),
    "failed": (N_("没学成"), "late"),
}
RUN: Mapping[str, tuple[str, str]] = {
    "asked": (N_("排队中"), "wait"),
    "running": (N_("正在重算"), "go"),
    "published": (N_("已发布"), "done"),
    "failed": (N_("没算成"), "late"),
}
PLATFORM_STATES: Mapping[str, tuple[str, ...]] = {
    "reported": ("已上报", "待接收", "待受理"),
    "accepted": ("已受理", "受理"),
    "rejected": ("不予受理",),
    "duplicate": ("重复", "重复工单"),
    "verifying": ("核实中", "待核实"),
    "registered": ("已立案", "立案", "待派遣"),
    "not_registered": ("不予立案",),
    "dispatched": ("已派遣", "派遣", "待处理"),
    "returned": ("退单", "回退"),
    "disposing": ("处置中", "处理中"),
    "extension_requested": ("申请延期", "延期"),
    "suspended": ("挂账",),
    "disposed": ("已处置", "处置完成"),
    "checking": ("核查中", "待核查"),
    "rework": ("返工",),
    "closed": ("已结案", "结案"),
    "evaluated": ("已评价",),
    "reopened": ("重办", "重新办理"),
    "cancelled": ("作废", "已作废", "已撤销"),
}
"""What platforms call the states in their lists (待接收/待派遣/待处理/待核查/待结案 and others)."""
