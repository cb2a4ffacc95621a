"""Posting messages, a bounded number at a time, and what became of each."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from deploy.client import Client, Problem
from deploy.replay.messages import Message
from services.contracts.operations.grid_bridge import IssueReceipt


@dataclass
class Run:
    """What became of the messages."""

    accepted: dict[str, IssueReceipt] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def answered(self) -> int:
        """Messages that the system said yes or no to."""
        return len(self.accepted) + len(self.refused)


def post_all(
    messages: Sequence[Message],
    people: dict[str, Client],
    community_id: str,
    *,
    label: str,
    concurrency: int,
    speed: float = 0.0,
    done: Callable[[], None] = lambda: None,
) -> Run:
    """Post every message once, at most `concurrency` at a time and `speed` per second.

    Ctrl-C ends it early: what is under way is finished and counted, the rest is not begun. (A
    second Ctrl-C does not even wait for that.)
    """
    run, stop = Run(), threading.Event()
    began = time.monotonic()

    def post(place: int, message: Message) -> None:
        wait = place / speed - (time.monotonic() - began) if speed else 0.0
        if stop.wait(max(0.0, wait)) if wait > 0 else stop.is_set():
            return
        started = time.monotonic()
        try:
            receipt = people[message.resident].report_issue(
                community_id, message.title, message.body, key=f"replay:{label}:{message.id}"
            )
        except Problem as problem:
            told = run.unanswered if problem.status >= 500 else run.refused
            told[message.id] = f"{problem.status} {problem.code}"
        except httpx.TransportError as error:
            run.unanswered[message.id] = type(error).__name__
        else:
            run.accepted[message.id] = receipt
            run.latencies.append(time.monotonic() - started)
        done()

    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        try:
            for future in [pool.submit(post, *item) for item in enumerate(messages)]:
                future.result()
        except KeyboardInterrupt:
            stop.set()
    run.seconds = time.monotonic() - began
    return run
