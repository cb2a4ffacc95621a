"""QR tokens: an id and a signature, short enough for a coarse code on a notice board.

::

    base64url( qr id: 16 bytes ‖ HMAC-SHA-256 cut to 12 bytes )    38 characters

A forged token is refused without asking the database; a revoked or expired one by its row.
"""

import base64
import binascii
import hmac
import uuid

from services.contracts.errors import NotFound
from services.identity.crypto import Vault

_MAC_BYTES = 12
_PURPOSE = "qr"


class QrUnknown(NotFound):
    """Not one of our codes: forged, damaged, or of another district."""

    code = "identity.qr_unknown"
    zh, en = "无法识别这张二维码", "This is not one of our QR codes"


class QrRevoked(NotFound):
    """The code was withdrawn, for example because its poster was torn down."""

    code = "identity.qr_revoked"
    zh, en = "这张二维码已停用，请联系居委会", "This QR code has been revoked"


class QrExpired(NotFound):
    """The code was made for a time that is over."""

    code = "identity.qr_expired"
    zh, en = "这张二维码已过期，请联系居委会", "This QR code has expired"


def token_for(vault: Vault, qr_id: str) -> str:
    """The token that stands for ``qr_id``; always the same for the same id."""
    raw = uuid.UUID(qr_id).bytes
    signed = raw + vault.mac(_PURPOSE, raw)[:_MAC_BYTES]
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def read(vault: Vault, token: str) -> str:
    """The QR id in a token that we made.

    Raises:
        QrUnknown: we did not make it.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        qr_id = str(uuid.UUID(bytes=raw[:16]))
    except (ValueError, binascii.Error):
        raise QrUnknown() from None
    # compared as text: the last character has spare bits, which must not make a second spelling
    if not hmac.compare_digest(token.encode(), token_for(vault, qr_id).encode()):
        raise QrUnknown()
    return qr_id
