"""Notify's operations: what a person should know, and how she wants to be told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.operations.base import (
    PERSON,
    AnyObject,
    Command,
    Id,
    ListCommand,
    Operation,
    View,
)

Channel = Literal["in_app", "live", "web_push", "sms", "wechat", "mail"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class ListNotifications(ListCommand):
    """My inbox, newest first."""

    unread: bool | None = None


class Notification(View):
    """One piece of news. ``why`` says in words why I got it, ``link`` where it leads."""

    id: str
    kind: str
    title: str
    body: str = ""
    link: str
    why: str
    read: bool
    created_at: datetime


class NotificationPage(View):
    """One page of the inbox and how many pieces of news in all are not read yet."""

    items: list[Notification]
    next_cursor: str | None = None
    unread: int


class MarkNotificationsRead(Command):
    """Mark these as read, or those up to one (and older), or all of them when none is named."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None
    up_to: Id | None = None


class CountUnread(Command):
    """The gateway asks for the number beside the bell."""


class Unread(View):
    """How many pieces of news are not read yet."""

    unread: int


class GetNotificationPreferences(Command):
    """How do I want to be told?"""


class PutNotificationPreferences(Command):
    """Which channels may be used for me, and when they keep quiet (HH:MM, local time)."""

    channels: Annotated[list[Channel], Field(max_length=10)]
    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    muted_kinds: list[Id] = Field(default=[], max_length=100)


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
    Operation(
        "getNotificationPreferences", "GET /me/notification-preferences", service="notify",
        who=PERSON, command=GetNotificationPreferences, result=AnyObject,
        summary="How I want to be told", own=True, built=False,
    ),
    Operation(
        "putNotificationPreferences", "PUT /me/notification-preferences", service="notify",
        who=PERSON, command=PutNotificationPreferences, result=AnyObject,
        summary="Choose how I want to be told", own=True, built=False,
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
