"""`python -m deploy.replay`: post, wait until all has settled, prove, report."""

import math
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from deploy.client import Client, Problem
from deploy.demo.people import CODE, PHONES, STAFF
from deploy.demo.system import running
from deploy.local.system import NotReady
from deploy.replay.messages import RESIDENTS, BadFile, Message, fingerprint, read
from deploy.replay.posting import Run, post_all
from deploy.replay.proof import Proof, prove
from services.contracts import demo
from services.contracts.operations.grid_bridge import IssueSummary

PATIENCE = 120.0  # seconds for which a message is tried again
SETTLING = 180.0  # seconds for threads, suggestions and work orders to arrive
POLL, LONGEST_POLL = 0.5, 4.0
CATEGORIES = {"consult": "咨询", "advise": "建议", "dispose": "处置", "8x": "8+X"}
REASON = "回放演示：紧急上报"


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
