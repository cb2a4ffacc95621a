"""Where identity's database and keys are: the environment says so, or the checkout knows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from deploy.local.environment import Plan
from deploy.local.layout import Layout
from deploy.local.servers import databases
from deploy.local.system import NotReady, PortBusy
from deploy.processes import BY_NAME, database_variable
from services.contracts.errors import ShequError
from services.identity.crypto import BrokenSeal, Vault, index_guard, vault
from services.identity.settings import Settings
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory

STATEMENT_MS = 600_000  # a whole town in one insert
DATABASE = database_variable("identity")

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a command works with; ``now`` is the time of all that it does."""

    units: UnitOfWorkFactory
    vault: Vault
    settings: Settings
    now: datetime


@contextmanager
def settled(service: str = "identity") -> Iterator[None]:
    """The environment as a service has it; a refusal becomes one sentence and an exit code.

    1: something is away or the input is refused; 2: the settings are refused.
    """
    try:
        database = database_variable(service)
        if os.environ.get(database):
            yield
            return
        plan = Plan(Layout.of_this_checkout(), dict(os.environ))
        if not plan.layout.keys.is_dir():
            raise NotReady(f"set {database} and the key files, or run `make up` once")
        with databases(plan):
            told = plan.environment(BY_NAME[service])
            os.environ.update({k: v for k, v in told.items() if k.startswith("SHEQU_")})
            yield
    except ShequError as error:
        refuse(error)
        raise typer.Exit(1) from None
    except (NotReady, PortBusy) as problem:
        console.print(str(problem), markup=False)
        raise typer.Exit(1) from None
    except DBAPIError as error:
        # the first line: what follows may quote a row
        console.print(f"database: {_first_line(error)}", markup=False)
        raise typer.Exit(1) from None
    except BrokenSeal as error:
        console.print(f"{error}: are these the right data keys?", markup=False)
        raise typer.Exit(1) from None
    except (ValueError, OSError) as problem:
        console.print(f"settings or files refused: {problem}", markup=False)
        raise typer.Exit(2) from None


@contextmanager
def identity() -> Iterator[Identity]:
    """Identity's database with its keys, for the time of the block."""
    with settled():
        settings = Settings()
        keys = vault(settings.data_keys_file)
        engine = make_engine(
            settings.database_url, pool=2, statement_timeout_ms=STATEMENT_MS, application="shequ"
        )
        index_guard.attach(engine, keys)
        try:
            units = UnitOfWorkFactory(engine, "identity")
            yield Identity(units, keys, settings, datetime.now(UTC))
        finally:
            engine.dispose()


def refuse(error: ShequError) -> None:
    """Say what a handler refused, in both languages, with every field."""
    console.print(f"{error.zh}  ({error.en})" + (f": {error.detail}" if error.detail else ""),
                  markup=False, style="red")  # fmt: skip
    for wrong in error.errors:
        console.print(f"  {wrong.field}: {wrong.message}", markup=False)


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).splitlines() or [type(error).__name__])[0]
