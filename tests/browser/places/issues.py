"""Problems in their states, what is known already, concerns, and plans: as the seed tells them."""

from collections.abc import Callable

from tests.browser.places import CLERK, GRANNY_SUN, HOME, OBSERVER, OLD_LU, Known, Place

ALIKE = f"/c/{HOME}/report/alike?title=2号楼前的路灯不亮"


def problem(words: str) -> Callable[[Known], str]:
    """The address of the problem whose title has these words."""

    def find(known: Known) -> str:
        return f"/issues/{known.first(GRANNY_SUN, f'/communities/{HOME}/issues', q=words)['id']}"

    return find


def plan(state: str, part: str = "") -> Callable[[Known], str]:
    """The address of the plan in this state."""

    def find(known: Known) -> str:
        found = known.first(GRANNY_SUN, f"/communities/{HOME}/plans", state=state)
        return f"/plans/{found['id']}{part}"

    return find


PLACES = (
    Place("/c/{cid}/report", who=OBSERVER, at=f"/c/{HOME}/report", name="report-observer",
          status=403),
    Place("/c/{cid}/report/alike", at=ALIKE),
    Place("/c/{cid}/issues", at=f"/c/{HOME}/issues?row=mine", name="issues-mine"),
    Place("/c/{cid}/issues", at=f"/c/{HOME}/issues?status=merged", name="issues-none"),
    Place("/c/{cid}/hot", at=f"/c/{HOME}/hot"),
    Place("/issues/{id}", at=problem("地下车库入口"), who=OLD_LU, name="issue-late"),
    Place("/issues/{id}", at=problem("差点滑倒"), name="issue-to-be-merged"),
    Place("/issues/{id}", at=problem("堆满旧家具"), name="issue-self-governing"),
    Place("/issues/{id}", at=problem("居住证"), name="issue-answered"),
    Place("/issues/{id}", at=problem("消防通道"), who=CLERK, name="issue-work-order"),
    Place("/issues/{id}", at=problem("老年活动室"), who=OLD_LU, name="issue-at-the-table"),
    Place("/issues/{id}", at=problem("鞋柜挡路"), name="issue-solved"),
    Place("/issues/{id}", at=problem("路灯不亮"), who=OBSERVER, name="issue-observer"),
    Place("/c/{cid}/plans", at=f"/c/{HOME}/plans"),
    Place("/plans/{id}", at=plan("open")),
    Place("/plans/{id}", at=plan("in_progress"), name="plan-under-way"),
    Place("/plans/{id}", at=plan("open"), who=OBSERVER, name="plan-observer"),
    Place("/plans/{id}/changes", at=plan("open", "/changes")),
)  # fmt: skip
