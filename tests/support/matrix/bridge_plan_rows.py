"""Operations of the community's plans, and of the outlines of districts."""

from datetime import timedelta

from services.contracts.actor import Actor
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE
from tests.support.matrix.rows import Command, Row, inside, place, self_, thing

ITEM: Command = {
    "title": "更换楼道灯",
    "evidence": [{"kind": "site_visit", "on": "2026-02-20"}],
    "owner": {"kind": "property"},
}
PLAN: Command = {**HERE, "title": "年度方案", "items": [ITEM]}
# So wide that the places of other tests lie within.
OURS: Command = {
    "did": "d",
    "ring": [[119, 29], [124, 29], [124, 34], [119, 34]],
    "source": "测试",
}


def _draft(h: House) -> Command:
    """A draft of the home community."""
    return {"id": h.ask(h.secretary, "createPlan", **PLAN)["id"]}


def _open(h: House) -> Command:
    """A plan that lies open."""
    found = _draft(h)
    step: Command = {"to": "open", "version": 1, "closes_at": h.now + timedelta(days=7)}
    h.ask(h.secretary, "stepPlan", **found, **step)
    return found


def _begun(h: House) -> Command:
    """A plan that is carried out; the week for comments passes by the clock of the house."""
    found = _open(h)
    was, h.now = h.now, h.now + timedelta(days=8)
    try:
        for to in ("adopted", "in_progress"):
            h.ask(h.secretary, "stepPlan", **found, to=to, version=1)
    finally:
        h.now = was
    return {**found, "item": "i1"}


def _comment(h: House, who: Actor | None = None) -> Command:
    """A comment of this person, or of a neighbour."""
    if who is not None:
        h.settle(who)
    said = h.ask(who or h.resident, "commentOnPlan", **_open(h), body="灯太亮了")
    return {"id": said["id"]}


PLANS: dict[str, Row] = {
    "listPlans": inside(lambda _h, _who: HERE),
    "createPlan": place(lambda _h, _who: PLAN),
    "getPlan": inside(lambda h, _who: _open(h)),
    "updatePlan": place(lambda h, _who: {**_draft(h), "version": 1, "title": "新", "items": []}),
    "stepPlan": place(
        lambda h, _who: {**_draft(h), "to": "withdrawn", "version": 1, "reason": "另有安排"}
    ),
    "recordPlanProgress": place(lambda h, _who: {**_begun(h), "note": "已进场"}),
    "comparePlanVersions": inside(lambda h, _who: {**_open(h), "older": 1, "newer": 1}),
    "listPlanComments": inside(lambda h, _who: _open(h)),
    "commentOnPlan": place(lambda h, _who: {**_open(h), "body": "灯太亮了"}),
    "answerPlanComment": place(lambda h, _who: {**_comment(h), "body": "换成可调的"}),
    "decidePlanComment": place(
        lambda h, _who: {**_comment(h), "decision": "hide", "reason": "广告"}
    ),
    "withdrawPlanComment": thing(_comment),
    "exportPlan": inside(lambda h, _who: {**_open(h), "format": "pdf"}),
    "getDistrictBounds": self_(lambda _h, _who: {"did": "d"}),
    "putDistrictBounds": place(lambda _h, _who: OURS),
    "deleteDistrictBounds": place(lambda _h, _who: {"did": "d"}),
}
