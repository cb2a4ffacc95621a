"""Digests: a round of 500 people with news among 500 subscribers, and among 200,000."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from services.notify.domain import digests as rules
from services.notify.handlers import clock
from services.notify.repository import digests as store
from tests.bench.report import Family, Say, median
from tests.support import infra

NEWS = 500
ROUNDS = 7
SUBSCRIBERS = (500, 200_000)
START = rules.next_round(datetime(2026, 3, 2, 4, tzinfo=UTC))

_PEOPLE = """
    INSERT INTO preferences (person_id, channels, daily_budget, digest, language, changed_at)
    SELECT 'p-' || n, '{in_app,web_push}', 10, 'daily', 'zh', now()
    FROM generate_series(1, :people) n
"""
_COUNTED = "INSERT INTO unread_counts (person_id, unread) SELECT person_id, 0 FROM preferences"
# Of each person's own there is one piece of news, spread over all subscribers.
_NOTICES = """
    INSERT INTO notices (id, event_id, rank, kind, variant, why, link, facts, created_at)
    SELECT :day || '-' || lpad(n::text, 6, '0'), :day || '-e-' || n, 0, 'issue_answered', 'fixed',
           'my_issue', '/', '{}', :at
    FROM generate_series(1, :news) n
"""
_INBOX = """
    INSERT INTO inbox (person_id, event_id, notice_id)
    SELECT 'p-' || 1 + (n - 1) * (:people / :news), :day || '-e-' || n,
           :day || '-' || lpad(n::text, 6, '0')
    FROM generate_series(1, :news) n
"""
_PER_PERSON = ("preferences", "unread_counts")
_TABLES = ("preferences", "unread_counts", "inbox", "notices")


def measure(say: Say) -> Family:
    """Both databases in one run, round by round in turns."""
    with infra.database("notify") as few, infra.database("notify") as many:
        engines = [make_engine(url, pool=2) for url in (few, many)]
        units = [UnitOfWorkFactory(engine, "notify") for engine in engines]
        try:
            for one, people in zip(units, SUBSCRIBERS, strict=True):
                _settle(one, people)
            times: list[list[float]] = [[] for _ in units]
            for day in range(ROUNDS):
                for one, people, taken in zip(units, SUBSCRIBERS, times, strict=True):
                    taken.append(_round(one, people, START + timedelta(days=day), say))
            scans = _scans(units[-1])
        finally:
            for engine in engines:
                engine.dispose()
    middle = [median(taken[1:]) for taken in times]  # the first warms up
    return Family(
        "Notify: a round of digests",
        f"`tests/bench/notify_digests.py`: {NEWS} people with one unread piece of news each, among "
        f"so many who have a digest daily, and their sending by web push; median of {ROUNDS - 1} "
        "rounds in turns, from the first question to the last commit. Asked for: work that grows "
        "with who has news, not with subscribers.",
        ("subscribers", "with news", "ms a round", "against the smallest"),
        [
            (f"{people:,}", str(NEWS), f"{1000 * taken:.0f}", f"{taken / middle[0]:.2f}")
            for people, taken in zip(SUBSCRIBERS, middle, strict=True)
        ],
        reading="Tables of subscribers that the question with which a round begins reads from end "
        f"to end, among {SUBSCRIBERS[-1]:,}: {', '.join(scans) or 'none'}.",
    )


def _settle(units: UnitOfWorkFactory, people: int) -> None:
    with units() as uow:
        uow.session.execute(text(_PEOPLE), {"people": people})
        uow.session.execute(text(_COUNTED))
        uow.commit()


def _round(units: UnitOfWorkFactory, people: int, at: datetime, say: Say) -> float:
    """What happened since the day before, then the round; seconds of the round alone."""
    values = {"people": people, "news": NEWS, "day": f"{at:%m%d}", "at": at - timedelta(hours=1)}
    with units() as uow:
        for statement in (_NOTICES, _INBOX):
            uow.session.execute(text(statement), values)
        clock.stand(uow, at - timedelta(hours=1))
        uow.commit()
    with units.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _TABLES:
            connection.execute(text(f"VACUUM ANALYZE {table}"))
    before = time.perf_counter()
    while True:
        with units() as uow:
            done = clock.do_next(uow, at, {k: v for k, v in clock.DUTIES.items() if "digest" in k})
            uow.commit()
        if not done:
            break
    taken = time.perf_counter() - before
    with units(read_only=True) as uow:
        made = uow.session.scalar(
            text("SELECT count(*) FROM digests WHERE round = :at"), {"at": at}
        )
    if made != NEWS:
        raise RuntimeError(f"{made} digests of {NEWS}")
    say(f"digests of {NEWS} among {people:,}: {1000 * taken:.0f} ms")
    return taken


def _scans(units: UnitOfWorkFactory) -> Sequence[str]:
    """What the question that a round begins with reads from end to end."""
    at = START + timedelta(days=ROUNDS)
    with units() as uow:
        plan = uow.session.scalars(
            text(f"EXPLAIN {store.COLLECT}"), store.collecting(at, at - 2 * rules.DAY, None)
        ).all()
    return sorted(
        {table for table in _PER_PERSON for line in plan if f"Seq Scan on {table}" in line}
    )
