"""`python -m deploy.local up|status|stop`."""

import os
import signal
import sys
from typing import Annotated

import typer
from rich.console import Console

from deploy.debian import MissingPart
from deploy.local.environment import Plan
from deploy.local.launcher import AlreadyUp, Launcher, WrongWords, parse_replicas
from deploy.local.layout import ROOT, Layout, Ports
from deploy.local.status import show
from deploy.local.supervisor import stop_leftovers
from deploy.local.system import Identity, NotReady, PortBusy, wait_gone
from deploy.processes import PROCESSES, switched_off

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()


@app.command()
def up(
    words: Annotated[list[str] | None, typer.Argument(help="replicas, e.g. votes=3")] = None,
) -> None:
    """Bring everything up and keep it up until Ctrl-C."""
    counts = parse_replicas(words or [], PROCESSES, switched_off(os.environ))
    layout = Layout(ROOT, Ports.from_environment(os.environ))
    raise typer.Exit(Launcher(layout, dict(os.environ), counts, console).run())


@app.command()
def status() -> None:
    """What runs in this checkout: since when, where it answers, whether it is ready."""
    layout = Layout.of_this_checkout()
    show(console, Plan(layout, dict(os.environ)))
    launcher = Identity.read(layout.launcher)
    raise typer.Exit(0 if launcher and launcher.alive else 3)


@app.command()
def stop() -> None:
    """Stop what runs in this checkout: through its launcher, or what a dead one left."""
    layout = Layout.of_this_checkout()
    launcher = Identity.read(layout.launcher)
    if launcher and launcher.alive:
        os.kill(launcher.pid, signal.SIGTERM)
        if not wait_gone([launcher], limit=90):
            console.print(f"the launcher (pid {launcher.pid}) did not end within 90 s")
            raise typer.Exit(1)
    stop_leftovers(layout.processes)
    plan = Plan(layout, dict(os.environ))
    for server in (plan.postgres(1), plan.rabbitmq):
        if server.root.exists():
            server.stop()
    console.print("stopped")


if __name__ == "__main__":
    try:
        app()
    except (AlreadyUp, MissingPart, NotReady, PortBusy, WrongWords, ValueError) as problem:
        console.print(str(problem), markup=False, highlight=False)
        sys.exit(1)
