"""The inbox, how one is told, digests, emergencies at home and on the desk."""

from tests.browser.places import CLERK, HOME, OBSERVER, SECRETARY, Known, Place

BY_THE_STAIRS = "13800000022"
"""Somebody in whose building is drilled: the home of others stays as it is."""


def drilled(known: Known) -> str:
    """A drill that goes on, in one building: somebody said that she needs help."""
    return known.made("drill", _drill)


def over(known: Known) -> str:
    """Another one, that is over."""
    return known.made("past-drill", _past)


def _drill(known: Known) -> str:
    over(known)  # of one place one is open at a time
    drill = _called(known)
    known.put(
        BY_THE_STAIRS, f"/emergencies/{drill}/answer", state="help", need="alone", note="奶奶在家"
    )
    return drill


def _past(known: Known) -> str:
    drill = _called(known)
    known.put(BY_THE_STAIRS, f"/emergencies/{drill}/answer", state="safe")
    known.post(SECRETARY, f"/emergencies/{drill}/close", text="演练结束，谢谢大家。")
    return drill


def _called(known: Known) -> str:
    home = known.get(BY_THE_STAIRS, "/me")["memberships"][0]
    call = {
        "title": "消防演练",
        "message": "请听到广播后走楼梯下楼，到小广场集合，不要乘电梯。",
        "place_id": home["building"]["id"],
        "drill": True,
    }
    path = f"/communities/{HOME}/emergencies"
    looked = known.post(SECRETARY, path, **call)
    made = known.post(SECRETARY, path, **call, dry_run=False, confirm=looked["confirm"])
    return str(made["emergency"]["id"])


def desk(more: str = "", find: object = drilled) -> object:
    return lambda known: f"/console/emergencies/{find(known)}{more}"  # type: ignore[operator]


PLACES = (
    Place("/me/notifications", at="/me/notifications?about=mine", name="notifications-mine"),
    Place(
        "/me/notifications",
        who=CLERK,
        at="/me/notifications?about=duty",
        name="notifications-work",
    ),
    Place("/me/notifications/settings"),
    Place("/me/digests"),
    # none is made before the evening: `test_push_and_doors.py` looks at one
    Place("/digests/{id}", at=f"/digests/{HOME}", name="digest-of-nobody", status=404),
    Place(
        "/emergencies/{id}",
        who=BY_THE_STAIRS,
        at=lambda known: f"/emergencies/{drilled(known)}",
    ),
    Place(
        "/emergencies/{id}",
        who=BY_THE_STAIRS,
        at=lambda known: f"/emergencies/{over(known)}",
        name="emergency-over",
    ),
    Place("/console/emergencies", who=SECRETARY),
    Place("/console/emergencies", who=OBSERVER, name="emergencies-observer"),
    Place("/console/emergencies/new", who=SECRETARY),
    Place("/console/emergencies/{id}", who=SECRETARY, at=desk()),
    Place("/console/emergencies/{id}", who=OBSERVER, at=desk(), name="emergency-observer"),
    Place("/console/emergencies/{id}/counts", who=SECRETARY, at=desk("/counts")),
    Place("/console/emergencies/{id}/doors", who=CLERK, at=desk("/doors")),
    Place(
        "/console/emergencies/{id}/doors",
        who=CLERK,
        at=desk("/doors?state=help"),
        name="doors-help",
    ),
    Place("/console/emergencies/{id}/report", who=SECRETARY, at=desk("/report", over)),
    Place("/console/robot", who=SECRETARY),
)
