"""Votes: ballots a second in the service and through the gateway, the opening, the counting again.

What is measured is durable: PostgreSQL with fsync, a commit before each receipt. The machine does
everything at once: load, gateway, broker, service, database.
"""

import asyncio
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from deploy.local.system import free_port
from services.contracts.actor import Actor, Role
from services.contracts.operations.votes.polls import CastBallots, SentBallot
from services.kit import topology
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from services.votes import repository, verify
from services.votes.crypto import keys
from services.votes.handlers import ballots, casting, exports
from tests.bench import rpc
from tests.bench.report import Family, Say, percentile
from tests.bench.voting_load import Load, await_ready
from tests.support import infra, votes_town
from tests.support.bridge import actor
from tests.support.keys import Signer
from tests.support.voters import Ballot
from tests.support.votes import HERE
from tests.support.votes_keys import votes_keys_file

ENTRIES = 100_000
TOGETHER = 200
AT_A_TIME = 2
THROUGH = 20_000
WARM = 2_000
CONNECTIONS = 400
RATE, SECONDS = 300, 15


def measure(folder: Path, say: Say) -> list[Family]:
    """The families of figures."""
    return [in_the_service(say), through_the_gateway(folder, say)]


def _voter(number: int) -> Actor:
    return actor(f"p-{number:06}", (Role.RESIDENT, HERE))


@contextmanager
def _poll(entries: int) -> Iterator[tuple[UnitOfWorkFactory, str, str]]:
    """A database with an open poll of so many entries, each with its account; its URL, the poll."""
    keys.use(votes_keys_file())
    with infra.database("votes") as url:
        engine = make_engine(url, pool=AT_A_TIME + 2)
        units = UnitOfWorkFactory(engine, "votes")
        try:
            poll_id = votes_town.opened(units, [_voter(n).person_id for n in range(entries)])
            yield units, poll_id, url
        finally:
            engine.dispose()


def _together(batches: list[Callable[[], object]]) -> float:
    """Run the batches, two at a time; seconds."""
    left = iter(batches)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                batch = next(left, None)
            if batch is None:
                return
            batch()

    threads = [threading.Thread(target=work) for _ in range(AT_A_TIME)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


# -- in the service --------------------------------------------------------------------------------


def in_the_service(say: Say) -> Family:
    """Batches of ballots, beside plain rows of the same database; then the close."""
    rows: list[tuple[str, ...]] = []
    with _poll(ENTRIES) as (units, poll_id, _url):
        raw = _raw(units, ENTRIES // 2)
        say(f"votes: {raw:,.0f} plain rows a second")
        rows.append((f"plain rows, {TOGETHER} in a transaction", f"{raw:,.0f}/s", "1"))
        first = 0
        for size, count in ((1, 1_000), (20, 5_000), (TOGETHER, ENTRIES - 6_000)):
            people = range(first, first + count)
            first += count
            batches = [
                _batch(units, poll_id, people[at : at + size]) for at in range(0, count, size)
            ]
            rate = count / _together(batches)
            say(f"votes: {rate:,.0f} ballots a second, {size} together")
            rows.append((f"ballots, {size} together", f"{rate:,.0f}/s", f"{rate / raw:.2f}"))
        again = _raw(units, ENTRIES // 2)
        rows.append(("plain rows again, afterwards", f"{again:,.0f}/s", f"{again / raw:.2f}"))
        seconds = _timed(lambda: _close(units, poll_id))
        rows.append((f"the close: {ENTRIES:,} ballots opened, counted", f"{seconds:.1f} s", ""))
        say(f"votes: opened in {seconds:.1f} s")
        told: list[str] = []
        seconds = _timed(lambda: told.append(_exported(units, poll_id)))
        size_mb = len(told[0].encode()) / 1e6
        rows.append((f"its export ({size_mb:.0f} MB)", f"{seconds:.1f} s", ""))
        seconds = _timed(lambda: verify.verify(told[0], None, lambda _line: None))
        rows.append(("counted again by the verifier", f"{seconds:.1f} s", ""))
        say(f"votes: verified in {seconds:.1f} s")
    return Family(
        f"Votes: a poll of {ENTRIES:,} ballots",
        "`tests/bench/votes.py`: a secret poll, every ballot with its own token, key, mark, sealed "
        f"choice, leaf and kept answer; {AT_A_TIME} batches at a time. Plain rows are one narrow "
        "row for each ballot, without any of this.",
        ("what", "took", "share of plain rows"),
        rows,
        f"Asked for: {ENTRIES:,} ballots counted in < 5 s, counted again in < 20 s.",
    )


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _raw(units: UnitOfWorkFactory, count: int) -> float:
    """Rows a second that PostgreSQL takes, as plainly as it can be done."""
    with units.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare (id text PRIMARY KEY, b text)"))

    def insert() -> None:
        with units.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO bare SELECT * FROM unnest(cast(:ids AS text[]), "
                    "cast(:choices AS text[]))"
                ),
                {
                    "ids": [secrets.token_hex(16) for _ in range(TOGETHER)],
                    "choices": ["for"] * TOGETHER,
                },
            )

    return count / _together([insert] * (count // TOGETHER))


def _batch(units: UnitOfWorkFactory, poll_id: str, people: range) -> Callable[[], object]:
    sent = [
        SentBallot(
            token=str(number),
            idempotency_key=secrets.token_hex(16),
            body_hash="00" * 32,
            ballot={"choice": ("for", "against", "abstain")[number % 3]},
        )
        for number in people
    ]

    def cast() -> None:
        with units() as uow:
            told = casting.cast(
                uow,
                CastBallots(id=poll_id, ballots=sent),
                lambda token: _voter(int(token)),
                None,
                "https://shequ.example",
            )
            uow.commit()
        if any(answer.error for answer in told.answers):
            raise AssertionError("a ballot was refused")

    return cast


def _close(units: UnitOfWorkFactory, poll_id: str) -> None:
    with units() as uow:
        poll = repository.polls.poll(uow.session, poll_id, lock=True)
        poll.state, poll.closed_at = "closed", datetime.now(UTC)
        ballots.open_box(uow, poll, datetime.now(UTC))
        uow.commit()


def _exported(units: UnitOfWorkFactory, poll_id: str) -> str:
    with units() as uow:
        return str(exports.whole(uow, poll_id, "public", None, datetime.now(UTC)))


# -- through the gateway ---------------------------------------------------------------------------


def through_the_gateway(folder: Path, say: Say) -> Family:
    """As many as come, and a steady stream: HTTP, broker, service, relay, database."""
    signer = Signer(Path(tempfile.mkdtemp(dir=folder)))
    secret = folder / "upload.secret"
    secret.write_bytes(os.urandom(48))
    port = free_port()
    steady = RATE * SECONDS
    total = THROUGH + steady
    with _poll(total) as (units, poll_id, url), infra.vhost() as amqp_url:
        topology.declare(amqp_url)
        environment = {
            "SHEQU_VOTES_DATABASE_URL": url,
            "SHEQU_AMQP_URL": amqp_url,
            "SHEQU_JWKS_FILE": str(signer.jwks_file),
            "SHEQU_VOTES_KEYS_FILE": str(votes_keys_file()),
            "SHEQU_UPLOAD_SECRET_FILE": str(secret),
            "SHEQU_STORAGE_URL": (folder / "uploads").as_uri(),
            "SHEQU_ENV": "test",
            "SHEQU_LOG_LEVEL": "WARNING",
            "SHEQU_PORT": str(port),
            "SHEQU_RATE_LIMITS": "off",
        }
        grants = [(Role.RESIDENT.value, HERE)]
        people = [_voter(number).person_id for number in range(total)]
        sent = [Ballot(one, signer.token(one, grants, f"s-{one}"), "for") for one in people]
        load = Load(port, poll_id, sent)
        with rpc.process("services.votes", environment), rpc.process("gateway", environment):
            await_ready(port)
            asyncio.run(load.run(range(WARM), connections=20))  # warms
            calm = asyncio.run(load.steady(range(WARM, WARM + steady), RATE))
            p99 = percentile(calm.took, 0.99)
            say(f"votes: p99 {p99:.0f} ms at {RATE}/s")
            fast = asyncio.run(load.run(range(WARM + steady, total), connections=CONNECTIONS))
            say(f"votes: {fast.rate:,.0f} ballots a second through the gateway")
        raw = _raw(units, 40_000)
        if fast.refused or calm.refused:
            raise AssertionError(f"{fast.refused + calm.refused} ballots were refused")
        with units() as uow:
            head = repository.ledger.head(uow.session, poll_id)
            if head is None or head.leaves != total:
                raise AssertionError("not every receipt is in the ledger")
    return Family(
        "Votes: ballots through the gateway",
        "`tests/bench/votes.py`: HTTP with a token and an Idempotency-Key each, one gateway and "
        "one votes process, load generator, broker and database on the same machine; "
        f"{RATE} a second first, then {CONNECTIONS} connections that send as fast as they are "
        "answered.",
        ("what", "ballots/s", "p50 ms", "p99 ms", "share of plain rows"),
        [
            (
                "as fast as it goes",
                f"{fast.rate:,.0f}",
                f"{percentile(fast.took, 0.5):.0f}",
                f"{percentile(fast.took, 0.99):.0f}",
                f"{fast.rate / raw:.2f}",
            ),
            (
                f"{RATE} a second",
                f"{calm.rate:,.0f}",
                f"{percentile(calm.took, 0.5):.0f}",
                f"{p99:.0f}",
                "",
            ),
        ],
        f"Asked for: ≥ 1,000/s on two cores, p99 < 50 ms at {RATE}/s.",
    )
