"""What somebody types or scans at the paper desk: a slip, a code of the roll, an address, a name.

::

    shequ:paper:{poll}:0042-7K   a slip that was scanned     0042-7k   one that was typed
    7KQ2M9XWHB                   the code of an entry        3-502     a building and a room
    502                          a room                      3-1-502   with the unit (单元) between
    孙                           a name

A slip's signs may be written small, and digits as a Chinese keyboard makes them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

_SCANNED: Final = re.compile(r"shequ:paper:[^:]+:(\S+)", re.I)
_SLIP: Final = re.compile(r"(\d{4,7})\s*[-\s]\s*([0-9A-Z]{2})", re.I)
_CODE: Final = re.compile(r"[2-9A-HJKMNP-TV-Z]{10}")
_UNIT, _DOOR = r"(?:(\d{1,2})\s*(?:单元|-|/|\s)\s*)?", r"(\d{2,5}[A-Z]?)\s*室?"
_ADDRESS: Final = re.compile(
    rf"(\d+|[A-Z])\s*(?:号楼|号|栋|幢|座|楼|#|-|/|\s)\s*{_UNIT}{_DOOR}", re.I
)
_WHOLE: Final = re.compile(rf"(.*\S(?:号楼|栋|幢|座|楼))\s*{_UNIT}{_DOOR}", re.I)
_ROOM: Final = re.compile(r"(?:(\d{1,2})\s*单元\s*)?(\d{1,5}[A-Z]?)\s*室?", re.I)
_DIGITS: Final = re.compile(r"([0-9]{1,9})")
_BUILDING: Final = re.compile(r"\S*\d*(?:号楼|栋|幢|座)")


def asked(text: str) -> dict[str, str]:
    """The field of ``findOnRoll`` that a text is meant for, or those of an address; empty: none.

    A ``unit`` is none of its fields: it stands in the place, and :func:`nearest` looks at it.
    """
    said = unicodedata.normalize("NFKC", text).replace("—", "-").strip()
    if not said:
        return {}
    scanned = _SCANNED.fullmatch(said)
    slip = _SLIP.fullmatch(scanned[1] if scanned else said)
    if slip:
        return {"paper": f"{slip[1]}-{slip[2].upper()}"}
    if _CODE.fullmatch(said.upper()):
        return {"code": said.upper()}
    address = _ADDRESS.fullmatch(said) or _WHOLE.fullmatch(said)
    if address:
        unit = {"unit": address[2]} if address[2] else {}
        return {"building": address[1], **unit, "place": address[3]}
    room = _ROOM.fullmatch(said)
    if room:
        return {**({"unit": room[1]} if room[1] else {}), "place": room[2]}
    if _BUILDING.fullmatch(said):
        return {"building": said}
    return {"name": said[:50]}


def in_order(names: Iterable[str]) -> list[str]:
    """Names of buildings as people count them: 2 before 10."""
    return sorted(names, key=_counted)


def _counted(name: str) -> list[tuple[int, str]]:
    parts = _DIGITS.split(name)
    return [(int(one), "") if one.isdigit() else (0, one) for one in parts]


def nearest(
    entries: Iterable[Mapping[str, Any]], wanted: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    """Of entries whose address contains what was typed those that mean it: 3 is not 13.

    All of them where none does.
    """
    found = list(entries)
    for name, of in (("building", "building"), ("unit", "place"), ("place", "place")):
        if name in wanted:
            said = re.escape(wanted[name]) + ("单元" if name == "unit" else "")
            whole = re.compile(rf"(?<![0-9A-Za-z]){said}(?![0-9A-Za-z])", re.I)
            found = [one for one in found if whole.search(one[of])] or found
    return found
