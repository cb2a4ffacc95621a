"""How the demo speaks: numbered steps, who does what, what the system answers, what grows."""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta, timezone
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from deploy.grid_platform.domain import ROLE_NAMES
from services.contracts.operations.grid_bridge import Issue, TimelineEntry

Found = TypeVar("Found")
POLL = 0.25  # seconds
BEIJING = timezone(timedelta(hours=8))

ROLES = {
    **{role.value: name for role, name in ROLE_NAMES.items()},
    "resident": "居民",
    "secretary": "书记",
    "committee_staff": "居委会",
    "classifier": "智能分类",
}


class StoryBroken(Exception):
    """The system did not do what the story says; the message tells what was expected."""


class Narrator:
    """Tells a story on the console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._step = 0
        self._told: dict[str, set[tuple[str, str, str]]] = {}

    def scene(self, chinese: str, english: str) -> None:
        """A new story begins."""
        self._step = 0
        self.console.print()
        self.console.print(Rule(f"[bold]{chinese}[/bold]  {english}", align="left"))

    def step(self, who: str, chinese: str, english: str) -> None:
        """Somebody does something."""
        self._step += 1
        self.console.print(
            f"\n[bold]{self._step:>2}[/bold]  [cyan]{escape(who)}[/cyan]  {escape(chinese)}"
            f"  [dim]{escape(english)}[/dim]",
            highlight=False,
            soft_wrap=True,
        )

    def answer(self, *lines: str) -> None:
        """What comes back."""
        for line in lines:
            self.console.print(
                f"      [green]→[/green] {escape(line)}", highlight=False, soft_wrap=True
            )

    def refusal(self, line: str) -> None:
        """What the rules do not allow."""
        self.console.print(f"      [yellow]✋[/yellow] {escape(line)}", highlight=False)

    def timeline(self, issue: Issue) -> None:
        """The steps that have come to the issue since it was last shown."""
        told = self._told.setdefault(issue.id, set())
        fresh = [entry for entry in issue.timeline if _mark(entry) not in told]
        if not fresh:
            return
        told.update(map(_mark, fresh))
        table = Table.grid(padding=(0, 2))
        for whole in (True, True, False):  # time and speaker stay on one line, the words may fold
            table.add_column(no_wrap=whole, overflow="fold")
        for entry in fresh:
            photos = f"  📷 × {len(entry.attachments)}" if entry.attachments else ""
            table.add_row(
                f"[dim]{entry.at.astimezone(BEIJING):%H:%M:%S}[/dim]",
                f"[magenta]{ROLES.get(entry.actor_role, entry.actor_role)}[/magenta]",
                escape(entry.text) + photos,
            )
        self.console.print(Padding(table, (0, 0, 0, 8)))

    def wait(
        self, what: str, look: Callable[[], Found | None], *, limit: float
    ) -> tuple[Found, float]:
        """Look until something is there; give it and how long it took in seconds.

        Raises:
            StoryBroken: nothing within `limit` seconds.
        """
        began = time.monotonic()
        while (found := look()) is None:
            if time.monotonic() - began > limit:
                raise StoryBroken(f"{what}: not within {limit:.0f} s")
            time.sleep(POLL)
        return found, time.monotonic() - began

    def expect(self, right: bool, what: str) -> None:
        """Part of the story that must be so.

        Raises:
            StoryBroken: it is not.
        """
        if not right:
            raise StoryBroken(f"expected {what}")

    def table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """A few facts at the end of a story."""
        table = Table(title=title, title_justify="left", show_header=False, padding=(0, 2))
        for name, value in rows:
            table.add_row(name, escape(value))
        self.console.print()
        self.console.print(table)


def _mark(entry: TimelineEntry) -> tuple[str, str, str]:
    return entry.at.isoformat(), entry.kind, entry.text
