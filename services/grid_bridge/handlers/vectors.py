"""What residents wrote is kept beside the bridge and turned into vectors, once.

::

    issue.reported, post.offered ─► kept, waiting ─► taken by one reader ─► vector
                                        ▲                                     │
                                        └── the words changed, another model ─┘
    post.removed ─► gone

Whatever has no vector waits: what an earlier version left, what was interrupted, what changed.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.contracts.events import Event, IssueReported, PostOffered, PostRemoved
from services.grid_bridge import repository_vectors as store
from services.grid_bridge.classifier.embedding import LENGTH, MODEL, digest, words
from services.grid_bridge.models import VectorRow
from services.kit.uow import UnitOfWork

BATCH = 4
"""Texts of one transaction: about a second, for which their rows are locked."""

ISSUES_MODULE = "nearby"
"""Where the threads of reported issues stand."""

Embed = Callable[[str], Any]


def keep(uow: UnitOfWork, event: Event, at: datetime) -> None:
    """A text came, changed or went; ``at`` is when."""
    match event:
        case IssueReported():
            _put(
                uow,
                event,
                event.title,
                event.body,
                kind="issue",
                id=event.issue_id,
                module=ISSUES_MODULE,
                author_id=event.reporter_id or None,
                written_at=event.reported_at,
            )
        case PostOffered():
            _put(
                uow,
                event,
                event.title,
                event.body,
                kind="post",
                id=event.post_id,
                module=event.module,
                author_id=event.author_id or None,
                written_at=at,
            )
        case PostRemoved():
            store.drop(uow.session, event.post_id)


def _put(
    uow: UnitOfWork, event: IssueReported | PostOffered, title: str, body: str, **more: Any
) -> None:
    store.put(
        uow.session,
        post_id=event.post_id,
        community_id=event.community_id,
        path=event.path,
        title=title,
        body=body[:LENGTH],
        digest=digest(words(title, body)),
        **more,
    )


def reckon(uow: UnitOfWork, embed: Embed, now: datetime) -> list[VectorRow]:
    """Give the newest texts that wait their vectors; those texts."""
    rows = list(store.waiting(uow.session, BATCH))
    for row in rows:
        text = words(row.title, row.body)
        row.embedding = embed(text)
        row.digest, row.model, row.reckoned_at = digest(text), MODEL, now
    uow.session.flush()
    return rows
