"""The words of what notify itself has to say: no event tells it, so no rule stands for it."""

from typing import Final

from services.notify.domain.news import Kind
from services.notify.domain.templates import Wording, say

OWN_WORDS: Final[dict[tuple[Kind, str], Wording]] = {
    (Kind.BRIEF, ""): say(
        "{place}周报（{week}）已生成",
        "The week of {place} ({week})",
        "新增痛点、逾期承诺、未回复的帖子和点赞表扬。",
        "New pain points, broken promises, unanswered posts, praise.",
    ),
    (Kind.DIGEST, "daily"): say(
        "今日消息汇总：{count} 条未读",
        "Your day: {count} unread",
        "按类别汇总，由新到旧。",
        "By kind, the newest first.",
    ),
    (Kind.DIGEST, "weekly"): say(
        "本周消息汇总：{count} 条未读",
        "Your week: {count} unread",
        "按类别汇总，由新到旧。",
        "By kind, the newest first.",
    ),
}
