"""Telling: an event becomes news in the inboxes of everybody whom it concerns."""

from collections.abc import Sequence
from datetime import datetime

from services.contracts.events import Event, NotificationCreated, PostRemoved
from services.contracts.ids import new_id
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.handlers import channels, routing, views
from services.notify.repository import delivering, handing, inboxes, people

# Live streams are told person by person only while an event concerns at most this many. An
# announcement to a whole community is in every inbox at once but makes no flood of events: the
# gateways hear post.published anyway, and the count beside the bell is read with the next page.
LIVE_AT_MOST = 200


def tell(uow: UnitOfWork, event: Event, event_id: str, now: datetime) -> None:
    """Tell an event to everybody whom it concerns, each once, and remember its thread."""
    session = uow.session
    if isinstance(event, PostRemoved):
        people.remove_thread(session, event.post_id)
    for thread in domain.threads_of(event):
        people.remember_thread(session, thread, getattr(event, "community_id", None))
    people.follow(session, domain.follows_of(event), event_id)
    topic = domain.step_of(event)
    if topic and domain.ends(event):
        people.end_thread(session, topic, event_id)
    news = domain.news_of(event)
    if not news or (topic and people.ended_before(session, topic, event_id)):
        return
    told = delivering.deliver(session, event, event_id, news, now, LIVE_AT_MOST)
    routing.route(uow, event_id, now)
    channels.tell_robots(uow, event_id, news, now)
    tell_live(uow, told)


def tell_own(
    uow: UnitOfWork,
    handed: Sequence[handing.Handed],
    now: datetime,
    *,
    live_at_most: int = LIVE_AT_MOST,
) -> None:
    """Tell people what notify itself has to say to them."""
    if not handed:
        return
    event_id = new_id()
    told = handing.hand(uow.session, event_id, handed, now, live_at_most)
    routing.route(uow, event_id, now)
    tell_live(uow, told)


def tell_live(uow: UnitOfWork, told: list[delivering.Told]) -> None:
    """Tell the live streams of these people."""
    if not told:
        return
    notices = inboxes.notices(uow.session, sorted({one.notice_id for one in told}))
    for one in told:
        shown = views.shown(notices[one.notice_id], one.language, read=False)
        uow.emit(
            NotificationCreated(
                notification_id=shown.id,
                person_id=one.person_id,
                kind=shown.kind,
                title=shown.title,
                link=shown.link,
                why=shown.why,
                unread=one.unread,
                created_at=shown.created_at,
                lane=one.lane,
                silent=one.silent,
            )
        )
