"""The classifier's advice in the shape of the contract."""

from services.contracts.operations.grid_bridge import Candidate, Suggestion
from services.grid_bridge.classifier import classify


def suggest(title: str, body: str) -> Suggestion:
    """What kind of problem this may be, with reasons. Advice only: a human confirms."""
    found = classify(title, body)
    return Suggestion(
        category=found.category,
        slot=found.slot,
        confidence=found.confidence,
        candidates=[
            Candidate(category=one.category, slot=one.slot, confidence=one.confidence)
            for one in found.candidates
        ],
        reasons=list(found.reasons),
        code=found.code,
        department=found.department,
        urgent=found.urgent,
        model_version=found.model_version,
    )
