"""The bridge: what must be done, and the way to the city's grid platform.

Its entrypoints stand in :mod:`services.grid_bridge.entrypoints`, a class for each of their
families.
"""

from typing import Any

from services import directory
from services.contracts import topology
from services.contracts.events import Event, PersonDeleted
from services.grid_bridge import advice, copies, repository_consultations, repository_open311
from services.grid_bridge.entrypoints.casework import CaseworkCalls
from services.grid_bridge.entrypoints.catalogue import CatalogueCalls
from services.grid_bridge.entrypoints.clocks import ClockCalls
from services.grid_bridge.entrypoints.consultations import ConsultationCalls
from services.grid_bridge.entrypoints.figures import FigureCalls
from services.grid_bridge.entrypoints.handling import HandlingCalls
from services.grid_bridge.entrypoints.hot_topics import HotTopicCalls
from services.grid_bridge.entrypoints.issues import IssueCalls
from services.grid_bridge.entrypoints.learning import LearningCalls
from services.grid_bridge.entrypoints.open311 import Open311Calls
from services.grid_bridge.entrypoints.plans import PlanCalls
from services.grid_bridge.entrypoints.reconciling import ReconcilingCalls
from services.grid_bridge.entrypoints.watching import WatchingCalls
from services.grid_bridge.handlers import learning, plan_comments, post_clocks, supporting
from services.kit.service import Call, Service, on


class GridBridgeService(
    CaseworkCalls,
    CatalogueCalls,
    ClockCalls,
    ConsultationCalls,
    FigureCalls,
    HandlingCalls,
    HotTopicCalls,
    IssueCalls,
    LearningCalls,
    Open311Calls,
    PlanCalls,
    ReconcilingCalls,
    WatchingCalls,
    Service,
):
    """What must be done: issues, and the bridge to the city's grid platform."""

    name = "grid_bridge"
    looks_at_uploads = True

    @classmethod
    def prepare(cls) -> None:
        advice.prepare()

    def personal_data(self, call: Call) -> dict[str, Any]:
        return copies.held_about(call.uow, call.caller.person_id)

    @on(*topology.TERRITORY, queue="grid_bridge.territory", latest=True)
    def keep_territory(self, call: Call, event: Event) -> None:
        directory.project(call.uow, event)
        if isinstance(event, PersonDeleted):
            supporting.forget(call.uow, event.person_id)
            post_clocks.forget(call.uow, event.person_id, call.now)
            repository_open311.forget(call.uow.session, event.person_id, call.now)
            learning.leave_out(call.uow, event.person_id, call.now)
            repository_consultations.forget(call.uow.session, event.person_id)
            plan_comments.forget(call.uow, event.person_id)
