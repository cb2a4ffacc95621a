"""The classifier's advice in the shape of the contract."""

from typing import Any

import numpy as np

from services.contracts.operations.grid_bridge import Suggestion
from services.grid_bridge.classifier import ModelUnavailable, current_model, problem
from services.grid_bridge.serving import SERVING
from services.kit import logs

log = logs.get(__name__)


def prepare() -> None:
    """See that the model is there before the first message comes: building it takes seconds.

    Without one the service does everything else; each message's advice is tried again later.
    """
    try:
        current_model()
    except ModelUnavailable as error:
        log.error("no classifier", error=str(error))


def suggest(title: str, body: str) -> Suggestion:
    """What kind of problem this may be, with reasons. Advice only: a human confirms.

    Raises:
        ModelUnavailable: there is no model and none can be built; the event is retried.
    """
    return Suggestion.model_validate(SERVING.model().classify(title, body), from_attributes=True)


def second(title: str, body: str, vector: Any) -> Suggestion | None:
    """The advice with what the text means, or None where the n-grams are sure of theirs.

    Raises:
        ModelUnavailable: as in :func:`suggest`.
    """
    model = SERVING.model()
    if not model.hesitates(title, body):
        return None
    told = model.classify(title, body, np.asarray(vector, np.float32))
    return Suggestion.model_validate(told, from_attributes=True)


def likelihood(title: str, body: str) -> float:
    """How likely an ordinary post is a problem at all, as a share of 1.

    Raises:
        ModelUnavailable: as in :func:`suggest`.
    """
    return problem(title, body)
