"""The page for the grid engineers says what the program does."""

import re
from pathlib import Path

import pytest

from deploy.grid_platform import cli, messages, wire
from deploy.grid_platform.settings import Settings
from services.contracts.events import grid
from services.contracts.events.base import Event
from services.kit import topology

FOLDER = Path(cli.__file__).parent
PAGE = (FOLDER / "README.md").read_text()
EVENTS: list[type[Event]] = [
    grid.WorkOrderOpened,
    grid.WorkOrderAmended,
    grid.WorkOrderUrged,
    grid.WorkOrderWithdrawn,
    grid.WorkOrderRated,
    grid.WorkOrderReopened,
    grid.WorkOrderUpdatesWanted,
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event.TYPE))
def test_every_field_that_comes_is_named(event: type[Event]) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{event.TYPE}`"))
    common = {"work_order_no", "district", "category", "source"}
    assert not [name for name in event.model_fields if name not in row and name not in common]


def test_every_field_that_goes_is_named() -> None:
    table = PAGE.split("| you send `workorder.updated.v1` | |")[1].split("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert grid.WorkOrderUpdated.model_fields.keys() <= named


def test_settings_commands_files_and_names_are_those_of_the_program() -> None:
    settings = {f"SHEQU_{name.upper()}" for name in Settings.model_fields} - {"SHEQU_ENV"}
    assert set(re.findall(r"SHEQU_[A-Z_]+", PAGE)) == settings
    commands = {
        command.name or command.callback.__name__ for command in cli.app.registered_commands
    }  # type: ignore[union-attr]
    assert set(re.findall(r"deploy\.grid_platform (\w+)", PAGE)) == commands
    files = {path.name for path in FOLDER.glob("*.*") if not path.name.startswith("__")}
    assert set(re.findall(r"`(\w+\.(?:py|sql|md))`", PAGE)) | {"README.md"} == files
    assert {wire.QUEUE, wire.EXCHANGE, messages.UPDATED} <= set(re.findall(r"`([\w.]+)`", PAGE))
    spec = topology.build().queues[wire.QUEUE]
    assert spec.arguments["x-delivery-limit"] == 10, "the page says ten deliveries"


def test_the_folder_stands_alone() -> None:
    for path in FOLDER.glob("*.py"):
        foreign = re.findall(
            r"^\s*(?:from|import) (services|gateway|deploy)\b", path.read_text(), re.M
        )
        assert not foreign, f"{path.name} imports from {foreign}"
