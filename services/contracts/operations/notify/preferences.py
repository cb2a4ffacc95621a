"""How somebody wants to be told: channels, quiet hours, what is muted."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.operations.base import PERSON, AnyObject, Command, Id, Operation

Channel = Literal["in_app", "live", "web_push", "sms", "wechat", "mail"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class GetNotificationPreferences(Command):
    """How do I want to be told?"""


class PutNotificationPreferences(Command):
    """Which channels may be used for me, and when they keep quiet (HH:MM, local time)."""

    channels: Annotated[list[Channel], Field(max_length=10)]
    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    muted_kinds: list[Id] = Field(default=[], max_length=100)


OPERATIONS: tuple[Operation, ...] = (
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
)  # fmt: skip
