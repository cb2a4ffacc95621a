"""Citizen and residence ID numbers (公民身份号码), GB 11643-1999.

::

    3 1 0 1 1 3 1 9 9 0 0 3 0 7 1 2 3 6
    └─division─┘ └──birth date─┘ └seq┘ └ check, ISO 7064 MOD 11-2

Residence permits for Taiwan, Hong Kong and Macao residents begin with 83, 81 and 82, the
permanent residence cards of foreigners (2023 form) with 9; libraries that look the division up
in a table of provinces refuse them. Divisions come and go, so here the division only has to be
six digits that do not begin with 0: the check digit and the date decide.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.contracts.errors import FieldError, Invalid

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
_FORM = re.compile(r"^[1-9][0-9]{16}[0-9X]$", re.ASCII)
_EARLIEST = date(1900, 1, 1)


class IdNumberInvalid(Invalid):
    """The ID number cannot be one: wrong length, check digit or date."""

    code = "identity.id_number_invalid"
    zh, en = "身份证号码有误，请核对后重新填写", "This is not a valid ID number"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number whose check digit and date are right; ``text`` has 18 characters, X upper case."""

    text: str
    birth: date
    sex: Literal["male", "female"]

    def __repr__(self) -> str:
        return "IdNumber(…)"  # never into a log

    def age_on(self, day: date) -> int:
        """Completed years of age on ``day``."""
        had_birthday = (day.month, day.day) >= (self.birth.month, self.birth.day)
        return day.year - self.birth.year - (0 if had_birthday else 1)


def check_digit(first17: str) -> str:
    """The 18th character for the first 17 digits."""
    return CHECKS[sum(w * int(d) for w, d in zip(WEIGHTS, first17, strict=True)) % 11]


def parse(raw: str, today: date) -> IdNumber:
    """The number in ``raw`` (full-width digits, blanks and a small x are forgiven).

    Raises:
        IdNumberInvalid: not 18 characters, wrong check digit, or a date that is not real or
            lies after ``today``.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", raw)).upper()
    if not _FORM.match(text) or text[17] != check_digit(text[:17]):
        raise _refuse()
    try:
        birth = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise _refuse() from None
    if not _EARLIEST <= birth <= today:
        raise _refuse()
    return IdNumber(text, birth, "male" if int(text[16]) % 2 else "female")


def _refuse() -> IdNumberInvalid:
    return IdNumberInvalid(errors=[FieldError("id_number", IdNumberInvalid.zh)])
