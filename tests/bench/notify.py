"""Notify: an announcement to a hundred thousand inboxes, and opening one of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psutil
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.ids import new_id
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.bench.report import Family, Say, median, percentile
from tests.support import infra
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import NOON, SHANGYUAN, say

RESIDENTS = 100_000
ANNOUNCEMENTS = 4
READERS = 200
CHOSE = 5  # one in so many chose something
MUTED = 20  # and one in so many muted announcements
HISTORY = 10  # what each found in the inbox before


def measure(say_: Say) -> list[Family]:
    """The families of figures."""
    return [fan_out(say_)]


@contextmanager
def _inboxes() -> Iterator[Inboxes]:
    with infra.database("notify") as url:
        engine = make_engine(url, pool=2)
        try:
            yield Inboxes(UnitOfWorkFactory(engine, "notify"))
        finally:
            engine.dispose()


def fan_out(say_: Say, residents: int = RESIDENTS) -> Family:
    """How long an announcement takes until everybody has it, and how long an inbox opens."""
    rows: list[tuple[str, ...]] = []
    for name, prepare in (("nobody chose anything", None), ("one in five chose", _choose)):
        with _inboxes() as notify:
            _settle(notify, residents, prepare)
            told: list[float] = []
            busy = _cpu(notify)
            opened: list[float] = []
            for number in range(ANNOUNCEMENTS):
                now = NOON + timedelta(minutes=number)
                announced = say(
                    e.PostPublished,
                    post_id=new_id(),
                    module="announcements",
                    author_id="shi",
                    title="停水通知",
                )
                told.append(_timed(lambda: notify.tell(announced, now=now)))  # noqa: B023
                opened += [_timed(lambda: _open(notify, n, residents)) for n in range(READERS)]  # noqa: B023
            busy = (_cpu(notify) - busy) / ANNOUNCEMENTS
            counted = notify.scalar("SELECT sum(unread) FROM unread_counts")
            rows_unread = notify.scalar("SELECT count(*) FROM inbox WHERE read_at IS NULL")
            if counted != rows_unread or notify.drift():
                raise RuntimeError("a count has drifted")
            ways = notify.scalar("SELECT count(*) FROM deliveries")
            first, later = told[0] / 1_000, median(told[1:]) / 1_000
            rows.append(
                (
                    name,
                    f"{first:.1f}",
                    f"{later:.1f}",
                    f"{max(told) / 1_000:.1f}",
                    f"{busy:.1f}",
                    f"{ways // ANNOUNCEMENTS:,}",
                    f"{median(opened):.1f}",
                    f"{percentile(opened, 0.99):.1f}",
                )
            )
            say_(
                f"fan-out, {name}: {', '.join(f'{ms / 1_000:.1f}' for ms in told)} s; inbox p99 "
                f"{percentile(opened, 0.99):.1f} ms"
            )
    return Family(
        f"Notify: an announcement to {residents:,} residents",
        f"`tests/bench/notify.py`: {ANNOUNCEMENTS} announcements to a community of {residents:,}, "
        f"each of whom has {HISTORY} notices already, read and unread; the whole use-case in one "
        "transaction, from the event to the commit: inbox rows, counts, ways out. Then "
        f"{READERS} of them open their inbox (listNotifications), at once "
        "after the commit. Where one in five chose: two ways out of the house, quiet hours, a "
        "budget of three; one in twenty muted announcements, one in a hundred another thread. "
        "Afterwards every count is compared with its rows.",
        (
            "people",
            "first s",
            "later s",
            "worst s",
            "of it CPU s",
            "ways out each",
            "inbox p50 ms",
            "p99 ms",
        ),
        rows,
        "Asked for: stored and countable in < 10 s, the inbox opens in < 50 ms. The "
        "CPU time is the database's own, for an announcement and the inboxes opened after it.",
    )


def _cpu(notify: Inboxes) -> float:
    """Seconds that the database's process for us has worked."""
    times = psutil.Process(notify.scalar("SELECT pg_backend_pid()")).cpu_times()
    return float(times.user + times.system)


def _timed(act: Callable[[], Any]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1_000


def _open(notify: Inboxes, number: int, residents: int) -> None:
    page = notify.page(f"p{number * 487 % residents}")
    if len(page.items) < HISTORY:
        raise RuntimeError("an inbox is empty")


def _settle(notify: Inboxes, residents: int, prepare: Callable[[Any, int], None] | None) -> None:
    """The residents, with what they have heard before."""
    notify.community(shi="石书记")
    with notify.units() as uow:
        run = uow.session.execute
        run(text("SET LOCAL statement_timeout = 0"))
        run(
            text(
                "INSERT INTO directory_cards (person_id, community_id, path, standing, "
                "display_name) SELECT 'p' || n, 'shangyuan', :path, 'active', '邻居' "
                "FROM generate_series(0, :residents - 1) n"
            ),
            {"path": SHANGYUAN, "residents": residents},
        )
        uow.commit()
    with notify.units() as uow:
        run = uow.session.execute
        run(text("SET LOCAL statement_timeout = 0"))
        run(
            text(
                "INSERT INTO notices (id, event_id, rank, kind, variant, why, link, facts, "
                "community_id, created_at) SELECT uuidv7(:back - n * interval '1 h')::text, "
                "'old-' || n, 0, 'announcement', '', 'my_community', '/', '{}', 'shangyuan', "
                "cast(:noon AS timestamptz) - n * interval '1 h' FROM generate_series(1, :n) n"
            ),
            {"back": timedelta(days=-1), "noon": NOON, "n": HISTORY},
        )
        run(
            text(
                "INSERT INTO inbox (event_id, person_id, notice_id, read_at) "
                "SELECT n.event_id, 'p' || p, n.id, CASE WHEN p % 3 > 0 THEN :noon END "
                "FROM generate_series(0, :residents - 1) p, notices n"
            ),
            {"residents": residents, "noon": NOON},
        )
        run(
            text(
                "INSERT INTO unread_counts (person_id, unread) SELECT person_id, "
                "count(*) FILTER (WHERE read_at IS NULL) FROM inbox GROUP BY person_id"
            )
        )
        if prepare is not None:
            prepare(uow.session, residents)
        uow.commit()
    with notify.units.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        link.execute(text("SET statement_timeout = 0"))
        link.execute(text("VACUUM ANALYZE"))


def _choose(session: Any, residents: int) -> None:
    """What one in five chose, and what some of them muted."""
    session.execute(
        text(
            "INSERT INTO preferences (person_id, channels, quiet_from, quiet_until, muted_kinds, "
            "daily_budget, digest, language, changed_at) SELECT 'p' || n, "
            "'{in_app,live,web_push,mail}', 1320, 420, "
            "CASE WHEN n % :muted = 0 THEN '{announcement}' ELSE '{}' END::text[], 3, 'daily', "
            "'zh', :noon FROM generate_series(0, :residents - 1) n WHERE n % :chose = 0"
        ),
        {"residents": residents, "muted": MUTED, "chose": CHOSE, "noon": NOON},
    )
    session.execute(
        text(
            "INSERT INTO muted_threads (post_id, person_id, muted_at) SELECT 'other', 'p' || n, "
            ":noon FROM generate_series(0, :residents - 1) n WHERE n % 100 = 0"
        ),
        {"residents": residents, "noon": NOON},
    )
