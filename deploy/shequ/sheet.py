"""``shequ community sheet``: registers in other systems' sheets, and lists for a hotline."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from deploy.shequ import archive, secrecy
from deploy.shequ.community import (
    MOST_LINES,
    By,
    DryRun,
    NewPassword,
    PasswordFile,
    Purpose,
    operator,
)
from deploy.shequ.where import console, identity
from services.contracts.operations.identity import ImportReport
from services.identity.exchange import ADAPTERS
from services.identity.handlers import sheets

app = typer.Typer(no_args_is_help=True, help="Sheets of other systems: 社区云, 12345.")

As = Annotated[str, typer.Option("--as", help=f"whose sheet: {', '.join(ADAPTERS)}")]
Staff = Annotated[
    str, typer.Option("--staff", help="the account of the staff who answers for it, by its id")
]


@app.command()
def export(
    of: Annotated[str, typer.Argument(metavar="COMMUNITY", help="for a list of buildings: any id")],
    out: Annotated[Path, typer.Argument(help="the file to write; with people in it, a zip")],
    as_: As,
    staff: Staff,
    form: Annotated[Literal["csv", "xlsx"], typer.Option(help="of the sheet")] = "xlsx",
    purpose: Purpose = "",
    password_file: PasswordFile = None,
    new_password: NewPassword = False,
    by: By = "",
) -> None:
    """A community's register as another system's sheet, encrypted; or a list of buildings."""
    with identity() as ours:
        archive.free(out)
        personal = as_ in ADAPTERS and ADAPTERS[as_].of_people
        if personal:
            secrecy.require_purpose(purpose)
        password = secrecy.password(password_file, make_up=new_password) if personal else ""
        with ours.units(now=ours.now) as uow, archive.fresh(out) as file:
            sheet = sheets.export_sheet(
                uow, ours.vault, of, as_, form,
                staff_id=staff, by=by or operator(), purpose=purpose, now=ours.now,
            )  # fmt: skip
            if sheet.personal:
                archive.write_zip(file, {sheet.name: sheet.data}, password)
            else:
                file.write(sheet.data)
            uow.commit()  # what is not written down does not get its name
        secret = "encrypted, with personal data" if sheet.personal else "no personal data"
        console.print(
            f"{sheet.of}: {sheet.rows} rows; {out}: {secret}; export {sheet.export_id} is recorded",
            markup=False,
        )


@app.command("import")
def import_(
    community_id: Annotated[str, typer.Argument(metavar="COMMUNITY")],
    file: Annotated[Path, typer.Argument(help="XLSX, CSV, or a zip with one CSV")],
    as_: As,
    staff: Staff,
    dry_run: DryRun = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="end the entries that the sheet does not name")
    ] = False,
    by: By = "",
) -> None:
    """Another system's sheet into the register: all of it, or nothing."""
    with identity() as ours:
        with ours.units(now=ours.now) as uow:
            report = sheets.import_sheet(
                uow, ours.vault, community_id, as_, file.name, file.read_bytes(),
                staff_id=staff, by=by or operator(), now=ours.now,
                dry_run=dry_run, replace_others=replace,
            )  # fmt: skip
            uow.commit()  # a dry run and a refused sheet are a line, too
        _show(report)
        if report.errors:
            raise typer.Exit(1)


def _show(report: ImportReport) -> None:
    for row in report.rows[:MOST_LINES]:
        if row.message:
            where = f"第 {row.row} 行 {row.field or ''}".rstrip() if row.row else "名册"
            style = "red" if row.outcome == "error" else "dim"
            console.print(f"  {where}：{row.message}", markup=False, style=style)
    if len(report.rows) > MOST_LINES:
        console.print(f"  … and {len(report.rows) - MOST_LINES} more")
    if report.errors:
        console.print(f"{report.errors} of {report.total} rows are wrong: nothing was imported")
        return
    table = Table("would be imported" if report.dry_run else "imported", "")
    for name in ("total", "added", "changed", "unchanged", "ended", "places_added", "linked",
                 "admitted"):  # fmt: skip
        table.add_row(name, str(getattr(report, name)))
    console.print(table)
    if report.import_id:
        console.print(f"import {report.import_id}")
