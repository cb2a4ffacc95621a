"""Topics, discussion, objections, surveys: the contract's keys in people's words."""

from collections.abc import Mapping

from gateway.web import words
from gateway.web.texts import N_

ROLE: Mapping[str, str] = {**words.ROLE, "moderator": N_("主持人")}
STEP: Mapping[str, str] = {
    "raised": N_("提出问题"),
    "screened": N_("通过筛选"),
    "discussion": N_("广泛讨论"),
    "actionable": N_("形成可操作议题"),
    "prior_study": N_("党组织先行研究"),
    "proposal": N_("起草提案"),
    "notice": N_("公示提案"),
    "voting": N_("大家表决"),
    "publicity": N_("公示结果"),
    "adopted": N_("成为公约"),
    "refused": N_("不予受理"),
    "closed": N_("到此结束"),
}
"""A step of the way from a question to a covenant."""

STATE: Mapping[str, tuple[str, str]] = {
    "raised": (N_("待筛选"), "wait"),
    "screened": (N_("待发布"), "wait"),
    "discussion": (N_("讨论中"), "go"),
    "actionable": (N_("正在形成提案"), "go"),
    "prior_study": (N_("先行研究中"), "go"),
    "proposal": (N_("正在起草"), "go"),
    "notice": (N_("提案公示中"), "wait"),
    "voting": (N_("表决中"), "wait"),
    "publicity": (N_("结果公示中"), "go"),
    "adopted": (N_("已成为公约"), "done"),
    "refused": (N_("未受理"), "late"),
    "closed": (N_("已结束"), "rest"),
}
"""Where a topic stands, and the tone it is shown in."""

STAGE: Mapping[str, str] = {
    "asked": N_("新提出"),
    "discussed": N_("正在讨论"),
    "drafted": N_("变成提案"),
    "decided": N_("公示和表决"),
    "adopted": N_("定下来了"),
    "ended": N_("没有通过"),
}
OUTCOME: Mapping[str, str] = {
    "withdrawn": N_("提出人撤回"),
    "lapsed": N_("期限内没有等到附议或修改"),
    "merged": N_("并入了另一个议题"),
    "refused": N_("没有受理"),
    "stopped": N_("召集人终止"),
    "voided": N_("表决作废"),
    "annulled": N_("结果被撤销"),
    "not_passed": N_("表决没有通过"),
}
BODY: Mapping[str, str] = {
    "residents_committee": N_("居委会"),
    "owners_committee": N_("业委会"),
}
"""Who convenes, as neighbours say it."""

NEXT: Mapping[str, tuple[str, str]] = {
    "seconders": (
        N_("等邻居附议"),
        N_("附议的人够了，就由{body}筛选；到期还不够，这个问题就失效。"),
    ),
    "author": (N_("等提出人修改"), N_("{body}退回请提出人修改；到期不改，这个问题就失效。")),
    "raised": (
        N_("等{body}筛选"),
        N_("受理、退回修改、不予受理，还是并入别的议题，都要公开说明。"),
    ),
    "screened": (N_("等{body}发布"), N_("发布以后，邻居们就可以讨论。")),
    "talk": (N_("邻居们正在讨论"), N_("讨论满了日子，由{body}把大家的意见整理成可操作的议题。")),
    "actionable": (
        N_("等{body}第二次筛选"),
        N_("看它能不能变成提案；要退回讨论或者不予受理，都要公开说明理由。"),
    ),
    "party": (N_("等社区党组织先行研究"), N_("看是否合法、合政策，研究意见向大家公开。")),
    "proposal": (N_("等{body}起草和公示"), N_("提案文本写好以后公示；公示以前还可以发表意见。")),
    "notice": (
        N_("文本已经定稿，正在公示"),
        N_("对文本、名册、表决办法有异议的，现在提；答复完了才开始表决。"),
    ),
    "voting": (N_("正在表决"), N_("到时间截止，接着计票、公布结果。")),
    "publicity": (N_("结果正在公示"), N_("公示期满、异议都有了答复，就成为公约。")),
}
"""Whose turn it is and what comes of it: by whom a topic waits for, at the desk by its state."""

STANCE: Mapping[str, tuple[str, str]] = {
    "for": (N_("赞成"), "jade"),
    "against": (N_("反对"), "red"),
    "neutral": (N_("中立"), "sand"),
}
BARRED: Mapping[str, str] = {
    "observer": N_("观察员只看不说。"),
    "not_a_member": N_("只有住在本社区、通过认证的居民才能参与。"),
    "child": N_("未满十四周岁，请由监护人代为参与。"),
    "moderating": N_("您是主持人，要保持中立，所以不发表意见。"),
    "spent": N_("您在这个议题上的发言次数已经用完，把机会留给其他邻居。"),
    "closed": N_("现在不接受新的意见。"),
    "answered": N_("您已经答过了。这份问卷不记名，所以不能再找出来修改。"),
}
"""Why somebody cannot take part here."""

SPEECH_OVER: Mapping[str, str] = {
    "raised": N_("还没有开始讨论：问题要先通过筛选、发布。"),
    "screened": N_("还没有开始讨论：发布以后就可以发言。"),
    "actionable": N_("讨论期已经结束，正在把大家的意见整理成提案。"),
    "prior_study": N_("讨论期已经结束，社区党组织正在研究。"),
    "notice": N_("提案已经定稿公示，不再讨论；有不同意见请提异议，每一条都会得到答复。"),
    "voting": N_("正在表决，讨论已经结束。"),
    "publicity": N_("表决已经结束；对结果有不同意见的，可以提异议。"),
    "adopted": N_("已经成为公约。想修改，可以再提一个议题。"),
    "refused": N_("这个问题没有受理，不再讨论。"),
    "closed": N_("这个议题已经结束，不再讨论。"),
}
"""Why nobody speaks in this state."""

OBJECTION: Mapping[str, str] = {
    "publicity_period": N_("公示时间"),
    "mechanism": N_("表决方式"),
    "text": N_("文本内容"),
    "roll": N_("表决人名册"),
    "other": N_("其他"),
}
PERIOD: Mapping[str, str] = {"notice": N_("提案公示时"), "publicity": N_("结果公示时")}
MARK: Mapping[str, str] = {"satisfied": N_("答复让我满意"), "stands": N_("我保留异议")}
AIM: Mapping[str, str] = {
    "new": N_("定一个新的公约"),
    "amend": N_("修改一个公约"),
    "repeal": N_("废止一个公约"),
}
CHANGE: Mapping[str, str] = {
    "added": N_("新增"),
    "removed": N_("删去"),
    "changed": N_("改动"),
    "moved": N_("换了位置"),
}
TIME: Mapping[str, str] = {
    "opens_at": N_("开始表决"),
    "closes_at": N_("截止表决"),
    "effective_at": N_("开始生效"),
    "expires_at": N_("到期失效"),
}
"""The times of a proposal that two versions may differ in."""

FOLLOW_UP: Mapping[str, tuple[str, str]] = {
    "planned": (N_("计划做"), "wait"),
    "under_way": (N_("正在做"), "go"),
    "done": (N_("做好了"), "done"),
    "dropped": (N_("不做了"), "rest"),
}
SURVEY: Mapping[str, tuple[str, str]] = {
    "draft": (N_("草稿"), "rest"),
    "open": (N_("正在收集"), "go"),
    "closed": (N_("已经结束"), "done"),
}
NEEDED: Mapping[str, str] = {
    "single": N_("请在这几项里选一项"),
    "multiple": N_("请按题目的要求选，每项只选一次"),
    "scale": N_("请选一个 {low} 到 {high} 的分数"),
    "number": N_("请填 {low} 到 {high} 的整数"),
    "text": N_("请写几个字，最多 {n} 字"),
}
"""What has to be done where an answer does not fit its question."""
NEEDED_WHOLE = N_("请填一个整数，不能超出题目的范围")

LINE: Mapping[str, str] = {
    "post": "chat",
    "raised": "flag",
    "raised_again": "again",
    "advanced": "up",
    "returned": "again",
    "amended": "again",
    "handed_over": "hands",
    "overdue": "clock",
    "discussed": "talk",
    "proposal_written": "scroll",
    "objection_filed": "hand",
    "objection_answered": "comment",
    "objection_asked_again": "hand",
    "objection_marked": "check",
    "objection_withdrawn": "close",
    "moderator_appointed": "person",
    "moderator_ended": "person",
    "poll_announced": "horn",
    "poll_opened": "vote",
    "poll_closed": "vote",
    "poll_held": "clock",
    "poll_extended": "clock",
    "poll_voided": "no",
    "roll_published": "id",
    "roll_changed": "id",
    "result_waits": "clock",
    "filing_due": "clock",
    "filing_overdue": "clock",
    "signed_off": "check",
    "result": "chart",
    "covenant": "book",
    "follow_up": "tool",
}
"""The icon of a line of the public timeline."""
