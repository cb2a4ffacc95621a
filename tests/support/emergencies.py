"""A community in which an emergency is called: its members, its doors, its staff.

::

    尚园   1号楼   101 sun, son     102 li     103 nobody with an account
           2号楼   201 lu, and may, who lives elsewhere
           and new, whose door nobody knows
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Unavailable
from services.contracts.operations.notify import emergencies as ops
from services.contracts.operations.notify import emergency_doors as door_ops
from services.kit.uow import UnitOfWorkFactory
from services.notify.handlers import clock, emergencies, emergency_answers, emergency_doors
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import NOON, SHANGYUAN, say

HOMES = {
    "sun": ("b1", "101"),
    "son": ("b1", "101"),
    "li": ("b1", "102"),
    "lu": ("b2", "201"),
    "may": ("b2", "201"),
    "new": ("b2", ""),
}
AWAY = ("may",)
PLACES = {"b1": f"{SHANGYUAN}.e1.b1", "b2": f"{SHANGYUAN}.e1.b2"}
FIRE = {"title": "1号楼火情", "message": "请从2号楼梯下楼，到广场集合。"}


def staff(person: str = "wang", role: Role = Role.COMMITTEE_STAFF, path: str = SHANGYUAN) -> Actor:
    """Somebody in office."""
    return Actor(person, "session", (Grant(role, path),), 2**31)


def resident(person: str) -> Actor:
    """Somebody who lives here."""
    return Actor(person, "session", (Grant(Role.RESIDENT, SHANGYUAN),), 2**31)


class Alarm:
    """Notify's emergencies as tests use them: each call is a transaction of its own."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self.units = units
        self.inboxes = Inboxes(units)
        self.now = NOON
        self.away = False
        self.inboxes.know(
            say(e.CommunityChanged),
            *(
                say(
                    e.MemberCardChanged,
                    person_id=person,
                    display_name=person,
                    residence="away" if person in AWAY else "local",
                    home=PLACES[building],
                    building_label=f"{building[1]}号楼",
                )
                for person, (building, _) in HOMES.items()
            ),
            say(
                e.MemberCardChanged,
                person_id="wang",
                display_name="小王",
                standing="staff",
                home="",
            ),
        )
        self.inboxes.on_duty("wang", "shi")

    def ask(self, _service: str, method: str, **command: Any) -> dict[str, Any]:
        """Identity's answers."""
        if self.away:
            raise Unavailable()
        within = command.get("within")
        if method == "open_doors":
            return {
                "ticket": f"{within or ''}".ljust(20, "."),
                "place_id": within or "shangyuan",
                "name": {"b1": "1号楼", "b2": "2号楼"}.get(within or "", "尚园"),
                "kind": "building" if within else "community",
                "path": PLACES.get(within or "", SHANGYUAN),
                **({"households": 4, "people": 6} if command.get("count") else {}),
            }
        place = command["ticket"].strip(".")
        buildings = [place] if place else sorted(PLACES)
        building = buildings[command["after"]]
        rest = command["after"] + 1
        return {
            "items": list(self._doors(building)),
            "after": rest if rest < len(buildings) else None,
            "as_of": self.now,
        }

    def _doors(self, building: str) -> Any:
        rooms = {"b1": {"101": 2, "102": 1, "103": 2}, "b2": {"201": 1}}[building]
        for room, people in rooms.items():
            yield {
                "ref": f"{building}-{room}",
                "building": f"{building[1]}号楼",
                "unit": "",
                "room": room,
                "people": people,
                "members": [
                    {"person_id": person, "away": person in AWAY}
                    for person, home in HOMES.items()
                    if home == (building, room)
                ],
                "entries": ["r-103"] if room == "103" else [],
            }

    def do(self, handler: Callable[..., Any], *args: Any, read: bool = False) -> Any:
        """Run a handler."""
        with self.units(ask=self.ask, read_only=read) as uow:
            result = handler(uow, *args)
            if not read:
                uow.commit()
            return result

    def tick(self, most: int = 60) -> None:
        """Let the clock do what is due now."""
        for _ in range(most):
            if not self.do(clock.do_next, self.now):
                return
        raise AssertionError("the clock does not come to an end")

    def later(self, **time: float) -> datetime:
        """Let time pass, and the clock work."""
        self.now += timedelta(**time)
        self.tick()
        return self.now

    # -- acting ------------------------------------------------------------------------------------

    def look(self, who: Actor, **more: Any) -> ops.CalledEmergency:
        """The first step of a call."""
        cmd = ops.CallEmergency(**{"cid": "shangyuan", **FIRE, **more})
        return self.do(emergencies.call, cmd, who, self.now, 30)

    def call(self, who: Actor | None = None, **more: Any) -> str:
        """Both steps of a call; the id."""
        who = who or staff()
        confirm = self.look(who, **more).confirm
        told = self.look(who, dry_run=False, confirm=confirm, **more)
        assert told.emergency is not None
        return told.emergency.id

    def answer(self, who: str, emergency: str, state: str = "safe", **more: Any) -> ops.MyEmergency:
        """What somebody says of herself."""
        cmd = ops.AnswerEmergency(id=emergency, state=state, **more)
        return self.do(emergency_answers.answer, cmd, resident(who), self.now)

    def mine(self, who: str) -> list[ops.MyEmergency]:
        """What somebody is shown."""
        return self.do(emergency_answers.mine, resident(who), self.now, read=True).items

    def doors(self, emergency: str, who: Actor | None = None, **more: Any) -> Any:
        """The doors, as staff sees them."""
        cmd = door_ops.ListDoors(id=emergency, **more)
        return self.do(emergency_doors.listed, cmd, who or staff(), self.now)

    def ticked(self, emergency: str, *ticks: dict[str, Any], who: Actor | None = None) -> list[Any]:
        """What became of ticks."""
        cmd = door_ops.TickDoors(id=emergency, ticks=list(ticks))
        told = self.do(emergency_doors.tick, cmd, who or staff(), self.now)
        return [one.outcome for one in told.results]

    def close(self, emergency: str) -> ops.Emergency:
        """The all-clear."""
        cmd = ops.CloseEmergency(id=emergency, text="火已扑灭。")
        return self.do(emergencies.close, cmd, staff(), self.now, 30)

    def counts(self, emergency: str) -> dict[str, int]:
        """The headcount of all households."""
        cmd = ops.OfEmergency(id=emergency)
        told = self.do(emergencies.figures, cmd, staff(), read=True)
        return {
            name: value
            for name, value in told.headcount.model_dump().items()
            if value and "people" not in name
        }
