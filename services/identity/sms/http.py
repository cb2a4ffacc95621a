"""Messages to an HTTP door: an own relay, or a provider behind one."""

import json
import urllib.request
from dataclasses import dataclass

from services.identity.domain.messages import Message


@dataclass(frozen=True, slots=True)
class HttpSink:
    """POST {phone, text, kind, params, key} as JSON, with the secret as bearer token.

    ``key`` goes along as ``Idempotency-Key`` too, because a message may be sent twice when we
    die between its delivery and our note of it.
    """

    url: str
    secret: str
    timeout: float = 5.0

    def send(self, phone: str, message: Message, key: str) -> None:
        """Post the message; any answer but 2xx is an ``HTTPError``, which is an ``OSError``."""
        body = {
            "phone": phone,
            "text": message.text,
            "kind": message.kind.value,
            "params": message.params,
            "key": key,
        }
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": key,
        }
        request = urllib.request.Request(  # noqa: S310 - settings allow https and loopback alone
            self.url, json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
            answer.read()
