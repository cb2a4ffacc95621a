"""`make seed communities=565 residents=640000`: the reference district beside the demo's."""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as TimeRemaining
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from deploy.local.environment import Plan
from deploy.local.keys import DATA_KEYS, make_keys
from deploy.local.layout import Layout
from deploy.local.servers import databases
from deploy.local.system import NotReady, PortBusy
from deploy.processes import SERVICES, database_variable
from deploy.seed.filling import AnotherDistrict, Busy, Job, fill, there
from services.identity.seed import reference
from services.identity.seed.neighbourhood import neighbourhood
from services.identity.seed.reference import BadSize, Size
from services.kit import migrate

console = Console()


def main(
    communities: Annotated[int, typer.Option(help="urban ones and villages")] = 565,
    residents: Annotated[int, typer.Option(help="accounts with a membership")] = 640_000,
    seed: Annotated[int, typer.Option(help="another district of the same size")] = 1,
    processes: Annotated[int, typer.Option(min=1, max=16, help="side by side")] = 2,
) -> None:
    """Fill the databases of this checkout, or those that SHEQU_…_DATABASE_URL name."""
    plan = Plan(Layout.of_this_checkout(), dict(os.environ))
    try:
        if not plan.demo:
            raise BadSize("made-up people are for the demo alone: SHEQU_DEMO is off")
        size = Size(communities, residents, seed)
        with databases(plan):
            _run(Job(size, _urls(plan), _data_keys(plan)), processes)
    except (BadSize, ValueError) as problem:
        console.print(str(problem), markup=False, highlight=False)
        raise typer.Exit(2) from None
    except (AnotherDistrict, Busy, NotReady, PortBusy) as problem:
        console.print(str(problem), markup=False, highlight=False)
        raise typer.Exit(1) from None
    except DBAPIError as error:
        # the first line: what follows may quote a row
        console.print(f"database: {str(error.orig).splitlines()[0]}", markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("interrupted; what is there is whole, run it again for the rest")
        raise typer.Exit(130) from None


def _urls(plan: Plan) -> dict[str, str]:
    values = plan.values()
    return {service: values[database_variable(service)] for service in SERVICES}


def _data_keys(plan: Plan) -> Path:
    if not plan.outside.get("SHEQU_DATA_KEYS_FILE"):
        make_keys(plan.layout.keys)
        return plan.layout.keys / DATA_KEYS
    return Path(plan.outside["SHEQU_DATA_KEYS_FILE"])


def _run(job: Job, processes: int) -> None:
    started = time.monotonic()
    for service, url in job.urls.items():
        migrate.upgrade(service, url)
    have = there(job)
    with _bar() as bar:
        task = bar.add_task("communities", total=job.size.communities, completed=have)
        added = fill(job, processes=processes, done=lambda *_: bar.advance(task))
    if not added:
        console.print(f"{reference.DISTRICT_NAME} is there already, nothing to do")
    else:
        _tell(added, time.monotonic() - started)
    _tell_accounts(job.size)


def _bar() -> Progress:
    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemaining(),
        console=console,
    )


def _tell(added: Counter[str], seconds: float) -> None:
    table = Table("table", "rows added", title=reference.DISTRICT_NAME, title_justify="left")
    table.columns[1].justify = "right"
    for name, rows in added.items():
        table.add_row(name, f"{rows:,}")
    console.print(table)
    total = sum(added.values())
    console.print(
        f"  {total:,} rows in {seconds:.1f} s ({total / seconds:,.0f} rows/s)", highlight=False
    )


def _tell_accounts(size: Size) -> None:
    frame = reference.frame(size)
    hood = neighbourhood(frame, 1)
    resident = next(m for m in hood.members if m.status == "active")
    people = [
        *((o.phone, o.display_name) for o in frame.officers[:5]),
        (hood.officers[0].phone, f"{hood.record.name} {hood.officers[0].display_name}"),
        (resident.phone, f"{hood.record.name} {resident.display_name}"),
    ]
    console.print("  who can log in, for example (the demo's code):")
    for phone, who in people:
        console.print(f"    {phone.removeprefix('+86')}  {who}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
