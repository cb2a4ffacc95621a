"""The classifier's advice in the shape of the contract."""

from services.contracts.operations.grid_bridge import Suggestion
from services.grid_bridge.classifier import classify


def suggest(title: str, body: str) -> Suggestion:
    """What kind of problem this may be, with reasons. Advice only: a human confirms.

    Raises:
        ModelUnavailable: there is no model and none can be built; the event is retried.
    """
    return Suggestion.model_validate(classify(title, body), from_attributes=True)
