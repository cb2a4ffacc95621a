"""What a mail server answered, which apprise keeps to itself: it says yes or no, and no more.

A reply of 5yz is final (RFC 5321, 4.2.1): to send the same again is asked for by nobody, and a
server that gets it again and again will not listen to us much longer.
"""

import smtplib
from contextvars import ContextVar
from typing import Any

_code: ContextVar[int | None] = ContextVar("smtp_reply", default=None)


def listen() -> None:
    """From now on the code of a refusal is kept, of mail by any address of apprise.

    Loading apprise's mail warns of a module that Python gave up: whoever calls this hides that.
    """
    from apprise.plugins.email.smtp import AppriseSMTPController

    AppriseSMTPController.sendmail = _sendmail  # type: ignore[assignment]


def sent(plugin: Any, **message: Any) -> tuple[bool, int | None]:
    """Whether a plugin of apprise sent a message; the code by which a mail server refused it."""
    before = _code.set(None)
    try:
        return bool(plugin.notify(**message)), _code.get()
    finally:
        _code.reset(before)


def is_final(code: int | None) -> bool:
    """Whether the same message will never be taken."""
    return code is not None and 500 <= code < 600


def _sendmail(connection: Any, from_addr: str, to_addrs: list[str], message: str) -> bool:
    """As apprise sends over its own connection; of a refusal no word and no address is kept."""
    try:
        refused = connection._socket.sendmail(from_addr, to_addrs, message)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPResponseException as error:
        _code.set(error.smtp_code)
        return False
    except (OSError, smtplib.SMTPException, RuntimeError):
        return False
    for code, _words in refused.values():
        _code.set(code)
    return not refused
