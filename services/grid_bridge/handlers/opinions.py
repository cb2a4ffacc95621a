"""A second opinion on an issue, once its vector is there; the n-grams have advised at once.

::

    report ─► n-grams: advice at once ─► vector ─► look-alikes by meaning
                                           └─► was the advice hesitant? ─► better advice, told again

It comes while the issue waits for a human, and never after she has decided.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from services.contracts.operations.grid_bridge import Suggestion
from services.grid_bridge import repository, repository_handling
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.handlers import classifying, duplicates
from services.grid_bridge.likeness import Report
from services.grid_bridge.models import IssueRow, VectorRow
from services.kit.uow import UnitOfWork

Second = Callable[[str, str, Any], Suggestion | None]
"""Title, body and vector in; None where the n-grams were sure."""


def reconsider(uow: UnitOfWork, found: Iterable[VectorRow], second: Second, now: datetime) -> None:
    """What the new vectors say of the issues among these texts."""
    for text in found:
        row = uow.session.get(IssueRow, text.id) if text.kind == "issue" else None
        if row is not None:
            _reconsider(uow, row, text.embedding, second, now)


def _reconsider(
    uow: UnitOfWork, seen: IssueRow, vector: Any, second: Second, now: datetime
) -> None:
    suggestion = second(seen.title, seen.body, vector) if _open(seen) else None
    asked = Report(seen.id, seen.title, seen.body)
    alike = duplicates.most_alike(uow, seen.community_id, asked, now)
    repository_handling.keep_look_alikes(uow.session, seen.id, alike)
    if suggestion is None:
        return
    row = repository.issue(uow.session, seen.id, lock=True)
    kept = row.suggestion or {}
    if _open(row) and kept.get("model_version") != suggestion.model_version:
        classifying.advise(uow, row, suggestion, now)


def _open(row: IssueRow) -> bool:
    return row.status == Status.REPORTED and row.category is None
