"""What neighbours share: the contract's keys in people's words."""

from collections.abc import Mapping

from gateway.web.texts import N_

STATE: Mapping[str, tuple[str, str]] = {
    "waiting": (N_("等待审核"), "wait"),
    "refused": (N_("未通过审核"), "late"),
    "taken_down": (N_("已下架"), "late"),
}
"""Of a post or comment that the neighbours do not see, and the tone it is shown in."""

STATE_SAYS: Mapping[str, str] = {
    "waiting": N_("管理人员看过以后，邻居才看得到。现在只有您和管理人员能看。"),
    "refused": N_("管理人员没有让它发布。理由在“我的审核记录”里，您可以申诉。"),
    "taken_down": N_("管理人员让它不再显示。理由在“我的审核记录”里，您可以申诉。"),
}
ORDER: Mapping[str, str] = {
    "newest": N_("最新发布"),
    "active": N_("最近有人说话"),
    "title": N_("按标题"),
}
AID_KIND: Mapping[str, tuple[str, str]] = {
    "offer": (N_("我能帮"), "go"),
    "need": (N_("求帮忙"), "wait"),
    "idle": (N_("闲置"), "rest"),
}
AID_STATE: Mapping[str, tuple[str, str]] = {
    "reserved": (N_("已预订"), "wait"),
    "closed": (N_("已结束"), "rest"),
    "gone": (N_("已送出"), "done"),
}
"""How an offer, a need or a thing stands; of one that is open nothing is said."""

REPORT: Mapping[str, str] = {
    "insult": N_("骂人、人身攻击"),
    "fraud": N_("诈骗、骗钱"),
    "spam": N_("广告、刷屏"),
    "rumour": N_("不实消息"),
    "private_data": N_("泄露别人的隐私"),
    "minors": N_("伤害未成年人"),
    "illegal": N_("违法内容"),
    "other": N_("其他"),
}
"""Why something is reported, what is met most often first."""

CASE: Mapping[str, tuple[str, str]] = {
    "open": (N_("等待处理"), "wait"),
    "decided": (N_("已处理"), "go"),
    "appealed": (N_("申诉中"), "wait"),
    "final": (N_("已有最终结果"), "done"),
}
DECISION: Mapping[str, str] = {"keep": N_("可以显示"), "take_down": N_("不再显示")}
TARGET: Mapping[str, str] = {"post": N_("帖子"), "comment": N_("评论"), "question": N_("提问")}
DISTANCE: Mapping[str, tuple[str, str]] = {
    "mute": (N_("不看"), "rest"),
    "block": (N_("不来往"), "late"),
}
DISTANCE_SAYS: Mapping[str, str] = {
    "mute": N_("对方说的话您不再看到；对方不会知道。"),
    "block": N_("对方说的话您不再看到，对方也不能在您的帖子下说话。"),
}
DONE: Mapping[str, str] = {
    "followed": N_("已关注，有新内容会告诉您"),
    "unfollowed": N_("已取消关注"),
    "muted": N_("这里的新内容不再提醒您"),
    "unmuted": N_("恢复提醒"),
    "reported": N_("已交给管理人员，谢谢您。对方不会知道是您举报的。"),
    "mute": N_("以后不再给您看对方说的话"),
    "block": N_("以后不再给您看对方说的话，对方也不能在您的帖子下说话"),
    "taken_down": N_("已下架，作者会看到您写的理由"),
    "pinned": N_("已置顶"),
    "unpinned": N_("已取消置顶"),
    "checked": N_("已记下：今天核对过"),
}
"""What was done on the page before, said on the next."""

FIELD: Mapping[str, str] = {
    "title": N_("标题"),
    "body": N_("正文"),
    "tags": N_("标签"),
    "attachments": N_("照片和语音"),
}
"""What a change of a post concerns."""
