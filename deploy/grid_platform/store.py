"""The platform's memory: one SQLite file (WAL), safe for several processes at once.

The running process and the command line write to the same file; ``BEGIN IMMEDIATE`` puts the
writers in a row, and ``synchronous=FULL`` makes a commit survive a power cut: what was committed
may be acknowledged. A :class:`Store` belongs to the thread that opened it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from .domain import State, Update, WorkOrder
from .messages import Incoming, Opened, body_of, headers_of, wire_time
from .rows import order_of, row_of, text_of

SCHEMA_VERSION = 1
BUSY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row of the outbox, ready for the wire."""

    id: int
    message_id: str
    work_order_no: str
    seq: int
    body: str
    headers: dict[str, Any]
    created_at: datetime


class Store:
    """One connection to the state file; ``create`` makes the file and its tables when needed."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.is_file():
            raise FileNotFoundError(path)
        self.path = path
        self.db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        try:
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            self.db.execute("PRAGMA foreign_keys = ON")
            self._migrate()
        except BaseException:
            self.db.close()
            raise

    def _migrate(self) -> None:
        if self._version() == 0:
            with self.transaction():
                if self._version() == 0:  # nobody was quicker
                    # Not executescript(): it would commit the transaction behind our back.
                    script = Path(__file__).with_name("schema.sql").read_text()
                    for statement in _statements(script):
                        self.db.execute(statement)
                    self.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        if (version := self._version()) != SCHEMA_VERSION:
            raise RuntimeError(
                f"the state file has version {version}, this program knows {SCHEMA_VERSION}"
            )

    def _version(self) -> int:
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what was not committed is rolled back."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; rolled back on any exception."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is of one moment."""
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.rollback()

    # -- orders ---------------------------------------------------------------------------------

    def order(self, no: str) -> WorkOrder | None:
        """The order ``no``, or None."""
        row = self.db.execute("SELECT * FROM work_order WHERE no = ?", (no,)).fetchone()
        return order_of(row) if row else None

    def orders(self, states: Sequence[State] = (), limit: int = 100) -> list[WorkOrder]:
        """Orders in ``states`` (all when empty), the latest first."""
        marks = ", ".join("?" * len(states))
        where = f"WHERE state IN ({marks})" if states else ""
        rows = self.db.execute(
            f"SELECT * FROM work_order {where} ORDER BY opened_at DESC, no LIMIT ?",  # noqa: S608
            (*states, limit),
        )
        return [order_of(row) for row in rows]

    def every_order(self, since: datetime | None = None) -> Iterator[WorkOrder]:
        """All orders opened since then, by their numbers, one at a time."""
        rows = self.db.execute(
            "SELECT * FROM work_order WHERE opened_at >= ? ORDER BY no",
            (wire_time(since) if since else "",),
        )
        return (order_of(row) for row in rows)

    def next_platform_ref(self, now: datetime) -> str:
        """Our own number for a new order: ``GP``, the day, and a running number."""
        (number,) = self.db.execute("SELECT coalesce(max(rowid), 0) + 1 FROM work_order").fetchone()
        return f"GP{now:%Y%m%d}{number:06d}"

    def save(self, order: WorkOrder) -> None:
        """Insert or update ``order``."""
        row = row_of(order)
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = :{name}" for name in row if name != "no")
        self.db.execute(
            f"INSERT INTO work_order ({names}) VALUES ({marks})"  # noqa: S608
            f" ON CONFLICT (no) DO UPDATE SET {changes}",
            row,
        )

    def enter_library(self, order: WorkOrder, opened: Opened) -> None:
        """Keep the entry of the 主动发现问题库 that came with the order."""
        if entry := opened.library_entry:
            self.db.execute(
                "INSERT OR IGNORE INTO library_entry VALUES (?, ?, ?, ?, ?, ?)",
                (
                    entry.no,
                    order.no,
                    entry.slot,
                    opened.catalogue.name,
                    opened.catalogue.version,
                    wire_time(entry.entered_at),
                ),
            )

    # -- what happened, and what is to be said --------------------------------------------------

    def say(self, update: Update, message_id: str, traceparent: str) -> None:
        """Put ``update`` into the order's history and into the outbox."""
        body = body_of(update)
        self.db.execute(
            "INSERT INTO outbox (message_id, work_order_no, seq, body, headers, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                message_id,
                update.work_order_no,
                update.seq,
                body,
                json.dumps(headers_of(update, message_id, traceparent)),
                wire_time(update.at),
            ),
        )
        self._history(
            update.work_order_no,
            update.at,
            "update",
            update.seq,
            update.state,
            update.actor_role,
            update.department,
            update.note,
            text_of(update.deadline),
            json.dumps(update.attachments),
            message_id,
        )

    def say_again(self, no: str, from_seq: int, new_id: Callable[[], str]) -> int:
        """Put the order's updates from ``from_seq`` into the outbox once more; how many.

        Word for word, under fresh message ids: who has forgotten the effect of one may still
        remember its id, and would pass it over.
        """
        rows = self.db.execute(
            "SELECT id, message_id, headers FROM outbox WHERE work_order_no = ? AND seq >= ?",
            (no, from_seq),
        ).fetchall()
        for row in rows:
            message_id = new_id()
            headers = json.dumps({**json.loads(row["headers"]), "cloudEvents:id": message_id})
            self.db.execute(
                "UPDATE outbox SET message_id = ?, headers = ?, sent_at = NULL WHERE id = ?",
                (message_id, headers, row["id"]),
            )
            self.db.execute(
                "UPDATE history SET message_id = ? WHERE message_id = ?",
                (message_id, row["message_id"]),
            )
        return len(rows)

    def note_message(self, order: WorkOrder, incoming: Incoming, at: datetime) -> None:
        """Put a message about ``order`` into its history; the state is the one it met."""
        self._history(
            order.no,
            at,
            incoming.kind,
            None,
            order.state,
            "",
            "",
            incoming.data.words,
            None,
            "[]",
            incoming.message_id,
        )

    def _history(self, no: str, at: datetime, *rest: object) -> None:
        self.db.execute(
            "INSERT INTO history (work_order_no, at, kind, seq, state, actor_role, department,"
            " note, deadline, attachments, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (no, wire_time(at), *rest),
        )

    def history(self, no: str) -> list[sqlite3.Row]:
        """Everything that happened to the order, in order; ``sent_at`` for our updates."""
        return self.db.execute(
            "SELECT history.*, outbox.sent_at FROM history LEFT JOIN outbox USING (message_id)"
            " WHERE history.work_order_no = ? ORDER BY history.id",
            (no,),
        ).fetchall()

    def states(self, no: str) -> dict[int, State]:
        """The states that the order went through, by ``seq``; 0 is the opening."""
        rows = self.db.execute(
            "SELECT seq, state FROM history WHERE work_order_no = ? AND kind = 'update'", (no,)
        )
        return {0: State.REPORTED, **{row["seq"]: State(row["state"]) for row in rows}}

    def waiting_updates(self, limit: int = 100) -> list[Outgoing]:
        """The updates that the broker has not confirmed yet, the oldest first."""
        rows = self.db.execute(
            "SELECT id, message_id, work_order_no, seq, body, headers, created_at FROM outbox"
            " WHERE sent_at IS NULL ORDER BY id LIMIT ?",
            (limit,),
        )
        return [
            Outgoing(
                row["id"],
                row["message_id"],
                row["work_order_no"],
                row["seq"],
                row["body"],
                json.loads(row["headers"]),
                datetime.fromisoformat(row["created_at"]),
            )
            for row in rows
        ]

    def sent(self, outgoing: Outgoing, at: datetime) -> None:
        """The broker has confirmed it."""
        self.db.execute("UPDATE outbox SET sent_at = ? WHERE id = ?", (wire_time(at), outgoing.id))

    # -- messages -------------------------------------------------------------------------------

    def keep_message(
        self, incoming: Incoming, at: datetime, outcome: str, waits_until: str | None = None
    ) -> None:
        """Remember that the message came, and what became of it."""
        self.db.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (message_id)"
            " DO UPDATE SET outcome = excluded.outcome, waits_until = excluded.waits_until",
            (
                incoming.message_id,
                incoming.kind,
                incoming.work_order_no,
                incoming.subject_version,
                incoming.traceparent,
                incoming.body,
                wire_time(at),
                outcome,
                waits_until,
            ),
        )

    def has_message(self, message_id: str) -> bool:
        """Whether a message with this id was taken before."""
        found = self.db.execute("SELECT 1 FROM message WHERE message_id = ?", (message_id,))
        return found.fetchone() is not None

    def waiting_for(self, no: str) -> list[sqlite3.Row]:
        """Messages about ``no`` that wait for an earlier one, in the sender's order."""
        return self.db.execute(
            "SELECT * FROM message WHERE work_order_no = ? AND waits_until IS NOT NULL"
            " ORDER BY subject_version, received_at",
            (no,),
        ).fetchall()

    def waited_out(self, now: datetime) -> list[str]:
        """Orders with a message that has waited long enough for an earlier one."""
        rows = self.db.execute(
            "SELECT DISTINCT work_order_no FROM message"
            " WHERE waits_until != '' AND waits_until <= ?",
            (wire_time(now),),
        )
        return [row["work_order_no"] for row in rows]

    # -- the automatic mode's timers ------------------------------------------------------------

    def without_timer(self, states: Sequence[State], limit: int = 500) -> list[WorkOrder]:
        """Orders in ``states`` that have no timer yet."""
        marks = ", ".join("?" * len(states))
        rows = self.db.execute(
            f"SELECT work_order.* FROM work_order LEFT JOIN timer ON work_order_no = no"  # noqa: S608
            f" WHERE state IN ({marks}) AND due_at IS NULL ORDER BY since LIMIT ?",
            (*states, limit),
        )
        return [order_of(row) for row in rows]

    def set_timer(self, no: str, due_at: datetime) -> None:
        """The order is to be moved at ``due_at``; one timer per order."""
        self.db.execute("INSERT OR REPLACE INTO timer VALUES (?, ?)", (no, wire_time(due_at)))

    def drop_timer(self, no: str) -> bool:
        """Take the order's timer away; False when it has none (somebody moved the order)."""
        return self.db.execute("DELETE FROM timer WHERE work_order_no = ?", (no,)).rowcount > 0

    def due(self, now: datetime, limit: int = 200) -> list[str]:
        """Orders whose timer has run out, the earliest first."""
        rows = self.db.execute(
            "SELECT work_order_no FROM timer WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (wire_time(now), limit),
        )
        return [row["work_order_no"] for row in rows]

    # -- counts for health, metrics and the command line ----------------------------------------

    def library(self) -> list[sqlite3.Row]:
        """The 主动发现问题库 with the state of the order behind each entry."""
        return self.db.execute(
            "SELECT library_entry.*, state, since, title FROM library_entry"
            " JOIN work_order ON work_order.no = work_order_no ORDER BY entered_at DESC"
        ).fetchall()

    def counts(self) -> dict[str, dict[str, int]]:
        """Orders by state, messages by ``type outcome``, and what waits."""
        queries = {
            "orders": "SELECT state, count(*) FROM work_order GROUP BY state",
            "messages": "SELECT kind || ' ' || outcome, count(*) FROM message GROUP BY 1",
            "waiting": "SELECT 'updates', count(*) FROM outbox WHERE sent_at IS NULL UNION ALL"
            " SELECT 'messages', count(*) FROM message WHERE waits_until IS NOT NULL",
        }
        return {
            name: {row[0]: row[1] for row in self.db.execute(query)}
            for name, query in queries.items()
        }


def _statements(script: str) -> list[str]:
    """The statements of an SQL script without string literals that hold a semicolon."""
    code = "\n".join(line.split("--", 1)[0] for line in script.splitlines())
    return [statement for statement in code.split(";") if statement.strip()]
