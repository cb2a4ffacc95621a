"""Somebody who has just moved in: made up anew for each telling, on no register."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

DIVISION = "310199"  # was never given out: nobody real has such a number
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
SURNAMES = "沈顾陆蒋韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = ("安宁", "一诺", "书瑶", "知行", "明远", "若溪", "景行", "思齐", "望舒", "清和", "嘉木")


@dataclass(frozen=True)
class Newcomer:
    """What such a person types when joining."""

    phone: str
    real_name: str
    id_number: str


def id_number(birth: date, sequence: int) -> str:
    """A number with a right check digit (GB 11643-1999, ISO 7064 MOD 11-2)."""
    first = f"{DIVISION}{birth:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True))
    return first + CHECK_DIGITS[total % 11]


def make() -> Newcomer:
    """A newcomer with a phone and an ID number that nobody has had before, in all likelihood."""
    birth = date(1958, 1, 1) + timedelta(days=secrets.randbelow(44 * 365))
    return Newcomer(
        phone=f"139{secrets.randbelow(10**8):08d}",
        real_name=secrets.choice(SURNAMES) + secrets.choice(GIVEN),
        id_number=id_number(birth, secrets.randbelow(1000)),
    )
