"""Receipts: twenty signs that say "my ballot is in the bulletin", and never what it said.

::

    7K3QF-9XW2M-0TBD4-HZ8RC        Crockford's base32: no I, L, O or U, so that nobody misreads it
    └──────── 95 random bits ───┘└ check sign (Luhn modulo 32): a slip of the pen is noticed

The service keeps the hash alone. Whoever holds the receipt can look its ballot up; together with
the voter's own login, and where the rules allow it, it replaces that ballot by another.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from services.contracts.errors import Invalid

SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 20
GROUP: Final = 5
_OURS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", SIGNS)
_READ_AS: Final = str.maketrans("ILO", "110", "- ")
_VALUES: Final = {sign: value for value, sign in enumerate(SIGNS)}


class BadReceipt(Invalid):
    """The text is no receipt: signs are missing, or one was misread."""

    code = "votes.bad_receipt"
    zh, en = "回执码有误，请核对后重新输入", "This is not a receipt code; please check its signs"


def new() -> str:
    """A receipt that nobody had before, without hyphens."""
    drawn = base64.b32encode(secrets.token_bytes(12)).decode()[: LENGTH - 1]
    signs = drawn.translate(_OURS)
    return signs + _check_sign(signs)


def _check_sign(signs: str) -> str:
    """The sign that Luhn's sum modulo 32 asks for at the end."""
    total, factor = 0, 2
    for sign in reversed(signs):
        product = factor * _VALUES[sign]
        total += product // 32 + product % 32
        factor = 3 - factor
    return SIGNS[-total % 32]


def read(text: str) -> str:
    """A receipt as somebody typed it: small letters, spaces, hyphens, O for 0, I and L for 1,
    full-width signs of a Chinese keyboard.

    Raises:
        BadReceipt: it is none.
    """
    signs = unicodedata.normalize("NFKC", text).upper().translate(_READ_AS)
    if (
        len(signs) != LENGTH
        or not all(sign in _VALUES for sign in signs)
        or _check_sign(signs[:-1]) != signs[-1]
    ):
        raise BadReceipt()
    return signs


def shown(receipt: str) -> str:
    """The receipt in groups, as people read it."""
    return "-".join(receipt[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def hashed(receipt: str) -> str:
    """The name under which the bulletin has the ballot."""
    return hashlib.sha256(b"shequtong receipt 1\n" + receipt.encode()).hexdigest()


def tag(receipt: str, poll_id: str, code: str) -> str:
    """What ties a receipt to an entry of the roll for whoever holds the receipt, and for nobody
    else: so nobody replaces another's ballot with a receipt that she found.
    """
    return hmac.digest(receipt.encode(), f"{poll_id} {code}".encode(), "sha256").hex()
