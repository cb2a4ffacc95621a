"""Web push: RFC 8030 to the browser's push service, RFC 8291 sealed, RFC 8292 signed."""

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

from services.contracts.operations.identity import Contact
from services.notify.domain.letters import Browser, Letter
from services.notify.domain.push import encode, is_push_service
from services.notify.domain.sending import SENT, Circuits, Outcome, Tried, judged
from services.notify.sender.wire import TIMEOUT, Answer, NoAnswer, post

TTL_SECONDS: Final = 24 * 3600
"""How long a push service keeps it for a browser that is off: news of yesterday is no news."""
GONE: Final = (404, 410)


class _Door:
    """What pywebpush sends through."""

    def post(self, url: str, **request: Any) -> Answer:
        return post(url, **{**request, "timeout": TIMEOUT})


class Push:
    """All browsers of a person; each push service has a circuit of its own."""

    channel = "web_push"

    def __init__(
        self, key: Vapid, contact: str, hosts: tuple[str, ...], circuits: Circuits
    ) -> None:
        self._key = key
        self._contact = contact
        self._hosts = hosts
        self._circuits = circuits

    def room(self, most: int) -> int:
        return most

    def send(self, letter: Letter, contact: Contact | None) -> Outcome:  # noqa: ARG002
        if not letter.browsers:
            return Outcome("dropped", "no_browser")
        outcomes = {browser.id: self._to(letter, browser) for browser in letter.browsers}
        reached = tuple(b for b, outcome in outcomes.items() if outcome.kind == "sent")
        gone = tuple(b for b, outcome in outcomes.items() if outcome.kind == "dropped")
        later = [o for o in outcomes.values() if o.kind == "later"]
        if later:
            return Outcome(
                "later",
                later[0].why,
                after=max(o.after for o in later),
                counts=any(o.counts for o in later),
                reached=reached,
                gone=gone,
            )
        refused = [o for o in outcomes.values() if o.kind == "parked"]
        if reached or not refused:
            if reached:
                return Outcome("sent", reached=reached, gone=gone)
            return Outcome("dropped", "no_browser", gone=gone)
        return Outcome("parked", refused[0].why, gone=gone)

    def _to(self, letter: Letter, browser: Browser) -> Outcome:
        if not is_push_service(browser.endpoint, self._hosts):
            return Outcome("dropped", "unknown_push_service")
        provider = f"web_push:{urlsplit(browser.endpoint).netloc}"
        return self._circuits.through(provider, lambda: self._try(letter, browser))

    def _try(self, letter: Letter, browser: Browser) -> Tried:
        said = {"title": letter.title, "link": letter.link, "tag": letter.key}
        keys = {"p256dh": browser.p256dh, "auth": browser.auth}
        try:
            webpush(
                {"endpoint": browser.endpoint, "keys": keys},
                data=json.dumps({**said, "lang": letter.language}, ensure_ascii=False),
                vapid_private_key=self._key,
                vapid_claims={"sub": self._contact},
                ttl=TTL_SECONDS,
                # of the same topic a push service keeps one for a browser that is off
                headers={
                    "Topic": letter.key.replace("-", "")[:32],
                    "Urgency": "high" if letter.urgent else "normal",
                },
                requests_session=_Door(),
            )
        except NoAnswer as error:
            return Tried(Outcome("later", str(error)), healthy=False)
        except WebPushException as error:
            return _refused(error)
        except ValueError:
            return Tried(Outcome("dropped", "bad_keys"))
        return Tried(SENT)


def _refused(error: WebPushException) -> Tried:
    answer: Any = error.response
    if answer is None:
        return Tried(Outcome("dropped", "bad_keys"))
    if answer.status_code in GONE:
        return Tried(Outcome("dropped", "gone"))
    return judged(answer.status_code, answer.retry_after)


def key_in(path: Path) -> Vapid:
    """The private key in a file: base64url of its 32 bytes.

    Raises:
        OSError, ValueError: there is none.
    """
    return Vapid.from_string(path.read_text().strip())


def public_key(key: Vapid) -> str:
    """What browsers are told: the uncompressed point in base64url (RFC 8292, 3.2)."""
    return encode(key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
