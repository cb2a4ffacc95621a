"""The launcher, with small processes in the place of the real ones and no database or broker."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from deploy.local.environment import TABLE_NAMES, Plan
from deploy.local.graph import Interrupted, Step, run_steps
from deploy.local.launcher import AlreadyUp, Launcher, WrongWords, merge_jobs, parse_replicas
from deploy.local.layout import ROOT, Layout, Ports
from deploy.local.supervisor import _warning
from deploy.local.system import Identity, free_port, stop_processes, wait_until
from deploy.processes import BY_NAME, PROCESSES, SERVICES, Kind, Process, database_variable
from deploy.processes import JOBS as JOB_ROWS

DUMMY = """
import http.server, json, os, signal, sys
print(json.dumps({"level": "warning", "event": "hello", "who": sys.argv[1:]}), flush=True)
if "broken" in sys.argv:
    raise ValueError("cannot begin")
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())
    def log_message(self, *words):
        pass
port = int(os.environ["SHEQU_HEALTH_PORT"])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Page).serve_forever()
"""
JOB = "import os, pathlib; pathlib.Path('job.done').write_text(os.environ['SHEQU_VAR'])"
NO_SERVERS = {
    "SHEQU_AMQP_URL": "amqp://somewhere/",
    **{database_variable(s): "postgresql+psycopg2://somewhere/db" for s in SERVICES},
}
WORKER = Process(
    "worker",
    "dummy",
    Kind.SERVICE,
    ("SHEQU_HEALTH_PORT", "SHEQU_AMQP_URL"),
    depends_on=("job",),
    stop_seconds=2,
)
JOBS = [Process("job", "job", Kind.JOB, ("SHEQU_VAR",))]


class Run:
    """A launcher in a thread, and what it said."""

    def __init__(self, launcher: Launcher, said: list[str]) -> None:
        self.launcher, self.said, self.code = launcher, said, -1
        self.thread = threading.Thread(target=self._go)
        self.thread.start()

    def _go(self) -> None:
        self.code = self.launcher.run()

    def wait_up(self) -> None:
        wait_until(lambda: self.heard("processes up"), limit=20, what="up", alive=self._alive)

    def _alive(self) -> bool:
        return self.thread.is_alive()

    def heard(self, words: str) -> bool:
        return any(words in line for line in self.said)

    def stop(self) -> int:
        self.launcher.stop_asked.set()
        self.thread.join(timeout=20)
        assert not self.thread.is_alive()
        return self.code

    def pids(self) -> dict[str, int]:
        records = self.launcher.layout.processes.glob("*.json")
        return {p.stem: json.loads(p.read_text())["pid"] for p in records}


class Said(Console):
    """A console that keeps each line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(file=io.StringIO(), width=200)
        self._lines = lines

    def print(self, *words: object, **_options: object) -> None:  # type: ignore[override]
        self._lines.append(" ".join(map(str, words)))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dummy.py").write_text(DUMMY)
    (tmp_path / "job.py").write_text(JOB)
    # Signal handlers belong to the main thread; these tests stop the launcher by its event.
    monkeypatch.setattr(signal, "signal", lambda *_: signal.SIG_DFL)
    return tmp_path


@pytest.fixture
def launch(checkout: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*words: str, processes: tuple[Process, ...] = (WORKER,)) -> Run:
        ports = Ports.from_environment({"SHEQU_HEALTH_BASE_PORT": str(free_port())})
        said: list[str] = []
        launcher = Launcher(
            Layout(checkout, ports),
            {**os.environ, **NO_SERVERS},
            parse_replicas(words, processes),
            Said(said),
            processes=processes,
            jobs=JOBS,
        )
        runs.append(Run(launcher, said))
        return runs[-1]

    yield start
    for run in runs:
        run.stop()


def ask(run: Run, number: int, path: str = "/") -> bytes:
    with urllib.request.urlopen(run.launcher.instances[number].health_url + path) as answer:
        return bytes(answer.read())


def test_job_runs_before_processes_start(launch: Callable[..., Run], checkout: Path) -> None:
    run = launch()
    run.wait_up()
    assert (checkout / "job.done").read_text() == str(checkout / "var")
    assert run.stop() == 0


def test_replicas_run_on_ports_of_their_own_and_end_together(launch: Callable[..., Run]) -> None:
    run = launch("worker=3")
    run.wait_up()
    pids = run.pids()
    assert set(pids) == {"worker", "worker-2", "worker-3"}
    assert len({instance.health_port for instance in run.launcher.instances}) == 3
    run.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert run.pids() == {}


def test_process_is_told_its_own_names_and_no_others(launch: Callable[..., Run]) -> None:
    run = launch()
    run.wait_up()
    assert set(json.loads(ask(run, 0))) & TABLE_NAMES == set(WORKER.environment)


def test_process_that_dies_is_started_again_and_said_so(launch: Callable[..., Run]) -> None:
    run = launch()
    run.wait_up()
    before = run.pids()["worker"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: run.pids().get("worker", before) != before, limit=10, what="restart")
    wait_until(run.launcher.supervisor.watched[0].ready, limit=10, what="ready again")
    assert run.heard("ended (signal 9)")


def test_process_that_never_begins_ends_the_start_with_its_log(launch: Callable[..., Run]) -> None:
    broken = Process("worker", "dummy", Kind.SERVICE, WORKER.environment, arguments=("broken",))
    run = launch(processes=(broken,))
    run.thread.join(timeout=30)
    assert run.code == 1
    assert run.heard("worker ended 3 times")
    assert run.heard("cannot begin")
    assert run.pids() == {}


def test_process_that_ignores_sigterm_is_killed_within_its_time(launch: Callable[..., Run]) -> None:
    words = ("stubborn",)
    row = Process("w", "dummy", Kind.SERVICE, WORKER.environment, arguments=words, stop_seconds=1)
    run = launch(processes=(row,))
    run.wait_up()
    pid = run.pids()["w"]
    began = time.monotonic()
    run.stop()
    assert time.monotonic() - began < 5
    assert not psutil.pid_exists(pid)
    assert run.heard("had to kill w")


def test_warnings_of_processes_are_repeated(launch: Callable[..., Run]) -> None:
    run = launch()
    wait_until(lambda: run.heard("hello"), limit=10, what="the warning")


def test_second_launcher_in_a_checkout_is_refused(launch: Callable[..., Run]) -> None:
    run = launch()
    run.wait_up()
    second = Launcher(run.launcher.layout, NO_SERVERS, {}, Said([]), processes=(), jobs=())
    with pytest.raises(AlreadyUp, match="already up"):
        second.run()


def test_leftovers_of_a_killed_launcher_are_ended_first(
    launch: Callable[..., Run], checkout: Path
) -> None:
    environment = {**os.environ, "SHEQU_HEALTH_PORT": str(free_port())}
    command = [sys.executable, "-m", "dummy"]
    orphan = subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        identity = Identity.of(orphan.pid)
        other = Identity.of(stranger.pid)
        assert identity and other
        folder = Layout(checkout, Ports.from_environment({})).processes
        Identity(identity.pid, identity.started, tuple(command)).write(folder / "worker.json")
        # A pid that was given to somebody else since: same number, another beginning.
        Identity(other.pid, "another boot/1", other.command).write(folder / "gateway.json")
        run = launch()
        run.wait_up()
        assert orphan.wait(timeout=5) is not None
        assert stranger.poll() is None
        assert run.heard("ended what a crash left: worker")
    finally:
        orphan.kill()
        stranger.kill()
        orphan.wait()
        stranger.wait()


def test_busy_port_is_named_before_anything_starts(checkout: Path) -> None:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        ports = Ports.from_environment({"SHEQU_HEALTH_BASE_PORT": str(port)})
        said: list[str] = []
        launcher = Launcher(
            Layout(checkout, ports), NO_SERVERS, {}, Said(said), processes=(WORKER,), jobs=JOBS
        )
        assert launcher.run() == 1
    assert any(f"port {port} for worker is taken" in line for line in said)
    assert not (checkout / "job.done").exists()


def test_sigterm_stops_everything_that_was_started(checkout: Path) -> None:
    """As a program of its own: the way `make up` is ended by a supervisor."""
    program = f"""
import os, sys
from pathlib import Path
from rich.console import Console
from deploy.local.launcher import Launcher
from deploy.local.layout import Layout, Ports
from deploy.processes import Kind, Process
row = Process("worker", "dummy", Kind.SERVICE, ("SHEQU_HEALTH_PORT",), stop_seconds=2)
ports = Ports.from_environment({{"SHEQU_HEALTH_BASE_PORT": "{free_port()}"}})
layout = Layout(Path({str(checkout)!r}), ports)
sys.exit(Launcher(layout, dict(os.environ), {{}}, Console(), processes=(row,), jobs=()).run())
"""
    # A program does not start sleeping processes: the record tells when the worker runs.
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **NO_SERVERS},
        stdout=subprocess.PIPE,
        text=True,
    )
    record = checkout / "var" / "run" / "processes" / "worker.json"
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "processes up" in line:
                break
        worker = Identity.read(record)
        assert worker and worker.alive
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
        assert not worker.alive
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        if left := Identity.read(record):
            stop_processes([left], grace=1)


# -- words ----------------------------------------------------------------------------------------


def test_replicas_are_read_from_the_command_line() -> None:
    counts = parse_replicas(["votes=3", "SHEQU_PORT=9090"], PROCESSES)
    assert counts["votes"] == 3
    assert counts["feed"] == 1


@pytest.mark.parametrize("words", [["vote=3"], ["votes"], ["votes=many"], ["gateway=2"]])
def test_wrong_words_are_refused(words: list[str]) -> None:
    with pytest.raises(WrongWords):
        parse_replicas(words, PROCESSES)


def test_jobs_of_one_program_run_together_with_all_their_words() -> None:
    merged = merge_jobs(JOB_ROWS)
    assert {name for names in merged for name in names} == {job.name for job in JOB_ROWS}
    together = merged[tuple(f"migrate-{s.replace('_', '-')}" for s in SERVICES)]
    assert together.arguments == SERVICES
    assert set(map(database_variable, SERVICES)) <= set(together.environment)
    assert merged["topology",] == BY_NAME["topology"]


def test_two_checkouts_with_different_ports_share_none() -> None:
    def ports(number: int) -> set[int]:
        p = Ports.from_environment({"SHEQU_PORT": str(number)})
        health = range(p.health, p.health + 32)
        return {p.gateway, p.postgres, p.amqp, p.distribution, p.epmd, *health}

    numbers = (8080, 8081, 8082, 8090, 8180, 9000, 9080, 9090, 18080)
    everything = [ports(number) for number in numbers]
    assert len(set().union(*everything)) == sum(map(len, everything))


def test_each_port_can_be_set_and_nonsense_is_refused() -> None:
    assert Ports.from_environment({"SHEQU_PG_PORT": "6000"}).postgres == 6000
    with pytest.raises(ValueError, match="SHEQU_PG_PORT"):
        Ports.from_environment({"SHEQU_PG_PORT": "many"})


def test_demo_is_off_in_production(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports.from_environment({}))
    assert Plan(layout, {}).demo
    assert not Plan(layout, {"SHEQU_ENV": "production", "SHEQU_DEMO": "1"}).demo
    assert not Plan(layout, {"SHEQU_DEMO": "0"}).demo


def test_servers_of_the_operator_are_used_and_none_is_started(tmp_path: Path) -> None:
    plan = Plan(Layout(tmp_path, Ports.from_environment({})), NO_SERVERS)
    assert not plan.own_broker
    assert plan.own_databases == ()
    assert plan.values()["SHEQU_AMQP_URL"] == "amqp://somewhere/"


def test_steps_wait_for_what_they_need_and_a_failure_ends_the_run() -> None:
    order: list[str] = []
    stop = threading.Event()

    def fail() -> None:
        raise LookupError("no")

    steps = {
        "c": Step(lambda: order.append("c"), ("a", "b")),
        "a": Step(lambda: order.append("a")),
        "b": Step(lambda: order.append("b"), ("a",)),
    }
    run_steps(steps, stop=stop)
    assert order == ["a", "b", "c"]
    with pytest.raises(LookupError):
        run_steps({"x": Step(fail), "y": Step(lambda: order.append("y"), ("x",))}, stop=stop)
    assert "y" not in order
    with pytest.raises(Interrupted):
        run_steps(steps, stop=stop)
    with pytest.raises(ValueError, match="a → b → a"):
        run_steps({"a": Step(fail, ("b",)), "b": Step(fail, ("a",))}, stop=threading.Event())


@pytest.mark.parametrize(
    ("line", "loud"),
    [
        ('{"level": "info", "event": "x"}', False),
        ('{"level": "error", "event": "x", "request_id": "r1"}', True),
        ("plain talk", False),
        ("ValueError: no luck", True),
        ('  File "x.py", line 3', False),
        ("[1, 2]", False),
        ("", False),
    ],
)
def test_only_what_warns_is_repeated(line: str, loud: bool) -> None:
    assert bool(_warning(line)) is loud


def test_whoever_is_in_a_hurry_waits_two_seconds_more_for_one_that_hangs() -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
    )
    hanging = subprocess.Popen(
        [sys.executable, "-c", f"{code}; time.sleep(60)"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert hanging.stdout is not None and hanging.stdout.readline()
    identity = Identity.of(hanging.pid)
    assert identity is not None
    began = time.monotonic()
    killed = stop_processes([identity], grace=30, hurry=lambda: time.monotonic() - began > 0.2)
    assert killed == [identity]
    assert 2 < time.monotonic() - began < 10
    hanging.stdout.close()
    hanging.wait()
