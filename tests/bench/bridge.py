"""The bridge: every list among few and many issues, figures and counting with their history."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from services.grid_bridge import recount
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.bench import grid_history
from tests.bench.report import Family, Say, median, percentile
from tests.support import infra
from tests.support.bridge import JUYUAN, NEXT_DOOR, NOW, OPERATOR, SHI, SUN
from tests.support.bridge_desk import PROPERTY
from tests.support.bridge_figures import Bureau
from tests.support.explained import analyze

SIZES = (1_000, 51_000)
UPDATES = (50, 51_000)  # issues with a thousand and with a million updates
ROUNDS = 60
WARM = 5

Pages = dict[tuple[str, str], Callable[[], Any]]


def measure(say: Say) -> list[Family]:
    """The families of figures."""
    return [lists(say), figures(say)]


@contextmanager
def _filled(count: int, say: Say) -> Iterator[Bureau]:
    with infra.database("grid_bridge") as url, tempfile.TemporaryDirectory() as folder:
        engine = make_engine(url, pool=2)
        try:
            factory = UnitOfWorkFactory(engine, "grid_bridge")
            bureau = Bureau(factory, Path(folder))
            started = time.perf_counter()
            grid_history.fill(bureau, count)
            filled = time.perf_counter()
            recount.run(factory)
            analyze(engine, *grid_history.TABLES)
            say(
                f"bridge: {count:,} issues in {filled - started:.0f} s, "
                f"counted in {time.perf_counter() - filled:.0f} s"
            )
            yield bureau
        finally:
            engine.dispose()


def _rounds(sizes: tuple[int, int], say: Say, pages: Callable[[Bureau], Pages]) -> list[Any]:
    """p50 and p95 of each page in both tables; round after round over both, so that the machine's
    moods meet each of them."""
    took: dict[tuple[str, str], dict[int, list[float]]] = {}
    with ExitStack() as stack:
        of_size = {size: pages(stack.enter_context(_filled(size, say))) for size in sizes}
        for number in range(WARM + ROUNDS):
            for size in sizes:
                for name, page in of_size[size].items():
                    started = time.perf_counter()
                    page()
                    if number >= WARM:
                        ms = (time.perf_counter() - started) * 1_000
                        took.setdefault(name, {}).setdefault(size, []).append(ms)
    rows = []
    for name, by_size in took.items():
        p50 = [median(by_size[size]) for size in sizes]
        p95 = [percentile(by_size[size], 0.95) for size in sizes]
        rows.append((*name, *(f"{ms:.1f}" for ms in (*p50, *p95)), f"{p50[1] / p50[0]:.2f}"))
        say(f"bridge, {name[0]}, {name[1]}: p95 {p95[1]:.0f} ms, ratio {p50[1] / p50[0]:.2f}")
    return rows


def _columns(few: str, many: str) -> tuple[str, ...]:
    return (
        "list", "of", f"p50 ms, {few}", f"p50 ms, {many}", f"p95 ms, {few}", f"p95 ms, {many}",
        "ratio p50",
    )  # fmt: skip


def _lists(bureau: Bureau) -> Pages:
    found: Pages = {}
    own = ({}, {"status": "escalated"}, {"status": "reported"}, {"category": "consult"})
    for query in (*own, {"source": "phone"}, {"source": "visit"}, {"due_before": NOW}):
        found["issues", _words(query)] = partial(bureau.issues, SHI, **query)
    found["issues", "a resident's"] = partial(bureau.issues, SUN)
    for query in (
        {"assignee": "me"},
        {"assignee": "p-wang"},
        {"assignee": "p-wang", "status": "reported"},
        {"has_duplicates": True},
        {"has_duplicates": False},
    ):
        found["issues", _words(query)] = partial(bureau.issues, SHI, **query)
    for query in (
        {},
        {"state": "disposing"},
        {"state": "verifying"},
        {"overdue": True},
        {"overdue": False},
    ):
        for who, name in ((SHI, "committee"), (OPERATOR, "operator"), (SUN, "reporter")):
            found["work orders", f"{name}: {_words(query)}"] = partial(bureau.orders, who, **query)
    for query in ({}, {"standing": "ordered"}, {"standing": "returned"}):
        for who, name in ((SHI, "committee"), (OPERATOR, "operator")):
            found["library", f"{name}: {_words(query)}"] = partial(bureau.library, who, **query)
    for query in ({}, {"state": "open"}, {"state": "declined"}):
        for who, name in ((SHI, "committee"), (PROPERTY, "property firm")):
            found["referrals", f"{name}: {_words(query)}"] = partial(bureau.referrals, who, **query)
    found["absences", ""] = bureau.absences
    found["undertakings", "a turn of the timer"] = bureau.remind
    return found


def _words(query: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in query.items()) or "no filter"


def lists(say: Say) -> Family:
    """How long each list takes, with few and with many issues in the table."""
    few, many = (f"{size:,}" for size in SIZES)
    return Family(
        "Bridge: lists among few and many issues",
        "`tests/bench/bridge.py`: the whole use-case of each list (20 entries) in one process, "
        f"with {few} issues in the database and with {many}, of which half are in the community "
        f"that asks and the others in {grid_history.COMMUNITIES} more; each has a timeline of "
        f"about twelve lines and an order with about twenty updates. {ROUNDS} rounds, "
        "alternating between the databases.",
        _columns(few, many),
        _rounds(SIZES, say, _lists),
        "Asked for: p95 < 50 ms at the service.",
    )


def _figures(bureau: Bureau) -> Pages:
    year = {"from": bureau.today.replace(year=bureau.today.year - 1), "to": bureau.today}
    return {
        ("figures", "a community, 61 days"): bureau.own_kpis,
        ("figures", "the district, 61 days"): bureau.kpis,
        ("figures", "the district, a year"): partial(bureau.kpis, **year),
        ("figures", "its towns, a year"): partial(bureau.kpis, by="town", **year),
        ("figures", "the communities of a town"): partial(
            bureau.kpis, by="community", town="t-yuepu"
        ),
        ("issue counts", "half of all issues"): bureau.counts,
        ("issue counts", "a community without any"): partial(bureau.counts, NEXT_DOOR, JUYUAN),
        ("counters", "a turn of the timer, nothing to do"): bureau.roll_up,
        ("counted", "an issue is reported"): bureau.report,
    }


def figures(say: Say) -> Family:
    """How long figures take after a thousand and after a million updates."""
    few, many = ("1,000 updates", "1 M updates")
    return Family(
        "Bridge: figures after a thousand and a million updates",
        f"`tests/bench/bridge.py`: the whole use-case, with {UPDATES[0]} issues (about 1,000 "
        f"updates) and with {UPDATES[1]:,} (about a million). Identity is not asked.",
        _columns(few, many),
        _rounds(UPDATES, say, _figures),
        "Asked for: flat from 1,000 to 1 M.",
    )
