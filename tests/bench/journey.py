"""The journey of one report through the whole system: what people wait for, and what follows."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from deploy.client import Client
from deploy.demo import pictures
from deploy.demo.people import CODE, STAFF, committee_at_work
from services.contracts import demo
from tests.bench.report import Family, Say, percentile
from tests.support.platform import on_own_servers

T = TypeVar("T")
JOURNEYS = 40
AT_A_TIME = 2
STEP_SECONDS = 0.05  # the grid platform's pause between two steps, eight of them to the closure
REPORTER = "13800000012"


class Watch:
    """Collects how long each part took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, part: str, act: Callable[[], T]) -> T:
        """Do it and note how long it took."""
        started = time.perf_counter()
        result = act()
        self.seconds.setdefault(part, []).append(time.perf_counter() - started)
        return result

    def until(self, part: str, condition: Callable[[], bool], limit: float = 60) -> None:
        """Ask until it is so and note how long that took."""
        started = time.perf_counter()
        while not condition():
            if time.perf_counter() - started > limit:
                raise TimeoutError(part)
            time.sleep(0.01)
        self.seconds.setdefault(part, []).append(time.perf_counter() - started)


def walk(watch: Watch, resident: Client, staff: Client, photo: bytes) -> None:
    """One report from the photo to the rating."""
    upload = watch.time("upload of the photo", lambda: resident.upload(photo))
    receipt = watch.time(
        "report",
        lambda: resident.report_issue(
            demo.SHANGYUAN, "商铺占用绿化带", "绿化带被店铺占了", attachments=[upload.id]
        ),
    )
    watch.until(
        "→ suggestion of the classifier", lambda: staff.issue(receipt.id).suggestion is not None
    )
    watch.time("triage", lambda: staff.triage(receipt.id, "8x", "X3"))
    watch.time(
        "self-governance step",
        lambda: staff.self_governance(receipt.id, "talk", "约谈无效", outcome="failed"),
    )
    watch.time("escalation", lambda: staff.escalate(receipt.id, "自治无效"))
    watch.until(
        f"→ closed by the grid platform (8 steps of {STEP_SECONDS} s)",
        lambda: staff.issue(receipt.id).status == "closed",
    )
    watch.until(
        "→ notice in the reporter's inbox",
        lambda: any(n.link.endswith(receipt.id) for n in resident.news().items),
    )
    watch.time("rating", lambda: resident.rate(receipt.id, 5, solved=True))
    watch.time("reading the issue", lambda: resident.issue(receipt.id))


def measure(folder: Path, say: Say) -> Family:
    """The family of figures."""
    watch = Watch()
    settings = {
        "SHEQU_GRID_STEP_SECONDS": str(STEP_SECONDS),
        "SHEQU_RATE_LIMITS": "off",
        "SHEQU_LOG_LEVEL": "WARNING",
        "SHEQU_RETRY_SCALE": "1",
    }
    with on_own_servers(folder / "journey", **settings) as (platform, _):
        api = Client(platform.url)
        staff, _home = committee_at_work(api)
        resident = api.login(REPORTER, CODE)
        photo = pictures.occupied()
        walk(Watch(), resident, staff, photo)  # everything is warm
        started = time.perf_counter()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(lambda _: walk(watch, resident, staff, photo), range(JOURNEYS)))
        total = time.perf_counter() - started
        api.close()
    say(f"journey: {JOURNEYS} in {total:.1f} s")
    return Family(
        "The journey of a report",
        f"`tests/bench/journey.py`: {JOURNEYS} reports with photo from the resident's upload to "
        f"her rating, {AT_A_TIME} at a time, over HTTP against five services, gateway, grid "
        f"platform, PostgreSQL and RabbitMQ, by {STAFF} and a resident. Arrows are what the system "
        "does by itself, seen by asking every 10 ms.",
        ("part", "p50 ms", "p95 ms"),
        [
            (part, f"{percentile(each, 0.5) * 1000:.0f}", f"{percentile(each, 0.95) * 1000:.0f}")
            for part, each in watch.seconds.items()
        ],
        f"{JOURNEYS} journeys took {total:.1f} s.",
    )
