"""What the timeline says, in the words of neighbours."""

from datetime import datetime

from services.contracts.operations.grid_bridge import AnswerOutcome, Outcome, Step
from services.grid_bridge.domain.issue import Category
from services.grid_bridge.domain.sla import ZONE, Rung
from services.grid_bridge.domain.work_order import State

CATEGORIES: dict[Category, str] = {
    Category.CONSULT: "咨询",
    Category.ADVISE: "建议",
    Category.DISPOSE: "处置",
    Category.HARD: "8+X",
}
OUTCOMES: dict[AnswerOutcome, str] = {
    "answered": "居委会答复",
    "fixed": "已处理完毕",
    "refused": "暂不受理",
}
STEPS: dict[Step, str] = {
    "site_visit": "现场查看",
    "talk": "约谈",
    "undertaking": "承诺整改",
    "check": "复查",
}
ENDINGS: dict[Outcome, str] = {"solved": "自治解决", "failed": "自治未能解决"}
STATES: dict[State, str] = {
    State.REPORTED: "工单待受理",
    State.ACCEPTED: "网格平台已受理",
    State.REJECTED: "网格平台不予受理",
    State.DUPLICATE: "网格平台认定为重复工单",
    State.VERIFYING: "监督员正在核实",
    State.REGISTERED: "已立案",
    State.NOT_REGISTERED: "网格平台不予立案",
    State.DISPATCHED: "已派遣",
    State.RETURNED: "部门回退，重新派遣中",
    State.DISPOSING: "正在处置",
    State.EXTENSION_REQUESTED: "已申请延期",
    State.SUSPENDED: "已挂账",
    State.DISPOSED: "已处置，等待核查",
    State.CHECKING: "正在核查",
    State.REWORK: "核查未通过，返工",
    State.CLOSED: "已结案",
    State.EVALUATED: "已收到评价",
    State.REOPENED: "已重办",
    State.CANCELLED: "工单已作废",
}
POST_FORMULAS = {
    "staff_in_time": "时限内得到居委会等官方回复的帖子 ÷（已得到官方回复 + 已到时限仍未回复）",
    "staff": "得到居委会等官方回复的帖子 ÷（已得到官方回复 + 已到时限仍未回复）",
    "neighbour_in_time": "时限内得到邻居回复的帖子 ÷（已得到官方回复 + 已到时限仍未回复）",
    "neighbour": "得到邻居回复的帖子 ÷（已得到官方回复 + 已到时限仍未回复）",
}
LEVELS = {"committee": "居委会", "town": "街镇", "district": "区"}


def day(moment: datetime) -> str:
    """A moment as residents read it: 3月5日 14:00."""
    local = moment.astimezone(ZONE)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def joined(head: str, *parts: str) -> str:
    """``head`` and what else there is to say, each after the other."""
    return "：".join((head, "；".join(part for part in parts if part))) if any(parts) else head


def reported(*, from_post: bool, assisted: bool = False) -> str:
    """The first line of every issue; who helped is not named here, the name may be hidden."""
    if from_post:
        return "居委会已将帖子登记为问题"
    return f"已{'由代办人' if assisted else ''}上报，等待居委会受理"


def triaged(category: Category, slot_name: str | None, due_at: datetime) -> str:
    """What it was found to be, and the promise."""
    kind = f"{CATEGORIES[category]}类" + (f"（{slot_name}）" if slot_name else "")
    return f"居委会已受理，归为{kind}，承诺 {day(due_at)} 前反馈"


def classified(category: Category, slot_name: str | None, confidence: float) -> str:
    """The classifier's advice, for staff."""
    kind = CATEGORIES[category] + (f"·{slot_name}" if slot_name else "")
    return f"系统建议：{kind}（置信度 {confidence:.0%}），请人工确认"


def step(
    kind: Step,
    note: str,
    spoke_with: str | None,
    due_at: datetime | None,
    outcome: Outcome | None,
) -> str:
    """A step of self-governance."""
    return joined(
        STEPS[kind],
        f"对象：{spoke_with}" if spoke_with else "",
        note,
        f"期限 {day(due_at)}" if due_at else "",
        ENDINGS[outcome] if outcome else "",
    )


def escalated(no: str, *, urgent: bool) -> str:
    """The issue left the neighbourhood's hands."""
    return f"已{'紧急' if urgent else ''}上报网格管理平台，工单号 {no}"


def grid_state(state: State, department: str, note: str) -> str:
    """What the platform told."""
    return joined(STATES[state], department, note)


def refused(state: State) -> str:
    """The platform did not do it; what the resident may do now."""
    return f"{STATES[state]}，问题尚未解决，您可以要求重新办理"


def rated(score: int, *, solved: bool, comment: str) -> str:
    """The reporter's judgement."""
    return joined(f"反映人评价 {score} 分，{'已解决' if solved else '未解决'}", comment)


def own_catalogue(number: int) -> str:
    """Whose list a district's own catalogue is."""
    return f"本区自行维护的“8+X”目录，第 {number} 版；并非全市统一清单。"


def alarm(rung: Rung, due_at: datetime) -> str:
    """A promise is near its limit, or past it."""
    if rung.kind == "at_risk":
        return f"承诺期限 {day(due_at)} 临近"
    return f"承诺期限 {day(due_at)} 已过，已提醒{LEVELS[rung.level]}"


def promise_moved(was: datetime, due_at: datetime) -> str:
    """The working days became known after the promise was made."""
    return f"工作日安排公布后，承诺期限由 {day(was)} 调整为 {day(due_at)}"


def deadline_moved(was: datetime, due_at: datetime) -> str:
    """The same, of an order, to the platform."""
    return f"工作日安排公布后，办理期限由 {day(was)} 更正为 {day(due_at)}"


def urged(level: str, reason: str) -> str:
    """The order was urged (督办)."""
    return joined(f"{LEVELS[level]}已督办网格工单", reason)


def withdrawal_asked(reason: str) -> str:
    """The platform was asked for the order back."""
    return joined("已向网格管理平台申请撤回工单", reason)


def amended(note: str) -> str:
    """The platform was told more."""
    return joined("已向网格管理平台补充情况", note)
