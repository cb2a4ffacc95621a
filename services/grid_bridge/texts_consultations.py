"""What the timeline says of a joint consultation (联合会商)."""

from collections.abc import Iterable
from datetime import datetime

from services.contracts.events.grid_bridge import ConsultationOutcome
from services.grid_bridge.texts import day, joined

OUTCOMES: dict[ConsultationOutcome, str] = {
    "resolved": "联合会商结束，问题已解决",
    "unresolvable": "联合会商结束，问题暂无法解决",
    "handed_over": "联合会商结束，转为 8+X 事项上报网格管理平台",
    "returned": "联合会商结束，由居委会继续办理",
}
CONFIRMED = "反映人确认已解决"
MOVES = {
    "start": "会商事项开始办理",
    "finish": "会商事项已完成",
    "drop": "会商事项不再办理",
    "postpone": "会商事项延期",
}


def named(departments: Iterable[str]) -> str:
    """Departments in a row, each once."""
    return "、".join(dict.fromkeys(departments))


def opened(departments: Iterable[str], reason: str, promised: datetime) -> str:
    """Departments were invited; by when the resident hears the next word."""
    head = f"已发起联合会商，邀请{named(departments)}参加"
    return joined(head, reason, _promised(promised))


def invited(department: str) -> str:
    """One more."""
    return f"联合会商增邀{department}"


def uninvited(department: str) -> str:
    """One less."""
    return f"{department}不再参加联合会商"


def answered(department: str, *, accepts: bool) -> str:
    """The department's answer; why it declines stays with the staff."""
    return f"{department}{'将参加' if accepts else '表示不参加'}联合会商"


def planned(at: datetime, *, online: bool) -> str:
    """A meeting."""
    return f"联合会商会议定于 {day(at)}{'（线上）' if online else ''}召开"


def settled(at: datetime, *, held: bool, reason: str | None) -> str:
    """It was held, or not."""
    return joined(f"{day(at)} 的联合会商会议{'已召开' if held else '取消'}", reason or "")


def minutes(at: datetime, published: str) -> str:
    """What neighbours read of a meeting's minutes."""
    return joined(f"{day(at)} 联合会商会议纪要", published)


def agreed(what: str, owner: str, due_at: datetime, promised: datetime) -> str:
    """An action."""
    return joined(
        "会商确定事项", what, f"责任方：{owner}", f"期限 {day(due_at)}", _promised(promised)
    )


def moved(act: str, what: str, note: str, due_at: datetime | None, promised: datetime) -> str:
    """What became of an action."""
    return joined(
        MOVES[act], what, note, f"新期限 {day(due_at)}" if due_at else "", _promised(promised)
    )


def reminder(what: str, due_at: datetime) -> str:
    """The date of an action is near; for the staff."""
    return joined(f"会商事项期限 {day(due_at)} 临近", what)


def overdue(what: str, owner: str, due_at: datetime) -> str:
    """The date of an action has passed."""
    return joined(f"会商事项期限 {day(due_at)} 已过，尚未完成", what, f"责任方：{owner}")


def concluded(outcome: ConsultationOutcome, words: str) -> str:
    """How it came out."""
    return joined(OUTCOMES[outcome], words)


def _promised(at: datetime) -> str:
    return f"承诺 {day(at)} 前反馈进展"
