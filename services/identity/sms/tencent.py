"""Messages through Tencent Cloud SMS (腾讯云短信): SendSms of API 3.0, version 2021-01-11.

The request is JSON, signed as "signature v3" asks (TC3-HMAC-SHA256)::

    canonical   lines of: POST, /, the query (none), signed headers, their names, SHA-256(body)
    to sign     lines of: TC3-HMAC-SHA256, timestamp, date/sms/tc3_request, SHA-256(canonical)
    key         HMAC(HMAC(HMAC("TC3" + secret, date), "sms"), "tc3_request")

Only templates that were approved beforehand can be sent, with an approved signature in front; the
words to have approved are those of :data:`services.identity.domain.messages.TEMPLATES`. Sources:
cloud.tencent.com, documents 382/55981 (SendSms) and 382/52072 (signature v3).
"""

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from services.identity.domain.messages import Kind, Message
from services.identity.sms.sink import NotDelivered

URL: Final = "https://sms.tencentcloudapi.com/"
ALGORITHM: Final = "TC3-HMAC-SHA256"
ACTION: Final = "SendSms"
VERSION: Final = "2021-01-11"
CONTENT_TYPE: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of Tencent Cloud: its id goes along, its secret never leaves."""

    secret_id: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TencentSink:
    """One message to one number.

    Args:
        app_id: SmsSdkAppId of the application.
        sign_name: the approved signature, without 【】.
        templates: the approved template's id for each kind of message.
        clock: seconds since the epoch; the provider takes no request older than five minutes.
    """

    credentials: Credentials
    app_id: str
    sign_name: str
    templates: Mapping[Kind, str]
    region: str = "ap-guangzhou"
    url: str = URL
    timeout: float = 5.0
    clock: Callable[[], float] = time.time

    def send(self, phone: str, message: Message, key: str) -> None:
        """Send by template; ``key`` is the SessionContext, which comes back in reports.

        Raises:
            NotDelivered: the provider says no, with its own code.
            OSError: it cannot be reached, or its answer is none.
        """
        body = json.dumps(
            {
                "PhoneNumberSet": [phone],
                "SmsSdkAppId": self.app_id,
                "SignName": self.sign_name,
                "TemplateId": self.templates[message.kind],
                "TemplateParamSet": list(message.params),
                "SessionContext": key,
            },
            ensure_ascii=False,
        ).encode()
        request = urllib.request.Request(  # noqa: S310 - settings allow https and loopback alone
            self.url, body, self._headers(body), method="POST"
        )
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
            _require_delivered(answer.read())

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp = int(self.clock())
        signed = {
            "content-type": CONTENT_TYPE,
            "host": urlsplit(self.url).netloc,
            "x-tc-action": ACTION.lower(),
        }
        return {
            "Content-Type": CONTENT_TYPE,
            "Host": signed["host"],
            "X-TC-Action": ACTION,
            "X-TC-Version": VERSION,
            "X-TC-Region": self.region,
            "X-TC-Timestamp": str(timestamp),
            "Authorization": authorization(self.credentials, "sms", signed, body, timestamp),
        }


def authorization(
    credentials: Credentials, service: str, headers: Mapping[str, str], body: bytes, timestamp: int
) -> str:
    """The Authorization header of a POST to ``/``.

    Args:
        headers: those that are signed, by their names in lower case and in their order.
    """
    date = datetime.fromtimestamp(timestamp, UTC).date().isoformat()
    scope = f"{date}/{service}/tc3_request"
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join(("POST", "/", "", lines, names, _sha256(body)))
    to_sign = "\n".join((ALGORITHM, str(timestamp), scope, _sha256(canonical.encode())))
    key = f"TC3{credentials.secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return (
        f"{ALGORITHM} Credential={credentials.secret_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def _require_delivered(answer: bytes) -> None:
    """An error is a 200, too: of the request as a whole, or of the one number."""
    try:
        said: Any = json.loads(answer)["Response"]
        outcome = said["Error"] if "Error" in said else said["SendStatusSet"][0]
        code = str(outcome["Code"])
    except (ValueError, KeyError, TypeError, IndexError):
        raise NotDelivered("the answer cannot be read") from None
    if code != "Ok":
        raise NotDelivered(code)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
