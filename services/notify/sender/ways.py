"""Ways out: one small protocol, and a class for each kind of provider.

::

    Way.send(letter, contact) ─┬─ Relay      json(s)://  one POST with the key; SMS, WeChat
                               ├─ Provider   any other address of apprise: mail and a hundred more
                               ├─ Robot      a DingTalk group
                               └─ Push       browsers (``web_push``)

A provider's address is an apprise URL with ``{address}`` where the person's goes, and ``{key}``
where it wants to know a repetition. Whatever apprise would log names both: its log is off.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import apprise
from apprise.manager_plugins import NotificationManager
from apprise.plugins.custom_json import NotifyJSON

from services.contracts.operations.identity import Contact
from services.notify.domain.letters import Letter
from services.notify.domain.sending import SENT, Circuits, Outcome, Tried, judged
from services.notify.handlers.sending import Way
from services.notify.sender import replies
from services.notify.sender.wire import Answer, NoAnswer, post

RELAY_SCHEMES: Final = ("json://", "jsons://")
TOO_FAST: Final = 130101  # DingTalk: more than 20 messages a minute
ROBOT_RESTS: Final = 60.0

N_MGR = NotificationManager()
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


class _Addressed:
    """A provider that one address in the settings leads to, and the one circuit of it."""

    def __init__(self, channel: str, url: str, circuits: Circuits) -> None:
        self.channel = channel
        self._url = url
        self._circuits = circuits

    def room(self, most: int) -> int:
        return self._circuits.room(self.channel, most)

    def send(self, letter: Letter, contact: Contact | None) -> Outcome:
        if contact is None:
            return Outcome("dropped", "no_address")
        address = contact.address
        return self._circuits.through(self.channel, lambda: self._try(letter, address))

    def _try(self, letter: Letter, address: str) -> Tried:
        raise NotImplementedError


class Relay(_Addressed):
    """POST {key, to, title, text, link, language} as JSON, the key as ``Idempotency-Key`` too.

    What the address says besides (headers with ``+``, fields with ``:``, a user) goes along, as
    apprise's ``json://`` has it.
    """

    def _try(self, letter: Letter, address: str) -> Tried:
        where, asked = posted_to(filled(self._url, address, letter.key))
        headers = {**asked.pop("headers"), "Idempotency-Key": letter.key}
        body = {
            **asked.pop("fields"),
            "key": letter.key,
            "to": address,
            "title": letter.title,
            "text": letter.text,
            "link": letter.link,
            "language": letter.language,
        }
        return answered(lambda: post(where, json=body, headers=headers, **asked))


@cache
def load_plugins() -> None:
    """Load all that apprise knows, once: it takes seconds, which no timer has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        N_MGR.load_modules()
        replies.listen()


class Provider(_Addressed):
    """Whoever apprise knows; it says yes or no, and a mail server why (:mod:`.replies`)."""

    def __init__(self, channel: str, url: str, circuits: Circuits) -> None:
        load_plugins()
        super().__init__(channel, url, circuits)

    def _try(self, letter: Letter, address: str) -> Tried:
        plugin = apprise.Apprise.instantiate(filled(self._url, address, letter.key))
        if plugin is None:
            return Tried(Outcome("parked", "address_not_understood"))
        text = apprise.NotifyFormat.TEXT
        yes, code = replies.sent(plugin, title=letter.title, body=letter.text, body_format=text)
        if yes:
            return Tried(SENT)
        if replies.is_final(code):
            return Tried(Outcome("parked", f"smtp_{code}"))
        why = f"smtp_{code}" if code else "provider_said_no"
        return Tried(Outcome("later", why), healthy=False)


class Robot:
    """A group robot of DingTalk: text, signed if the robot wants it.

    It answers 200 to everything; ``errcode`` says what became of it. Source: open.dingtalk.com,
    "custom robot access". Each community has a robot, and each robot a circuit of its own.
    """

    channel = "dingtalk"

    def __init__(self, url: str, circuits: Circuits) -> None:
        self._url = url
        self._circuits = circuits

    def room(self, most: int) -> int:
        return most

    def send(self, letter: Letter, contact: Contact | None) -> Outcome:
        if contact is None:
            return Outcome("dropped", "no_address")
        name = hashlib.sha256(contact.address.encode()).hexdigest()[:8]
        return self._circuits.through(f"dingtalk:{name}", lambda: self._try(letter, contact))

    def _try(self, letter: Letter, contact: Contact) -> Tried:
        where, asked = posted_to(self._url)
        params = {"access_token": contact.address, **_signed(contact.secret)}
        content = f"【社区通】{letter.title}\n{letter.link}"  # a robot may want a word in it
        said = {"msgtype": "text", "text": {"content": content}}
        headers = asked["headers"]
        return answered(lambda: post(where, json=said, params=params, headers=headers), _robot_said)


def way(channel: str, url: str, circuits: Circuits) -> Way:
    """Who delivers on a channel, by the address in the settings."""
    if channel == Robot.channel:
        return Robot(url, circuits)
    if url.startswith(RELAY_SCHEMES):
        return Relay(channel, url, circuits)
    return Provider(channel, url, circuits)


def filled(url: str, address: str, key: str) -> str:
    """The provider's address with the person's in it, which can mean nothing else there."""
    return url.replace("{address}", quote(address, safe="")).replace("{key}", quote(key, safe=""))


def posted_to(url: str) -> tuple[str, dict[str, Any]]:
    """Where a ``json(s)://`` address leads, and what goes along.

    Raises:
        ValueError: it is none.
    """
    parts = NotifyJSON.parse_url(url)
    if not url.startswith(RELAY_SCHEMES) or not parts:
        raise ValueError("not an address of json:// or jsons://")
    relay = NotifyJSON(**parts)
    port = f":{relay.port}" if relay.port else ""
    where = f"{'https' if relay.secure else 'http'}://{relay.host}{port}{relay.fullpath}"
    return where, {
        "headers": dict(relay.headers),
        "fields": dict(relay.payload_extras),
        "params": dict(relay.params),
        "auth": (relay.user, relay.password or "") if relay.user else None,
    }


def answered(
    ask: Callable[[], Answer], taken: Callable[[Answer], Tried] = lambda _: Tried(SENT)
) -> Tried:
    """What came of a request, or of there being no answer; ``taken`` reads one that is a yes."""
    try:
        answer = ask()
    except NoAnswer as error:
        return Tried(Outcome("later", str(error)), healthy=False)
    tried = judged(answer.status_code, answer.retry_after)
    return taken(answer) if tried.outcome is SENT else tried


def _signed(secret: str | None) -> dict[str, str]:
    if not secret:
        return {}
    at = str(round(time.time() * 1000))
    mac = hmac.digest(secret.encode(), f"{at}\n{secret}".encode(), "sha256")
    return {"timestamp": at, "sign": base64.b64encode(mac).decode()}


def _robot_said(answer: Answer) -> Tried:
    try:
        code = int(json.loads(answer.content)["errcode"])
    except (ValueError, KeyError, TypeError):
        return Tried(Outcome("later", "garbage"), healthy=False)
    if code == 0:
        return Tried(SENT)
    if code == TOO_FAST:
        return Tried(Outcome("later", "too_fast", after=ROBOT_RESTS), healthy=False)
    return Tried(Outcome("parked", f"errcode_{code}"))
