"""Tables out of a file of which nothing is believed: read in a process that may die of it.

::

    read("a.xlsx", bytes) ─▶ {"filename": …}\n bytes ─▶ python -m services.identity.tables_child
                 [Table, …] or the error that it was ◀─ {"tables": […]} or {"error": {…}}

What :func:`services.identity.tables.read` does, for files that come from outside by the API; the
operator's commands read theirs themselves. 20,000 persons in ten columns, each cell with a border
(0.97 MB, 12.6 MB unpacked), take 5.4 s of the processor and 118 MB.
"""

import json
from typing import Any, Final

from services.contracts.errors import FieldError
from services.identity import tables
from services.identity.tables import (
    ColumnsWrong,
    FileLocked,
    FileTooLarge,
    FileTooOld,
    FileUnreadable,
    Row,
    Table,
)
from services.kit.apart import Died, apart, serve
from services.kit.aside import aside

MEMORY: Final = 700_000_000  # address space, of which a third is libraries
SECONDS: Final = 20  # of the processor; the operation's timeout is 30 by the clock
WAIT: Final = 25.0

_ERRORS: Final = {
    error.code: error
    for error in (ColumnsWrong, FileLocked, FileTooLarge, FileTooOld, FileUnreadable)
}


def read(filename: str, data: bytes, *, max_bytes: int, first: bool = False) -> list[Table]:
    """See :func:`services.identity.tables.read`.

    Raises:
        FileTooLarge: also when reading it takes too much memory or time.
        FileUnreadable, ColumnsWrong: as there.
    """
    if len(data) > max_bytes:
        raise FileTooLarge()
    asked = json.dumps({"filename": filename, "max_bytes": max_bytes, "first": first})
    try:
        answer = apart(__spec__.name, asked.encode() + b"\n" + data, seconds=WAIT)
    except Died:
        raise FileTooLarge() from None
    return aside(_understood, answer)


def _understood(answer: bytes) -> list[Table]:
    said = json.loads(answer)
    if error := said.get("error"):
        wrong = [FieldError(**each) for each in error.get("errors", ())]
        raise _ERRORS[error["code"]](error.get("detail"), errors=wrong)
    return [
        Table(name, tuple(headings), tuple(Row(*row) for row in rows))
        for name, headings, rows in said["tables"]
    ]


def _answer(asked: bytes) -> bytes:
    head, data = asked.split(b"\n", 1)
    said: dict[str, Any]
    try:
        found = tables.read(data=data, **json.loads(head))
    except tuple(_ERRORS.values()) as error:
        said = {"error": error.to_wire()}
    else:
        said = {
            "tables": [
                (t.name, t.headings, [(r.number, r.cells, r.faults) for r in t.rows]) for t in found
            ]
        }
    return json.dumps(said).encode()


if __name__ == "__main__":
    serve(_answer, memory=MEMORY, seconds=SECONDS)
