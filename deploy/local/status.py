"""`make status`: what runs in this checkout, where it answers, whether it says it is ready.

    process    pid  since      health                         /readyz says
    votes     4711  2 min 3 s  http://127.0.0.1:18102/readyz  not ready (database)

The address is that of the process itself: the port stands in the environment it was given.
"""

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException

import psutil
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.local.environment import Plan
from deploy.local.layout import HEALTH_PORTS, Layout
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.system import Identity
from deploy.processes import BY_NAME

READY, NO_ANSWER = "ready", "no answer"
PATIENCE = 4.0  # seconds; a service gives its database two before it says no


@dataclass(frozen=True)
class Running:
    """A process that lives."""

    name: str
    pid: int
    health: str
    """Where it says whether it is ready; empty for the launcher."""
    url: str
    """What people open; empty unless it is the gateway."""


def running(layout: Layout) -> Iterator[Running]:
    """The launcher and whoever it has started, as far as they live."""
    records = [layout.launcher, *sorted(layout.processes.glob("*.json"))]
    for record in records:
        identity = Identity.read(record)
        if identity and identity.alive:
            try:
                environment = psutil.Process(identity.pid).environ()
            except psutil.Error:
                environment = {}
            yield _seen(record.stem, identity.pid, environment)


def _seen(name: str, pid: int, environment: Mapping[str, str]) -> Running:
    row = BY_NAME.get(name.partition("-")[0])  # `votes-2` is a replica of `votes`
    if name == "launcher" or row is None:
        return Running(name, pid, "", "")
    port = environment.get(row.port or "SHEQU_HEALTH_PORT", "")
    health = f"http://127.0.0.1:{port}{row.health_path}" if port else ""
    return Running(name, pid, health, environment.get("SHEQU_PUBLIC_URL", "") if row.port else "")


def answer(address: str) -> str:
    """What a health page says: ready, not ready (and what it lacks), or no answer."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:
            code, body = page.status, page.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            code, body = refusal.code, refusal.read()
    except (OSError, HTTPException):
        return NO_ANSWER
    if code == 200:
        return READY
    return f"not ready ({', '.join(_lacking(body)) or f'HTTP {code}'})"


def _lacking(body: bytes) -> list[str]:
    """The facts that speak against readiness: false ones, and `stopping` when it is true."""
    try:
        facts = json.loads(body)
    except ValueError:
        return []
    if not isinstance(facts, dict):
        return []
    facts.pop("ready", None)
    return [name for name, value in facts.items() if value is (name == "stopping")]


def show(console: Console, plan: Plan) -> None:
    """Print it as a table, and the gateway's address below."""
    found = list(running(plan.layout))
    with ThreadPoolExecutor(max_workers=HEALTH_PORTS) as pool:
        said = list(pool.map(lambda one: answer(one.health) if one.health else "", found))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("process", "pid", "since", "health"):
        table.add_column(title, no_wrap=True)
    table.add_column("/readyz says", overflow="fold")
    for one, word in zip(found, said, strict=True):
        says = Text(word, style="green" if word == READY else "red")
        table.add_row(one.name, str(one.pid), _age(one.pid), one.health, says)
    for name, port in _servers(plan):
        table.add_row(name, "", "", f"port {port}", "")
    console.print(table if table.row_count else "nothing of this checkout runs")
    if table.row_count and all(one.name != "launcher" for one in found):
        console.print("nobody watches them: make up takes them over, make down ends them")
    for url in filter(None, (one.url for one in found)):
        console.print(f"the gateway is at {url}/", highlight=False, soft_wrap=True)


def _servers(plan: Plan) -> Iterator[tuple[str, int]]:
    """The servers that run, with the ports they themselves have written down."""
    if port := plan.postgres(1).running_port:
        yield "postgres", port
    with contextlib.suppress(OSError, ValueError):
        node = RabbitMQ.attach(plan.layout.var / "rabbitmq")
        if node.alive:
            yield "rabbitmq", node.port


def _age(pid: int) -> str:
    try:
        minutes, seconds = divmod(int(time.time() - psutil.Process(pid).create_time()), 60)
    except psutil.Error:
        return ""
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
