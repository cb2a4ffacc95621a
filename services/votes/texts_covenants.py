"""What the timeline says of covenants and of what became of decisions, in neighbours' words."""

from datetime import date, datetime
from typing import Final

from services.title_marks import marked
from services.votes.domain.days import day_of

STATES: Final[dict[str, str]] = {
    "not_yet": "公约尚未生效",
    "in_force": "公约开始生效",
    "expired": "公约期满失效",
    "repealed": "公约废止生效",
}
REVIEW: Final = "公约定期复评：请邻居们看看它是否还合适"
STAYS: Final = "公约已复评，继续施行"
_CHANGES: Final[dict[str, str]] = {"new": "形成公约", "amended": "修订公约", "repealed": "废止公约"}
ITEM_STATES: Final[dict[str, str]] = {
    "planned": "计划中",
    "under_way": "进行中",
    "done": "已完成",
    "dropped": "不再实施",
}


def day(on: date) -> str:
    """A day as people here read it."""
    return f"{on.year}年{on.month}月{on.day}日"


def adopted(change: str, title: str, effective_at: datetime, expires_at: datetime | None) -> str:
    """What was decided, from when and until when."""
    said = f"{_CHANGES[change]}{marked(title)}，{day(day_of(effective_at))}起生效"
    return said if expires_at is None else f"{said}，至{day(day_of(expires_at))}"


def planned(what: str, who: str, due_on: date | None) -> str:
    """Somebody will do something."""
    until = f"，{day(due_on)}前完成" if due_on else ""
    return f"后续事项：{what}（{who}{until}）"


def moved(what: str, state: str) -> str:
    """How something is coming along."""
    return f"后续事项“{what}”：{ITEM_STATES[state]}"


def until(due_on: date) -> str:
    """By when something will be done."""
    return f"{day(due_on)}前完成"


def late(what: str, who: str, due_on: date) -> str:
    """Something was not done in time."""
    return f"后续事项“{what}”（{who}）应于{day(due_on)}前完成，已逾期"
