"""What is said of an issue where anybody may read it (Open311): states and steps, never people."""

from collections.abc import Mapping
from typing import Final

from services.grid_bridge.domain.issue import Status
from services.grid_bridge.domain.work_order import State
from services.grid_bridge.texts import STATES as ORDER_STATES
from services.grid_bridge.texts_handling import RESULTS

RECEIVED: Final = "由外部渠道（Open311）匿名反映，等待居委会受理"
NOTICE: Final = "已转交所在居委会，一个工作日内受理；办理状态可按编号查询"
EMERGENCY: Final = "有即时危险（火情、燃气、坠落、伤人）请立即拨打 110、119 或 120，不要在此填报。"
UNWRITTEN: Final = "（未填写说明）"
ATTACHED: Final = "来件附有外部链接，未经核验，请谨慎打开"
_STATUSES: Final[Mapping[Status, str]] = {
    Status.REPORTED: "已上报，待居委会受理",
    Status.TRIAGED: "居委会已受理",
    Status.ANSWERED: "居委会已答复",
    Status.SELF_GOVERNING: "居民自治处置中",
    Status.SOLVED: "已自治解决",
    Status.REFERRED: "已转请有关单位办理",
    Status.ESCALATED: "已上报网格平台",
    Status.IN_CONSULTATION: "多部门联席会商中",
    Status.CLOSED: "已办结",
    Status.REOPENED: "反映人要求重办",
    Status.MERGED: "已并入同类问题办理",
}
STEPS: Final[Mapping[str, str]] = {
    "reported": "已上报",
    "triaged": "居委会已受理并分类",
    "answered": "居委会已答复",
    "site_visit": "已现场查看",
    "talk": "已约谈",
    "undertaking": "已取得整改承诺",
    "check": "已复查",
    "confirmed": "反映人已确认",
    "referred": "已转请有关单位办理",
    "referral_done": "有关单位已办理",
    "escalated": "已上报网格平台",
    "urged": "已督办",
    "merged": "已并入同类问题",
    "shared_outcome": "同类问题已有结果",
    "promise_broken": "承诺期限已过",
    "rated": "反映人已评价",
    "reopened": "反映人要求重办",
    **{str(state): words for state, words in ORDER_STATES.items()},
}
"""Steps of the timeline that are told, in words of their own: the committee's may name people."""


def standing(status: str, result: str | None, order_state: str | None) -> str:
    """Where an issue stands, in a line."""
    now = Status(status)
    if now is Status.ESCALATED and order_state:
        return ORDER_STATES[State(order_state)]
    if now in (Status.ANSWERED, Status.CLOSED, Status.MERGED) and result:
        return RESULTS.get(result, _STATUSES[now])
    return _STATUSES[now]


def neutral(service_name: str, community: str) -> str:
    """What is published in place of words that may not be."""
    return f"{community}居民反映：{service_name}。原文未公开。"
