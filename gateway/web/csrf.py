"""Whether a form was sent from one of our own pages by the person it speaks for.

Three things must agree before anything is changed:

- ``Sec-Fetch-Site`` and ``Origin``, where the browser sends them, name this very site;
- the form carries a token: the HMAC of a random value in a cookie and of the session's id;
- the cookie is there (``SameSite=Lax``, so other sites' forms come without it).

Bound to the session, a token is of no use to anybody who can plant cookies.
"""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from services.contracts.errors import Forbidden

FIELD = "csrf"
_PURPOSE = b"shequtong web forms v1"


class FormRefused(Forbidden):
    """The form did not come from our page, or the page is too old."""

    code = "web.form_refused"
    zh = "页面已过期，请返回上一页刷新后再提交"
    en = "This page is too old; please go back, reload it and try again"


def fresh_nonce() -> str:
    """A random value for the cookie."""
    return secrets.token_urlsafe(18)


class Guard:
    """Makes and checks the tokens of forms.

    Args:
        secret_file: holds the process's secret; its key for forms is derived from it. A secret
            that is not there yet (a first start) makes tokens of this process alone.
    """

    def __init__(self, secret_file: Path) -> None:
        try:
            secret = secret_file.read_bytes().strip()
        except OSError:
            secret = secrets.token_bytes(32)
        self._key = hmac.new(secret, _PURPOSE, hashlib.sha256).digest()

    def token(self, nonce: str, session_id: str) -> str:
        """The token of a form: for this browser, in this session (empty: not logged in)."""
        mac = hmac.new(self._key, f"{nonce}\n{session_id}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()[:24]).decode()

    def check(self, sent: str, nonce: str, session_id: str) -> None:
        """Raise :class:`FormRefused` unless ``sent`` is the token."""
        good = self.token(nonce, session_id) if nonce else ""
        if not good or not hmac.compare_digest(sent.encode("utf-8", "replace"), good.encode()):
            raise FormRefused()


def check_origin(headers: Headers, public_url: str) -> None:
    """Raise :class:`FormRefused` when the browser says that another site sent this."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise FormRefused()
    origin = headers.get("origin")
    ours = {headers.get("host", ""), urlsplit(public_url).netloc}
    if origin is not None and urlsplit(origin).netloc not in ours - {""}:
        raise FormRefused()
