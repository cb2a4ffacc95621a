"""What an event counts for in the weekly brief: a figure, a key, and the thing that is counted.

A limit that passes is told on every rung; the first one counts (``level`` committee).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from services.contracts import events as e


@dataclass(frozen=True, slots=True)
class Counted:
    """A thing, counted for a figure once a week; the last key that it has in a week counts."""

    figure: str
    subject_id: str
    key: str = ""


def _triaged(event: e.IssueTriaged) -> Counted:
    return Counted("triaged", event.issue_id, key_of(event.category, event.slot))


def _confirmed(event: e.IssueConfirmed) -> Counted | None:
    return Counted("closed", event.issue_id, "solved") if event.solved else None


def _broken(event: e.PromiseBroken) -> Counted | None:
    return Counted("broken", event.issue_id) if event.level == "committee" else None


def _unanswered(event: e.PostUnanswered) -> Counted | None:
    first = event.standing == "broken" and event.level == "committee"
    return Counted("unanswered", event.post_id) if first else None


def _praise(event: e.PostPublished) -> Counted | None:
    return Counted("praise", event.post_id) if event.praise or event.praised_id else None


_COUNTS: Final[dict[type[e.Event], Callable[[Any], Counted | None]]] = {
    e.IssueReported: lambda event: Counted("reported", event.issue_id),
    e.IssueTriaged: _triaged,
    e.IssueAnswered: lambda event: Counted("closed", event.issue_id, event.outcome),
    e.IssueConfirmed: _confirmed,
    e.IssueClosed: lambda event: Counted("closed", event.issue_id, event.result),
    e.IssueReopened: lambda event: Counted("reopened", event.issue_id),
    e.PromiseBroken: _broken,
    e.PostUnanswered: _unanswered,
    e.PostPublished: _praise,
}


def counted_of(event: e.Event) -> Counted | None:
    """What an event counts for; None: nothing."""
    counts = _COUNTS.get(type(event))
    return counts(event) if counts else None


def key_of(category: str, slot: str | None) -> str:
    """A kind of problem as one key: ``8x:S4``, ``consult``."""
    return f"{category}:{slot}" if slot else category


def parts_of(key: str) -> tuple[str, str | None]:
    """The category and the slot of a key."""
    category, _, slot = key.partition(":")
    return category, slot or None
