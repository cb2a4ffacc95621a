"""Notify's rows of the permission matrix: emergencies.

A call is looked at only, as of one place there is one at a time; what is told, ended or taken again
is so in an emergency of its own, of a building that is made for it.
"""

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.ids import new_id
from services.notify.models import Emergency, EmergencyHousehold, EmergencyMember
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place, self_

FIRE = {"title": "1号楼火情", "message": "请下楼集合。"}
HERE = frozenset({*COMMITTEE, Role.COMMUNITY_POLICE})
"""Whoever serves in the community: the grid's operator is set above it."""


def _open(h: House, **more: object) -> str:
    """An emergency of some building; its id."""
    emergency_id = new_id()
    values = {
        "id": emergency_id,
        "scope": "building",
        "community_id": "c-home",
        "path": f"{HOME}.e1.b{h.number()}",
        "place": "1号楼",
        **FIRE,
        "drill": False,
        "state": "open",
        "called_by": h.secretary.person_id,
        "called_by_role": "secretary",
        "called_at": h.now,
        "doors": "ready",
        **more,
    }
    with h.units["notify"]() as uow:
        uow.session.add(Emergency(**values))
        uow.commit()
    return emergency_id


def _at(h: House, _who: Actor) -> Command:
    return {"id": _open(h)}


def _answered(h: House, who: Actor) -> Command:
    """Whoever lives behind a door is heard, in whatever offices she is elsewhere."""
    emergency_id = _open(h)
    with h.units["notify"]() as uow:
        door = {"position": 0, "building": "1号楼", "unit": "", "room": "101", "people": 1}
        uow.session.add(EmergencyHousehold(emergency_id=emergency_id, ref="h", **door))
        uow.session.add(
            EmergencyMember(emergency_id=emergency_id, person_id=who.person_id, ref="h", away=False)
        )
        uow.commit()
    return {"id": emergency_id, "state": "safe"}


ROWS: dict[str, Row] = {
    "callEmergency": place(lambda _h, _who: {"cid": "c-home", **FIRE}),
    "callDistrictEmergency": place(lambda _h, _who: {"did": "d", "town_id": "t", **FIRE}),
    "listEmergencies": place(lambda _h, _who: {"cid": "c-home"}),
    "listDistrictEmergencies": place(
        lambda _h, _who: {"did": "d", "town_id": "t"},
        only=frozenset(
            {
                Role.GRID_OPERATOR,
                Role.TOWN_ADMIN,
                Role.DISTRICT_ADMIN,
                Role.OBSERVER,
                Role.DISTRICT_ANALYST,
                Role.AUDITOR,
            }
        ),
    ),
    "getEmergency": place(_at),
    "getHeadcount": place(_at),
    "tellEmergency": place(lambda h, who: {**_at(h, who), "text": "请报平安"}),
    "takeDoors": place(
        lambda h, _who: {"id": _open(h, scope="community", doors="lost", drill=True)}
    ),
    "listDoors": place(_at, only=HERE),
    "tickDoors": place(
        lambda h, who: {
            **_at(h, who),
            "ticks": [{"key": "k", "household": "h", "state": "safe"}],
        },
        only=HERE,
    ),
    "closeEmergency": place(lambda h, who: {**_at(h, who), "text": "已解除"}),
    "getEmergencyReport": place(_at),
    "getEmergencyReportFile": place(lambda h, who: {**_at(h, who), "format": "pdf"}),
    "answerEmergency": self_(_answered),
    "listMyEmergencies": self_(),
}
