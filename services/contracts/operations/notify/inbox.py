"""The inbox: what a person should know, newest first."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.contracts.operations.base import (
    PERSON,
    AnyObject,
    Command,
    Id,
    ListCommand,
    Operation,
    View,
)


class ListNotifications(ListCommand):
    """My inbox, newest first."""

    unread: bool | None = None


class Notification(View):
    """One piece of news. ``why`` says in words why I got it, ``link`` where it leads.

    ``lane`` is ``ordinary``, ``duty`` (my work) or ``emergency``.
    """

    id: str
    kind: str
    title: str
    body: str = ""
    link: str
    why: str
    read: bool
    created_at: datetime
    lane: str = "ordinary"


class NotificationPage(View):
    """One page of the inbox and how many pieces of news in all are not read yet.

    ``quiet``: my quiet hours run, so that news does not ring but for emergencies.
    """

    items: list[Notification]
    next_cursor: str | None = None
    unread: int
    quiet: bool = False


class MarkNotificationsRead(Command):
    """Mark these as read, or those up to one (and older), or all of them when none is named."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None
    up_to: Id | None = None


class CountUnread(Command):
    """The gateway asks for the number beside the bell."""


class Unread(View):
    """How many pieces of news are not read yet."""

    unread: int


class StreamNotifications(Command):
    """My news as it happens; ``Last-Event-ID`` takes up where a broken stream ended."""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listNotifications", "GET /me/notifications", service="notify", who=PERSON,
        command=ListNotifications, result=NotificationPage, summary="My inbox", own=True,
    ),
    Operation(
        "markNotificationsRead", "POST /me/notifications/read", service="notify", who=PERSON,
        command=MarkNotificationsRead, result=Unread, summary="Mark news as read", own=True,
    ),
    # Answered by the gateway itself, from the broadcast events and from listNotifications.
    Operation(
        "streamNotifications", "GET /me/stream", service="notify", who=PERSON,
        command=StreamNotifications, result=AnyObject, summary="My news as it happens (SSE)",
        own=True,
    ),
    Operation(
        "countUnread", "INTERNAL", service="notify", who=PERSON, command=CountUnread,
        result=Unread, summary="The number beside the bell", own=True,
    ),
)  # fmt: skip
