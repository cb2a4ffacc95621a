"""Filling the databases: what is there is left alone, each community is one transaction."""

import json
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from deploy.seed.copying import copy
from services.identity.crypto import index_guard, vault
from services.identity.seed import reference, reference_rows
from services.identity.seed.neighbourhood import neighbourhood
from services.identity.seed.reference import Size
from services.identity.seed.reference_rows import Table
from services.kit.db import make_engine

COPIES = ("feed", "votes", "grid_bridge", "notify")
STATEMENT_MS = 600_000
_KEY = "reference_district"
_ANALYZED = {
    "identity": (
        "territory, persons, real_names, register_persons, qr_tokens, memberships, grants, "
        "party_badges, community_figures"
    ),
    **dict.fromkeys(COPIES, "directory_communities, directory_cards"),
    "notify": "directory_communities, directory_cards, duties",
}


class AnotherDistrict(Exception):
    """A reference district with other numbers is there already."""


class Busy(Exception):
    """Somebody else is filling the same databases."""


@dataclass(frozen=True)
class Job:
    """Which district goes into which databases.

    Args:
        urls: database by service; identity's at least.
        data_keys: the file with identity's data keys.
    """

    size: Size
    urls: Mapping[str, str]
    data_keys: Path

    def engine(self, service: str) -> Engine:
        """One connection to a service's database, with patience."""
        engine = make_engine(
            self.urls[service],
            pool=1,
            statement_timeout_ms=STATEMENT_MS,
            application="shequtong seed",
        )
        if service == "identity":
            index_guard.attach(engine, vault(self.data_keys))
        return engine


def fill(
    job: Job, *, processes: int = 2, done: Callable[[int, Counter[str]], None] = lambda *_: None
) -> Counter[str]:
    """Put the district into the databases; the rows added, by service and table.

    ``done`` is called with each finished community's number and rows.

    Raises:
        AnotherDistrict: one with other numbers is there.
        Busy: it is being filled by somebody else.
    """
    engine = job.engine("identity")
    try:
        with engine.connect() as connection:
            _lock(connection)
            added = _begin(job, connection)
            missing = sorted(_missing(job.size, connection))
            for number, rows in _spread(job, missing, processes):
                added += rows
                done(number, rows)
    finally:
        engine.dispose()
    if added:
        _analyze(job)
    return added


def there(job: Job) -> int:
    """How many communities of the district identity knows.

    Raises:
        AnotherDistrict: one with other numbers is there.
    """
    engine = job.engine("identity")
    try:
        with engine.connect() as connection:
            _require_same(job.size, connection)
            return job.size.communities - len(_missing(job.size, connection))
    finally:
        engine.dispose()


# -- around the communities ------------------------------------------------------------------------


def _lock(connection: Connection) -> None:
    """Held by the session until it ends, however it ends."""
    if not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('identity.reference'))")):
        raise Busy("the reference district is being filled already")
    connection.commit()


def _begin(job: Job, connection: Connection) -> Counter[str]:
    """Say which district this is, and put in what stands above the communities."""
    connection.execute(
        text("INSERT INTO kit_state (key, value) VALUES (:key, :value) ON CONFLICT DO NOTHING"),
        {"key": _KEY, "value": json.dumps(asdict(job.size))},
    )
    _require_same(job.size, connection)
    frame = reference.frame(job.size)
    added: Counter[str] = Counter()
    if "notify" in job.urls:
        added += _once(
            job, "notify", "duties", "grant_id", frame.grants[0].id,
            [reference_rows.duties_table(frame.grants)],
        )  # fmt: skip
    if not _known(connection, "territory", "id", frame.district.id):
        tables = reference_rows.frame_tables(frame, vault(job.data_keys))
        added += _copy_all(connection, "identity", tables)
    connection.commit()
    return added


def _require_same(size: Size, connection: Connection) -> None:
    told = connection.scalar(text("SELECT value FROM kit_state WHERE key = :key"), {"key": _KEY})
    if told is None or (known := Size(**json.loads(told))) == size:
        return
    raise AnotherDistrict(
        f"there is a reference district already: {known.communities:,} communities, "
        f"{known.residents:,} residents, seed {known.seed}; another one needs empty databases"
    )


def _missing(size: Size, connection: Connection) -> set[int]:
    wanted = {plan.place.id: plan.number for plan in reference.frame(size).communities}
    known = connection.scalars(
        text("SELECT id FROM territory WHERE kind = 'community' AND path LIKE :below"),
        {"below": f"{reference.PATH}.%"},
    )
    missing = set(wanted) - set(known)
    connection.commit()
    return {wanted[community] for community in missing}


def _analyze(job: Job) -> None:
    """Tell the planner at once: autovacuum would get round to it in a minute or ten."""
    for service in job.urls:
        engine = job.engine(service)
        with engine.begin() as connection:
            connection.execute(text(f"ANALYZE {_ANALYZED[service]}"))
        engine.dispose()


# -- communities, in processes side by side --------------------------------------------------------


def _spread(job: Job, numbers: list[int], processes: int) -> Iterable[tuple[int, Counter[str]]]:
    if not numbers:
        return
    pool = ProcessPoolExecutor(
        min(processes, len(numbers)),
        multiprocessing.get_context("spawn"),
        initializer=_Filler.begin,
        initargs=(job,),
    )
    try:
        waiting = {pool.submit(_Filler.work, number): number for number in numbers}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)  # what has begun is finished


class _Filler:
    """What one process knows: the job, its keys, a connection to each database."""

    here: "_Filler"

    def __init__(self, job: Job) -> None:
        self._job = job
        self._frame = reference.frame(job.size)
        self._vault = vault(job.data_keys)
        self._engines = {service: job.engine(service) for service in job.urls}

    @classmethod
    def begin(cls, job: Job) -> None:
        """In a fresh process: Ctrl-C is the parent's matter, and its end is ours."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        cls.here = cls(job)

    @classmethod
    def work(cls, number: int) -> Counter[str]:
        """Put one community into every database; the rows added."""
        return cls.here._community(number)

    def _community(self, number: int) -> Counter[str]:
        hood = neighbourhood(self._frame, number)
        added: Counter[str] = Counter()
        for service in COPIES:
            if service in self._engines:
                tables = list(reference_rows.directory_tables(hood))
                if service == "notify":
                    tables.append(reference_rows.duties_table(hood.grants))
                community = hood.record.community_id
                added += self._once(service, "directory_communities", community, tables)
        sealed = list(reference_rows.identity_tables(hood, self._vault))
        return added + self._once("identity", "territory", hood.record.community_id, sealed)

    def _once(
        self, service: str, table: str, community: str, tables: Iterable[Table]
    ) -> Counter[str]:
        with self._engines[service].begin() as connection:
            if _known(connection, table, "id", community):
                return Counter()
            return _copy_all(connection, service, tables)


def _end_with_parent() -> None:
    """A parent that was killed leaves nobody behind who writes on."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _once(
    job: Job, service: str, table: str, column: str, key: str, tables: Iterable[Table]
) -> Counter[str]:
    engine = job.engine(service)
    try:
        with engine.begin() as connection:
            if _known(connection, table, column, key):
                return Counter()
            return _copy_all(connection, service, tables)
    finally:
        engine.dispose()


def _known(connection: Connection, table: str, column: str, key: str) -> bool:
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = :key)"  # noqa: S608
    return bool(connection.scalar(text(query), {"key": key}))


def _copy_all(connection: Connection, service: str, tables: Iterable[Table]) -> Counter[str]:
    driver: Any = connection.connection
    with driver.cursor() as cursor:
        return Counter({f"{service}.{t.name}": copy(cursor, t) for t in tables})
