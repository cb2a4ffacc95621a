"""The lines of an account as somebody pastes them from a spreadsheet, and back.

One line each, the cells between tabs (or commas): section, day, subject, amount, and if there is
something to say who paid or was paid, and a note::

    收入<TAB>2026-01-12<TAB>鱼塘承包款<TAB>30,000.00<TAB>承包户
    支出<TAB>2026/3/5<TAB>路灯电费<TAB>1306.8<TAB>供电所<TAB>一季度
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.web.texts import N_

SECTIONS: Final[Mapping[str, str]] = {
    "收入": "income",
    "支出": "spending",
    "资产": "asset",
    "负债": "liability",
    "income": "income",
    "spending": "spending",
    "asset": "asset",
    "liability": "liability",
}
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_BEGINS_A_SUM: Final = re.compile(r"-?[¥￥]?\d{1,3}(,\d{3})*")
_ENDS_A_SUM: Final = re.compile(r"\d{3}(\.\d{1,2})?元?")
_NOT_OF_A_SUM: Final = re.compile(r"[¥￥元,，\s]")
_FEWEST: Final = 4
_AMOUNT: Final = 3
CELLS: Final = 6
UNKNOWN_SECTION: Final = N_("第一格请写收入、支出、资产或负债")
TOO_SHORT: Final = N_("至少要有类别、日期、事项、金额四格")


@dataclass(slots=True)
class Read:
    """What was understood: lines of the contract, and what is wrong by the line's number."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)


def read(text: str) -> Read:
    """The lines of a text; ``rows`` names the line of the text that each of them stood in."""
    found = Read()
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip():
            continue
        cells = [cell.strip() for cell in _cells(row)]
        if len([cell for cell in cells[:_FEWEST] if cell]) < _FEWEST:
            found.faults[number] = TOO_SHORT
        elif cells[0].lower() not in SECTIONS:
            found.faults[number] = UNKNOWN_SECTION
        else:
            found.lines.append(_line(cells))
            found.rows.append(number)
    return found


def _cells(row: str) -> list[str]:
    if "\t" in row:
        return row.split("\t")
    cells = re.split("[,，]", row)
    while len(cells) > _FEWEST and _in_two(*cells[_AMOUNT : _AMOUNT + 2]):
        cells[_AMOUNT : _AMOUNT + 2] = [",".join(cells[_AMOUNT : _AMOUNT + 2])]
    return cells


def _in_two(begun: str, rest: str) -> bool:
    """Whether a comma within an amount (30,000.00) was taken for one between cells."""
    whole, more = _BEGINS_A_SUM.fullmatch(begun.strip()), _ENDS_A_SUM.fullmatch(rest.strip())
    return whole is not None and more is not None


def _line(cells: Sequence[str]) -> dict[str, Any]:
    section, on_date, subject, amount, party, *said = [*cells, ""]
    return {
        "section": SECTIONS[section.lower()],
        "on_date": _day(on_date),
        "subject": subject,
        "amount": _NOT_OF_A_SUM.sub("", amount),
        "party": party,
        "note": "，".join(part for part in said if part),  # it may have commas of its own
    }


def _day(text: str) -> str:
    """The day as the contract has it; what is none stays, to be refused there."""
    found = _DAY.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text


def written(rows: Sequence[Sequence[str]]) -> str:
    """The rows of an exported account as somebody would have pasted them; its sums are left out."""
    return "\n".join("\t".join(row[1 : CELLS + 1]).rstrip("\t") for row in rows if row[0])
