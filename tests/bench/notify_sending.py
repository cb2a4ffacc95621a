"""Sending: letters a second by one sender, to a provider at hand and to one far away."""

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from services.contracts.operations.identity import Contact
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from services.notify.domain.sending import Circuits
from services.notify.handlers import sending
from services.notify.sender.ways import way
from tests.bench.report import Family, Say
from tests.support import infra
from tests.support.providers import provider

LETTERS = 640
WAITING = (LETTERS, 100_000)
DELAYS = (0.0, 0.1)
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)

_NOTICE = """
    INSERT INTO notices (id, event_id, rank, kind, variant, why, link, facts, created_at)
    VALUES ('n', 'e', 0, 'announcement', '', 'my_community', '/', '{}', now())
"""
_TOLD = """
    WITH people AS (SELECT 'p-' || n AS id FROM generate_series(1, :people) n),
    told AS (INSERT INTO inbox (person_id, event_id, notice_id) SELECT id, 'e', 'n' FROM people),
    ticketed AS (
        INSERT INTO channel_tickets (person_id, channel, ticket, shown, given_at)
        SELECT id, 'sms', id, '*', now() FROM people
    ),
    chose AS (
        INSERT INTO preferences (person_id, channels, daily_budget, digest, language, changed_at)
        SELECT id, '{in_app,sms}', 10, 'off', 'zh', now() FROM people
    )
    INSERT INTO deliveries (id, person_id, notice_id, channel, lane, state, due_at, created_at)
    SELECT gen_random_uuid(), id, 'n', 'sms', 'ordinary', 'waiting', :now, :now FROM people
"""


def measure(say: Say) -> Family:
    """Each provider with few and with many letters waiting."""
    rows: list[tuple[str, ...]] = []
    for waiting in WAITING:
        with infra.database("notify") as url:
            engine = make_engine(url, pool=4, statement_timeout_ms=0)
            units = UnitOfWorkFactory(engine, "notify")
            try:
                with units() as uow:
                    uow.session.execute(text(_NOTICE))
                    uow.session.execute(text(_TOLD), {"people": waiting, "now": NOW})
                    uow.commit()
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("VACUUM ANALYZE"))
                letters = LETTERS // len(DELAYS)
                for delay in DELAYS:
                    rate = letters / _seconds(units, letters, delay)
                    rows.append((f"{waiting:,}", f"{1000 * delay:.0f}", f"{rate:.0f}"))
                    say(f"sending, {waiting:,} waiting, {delay} s away: {rate:.0f}/s")
            finally:
                engine.dispose()
    return Family(
        "Notify: sending",
        "`tests/bench/notify_sending.py`: one sender, one channel, a relay over HTTP in the same "
        "process; each letter is taken, looked into, sent and marked with a commit of its own. "
        f"{sending.AT_ONCE} are under way at once.",
        ("waiting", "ms that the provider takes", "letters a second"),
        rows,
    )


def _seconds(units: UnitOfWorkFactory, letters: int, delay: float) -> float:
    with provider() as relay:
        relay.hang = delay
        found = way("sms", f"json://{relay.netloc}/", Circuits(time.monotonic))
        before = time.perf_counter()
        sent = 0
        while sent < letters:
            with units(ask=_ask) as uow:
                sent += sending.send_due(uow, found, NOW, "https://shequ.example")
                uow.commit()
        taken = time.perf_counter() - before
        if len(relay.delivered) != sent:
            raise RuntimeError(f"{len(relay.delivered)} letters of {sent}")
    return taken * letters / sent


def _ask(_service: str, _method: str, **_asked: Any) -> dict[str, Any]:
    return Contact(address="+8613800000001").model_dump()
