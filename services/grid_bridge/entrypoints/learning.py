"""The classifier's versions: asked for, followed by every process, made in the reader's."""

from functools import partial
from typing import Final

from services.contracts.events import ConsentChanged
from services.contracts.operations.grid_bridge.learning import (
    ClassifierDrift,
    ClassifierModel,
    ClassifierModels,
    DriftReport,
    ListClassifierModels,
    Refit,
    RequestRefit,
    UseClassifierModel,
)
from services.grid_bridge import repository_learning, serving
from services.grid_bridge.classifier import current_model
from services.grid_bridge.handlers import drift, learning
from services.grid_bridge.serving import SERVING
from services.kit.apart import apart
from services.kit.service import Call, on, rpc, timer

LESSON: Final = "services.grid_bridge.classifier.lesson"
LESSON_SECONDS: Final = 1_800.0
"""The longest to wait for a refit by the clock on the wall; its processor time has a limit, too."""


class FollowsModel:
    """Every process that advises does so with the version in use, within seconds."""

    @classmethod
    def remarks(cls) -> dict[str, str]:
        return serving.told()

    @timer(every=2.0)
    def follow_model(self, call: Call) -> None:
        session = call.uow.session
        fetch = partial(repository_learning.blob, session)
        SERVING.follow(repository_learning.wanted(session), fetch)


class LearningCalls(FollowsModel):
    """Versions, refits and drift."""

    @rpc
    def list_classifier_models(self, call: Call, cmd: ListClassifierModels) -> ClassifierModels:
        return learning.list_models(call.uow, cmd, SERVING.version)

    @rpc
    def request_refit(self, call: Call, cmd: RequestRefit) -> Refit:  # noqa: ARG002
        return learning.request(call.uow, call.caller.person_id, call.now)

    @rpc
    def use_classifier_model(self, call: Call, cmd: UseClassifierModel) -> ClassifierModel:
        return learning.use(call.uow, cmd, call.caller, call.now)

    @rpc
    def classifier_drift(self, call: Call, cmd: ClassifierDrift) -> DriftReport:
        return drift.report(call.uow, cmd, call.caller)

    @on(ConsentChanged, queue="grid_bridge.consents", latest=True)
    def follow_consent(self, call: Call, event: ConsentChanged) -> None:
        learning.follow_consent(call.uow, event, call.now)


class LearningWork(FollowsModel):
    """What takes minutes, in the reader's process."""

    @timer(every=2.0)
    def enter_shipped_model(self, call: Call) -> None:
        learning.enter_shipped(call.uow, current_model, call.now)

    @timer(every=2.0)
    def refit_model(self, call: Call) -> int:
        learn = partial(apart, LESSON, seconds=LESSON_SECONDS)
        return learning.refit(call.uow, learn, SERVING.model, call.now)

    @timer(every=10.0)
    def hold_refit(self, call: Call) -> None:
        learning.hold(call.uow, call.now)

    @timer(every=600.0)
    def refit_at_night(self, call: Call) -> None:
        learning.ask_at_night(call.uow, call.now)
