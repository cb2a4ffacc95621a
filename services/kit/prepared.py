"""Statements that a connection plans once: PREPARE the first time, EXECUTE from then on.

psycopg2 writes values into the statement's text, so the server parses and plans it anew each time,
which takes most of a short statement's time (a page of posts: 2.3 ms, prepared 0.7 ms). Whoever
marks a statement says that it is worth a place in every connection::

    session.execute(prepared("SELECT … WHERE community_id = :community"), {"community": cid})

    marked, and its values have types that we know? ── no ──▶ run as it stands
                        │ yes
                        ▼
    known to this connection? ── no ──▶ PREPARE in a savepoint ── refused ──▶ run as it stands
                        │ yes                     │
                        ▼                         ▼
                     EXECUTE ◀────────────────────┘

Whether its plan is made for all values or for these is the server's choice (``plan_cache_mode``).
A value has the type that it had as text: what stands in quotes is of no type until its place gives
it one, so each such place is a parameter of its own.

What is prepared outlives transactions, also those that are rolled back, and ends with its session.
A proxy that gives each transaction another session has to be told to us (``SHEQU_PREPARE=false``).
"""

import itertools
import math
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import psycopg2
from psycopg2 import errors
from sqlalchemy import Engine, TextClause, event, text

from services.kit import logs

log = logs.get(__name__)

MOST: Final = 128
"""Statements that a connection keeps; each takes the server some 10 to 200 KB."""
MOST_FORMS: Final = 1_000
_OPTION: Final = "kit_prepared"
_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")
_LOST: Final = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)
_APART: Final = (
    "SAVEPOINT kit_prepare",
    "; RELEASE SAVEPOINT kit_prepare",
    "ROLLBACK TO SAVEPOINT kit_prepare; RELEASE SAVEPOINT kit_prepare",
)
_ANYWAY: Final = (  # what meets the statement itself just as well
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    errors.InFailedSqlTransaction,
)


class Outdated(psycopg2.OperationalError):
    """What was prepared is of no use any more: its table was changed, or the session is another.

    The transaction is lost; the same one goes well at once, because nobody uses it again.
    """


@lru_cache(maxsize=MOST_FORMS)
def prepared(sql: str) -> TextClause:
    """A statement that each connection plans once; its words have to be few."""
    return text(sql).execution_options(**{_OPTION: True})


def install(engine: Engine) -> None:
    """Let the connections of ``engine`` keep what is marked; they have a dict ``prepared``."""
    event.listen(engine, "do_execute", Preparing().execute)


class _Form:
    """A statement for values of certain types; ``name`` is what connections know it by."""

    _numbers = itertools.count()
    _process = secrets.token_hex(4)  # a session handed on to us may know names of another process

    def __init__(self, statement: str, types: dict[str, str]) -> None:
        self._statement = statement
        self._types = types
        self.unfit = False
        self.renew()

    def renew(self) -> None:
        """Take another name, so that every connection prepares it anew."""
        self.name = f"kit_{self._process}_{next(self._numbers)}"
        declared: list[str] = []
        passed: list[str] = []
        shared: dict[str, str] = {}

        def numbered(match: re.Match[str]) -> str:
            value = match[1]
            if value is None:
                return "%"
            if value in shared:
                return shared[value]
            declared.append(self._types[value])
            passed.append(match[0])
            if self._types[value] != "unknown":
                shared[value] = f"${len(declared)}"
            return f"${len(declared)}"

        body = _PLACE.sub(numbered, self._statement)
        self.prepare = f"PREPARE {self.name}{_listed(declared)} AS {body}"
        self.execute = f"EXECUTE {self.name}{_listed(passed)}"


def _listed(parts: list[str]) -> str:
    return f"({', '.join(parts)})" if parts else ""


class Preparing:
    """What the connections of an engine have in common: the forms of the marked statements."""

    def __init__(self) -> None:
        self._forms: OrderedDict[tuple[str, tuple[str, ...]], _Form] = OrderedDict()

    def execute(self, cursor: Any, statement: str, values: Any, context: Any) -> bool:
        """SQLAlchemy's ``do_execute``: whether the statement was run here."""
        if not context.execution_options.get(_OPTION):
            return False
        form = self._form(statement, values)
        if form is None or form.unfit:
            return False
        known = cursor.connection.prepared
        if form.name in known:
            known.move_to_end(form.name)
        elif not self._prepare(cursor, form):
            cursor.execute(statement, values)
            form.unfit = True  # what fails in any case is no fault of preparing it
            return True
        try:
            cursor.execute(form.execute, values)
        except _LOST as error:
            form.renew()
            if not cursor.connection.autocommit:
                raise Outdated(logs.first_line(error)) from error
            cursor.execute(statement, values)
        return True

    def _form(self, statement: str, values: dict[str, Any]) -> _Form | None:
        types = tuple(map(_type_of, values.values()))
        if "" in types:
            return None
        key = statement, types
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = _Form(statement, dict(zip(values, types, strict=True)))
            if len(self._forms) > MOST_FORMS:
                self._forms.popitem(last=False)
        return form

    def _prepare(self, cursor: Any, form: _Form) -> bool:
        """Make it known to the connection; whether the server took it."""
        connection = cursor.connection
        if len(connection.prepared) >= MOST:
            cursor.execute(f"DEALLOCATE {next(iter(connection.prepared))}")
            connection.prepared.popitem(last=False)
        begin, end, undo = ("", "", "") if connection.autocommit else _APART
        try:
            if begin:  # a message of its own: of one that cannot be parsed nothing is done
                cursor.execute(begin)
            cursor.execute(form.prepare + end)
        except _ANYWAY:
            raise
        except psycopg2.Error as error:
            log.warning("statement not prepared", name=form.name, detail=logs.first_line(error))
            if undo:
                cursor.execute(undo)
            return False
        connection.prepared[form.name] = None
        return True


def _type_of(value: Any) -> str:
    """The type that PostgreSQL gives the value as psycopg2 writes it; empty: we do not say.

    ``unknown`` is what stands in quotes; ``NULL`` and ``'{}'`` are such, too.
    """
    rule = _TYPES.get(type(value), "")
    return rule if isinstance(rule, str) else rule(value)


def _of_int(value: int) -> str:
    if -(2**31) <= value < 2**31:
        return "integer"
    return "bigint" if -(2**63) <= value < 2**63 else ""


def _of_list(values: list[Any]) -> str:
    types = {_type_of(value) for value in values if value is not None}
    if types == {"integer", "bigint"}:
        types = {"bigint"}
    if len(types) != 1:
        return "" if types else "unknown"
    (one,) = types
    if one.endswith("[]") or any(isinstance(value, list) for value in values):
        return ""
    return "text[]" if one == "unknown" else one and f"{one}[]"


_TYPES: Final[dict[type, str | Callable[[Any], str]]] = {
    str: "unknown",
    type(None): "unknown",
    bool: "boolean",
    int: _of_int,
    float: lambda value: "numeric" if math.isfinite(value) else "",
    Decimal: lambda value: "numeric" if value.is_finite() else "",
    datetime: lambda value: "timestamptz" if value.tzinfo else "timestamp",
    date: "date",
    timedelta: "interval",
    bytes: "bytea",
    list: _of_list,
}
