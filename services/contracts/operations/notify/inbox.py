"""The inbox: what a person should know, newest first."""

from datetime import datetime
from typing import Annotated, Literal

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

About = Literal["mine", "followed", "duty"]
"""``mine`` what others did with what is mine, or with me · ``followed`` what I take part in, what I
follow, what is told to all who live there · ``duty`` my work."""


class ListNotifications(ListCommand):
    """My inbox, newest first; ``about`` one of its three parts alone.

    With ``counts`` it is said how much of each part is not read.
    """

    unread: bool | None = None
    about: About | None = None
    counts: bool = False


class NewsThread(View):
    """The thread that a piece of news belongs to, by the id that muteThread takes.

    ``follows``: I follow it; null where there is nothing to follow (a covenant, a survey).
    ``muted``: I hear no more of it.
    """

    id: str
    follows: bool | None
    muted: bool


class Notification(View):
    """One piece of news. ``why`` says in words why I got it, ``link`` where it leads.

    ``lane`` is ``ordinary``, ``duty`` (my work) or ``emergency``. ``may_mute``: such news can be
    muted, by its kind and by its ``thread``.
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
    about: About = "mine"
    may_mute: bool = False
    thread: NewsThread | None = None


class UnreadAbout(View):
    """How much of each part of the inbox is not read; ``on_duty``: I serve somewhere."""

    mine: int
    followed: int
    duty: int
    on_duty: bool


class NotificationPage(View):
    """One page of the inbox and how many pieces of news in all are not read yet.

    ``quiet``: my quiet hours run, so that news does not ring but for emergencies. ``counts`` are
    there where they were asked for.
    """

    items: list[Notification]
    next_cursor: str | None = None
    unread: int
    quiet: bool = False
    counts: UnreadAbout | None = None


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
