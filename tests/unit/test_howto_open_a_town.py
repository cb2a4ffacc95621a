"""The example file of docs/how-to/open-a-town.md is a town, and every column stands on the page."""

import re
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.shequ.__main__ import app
from services.identity import tables, town_files
from services.identity.domain.town import ROLE_NAMES, SHEETS
from services.identity.domain.town_plan import Known, fit

pytestmark = pytest.mark.unit

PAGE = (Path(__file__).resolve().parents[2] / "docs/how-to/open-a-town.md").read_text()
EXAMPLES = dict(re.findall(r"^(\S+)\.csv:\n\n```csv\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))


def test_the_example_is_a_whole_town_without_a_fault():
    assert set(EXAMPLES) == {sheet.title for sheet in SHEETS}
    found = [
        t for name, text in EXAMPLES.items() for t in tables.read(f"{name}.csv", text.encode())
    ]
    draft = town_files.read(found, date(2026, 11, 25))
    plan = fit(draft, Known(frozenset({"样例区"}), frozenset(), frozenset()), "样例区")
    assert plan.faults == []
    assert (len(plan.communities), len(plan.estates), len(plan.staff)) == (2, 3, 5)
    new = plan.buildings["310199105001", "和平新苑"]
    assert list(new) == [*(f"{n}号楼" for n in range(1, 7)), "会所"]
    assert new["会所"] == ()
    assert new["1号楼"] == ("1单元", "2单元")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.title)
def test_every_column_stands_on_the_page(sheet):
    (row,) = re.findall(rf"^\| {sheet.title} `.*$", PAGE, re.MULTILINE)
    for column in sheet.columns:
        assert f"{sheet.heading(column)} `{column}`" in row


def test_every_role_stands_on_the_page():
    named = {role for name, role in ROLE_NAMES.items() if f" {name}" in PAGE}
    assert named == set(ROLE_NAMES.values())


def test_the_commands_are_there():
    commands = set(
        re.findall(r"community (imports|import|undo|posters|list|export|offboard)", PAGE)
    )
    said = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["community", "--help"]).output
    assert len(commands) == 7
    assert all(f" {command} " in said for command in commands)
