"""Operations of the bridge on its cases: referral, merging, me too, intake, work on them."""

from datetime import UTC, datetime, timedelta

from services.contracts.actor import COMMITTEE, Actor, Role
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE, PROBLEM, _issue, _triaged
from tests.support.matrix.rows import Command, Row, inside, place, self_, thing

CALL: Command = {**HERE, "source": "phone", "title": "路灯不亮", "body": "坏了", "anonymous": True}
PARTY = frozenset({Role.PROPERTY_MANAGER})


def _referred(h: House) -> Command:
    """A referral to the property firm."""
    asked: Command = {"to": "property", "note": "请修"}
    return {"id": h.ask(h.secretary, "referIssue", **_triaged(h, "dispose"), **asked)["id"]}


def _two(h: House, who: Actor | None = None) -> Command:
    """Two issues of the same problem."""
    return {**_issue(h, who), "into": _issue(h)["id"]}


def _asked(h: House, who: Actor | None = None) -> Command:
    """An issue whose reporter was asked whether it may be merged."""
    if who is not None:
        h.settle(who)
    merge = _two(h, who)
    h.ask(h.secretary, "mergeIssue", **merge)
    return {"id": merge["id"]}


def _trying(h: House, who: Actor) -> Command:
    """Her issue, while the neighbourhood tries to solve it."""
    h.settle(who)
    found = _triaged(h, "dispose", who)
    h.ask(h.secretary, "recordSelfGovernance", **found, step="talk", note="上门沟通")
    return found


def _absent(h: House, who: Actor | None = None) -> Command:
    """An absence of this person, covered by a colleague; it lies in the future."""
    colleague = h.person((Role.COMMITTEE_STAFF, HOME))
    day = datetime.now(UTC).date() + timedelta(days=30)
    cover: Command = {"from": str(day), "to": str(day), "cover_id": colleague.person_id}
    return {**HERE, **cover, **({"person_id": who.person_id} if who else {})}


def _away(h: House, who: Actor) -> Command:
    if who.holds(COMMITTEE, HOME):
        h.ask(who, "putAbsence", **_absent(h))
    return HERE


def _assigned(h: House, who: Actor) -> Command:
    """An issue for this actor, when she can be given one."""
    handler = who if who.holds(COMMITTEE, HOME) else h.secretary
    return {**_issue(h), "person_id": handler.person_id}


HANDLING: dict[str, Row] = {
    "referIssue": place(
        lambda h, _who: {**_triaged(h, "dispose"), "to": "property", "note": "请修"}
    ),
    "listReferrals": self_(),
    "getReferral": place(lambda h, _who: _referred(h), only=PARTY | COMMITTEE),
    "answerReferral": place(
        lambda h, _who: {**_referred(h), "body": "已修好", "outcome": "done"}, only=PARTY
    ),
    "withdrawReferral": place(lambda h, _who: {**_referred(h), "reason": "改由居委会处理"}),
    "meToo": place(lambda h, _who: _issue(h)),
    "withdrawMeToo": inside(lambda h, _who: _issue(h)),
    "mergeIssue": place(lambda h, _who: _two(h)),
    "undoMerge": place(lambda h, _who: _asked(h)),
    "consentToMerge": thing(lambda h, who: {**_asked(h, who), "agree": True}),
    "findDuplicates": place(lambda h, _who: _issue(h)),
    "findLookAlikes": place(lambda _h, _who: {**HERE, "title": PROBLEM["title"]}),
    "recordIntake": place(lambda _h, _who: CALL),
    "assignIssue": place(_assigned),
    "unassignIssue": place(lambda h, _who: _issue(h)),
    "putAbsence": place(lambda h, _who: _absent(h)),
    "endAbsence": place(_away),
    "listAbsences": place(lambda _h, _who: HERE),
    "getDesk": place(lambda _h, _who: HERE),
    "logMinutes": place(lambda h, _who: {**_issue(h), "minutes": 15}),
    "listMinutes": place(lambda h, _who: _issue(h)),
    "confirmSolved": thing(_trying),
}
