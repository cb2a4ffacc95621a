"""What the classifier makes of an issue: advice for the staff, and the issues that look alike."""

from collections.abc import Callable
from datetime import datetime

from services.contracts.events import IssueClassified, IssueReported
from services.contracts.operations.grid_bridge import Suggestion
from services.grid_bridge import repository, repository_handling, slots, texts
from services.grid_bridge.domain.issue import Category
from services.grid_bridge.handlers import duplicates
from services.grid_bridge.handlers.common import CLASSIFIER, about, tell
from services.grid_bridge.likeness import Report
from services.grid_bridge.models import IssueRow
from services.kit.uow import UnitOfWork
from services.kit.verdicts import Reject

Classify = Callable[[str, str], Suggestion]


def classify(uow: UnitOfWork, event: IssueReported, suggest: Classify, now: datetime) -> None:
    """Store the classifier's advice; it decides nothing.

    The advice is asked for before the issue is locked: however long it takes (the first one may
    have to build the model), nobody who works on the issue waits for it.
    """
    suggestion = suggest(event.title, event.body)
    asked = Report(event.issue_id, event.title, event.body)
    alike = duplicates.most_alike(uow, event.community_id, asked, now)
    try:
        row = repository.issue(uow.session, event.issue_id, lock=True)
    except repository.IssueNotFound:
        raise Reject("an issue that was never here") from None
    repository_handling.keep_look_alikes(uow.session, row.id, alike)
    if row.suggestion is None:  # else the reader was faster, and it has asked the n-grams, too
        advise(uow, row, suggestion, now)


def advise(uow: UnitOfWork, row: IssueRow, suggestion: Suggestion, now: datetime) -> None:
    """Keep the advice on an issue, whose lock the caller holds, and tell of it."""
    row.suggestion = suggestion.model_dump(mode="json")
    advice = slots.as_here(suggestion, slots.current(uow, row.community_id))
    tell(
        uow,
        row,
        "classified",
        CLASSIFIER,
        texts.classified(
            Category(suggestion.category),
            _name_of(uow, row, advice.slot),
            suggestion.confidence,
        ),
        now,
        staff_only=True,
    )
    uow.emit(
        IssueClassified(
            **about(row),
            category=advice.category,
            slot=advice.slot,
            confidence=advice.confidence,
        )
    )


def _name_of(uow: UnitOfWork, row: IssueRow, slot: str | None) -> str | None:
    return slots.current(uow, row.community_id).get(slot).name if slot else None
