"""A throw-away PostgreSQL and RabbitMQ in a folder of your choice, for experiments and tests.

    python -m deploy.local.devinfra start --dir /tmp/x     starts both, prints export lines
    python -m deploy.local.devinfra env --dir /tmp/x       prints the export lines again
    python -m deploy.local.devinfra stop --dir /tmp/x      stops both and deletes the folder

The lines are those that the tests read (see `tests/support/infra.py`).
"""

import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import typer

from deploy.debian import MissingPart
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.system import NotReady, PortBusy, free_port

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own in it, of a name that nobody guesses)
ROOM = 4 << 30  # bytes; a run takes one, with big tests two
PREFIX = "shequ-pg-"
PLACE, OWNER = "pg.place", "owner"
Directory = Annotated[Path, typer.Option("--dir", help="folder that holds everything")]


@dataclass(frozen=True)
class DevInfra:
    """Both servers in one folder, on ports that were free when it was made."""

    postgres: Postgres
    rabbitmq: RabbitMQ

    @classmethod
    def at(cls, root: Path, durable: bool = False) -> Self:
        """The pair in `root`: with the ports of an earlier start, or with new ones.

        `durable` makes PostgreSQL wait for the disk, as in production; tests do without.
        """
        root = root.resolve()
        root.mkdir(parents=True, exist_ok=True)
        path = root / "ports.json"
        if not path.exists():
            path.write_text(json.dumps([free_port() for _ in range(4)]))
        pg, amqp, dist, epmd = json.loads(path.read_text())
        return cls(
            Postgres(_place(root, durable), pg, max_connections=400, durable=durable),
            RabbitMQ(root / "rabbitmq", amqp, dist, epmd, name="dev", memory=2048),
        )

    def start(self) -> None:
        """Start both, side by side."""
        self.rabbitmq.start_async()
        self.start_postgres()
        self.rabbitmq.await_ready()

    def start_postgres(self) -> None:
        """Start PostgreSQL; its files in memory say whose they are."""
        if self.postgres.root.parent == MEMORY:
            _sweep()
            self.postgres.root.mkdir(exist_ok=True)
            (self.postgres.root / OWNER).write_text(str(self.rabbitmq.root.parent / PLACE))
        self.postgres.start()

    def stop(self) -> None:
        """Stop both and delete their folders."""
        try:
            self.postgres.destroy()
        finally:
            self.rabbitmq.destroy()
            for name in ("ports.json", PLACE):
                (self.rabbitmq.root.parent / name).unlink(missing_ok=True)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the tests want to know."""
        return {
            "SHEQU_TEST_PG_URL": self.postgres.url(),
            "SHEQU_TEST_AMQP_URL": self.rabbitmq.url(),
            "SHEQU_TEST_RABBITMQCTL": str(self.rabbitmq.root),
        }


def _place(root: Path, durable: bool) -> Path:
    """Where PostgreSQL's files lie: in memory, where there is room and nothing has to last.

    Making and dropping a database writes and unlinks some 400 files, and a test run does it
    thousands of times: 85 ms in memory, 60 to 400 on a disk that others use too.
    """
    chosen = root / PLACE
    if chosen.exists():
        return Path(chosen.read_text())
    room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    lasting = durable or not room or (root / "pg").exists()
    place = root / "pg" if lasting else MEMORY / f"{PREFIX}{secrets.token_hex(8)}"
    chosen.write_text(str(place))
    return place


def _sweep() -> None:
    """Free the memory of servers that were killed with their folder: nobody would find it again."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        owner = left / OWNER
        if (
            owner.is_file()
            and not Path(owner.read_text()).exists()
            and Postgres(left, 0).running_port is None
        ):
            shutil.rmtree(left, ignore_errors=True)


def _print_environment(infra: DevInfra) -> None:
    for name, value in infra.environment.items():
        print(f"export {name}='{value}'")


@app.command()
def start(directory: Directory) -> None:
    """Start both servers and print export lines."""
    infra = DevInfra.at(directory)
    infra.start()
    _print_environment(infra)


@app.command()
def env(directory: Directory) -> None:
    """Print the export lines."""
    _print_environment(DevInfra.at(directory))


@app.command()
def stop(directory: Directory) -> None:
    """Stop both servers and delete the folder's content."""
    DevInfra.at(directory).stop()


if __name__ == "__main__":
    try:
        app()
    except (MissingPart, NotReady, PortBusy) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
