"""How the story of a reported problem is told on its thread (发帖必响应、问题必反馈).

Each event about an issue becomes one entry among the comments, in the words of neighbours. The
table :data:`TELLERS` says who tells what; an event without a row is not told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from services.contracts import events as e
from services.contracts.actor import Role

# China keeps one time zone without summer time.
_BEIJING: Final = timezone(timedelta(hours=8))

GRID_NAME: Final = "网格管理平台"
COMMITTEE_NAME: Final = "居委会"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the story.

    Attributes:
        step: a stable key for clients.
        text: what happened, in Chinese.
        official: told by an office, not by the reporter.
        actor_id: whose card is shown; None for an office without an account here.
        actor_role: the role in which it was done.
        actor_name: the office's name, shown when there is no card.
    """

    step: str
    text: str
    official: bool
    actor_id: str | None
    actor_role: str
    actor_name: str
    attachments: tuple[e.Attachment, ...] = ()


CATEGORIES: Final = {"consult": "咨询", "advise": "建议", "dispose": "处置", "8x": "8+X 难题"}
STEPS: Final = {
    "site_visit": "现场查看",
    "talk": "约谈",
    "undertaking": "承诺整改",
    "check": "复查",
}
OUTCOMES: Final = {"solved": "（自治解决）", "failed": "（自治未能解决）"}
RESULTS: Final = {
    "solved": "问题已解决",
    "answered": "已答复",
    "refused": "不予受理",
    "grid_closed": "网格工单已结案",
    "grid_refused": "网格平台未予立案",
    "cancelled": "已撤销",
}
GRID_STATES: Final = {
    "reported": "已上报",
    "accepted": "已受理",
    "rejected": "不予受理",
    "duplicate": "与已有工单重复",
    "verifying": "现场核实中",
    "registered": "已立案",
    "not_registered": "不予立案",
    "dispatched": "已派遣",
    "returned": "部门退单",
    "disposing": "处置中",
    "extension_requested": "申请延期",
    "suspended": "挂起",
    "disposed": "处置完成",
    "checking": "现场核查中",
    "rework": "返工",
    "closed": "结案",
    "evaluated": "已评价",
    "reopened": "重新办理",
    "cancelled": "作废",
}
LEVELS: Final = {"committee": COMMITTEE_NAME, "town": "街镇", "district": "区"}
OFFICES: Final = {
    Role.SECRETARY.value: "社区书记",
    Role.COMMITTEE_STAFF.value: COMMITTEE_NAME,
    Role.PROPERTY_MANAGER.value: "物业",
    Role.OWNERS_COMMITTEE.value: "业委会",
    Role.DEPARTMENT_STAFF.value: "责任部门",
    Role.TOWN_ADMIN.value: "街镇",
    Role.DISTRICT_ADMIN.value: "区",
}
PARTIES: Final = {"property": "物业", "owners_committee": "业委会", "department": "责任部门"}
MERGES: Final = {
    ("merged", "asked"): "居委会建议将本问题与另一条相同的反映合并，已征求反映人意见",
    ("merged", "agreed"): "本问题已并入另一条相同的反映，结果会在这里一并告知",
    ("merged", "refused"): "反映人不同意合并，本问题单独办理",
    ("merged", "undone"): "居委会已撤销合并，本问题单独办理",
    ("into", "asked"): "居委会建议将另一条相同的反映并入本问题，已征求其反映人意见",
    ("into", "agreed"): "另一条相同的反映已并入本问题",
    ("into", "refused"): "另一条反映的反映人不同意合并，仍单独办理",
    ("into", "undone"): "居委会已撤销另一条反映与本问题的合并",
}
CONCLUSIONS: Final = {
    "resolved": "问题已解决",
    "unresolvable": "经会商暂时无法解决",
    "handed_over": "转为 8+X 事项，上报网格",
    "returned": "由居委会继续办理",
}
NAMELESS: Final = "反映人"


def local_time(moment: datetime) -> str:
    """``moment`` as people here read it."""
    at = moment.astimezone(_BEIJING)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def said(label: str, *parts: str) -> str:
    """``【label】`` and the parts that say something, each a sentence."""
    sentences = (part.strip() for part in parts)
    return f"【{label}】" + "".join(
        sentence if sentence[-1] in "。！？!?…" else f"{sentence}。"
        for sentence in sentences
        if sentence
    )


def _by_staff(event: Any, step: str, text: str) -> Entry:
    return Entry(
        step,
        text,
        official=True,
        actor_id=event.actor_id,
        actor_role=event.actor_role,
        actor_name=OFFICES.get(event.actor_role, COMMITTEE_NAME),
        attachments=tuple(getattr(event, "attachments", ())),
    )


def _by_reporter(
    event: e.IssueRated | e.IssueReopened | e.IssueConfirmed, step: str, text: str
) -> Entry:
    return Entry(
        step,
        text,
        official=False,
        actor_id=None if event.nameless else event.reporter_id,
        actor_role=Role.RESIDENT,
        actor_name=NAMELESS if event.nameless else "",
    )


def _reported(event: e.IssueReported) -> Entry | None:
    if not event.from_post:
        return None  # the post itself tells it
    return Entry(
        "reported",
        said("登记为问题", "居委会已将此帖登记为社区问题，办理过程在此公布"),
        official=True,
        actor_id=event.taken_up_by,
        actor_role=Role.COMMITTEE_STAFF,
        actor_name=COMMITTEE_NAME,
    )


def _triaged(event: e.IssueTriaged) -> Entry:
    promise = f"承诺于 {local_time(event.due_at)} 前答复" if event.due_at else ""
    kind = f"归为“{CATEGORIES[event.category]}”类"
    return _by_staff(event, "triaged", said("已受理", kind, promise))


def _answered(event: e.IssueAnswered) -> Entry:
    return _by_staff(event, event.outcome, event.body)


def _tried(event: e.SelfGovernanceRecorded) -> Entry:
    due = f"期限 {local_time(event.due_at)}" if event.due_at else ""
    note = event.note.strip().rstrip("。") + OUTCOMES.get(event.outcome or "", "")
    return _by_staff(event, event.step, said(STEPS[event.step], note, due))


def _escalated(event: e.IssueEscalated) -> Entry:
    label = "紧急上报网格" if event.urgent else "上报网格"
    order = f"已生成网格工单 {event.work_order_no}"
    return _by_staff(event, "escalated", said(label, order, event.reason))


def _progressed(event: e.IssueProgressed) -> Entry:
    name = event.department or GRID_NAME
    state = GRID_STATES.get(event.state, event.state)
    return Entry(
        event.state,
        said("网格工单", f"{name}：{state}", event.note),
        official=True,
        actor_id=None,
        actor_role=event.actor_role,
        actor_name=name,
        attachments=tuple(event.attachments),
    )


def _urged(event: e.IssueUrged) -> Entry:
    who = LEVELS[event.level]
    return _by_staff(event, "urged", said("督办", f"{who}督办网格工单", event.reason))


def _withdrawn(event: e.IssueWithdrawn) -> Entry:
    return _by_staff(event, "withdrawn", said("申请撤回", "已请网格平台撤回工单", event.reason))


def _amended(event: e.IssueAmended) -> Entry:
    return _by_staff(event, "amended", said("补充情况", event.note))


def _closed(event: e.IssueClosed) -> Entry:
    from_grid = event.result.startswith("grid_")
    order = f"网格工单 {event.work_order_no}" if event.work_order_no else ""
    return Entry(
        "issue_closed",
        said("办结", RESULTS[event.result], order, event.note),
        official=True,
        actor_id=None,
        actor_role=Role.GRID_OPERATOR if from_grid else Role.COMMITTEE_STAFF,
        actor_name=GRID_NAME if from_grid else COMMITTEE_NAME,
        attachments=tuple(event.attachments),
    )


def _rated(event: e.IssueRated) -> Entry:
    verdict = "问题已解决" if event.solved else "问题没有解决"
    return _by_reporter(event, "rated", said("评价", f"{event.score} 分，{verdict}"))


def _reopened(event: e.IssueReopened) -> Entry:
    return _by_reporter(event, "issue_reopened", said("重新打开", event.reason))


def _confirmed(event: e.IssueConfirmed) -> Entry:
    if event.merged_into:
        return _by_committee("confirmed", said("办结", "相同的问题已由其反映人确认解决"))
    verdict = "问题已解决" if event.solved else "问题还没有解决"
    step = "confirmed" if event.solved else "not_confirmed"
    return _by_reporter(event, step, said("居民确认", verdict, event.comment))


def _promise_moved(event: e.PromiseMoved) -> Entry:
    was, due = local_time(event.was_due_at), local_time(event.due_at)
    return _by_committee(
        "promise_moved", said("承诺期限调整", f"工作日安排公布后，期限由 {was} 调整为 {due}")
    )


def _referral(event: e.ReferralChanged) -> Entry:
    party = event.department or PARTIES[event.party]
    label, head = {
        "open": ("转办", f"已转请{party}办理，承诺期限不变"),
        "done": (f"{party}答复", ""),
        "declined": (f"{party}退回", ""),
        "withdrawn": ("撤回转办", f"不再由{party}办理"),
    }[event.state]
    step = "referred" if event.state == "open" else f"referral_{event.state}"
    return _by_staff(event, step, said(label, head, event.words))


def _merge(event: e.MergeChanged) -> Entry:
    return _by_committee(
        f"merge_{event.state}", said("合并", MERGES[event.side, event.state], event.reason)
    )


def _consultation(event: e.JointConsultationChanged) -> Entry | None:
    """A joint consultation. What is only brought to mind is not told; her own word is elsewhere."""
    if event.what == "action_due" or event.actor_role == Role.RESIDENT:
        return None
    who = "、".join(event.departments)
    when = local_time(event.due_at) if event.due_at else ""
    promise = (
        f"承诺于 {local_time(event.promise_due_at)} 前反馈进展" if event.promise_due_at else ""
    )
    sentences = {
        "opened": (f"已邀请{who}参加", event.words, promise),
        "invited": (f"增邀{who}参加",),
        "uninvited": (f"{who}不再参加",),
        "accepted": (f"{who}将参加",),
        "declined": (f"{who}表示不参加",),
        "meeting_planned": (f"会议定于 {when} 召开",),
        "meeting_held": (f"{when} 的会议已召开", event.words),
        "meeting_cancelled": (f"{when} 的会议取消", event.words),
        "minutes_published": (f"{when} 会议纪要", event.words),
        "action_added": (event.words, f"责任方：{who}", f"期限 {when}", promise),
        "action_started": ("开始办理", event.words, promise),
        "action_done": ("已完成", event.words, promise),
        "action_dropped": ("不再办理", event.words, promise),
        "action_postponed": ("延期", event.words, f"新期限 {when}", promise),
        "action_overdue": (event.words, f"责任方：{who}", f"期限 {when} 已过，尚未完成"),
        "concluded": (CONCLUSIONS.get(event.outcome or "", ""), event.words, promise),
    }
    told = said("联合会商", *sentences[event.what])
    if event.actor_role == "clock":
        return _by_committee(f"consultation_{event.what}", told)
    return _by_staff(event, f"consultation_{event.what}", told)


def _by_committee(step: str, text: str) -> Entry:
    """Told by the committee, whoever decided: that person's name may be hidden."""
    return Entry(
        step,
        text,
        official=True,
        actor_id=None,
        actor_role=Role.COMMITTEE_STAFF,
        actor_name=COMMITTEE_NAME,
    )


TELLERS: Final[dict[type[e.Event], Callable[[Any], Entry | None]]] = {
    e.IssueReported: _reported,
    e.IssueTriaged: _triaged,
    e.IssueAnswered: _answered,
    e.SelfGovernanceRecorded: _tried,
    e.IssueEscalated: _escalated,
    e.IssueProgressed: _progressed,
    e.IssueUrged: _urged,
    e.IssueWithdrawn: _withdrawn,
    e.IssueAmended: _amended,
    e.IssueClosed: _closed,
    e.IssueRated: _rated,
    e.IssueReopened: _reopened,
    e.IssueConfirmed: _confirmed,
    e.ReferralChanged: _referral,
    e.MergeChanged: _merge,
    e.PromiseMoved: _promise_moved,
    e.JointConsultationChanged: _consultation,
}


def entry_for(event: e.Event) -> Entry | None:
    """The entry that ``event`` adds to the thread; None when it adds none."""
    tell = TELLERS.get(type(event))
    return tell(event) if tell else None
