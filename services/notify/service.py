"""Notify: who must know.

Its entrypoints stand in :mod:`services.notify.entrypoints`, a class for each of their families.
"""

from typing import Any

from services.contracts import topology
from services.contracts.events import DistancesChanged, Event
from services.kit.service import Call, Service, on
from services.notify import copies
from services.notify.entrypoints.briefs import BriefCalls
from services.notify.entrypoints.channels import ChannelCalls
from services.notify.entrypoints.clock import ClockCalls
from services.notify.entrypoints.digests import DigestCalls
from services.notify.entrypoints.emergencies import EmergencyCalls
from services.notify.entrypoints.inbox import InboxCalls
from services.notify.entrypoints.preferences import PreferenceCalls
from services.notify.entrypoints.subscriptions import SubscriptionCalls
from services.notify.handlers import duties, telling


class NotifyService(
    BriefCalls,
    ChannelCalls,
    ClockCalls,
    DigestCalls,
    EmergencyCalls,
    InboxCalls,
    PreferenceCalls,
    SubscriptionCalls,
    Service,
):
    """The in-app inbox of everybody: one set of recipients per event is the truth."""

    name = "notify"

    def personal_data(self, call: Call) -> dict[str, Any]:
        return copies.held_about(call.uow, call.caller.person_id)

    @on(*topology.queue("notify.news").events, queue="notify.news")
    def tell(self, call: Call, event: Event) -> None:
        telling.tell(call.uow, event, call.event_id, call.now)

    @on(*topology.queue("notify.territory").events, queue="notify.territory", latest=True)
    def keep_duties(self, call: Call, event: Event) -> None:
        duties.keep_duties(call.uow, event)

    @on(DistancesChanged, queue="notify.distances", latest=True)
    def keep_distances(self, call: Call, event: DistancesChanged) -> None:
        duties.keep_duties(call.uow, event)
