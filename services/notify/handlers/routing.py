"""Routing: by which ways, besides the inbox, and when."""

from datetime import datetime

from services.kit import logs
from services.kit.uow import UnitOfWork
from services.notify.repository import routing

log = logs.get(__name__)


def route(uow: UnitOfWork, event_id: str, now: datetime) -> None:
    """Send what an event told by the channels that each of the people told chose.

    Now, or at the end of her quiet hours; what is above her day's budget waits for the digest. In
    the transaction that told it. Each use of the lane of emergencies is kept in ``lane_uses``.
    """
    for use in routing.route(uow.session, event_id, now):
        log.warning(
            "lane of emergencies used",
            notice_id=use.notice_id,
            kind=use.kind,
            community_id=use.community_id,
            path=use.path,
            people=use.people,
        )
