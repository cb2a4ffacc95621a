"""``python -m deploy.grid_platform`` (see :mod:`.cli`)."""

from .cli import app

app(prog_name="grid_platform")
