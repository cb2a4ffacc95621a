"""The system that the demo and the replay talk to: the one that runs, or one started for them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from rich.console import Console

from deploy.local.layout import ROOT, Layout
from deploy.local.system import Identity, NotReady, stop_processes, wait_until

START_LIMIT = 300.0  # seconds
STOP_LIMIT = 60.0


def is_ready(url: str) -> bool:
    """Whether a gateway answers there that it is ready."""
    try:
        return httpx.get(f"{url}/readyz", timeout=2).status_code == 200
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
        if not is_ready(url):
            raise NotReady(f"nothing is ready at {url}")
        yield url
        return
    layout = Layout.of_this_checkout()
    here = f"http://127.0.0.1:{layout.ports.gateway}"
    if is_ready(here):
        yield here
        return
    launcher = Identity.read(layout.var / "launcher.json")
    if launcher and launcher.alive:
        console.print("  … waiting for the `make up` that is on its way")
        wait_until(
            lambda: is_ready(here), limit=START_LIMIT, what=here, alive=lambda: launcher.alive
        )
        yield here
        return
    console.print("  … nothing runs here: starting everything for this demonstration")
    child = subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "up"],
        stdin=subprocess.DEVNULL,
        env=dict(os.environ),
        cwd=ROOT,
        start_new_session=True,  # our Ctrl-C ends it in order, below
    )
    try:
        wait_until(
            lambda: is_ready(here),
            limit=START_LIMIT,
            what="the system",
            alive=lambda: child.poll() is None,
        )
        yield here
    finally:
        if child.poll() is None and (identity := Identity.of(child.pid)):
            stop_processes([identity], grace=STOP_LIMIT)
        child.wait()
