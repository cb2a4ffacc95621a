"""The system that the demo and the replay talk to: the one that runs, or one started for them."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from rich.console import Console

from deploy.local.launcher import Launcher
from deploy.local.layout import ROOT, Layout
from deploy.local.system import Identity, NotReady, stop_processes, wait_until

START_LIMIT = 300.0  # seconds
STEPS = ("  ✓", "  ✗")
TROUBLE = re.compile(r"error|busy|ended|NotReady", re.IGNORECASE)
STOP_LIMIT = 60.0


def is_ready(url: str) -> bool:
    """Whether a process answers there that it is ready."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def running(console: Console, url: str = "") -> Iterator[str]:
    """The address of a system that is ready; one that had to be started is stopped afterwards.

    Args:
        url: where it must run already; without it, this checkout's own.

    Raises:
        NotReady: nothing runs there, or it could not be started.
    """
    if url:
        if not is_ready(f"{url}/readyz"):
            raise NotReady(f"nothing is ready at {url}")
        yield url
        return
    layout = Layout.of_this_checkout()
    here = f"http://127.0.0.1:{layout.ports.gateway}"
    health = [one.health_url for one in Launcher(layout, dict(os.environ), {}, console).instances]

    def all_ready() -> bool:
        return all(map(is_ready, health))

    launcher = Identity.read(layout.var / "launcher.json")
    if launcher and launcher.alive and not all_ready():
        console.print("  … waiting for the `make up` that is on its way")
        wait_until(
            all_ready,
            limit=START_LIMIT,
            what=f"`make up` at {here} (SHEQU_PORT says where)",
            alive=lambda: launcher.alive,
        )
    if all_ready():
        yield here
        return
    console.print("  … nothing runs here: starting everything for this demonstration")
    child = subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "up"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=dict(os.environ),
        cwd=ROOT,
        start_new_session=True,  # our Ctrl-C ends it in order, below
    )
    told = threading.Thread(target=_tell_start, args=(child, console), daemon=True)
    told.start()
    try:
        wait_until(
            all_ready, limit=START_LIMIT, what="the system", alive=lambda: child.poll() is None
        )
        yield here
    finally:
        if child.poll() is None and (identity := Identity.of(child.pid)):
            console.print("\n  … stopping what was started")
            stop_processes([identity], grace=STOP_LIMIT)
        child.wait()
        told.join(timeout=5)


def _tell_start(child: "subprocess.Popen[str]", console: Console) -> None:
    """Repeat what the launcher says of its steps and troubles, not its long greeting."""
    assert child.stdout is not None  # noqa: S101 (it was asked for as a pipe)
    with child.stdout:
        for line in child.stdout:
            if line.startswith(STEPS) or TROUBLE.search(line):
                console.print(line.rstrip(), markup=False, highlight=False)
