"""Addresses for messages: how they are spelled and masked, and how often one is looked at.

::

    consent to messages ──▶ an address ──▶ a ticket ──▶ looked at when something is sent
           │                   │
           └── withdrawn ──────┴── another phone, another address, account deleted ──▶ no ticket
"""

import re
from datetime import timedelta
from typing import Final

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound, RateLimited

SMS: Final = "sms"
WECHAT: Final = "wechat"
MAIL: Final = "mail"
ROBOT: Final = "dingtalk"

LOOKS_A_DAY: Final = 100
"""More than a person's budget, her duties and every attempt again: beyond it something is wrong."""
ROBOT_LOOKS_A_DAY: Final = 2_000
MAIL_CODE_LOOKS: Final = 10
MAIL_CODE_LIFETIME: Final = timedelta(minutes=15)  # mail is slower than a text message
MAIL_CODES_A_DAY: Final = 5

# Less than RFC 5321 allows: what no provider takes, and what would mean something in an address
# of ours, is a slip of the pen.
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]+")
_LONGEST_MAIL = 254
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")


class ContactConsentNeeded(Conflict):
    """Nothing is sent outside of the house without a consent of its own."""

    code = "identity.contact_consent_needed"
    zh = "请先同意接收站外消息（短信、微信、邮件）"
    en = "Please consent to messages by SMS, WeChat or mail first"


class NoContact(Conflict):
    """There is no phone, WeChat or mail address to send to."""

    code = "identity.no_contact"
    zh, en = "还没有可用的手机号、微信或邮箱", "There is no such address of yours yet"


class ContactTicketInvalid(NotFound):
    """The ticket opens nothing, or no longer."""

    code = "identity.contact_ticket_invalid"
    zh, en = "联系方式已失效", "There is no such address any more"


class LookedTooOften(RateLimited):
    """The address was asked for more often today than anybody is told things."""

    code = "identity.contact_looked_too_often"
    zh, en = "今天查询该联系方式过于频繁", "This address was asked for too often today"


class MailInvalid(Invalid):
    """No mail address."""

    code = "identity.mail_invalid"
    zh, en = "邮箱地址有误", "This is not a valid mail address"


class MailCodeTooSoon(RateLimited):
    """One code a minute, and five a day."""

    code = "identity.mail_code_too_soon"
    zh, en = "验证邮件发送太频繁，请稍后再试", "A code was sent just now; please wait"


class RobotInvalid(Invalid):
    """What a group robot's address ends with is not that."""

    code = "identity.robot_invalid"
    zh, en = "机器人的 access_token 或加签密钥有误", "This is no token or secret of a group robot"


def mail(raw: str, field: str = "address") -> str:
    """The address in one spelling: what follows the @ small, and in ASCII (RFC 5891).

    Raises:
        MailInvalid: it is none.
    """
    name, _, domain = raw.strip().rpartition("@")
    try:
        address = f"{name}@{domain.encode('idna').decode().lower()}"
    except UnicodeError:
        address = ""
    if len(address) > _LONGEST_MAIL or not _MAIL.fullmatch(address):
        raise MailInvalid(errors=[FieldError(field, MailInvalid.zh)])
    return address


def mask_mail(address: str) -> str:
    """``sun.meili@example.cn`` becomes ``s***@example.cn``."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


def robot_part(raw: str, field: str) -> str:
    """A robot's token or secret.

    Raises:
        RobotInvalid: it is none.
    """
    if not _TOKEN.fullmatch(raw.strip()):
        raise RobotInvalid(errors=[FieldError(field, RobotInvalid.zh)])
    return raw.strip()


def mask_token(token: str) -> str:
    """The last four characters, which its owner knows it by."""
    return f"****{token[-4:]}"
