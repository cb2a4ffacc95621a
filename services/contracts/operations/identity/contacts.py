"""By which addresses somebody may be told outside of the house, and who asks for them.

::

    her choice ──▶ notify asks in her name ──▶ ticket        notify keeps the ticket, no address
                                                 │
    something is sent ──▶ contactOf(ticket) ─────┴──▶ phone, openid, mail address: used, not kept

A ticket opens one address of one person for one purpose, so many times a day. It ends with her
consent, her account, and the address itself.
"""

from typing import Literal

from pydantic import Field

from services.contracts.operations.base import PERSON, PUBLIC, Command, Empty, Id, Operation, View
from services.contracts.operations.identity.common import COMMITTEE_ONLY, SERVICE, Secret, Short

ContactChannel = Literal["sms", "wechat", "mail"]


class ConfirmMailAddress(Command):
    """The code that came by mail: the address is mine."""

    code: Short = Field(repr=False)


class RemoveMailAddress(Command):
    """Forget my mail address; nothing comes by mail any more."""


class PutWechatContact(Command):
    """Tell me things in WeChat: with the code that WeChat gave the app, as for a log-in."""

    code: Secret = Field(repr=False)


class RemoveWechatContact(Command):
    """Forget where to find me in WeChat; logging in by it is another matter."""


class ContactShown(View):
    """An address as it may be shown: masked."""

    shown: str = Field(repr=False)


class GiveContactTicket(Command):
    """Notify asks, in the name of whoever switches a channel on. An earlier ticket ends."""

    channel: ContactChannel


class BeginMailAddress(Command):
    """Notify asks, in the name of whoever named the address: a code has to go there."""

    address: Secret = Field(repr=False)


class KeepRobot(Command):
    """Notify hands over a committee's group robot: its token and the secret that it signs with."""

    community_id: Id
    token: Secret = Field(repr=False)
    secret: Secret | None = Field(default=None, repr=False)


class ContactTicket(View):
    """``ticket`` opens the address; ``shown`` is the address masked."""

    ticket: str = Field(repr=False)
    shown: str = Field(repr=False)


class OfContactTicket(Command):
    """A ticket."""

    ticket: Secret = Field(repr=False)


class Contact(View):
    """An address, to be used now and not kept.

    Args:
        address: a phone in E.164, an openid, a mail address, a robot's token.
        code: what a mail address is to be confirmed with.
        secret: what the robot signs with.
    """

    address: str = Field(repr=False)
    code: str | None = Field(default=None, repr=False)
    secret: str | None = Field(default=None, repr=False)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "confirmMailAddress", "POST /me/mail-address/confirmation", SERVICE, PERSON,
        ConfirmMailAddress, ContactShown, "Confirm my mail address", own=True, secret=True,
    ),
    Operation(
        "removeMailAddress", "DELETE /me/mail-address", SERVICE, PERSON, RemoveMailAddress, Empty,
        "Forget my mail address", own=True,
    ),
    Operation(
        "putWechatContact", "PUT /me/wechat-contact", SERVICE, PERSON, PutWechatContact,
        ContactShown, "Be told in WeChat", own=True, secret=True,
    ),
    Operation(
        "removeWechatContact", "DELETE /me/wechat-contact", SERVICE, PERSON, RemoveWechatContact,
        Empty, "Be told in WeChat no more", own=True,
    ),
    # Between services only.
    Operation(
        "giveContactTicket", "INTERNAL", SERVICE, PERSON, GiveContactTicket, ContactTicket,
        "A ticket for an address of the caller's", own=True, audited=True, secret=True,
    ),
    Operation(
        "beginMailAddress", "INTERNAL", SERVICE, PERSON, BeginMailAddress, ContactTicket,
        "A ticket for a mail address that has to be confirmed", own=True, audited=True, secret=True,
    ),
    Operation(
        "keepRobot", "INTERNAL", SERVICE, COMMITTEE_ONLY, KeepRobot, ContactTicket,
        "A ticket for a committee's group robot", audited=True, secret=True,
    ),
    # By the ticket alone: notify sends when nobody is calling.
    Operation(
        "contactOf", "INTERNAL", SERVICE, PUBLIC, OfContactTicket, Contact,
        "The address behind a ticket", audited=True, secret=True,
    ),
    Operation(
        "dropContactTicket", "INTERNAL", SERVICE, PUBLIC, OfContactTicket, Empty,
        "The ticket opens nothing any more", audited=True,
    ),
)  # fmt: skip
