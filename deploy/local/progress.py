"""What a person sees while things start: finished steps as lines, running ones with a clock."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text


class Progress:
    """Steps that may run side by side, each in a thread of its own.

    On a terminal the running ones stand below the finished ones; elsewhere each is a line when it
    begins and a line when it ends.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._lock = threading.Lock()
        self._running: dict[str, float] = {}
        self._spinner = Spinner("dots")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the running steps for the time of the block."""
        if not self.console.is_terminal:
            yield
            return
        with Live(
            get_renderable=self._render, console=self.console, refresh_per_second=8, transient=True
        ):
            yield

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step; says how long it took, or that it failed."""
        began = time.monotonic()
        with self._lock:
            self._running[name] = began
        if not self.console.is_terminal:
            self.console.print(f"  … {name}", highlight=False)
        try:
            yield
        except BaseException:
            self._finish(name, "[red]✗[/red]")
            raise
        self._finish(name, "[green]✓[/green]", f"{time.monotonic() - began:.1f} s")

    def _finish(self, name: str, sign: str, note: str = "") -> None:
        with self._lock:
            self._running.pop(name, None)
        self.console.print(f"  {sign} {name}  [dim]{note}[/dim]", highlight=False)

    def _render(self) -> RenderableType:
        now = time.monotonic()
        with self._lock:
            running = list(self._running.items())
        frame = str(self._spinner.render(now))
        return Group(
            *(
                Text(f"  {frame} {name}  {now - began:.0f} s", style="dim")
                for name, began in running
            )
        )
