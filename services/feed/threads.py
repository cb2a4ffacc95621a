"""The reaction to the grid bridge: a reported problem is a post, its story stands beneath it.

The bridge gives both ids; the post here is a projection. Deliveries may repeat, and a later step
may come before the report itself: then it is put off until the thread is there.
"""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.events.grid_bridge import IssueEvent
from services.feed.domain import texts
from services.feed.domain.modules import ISSUE_MODULE
from services.feed.handlers import mentioning, suggestions
from services.feed.models import Comment, Post
from services.feed.story import Entry, entry_for
from services.kit.uow import UnitOfWork

# A case that the committee took in by phone, visit or letter is posted by the committee in office:
# whoever called did not choose to write here.
DESK = ("phone", "visit", "letter")


class Told(Protocol):
    """What an event says of where it happened."""

    @property
    def community_id(self) -> str: ...

    @property
    def path(self) -> str: ...


class ThreadNotHereYet(Exception):
    """A step of an issue came before its thread; it is delivered again later."""


def tell_issue_story(uow: UnitOfWork, event: IssueEvent, event_id: str, at: datetime) -> None:
    """Bring the thread up to what ``event`` says.

    Args:
        event_id: becomes the entry's id, so that telling it twice has no effect.
        at: when it happened, in business time; entries stand in this order.

    Raises:
        ThreadNotHereYet: the post is not here; try again later.
    """
    if isinstance(event, e.IssueReported):
        if event.from_post:
            _adopt_post(uow, event)
        else:
            _open_thread(uow, event)
    entry = entry_for(event)
    if entry is not None and not append(uow, event, event.post_id, entry, event_id, at):
        raise ThreadNotHereYet(f"no thread for issue {event.issue_id}")


def _open_thread(uow: UnitOfWork, event: e.IssueReported) -> None:
    title = texts.clean_line(event.title) or "反映问题"
    author, office = event.reporter_id, ""
    if event.source in DESK and event.taken_up_by:
        author, office = event.taken_up_by, Role.COMMITTEE_STAFF.value
    hidden = event.hide_name and not office
    values = {
        "id": event.post_id,
        "community_id": event.community_id,
        "path": event.path,
        "module": ISSUE_MODULE,
        "author_id": author,
        "author_role": office,
        "assisted_by": event.assisted_by,
        "title": title,
        "body": texts.clean_text(event.body) or title,
        "extra": {"kind": "problem"},
        "attachments": _dumped(event.attachments),
        "hide_name": hidden,
        "issue_id": event.issue_id,
        "active_at": event.reported_at,
        "created_at": event.reported_at,
    }
    done = uow.session.execute(insert(Post).values(values).on_conflict_do_nothing())
    if done.rowcount:  # type: ignore[attr-defined]
        uow.emit(
            e.PostPublished(
                post_id=event.post_id,
                community_id=event.community_id,
                path=event.path,
                module=ISSUE_MODULE,
                author_id=author,
                title=title,
                issue_id=event.issue_id,
                hide_name=hidden,
                mentions=mentioning.mentioned(
                    uow,
                    event.community_id,
                    author,
                    title,
                    event.body,
                    hidden=hidden,
                    official=bool(office),
                ),
            )
        )


def _adopt_post(uow: UnitOfWork, event: e.IssueReported) -> None:
    done = uow.session.execute(
        text("UPDATE feed_posts SET issue_id = :issue WHERE id = :id"),
        {"issue": event.issue_id, "id": event.post_id},
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise ThreadNotHereYet(f"no post {event.post_id}")
    suggestions.take_up(uow, event.post_id, event.taken_up_by, event.reported_at)


def append(
    uow: UnitOfWork, event: Told, post_id: str, entry: Entry, event_id: str, at: datetime
) -> bool:
    """Add one entry to a thread; False when the thread is not here.

    A thread that its author deleted goes on unseen, for the record.
    """
    thread = uow.session.execute(
        text("SELECT module, state FROM feed_posts WHERE id = :id FOR NO KEY UPDATE"),
        {"id": post_id},
    ).first()
    if thread is None:
        return False
    done = uow.session.execute(
        insert(Comment)
        .values(
            id=event_id,
            post_id=post_id,
            author_id=entry.actor_id,
            actor_role=entry.actor_role,
            actor_name=entry.actor_name,
            official=entry.official,
            step=entry.step,
            body=texts.clean_text(entry.text) or entry.step,
            attachments=_dumped(entry.attachments),
            created_at=at,
        )
        .on_conflict_do_nothing()
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return True
    uow.session.execute(
        text(
            "UPDATE feed_posts SET comment_count = comment_count + 1, "
            "active_at = greatest(active_at, :at) WHERE id = :id"
        ),
        {"id": post_id, "at": at},
    )
    if thread.state == "shown":
        uow.emit(
            e.PostChanged(
                post_id=post_id,
                community_id=event.community_id,
                path=event.path,
                module=thread.module,
            )
        )
        if entry.actor_id:  # the thread is hers, too, from now on
            uow.emit(e.ViewChanged(person_id=entry.actor_id))
    return True


def _dumped(attachments: Any) -> list[dict[str, Any]]:
    return [attachment.model_dump() for attachment in attachments]
