"""How a post is told what became of the question that came from it (一条线从帖子到公约).

Each event about the topic that matters to whoever reads the post becomes one entry among the
comments. The steps in between stand in the topic's own timeline.
"""

from typing import Final

from services.contracts import events as e
from services.contracts.actor import Role
from services.feed.story import COMMITTEE_NAME, Entry, local_time, said
from services.title_marks import marked

BODIES: Final = {"residents_committee": COMMITTEE_NAME, "owners_committee": "业委会"}
ROLES: Final = {
    "residents_committee": Role.COMMITTEE_STAFF,
    "owners_committee": Role.OWNERS_COMMITTEE,
}
STATES: Final = {
    "screened": "问题通过初审，将作为议题发布",
    "discussion": "议题已发布，欢迎大家讨论",
    "actionable": "讨论形成了可操作议题",
    "prior_study": "议题提交社区党组织先行研究",
    "proposal": "议题转化为提案，正在拟定文本",
    "notice": "提案开始公示",
    "voting": "提案开始表决",
    "publicity": "表决通过，结果开始公示",
    "adopted": "公示期满，提案正式通过",
    "refused": "问题未予受理",
    "closed": "议题结束",
}
ENDS: Final = {
    "withdrawn": "提出人撤回了议题",
    "lapsed": "议题已失效",
    "merged": "议题已并入另一条相近的议题",
    "stopped": "议题已终止",
    "voided": "表决已作废，议题结束",
    "annulled": "表决结果已撤销，议题结束",
    "not_passed": "表决未通过，议题结束",
}
CHANGES: Final = {"new": "已订立", "amended": "已修订", "repealed": "已废止"}
LABEL: Final = "议题进展"


def entry_for(event: e.Event) -> Entry | None:
    """The entry that ``event`` adds to the post's thread; None when it adds none."""
    match event:
        case e.TopicRaised():
            who = BODIES[event.convener]
            return Entry(
                "topic_raised",
                said("提出议题", f"由本帖提出问题“{event.title}”，由{who}筛选"),
                official=False,
                actor_id=event.author_id,
                actor_role=Role.RESIDENT,
                actor_name="",
            )
        case e.TopicAdvanced():
            return _advanced(event)
        case e.CovenantAdopted():
            text = f"由本帖引出的公约{marked(event.title)}{CHANGES[event.change]}"
            return _office(event.convener, "covenant_adopted", said("公约", text))
    return None


def _advanced(event: e.TopicAdvanced) -> Entry | None:
    reason = event.reason or ""
    if event.step == "returned":
        text, step = "问题退回提出人修改", "topic_returned"
    elif event.step == "handed_over":
        text, step = f"议题移交{BODIES[event.convener]}办理", "topic_handed_over"
    elif event.step != "advanced":
        return None
    else:
        text = ENDS.get(event.outcome or "", STATES[event.state])
        step = f"topic_{event.state}"
    due = f"期限 {local_time(event.deadline_at)}" if event.deadline_at else ""
    return _office(event.convener, step, said(LABEL, text, reason, due))


def _office(convener: str, step: str, text: str) -> Entry:
    """Told by the convening body, whoever of it decided."""
    return Entry(
        step,
        text,
        official=True,
        actor_id=None,
        actor_role=ROLES[convener],
        actor_name=BODIES[convener],
    )
