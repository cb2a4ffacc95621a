"""A plan's figures and keys in words: what its differences and its printed form say."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.grid_bridge.domain.sla import ZONE

Item = Mapping[str, Any]

STATES: Final = {
    "draft": "草案",
    "open": "征求意见",
    "adopted": "已通过",
    "in_progress": "实施中",
    "finished": "已完成",
    "withdrawn": "已撤回",
}
ITEM_STATES: Final = {
    "planned": "未开始",
    "doing": "进行中",
    "done": "已完成",
    "dropped": "不再实施",
}
OWNERS: Final = {
    "committee": "居委会",
    "property": "物业",
    "owners_committee": "业委会",
    "department": "部门",
    "person": "负责人",
}
SOURCES: Final = {
    "maintenance_fund": "维修资金",
    "public_revenue": "公共收益",
    "treasury": "财政资金",
    "self_raised": "自筹",
    "other": "其他",
}
OFFICES: Final = {"secretary": "社区书记", "committee_staff": "居委会"}


def yuan(fen: int) -> str:
    """Money as people write it: 1,234.50 元."""
    return f"{fen // 100:,}.{fen % 100:02d} 元"


def moment(at: datetime) -> str:
    """A moment as people here read it."""
    here = at.astimezone(ZONE)
    return f"{day(here.date())} {here:%H:%M}"


def day(on: date) -> str:
    """A day as people here read it."""
    return f"{on.year}年{on.month}月{on.day}日"


def one_evidence(one: Item) -> str:
    """On what an item rests, in one line."""
    note = f"：{one['note']}" if one["note"] else ""
    match one["kind"]:
        case "hot_topic":
            return f"{one['month']} 热点 {one['ref']}{note}"
        case "survey_answer":
            return f"问卷 {one['ref']}{note}"
        case "issues":
            return f"居民反映 {one['count'] or len(one['issue_ids'])} 件{note}"
        case _:
            return f"{day(date.fromisoformat(one['on']))} 现场走访{note}"


def owner(found: Item | None) -> str:
    """Who sees to an item; a department or a person by its name."""
    if found is None:
        return ""
    return found["name"] or OWNERS[found["kind"]]


def budget(found: Item | None) -> str:
    """How much, from where."""
    if found is None:
        return ""
    note = f"，{found['note']}" if found["note"] else ""
    return f"{yuan(found['amount_fen'])}（{SOURCES[found['source']]}{note}）"


_FIELDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "evidence": lambda found: "；".join(one_evidence(one) for one in found),
    "owner": owner,
    "budget": budget,
    "due_on": lambda found: day(date.fromisoformat(found)) if found else "",
}
_LABELS: Final = {"evidence": "依据", "owner": "责任人", "budget": "预算", "due_on": "完成日期"}


def field(item: Item, name: str) -> str:
    """One field of an item."""
    return _FIELDS.get(name, str)(item[name])


def whole(item: Item) -> str:
    """An item in one text, a line for each field that says something."""
    said = [(label, field(item, name)) for name, label in _LABELS.items()]
    return "\n".join(
        [item["title"], *filter(None, [item["text"]]), *(f"{a}：{b}" for a, b in said if b)]
    )
