"""How somebody wants to be told: channels, quiet hours, what is muted."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.operations.base import (
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
)
from services.contracts.operations.notify.inbox import About

Channel = Literal["in_app", "live", "web_push", "sms", "wechat", "mail"]
Digest = Literal["off", "daily", "weekly"]
Lane = Literal["ordinary", "duty", "emergency"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class GetNotificationPreferences(Command):
    """How do I want to be told?"""


class PutNotificationPreferences(Command):
    """Which channels may be used for me, and when they keep quiet (HH:MM, China's time).

    Quiet hours may run over midnight; without both ends there are none. ``daily_budget`` is how
    many pieces of news a day may interrupt me, from the beginning of my quiet hours to the next;
    what comes above it waits for the digest. What is left out is as for who never chose, but for
    the quiet hours. The inbox is never left out.
    """

    channels: Annotated[list[Channel], Field(max_length=10)]
    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    muted_kinds: list[Id] = Field(default=[], max_length=100)
    daily_budget: int | None = Field(default=None, ge=0, le=200)
    digest: Digest | None = None
    language: Literal["zh", "en"] | None = None


class NotificationChoice(View):
    """What is chosen: see putNotificationPreferences."""

    channels: list[Channel]
    quiet_from: str | None = None
    quiet_until: str | None = None
    muted_kinds: list[str] = []
    daily_budget: int
    digest: Digest
    language: Literal["zh", "en"]


class NotificationKind(View):
    """A kind of news in the reader's language.

    ``lane`` is ``duty`` if it is told to nobody but at work. What can be muted may have a part
    that cannot: news of the work of whoever is on duty. ``about`` is the part of the inbox in which
    the most personal news of the kind stands.
    """

    kind: str
    title: str
    about: About = "mine"
    lane: Lane
    may_mute: bool
    muted: bool


class NotificationPreferences(NotificationChoice):
    """How I want to be told; ``chosen`` is false while ``defaults`` are used for me."""

    chosen: bool
    kinds: list[NotificationKind]
    defaults: NotificationChoice


class OfThread(Command):
    """A thread that I take part in, or was told of: the id of its post."""

    id: Id


class MutedThread(View):
    """A thread that I do not hear of any more; ``title`` is null when nothing is known of it."""

    id: str
    title: str | None = None
    removed: bool = False
    muted_at: datetime


class ListMutedThreads(ListCommand):
    """What I have muted, the newest first."""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getNotificationPreferences", "GET /me/notification-preferences", service="notify",
        who=PERSON, command=GetNotificationPreferences, result=NotificationPreferences,
        summary="How I want to be told", own=True, assisted=True,
    ),
    Operation(
        "putNotificationPreferences", "PUT /me/notification-preferences", service="notify",
        who=PERSON, command=PutNotificationPreferences, result=NotificationPreferences,
        summary="Choose how I want to be told", own=True, assisted=True,
    ),
    Operation(
        "listMutedThreads", "GET /me/muted-threads", service="notify", who=PERSON,
        command=ListMutedThreads, result=Page[MutedThread], summary="Threads that I muted",
        own=True,
    ),
    Operation(
        "muteThread", "PUT /me/muted-threads/{id}", service="notify", who=PERSON,
        command=OfThread, result=MutedThread, summary="Hear no more of a thread", own=True,
    ),
    Operation(
        "unmuteThread", "DELETE /me/muted-threads/{id}", service="notify", who=PERSON,
        command=OfThread, result=Empty, summary="Hear of a thread again", own=True,
    ),
)  # fmt: skip
