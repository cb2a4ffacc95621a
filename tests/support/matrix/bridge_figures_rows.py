"""Operations of the bridge that tell figures."""

from services.contracts.actor import Actor
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place


def _span(h: House) -> Command:
    day = h.now.date().replace(day=1).isoformat()  # not ahead, whatever the zone
    return {"from": day, "to": day}


def _here(h: House, _who: Actor) -> Command:
    return {"cid": "c-home", **_span(h)}


FIGURES: dict[str, Row] = {
    "kpis": place(lambda h, _who: {"did": "d", "town": "t", **_span(h)}),
    "communityKpis": place(_here),
    "issueCounts": place(lambda _h, _who: {"cid": "c-home"}),
    "issueBreakdown": place(_here),
    "districtStanding": place(lambda _h, _who: {"did": "d", "town": "t"}),
}
