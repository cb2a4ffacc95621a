"""``python -m deploy.open311_adapter`` (see :mod:`.cli`)."""

from .cli import app

app(prog_name="open311_adapter")
