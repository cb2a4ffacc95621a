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
from services.grid_bridge.classifier.store import ModelUnavailable

__all__ = [
    "CATEGORIES",
    "Candidate",
    "Model",
    "ModelUnavailable",
    "Suggestion",
    "classify",
    "current_model",
]

_lock = threading.Lock()
_model: Model | None = None


def current_model() -> Model:
    """The model in use; the first call reads it, or builds it when there is none (seconds).

    Raises:
        ModelUnavailable: there is none and it can't be built.
    """
    global _model
    if _model is None:
        with _lock:
            if _model is None:
                _model = store.ensure()
    return _model


def classify(title: str, body: str) -> Suggestion:
    """Advice on one message; see :class:`Suggestion`."""
    return current_model().classify(title, body)
