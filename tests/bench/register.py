"""Importing a register of persons: 5,000 at once into a community that has no room yet."""

import random
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from services.contracts.operations.identity import ImportReport
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.exchange import REGISTER, Line
from services.identity.handlers.register_import import import_register
from services.identity.models import Territory
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.bench.report import Family, Say, median
from tests.support import infra

PERSONS = 5_000
ROUNDS = 3
_NOW = datetime(2026, 11, 25, tzinfo=UTC)
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超兰霞平刚桂红"


def measure(say: Say) -> Family:
    """The family of figures."""
    seconds: dict[tuple[str, str], list[float]] = {}
    for form in ("xlsx", "csv"):
        data = _file(form)
        for _ in range(ROUNDS):
            for what, took in _round(data, f"register.{form}"):
                seconds.setdefault((what, form), []).append(took)
        say(f"register, {form}: {median(seconds['first', form]):.2f} s")
    return Family(
        "Register: 5,000 persons imported",
        f"`tests/bench/register.py`: {PERSONS} persons in 2,000 rooms, unit known, into a "
        f"fresh database with one empty estate; from the file's bytes to the commit; {ROUNDS} "
        "rounds, medians. Then the same file again, which changes nothing.",
        ("file", "first time (s)", "again (s)"),
        [
            (form, f"{median(seconds['first', form]):.2f}", f"{median(seconds['again', form]):.2f}")
            for form in ("xlsx", "csv")
        ],
        "Asked for: < 10 s.",
    )


def _round(data: bytes, name: str) -> Iterator[tuple[str, float]]:
    vault = Vault("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32))
    with infra.database("identity") as url:
        engine = make_engine(url)
        units = UnitOfWorkFactory(engine, "identity")
        _prepare(units)
        yield "first", _timed(lambda: _import(units, vault, name, data), added=PERSONS)
        yield "again", _timed(lambda: _import(units, vault, name, data), unchanged=PERSONS)
        engine.dispose()


def _import(units: UnitOfWorkFactory, vault: Vault, name: str, data: bytes) -> ImportReport:
    with units() as uow:
        community = repository.community(uow.session, "c")
        report = import_register(uow, vault, community, name, data, by=None, now=_NOW)
        uow.commit()
        return report


def _timed(run: Callable[[], ImportReport], **expected: int) -> float:
    started = time.perf_counter()
    report = run()
    took = time.perf_counter() - started
    for what, count in expected.items():
        if getattr(report, what) != count:
            raise RuntimeError(f"{what} is {getattr(report, what)}, not {count}")
    return took


def _prepare(units: UnitOfWorkFactory) -> None:
    nodes = (
        ("d", "district", None, "d", None),
        ("t", "town", "d", "d.t", None),
        ("c", "community", "t", "d.t.c", "urban"),
        ("e", "estate", "c", "d.t.c.e", None),
    )
    with units() as uow:
        for node_id, kind, parent, path, sort in nodes:
            uow.session.add(
                Territory(id=node_id, kind=kind, parent_id=parent, path=path, name=node_id,
                          position=0, community_kind=sort)
            )  # fmt: skip
            uow.session.flush()
        uow.commit()


def _file(form: str) -> bytes:
    dice = random.Random(5_000)
    lines = []
    for number in range(PERSONS):
        room = number * 2 // 5  # 2,000 rooms: 20 buildings of 2 units of 50
        first, rest = divmod(room, 100)
        lines.append(
            Line(
                estate="e",
                building=f"{first + 1}号楼",
                unit=f"{rest // 50 + 1}单元",
                room=f"{rest % 50 // 4 + 1:02d}{rest % 4 + 1:02d}",
                name="".join((dice.choice(_FAMILY), *dice.choices(_GIVEN, k=2))),
                birth_year=1940 + number * 7 % 80,
                relation="owner" if number % 3 == 0 else "family",
                floor_area=None,
            )
        )
    return REGISTER.write(lines, "csv" if form == "csv" else "xlsx")
