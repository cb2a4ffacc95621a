"""pytest plugin of the green lane: ``-p services.kit.testing.green`` patches before all else."""

import os

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet

eventlet.monkey_patch()
