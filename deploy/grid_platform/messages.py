"""What travels: a tolerant reader of the messages that come in, a strict writer of our answer.

Both are CloudEvents 1.0 in binary mode: the body is the data alone, everything about it stands
in the AMQP properties (``message_id``, ``type``, ``content_type``, ``timestamp``) and headers
(``cloudEvents:*``, ``subject_version``, ``traceparent``). Unknown fields are passed over, so
the sender may add some at any time; only what this side works with must be there.
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from .domain import ANSWERS, Update, WorkOrder

OPENED = "workorder.opened.v1"
AMENDED = "workorder.amended.v1"
URGED = "workorder.urged.v1"
WANTED = "workorder.updates_wanted.v1"
UPDATED = "workorder.updated.v1"

SOURCE = "grid_platform"
MAX_BYTES = 1_000_000


class BadMessage(Exception):
    """The message can never be taken: it goes to the dead-letter queue.

    The text names fields and reasons, never values: it is logged, and a work order speaks of
    people.
    """


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("time without zone")
    return value.astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_aware)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Department(_Read):
    code: str = ""
    name: str


class _LibraryEntry(_Read):
    no: str = Field(min_length=1)
    slot: str
    entered_at: Time


class _Catalogue(_Read):
    version: str = ""
    name: str = ""


class _StageDeadline(_Read):
    stage: str
    due_at: Time


class _Deadlines(_Read):
    overall: Time | None = None
    stages: list[_StageDeadline] = []

    @property
    def limits(self) -> tuple[tuple[str, datetime], ...]:
        """By stage; ``""`` is the overall one."""
        limits = [(limit.stage, limit.due_at) for limit in self.stages]
        return tuple([*limits, ("", self.overall)] if self.overall else limits)


class WorkOrderMessage(_Read):
    """Every message says which order it is about."""

    work_order_no: str = Field(min_length=1, max_length=64)

    @property
    def words(self) -> str:
        """The sentence that belongs into the order's history."""
        return ""


class Opened(WorkOrderMessage):
    """A hard case (8+X) that the neighbourhood hands to the city."""

    title: str
    urgency: str = "normal"
    department: _Department
    library_entry: _LibraryEntry | None = None
    catalogue: _Catalogue = _Catalogue()
    deadlines: _Deadlines = _Deadlines()
    reported_at: Time | None = None

    @property
    def words(self) -> str:
        return self.title


class Amended(WorkOrderMessage):
    """More was learned after opening; the whole body is kept in the history.

    ``deadlines`` come when the neighbourhood's side reckoned them anew, as the year's working
    days had not been known; they hold for an order that nobody has taken on yet.
    """

    note: str = ""
    deadlines: _Deadlines | None = None

    @property
    def words(self) -> str:
        return self.note


class WithReason(WorkOrderMessage):
    """Urged 督办, withdrawn 撤回 and reopened 重办 come with a reason."""

    reason: str = Field(min_length=1)

    @property
    def words(self) -> str:
        return self.reason


class Wanted(WorkOrderMessage):
    """A comparison showed that updates did not arrive: say those from ``from_seq`` again."""

    from_seq: int = Field(ge=1)

    @property
    def words(self) -> str:
        return f"请重发第 {self.from_seq} 次及以后的回告"


class Rated(WorkOrderMessage):
    """The resident's judgement, 1 to 5."""

    score: int = Field(ge=1, le=5)
    solved: bool | None = None
    comment: str = ""

    @property
    def words(self) -> str:
        solved = {True: "，已解决", False: "，未解决", None: ""}[self.solved]
        comment = f"：{self.comment}" if self.comment else ""
        return f"居民评分 {self.score}{solved}{comment}"


READERS: dict[str, type[WorkOrderMessage]] = {
    OPENED: Opened,
    AMENDED: Amended,
    URGED: WithReason,
    "workorder.withdrawn.v1": WithReason,
    "workorder.rated.v1": Rated,
    "workorder.reopened.v1": WithReason,
    WANTED: Wanted,
}
"""Every type this side understands. Another type is a dead letter: after an upgrade of this
folder the operator replays it, and nothing that was said is thrown away."""

if unread := ANSWERS.keys() - READERS.keys():
    raise RuntimeError(f"no reader for {unread}")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that could be read. ``body`` is its text as it came."""

    message_id: str
    kind: str
    subject_version: int | None
    traceparent: str
    data: WorkOrderMessage
    body: str

    @property
    def work_order_no(self) -> str:
        return self.data.work_order_no


def read(
    body: bytes,
    *,
    message_id: str | None,
    kind: str | None,
    headers: Mapping[str, Any] | None = None,
) -> Incoming:
    """Read a delivery; :class:`BadMessage` says why it can't be read."""
    headers = headers or {}
    message_id = message_id or headers.get("cloudEvents:id")
    kind = kind or headers.get("cloudEvents:type")
    if not isinstance(message_id, str) or not message_id:
        raise BadMessage("no message_id: it could not be told from its repetition")
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None or kind is None:
        raise BadMessage("a type that this version does not know")
    if len(body) > MAX_BYTES:
        raise BadMessage(f"{len(body)} bytes are more than {MAX_BYTES}")
    try:
        text = body.decode()
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate can't be stored
    except (ValueError, RecursionError):
        raise BadMessage("the body is not JSON in UTF-8") from None
    try:
        data = reader.model_validate(value)
    except ValidationError as error:
        reasons = (
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise BadMessage("; ".join(reasons)) from None
    version = headers.get("subject_version")
    trace = headers.get("traceparent")
    return Incoming(
        message_id=message_id,
        kind=kind,
        subject_version=version if isinstance(version, int) and version > 0 else None,
        traceparent=trace if isinstance(trace, str) else "",
        data=data,
        body=text,
    )


def body_of(update: Update) -> str:
    """The body of ``workorder.updated.v1``; ``deadline`` only when a date is promised."""
    data: dict[str, Any] = {
        "work_order_no": update.work_order_no,
        "seq": update.seq,
        "state": update.state.value,
        "at": wire_time(update.at),
        "actor_role": update.actor_role.value,
        "department": update.department,
        "note": update.note,
        "attachments": list(update.attachments),
        "platform_ref": update.platform_ref,
    }
    if update.deadline is not None:
        data["deadline"] = wire_time(update.deadline)
    return json.dumps(data, ensure_ascii=False)


def headers_of(update: Update, message_id: str, traceparent: str) -> dict[str, Any]:
    """The CloudEvents headers of an update; ``traceparent`` passes on the asker's trace."""
    headers: dict[str, Any] = {
        "cloudEvents:id": message_id,
        "cloudEvents:source": SOURCE,
        "cloudEvents:type": UPDATED,
        "cloudEvents:specversion": "1.0",
        "cloudEvents:subject": update.work_order_no,
        "cloudEvents:time": wire_time(update.at),
        "subject_version": update.seq,
    }
    if traceparent:
        headers["traceparent"] = traceparent
    return headers


def export_line(order: WorkOrder) -> str:
    """An order in the list that both sides compare by (对账清单): no title, no place, no person."""
    return json.dumps(
        {
            "work_order_no": order.no,
            "platform_ref": order.platform_ref,
            "state": order.state.value,
            "seq": order.seq,
            "since": wire_time(order.since),
            "deadline": wire_time(order.deadline) if order.deadline else None,
            "urged": order.urged,
        },
        ensure_ascii=False,
    )


def export_trailer(count: int, at: datetime, since: datetime | None) -> str:
    """The list's last line: without it, it was cut off."""
    return json.dumps(
        {
            "orders": count,
            "exported_at": wire_time(at),
            "opened_since": wire_time(since) if since else None,
        }
    )


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC, with a fixed width: such texts sort as their moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def new_message_id() -> str:
    """A UUID version 7 (RFC 9562, 5.7): its first 48 bits are milliseconds since the epoch."""
    bits = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | 0x7 << 76
    bits |= secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{bits:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
