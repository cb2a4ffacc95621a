"""The whole system as processes, for tests that walk through it from outside.

    servers ─▶ topology ∥ demo seeds ─▶ five services, grid platform, gateway ─▶ ready

What runs and what each process is told comes from the launcher's own table and plan. The servers
are those of the test run (`on_shared_servers`), or a pair that a test may kill (`on_own_servers`).
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from deploy.local.devinfra import DevInfra
from deploy.local.environment import Plan
from deploy.local.graph import Step, run_steps
from deploy.local.keys import make_keys
from deploy.local.layout import ROOT, Layout, Ports
from deploy.local.postgres import EXTENSIONS
from deploy.local.rabbitmq import GRID_USER
from deploy.local.supervisor import PATIENCE, Instance, Supervisor, Watched
from deploy.local.system import NotReady, free_port, tail, wait_until
from deploy.processes import (
    JOBS,
    PROCESSES,
    SERVICES,
    Process,
    database_variable,
    switched_off,
)
from tests.support import infra

READY_LIMIT = 90.0  # seconds that a process may need on a loaded machine
JOB_LIMIT = 300.0
TEND_EVERY = 0.1
MODELS = ROOT / "var" / "model"
MIGRATE = "services.kit.migrate"  # databases come migrated


@dataclass(frozen=True)
class ElsewhereLayout(Layout):
    """The checkout's programs with everything they write in another folder."""

    place: Path = field(default_factory=Path)

    @property
    def var(self) -> Path:
        """Where this system's keys, logs and uploads lie."""
        return self.place


class Platform:
    """One running system; `api` is the address of its contract."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        ports = Ports(
            gateway=free_port(), postgres=0, amqp=0, distribution=0, epmd=0, health=_free_block(16)
        )
        self.layout = ElsewhereLayout(ROOT, ports, folder)
        outside = {name: text for name, text in os.environ.items() if not _ours(name)}
        self.plan = Plan(self.layout, {**outside, **settings})
        self.url = f"http://127.0.0.1:{ports.gateway}"
        self.api = f"{self.url}/api/v1"
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._said: list[str] = []
        self._supervisor = Supervisor(
            ROOT, self.layout.log, self.layout.processes, lambda name, text: self._say(name, text)
        )
        self._keeper = threading.Thread(target=self._keep, name="supervisor", daemon=True)

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Run the jobs, start every process and return when all are ready."""
        for part in ("log", "run/processes", "uploads", "grid_platform"):
            (self.layout.var / part).mkdir(parents=True, exist_ok=True)
        make_keys(self.layout.keys)
        # The classifier's model depends on code and corpus alone: one for every run.
        MODELS.mkdir(parents=True, exist_ok=True)
        (self.layout.var / "model").symlink_to(MODELS)
        jobs = [job for job in JOBS if job.module != MIGRATE]
        steps = {job.name: Step(partial(self._run_job, job)) for job in jobs}
        steps["model"] = Step(_build_model)
        run_steps(steps, stop=self._stop)
        for instance in self.instances.values():
            self._supervisor.start(instance)
        self._keeper.start()
        self.await_ready()

    def close(self) -> None:
        """Stop everything that was started."""
        self._stop.set()
        if self._keeper.is_alive():
            self._keeper.join(timeout=30)
        with self._lock:
            self._supervisor.stop(list(self.instances))

    # -- what tests do to it ------------------------------------------------------------------

    def stop(self, name: str) -> None:
        """Stop a process on purpose: nobody brings it back but `start_again`."""
        with self._lock:
            self._supervisor.stop([name])

    def start_again(self, name: str) -> None:
        """Start a process that was stopped, and wait until it is ready."""
        with self._lock:
            watched = self._supervisor.start(self.instances[name])
        self._await_ready(watched)

    @contextmanager
    def beside(self, name: str) -> Iterator[str]:
        """A second process of the same row for the time of the block; its name."""
        first, port = self.instances[name], free_port()
        environment = {**first.environment, "SHEQU_HEALTH_PORT": str(port)}
        second = replace(first, number=2, health_port=port, environment=environment)
        with self._lock:
            watched = self._supervisor.start(second)
        self._await_ready(watched)
        try:
            yield second.name
        finally:
            self.stop(name)  # both: whoever stops a row means all of it
            self.start_again(name)

    def kill(self, name: str) -> None:
        """SIGKILL a process; the supervisor brings it back as the launcher's would."""
        with self._lock:
            identity = self._watched(name).identity
        if identity is None or not identity.alive:
            raise NotReady(f"{name} does not run")
        os.killpg(identity.pid, signal.SIGKILL)

    def await_ready(self, *names: str) -> None:
        """Wait until these processes (all, when none is named) say that they are ready."""
        for name in names or tuple(self.instances):
            with self._lock:
                watched = self._watched(name)
            self._await_ready(watched)

    def pid(self, name: str) -> int | None:
        """The process id of what runs now."""
        with self._lock:
            identity = self._watched(name).identity
        return identity.pid if identity and identity.alive else None

    # -- what tests want to know ---------------------------------------------------------------

    @cached_property
    def instances(self) -> dict[str, Instance]:
        """Every process of the table that is on, one replica each."""
        found = {}
        off = switched_off(self.plan.values())
        for place, process in enumerate(PROCESSES):
            if process.name in off:
                continue
            port = self.layout.ports.gateway if process.port else self.layout.ports.health + place
            environment = self.plan.environment(process, port)
            command = (sys.executable, *process.command)
            found[process.name] = Instance(process, 1, port, command, environment)
        return found

    @property
    def demo(self) -> dict[str, Any]:
        """What the seed wrote down for people and tests: QR codes, newcomers."""
        content: dict[str, Any] = json.loads((self.layout.run / "demo.json").read_text())
        return content

    def database_url(self, service: str) -> str:
        """Where a service keeps its data."""
        return self.plan.values()[database_variable(service)]

    def log(self, name: str) -> str:
        """What a process has written so far."""
        return (self.layout.log / f"{name}.log").read_text(errors="replace")

    # -- inside ---------------------------------------------------------------------------------

    def _watched(self, name: str) -> Watched:
        for watched in self._supervisor.watched:
            if watched.instance.name == name:
                return watched
        raise NotReady(f"{name} was not started")

    def _await_ready(self, watched: Watched) -> None:
        """The keeper brings back what ends, so this only asks; but not for ever."""
        before = watched.exits
        try:
            wait_until(
                watched.ready,
                limit=READY_LIMIT,
                what=watched.instance.name,
                alive=lambda: watched.exits - before < PATIENCE,
            )
        except NotReady as error:
            raise NotReady(f"{error}\n{tail(watched.log, 30)}") from None

    def _run_job(self, job: Process) -> None:
        log = self.layout.log / f"{job.name}.log"
        with log.open("wb") as out:
            done = subprocess.run(
                [sys.executable, *job.command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.plan.environment(job),
                cwd=ROOT,
                timeout=JOB_LIMIT,
            )
        if done.returncode != 0:
            raise NotReady(f"{job.name} failed (exit {done.returncode}):\n{tail(log, 30)}")

    def _keep(self) -> None:
        while not self._stop.wait(TEND_EVERY):
            with self._lock:
                self._supervisor.tend()

    def _say(self, name: str, text: str) -> None:
        self._said.append(f"{name}: {text}")

    @property
    def said(self) -> list[str]:
        """What the launcher's console would have shown: warnings, ends, restarts."""
        return list(self._said)


# -- servers ----------------------------------------------------------------------------------


@contextmanager
def on_shared_servers(folder: Path, **settings: str) -> Iterator[Platform]:
    """The system on fresh databases and a fresh vhost of the test run's servers."""
    with ExitStack() as stack:
        databases = {s: stack.enter_context(infra.database(s)) for s in SERVICES}
        vhost = infra.Vhosts()
        stack.callback(vhost.close)
        name = vhost.fresh()
        urls = (infra.amqp_url(name), infra.amqp_url(name, GRID_USER))
        yield stack.enter_context(_running(folder, databases, urls, settings))


@contextmanager
def on_own_servers(folder: Path, **settings: str) -> Iterator[tuple[Platform, DevInfra]]:
    """The system on a PostgreSQL and a RabbitMQ of its own, which a test may kill."""
    from services.kit import migrate

    servers = DevInfra.at(folder / "servers")
    try:
        servers.start()
        databases = {}
        for service in SERVICES:
            url = servers.postgres.create_database(service)
            for extension in EXTENSIONS:
                servers.postgres.execute(
                    f"CREATE EXTENSION IF NOT EXISTS {extension}", database=service
                )
            migrate.upgrade(service, url)
            databases[service] = url
        urls = (servers.rabbitmq.url(), servers.rabbitmq.url(user=GRID_USER))
        with _running(folder, databases, urls, settings) as platform:
            yield platform, servers
    finally:
        servers.stop()


@contextmanager
def _running(
    folder: Path,
    databases: Mapping[str, str],
    amqp_urls: tuple[str, str],
    settings: Mapping[str, str],
) -> Iterator[Platform]:
    told = {
        "SHEQU_ENV": "test",
        "SHEQU_RETRY_SCALE": "0.02",
        "SHEQU_MODEL_DIR": str(ROOT / "var" / "model"),  # built once for all
        "SHEQU_AMQP_URL": amqp_urls[0],
        "SHEQU_GRID_AMQP_URL": amqp_urls[1],
        **{database_variable(service): url for service, url in databases.items()},
        **settings,
    }
    platform = Platform(folder, told)
    try:
        platform.start()
        yield platform
    finally:
        platform.close()


def _build_model() -> None:
    from services.grid_bridge.classifier import store

    store.ensure(MODELS)


def _ours(name: str) -> bool:
    return name.startswith("SHEQU_") and not name.startswith("SHEQU_TEST_")


def _free_block(size: int) -> int:
    """The first of `size` neighbouring ports that are all free now."""
    for _ in range(100):
        first = free_port()
        with ExitStack() as held:
            try:
                for port in range(first, first + size):
                    probe = held.enter_context(contextlib.closing(socket.socket()))
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise NotReady(f"no {size} neighbouring ports are free")
