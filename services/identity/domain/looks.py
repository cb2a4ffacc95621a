"""How the access log calls what other services showed, in the words of whoever reads it."""

from typing import Final

from services.contracts.events import AuthorSeen, BreachReporterSeen, HouseholdSeen, ReporterSeen
from services.contracts.events.looks import Look, Reason

WHAT: Final[dict[type[Look], str]] = {
    AuthorSeen: "您不公开姓名的帖子或评论由谁发布",
    ReporterSeen: "您不公开姓名的问题由谁反映（含代办人）",
    BreachReporterSeen: "您不公开姓名的违约反映由谁提出",
    HouseholdSeen: "应急名单上您家的住址、报平安或求助的情况",
}
WHY: Final[dict[Reason, str]] = {
    "handling": "办理您反映的事项",
    "moderation": "处理举报",
    "oversight": "监督检查",
    "safety": "涉及人身安全的紧急情况",
    "legal": "依照法律提供",
}
