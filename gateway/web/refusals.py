"""What a page says when it cannot be shown: what happened, and what to do now."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from gateway import problems
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import (
    BadRequest,
    Forbidden,
    Internal,
    NotBuilt,
    NotFound,
    ShequError,
    Unavailable,
)


class Crash(Internal):
    """A page of ours has a fault."""

    code = "web.crash"


@dataclass(frozen=True, slots=True)
class Words:
    """A heading, what to do now, and the picture beside it."""

    title: str
    help: str
    icon: str


ELSE: Final = Words(N_("出了点问题"), N_("请稍后再试；一直不行，请告诉居委会。"), "warn")
BY_STATUS: Final[dict[int, Words]] = {
    400: Words(N_("这个请求看不懂"), N_("请返回上一页，重新试一次。"), "warn"),
    403: Words(N_("这里您暂时不能进"), N_("如果您觉得不应该这样，请联系居委会核实身份。"), "lock"),
    404: Words(
        N_("没有找到这个页面"), N_("可能已经删除，或者您不在这个社区。回首页看看别的吧。"), "pin"
    ),
    429: Words(N_("操作太快了"), N_("请歇一会儿再试。"), "clock"),
    501: Words(N_("这一页还没有建好"), N_("我们正在建设，建好之前不会假装能用。"), "tool"),
    503: Words(N_("这项服务正在维护"), N_("请过一会儿再试，您已提交的内容不会丢。"), "tool"),
}
GENERAL: Final = frozenset(
    cls.code for cls in (BadRequest, Forbidden, Internal, NotBuilt, NotFound, Unavailable)
)
"""Codes whose own words say no more than the heading."""


async def show(visit: Visit, error: ShequError) -> Response:
    """The page for an error; htmx gets the same, to be shown whole."""
    words = BY_STATUS.get(error.status, ELSE)
    said = "" if error.code in GENERAL else visit.told(error)
    response = await visit.page(
        "refusal.html", status=error.status, words=words, said=said, error=error
    )
    response.headers.update(problems.come_again(error))
    if visit.partial:
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Reselect"] = "body"
    return response
