"""Orders as rows of the state file, and back."""

import json
import sqlite3
from datetime import datetime
from typing import Any

from .domain import State, WorkOrder
from .messages import wire_time


def text_of(moment: datetime | None) -> str | None:
    """A moment as the file keeps it."""
    return wire_time(moment) if moment else None


def row_of(order: WorkOrder) -> dict[str, Any]:
    """The order's row, by column."""
    return {
        "no": order.no,
        "platform_ref": order.platform_ref,
        "state": order.state.value,
        "since": wire_time(order.since),
        "opened_at": wire_time(order.opened_at),
        "seq": order.seq,
        "title": order.title,
        "urgency": order.urgency,
        "department": order.department,
        "deadline": text_of(order.deadline),
        "deadlines": json.dumps([[stage, wire_time(at)] for stage, at in order.deadlines]),
        "urged": order.urged,
        "score": order.score,
        "subject_version": order.subject_version,
        "traceparent": order.traceparent,
    }


def order_of(row: sqlite3.Row) -> WorkOrder:
    """The order in a row."""
    moment = datetime.fromisoformat
    return WorkOrder(
        no=row["no"],
        platform_ref=row["platform_ref"],
        state=State(row["state"]),
        since=moment(row["since"]),
        opened_at=moment(row["opened_at"]),
        seq=row["seq"],
        title=row["title"],
        urgency=row["urgency"],
        department=row["department"],
        deadline=moment(row["deadline"]) if row["deadline"] else None,
        deadlines=tuple((stage, moment(at)) for stage, at in json.loads(row["deadlines"])),
        urged=row["urged"],
        score=row["score"],
        subject_version=row["subject_version"],
        traceparent=row["traceparent"],
    )
