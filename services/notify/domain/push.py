"""Browsers that take a push: whose push services are believed, and what their keys look like."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from services.contracts.errors import Conflict, FieldError, Invalid, NotFound

MOST_BROWSERS: Final = 10
POINT_BYTES: Final = 65
SECRET_BYTES: Final = 16
UNCOMPRESSED: Final = 4
LOOPBACK: Final = "127.0.0.1"

HOSTS: Final = (
    "fcm.googleapis.com,push.services.mozilla.com,notify.windows.com,push.apple.com,"
    "push.hicloud.com"
)
"""The push services of browsers, with all below them. Whoever subscribes names the address that
our sender will knock at: without a list it would be sent anywhere in our own network."""
_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_UNFIT: Final = re.compile(r"[\\\x00-\x1f\x7f]")


class PushServiceUnknown(Invalid):
    """The endpoint is of no push service that this installation knows."""

    code = "notify.push_service_unknown"
    zh, en = "不支持该浏览器的推送服务", "This browser's push service is not known here"


class PushKeysInvalid(Invalid):
    """The browser's keys are not what RFC 8291 has."""

    code = "notify.push_keys_invalid"
    zh, en = "浏览器推送密钥有误", "These are no keys of a push subscription"


class TooManyBrowsers(Conflict):
    """Ten browsers per person."""

    code = "notify.too_many_browsers"
    zh, en = "最多登记 10 个浏览器，请先删除不用的", "Ten browsers at most: remove one first"


class BrowserNotFound(NotFound):
    """There is no such browser of yours."""

    code = "notify.browser_not_found"
    zh, en = "没有找到这个浏览器", "There is no such browser"


class ChannelNotOffered(Conflict):
    """This installation has no provider for the channel."""

    code = "notify.channel_not_offered"
    zh, en = "本平台未开通该通知方式", "This channel is not offered here"


def hosts_of(setting: str) -> tuple[str, ...]:
    """The hosts in a setting, by commas."""
    return tuple(host.strip().lower() for host in setting.split(",") if host.strip())


def is_push_service(endpoint: str, hosts: Sequence[str]) -> bool:
    """Whether an endpoint is of one of these, over https; plain http is for our own machine."""
    return service_of(endpoint, hosts) is not None


def service_of(endpoint: str, hosts: Sequence[str]) -> str | None:
    """Which of these hosts an endpoint belongs to; None: to none of them.

    What is not a plain name is no host: clients read a backslash as the end of it, and would knock
    at what stands before.
    """
    try:
        url = urlsplit(endpoint)
        host, port = (url.hostname or "").lower(), url.port
    except ValueError:
        return None
    if url.username or url.password or not _HOST.fullmatch(host) or _UNFIT.search(endpoint):
        return None
    found = next((h for h in hosts if host == h or host.endswith(f".{h}")), None)
    ours = host == LOOPBACK and url.scheme in ("http", "https")
    theirs = host != LOOPBACK and url.scheme == "https" and port in (None, 443)
    return found if ours or theirs else None


def checked_keys(p256dh: str, auth: str) -> tuple[str, str]:
    """A browser's public point and its secret, as base64url without padding.

    Raises:
        PushKeysInvalid: the length or the form is another.
    """
    point, secret = _decoded(p256dh), _decoded(auth)
    if len(point) != POINT_BYTES or point[0] != UNCOMPRESSED:
        raise PushKeysInvalid(errors=[FieldError("p256dh", PushKeysInvalid.zh)])
    if len(secret) != SECRET_BYTES:
        raise PushKeysInvalid(errors=[FieldError("auth", PushKeysInvalid.zh)])
    return encode(point), encode(secret)


def encode(raw: bytes) -> str:
    """base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
