"""What the adapter remembers besides the platform's own tables, in the same state file.

::

    wanted ──sending──► sent ──► done       followed until its order has ended
      │  ▲                ▲
      │  └── again ◄──────┤  (away: looked for first, then sent in the same words)
      ├──► token ─────────┘
      ├──► parked ──retry──► wanted         the city says no, or a slot has no service code
      └──► dropped                          withdrawn before it was ever sent
"""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from deploy.grid_platform.messages import OPENED, wire_time
from deploy.grid_platform.store import Store

_SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS city_request (
        work_order_no TEXT NOT NULL REFERENCES work_order (no),
        turn          INTEGER NOT NULL,           -- 1, and one more for each reopening
        standing      TEXT NOT NULL,
        form          TEXT NOT NULL,              -- JSON: the very words of every attempt
        attempts      INTEGER NOT NULL DEFAULT 0, -- begun; the last may have arrived unknown
        next_at       TEXT NOT NULL,
        request_id    TEXT,
        token         TEXT,
        problem       TEXT NOT NULL DEFAULT '',
        began_at      TEXT NOT NULL,
        told          TEXT,                       -- JSON [status, notes, agency], as last heard
        PRIMARY KEY (work_order_no, turn)
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS city_request_due ON city_request (standing, next_at)",
    """
    CREATE TABLE IF NOT EXISTS by_hand (
        message_id    TEXT PRIMARY KEY,
        work_order_no TEXT NOT NULL,
        kind          TEXT NOT NULL,
        words         TEXT NOT NULL,
        at            TEXT NOT NULL,
        done_at       TEXT
    ) STRICT
    """,
)


class Ledger:
    """The adapter's tables over a platform's store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.transaction():
            for statement in _SCHEMA:
                store.db.execute(statement)

    def unsent(self) -> list[tuple[str, int]]:
        """Orders that wait for a request: (number, turn)."""
        rows = self.store.db.execute(
            """
            SELECT no, turn FROM (
                SELECT no, 1 + (SELECT count(*) FROM history WHERE work_order_no = no
                                AND kind = 'update' AND state = 'reopened') AS turn
                FROM work_order WHERE state IN ('reported', 'reopened')
            ) AS wanted WHERE NOT EXISTS (
                SELECT 1 FROM city_request AS sent
                WHERE sent.work_order_no = wanted.no AND sent.turn >= wanted.turn
            ) ORDER BY no LIMIT 200
            """
        )
        return [(row["no"], row["turn"]) for row in rows]

    def opening(self, no: str) -> dict[str, Any]:
        """The message that opened an order."""
        (body,) = self.store.db.execute(
            "SELECT body FROM message WHERE work_order_no = ? AND kind = ? LIMIT 1", (no, OPENED)
        ).fetchone()
        found = json.loads(body)
        assert isinstance(found, dict)  # noqa: S101 (the reader saw to it)
        return found

    def want(self, no: str, turn: int, form: dict[str, str], now: datetime, problem: str) -> None:
        """A request is to be sent, or is parked with what keeps it from that."""
        self.store.db.execute(
            "INSERT OR IGNORE INTO city_request (work_order_no, turn, standing, form, next_at,"
            " began_at, problem) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                no,
                turn,
                "parked" if problem else "wanted",
                json.dumps(form, ensure_ascii=False),
                wire_time(now),
                wire_time(now),
                problem,
            ),
        )

    def due(self, standing: str, now: datetime, limit: int = 50) -> list[sqlite3.Row]:
        """Requests of a standing whose time has come, the earliest first."""
        return self.store.db.execute(
            "SELECT * FROM city_request WHERE standing = ? AND next_at <= ?"
            " ORDER BY next_at, work_order_no LIMIT ?",
            (standing, wire_time(now), limit),
        ).fetchall()

    def change(self, row: sqlite3.Row, **values: Any) -> None:
        """Keep what became of a request."""
        names = ", ".join(f"{name} = :{name}" for name in values)
        self.store.db.execute(
            f"UPDATE city_request SET {names}"  # noqa: S608 (names of our own)
            " WHERE work_order_no = :work_order_no AND turn = :turn",
            {**values, "work_order_no": row["work_order_no"], "turn": row["turn"]},
        )

    def drop(self, row: sqlite3.Row) -> None:
        """Forget a request that was never sent; it is wanted again."""
        self.store.db.execute(
            "DELETE FROM city_request WHERE work_order_no = ? AND turn = ? AND attempts = 0",
            (row["work_order_no"], row["turn"]),
        )

    def request_of(self, no: str, turn: int) -> str:
        """The id of an order's request; empty when it has none."""
        row = self.store.db.execute(
            "SELECT request_id FROM city_request WHERE work_order_no = ? AND turn = ?", (no, turn)
        ).fetchone()
        return str(row["request_id"] or "") if row else ""

    def all(self, standings: Sequence[str] = ()) -> list[sqlite3.Row]:
        """Requests of these standings, of all when none is named."""
        marks = ", ".join("?" * len(standings))
        where = f"WHERE standing IN ({marks})" if standings else ""
        return self.store.db.execute(
            f"SELECT * FROM city_request {where} ORDER BY work_order_no, turn",  # noqa: S608
            tuple(standings),
        ).fetchall()

    def put_down(self, kinds: Sequence[str]) -> None:
        """Put down for people what came for orders that the city has."""
        marks = ", ".join("?" * len(kinds))
        self.store.db.execute(
            f"""
            INSERT OR IGNORE INTO by_hand (message_id, work_order_no, kind, words, at)
            SELECT said.message_id, said.work_order_no, said.kind, said.note, said.at
            FROM history AS said
            WHERE said.kind IN ({marks}) AND EXISTS (
                SELECT 1 FROM city_request AS sent
                WHERE sent.work_order_no = said.work_order_no AND sent.attempts > 0)
            """,  # noqa: S608
            tuple(kinds),
        )

    def by_hand(self) -> list[sqlite3.Row]:
        """What people must tell the city themselves, the oldest first."""
        return self.store.db.execute(
            "SELECT * FROM by_hand WHERE done_at IS NULL ORDER BY at, message_id"
        ).fetchall()

    def told_by_hand(self, no: str, now: datetime) -> int:
        """Somebody has told the city all that was put down for an order; how many it was."""
        return self.store.db.execute(
            "UPDATE by_hand SET done_at = ? WHERE work_order_no = ? AND done_at IS NULL",
            (wire_time(now), no),
        ).rowcount

    def counts(self) -> dict[str, int]:
        """Requests by standing, and what waits for people."""
        rows = self.store.db.execute(
            "SELECT standing, count(*) FROM city_request GROUP BY standing UNION ALL"
            " SELECT 'by_hand', count(*) FROM by_hand WHERE done_at IS NULL"
        )
        return {row[0]: row[1] for row in rows}
