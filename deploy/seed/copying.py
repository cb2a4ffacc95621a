"""Rows into PostgreSQL by COPY, in its text format (manual, COPY, File Formats)."""

import io
from collections.abc import Sequence
from typing import Any

from psycopg2 import sql

from services.identity.seed.reference_rows import Table

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IN_ARRAY = str.maketrans({"\\": "\\\\", '"': '\\"'})


def copy(cursor: Any, table: Table) -> int:
    """Put the rows into the table; how many there were."""
    if not table.rows:
        return 0
    buffer = io.StringIO()
    for row in table.rows:
        buffer.write("\t".join(map(text_of, row)))
        buffer.write("\n")
    buffer.seek(0)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    cursor.copy_expert(statement, buffer)
    return len(table.rows)


def text_of(value: Any) -> str:
    """One value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Sequence):
        quoted = ",".join(f'"{str(each).translate(_IN_ARRAY)}"' for each in value)
        return f"{{{quoted}}}".translate(_ESCAPES)
    return str(value)
