"""What the clock has to do, each once and after any crash."""

from collections.abc import Mapping
from datetime import datetime

from services.kit import due
from services.kit.uow import UnitOfWork

DUTIES: Mapping[str, due.Duty] = {}


def do_next(uow: UnitOfWork, now: datetime, duties: Mapping[str, due.Duty] = DUTIES) -> int:
    """Do the duty that has waited longest; 0 when nothing is due."""
    return due.do_next(uow, now, duties)
