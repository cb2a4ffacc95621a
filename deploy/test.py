"""`make test`: every lane side by side, on a PostgreSQL and a RabbitMQ of this run alone.

    plain     asyncio and pure python, dealt out to two processes: unit, contracts, gateway
    green     services in process, patched by eventlet before anything else is imported; the
              longest, so it is dealt out to three processes
    outside   unpatched; drives services as processes: e2e, browser, chaos

    make test                                          everything
    make test lane=green                               one lane
    make test args="tests/green/test_x.py -k name"     some tests; the lane follows from the path

Each lane leaves a log and a JUnit file in `var/test-report`. With `CI=true` a skipped test fails
the run: nothing may be missing there.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from deploy.debian import MissingPart, chromium
from deploy.local.devinfra import DevInfra
from deploy.local.system import Identity, NotReady, PortBusy, stop_processes

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "var" / "test-report"
CLAIMS = REPORTS / "claims"
NO_TESTS = 5  # pytest's exit code when nothing was collected
LANE_LIMIT = 3000.0  # seconds after which a lane hangs
MODEL_LIMIT = 600.0  # building the classifier takes a minute of an idle core
UNLANED = {"support", "bench"}  # folders of tests/ that hold no tests
KEPT = ("SHEQU_RABBITMQ_BIN", "SHEQU_CHROMIUM", "SHEQU_REDIS_SERVER", "SHEQU_NO_APT")
COLOURS = {"plain": "cyan", "green": "green", "outside": "magenta"}


@dataclass(frozen=True)
class Lane:
    """One pytest process, or several (`shards`): their plugins and the folders they run."""

    name: str
    options: tuple[str, ...]
    folders: tuple[str, ...]
    shards: int = 1

    def owns(self, path: str) -> bool:
        """Whether a test path belongs to this lane."""
        return any(path == folder or path.startswith(folder + "/") for folder in self.folders)


LANES = (
    Lane(
        "plain",
        ("-p", "no:pytest_nameko"),
        ("tests/unit", "tests/contracts", "tests/gateway"),
        shards=2,
    ),
    Lane("green", ("-p", "services.kit.testing.green"), ("tests/green",), shards=3),
    Lane("outside", ("-p", "no:pytest_nameko"), ("tests/e2e", "tests/browser", "tests/chaos")),
)


@dataclass
class Outcome:
    """What one lane gave."""

    lane: Lane
    code: int = 0
    tests: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> int:
        """Tests that ran and were right."""
        return self.tests - self.failed - len(self.skipped)

    def verdict(self, *, nothing_skipped: bool) -> str:
        """`""` when all is well, otherwise why the run fails."""
        if self.code == NO_TESTS:
            return ""
        if self.code != 0:
            return f"pytest ended with {self.code}"
        if nothing_skipped and self.skipped:
            return f"{len(self.skipped)} skipped, which CI forbids"
        return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the lanes that the command line (or make's `lane=` and `args=`) asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--lane", default=os.environ.get("SHEQU_TEST_LANE", ""))
    parser.add_argument("--args", default=os.environ.get("SHEQU_TEST_ARGS", ""))
    parser.add_argument("--long", action="store_true", help="also the tests marked slow")
    asked = parser.parse_args(argv)
    console = Console(soft_wrap=True)
    words = shlex.split(asked.args)
    try:
        plan = choose(asked.lane, words)
    except ValueError as error:
        console.print(str(error), markup=False)
        return 2
    if stray := folders_without_lane(ROOT / "tests"):
        console.print(f"these folders belong to no lane: {', '.join(stray)}")
        return 2
    began = time.monotonic()
    try:
        if not words:
            _build_model(console)
        outcomes = _run(console, plan, long=asked.long)
    except (MissingPart, NotReady, PortBusy) as problem:
        console.print(str(problem), markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("\ninterrupted; everything that was started has been stopped")
        return 130
    return _summary(console, outcomes, time.monotonic() - began)


def _build_model(console: Console) -> None:
    """The classifier's model, once and before the lanes share the cores.

    For some tests alone it is not worth it: those that need a model build it on first use.
    """
    command = [sys.executable, "-m", "services.grid_bridge.classifier.train"]
    try:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=MODEL_LIMIT)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        console.print(f"the classifier could not be built: {error}", markup=False)
        raise NotReady("no classifier") from None


def choose(lane: str, words: Sequence[str]) -> list[tuple[Lane, list[str]]]:
    """Which lanes run, and the words each adds to its pytest.

    A path among the words selects its own lane; other words (`-k name`) go to every lane chosen.

    Raises:
        ValueError: no such lane, or a path that belongs to none or to another.
    """
    if lane and lane not in {known.name for known in LANES}:
        raise ValueError(f"no lane {lane!r}; there are: {', '.join(each.name for each in LANES)}")
    paths = [w for w in words if w.startswith("tests/") or w == "tests"]
    options = [word for word in words if word not in paths]
    for path in paths:
        _require_lane(path, lane, words)
    chosen = []
    for each in LANES:
        if lane and each.name != lane:
            continue
        mine = [path for path in paths if each.owns(path.partition("::")[0])]
        if paths and not mine:
            continue
        chosen.append((each, [*mine, *options]))
    return chosen


def _require_lane(path: str, lane: str, words: Sequence[str]) -> None:
    """Refuse a path that would not run, and say what runs it: left out, it would look green."""
    owner = next((each.name for each in LANES if each.owns(path.partition("::")[0])), "")
    if not owner:
        folders = ", ".join(folder for each in LANES for folder in each.folders)
        raise ValueError(f"{path} belongs to no lane; tests are in {folders}")
    if lane and lane != owner:
        raise ValueError(
            f"{path} belongs to lane {owner}, not to {lane}. The lane follows from the path: "
            f'make test args="{shlex.join(words)}"'
        )


def deal(lane: Lane, words: Sequence[str]) -> list[tuple[Lane, list[str]]]:
    """The lane's processes, which take its files as they get on; one when paths were named.

    A few tests are not worth the start of more. How far a process is nobody knows beforehand.
    """
    if lane.shards == 1 or any(word.startswith("tests/") for word in words):
        return [(lane, list(words))]
    sharing = ["-o", "console_output_style=classic"]
    sharing += ["-p", "tests.support.claims", f"--claims={CLAIMS / lane.name}"]
    return [
        (replace(lane, name=f"{lane.name}-{number}"), [*words, *sharing])
        for number in range(1, lane.shards + 1)
    ]


def folders_without_lane(tests: Path) -> list[str]:
    """Folders with tests that would never run."""
    laned = {folder for lane in LANES for folder in lane.folders}
    return sorted(
        f"tests/{folder.name}"
        for folder in tests.iterdir()
        if folder.is_dir()
        and folder.name not in UNLANED
        and f"tests/{folder.name}" not in laned
        and any(folder.rglob("test_*.py"))
    )


def read_junit(path: Path) -> tuple[int, int, list[str]]:
    """Tests, failures with errors, and the names and reasons of what was skipped."""
    if not path.exists():
        return 0, 0, []
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))  # noqa: S314 (our own file)
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = [
        f"{case.get('classname')}::{case.get('name')}: {mark.get('message')}"
        for case in cases
        if (mark := case.find("skipped")) is not None and mark.get("type") != "pytest.xfail"
    ]
    return len(cases), failed, skipped


# -- running ---------------------------------------------------------------------------------------


def _run(console: Console, plan: list[tuple[Lane, list[str]]], *, long: bool) -> list[Outcome]:
    shutil.rmtree(REPORTS, ignore_errors=True)
    for lane, _ in plan:
        (CLAIMS / lane.name).mkdir(parents=True)
    mark = f"{os.getpid()}-{time.time():.0f}"
    with _servers(console) as environment:
        environment |= {"SHEQU_TEST_RUN": mark, **({"SHEQU_TEST_LONG": "1"} if long else {})}
        dealt = [share for lane, words in plan for share in deal(lane, words)]
        running = [_LaneRun(console, lane, words, environment, long) for lane, words in dealt]
        try:
            deadline = time.monotonic() + LANE_LIMIT
            while any(run.child.poll() is None for run in running):
                if time.monotonic() > deadline:
                    console.print(f"a lane did not end within {LANE_LIMIT:.0f} s", style="red")
                    break
                time.sleep(0.1)
        finally:
            for run in running:
                run.end()
            _end_strays(mark)
    return [run.outcome for run in running]


class _LaneRun:
    """One lane while it runs: its process, and a thread that prefixes its output."""

    def __init__(
        self,
        console: Console,
        lane: Lane,
        words: list[str],
        environment: Mapping[str, str],
        long: bool,
    ) -> None:
        self.console, self.lane = console, lane
        self.began = time.monotonic()
        self.outcome = Outcome(lane)
        self.junit = REPORTS / f"{lane.name}.xml"
        paths = [word for word in words if word.startswith("tests/")]
        if not paths:
            words = [f for f in lane.folders if (ROOT / f).is_dir()] + words
        self.empty = not any(word.startswith("tests/") for word in words)
        command = [sys.executable, "-m", "pytest", *lane.options, *words]
        command += [f"--junitxml={self.junit}", "-o", "faulthandler_timeout=240"]
        command += [] if long or "-m" in words else ["-m", "not slow"]
        command += ["--color=yes"] if console.is_terminal else []
        if self.empty:
            command = [sys.executable, "-c", f"raise SystemExit({NO_TESTS})"]
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(environment),
            cwd=ROOT,
            start_new_session=True,
        )
        self.thread = threading.Thread(target=self._repeat, daemon=True)
        self.thread.start()

    def _repeat(self) -> None:
        colour = COLOURS.get(self.lane.name.partition("-")[0], "white")
        prefix = f"[{colour}]{self.lane.name:>7}[/{colour}] │ "
        assert self.child.stdout is not None  # noqa: S101 (it was asked for as a pipe)
        with (REPORTS / f"{self.lane.name}.log").open("w") as log:
            for line in self.child.stdout:
                log.write(re.sub(r"\x1b\[[0-9;]*m", "", line))
                self.console.print(prefix, end="", highlight=False)
                self.console.out(line.rstrip("\n"), highlight=False)
        self.outcome.seconds = time.monotonic() - self.began

    def end(self) -> None:
        """Stop what still runs, and read what the lane reported."""
        if self.child.poll() is None and (identity := Identity.of(self.child.pid)):
            os.killpg(self.child.pid, signal.SIGINT)  # pytest then tears its fixtures down
            stop_processes([identity], grace=15)
        self.child.wait()
        self.thread.join(timeout=5)
        self.outcome.code = self.child.returncode
        self.outcome.tests, self.outcome.failed, self.outcome.skipped = read_junit(self.junit)


@contextmanager
def _servers(console: Console) -> Iterator[dict[str, str]]:
    """PostgreSQL and RabbitMQ of this run; what an interrupted run left is cleared first."""
    var = ROOT / "var"
    for left in var.glob("test-[0-9]*"):
        owner = left.name.removeprefix("test-")
        if not psutil.pid_exists(int(owner)):
            _end_strays(f"{owner}-")
            DevInfra.at(left).stop()
            shutil.rmtree(left, ignore_errors=True)
    root = var / f"test-{os.getpid()}"
    infra = DevInfra.at(root)
    began = time.monotonic()
    console.print("  … PostgreSQL and RabbitMQ for this run")
    try:
        infra.start()
        console.print(f"  ✓ PostgreSQL and RabbitMQ  {time.monotonic() - began:.1f} s")
        own = {k: v for k, v in os.environ.items() if not k.startswith("SHEQU_") or k in KEPT}
        for make_variable in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"):
            own.pop(make_variable, None)
        browser = chromium()
        yield {
            **own,
            **infra.environment,
            "SHEQU_TEST_THROWAWAY": "1",  # nobody needs to tidy up on these servers
            **({"SHEQU_CHROMIUM": browser} if browser else {}),
            "PYTHONUNBUFFERED": "1",
        }
    finally:
        infra.stop()
        shutil.rmtree(root, ignore_errors=True)


def _end_strays(mark: str) -> None:
    """End what a run started and did not stop: processes whose mark begins so."""
    strays = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SHEQU_TEST_RUN", "").startswith(mark):
                strays.append(Identity.of(process.pid))
        except psutil.Error:
            continue
    stop_processes([stray for stray in strays if stray], grace=5)


def _summary(console: Console, outcomes: list[Outcome], seconds: float) -> int:
    nothing_skipped = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    table = Table("lane", "passed", "failed", "skipped", "seconds", "")
    failed = False
    for outcome in outcomes:
        verdict = outcome.verdict(nothing_skipped=nothing_skipped)
        failed = failed or bool(verdict)
        note = "no tests here yet" if outcome.code == NO_TESTS else verdict or "ok"
        cells = (outcome.passed, outcome.failed, len(outcome.skipped), f"{outcome.seconds:.0f}")
        table.add_row(outcome.lane.name, *map(str, cells), note, style="red" if verdict else "")
    console.print(table)
    for outcome in outcomes:
        for skipped in outcome.skipped:
            console.print(f"skipped: {skipped}", markup=False, highlight=False)
    console.print(f"{seconds:.0f} s; logs and JUnit files in {REPORTS.relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
