"""What was sent outside of the inbox is forgotten when its time is over, piece by piece."""

from datetime import datetime
from typing import Final

from services.kit import logs, metrics
from services.kit.uow import UnitOfWork
from services.notify.domain.sending import KEPT
from services.notify.repository import sending

log = logs.get(__name__)
PIECE: Final = 5_000


def retain(uow: UnitOfWork, now: datetime) -> int:
    """Forget a piece of the deliveries that nobody asks for any more; how many there were."""
    rows = sending.forget(uow.session, now - KEPT, PIECE)
    if rows:
        metrics.FORGOTTEN.labels("deliveries").inc(rows)
        log.info("forgotten, its time is over", rule="deliveries", rows=rows)
    return rows
