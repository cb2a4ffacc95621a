"""pytest plugin of the green lane: ``-p services.kit.testing.green`` patches before all else."""

import os

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet

eventlet.monkey_patch()

from services.kit import db  # noqa: E402 - nothing of ours before the patch

db.be_green()
