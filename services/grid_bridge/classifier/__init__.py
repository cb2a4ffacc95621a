"""What kind of problem a message is: consult 咨询, advise 建议, dispose 处置 or 8x with its slot.

Advice with reasons, never a decision: staff confirm every one (PIPL art. 24). Character n-grams
with a linear head, trained from the corpus in this package; `docs/model-card.md` says how good it
is. Importing this package loads numpy and nothing heavier.

    from services.grid_bridge.classifier import classify
    classify("半夜施工", "工地凌晨两点还在打桩").category   # "8x"
"""

import threading

from services.grid_bridge.classifier import store
from services.grid_bridge.classifier.model import CATEGORIES, Candidate, Model, Suggestion
from services.grid_bridge.classifier.problem import Detector
from services.grid_bridge.classifier.store import ModelUnavailable

__all__ = [
    "CATEGORIES",
    "Candidate",
    "Detector",
    "Model",
    "ModelUnavailable",
    "Suggestion",
    "classify",
    "current_model",
    "problem",
]

_lock = threading.Lock()
_models: tuple[Model, Detector] | None = None


def _current() -> tuple[Model, Detector]:
    global _models
    if _models is None:
        with _lock:
            if _models is None:
                _models = store.ensure()
    return _models


def current_model() -> Model:
    """The model in use; the first call reads it, or builds it when there is none (seconds).

    Raises:
        ModelUnavailable: there is none and it can't be built.
    """
    return _current()[0]


def problem(title: str, body: str) -> float:
    """How likely an ordinary post is a problem at all; see :class:`Detector`."""
    return _current()[1].problem(title, body)


def classify(title: str, body: str) -> Suggestion:
    """Advice on one message; see :class:`Suggestion`."""
    return current_model().classify(title, body)
