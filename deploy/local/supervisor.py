"""Keeps processes running: starts them, waits until they answer, brings back those that die.

    spawn ──▶ starting ──/readyz 200──▶ up ──exit──▶ waiting (0.5 s, 1 s, … 30 s) ──▶ spawn
                 └── exits three times, or too slow ──▶ NotReady

Each process leads a session of its own and writes to its own log; what it warns of is repeated on
the console. Its identity is recorded in a file, so that a later run finds it after a crash.
"""

import contextlib
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.local.system import Identity, NotReady, spawn, stop_processes, tail
from deploy.processes import Process

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a restart
FORGIVEN_AFTER = 60.0  # seconds of life after which the pause starts small again
PATIENCE = 3  # exits before readiness that end the start
LINES_PER_TICK = 20  # warnings of one process that are repeated at a time
LOUD = frozenset({"warning", "warn", "error", "critical", "exception"})


@dataclass(frozen=True)
class Instance:
    """One replica of a process, with the port where it answers for its health."""

    process: Process
    number: int
    health_port: int
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        """`votes`, and `votes-2` for the second replica."""
        return self.process.name if self.number == 1 else f"{self.process.name}-{self.number}"

    @property
    def health_url(self) -> str:
        """Where it says whether it is ready."""
        return f"http://127.0.0.1:{self.health_port}{self.process.health_path}"


class Watched:
    """The life of one instance."""

    def __init__(self, instance: Instance, root: Path, log: Path, record: Path) -> None:
        self.instance = instance
        self.log = log
        self.record = record
        self.identity: Identity | None = None
        self.exits = 0
        self.was_ready = False
        self._root = root
        self._child: subprocess.Popen[bytes] | None = None
        self._born = 0.0
        self._pause = FIRST_PAUSE
        self._restart_at: float | None = None
        self._read_to = log.stat().st_size if log.exists() else 0
        self._half_line = b""

    def start(self) -> None:
        """Start it, whatever went before."""
        self._restart_at = None
        self._born = time.monotonic()
        self._child = spawn(
            list(self.instance.command),
            log=self.log,
            env=self.instance.environment,
            cwd=self._root,
        )
        if found := Identity.of(self._child.pid):
            # What we asked for: the system may not show the command of so young a process yet.
            self.identity = replace(found, command=self.instance.command)
            self.identity.write(self.record)

    def ready(self) -> bool:
        """Whether it answers that it is ready."""
        try:
            with urllib.request.urlopen(self.instance.health_url, timeout=2) as answer:
                self.was_ready = answer.status == 200
                return self.was_ready
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def tend(self, say: Callable[[str, str], None]) -> None:
        """Notice its end, start it again when its pause is over, repeat its warnings."""
        now = time.monotonic()
        if self._restart_at is not None:
            if now >= self._restart_at:
                self.start()
        elif self._child is not None and (code := self._child.poll()) is not None:
            self.exits += 1
            if now - self._born > FORGIVEN_AFTER:
                self._pause = FIRST_PAUSE
            say(
                self.instance.name,
                f"[red]ended ({_how(code)})[/red]; starting again in {self._pause:.1f} s "
                f"[dim](log: {self.log.name})[/dim]",
            )
            self._restart_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._repeat_warnings(say)

    def forget(self) -> None:
        """It was stopped on purpose."""
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=5)  # its last threads may still be on their way out
        self._child = None
        self._restart_at = None
        self.record.unlink(missing_ok=True)

    def _repeat_warnings(self, say: Callable[[str, str], None]) -> None:
        try:
            if self.log.stat().st_size < self._read_to:
                self._read_to = 0
            with self.log.open("rb") as log:
                log.seek(self._read_to)
                fresh = log.read(256 * 1024)
        except OSError:
            return
        self._read_to += len(fresh)
        *lines, self._half_line = (self._half_line + fresh).split(b"\n")
        warnings = [w for w in (_warning(line.decode(errors="replace")) for line in lines) if w]
        for warning in warnings[:LINES_PER_TICK]:
            say(self.instance.name, warning)
        if len(warnings) > LINES_PER_TICK:
            say(self.instance.name, f"… {len(warnings) - LINES_PER_TICK} more in {self.log.name}")


class Supervisor:
    """All instances of one checkout."""

    def __init__(self, root: Path, log: Path, run: Path, say: Callable[[str, str], None]) -> None:
        self._root, self._log, self._run, self._say = root, log, run, say
        self.watched: list[Watched] = []

    def start(self, instance: Instance) -> Watched:
        """Start an instance; `await_ready` waits for it."""
        watched = Watched(
            instance,
            self._root,
            self._log / f"{instance.name}.log",
            self._run / f"{instance.name}.json",
        )
        watched.start()
        self.watched.append(watched)
        return watched

    def await_ready(self, watched: Watched, *, limit: float, go_on: Callable[[], bool]) -> None:
        """Wait until it is ready; NotReady with the end of its log when that does not happen.

        Between its polls it tends the instance, so a start that fails once is repeated.
        """
        deadline = time.monotonic() + limit
        while go_on():
            if watched.ready():
                return
            watched.tend(self._say)
            if watched.exits >= PATIENCE:
                raise NotReady(
                    f"{watched.instance.name} ended {PATIENCE} times:\n{tail(watched.log)}"
                )
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{watched.instance.name} is not ready after {limit:.0f} s "
                    f"({watched.instance.health_url}):\n{tail(watched.log)}"
                )
            time.sleep(0.1)
        raise NotReady(f"{watched.instance.name}: no longer wanted")

    def tend(self) -> None:
        """One round over all; call it a few times a second."""
        for watched in self.watched:
            watched.tend(self._say)

    def stop(self, names: Iterable[str], *, hurry: Callable[[], bool] = lambda: False) -> list[str]:
        """Stop all replicas of these processes together; return those that had to be killed.

        Whoever is in a `hurry`, from the beginning or later on, waits for two seconds more.
        """
        wanted = set(names)
        leaving = [w for w in self.watched if w.instance.process.name in wanted]
        self.watched = [w for w in self.watched if w not in leaving]
        if not leaving:
            return []
        longest = max(w.instance.process.stop_seconds for w in leaving)
        identities = {w.identity: w for w in leaving if w.identity}
        killed = stop_processes(identities, grace=longest, hurry=hurry)
        for watched in leaving:
            watched.forget()
        return [identities[identity].instance.name for identity in killed]


def stop_leftovers(run: Path, *, grace: float = 10) -> list[str]:
    """End what an earlier, crashed run recorded and left running; return the names.

    A pid that now belongs to another program is left alone (see `system.Identity`).
    """
    found: dict[Identity, str] = {}
    for record in sorted(run.glob("*.json")):
        recorded = Identity.read(record)
        now = Identity.of(recorded.pid) if recorded else None
        if recorded and now and now.started == recorded.started and now.command == recorded.command:
            found[recorded] = record.stem
        record.unlink()
    stop_processes(found, grace=grace)
    return list(found.values())


def _warning(line: str) -> str | None:
    """The line as it should be repeated on the console, if it should."""
    if not line.strip():
        return None
    try:
        entry = json.loads(line)
        level = str(entry.pop("level", "")).lower()
    except (ValueError, AttributeError, TypeError):
        return _plain_warning(line)
    if level not in LOUD:
        return None
    event = entry.pop("event", "")
    rest = " ".join(
        f"{key}={value}"
        for key, value in entry.items()
        if key not in ("timestamp", "exception", "logger", "service", "stack")
    )
    colour = "yellow" if level.startswith("warn") else "red"
    return f"[{colour}]{level}[/{colour}] {_escape(f'{event} {rest}'.strip()[:400])}"


def _plain_warning(line: str) -> str | None:
    """Text that is no log entry: only what names an error, not each line of a traceback."""
    start = line.split(":", 1)[0]
    loud = not line.startswith((" ", "\t")) and (
        "Error" in start or "Exception" in start or "WARNING" in line or "ERROR" in line
    )
    return _escape(line.strip()[:400]) if loud else None


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"
