"""Operations of the bridge's clocks: working days, limits, posts that wait for an answer."""

from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE
from tests.support.matrix.rows import Command, Row, place, self_

DISTRICT: Command = {"did": "d"}
YEAR: Command = {**DISTRICT, "year": 2031, "days": [], "source": "国办发"}
SPAN: Command = {**HERE, "from": "2026-03-01", "to": "2026-03-31"}


def _limits(h: House) -> Command:
    """Limits upon those that stand."""
    version = h.ask(h.secretary, "getLimits", **DISTRICT)["version"]
    return {**DISTRICT, "version": version, "limits": [{"stage": "advise", "days": 4}]}


ROWS: dict[str, Row] = {
    "getCalendar": self_(lambda _h, _who: DISTRICT),
    "putCalendarYear": place(lambda _h, _who: YEAR),
    "getLimits": self_(lambda _h, _who: DISTRICT),
    "putLimits": place(lambda h, _who: _limits(h)),
    "listLimitVersions": self_(lambda _h, _who: DISTRICT),
    "listUnansweredPosts": place(lambda _h, _who: HERE),
    "getPostResponse": place(lambda _h, _who: SPAN),
}
