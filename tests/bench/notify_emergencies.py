"""An emergency of a hundred thousand people: called, counted, answered."""

import os
import time
from collections.abc import Callable
from typing import Any

import psutil
from sqlalchemy import text

from services.contracts.operations.notify import emergencies as ops
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from services.notify.handlers import clock, emergencies
from tests.bench.report import Family, Say, median, percentile
from tests.support import infra
from tests.support.emergencies import Alarm, staff

PEOPLE = 100_000
A_HOUSEHOLD = 5 / 2
BUILDINGS = 400
ANSWERS, READS = 300, 50

_CARDS = """
    INSERT INTO directory_cards (person_id, community_id, path, standing, display_name, home)
    SELECT 'p' || lpad(n::text, 6, '0'), 'shangyuan', d.path, 'active', '邻居', d.path || '.e.b'
    FROM generate_series(1, :people) AS n, directory_communities AS d WHERE d.id = 'shangyuan'
"""


class Town(Alarm):
    """The alarm with a crowd; identity's pages are made up, so that notify alone is measured."""

    def ask(self, service: str, method: str, **command: Any) -> dict[str, Any]:
        """Pages of twenty buildings each."""
        if method == "open_doors":
            return super().ask(service, method, **command)
        first = command["after"]
        rest = first + 20
        return {
            "items": [door for number in range(first, rest) for door in _doors(number)],
            "after": rest if rest < BUILDINGS else None,
            "as_of": self.now,
        }


def _doors(building: int) -> list[dict[str, Any]]:
    homes = int(PEOPLE / A_HOUSEHOLD / BUILDINGS)
    found = []
    for home in range(homes):
        number = building * homes + home
        first, last = int(number * A_HOUSEHOLD) + 1, int((number + 1) * A_HOUSEHOLD)
        members = [{"person_id": f"p{n:06}", "away": False} for n in range(first, last + 1)]
        found.append(
            {
                "ref": f"h{number:06}",
                "building": f"{building + 1}号楼",
                "unit": "",
                "room": f"{home // 4 + 1}{home % 4 + 1:02}",
                "people": len(members),
                "members": members,
            }
        )
    return found


def measure(say: Say) -> list[Family]:
    """The family of figures."""
    with infra.database("notify") as url:
        engine = make_engine(url, pool=4)
        try:
            town = Town(UnitOfWorkFactory(engine, "notify"))
            with town.units() as uow:
                uow.session.execute(text(_CARDS), {"people": PEOPLE})
                uow.commit()
            with engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("ANALYZE"))
            return [_measured(town, say)]
        finally:
            engine.dispose()


def _measured(town: Town, say: Say) -> Family:
    looked = _timed(lambda: town.look(staff()))
    confirm = town.look(staff()).confirm
    busy, began = _cpu(town), time.perf_counter()
    called = _timed(lambda: town.look(staff(), dry_run=False, confirm=confirm))
    fire = str(town.inboxes.scalar("SELECT id FROM emergencies"))
    reached = 0.0
    for _ in range(500):
        if not town.do(clock.do_next, town.now):
            break
        done = "SELECT told FROM emergencies"
        if not reached and town.inboxes.scalar(done) >= PEOPLE:
            reached, busy_told = time.perf_counter() - began, _cpu(town) - busy
    whole, busy = time.perf_counter() - began, _cpu(town) - busy
    of = ops.OfEmergency(id=fire)
    told = town.do(emergencies.figures, of, staff(), read=True)
    if told.told < PEOPLE or told.headcount.people != PEOPLE or town.inboxes.drift():
        raise RuntimeError(f"not everybody was told or counted: {told.told}")
    answers = [_timed(lambda n=n: town.answer(f"p{n * 300 + 1:06}", fire)) for n in range(ANSWERS)]
    counts, counting = [], _cpu(town)
    for _ in range(READS):
        counts.append(_timed(lambda: town.do(emergencies.headcount, of, staff(), read=True)))
    counting = (_cpu(town) - counting) / READS * 1_000
    doors = [_timed(lambda: town.doors(fire)) for _ in range(READS)]
    rows = [
        ("look whom it reaches (dry run)", f"{looked:.0f} ms", ""),
        ("the call until its answer; 5,000 are told by then", f"{called:.0f} ms", ""),
        ("the call until everybody is told", f"{reached:.1f} s", f"{busy_told:.1f} s"),
        ("the call until all doors are laid down, too", f"{whole:.1f} s", f"{busy:.1f} s"),
        ("headcount by building, p50 / p95", _two(counts), f"{counting:.0f} ms"),
        ("an answer, p50 / p95", _two(answers), ""),
        ("a page of doors, p50 / p95", _two(doors), ""),
    ]
    for row in rows:
        say("emergency, " + ", ".join(row))
    return Family(
        "Notify: an emergency of 100,000 people",
        f"`tests/bench/notify_emergencies.py`: {PEOPLE:,} accounts in 40,000 households of "
        f"{BUILDINGS} buildings. The use-cases on one database, each in its transaction, one after "
        "the other; identity's pages are made up. Afterwards all counts are compared with rows.",
        ("what", "time", "of it CPU, with the database's"),
        rows,
        "Asked for: called in < 10 s, the headcount in < 50 ms.",
    )


def _cpu(town: Town) -> float:
    """Seconds that this process and the database's for us have worked."""
    with town.units(read_only=True) as uow:
        pids = uow.session.scalars(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        ).all()
    times = [
        psutil.Process(pid).cpu_times() for pid in (*pids, os.getpid()) if psutil.pid_exists(pid)
    ]
    return float(sum(one.user + one.system for one in times))


def _two(figures: list[float]) -> str:
    return f"{median(figures):.1f} / {percentile(figures, 0.95):.1f} ms"


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1_000
