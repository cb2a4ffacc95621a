"""The register of persons out of an office's file: rows in, persons and faults out.

::

    bytes ─▶ tables.read ─▶ with_fields ─▶ person_of, row by row ─▶ Reading(persons, faults)
             └─ read() ─┘   └──────────────── persons_in() ────────────────┘

What the file is, how large it may become and what a cell may hold is the matter of
:mod:`services.identity.tables`; what a row means is the domain's. Nothing here touches a database,
so that it can be done aside (:func:`services.kit.aside.aside`): 20,000 rows are seconds of the
processor's time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from services.contracts.errors import FieldError, Invalid
from services.identity import tables
from services.identity.domain.register import (
    COLUMNS,
    FAULT_COLUMN,
    HEADINGS,
    MAX_PERSONS,
    REQUIRED,
    ROW_COLUMN,
    Fault,
    Person,
    person_of,
)
from services.identity.tables import ColumnsWrong, FileTooLarge, Table

MAX_BYTES: Final = 10 * 1024 * 1024
_TELL_AGE = ("birth_year", "birth_date", "id_number")


class NobodyInFile(Invalid):
    """A heading row and nothing below it; with mode ``replace`` it would end everybody."""

    code = "identity.register_file_empty"
    zh, en = "文件里没有人员", "There is nobody in the file"


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file. ``total`` counts its rows, with or without a fault."""

    total: int
    persons: list[Person] = field(repr=False)
    faults: list[Fault] = field(repr=False)


def read(
    filename: str, data: bytes, *, kind: str, today: date, blind: Callable[[str], str]
) -> Reading:
    """The persons in the first table of a CSV, XLSX or zip of CSV.

    Args:
        kind, today, blind: see :func:`services.identity.domain.register.person_of`.

    Raises:
        FileTooLarge: more than 10 MB, 30 MB unpacked, or 20,000 persons.
        FileUnreadable: damaged, encrypted, no table; its subclasses say which.
        ColumnsWrong: a heading is unknown, there twice or missing. One of 出生年份, 出生日期 and
            证件号码 must be there: by the name alone anybody who can read a letter box gets in.
        NobodyInFile: there is no row.
    """
    return persons_in(
        tables.read(filename, data, max_bytes=MAX_BYTES, first=True)[0],
        kind=kind,
        today=today,
        blind=blind,
    )


def persons_in(table: Table, *, kind: str, today: date, blind: Callable[[str], str]) -> Reading:
    """The same of a table that has been read (:mod:`services.identity.tables_child`)."""
    if len(table.rows) > MAX_PERSONS:
        raise FileTooLarge(f"at most {MAX_PERSONS} persons in one file")
    rows = tables.with_fields(_without_ours(table), COLUMNS, REQUIRED)
    if not rows:
        raise NobodyInFile()
    if not any(column in rows[0].cells for column in _TELL_AGE):
        raise ColumnsWrong(errors=[FieldError(HEADINGS["birth_year"], "缺少这一列")])
    persons: list[Person] = []
    faults: list[Fault] = []
    for row in rows:
        if row.faults:
            faults += [Fault(row.number, HEADINGS[c], text) for c, text in row.faults.items()]
            continue
        found = person_of(row.number, row.cells, kind=kind, today=today, blind=blind)
        if isinstance(found, Person):
            persons.append(found)
        else:
            faults += found
    return Reading(len(rows), persons, faults)


def _without_ours(table: Table) -> Table:
    """The table without the columns that we wrote beside lines to be mended."""
    ours = (ROW_COLUMN, FAULT_COLUMN)
    return replace(table, headings=tuple(one for one in table.headings if one not in ours))
