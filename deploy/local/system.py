"""Processes, ports and waiting, as the local launcher needs them.

A process is known by more than its number: `Identity` holds the pid *and* the moment the process
began *and* its command, so that a pid which the system gave to somebody else is never signalled.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


class NotReady(Exception):
    """A wait reached its limit, or what was waited for died; the message says which and where."""


class PortBusy(Exception):
    """A port we need is held by a process that is not ours."""


@dataclass(frozen=True)
class Identity:
    """One process, told from any later one with the same pid."""

    pid: int
    started: str
    command: tuple[str, ...]

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The identity of a live process, or None when there is none (a zombie is none)."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid, _start_mark(process), tuple(process.cmdline()))
        except psutil.Error:
            return None

    @property
    def alive(self) -> bool:
        """Whether exactly this process still runs."""
        now = Identity.of(self.pid)
        # exec() changes the command of a young process, so only the start has to agree here.
        return now is not None and now.started == self.started

    def write(self, path: Path) -> None:
        """Record it for a later run (see `read`)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.write_text(json.dumps(asdict(self)))
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Identity | None":
        """What an earlier run recorded, or None when nothing readable is there."""
        try:
            raw = json.loads(path.read_text())
            return cls(int(raw["pid"]), str(raw["started"]), tuple(raw["command"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _start_mark(process: psutil.Process) -> str:
    """When the process began, in a form that clock changes do not touch (Linux) or nearly so."""
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{stat.rpartition(')')[2].split()[19]}"
    except OSError:
        return f"{process.create_time():.2f}"


def spawn(
    command: list[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own (our Ctrl-C does not reach it), output to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
        )


def let_go(process: subprocess.Popen[bytes]) -> Identity | None:
    """Drop a process that shall outlive this object; what remains of it is its identity."""
    identity = Identity.of(process.pid)
    process.returncode = 0  # otherwise Python warns that somebody forgot to wait for it
    return identity


def signal_group(identity: Identity, number: signal.Signals) -> None:
    """Signal the process, and its session when it leads one; silent when it is gone."""
    if not identity.alive:
        return
    try:
        if os.getpgid(identity.pid) == identity.pid:
            os.killpg(identity.pid, number)
        else:
            os.kill(identity.pid, number)
    except ProcessLookupError:
        pass


def stop_processes(
    identities: Iterable[Identity], *, grace: float, hurry: Callable[[], bool] = lambda: False
) -> list[Identity]:
    """SIGTERM all, wait up to `grace` seconds together, SIGKILL the rest; return the killed.

    The wait ends two seconds after somebody is in a `hurry`.
    """
    running = [identity for identity in identities if identity.alive]
    for identity in running:
        signal_group(identity, signal.SIGTERM)
    if not wait_gone(running, limit=grace, go_on=lambda: not hurry()):
        wait_gone(running, limit=2)
    stubborn = [identity for identity in running if identity.alive]
    for identity in stubborn:
        signal_group(identity, signal.SIGKILL)
    wait_gone(stubborn, limit=10)
    return stubborn


def wait_gone(
    identities: Iterable[Identity], *, limit: float, go_on: Callable[[], bool] = lambda: True
) -> bool:
    """Wait until none of the processes runs; reaps those that are our own children."""
    waiting = list(identities)
    deadline = time.monotonic() + limit
    while True:
        for identity in waiting:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(identity.pid, os.WNOHANG)
        waiting = [identity for identity in waiting if identity.alive]
        if not waiting or time.monotonic() > deadline or not go_on():
            return not waiting
        time.sleep(0.02)


def wait_until(
    ready: Callable[[], bool], *, limit: float, what: str, alive: Callable[[], bool] | None = None
) -> None:
    """Poll `ready` for `limit` seconds at most, or while `alive` is true; raise NotReady."""
    deadline = time.monotonic() + limit
    pause = 0.01
    while not ready():
        if alive is not None and not alive():
            raise NotReady(f"{what}: ended before it was ready")
        if time.monotonic() > deadline:
            raise NotReady(f"{what}: not ready within {limit:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def accepts_connections(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens on the port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def can_bind(port: int, host: str = "127.0.0.1") -> bool:
    """Whether we could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that is free now, outside the range that the system gives to outgoing connections."""
    for _ in range(200):
        port = 20000 + secrets.randbelow(12000)
        if can_bind(port):
            return port
    raise PortBusy("no free port was found between 20000 and 32000")


def secret_file(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """The content of a private file (mode 600), made by `make` the first time."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(make())
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
    return path.read_text().strip()


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
