"""Names and phone numbers in one spelling each, and how they look when masked.

Masked forms (domain page 6.2): name ``张*``, ID ``3****************6``, phone ``138****1234``.
"""

import hashlib
import re
import unicodedata

import phonenumbers

from services.contracts.errors import FieldError, Invalid

_DOTS = re.compile(r"\s*[·•‧・∙.。]\s*")
_LETTERS = re.compile(r"^[^\W\d_]+(?:[ ·'-][^\W\d_]+)*$")


class PhoneInvalid(Invalid):
    """No phone number that could receive a message."""

    code = "identity.phone_invalid"
    zh, en = "手机号码有误", "This is not a valid phone number"


class RealNameInvalid(Invalid):
    """A real name has 2 letters at least, and nothing but letters."""

    code = "identity.real_name_invalid"
    zh, en = "请填写身份证上的姓名", "Please give the name on your ID card"


def real_name(raw: str) -> str:
    """The name in one spelling: ``买买提 . 艾力`` and ``买买提·艾力`` are the same.

    Raises:
        RealNameInvalid: shorter than 2 or longer than 50 letters, or not letters.
    """
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", raw)).strip()
    text = _DOTS.sub("·", text)
    if re.search(r"[\u3400-\u9fff]", text):
        text = text.replace(" ", "")  # 张 三 is 张三; Latin names keep their blanks
    if not 2 <= len(text) <= 50 or not _LETTERS.match(text):
        raise RealNameInvalid(errors=[FieldError("real_name", RealNameInvalid.zh)])
    return text


def name_key(name: str) -> str:
    """What two spellings of a person's name share; for comparison only."""
    return real_name(name).casefold()


def phone(raw: str, field: str = "phone") -> str:
    """The number in E.164 (``+8613800000001``); without ``+`` it is taken as Chinese.

    Args:
        field: what the error names.

    Raises:
        PhoneInvalid: it cannot be a mobile number.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", raw), "CN")
    except phonenumbers.NumberParseException:
        raise _no_phone(field) from None
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        raise _no_phone(field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _no_phone(field: str) -> PhoneInvalid:
    return PhoneInvalid(errors=[FieldError(field, PhoneInvalid.zh)])


def mask_name(name: str) -> str:
    """``张三丰`` becomes ``张**``."""
    return name[:1] + "*" * max(1, len(name) - 1)


def mask_id_number(number: str) -> str:
    """First and last character only."""
    return number[:1] + "*" * max(0, len(number) - 2) + number[-1:]


def mask_phone(e164: str) -> str:
    """``+8613812341234`` becomes ``138****1234``; foreign numbers keep their last four digits."""
    national = e164.removeprefix("+86")
    if national == e164:
        return "****" + e164[-4:]
    return national[:3] + "****" + national[-4:]


def phone_tail(e164: str) -> str:
    """The last four digits, for messages about a number to somebody who may not know it."""
    return e164[-4:]


def room_key(room: str) -> str:
    """What two spellings of a room share: ``４０２室``, ``402 室``, ``402`` and ``0402``."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", room)).casefold()
    text = re.sub(r"(?:室|号|房)$", "", text)
    return text.lstrip("0") or "0"


def first_display_name(person_id: str) -> str:
    """What neighbours see until the person chooses a name: it tells nothing about them."""
    digest = hashlib.sha256(person_id.encode()).digest()
    return f"邻居{int.from_bytes(digest[:4], 'big') % 10_000:04d}"
