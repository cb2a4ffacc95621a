"""Numbers that do not belong into a neighbourhood's posts, found by their form and check digit.

::

    ID number     GB 11643-1999: 17 digits, ISO 7064 MOD 11-2, a real date     310113 19900307 1236
    bank card     ISO/IEC 7812-1: 16 to 19 digits, Luhn, UnionPay, Visa, MC    6222 0212 3456 7894
    mobile        1[3-9] and nine more                                         138-0000-0001

Written together, in the groups that people write them in, or digit by digit with something in
between. Numbers of houses that stand in a row (13、15、17号楼) are none of it.
"""

import re
from datetime import date
from typing import Final

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_GAP: Final = r"[ \-_.·*/]"
_NO_DIGIT: Final = (r"(?<![0-9])", r"(?![0-9])")


def _form(*shapes: str) -> re.Pattern[str]:
    before, after = _NO_DIGIT
    return re.compile(f"{before}(?:{'|'.join(shapes)}){after}", re.ASCII)


_ID_NUMBER: Final = _form(
    r"[1-9][0-9]{16}[0-9Xx]",
    rf"[1-9][0-9]{{5}}{_GAP}[0-9]{{8}}{_GAP}[0-9]{{3}}[0-9Xx]",
    rf"[1-9](?:{_GAP}{{1,2}}[0-9]){{16}}{_GAP}{{1,2}}[0-9Xx]",
)
_BANK_CARD: Final = _form(
    r"62[0-9]{14,17}",
    r"[45][0-9]{15}",
    rf"(?:62[0-9]{{2}}|[45][0-9]{{3}})(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?",
)
_MOBILE: Final = _form(
    r"1[3-9][0-9]{9}",
    rf"1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}",
    rf"1{_GAP}{{1,2}}[3-9](?:{_GAP}{{1,2}}[0-9]){{9}}",
)
_BETWEEN: Final = re.compile(_GAP)
_LONG_ENOUGH: Final = re.compile(rf"[0-9](?:{_GAP}{{0,2}}[0-9]){{9}}", re.ASCII)


def id_numbers(text: str) -> set[str]:
    """The ID numbers in ``text`` (plain digits): check digit and date are right."""
    return {number for number in _found(_ID_NUMBER, text) if _is_id_number(number)}


def bank_cards(text: str) -> set[str]:
    """The numbers of bank cards in ``text``: form and Luhn digit are right."""
    return {number for number in _found(_BANK_CARD, text) if _luhn(number)}


def mobiles(text: str) -> set[str]:
    """The different mobile numbers in ``text``."""
    return set(_found(_MOBILE, text))


def _found(form: re.Pattern[str], text: str) -> list[str]:
    if not _LONG_ENOUGH.search(text):
        return []
    return [_BETWEEN.sub("", match).upper() for match in form.findall(text)]


def _is_id_number(number: str) -> bool:
    checked = sum(w * int(d) for w, d in zip(_WEIGHTS, number[:17], strict=True)) % 11
    if number[17] != _CHECKS[checked]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return born.year >= 1900


def _luhn(number: str) -> bool:
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
