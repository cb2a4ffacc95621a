"""``shequ community``: towns come, communities are looked at, and leave."""

import getpass
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.shequ import archive, secrecy
from deploy.shequ.where import Identity, console, identity
from gateway.posters import Fonts, Words
from gateway.posters.bundle import bundle
from services.identity import town_files
from services.identity.handlers import offboarding, overview, posters, town, town_undo
from services.identity.handlers.community_export import Package, export_community
from services.identity.handlers.joining import CHINA
from services.identity.handlers.offboarding import Offboarded
from services.identity.handlers.town import Source, TownReport

app = typer.Typer(no_args_is_help=True, help="Towns and communities.")

MOST_LINES = 200  # of a report, on the screen

By = Annotated[str, typer.Option("--by", help="who does it, for the record", show_default="you")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]
Purpose = Annotated[str, typer.Option(help="why; people whose data are in it will read this")]
PasswordFile = Annotated[
    Path | None, typer.Option(help="holds the zip's password; asked for otherwise")
]
NewPassword = Annotated[bool, typer.Option("--new-password", help="make one up and show it once")]


def operator() -> str:
    """Who sits at the machine, as far as it knows."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


# -- a town comes ----------------------------------------------------------------------------------


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="XLSX, zip of CSVs, or a folder of them")],
    dry_run: DryRun = False,
    district: Annotated[str | None, typer.Option(help="name or id; one is made if need be")] = None,
    posters_to: Annotated[
        Path | None, typer.Option("--posters", help="a zip of all posters, PNG and PDF")
    ] = None,
    by: By = "",
) -> None:
    """Towns, communities, estates and staff from one file: all of it, or nothing."""
    with identity() as ours:
        fonts = None
        if posters_to and not dry_run:
            archive.free(posters_to)
            fonts = _fonts()  # better now than when the town is there
        tables, data = town_files.load(file)
        draft = town_files.read(tables, ours.now.astimezone(CHINA).date())
        with ours.units(now=ours.now) as uow:
            report = town.import_town(
                uow, ours.vault, draft, Source.of(data, by or operator()), ours.now,
                district=district,
            )  # fmt: skip
            if not report.errors and not dry_run:
                uow.commit()
        _show(report, dry_run=dry_run)
        if report.errors:
            raise typer.Exit(1)
        if posters_to and fonts and report.import_id:
            _draw(ours, report.import_id, posters_to, fonts)


@app.command()
def undo(import_id: str, dry_run: DryRun = False) -> None:
    """Take an import back, as long as nobody has used what it made."""
    with identity() as ours, ours.units(now=ours.now) as uow:
        undone = town_undo.undo_import(uow, import_id, ours.now)
        if not dry_run:
            uow.commit()
        console.print(
            f"{'would be taken back' if dry_run else 'taken back'}: {undone.places} places, "
            f"{undone.roles} roles, {undone.codes} QR codes, {undone.accounts} accounts"
        )
        if undone.accounts_kept:
            console.print(f"{undone.accounts_kept} accounts stay: they have been used")


@app.command()
def imports() -> None:
    """The imports of towns, the latest first: what `undo` and `posters` take."""
    with identity() as ours, ours.units(read_only=True) as uow:
        table = _table("import", "at", "by", "communities", "estates", "roles", "undone")
        for row in overview.town_imports(uow):
            made = row.report.get("counts", {})
            table.add_row(
                row.id,
                f"{row.at.astimezone(CHINA):%Y-%m-%d %H:%M}",
                str(row.report.get("by", "")),
                *(str(made.get(kind, "")) for kind in ("community", "estate", "role")),
                f"{row.undone_at.astimezone(CHINA):%Y-%m-%d %H:%M}" if row.undone_at else "",
            )
        console.print(table)


@app.command("posters")
def posters_(
    of: Annotated[str, typer.Argument(metavar="IMPORT_OR_COMMUNITY", help="an id")],
    out: Annotated[Path, typer.Argument(help="the zip to write")],
) -> None:
    """Every poster that counts, of an import or of one community, in one zip."""
    with identity() as ours:
        archive.free(out)
        _draw(ours, of, out, _fonts())


# -- looking at one, and letting it go -------------------------------------------------------------


@app.command("list")
def list_() -> None:
    """The communities, with how many live there and are on the register."""
    with identity() as ours, ours.units(read_only=True) as uow:
        table = _table("id", "community", "kind", "town", "members", "waiting", "register", "left")
        for row in overview.communities(uow):
            left = f"{row.closed_at.astimezone(CHINA):%Y-%m-%d}" if row.closed_at else ""
            counts = (row.members, row.waiting, row.register)
            table.add_row(row.id, row.name, row.kind, row.town, *map(str, counts), left)
        console.print(table)


@app.command()
def export(
    community_id: Annotated[str, typer.Argument(metavar="COMMUNITY")],
    out: Annotated[Path, typer.Argument(help="the zip to write")],
    with_personal_data: Annotated[
        bool, typer.Option("--with-personal-data", help="names, phones, ID numbers: encrypted")
    ] = False,
    purpose: Purpose = "",
    password_file: PasswordFile = None,
    new_password: NewPassword = False,
    by: By = "",
) -> None:
    """Everything that identity holds about a community. Without personal data: ids alone."""
    with identity() as ours:
        archive.free(out)
        if with_personal_data:
            secrecy.require_purpose(purpose)
        password = (
            secrecy.password(password_file, make_up=new_password) if with_personal_data else ""
        )
        with ours.units(now=ours.now) as uow, archive.fresh(out) as file:
            package = export_community(
                uow, ours.vault, community_id, by or operator(), ours.now,
                personal=with_personal_data, purpose=purpose or "统计与核对",
            )  # fmt: skip
            archive.write_zip(file, package.files, password)
            uow.commit()  # what is not written down does not get its name
        _tell_package(package, out)


@app.command()
def offboard(
    community_id: Annotated[str, typer.Argument(metavar="COMMUNITY")],
    out: Annotated[Path | None, typer.Option("--export", help="the zip to write first")] = None,
    dry_run: DryRun = False,
    purpose: Purpose = "社区退出平台，资料移交",
    password_file: PasswordFile = None,
    new_password: NewPassword = False,
    yes: Annotated[bool, typer.Option("--yes", help="don't ask for the community's name")] = False,
    by: By = "",
) -> None:
    """Export a community whole, then end its memberships, offices and codes, and close it."""
    with identity() as ours, ExitStack() as stack:
        if out is None and not dry_run:
            raise archive.InTheWay("say where the export goes: --export OUT.zip")
        uow = stack.enter_context(ours.units(now=ours.now))
        who = by or operator()
        if dry_run or out is None:
            package = export_community(
                uow, ours.vault, community_id, who, ours.now, personal=False, purpose=purpose
            )
            _tell_end(offboarding.offboard(uow, community_id, package, who, ours.now), package,
                      dry_run=True)  # fmt: skip
            return
        archive.free(out)
        secrecy.require_purpose(purpose)
        password = secrecy.password(password_file, make_up=new_password)
        if not yes:
            secrecy.confirm(overview.name_of(uow, community_id))
        uow.rollback()  # whoever was asked took her time
        with archive.fresh(out) as file:
            package = export_community(
                uow, ours.vault, community_id, who, ours.now, personal=True, purpose=purpose
            )
            archive.write_zip(file, package.files, password)
            ended = offboarding.offboard(uow, community_id, package, who, ours.now)
            uow.commit()
        _tell_package(package, out)
        _tell_end(ended, package, dry_run=False)


# -- words -----------------------------------------------------------------------------------------


def _show(report: TownReport, *, dry_run: bool) -> None:
    for line in report.lines[:MOST_LINES]:
        where = f"{line.sheet} 第 {line.row} 行" if line.row else line.sheet
        column = f" {line.column}" if line.column else ""
        style = "red" if line.outcome == "error" else "dim"
        console.print(f"  {where}{column}：{line.message}", markup=False, style=style)
    if len(report.lines) > MOST_LINES:
        console.print(f"  … and {len(report.lines) - MOST_LINES} more")
    if report.errors:
        console.print(f"{report.errors} rows are wrong: nothing was imported")
        return
    table = Table("made" if not dry_run else "would be made", "")
    for kind, count in report.counts.items():
        table.add_row(kind, str(count))
    console.print(table)
    if not dry_run:
        console.print(f"import {report.import_id}   (shequ community undo {report.import_id})")


def _table(key: str, *titles: str) -> Table:
    """A list whose first column is always whole: it is typed into the next command."""
    table = Table(box=None, pad_edge=False)
    table.add_column(key, no_wrap=True)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _tell_package(package: Package, out: Path) -> None:
    rows = ", ".join(f"{count} {name}" for name, count in package.counts.items())
    console.print(f"{package.community}: {rows}", markup=False)
    secret = "encrypted, with personal data" if package.personal else "ids alone, no personal data"
    console.print(f"{out}: {secret}; export {package.export_id} is recorded", markup=False)


def _tell_end(ended: Offboarded, package: Package, *, dry_run: bool) -> None:
    table = Table(f"{package.community}: {'would end' if dry_run else 'has ended'}", "")
    for name in ("memberships", "requests", "roles", "codes", "assistances", "recoveries",
                 "corrections", "register_persons"):  # fmt: skip
        table.add_row(name, str(getattr(ended, name)))
    console.print(table)
    console.print(f"the register is anonymised after {ended.register_forgotten_on:%Y-%m-%d}")


# -- posters ---------------------------------------------------------------------------------------


def _fonts() -> Fonts:
    return Fonts.find(os.environ.get("SHEQU_FONT", ""))


def _draw(ours: Identity, of: str, out: Path, fonts: Fonts) -> None:
    with ours.units(read_only=True) as uow:
        codes = overview.printable_codes(uow, of, ours.now)
        contents = posters.contents(uow.session, ours.vault, codes, ours.settings.public_url)
    bar = Progress(
        TextColumn("  posters"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    )  # fmt: skip
    with bar, archive.fresh(out) as file:
        task = bar.add_task("posters", total=len(contents))
        files = bundle(map(Words.of, contents), file, fonts, lambda: bar.advance(task))
    console.print(f"{out}: {files} files", markup=False)
