"""`make up`: brings up everything in the service table on this machine and keeps it up.

    set-up done ─▶ lock ─▶ leftovers of a crash ended ─▶ keys
      ─▶ PostgreSQL ∥ RabbitMQ ─▶ migrations, topology, demo ─▶ processes ─▶ watch ─▶ stop

What each step waits for is in the table (`deploy/processes.py`). Ctrl-C, SIGTERM and SIGHUP stop
everything that was started, and only that; a second Ctrl-C does not wait for work to finish.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import TextIO

import psutil
from rich.console import Console

from deploy.local import welcome
from deploy.local.environment import VHOST, Plan
from deploy.local.graph import Interrupted, Step, run_steps
from deploy.local.keys import make_keys
from deploy.local.layout import HEALTH_PORTS, Layout
from deploy.local.progress import Progress
from deploy.local.readiness import Readiness
from deploy.local.supervisor import Instance, Supervisor, stop_leftovers
from deploy.local.system import Identity, NotReady, PortBusy, can_bind, stop_processes, tail
from deploy.processes import INFRASTRUCTURE, JOBS, PROCESSES, Kind, Process

READY_LIMIT = 90.0  # seconds that a process may need to become ready
JOB_LIMIT = 180.0  # seconds that a migration or the seed may take
LOCK_WAIT = 45.0  # seconds we wait for a launcher that is already stopping


class AlreadyUp(Exception):
    """Another launcher works in this checkout."""


class WrongWords(Exception):
    """The command line asks for something that is not in the table."""


def parse_replicas(
    words: Sequence[str], processes: Sequence[Process], usual: Mapping[str, int] | None = None
) -> dict[str, int]:
    """`["votes=3"]` → how many of each process; words in capitals are settings, not ours.

    `usual` is how many there are of what is not named; one of all that is not in it.

    Raises:
        WrongWords: an unknown process, no number, or more than the process can have.
    """
    table = {process.name: process for process in processes}
    counts = {process.name: 1 for process in processes} | dict(usual or {})
    for word in words:
        name, _, number = word.partition("=")
        if name.isupper():
            continue
        if name not in table:
            raise WrongWords(f"no process is called {name!r}; there are: {', '.join(table)}")
        if not number.isdigit():
            raise WrongWords(f"{word!r}: how many? For example {name}=2")
        most = table[name].most
        if most is not None and int(number) > most:
            raise WrongWords(f"{name} can have {most} at most on one machine")
        counts[name] = int(number)
    if sum(counts.values()) > HEALTH_PORTS:
        raise WrongWords(f"at most {HEALTH_PORTS} processes can be watched on one machine")
    return counts


def merge_jobs(jobs: Iterable[Process]) -> dict[tuple[str, ...], Process]:
    """Jobs by the names they stand for; those of one program that wait for the same run as one.

    Five migrations spend four fifths of their time on loading the same libraries. Where services
    are deployed one by one each keeps its own job.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Process]] = {}
    for job in jobs:
        groups.setdefault((job.module, job.depends_on), []).append(job)
    return {
        tuple(job.name for job in group): replace(
            group[0],
            name=group[0].name
            if len(group) == 1
            else f"{group[0].name.partition('-')[0]} × {len(group)}",
            arguments=tuple(word for job in group for word in job.arguments),
            environment=tuple(dict.fromkeys(n for job in group for n in job.environment)),
        )
        for group in groups.values()
    }


class Launcher:
    """One run of the system in one checkout."""

    def __init__(
        self,
        layout: Layout,
        outside: Mapping[str, str],
        counts: Mapping[str, int],
        console: Console,
        *,
        processes: Sequence[Process] = PROCESSES,
        jobs: Sequence[Process] = JOBS,
    ) -> None:
        self.layout = layout
        self.plan = Plan(layout, outside)
        self.console = console
        self.progress = Progress(console)
        self.stop_asked = threading.Event()
        self.interrupted = threading.Event()
        self.hurry = threading.Event()
        self.processes = processes
        self.jobs = merge_jobs([job for job in jobs if self.plan.demo or not job.demo_only])
        self.instances = list(self._instances(counts))
        self.postgres = self.plan.postgres(len(self.instances))
        self.rabbitmq = self.plan.rabbitmq
        self.supervisor = Supervisor(layout.root, layout.log, layout.processes, self.say)
        self._began = time.monotonic()
        self._job_slots = threading.Semaphore(max(2, (os.cpu_count() or 2) // 2))
        self._servers: set[str] = set()
        self._mending: threading.Thread | None = None

    # -- the whole story ----------------------------------------------------------------------

    def run(self) -> int:
        """Bring everything up, watch it until asked to stop, take it down; the exit code."""
        self._prepare()
        readiness = Readiness(lambda: list(self.supervisor.watched), self.say)
        with self._lock(), self._signals():
            try:
                if leftovers := stop_leftovers(self.layout.processes):
                    self.console.print(f"  ! ended what a crash left: {', '.join(leftovers)}")
                self.layout.ports_file.write_text(json.dumps(asdict(self.layout.ports)))
                if identity := Identity.of(os.getpid()):
                    identity.write(self.layout.launcher)
                self._adopt_servers()
                self._require_ports()
                with self.progress.shown():
                    run_steps(self._steps(), stop=self.stop_asked)
                welcome.show(
                    self.console, self.plan, self.instances, time.monotonic() - self._began
                )
                readiness.start()
                self._watch()
                return 0
            except Interrupted:
                return 130
            except (NotReady, PortBusy) as problem:
                if self.interrupted.is_set():  # what was on its way is not to blame
                    return 130
                self.console.print(f"\n[red]{type(problem).__name__}[/red]: ", end="")
                self.console.print(str(problem), markup=False, highlight=False)
                return 1
            finally:
                readiness.stop()
                self._take_down()
                self.layout.launcher.unlink(missing_ok=True)

    def say(self, name: str, text: str) -> None:
        """A line about one process."""
        self.console.print(f"[cyan]{name:>13}[/cyan] │ {text}", highlight=False, soft_wrap=True)

    # -- up -----------------------------------------------------------------------------------

    def _steps(self) -> dict[str, Step]:
        """The table as steps: infrastructure, jobs, then processes."""
        starters = {"postgres": self._start_postgres, "rabbitmq": self._start_rabbitmq}
        steps = {name: Step(starters[name]) for name in INFRASTRUCTURE}
        for names, job in self.jobs.items():
            work, *others = names
            steps[work] = Step(partial(self._run_job, job), job.depends_on)
            steps |= {name: Step(lambda: None, (work,)) for name in others}
        for process in self.processes:
            needs = tuple(need for need in process.depends_on if need in steps)
            steps[process.name] = Step(partial(self._start_process, process), needs)
        return steps

    def _start_postgres(self) -> None:
        if not self.plan.own_databases:
            return
        with self.progress.step("PostgreSQL"):
            self._servers.add("postgres")
            self.postgres.start()
            self.plan.ensure_databases(self.postgres)

    def _start_rabbitmq(self) -> None:
        if not self.plan.own_broker:
            return
        with self.progress.step("RabbitMQ"):
            self._servers.add("rabbitmq")
            self.rabbitmq.start_async()
            self.rabbitmq.await_ready([VHOST], go_on=lambda: not self.stop_asked.is_set())

    def _run_job(self, job: Process) -> None:
        with self._job_slots, self.progress.step(job.name):
            log = self.layout.log / f"{job.name.partition(' ')[0]}.log"
            with log.open("wb") as out:
                child = subprocess.Popen(
                    [sys.executable, *job.command],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env=self.plan.environment(job),
                    cwd=self.layout.root,
                    start_new_session=True,
                )
            deadline = time.monotonic() + JOB_LIMIT
            while child.poll() is None:
                if self.stop_asked.wait(0.05) or time.monotonic() > deadline:
                    if identity := Identity.of(child.pid):
                        stop_processes([identity], grace=5)
                    child.wait()
            if self.stop_asked.is_set():
                raise NotReady(f"{job.name}: no longer wanted")
            if child.returncode != 0:
                raise NotReady(f"{job.name} failed (exit {child.returncode}):\n{tail(log, 25)}")
            if self.plan.own_broker and "rabbitmq" in job.depends_on:
                self.rabbitmq.settle()

    def _start_process(self, process: Process) -> None:
        mine = [instance for instance in self.instances if instance.process is process]
        if not mine:
            return
        label = process.name if len(mine) == 1 else f"{process.name} × {len(mine)}"
        with self.progress.step(label):
            started = [self.supervisor.start(instance) for instance in mine]
            for watched in started:
                self.supervisor.await_ready(
                    watched, limit=READY_LIMIT, go_on=lambda: not self.stop_asked.is_set()
                )

    def _instances(self, counts: Mapping[str, int]) -> Iterator[Instance]:
        """All replicas; the first of each process keeps its health port whatever is asked."""
        order = [(process, 1) for process in self.processes]
        order += [(p, n) for p in self.processes for n in range(2, counts.get(p.name, 1) + 1)]
        for place, (process, number) in enumerate(order):
            if number > counts.get(process.name, 1):
                continue
            if process.port:
                port = int(self.plan.values()[process.port])
            else:
                port = self.layout.ports.health + place
            environment = self.plan.environment(process, port)
            yield Instance(process, number, port, (sys.executable, *process.command), environment)

    def _prepare(self) -> None:
        layout = self.layout
        for folder in (
            layout.log,
            layout.processes,
            layout.var / "uploads",
            layout.var / "grid_platform",
            layout.var / "open311_adapter",
        ):
            folder.mkdir(parents=True, exist_ok=True)
        make_keys(layout.keys)

    def _adopt_servers(self) -> None:
        """A database or broker that a crash left running is ours to stop, come what may."""
        if self.postgres.alive:
            self._servers.add("postgres")
        if self.rabbitmq.left_behind:
            self._servers.add("rabbitmq")

    def _require_ports(self) -> None:
        """Say which port is taken, and by whom, before anything is started."""
        for instance in self.instances:
            if can_bind(instance.health_port):
                continue
            setting = instance.process.port or "SHEQU_HEALTH_BASE_PORT"
            raise PortBusy(
                f"port {instance.health_port} for {instance.name} is taken"
                f"{_holder(instance.health_port)}. Choose another: {setting}=… make up"
            )

    # -- watching and taking down --------------------------------------------------------------

    def _watch(self) -> None:
        mother = os.getppid()
        while not self.stop_asked.wait(0.2):
            self.supervisor.tend()
            self._tend_servers()
            # When make is killed, nobody could ever end us with Ctrl-C again.
            if os.environ.get("MAKELEVEL") and os.getppid() != mother:
                self.say("launcher", "the make that started this is gone: stopping")
                return

    def _tend_servers(self) -> None:
        """Bring back a database or broker that died; in a thread, it can take seconds."""
        if self._mending and self._mending.is_alive():
            return
        for name, server in (("postgres", self.postgres), ("rabbitmq", self.rabbitmq)):
            if name in self._servers and not server.alive:
                self.say(name, "[red]ended[/red]; starting again")
                self._mending = threading.Thread(target=self._mend, args=(name,), daemon=True)
                self._mending.start()
                return

    def _mend(self, name: str) -> None:
        began = time.monotonic()
        try:
            (self.postgres if name == "postgres" else self.rabbitmq).start()
            self.say(name, f"up again after {time.monotonic() - began:.1f} s")
        except (NotReady, PortBusy) as problem:
            self.say(name, f"[red]{problem}[/red]")
            self.stop_asked.wait(5)

    def _take_down(self) -> None:
        """The door first, then those who work, then what they stand on."""
        if not self.supervisor.watched and not self._servers:
            return
        self.console.print("\n  stopping …", highlight=False)
        gates = [p.name for p in self.processes if p.kind is Kind.GATEWAY]
        others = [p.name for p in self.processes if p.kind is not Kind.GATEWAY]
        killed: list[str] = []
        for names in (gates, others):
            killed += self.supervisor.stop(names, hurry=self.hurry.is_set)
        if self._mending:
            self._mending.join(timeout=60)
        threads = [
            threading.Thread(target=server.stop)
            for name, server in (("postgres", self.postgres), ("rabbitmq", self.rabbitmq))
            if name in self._servers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        note = f" (had to kill {', '.join(killed)})" if killed else ""
        self.console.print(f"  stopped{note}", highlight=False)

    # -- one launcher per checkout ---------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[TextIO]:
        """Hold the checkout; wait for a launcher that is on its way out, refuse any other."""
        with (self.layout.var / "launcher.lock").open("a+") as handle:
            deadline = time.monotonic() + LOCK_WAIT
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    holder = Identity.read(self.layout.launcher)
                    if holder and holder.alive and not _orphaned(holder.pid):
                        raise AlreadyUp(
                            f"this checkout is already up (pid {holder.pid}). "
                            "`make status` shows it, `make down` stops it."
                        ) from None
                    if time.monotonic() > deadline:
                        raise AlreadyUp("another launcher in this checkout does not end") from None
                    time.sleep(0.2)
            yield handle

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def asked(_number: int, _frame: object) -> None:
            if self.interrupted.is_set():
                self.hurry.set()
            self.interrupted.set()
            self.stop_asked.set()

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(number, asked) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


def _orphaned(pid: int) -> bool:
    """Whether a launcher lost the process that started it: it is then stopping by itself."""
    try:
        return psutil.Process(pid).ppid() == 1 and bool(
            psutil.Process(pid).environ().get("MAKELEVEL")
        )
    except psutil.Error:
        return True


def _holder(port: int) -> str:
    """` by nginx (pid 12)`, when the system lets us see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN":
                name = psutil.Process(connection.pid).name() if connection.pid else "somebody"
                return f" by {name} (pid {connection.pid})"
    except psutil.Error:
        pass
    return ""
