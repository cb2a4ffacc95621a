"""The observer's and the district's words, and figures as people read them.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`; templates know
this module as ``known``.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gateway.web.texts import N_, Texts

HOUR, DAY = 3600, 86400

LEVEL: Mapping[str, str] = {
    "district": N_("全区"),
    "town": N_("街镇"),
    "community": N_("社区"),
}
FAMILY: Mapping[str, str] = {
    "community": N_("社区响应"),
    "hotline": N_("热线口径"),
    "grid": N_("网格口径"),
}
UNIT: Mapping[str, str] = {"share": N_("比例"), "seconds": N_("秒"), "points": N_("分")}
KIND: Mapping[str, str] = {
    "campaign": N_("专项行动"),
    "project": N_("项目"),
    "topic": N_("议题"),
}
"""What is done about a hot topic."""

STATE: Mapping[str, tuple[str, str]] = {
    "planned": (N_("还没开始"), "wait"),
    "running": (N_("在做"), "go"),
    "finished": (N_("做完了"), "done"),
}
CHANNEL: Mapping[str, str] = {
    "sms": N_("短信"),
    "web_push": N_("推送"),
    "mail": N_("邮件"),
    "wechat": N_("微信"),
    "dingtalk": N_("钉钉"),
}
MODEL: Mapping[str, tuple[str, str]] = {
    "in_use": (N_("正在用"), "done"),
    "candidate": (N_("候选"), "wait"),
    "retired": (N_("用过的"), "rest"),
    "refused": (N_("没通过"), "late"),
}
LOOKED: Mapping[str, str] = {
    "listCommunities": N_("社区名单"),
    "getCommunityProfile": N_("社区概况"),
    "listModules": N_("社区的版块"),
    "listPosts": N_("帖子列表"),
    "getPost": N_("一个帖子"),
    "listComments": N_("帖子的留言"),
    "listIssues": N_("一个社区的问题"),
    "listWatchedIssues": N_("各社区的问题"),
    "getIssue": N_("一个问题"),
    "districtStanding": N_("各社区的现状"),
    "listUnansweredPosts": N_("没人回应的帖子"),
    "getPostResponse": N_("发帖响应情况"),
    "listPolls": N_("表决列表"),
    "getPoll": N_("一个表决"),
    "listTopics": N_("议题列表"),
    "getTopic": N_("一个议题"),
    "listCovenants": N_("公约列表"),
    "getCovenant": N_("一个公约"),
    "communityBrief": N_("社区周报"),
    "townBrief": N_("街镇周报"),
    "districtBrief": N_("区周报"),
    "communityBriefWeeks": N_("周报目录"),
    "townBriefWeeks": N_("周报目录"),
    "districtBriefWeeks": N_("周报目录"),
    "kpis": N_("统计指标"),
    "communityKpis": N_("社区指标"),
    "identityFigures": N_("绑定覆盖率"),
    "hotTopics": N_("十大热点"),
    "townHotTopics": N_("十大热点"),
    "communityHotTopics": N_("十大热点"),
    "getHotTopic": N_("一个热点"),
    "getDistrictBounds": N_("区界"),
    "getUpload": N_("照片和附件"),
}
"""What of somebody's looking is written down, by the operation; the rest is told as such."""


def told(figure: Mapping[str, Any], unit: str, texts: Texts) -> str:
    """A figure's value: 93.4%, 5.2 小时, 86.0 分; or why there is none."""
    if figure["withheld"]:
        return texts.gettext(N_("少于 10 件，不显示"))
    if figure["decimal"] is None:
        return texts.gettext(N_("没有应办的"))
    number = Decimal(figure["decimal"])
    if unit == "share":
        return f"{number * 100:.1f}%"
    if unit == "points":
        return texts.gettext(N_("{n} 分")).format(n=f"{number:.1f}")
    if number < 2 * DAY:
        return texts.gettext(N_("{n} 小时")).format(n=f"{number / HOUR:.1f}")
    return texts.gettext(N_("{n} 天")).format(n=f"{number / DAY:.1f}")


def percent(exact: str | None) -> str:
    """An exact share ``"n/d"`` as people read it; a dash where there is none.

    >>> percent("1/3"), percent("0/0"), percent(None)
    ('33.3%', '–', '–')
    """
    above, _, below = (exact or "0/0").partition("/")
    return f"{Decimal(above) / Decimal(below) * 100:.1f}%" if below.strip("0") else "–"
