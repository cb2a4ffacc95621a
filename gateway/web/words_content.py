"""The desk for content: the contract's keys in people's words, and reasons that authors read.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`.
"""

from collections.abc import Mapping
from typing import Final

from gateway.web import words_posts
from gateway.web.texts import N_

STATE, REPORT, CASE, DECISION, TARGET = (
    words_posts.STATE,
    words_posts.REPORT,
    words_posts.CASE,
    words_posts.DECISION,
    words_posts.TARGET,
)
CASES: Mapping[str, str] = {
    "waiting": N_("等您处理"),
    "appealed": N_("申诉待复核"),
    "decided": N_("已处理"),
    "final": N_("已有最终结果"),
}
"""The lists of cases."""

OPENED: Mapping[str, str] = {
    "module": N_("这个栏目先看后发"),
    "lexicon": N_("系统发现敏感词"),
    "report": N_("居民举报"),
    "staff": N_("工作人员发现"),
}
"""How a case began."""

HIT: Mapping[str, str] = {
    "fraud": N_("诈骗、骗钱"),
    "gambling": N_("赌博"),
    "drugs": N_("毒品"),
    "weapons": N_("枪支刀具"),
    "insults": N_("骂人、人身攻击"),
    "doxxing": N_("人肉、曝光别人"),
    "private_data": N_("泄露别人的隐私"),
}
"""What the lexicon of the house found; an operator's own categories are shown as they are."""

GROUNDS: Mapping[str, str] = {
    "insult": N_("对人说话不客气，骂人或者攻击了别人。有意见可以就事论事地说。"),
    "private_data": N_("写出了别人的住址、电话或者别的隐私，请去掉以后再发。"),
    "spam": N_("是广告，或者重复刷屏，影响邻居看别的内容。"),
    "fraud": N_("像是骗钱的信息，为了邻居们的钱袋子不能显示。"),
    "rumour": N_("说法没有来源，查证下来不属实。"),
    "minors": N_("对孩子不好，或者暴露了孩子的信息。"),
    "illegal": N_("法律不允许公开发布这样的内容。"),
}
"""Reasons ready to be chosen, by the kind of report: what its author reads of a decision."""

KEEP: Final = N_("看过了，没有违反社区的约定，可以显示。")
UPHELD: Final = N_("另一位工作人员重新看过，原来的处理是对的。")
RESTORED: Final = N_("另一位工作人员重新看过，您说得有道理，恢复显示。")

LOOK: Mapping[str, str] = {
    "handling": N_("办这件事要用"),
    "moderation": N_("处理举报"),
    "oversight": N_("监督检查"),
    "safety": N_("有人可能有危险"),
    "legal": N_("法律规定的机关要求"),
}
"""Why a hidden name is looked at; its owner can read it."""

ACTION: Mapping[str, str] = {
    "case_opened": N_("立案"),
    "reported": N_("有人举报"),
    "held": N_("举报多，先收起来"),
    "decided": N_("作出处理"),
    "appealed": N_("作者申诉"),
    "appeal_decided": N_("复核申诉"),
    "silenced": N_("禁言"),
    "silence_ended": N_("解除禁言"),
    "name_uncovered": N_("查看匿名作者"),
}
"""What the moderation log tells."""

LOGGED: Mapping[str, str] = {**TARGET, "person": N_("居民")}
DAYS: Final = (1, 3, 7, 14, 28)
"""For how many days somebody can be kept from writing."""

VIEW: Mapping[str, str] = {
    "": N_("最新"),
    "waiting": N_("等回应"),
    "praise": N_("没回应的感谢"),
    "events": N_("活动"),
    "unseen": N_("未发布"),
    "refused": N_("没通过"),
    "taken_down": N_("已下架"),
}
"""What of the modules is looked at."""

QUESTION: Mapping[str, tuple[str, str]] = {
    "open": (N_("等待答复"), "wait"),
    "overdue": (N_("超期未答"), "late"),
    "answered": (N_("已答复"), "done"),
}
QUESTIONS: Mapping[str, str] = {key: name for key, (name, _) in QUESTION.items()}
TRIAL: Mapping[str, tuple[str, str]] = {
    "fine": (N_("可以直接显示"), "done"),
    "held": (N_("会先收起来，等管理人员看过再显示"), "wait"),
    "refused": (N_("会被拒绝，发不出去"), "late"),
}
"""What the lexicon makes of a text that somebody tries."""

DONE: Mapping[str, str] = {
    **words_posts.DONE,
    "answered": N_("已答复，邻居们看得到"),
    "dismissed": N_("已标为不用办"),
    "silenced": N_("已禁言，本人会收到通知和理由"),
    "lifted": N_("已解除禁言"),
    "asked": N_("已提出。公开此事的部门会在期限内答复，答复会通知您。"),
    "deed": N_("已记下。邻居们可以作证。"),
    "witnessed": N_("谢谢您作证"),
    "named": N_("已加上一起做的人"),
    "removed": N_("已不再一起做"),
}


def chosen(choice: str, said: str) -> tuple[str, str]:
    """The decision and the reason that a button stands for: ``take_down/insult``, ``keep``.

    A ready reason is what its author reads, in the language of the neighbourhood; what was written
    besides stands below it.
    """
    decision, _, ground = choice.partition("/")
    ready = {**GROUNDS, "kept": KEEP, "upheld": UPHELD, "restored": RESTORED}.get(ground, "")
    return decision, "\n".join(part for part in (ready, said) if part)
