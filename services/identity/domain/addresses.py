"""Places in one spelling each: what may lie below what, names, and the labels of paths.

::

    district 区 ─▶ town 街镇 ─▶ community 居村 ─▶ estate 小区 ─▶ building 楼栋 ─┬▶ room 室
                                                                           └▶ unit 单元 ─▶ room
"""

import re
import unicodedata
from collections.abc import Container, Iterable
from typing import Final, Protocol, TypeVar

from services.contracts.errors import FieldError, Invalid
from services.identity.domain.names import room_key

# Kind -> the kinds that may lie right below it.
BELOW: Final[dict[str, tuple[str, ...]]] = {
    "district": ("town",),
    "town": ("community",),
    "community": ("estate",),
    "estate": ("building",),
    "building": ("unit", "room"),
    "unit": ("room",),
    "room": (),
}
LONGEST_NAME: Final = 50
LONGEST_ROOM: Final = 30
LONGEST_LABEL: Final = 20  # seven of them and their dots stay below the 200 of a path

_INITIAL = {
    "building": "b",
    "unit": "u",
    "room": "r",
    "estate": "e",
    "community": "c",
    "town": "t",
    "district": "d",
}
_ENDINGS = {
    "building": re.compile(r"(?:号楼|号|幢|栋|座|楼)$"),
    "unit": re.compile(r"(?:号单元|单元|单位|门)$"),
}


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """The name on the door."""


N = TypeVar("N", bound=Named)


class PlaceNameInvalid(Invalid):
    """Empty, too long, with signs that cannot be seen, or like a spreadsheet's formula."""

    code = "identity.place_name_invalid"
    zh, en = "名称有误", "This is not a valid name of a place"


def fault_of_text(text: str, longest: int) -> str | None:
    """What is wrong with a text that will be shown, printed and exported; None when nothing is.

    A name that begins with ``= + - @`` would be a formula in the next spreadsheet it comes into
    (CSV injection, OWASP).
    """
    if not text:
        return "不能为空"
    if len(text) > longest:
        return f"不能超过 {longest} 个字"
    if text[0] in "=+-@":
        return "不能以 = + - @ 开头"
    if any(unicodedata.category(sign)[0] == "C" for sign in text):
        return "含有换行或看不见的字符"
    return None


def tidy(raw: str) -> str:
    """A name without what a keyboard left: full-width digits, blanks around and doubled."""
    return re.sub(r" +", " ", unicodedata.normalize("NFKC", raw)).strip()


def place_name(raw: str, kind: str) -> str:
    """The name of a place in one spelling.

    Raises:
        PlaceNameInvalid: it cannot be one.
    """
    name = tidy(raw)
    fault = fault_of_text(name, LONGEST_ROOM if kind == "room" else LONGEST_NAME)
    if fault:
        raise PlaceNameInvalid(errors=[FieldError("name", fault)])
    return name


def place_key(kind: str, name: str) -> str:
    """What two spellings of a place share: ``1号楼``, ``1 幢`` and ``01`` are one building."""
    if kind == "room":
        return room_key(name)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).casefold()
    ending = _ENDINGS.get(kind)
    if ending is None:
        return text
    return ending.sub("", text).lstrip("0") or text


def pick(candidates: Iterable[N], kind: str, name: str) -> N | None:
    """The place that ``name`` means: the same name, or the only one of the same key."""
    among = list(candidates)
    for place in among:
        if place.name == name:
            return place
    key = place_key(kind, name)
    alike = [place for place in among if place_key(kind, place.name) == key]
    return alike[0] if len(alike) == 1 else None


def label(kind: str, name: str, taken: Container[str]) -> str:
    """A label for a new place's path, unique among its siblings: ``1号楼`` becomes ``b1``.

    Only ``[a-z0-9_]``: an ltree label, readable where the name is, and never changed afterwards.
    """
    plain = re.sub(r"[^a-z0-9]+", "_", unicodedata.normalize("NFKC", name).lower()).strip("_")
    stem = (_INITIAL.get(kind, "p") + plain)[:LONGEST_LABEL]
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem[: LONGEST_LABEL - 1 - len(str(number))]}_{number}"
    return found
