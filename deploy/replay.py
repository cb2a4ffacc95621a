"""`make replay`: real messages through the gateway, as different residents, and the proof after.

    messages.jsonl ─▶ reportIssue as residents of the demo ─▶ classified ─▶ some escalated
                                        │
                                        ▼
          every accepted message is listed once, as an issue and as a post: lost 0, twice 0

A message is posted under an Idempotency-Key made from its id, so that it is safe to repeat after
a 503, a timeout or a cut connection, and also to run the whole replay again: what is there
already is found, not doubled (for 24 hours; `--fresh` posts anew).

The exit code is 0 when every message was answered and the proof holds, 1 otherwise.
"""

import json
import math
import secrets
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from deploy.client import Client, Problem
from deploy.demo.people import CODE, PHONES, STAFF
from deploy.demo.system import running
from deploy.local.system import NotReady
from services.contracts import demo
from services.contracts.operations.grid_bridge import IssueReceipt, IssueSummary

RESIDENTS = tuple(f"138{number:08d}" for number in range(12, 41))
PATIENCE = 120.0  # seconds for which a message is tried again
SETTLING = 180.0  # seconds for threads, suggestions and work orders to arrive
POLL, LONGEST_POLL = 0.5, 4.0
TITLE_LENGTH = 200  # the contract's limit
CATEGORIES = {"consult": "咨询", "advise": "建议", "dispose": "处置", "8x": "8+X"}
REASON = "回放演示：紧急上报"


class BadFile(Exception):
    """The file is not there, or holds something else than messages."""


@dataclass(frozen=True)
class Message:
    """One line of the file."""

    id: str
    user: str
    title: str
    body: str

    @property
    def resident(self) -> str:
        """The phone of the demo's resident who says it; the same user is always the same one."""
        return RESIDENTS[zlib.crc32(self.user.encode()) % len(RESIDENTS)]

    @property
    def text(self) -> tuple[str, str]:
        """What it can be recognised by."""
        return fingerprint(self.title, self.body)


def fingerprint(title: str, body: str) -> tuple[str, str]:
    """Title and body without the differences that storing them may make."""
    return " ".join(title.split()), " ".join(body.split())


def read(path: Path, count: int) -> list[Message]:
    """The first `count` messages (JSON Lines with id, title, body and, if known, user).

    Raises:
        BadFile: no such file, or a line that is no message.
    """
    messages: list[Message] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if len(messages) == count:
                    break
                if line.strip():
                    messages.append(_message(json.loads(line), path, number))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise BadFile(f"{path}: {error}") from None
    if not messages:
        raise BadFile(f"{path} holds no message")
    return messages


def _message(raw: Any, path: Path, number: int) -> Message:
    if not isinstance(raw, dict) or raw.get("id") in (None, ""):
        raise BadFile(f"{path}, line {number}: no message with an id")
    title, body = str(raw.get("title") or "").strip(), str(raw.get("body") or "").strip()
    if not title and not body:
        raise BadFile(f"{path}, line {number}: neither title nor body")
    return Message(
        id=str(raw["id"]),
        user=str(raw.get("user") or raw["id"]),
        title=(title or body)[:TITLE_LENGTH],
        body=body or title,
    )


# -- posting ----------------------------------------------------------------------------------


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


# -- the proof --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """What the listings say about the accepted messages; each list holds message or issue ids."""

    lost: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    threads_lost: tuple[str, ...] = ()
    threads_twice: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice."""
        return not (self.lost or self.twice or self.threads_lost or self.threads_twice)


def prove(
    messages: Iterable[Message],
    accepted: dict[str, IssueReceipt],
    issues: Sequence[tuple[str, tuple[str, str]]],
    posts: Sequence[str],
    before: frozenset[str],
) -> Proof:
    """Hold what was accepted against what is listed.

    Args:
        accepted: the receipt of each message.
        issues: id and fingerprint of every issue listed afterwards.
        posts: the id of every post listed afterwards.
        before: the issues that were there before the replay.

    Twice is: a listing that shows the same thing again, two messages with one receipt, and an
    issue that is new, has the text of one of our messages and was never acknowledged.
    """
    listed = Counter(issue_id for issue_id, _ in issues)
    threads = Counter(posts)
    receipts = Counter(receipt.id for receipt in accepted.values())
    texts = {message.text for message in messages}
    strangers = [
        issue_id
        for issue_id, text in issues
        if issue_id not in receipts and issue_id not in before and text in texts
    ]
    return Proof(
        lost=tuple(m for m, receipt in accepted.items() if not listed[receipt.id]),
        twice=tuple(
            [m for m, r in accepted.items() if listed[r.id] > 1 or receipts[r.id] > 1] + strangers
        ),
        threads_lost=tuple(m for m, r in accepted.items() if not threads[r.post_id]),
        threads_twice=tuple(m for m, r in accepted.items() if threads[r.post_id] > 1),
    )


# -- the whole run ----------------------------------------------------------------------------


class Replay:
    """One replay against one system."""

    def __init__(self, api: Client, console: Console) -> None:
        self.console = console
        self.community_id = demo.SHANGYUAN
        self.staff = api.login(PHONES[STAFF], CODE)
        self.people = {phone: api.login(phone, CODE) for phone in RESIDENTS}

    def run(
        self,
        messages: Sequence[Message],
        *,
        label: str,
        concurrency: int,
        speed: float,
        escalate: float,
    ) -> bool:
        """Post, wait until it has settled, prove; whether all is well."""
        before = frozenset(issue.id for issue in self._issues())
        run = self._post(messages, label=label, concurrency=concurrency, speed=speed)
        ours = {receipt.id for receipt in run.accepted.values()}
        began = time.monotonic()
        self._settle("threads", lambda: self._missing_threads(run))
        issues = self._settle("suggestions", lambda: self._unclassified(ours))
        settled = time.monotonic() - began
        orders = self._escalate(issues, ours, escalate, concurrency)
        listed = list(self._issues())
        posts = [post.id for post in self.staff.posts(self.community_id)]
        proof = prove(
            messages,
            run.accepted,
            [(issue.id, fingerprint(issue.title, issue.body)) for issue in listed],
            posts,
            before,
        )
        self._report(run, len(messages), ours & before, settled, listed, ours, orders, proof)
        return proof.holds and not run.unanswered and bool(run.accepted)

    def _post(
        self, messages: Sequence[Message], *, label: str, concurrency: int, speed: float
    ) -> Run:
        columns = (
            TextColumn("  {task.description}"),
            *Progress.get_default_columns()[1:2],
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        began = time.monotonic()
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task("posting", total=len(messages), rate="")
            count = 0
            lock = threading.Lock()

            def done() -> None:
                nonlocal count
                with lock:
                    count += 1
                    rate = f"{count / (time.monotonic() - began):.0f}/s"
                    progress.update(task, completed=count, rate=rate)

            return post_all(
                messages,
                self.people,
                self.community_id,
                label=label,
                concurrency=concurrency,
                speed=speed,
                done=done,
            )

    def _issues(self) -> Iterable[IssueSummary]:
        return self.staff.issues(self.community_id)

    def _missing_threads(self, run: Run) -> int:
        wanted = {receipt.post_id for receipt in run.accepted.values()}
        return len(wanted - {post.id for post in self.staff.posts(self.community_id)})

    def _unclassified(self, ours: set[str]) -> int:
        return sum(1 for issue in self._issues() if issue.id in ours and issue.suggestion is None)

    def _settle(self, what: str, left: Callable[[], int]) -> list[IssueSummary]:
        """Wait until nothing is left; the proof says what is missing when that never happens."""
        deadline, pause = time.monotonic() + SETTLING, POLL
        while (count := left()) and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_POLL)  # each look reads whole listings
        if count:
            self.console.print(f"  [red]{count} without {what} after {SETTLING:.0f} s[/red]")
        return list(self._issues())

    def _escalate(
        self, issues: Iterable[IssueSummary], ours: set[str], share: float, concurrency: int
    ) -> list[str]:
        """The committee escalates a share of what looks like 8+X; the orders' numbers."""
        hard = [
            issue
            for issue in issues
            if issue.id in ours
            and issue.status == "reported"
            and issue.suggestion is not None
            and issue.suggestion.category == "8x"
            and issue.suggestion.slot
        ]
        chosen = hard[: math.ceil(len(hard) * share)]
        if not chosen:
            return []

        def open_order(issue: IssueSummary) -> str:
            slot = issue.suggestion.slot if issue.suggestion else None
            self.staff.triage(issue.id, "8x", slot, key=f"replay:triage:{issue.id}")
            key = f"replay:escalate:{issue.id}"
            return self.staff.escalate(issue.id, REASON, urgent=True, key=key).no

        with ThreadPoolExecutor(max_workers=concurrency) as pool:
            numbers = list(pool.map(open_order, chosen))
        self._settle("an answer of the grid platform", lambda: len(self._untouched(numbers)))
        return numbers

    def _untouched(self, numbers: Sequence[str]) -> list[str]:
        return [no for no in numbers if self.staff.work_order(no).state == "reported"]

    # -- what a person reads ------------------------------------------------------------------

    def _report(
        self,
        run: Run,
        asked: int,
        already: set[str],
        settled: float,
        issues: Iterable[IssueSummary],
        ours: set[str],
        orders: Sequence[str],
        proof: Proof,
    ) -> None:
        table = Table(title="replay", title_justify="left", show_header=False, padding=(0, 2))
        there = f" ({len(already)} of them were there already)" if already else ""
        table.add_row("messages", f"{asked}")
        table.add_row("accepted", f"{len(run.accepted)}{there}")
        for name, told in (("refused", run.refused), ("unanswered", run.unanswered)):
            for reason, count in Counter(told.values()).most_common():
                table.add_row(name, f"{count} × {reason}")
        rate = run.answered / run.seconds if run.seconds else 0.0
        table.add_row("throughput", f"{rate:.1f} messages/s over {run.seconds:.1f} s")
        if run.latencies:
            p50, p95 = _quantile(run.latencies, 0.50), _quantile(run.latencies, 0.95)
            table.add_row("latency", f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")
        table.add_row("settled", f"{settled:.1f} s after the last message")
        mix = Counter(
            issue.suggestion.category if issue.suggestion else "(none)"
            for issue in issues
            if issue.id in ours
        )
        for category, count in mix.most_common():
            name = CATEGORIES.get(category, "")
            table.add_row("suggested", f"{count:>4} {category} {name} ({count / len(ours):.0%})")
        table.add_row("work orders", f"{len(orders)} opened")
        for name, found in (
            ("lost", proof.lost),
            ("twice", proof.twice),
            ("threads lost", proof.threads_lost),
            ("threads twice", proof.threads_twice),
        ):
            some = f": {', '.join(found[:5])}" if found else ""
            table.add_row(name, f"{len(found)}{some}", style="red" if found else "green")
        self.console.print(table)


def _quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def main(
    file: Annotated[str, typer.Option(help="messages, JSON Lines: id, user, title, body")] = "",
    count: Annotated[int, typer.Option(min=1, help="how many of them")] = 500,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="at a time")] = 8,
    speed: Annotated[float, typer.Option(min=0, help="messages a second; 0: no limit")] = 0.0,
    escalate: Annotated[float, typer.Option(min=0, max=1, help="share of the 8+X ones")] = 0.2,
    fresh: Annotated[bool, typer.Option("--fresh", help="post again what is there")] = False,
    url: Annotated[str, typer.Option(help="another system than this checkout's")] = "",
) -> None:
    """Post messages and prove that none was lost and none doubled."""
    console = Console()
    try:
        if not file:
            raise BadFile("which file? make replay FILE=messages.jsonl N=500")
        messages = read(Path(file), count)
        with (
            running(console, url) as address,
            Client(address, patience=PATIENCE, connections=concurrency + 2) as api,
        ):
            label = secrets.token_hex(4) if fresh else Path(file).stem[:40]
            good = Replay(api, console).run(
                messages, label=label, concurrency=concurrency, speed=speed, escalate=escalate
            )
    except BadFile as problem:
        console.print(str(problem), markup=False, highlight=False)
        raise typer.Exit(2) from None
    except (Problem, NotReady, httpx.TransportError) as problem:
        console.print(f"{type(problem).__name__}: {problem}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    if not good:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
