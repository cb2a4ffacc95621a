"""Operations of the bridge at its joint consultations."""

from datetime import UTC, datetime, timedelta

from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE, _triaged
from tests.support.matrix.rows import Command, Row, place, self_


def _due() -> str:
    return (datetime.now(UTC) + timedelta(days=20)).isoformat()


def _opened(h: House) -> Command:
    """A consultation to which a department was invited."""
    asked: Command = {"departments": ["区房管局"], "minutes": "内部"}
    return h.ask(h.secretary, "openJointConsultation", **_triaged(h, "dispose"), **asked)


def _one(h: House) -> Command:
    return {"id": _opened(h)["id"]}


def _seat(h: House) -> Command:
    one = _opened(h)
    return {"id": one["id"], "seat_id": one["seats"][0]["id"]}


def _planned(h: House) -> Command:
    """A meeting that was not held yet."""
    meeting = {"planned_at": _due(), "place": "居委会"}
    one = h.ask(h.secretary, "planJointMeeting", **_one(h), **meeting)
    (planned,) = [found for found in one["meetings"] if found["state"] == "planned"]
    return {"id": one["id"], "meeting_id": planned["id"]}


def _met(h: House) -> Command:
    """The meeting that decided on the consultation."""
    one = _opened(h)
    return {"id": one["id"], "meeting_id": one["meetings"][0]["id"]}


def _action(h: House) -> Command:
    """What the department has to do."""
    draft = {"what": "鉴定", "owner": "department", "department": "区房管局", "due_at": _due()}
    one = h.ask(h.secretary, "addJointAction", **_one(h), **draft)
    return {"id": one["id"], "action_id": one["actions"][0]["id"]}


CONSULTATIONS: dict[str, Row] = {
    "openJointConsultation": place(
        lambda h, _who: {**_triaged(h, "dispose"), "departments": ["区房管局"]}
    ),
    "listJointConsultations": place(lambda _h, _who: HERE),
    "listMyJointConsultations": self_(),
    "getJointConsultation": place(lambda h, _who: _one(h)),
    "inviteDepartment": place(lambda h, _who: {**_one(h), "department": "区水务局"}),
    "answerDepartmentInvitation": place(lambda h, _who: {**_seat(h), "accept": True}),
    "withdrawDepartmentInvitation": place(lambda h, _who: {**_seat(h), "reason": "与其无关"}),
    "planJointMeeting": place(lambda h, _who: {**_one(h), "planned_at": _due(), "place": "居委会"}),
    "settleJointMeeting": place(lambda h, _who: {**_planned(h), "state": "held"}),
    "writeJointMinutes": place(lambda h, _who: {**_met(h), "version": 1, "published": "已商定"}),
    "listJointMinutes": place(lambda h, _who: _met(h)),
    "addJointAction": place(lambda h, _who: {**_one(h), "what": "清运", "due_at": _due()}),
    "moveJointAction": place(lambda h, _who: {**_action(h), "move": "start"}),
    "concludeJointConsultation": place(
        lambda h, _who: {**_one(h), "outcome": "returned", "words": "由居委会继续"}
    ),
}
