"""A small service for testing the kit itself: the contract gets two operations and one event more.

Importing this module registers them for the test process only.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from sqlalchemy import text

from services.contracts import operations
from services.contracts import topology as table
from services.contracts.errors import Conflict
from services.contracts.events import Event
from services.contracts.operations.base import PERSON, PUBLIC, Command, Operation, View
from services.kit import topology
from services.kit.settings import ServiceSettings

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in China


class ProbeTold(Event, source="probe", type="probe.told", version=1, subject="thing"):
    """Something was told."""

    thing: str
    mood: str = "fine"


class Echo(Command):
    """Say it back."""

    word: str = Field(max_length=100)


class Echoed(View):
    """What was said."""

    word: str
    by: str = ""


class Note(Command):
    """Write a line, tell about it."""

    thing: str = Field(max_length=100)
    mood: str = "fine"
    fail: str = ""
    seconds: float = 0


OPERATIONS = (
    Operation("probeEcho", "GET /probe/echo", "probe", PUBLIC, Echo, Echoed, "echo"),
    Operation(
        "probeRead", "GET /probe/read", "probe", PUBLIC, Echo, Echoed, "read", cacheable=True
    ),
    Operation("probeNote", "POST /probe/notes", "probe", PERSON, Note, Echoed, "note"),
    Operation("probeSlow", "POST /probe/slow", "probe", PUBLIC, Note, Echoed, "slow"),
)
QUEUE = table.Queue("probe.reactions", "probe", (ProbeTold,))

operations._BY_METHOD.update({operation.rpc_method: operation for operation in OPERATIONS})
if QUEUE not in table.QUEUES:
    table.QUEUES = (*table.QUEUES, QUEUE)
    topology.SERVICES += ("probe",)

from services.kit.service import Call, Reject, Service, on, rpc, timer  # noqa: E402

DDL = (
    "CREATE TABLE note (id bigserial PRIMARY KEY, thing text NOT NULL, author text NOT NULL)",
    "CREATE TABLE effect (thing text NOT NULL, version integer NOT NULL, mood text NOT NULL)",
    "CREATE TABLE due (id bigserial PRIMARY KEY, done_by text)",
)


class Settings(ServiceSettings):
    """Settings of the probe."""

    SERVICE: ClassVar[str] = "probe"


class Tangled(Conflict):
    """An error with a code of its own."""

    code = "probe.tangled"
    zh, en = "缠住了", "Tangled"


def keep_busy(sign: Path, seconds: float) -> None:
    """Compute without ever giving way to another worker; ``sign`` exists once that has begun."""
    sign.touch()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


class ProbeService(Service):
    """Answers, writes, reacts, ticks."""

    name = "probe"

    @rpc
    def probe_echo(self, call: Call, cmd: Echo) -> Echoed:
        return Echoed(word=cmd.word, by=call.actor.person_id if call.actor else "")

    @rpc
    def probe_read(self, call: Call, cmd: Echo) -> Echoed:
        row = call.uow.session.execute(
            text("SELECT author FROM note WHERE thing = :thing LIMIT 1"), {"thing": cmd.word}
        ).first()
        return Echoed(word=cmd.word, by=row.author if row else "")

    @rpc
    def probe_note(self, call: Call, cmd: Note) -> Echoed:
        call.uow.session.execute(
            text("INSERT INTO note (thing, author) VALUES (:thing, :author)"),
            {"thing": cmd.thing, "author": call.caller.person_id},
        )
        time.sleep(cmd.seconds)
        call.uow.emit(ProbeTold(thing=cmd.thing, mood=cmd.mood))
        if cmd.fail == "rule":
            raise Tangled()
        if cmd.fail:
            raise RuntimeError("secret detail 13800000001")
        return Echoed(word=cmd.thing)

    @rpc
    def probe_slow(self, call: Call, cmd: Note) -> Echoed:
        call.uow.session.execute(
            text("INSERT INTO note (thing, author) VALUES (:thing, '')"), {"thing": cmd.thing}
        )
        if cmd.mood == "busy":
            keep_busy(Path(cmd.thing), cmd.seconds)
        else:
            time.sleep(cmd.seconds)
        return Echoed(word=cmd.thing)

    @on(ProbeTold, queue="probe.reactions")
    def react(self, call: Call, event: ProbeTold) -> None:
        assert call.envelope is not None
        call.uow.session.execute(
            text("INSERT INTO effect (thing, version, mood) VALUES (:t, :v, :m)"),
            {"t": event.thing, "v": call.envelope.subject_version, "m": event.mood},
        )
        if event.mood == "poison":
            raise Reject("poison")
        if event.mood == "never":
            raise RuntimeError("not today")
        if event.mood == "once":
            attempts = call.uow.session.scalar(
                text("SELECT count(*) FROM kit_state WHERE key = :k"), {"k": event.thing}
            )
            if not attempts:
                with self.chassis.engine.begin() as outside:
                    outside.execute(
                        text("INSERT INTO kit_state VALUES (:k, '1')"), {"k": event.thing}
                    )
                raise RuntimeError("the first time fails")

    @timer(every=0.2)
    def work_due(self, call: Call) -> int:
        row = call.uow.session.execute(
            text(
                "SELECT id FROM due WHERE done_by IS NULL ORDER BY id LIMIT 1 "
                "FOR UPDATE SKIP LOCKED"
            )
        ).first()
        if row is None:
            return 0
        told = call.uow.ask("probe", "probe_echo", word="timer")
        call.uow.session.execute(
            text("UPDATE due SET done_by = :by WHERE id = :id"), {"by": told["word"], "id": row.id}
        )
        return 1
