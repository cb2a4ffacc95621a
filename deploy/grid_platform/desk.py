"""The use-cases: take a message, make a step, walk by the clock. Each is one transaction.

A step writes the order, its history and the outgoing update together (see ``outbox`` in
``schema.sql``); nothing here talks to the broker.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .domain import (
    ANSWERS,
    AUTOMATIC,
    OPEN,
    State,
    Step,
    UnknownOrder,
    WorkOrder,
    advance,
    automatic_step,
    due_at,
    in_turn,
    may,
)
from .messages import (
    AMENDED,
    URGED,
    Amended,
    Incoming,
    Opened,
    Rated,
    Wanted,
    new_message_id,
    read,
    wire_time,
)
from .store import Store

GAP_SECONDS = 60.0


class Outcome(StrEnum):
    """What became of a message; kept with it."""

    TAKEN = "taken"
    REPEATED = "repeated"  # its message_id was here before: nothing happened
    WAITING = "waiting"  # an earlier message of the same order is still missing
    NO_EFFECT = "no_effect"  # understood and kept, but the order can't follow it any more


def utc_now() -> datetime:
    """The clock of the running platform."""
    return datetime.now(UTC)


class Desk:
    """The platform's desk over one :class:`Store`.

    ``gap_seconds``: how long a message waits for an earlier one of its order before it is taken
    without it (the earlier one may lie in the dead-letter queue and need a person).
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = new_message_id,
        gap_seconds: float = GAP_SECONDS,
    ) -> None:
        self.store = store
        self.now = now
        self.new_id = new_id
        self.gap = timedelta(seconds=gap_seconds)

    def receive(self, incoming: Incoming) -> Outcome:
        """Take a message; the same ``message_id`` any number of times has one effect."""
        with self.store.transaction():
            if self.store.has_message(incoming.message_id):
                return Outcome.REPEATED
            now = self.now()
            order = self.store.order(incoming.work_order_no)
            opening = isinstance(incoming.data, Opened)
            if not in_turn(order, opening, incoming.subject_version):
                until = wire_time(now + self.gap) if order else ""
                self.store.keep_message(incoming, now, Outcome.WAITING, until)
                return Outcome.WAITING
            outcome = self._take(order, incoming, now)
            self._take_followers(incoming.work_order_no, now)
            return outcome

    def release(self) -> int:
        """Take the messages that have waited long enough; returns how many orders had one."""
        numbers = self.store.waited_out(self.now())
        for no in numbers:
            with self.store.transaction():
                self._take_followers(no, self.now())
        return len(numbers)

    def step(self, no: str, step: Step) -> WorkOrder:
        """Move an order by hand. Raises :class:`.domain.OrderError`; then nothing has happened."""
        with self.store.transaction():
            order = self.store.order(no)
            if order is None:
                raise UnknownOrder(no)
            return self._move(order, step, self.now())

    def rate(self, no: str, score: int) -> WorkOrder:
        """Write down the resident's judgement from a call-back (回访): closed → evaluated."""
        with self.store.transaction():
            order = self.store.order(no)
            if order is None:
                raise UnknownOrder(no)
            step = Step(State.EVALUATED, f"电话回访，居民评分 {score}。")
            return self._move(replace(order, score=score), step, self.now())

    def walk(self, seconds: float) -> int:
        """Make the automatic steps that are due; returns how many.

        An order's timer is a row, so the walk goes on after a restart. Orders that a person has
        moved into a state with no automatic step are left to that person.
        """
        moved = 0
        for no in self.store.due(self.now()):
            with self.store.transaction():
                order = self.store.order(no)
                if order is None or not self.store.drop_timer(no):
                    continue
                if step := automatic_step(order):
                    self._move(order, step, self.now())
                    moved += 1
        if self.store.without_timer(tuple(AUTOMATIC)):
            with self.store.transaction():
                for order in self.store.without_timer(tuple(AUTOMATIC)):
                    self.store.set_timer(order.no, due_at(order.since, seconds))
        return moved

    def _move(self, order: WorkOrder, step: Step, now: datetime) -> WorkOrder:
        moved, update = advance(order, step, now)
        self.store.save(moved)
        self.store.drop_timer(order.no)
        self.store.say(update, self.new_id(), moved.traceparent)
        return moved

    def _take(self, order: WorkOrder | None, incoming: Incoming, now: datetime) -> Outcome:
        outcome = self._follow(order, incoming, now) if order else self._open(incoming, now)
        self.store.keep_message(incoming, now, outcome)
        return outcome

    def _open(self, incoming: Incoming, now: datetime) -> Outcome:
        opened = incoming.data
        if not isinstance(opened, Opened):
            raise TypeError(f"{incoming.kind} can't open an order")
        order = WorkOrder(
            no=opened.work_order_no,
            platform_ref=self.store.next_platform_ref(now),
            state=State.REPORTED,
            since=now,
            opened_at=now,
            title=opened.title,
            urgency=opened.urgency,
            department=opened.department.name,
            deadlines=opened.deadlines.limits,
            subject_version=incoming.subject_version,
            traceparent=incoming.traceparent,
        )
        self.store.save(order)
        self.store.enter_library(order, opened)
        self.store.note_message(order, incoming, now)
        return Outcome.TAKEN

    def _follow(self, order: WorkOrder, incoming: Incoming, now: datetime) -> Outcome:
        self.store.note_message(order, incoming, now)
        versions = (order.subject_version, incoming.subject_version)
        order = replace(
            order,
            subject_version=max((v for v in versions if v is not None), default=None),
            traceparent=incoming.traceparent or order.traceparent,
        )
        if isinstance(incoming.data, Wanted):
            self.store.save(order)
            again = self.store.say_again(order.no, incoming.data.from_seq, self.new_id)
            return Outcome.TAKEN if again else Outcome.NO_EFFECT
        answer = ANSWERS.get(incoming.kind)
        if answer and may(order, answer.target):
            if isinstance(incoming.data, Rated):
                order = replace(order, score=incoming.data.score)
            self._move(order, Step(answer.target, answer.note, actor=answer.actor), now)
            return Outcome.TAKEN
        amended = incoming.data
        if isinstance(amended, Amended) and amended.deadlines and order.state is State.REPORTED:
            order = replace(order, deadlines=amended.deadlines.limits)
        urged = incoming.kind == URGED and order.state in OPEN
        self.store.save(replace(order, urged=order.urged + urged))
        return Outcome.TAKEN if urged or incoming.kind == AMENDED else Outcome.NO_EFFECT

    def _take_followers(self, no: str, now: datetime) -> None:
        """Take the waiting messages of ``no`` whose turn has come, or whose patience has ended."""
        for row in self.store.waiting_for(no):
            incoming = read(
                row["body"].encode(),
                message_id=row["message_id"],
                kind=row["kind"],
                headers={
                    "subject_version": row["subject_version"],
                    "traceparent": row["traceparent"],
                },
            )
            order = self.store.order(no)
            if order is None:
                return
            until = row["waits_until"] or wire_time(now + self.gap)
            if until > wire_time(now) and not in_turn(order, False, incoming.subject_version):
                self.store.keep_message(incoming, now, Outcome.WAITING, until)
                return
            self._take(order, incoming, now)
