"""Who hears of a work order besides those whose problem it is, and in which words.

The grid's operators (网格操作员) hear of what hurries: an urgent order, one that is urged (督办),
one whose promise is near its limit or past it. The committee hears when somebody above it urges.
"""

from typing import Final

from services.contracts import events as e
from services.contracts.actor import Role
from services.notify.domain.issue_rules import DESK
from services.notify.domain.news import SILENT, Audience, Kind, OnDuty, Rule, Why, committee
from services.notify.domain.templates import Wording, say

ORDER: Final = "/work-orders/{work_order_no}"


def _grid(event: e.IssueEscalated | e.IssueUrged | e.PromiseAtRisk | e.PromiseBroken) -> Audience:
    return OnDuty(frozenset({Role.GRID_OPERATOR}), event.path)


def _urgent(event: e.IssueEscalated) -> str:
    return "urgent" if event.urgent else SILENT


def _from_above(event: e.IssueUrged) -> str:
    return "urged_above" if event.level != "committee" else SILENT


def _at_risk(event: e.PromiseAtRisk) -> str:
    return "at_risk" if event.work_order_no else SILENT


def _broken(event: e.PromiseBroken) -> str:
    """Told to the grid once, with the first rung; the others climb to who is above it."""
    return "broken" if event.work_order_no and event.level == "committee" else SILENT


ORDER_RULES: tuple[Rule, ...] = (
    *(
        Rule(event, _grid, Kind.WORK_ORDER, Why.ON_DUTY, ORDER, vary, (variant,))
        for event, vary, variant in (
            (e.IssueEscalated, _urgent, "urgent"),
            (e.IssueUrged, lambda _event: "urged", "urged"),
            (e.PromiseAtRisk, _at_risk, "at_risk"),
            (e.PromiseBroken, _broken, "broken"),
        )
    ),
    Rule(
        e.IssueUrged,
        committee,
        Kind.WORK_ORDER,
        Why.ON_DUTY,
        DESK,
        _from_above,
        ("urged_above",),
    ),
)

ORDER_WORDS: dict[tuple[Kind, str], Wording] = {
    (Kind.WORK_ORDER, "urgent"): say(
        "紧急工单 {work_order_no}：「{title}」", "Urgent work order {work_order_no}: “{title}”"
    ),
    (Kind.WORK_ORDER, "urged"): say(
        "工单 {work_order_no} 被督办：「{title}」", "Work order {work_order_no} is urged: “{title}”"
    ),
    (Kind.WORK_ORDER, "urged_above"): say(
        "上级督办了工单 {work_order_no}：「{title}」",
        "Work order {work_order_no} is urged from above: “{title}”",
    ),
    (Kind.WORK_ORDER, "at_risk"): say(
        "工单 {work_order_no} 即将到期：「{title}」",
        "Work order {work_order_no} is due soon: “{title}”",
        "对居民承诺的期限：{due}。",
        "The resident was promised {due}.",
    ),
    (Kind.WORK_ORDER, "broken"): say(
        "工单 {work_order_no} 已超期：「{title}」",
        "Work order {work_order_no} is late: “{title}”",
        "对居民承诺的期限：{due}。",
        "The resident was promised {due}.",
    ),
}
