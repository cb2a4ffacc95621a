"""Ways out of the house: which are open to me, browsers that take a push, a committee's robot,
and what operators do about what could not be sent."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    Text,
    View,
    holders,
)
from services.contracts.operations.identity.common import COMMITTEE_ONLY, Secret, Short

OutwardChannel = Literal["web_push", "sms", "wechat", "mail"]
SentChannel = Literal["web_push", "sms", "wechat", "mail", "dingtalk"]
Endpoint = Annotated[Text, Field(min_length=1, max_length=1_000)]
OPERATORS = holders(Role.DISTRICT_ADMIN)


class ListMyChannels(Command):
    """By which ways could I be told, besides the inbox?"""


class MyChannel(View):
    """A way out of the house.

    ``offered`` this installation has a provider for it. ``ready`` something can be sent to me:
    there is a browser, or an address that I let be used. ``chosen`` I want it
    (putNotificationPreferences). ``shown`` is the address, masked.
    """

    channel: OutwardChannel
    offered: bool
    ready: bool
    chosen: bool
    shown: str | None = Field(default=None, repr=False)


class MyChannels(View):
    """Every way, offered or not."""

    items: list[MyChannel]


class RequestMailAddress(Command):
    """Name a mail address; a code goes there, for confirmMailAddress."""

    address: Secret = Field(repr=False)


class MailAddressRequested(View):
    """Where the code is going, masked."""

    shown: str = Field(repr=False)


class GetPushKey(Command):
    """The key that a browser subscribes with (RFC 8292, ``applicationServerKey``)."""


class PushKey(View):
    """base64url of the uncompressed point; null where web push is not offered."""

    public_key: str | None


class ListPushSubscriptions(Command):
    """My browsers that take a push."""


class PutPushSubscription(Command):
    """This browser takes a push: what its ``PushSubscription`` says, and what I call it."""

    endpoint: Endpoint = Field(repr=False)
    p256dh: Secret = Field(repr=False)
    auth: Secret = Field(repr=False)
    label: Short


class OfPushSubscription(Command):
    """One of my browsers."""

    id: Id


class PushSubscriptionView(View):
    """A browser; ``reached_at`` is when it took a push last."""

    id: str
    label: str
    created_at: datetime
    reached_at: datetime | None = None


class PushSubscriptions(View):
    """My browsers, the newest first."""

    items: list[PushSubscriptionView]


class GetRobot(Command):
    """Has the committee a group robot?"""

    cid: Id


class PutRobot(Command):
    """What the committee has to do is said in its DingTalk group: the robot's ``access_token``,
    and the secret if it wants to be signed to."""

    cid: Id
    token: Secret = Field(repr=False)
    secret: Secret | None = Field(default=None, repr=False)


class RobotView(View):
    """The group robot; ``shown`` is its token, masked, and null when there is none."""

    offered: bool
    shown: str | None = None
    set_by: str | None = None
    set_at: datetime | None = None


class ListParkedDeliveries(ListCommand):
    """What could not be sent, the oldest first; whose it is, is not told."""

    channel: SentChannel | None = None


class ParkedDelivery(View):
    """A sending that was given up for now: of what kind, where, and what went wrong last."""

    id: str
    channel: str
    lane: str
    what: Literal["news", "test", "code"]
    kind: str | None = None
    community_id: str | None = None
    community: str | None = None
    attempts: int
    error: str | None = None
    created_at: datetime


class SendOnDeliveries(Command):
    """Try these anew, or the oldest of a channel, or the oldest of all: a thousand at most."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None
    channel: SentChannel | None = None


class SentOn(View):
    """How many go out anew."""

    count: int


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listMyChannels", "GET /me/notification-channels", service="notify", who=PERSON,
        command=ListMyChannels, result=MyChannels, summary="By which ways I could be told",
        own=True,
    ),
    Operation(
        "requestMailAddress", "POST /me/mail-address", service="notify", who=PERSON,
        command=RequestMailAddress, result=MailAddressRequested, status=201,
        summary="Name a mail address", own=True, secret=True,
    ),
    Operation(
        "getPushKey", "GET /me/push-key", service="notify", who=PERSON, command=GetPushKey,
        result=PushKey, summary="The key that a browser subscribes with", own=True,
    ),
    Operation(
        "listPushSubscriptions", "GET /me/push-subscriptions", service="notify", who=PERSON,
        command=ListPushSubscriptions, result=PushSubscriptions, summary="My browsers", own=True,
    ),
    Operation(
        "putPushSubscription", "PUT /me/push-subscriptions", service="notify", who=PERSON,
        command=PutPushSubscription, result=PushSubscriptionView, summary="A browser of mine",
        own=True,
    ),
    Operation(
        "deletePushSubscription", "DELETE /me/push-subscriptions/{id}", service="notify",
        who=PERSON, command=OfPushSubscription, result=Empty, summary="Push there no more",
        own=True,
    ),
    Operation(
        "testPushSubscription", "POST /me/push-subscriptions/{id}/test", service="notify",
        who=PERSON, command=OfPushSubscription, result=Empty, summary="Try a browser out", own=True,
    ),
    Operation(
        "getRobot", "GET /communities/{cid}/dingtalk-robot", service="notify", who=COMMITTEE_ONLY,
        command=GetRobot, result=RobotView, summary="The committee's group robot",
    ),
    Operation(
        "putRobot", "PUT /communities/{cid}/dingtalk-robot", service="notify", who=COMMITTEE_ONLY,
        command=PutRobot, result=RobotView, summary="Set the committee's group robot", secret=True,
    ),
    Operation(
        "deleteRobot", "DELETE /communities/{cid}/dingtalk-robot", service="notify",
        who=COMMITTEE_ONLY, command=GetRobot, result=Empty, summary="No group robot any more",
    ),
    Operation(
        "testRobot", "POST /communities/{cid}/dingtalk-robot/test", service="notify",
        who=COMMITTEE_ONLY, command=GetRobot, result=Empty, summary="Try the group robot out",
    ),
    Operation(
        "listParkedDeliveries", "GET /ops/deliveries", service="notify", who=OPERATORS,
        command=ListParkedDeliveries, result=Page[ParkedDelivery],
        summary="What could not be sent",
    ),
    Operation(
        "sendOnDeliveries", "POST /ops/deliveries/send-on", service="notify", who=OPERATORS,
        command=SendOnDeliveries, result=SentOn, summary="Try anew what could not be sent",
    ),
)  # fmt: skip
