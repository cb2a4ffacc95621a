"""What the clock has to do, each once and after any crash."""

from collections.abc import Callable, Mapping
from datetime import datetime

from services.kit import due
from services.kit.uow import UnitOfWork
from services.notify.domain import briefs as brief_rules
from services.notify.domain import digests as digest_rules
from services.notify.handlers import briefs, digests, emergency_forgetting, emergency_telling

DUTIES: Mapping[str, due.Duty] = {
    "emergency.tell": emergency_telling.go_on,
    "emergency.doors": emergency_telling.read_doors,
    "emergency.count": emergency_telling.count,
    "emergency.forget": emergency_forgetting.forget,
    "digests": digests.begin,
    digests.CHUNK_DUTY: digests.make_chunk,
    "briefs": briefs.close_week,
    briefs.DISTRICT_DUTY: briefs.make_district,
}
STANDING: Mapping[str, Callable[[datetime], datetime]] = {
    "digests": digest_rules.next_round,
    "briefs": brief_rules.next_brief,
}
"""Duties that are always due some time, and when."""

EVERYBODY = "everybody"


def do_next(uow: UnitOfWork, now: datetime, duties: Mapping[str, due.Duty] = DUTIES) -> int:
    """Do the duty that has waited longest; 0 when nothing is due."""
    return due.do_next(uow, now, duties)


def stand(uow: UnitOfWork, now: datetime) -> int:
    """See to it that each standing duty is due the next time; one that is sooner stays as it is."""
    for kind, when in STANDING.items():
        due.put_if_none(uow.session, kind, EVERYBODY, when(now))
        due.no_later(uow.session, kind, EVERYBODY, when(now))
    return 0
