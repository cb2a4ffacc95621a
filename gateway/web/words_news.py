"""News and emergencies: the contract's keys in people's words, and how they look."""

from collections.abc import Mapping

from gateway.web.texts import N_

ABOUT: Mapping[str, str] = {
    "mine": N_("互动"),
    "followed": N_("关注"),
    "duty": N_("工作"),
}
ABOUT_SAYS: Mapping[str, str] = {
    "mine": N_("别人回复您、提到您，您的事有了进展"),
    "followed": N_("您参与或关注的话题，社区公告、表决和问卷"),
    "duty": N_("需要您办理的事"),
}
ABOUT_NOTHING: Mapping[str, str] = {
    "": N_("没有消息。您反映的事有了进展，会在这里告诉您。"),
    "mine": N_("还没有人回复或提到您。"),
    "followed": N_("关注的话题还没有新消息。在帖子和议题里点“关注”，有动静就告诉您。"),
    "duty": N_("没有等着您办的事，很好。"),
}
CHANNEL: Mapping[str, tuple[str, str]] = {
    "live": (N_("打开社区通时弹出来"), "bell"),
    "web_push": (N_("手机推送"), "phone"),
    "sms": (N_("短信"), "chat"),
    "wechat": (N_("微信"), "comment"),
    "mail": (N_("电子邮件"), "scroll"),
}
CHANNEL_SAYS: Mapping[str, str] = {
    "live": N_("正在看社区通时，有新消息就提示一下"),
    "web_push": N_("没打开社区通也能收到，不花短信费"),
    "sms": N_("发到您登录用的手机号"),
    "wechat": N_("在微信小程序里同意后才能收到"),
    "mail": N_("地址用验证码核对过才会发"),
}
DIGEST: Mapping[str, str] = {
    "daily": N_("每天晚上七点"),
    "weekly": N_("每周日晚上七点"),
    "off": N_("不要汇总"),
}
RHYTHM: Mapping[str, str] = {"daily": N_("每日汇总"), "weekly": N_("每周汇总")}
PART: Mapping[str, str] = {"post": N_("帖子"), "topic": N_("议题")}

NEED: Mapping[str, str] = {
    "medical": N_("看病、受伤、急救"),
    "trapped": N_("被困，出不来"),
    "supplies": N_("缺药、缺吃的"),
    "alone": N_("老人或孩子独自在家"),
    "other": N_("别的"),
}
HOUSEHOLD: Mapping[str, tuple[str, str]] = {
    "silent": (N_("没有回音"), "wait"),
    "safe": (N_("平安"), "done"),
    "help": (N_("需要帮助"), "late"),
    "absent": (N_("敲门没人"), "rest"),
    "moved": (N_("已经搬走"), "rest"),
}
"""What is known of a household, and its tone; in the order in which lists of doors are offered."""
STATE: Mapping[str, tuple[str, str]] = {
    "open": (N_("进行中"), "late"),
    "closed": (N_("已经解除"), "rest"),
}
DOORS: Mapping[str, str] = {
    "none": N_("只通知，不逐户核实"),
    "reading": N_("正在整理住户名单…"),
    "ready": N_("住户名单齐了"),
    "lost": N_("住户名单没取到"),
}
TOLD: Mapping[str, str] = {
    "call": N_("发出警报"),
    "update": N_("追加通知"),
    "all_clear": N_("宣布解除"),
}
TO: Mapping[str, str] = {"all": N_("所有人"), "silent": N_("没有回音的人")}
WHICH_HELP = N_("请选一项，说明需要什么帮助")
