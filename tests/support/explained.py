"""How many rows a use-case reads: its statements, explained as they ran."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy import event as sqlalchemy_event


def analyze(engine: Engine, *tables: str) -> None:
    """Let the planner know what stands in the tables."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(f"VACUUM ANALYZE {table}"))


def rows_read(engine: Engine, table: str, use: Callable[[], Any]) -> tuple[Any, float]:
    """What ``use`` answers, and how many rows of ``table`` its queries read.

    Rows that were fetched and thrown away count, rows found in an index alone do not.
    """
    answer, asked = statements(engine, use)
    read = 0.0
    with engine.connect() as connection:
        for statement, values in asked:
            if table in statement and statement.lstrip().startswith(("SELECT", "WITH")):
                plan = connection.exec_driver_sql(
                    f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values
                ).scalar_one()
                read += sum(_read(node) for node in _nodes(plan[0]["Plan"], table))
        connection.rollback()
    return answer, read


def statements(engine: Engine, use: Callable[[], Any]) -> tuple[Any, list[tuple[str, Any]]]:
    """What ``use`` answers, and the statements that it sends, with their values."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cur: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    try:
        return use(), asked
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)


def _nodes(plan: dict[str, Any], table: str) -> Iterator[dict[str, Any]]:
    if plan.get("Relation Name") == table:
        yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below, table)


def _read(node: dict[str, Any]) -> float:
    thrown = sum(
        node.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    )
    return float((node["Actual Rows"] + thrown) * node["Actual Loops"])
