"""Between the desk and the city: sends what waits, looks for what is uncertain, follows the rest.

GeoReport gives a sender no way to say "this is the same request again". So each is remembered
before it is sent; when nobody knows whether it arrived (a timeout, a 500, a crash), it is looked
for among the city's requests by the number that its description holds, after the city has had time
to finish, and only then sent again, in the same words: a server that knows repeated requests, as
ours does, gives the first one's id.
"""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from deploy.grid_platform.desk import Desk
from deploy.grid_platform.domain import OPEN, State
from deploy.grid_platform.messages import wire_time

from . import rules
from .city import City, CityAway, CityRefuses
from .ledger import Ledger
from .settings import Settings

LONGEST_PAUSE: Final = 900.0
AT_ONCE: Final = 50
"""Requests whose standing is asked for in one question."""

log = structlog.get_logger("open311_adapter")


class Courier:
    """Belongs to the thread that owns the desk's store."""

    def __init__(
        self, settings: Settings, desk: Desk, city: City, *, now: Callable[[], datetime]
    ) -> None:
        self.settings, self.desk, self.city, self.now = settings, desk, city, now
        self.ledger = Ledger(desk.store)

    def go_round(self) -> None:
        """One round; what goes wrong with one request leaves the others alone."""
        self._want()
        with self.desk.store.transaction():
            self.ledger.put_down([*rules.BY_HAND])
        for row in self.ledger.due("wanted", self.now()):
            self._alone(row, self._send)
        for row in self.ledger.due("token", self.now()):
            self._alone(row, self._resolve)
        self._follow_all()

    def _alone(self, row: sqlite3.Row, work: Callable[[sqlite3.Row], None]) -> None:
        """What goes wrong with one row must not end the round, nor come again at once."""
        try:
            work(row)
        except sqlite3.Error:
            raise  # the state file itself
        except Exception as error:
            log.error("request_failed", order=row["work_order_no"], reason=type(error).__name__)
            self._later(row)

    # -- sending -------------------------------------------------------------------------------

    def _want(self) -> None:
        for no, turn in self.ledger.unsent():
            opened = self.ledger.opening(no)
            slot = str((opened.get("catalogue") or {}).get("slot") or "")
            known = self.settings.open311_services
            service = known.get(slot) or known.get("*")
            form = rules.form(
                opened,
                turn,
                service_code=service.service_code if service else "",
                attributes=service.attributes if service else {},
                before=self.ledger.request_of(no, turn - 1),
                words=self.settings.open311_words,
            )
            problem = "" if service else f"SHEQU_OPEN311_SERVICES has no service code for {slot}"
            with self.desk.store.transaction():
                self.ledger.want(no, turn, form, self.now(), problem)

    def _send(self, row: sqlite3.Row) -> None:
        no, form = row["work_order_no"], json.loads(row["form"])
        order = self.desk.store.order(no)
        try:
            if row["attempts"] and (found := self._looked_for(row, form)):
                self._sent(row, found)
                return
            if order is None or order.state not in (State.REPORTED, State.REOPENED):
                self.ledger.change(row, standing="dropped", problem="withdrawn before it was sent")
                return
            # Remembered before it is sent: after a crash here it is looked for, not sent blindly.
            again = self.now() + timedelta(seconds=self.settings.open311_settle_seconds)
            self.ledger.change(row, attempts=row["attempts"] + 1, next_at=wire_time(again))
            request_id, token = self.city.send(form)
        except CityRefuses as error:
            self.ledger.change(row, standing="parked", problem=str(error))
            log.error("request_parked", order=no, reason=str(error).partition(":")[0])
            return
        except CityAway as error:
            pause = max(self._pause(row["attempts"]), self.settings.open311_settle_seconds)
            self.ledger.change(
                row, next_at=wire_time(self.now() + timedelta(seconds=pause)), problem=str(error)
            )
            log.warning("city_away", order=no, reason=str(error), again_in_seconds=round(pause, 1))
            return
        if request_id:
            self._sent(row, request_id)
        else:
            self.ledger.change(row, standing="token", token=token, problem="")

    def _looked_for(self, row: sqlite3.Row, form: dict[str, str]) -> str:
        since = datetime.fromisoformat(row["began_at"]) - timedelta(days=1)
        mark = rules.marker(row["work_order_no"], row["turn"])
        found = self.city.named(mark, form["service_code"], wire_time(since))
        if len(found) > 1:
            log.error("request_doubled", order=row["work_order_no"], count=len(found))
        return found[0] if found else ""

    def _resolve(self, row: sqlite3.Row) -> None:
        try:
            found = self.city.of_token(row["token"])
        except (CityAway, CityRefuses) as error:  # 404: the batch has not been worked yet
            found = ""
            self.ledger.change(row, problem=str(error))
        if found:
            self._sent(row, found)
        else:
            self._later(row)

    def _sent(self, row: sqlite3.Row, request_id: str) -> None:
        self.ledger.change(
            row, standing="sent", request_id=request_id, problem="", next_at=wire_time(self.now())
        )
        log.info("request_sent", order=row["work_order_no"], request=request_id)
        self._follow(row["work_order_no"], request_id, None)

    def _pause(self, attempts: int) -> float:
        return min(float(2 ** min(attempts, 10)), LONGEST_PAUSE)

    # -- following -----------------------------------------------------------------------------

    def _follow_all(self) -> None:
        rows = self.ledger.due("sent", self.now(), AT_ONCE)
        if not rows:
            return
        try:
            told = self.city.standing([row["request_id"] for row in rows])
        except (CityAway, CityRefuses) as error:
            log.warning("city_away", reason=str(error).partition(":")[0])
            told = {}
        for row in rows:
            self._alone(row, lambda one: self._heard(one, told.get(one["request_id"])))

    def _heard(self, row: sqlite3.Row, told: rules.Standing | None) -> None:
        no = row["work_order_no"]
        self._follow(no, row["request_id"], told)
        order = self.desk.store.order(no)
        if order is None or order.state not in OPEN:
            self.ledger.change(row, standing="done")
            return
        if told is not None:
            self.ledger.change(
                row, told=json.dumps([told.status, told.notes, told.agency], ensure_ascii=False)
            )
        self._later(row)

    def _later(self, row: sqlite3.Row) -> None:
        again = self.now() + timedelta(seconds=self.settings.open311_poll_seconds)
        self.ledger.change(row, next_at=wire_time(again))

    def _follow(self, no: str, request_id: str, told: rules.Standing | None) -> None:
        """Walk the order to where the city says it is; nothing when it is there."""
        order = self.desk.store.order(no)
        for step in rules.steps(order.state, told, request_id) if order else ():
            self.desk.step(no, step)
