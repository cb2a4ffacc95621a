"""Who stops answering while it lives: said on the console, once, and once when it is back.

A process that ends is noticed at once and started again. One that hangs, or whose database or
broker does, lives on: it is asked at its health page every few seconds, and what lasts is told.
It is not restarted: most of what hangs comes back by itself, and work under way would be lost.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.local.status import READY, answer
from deploy.local.supervisor import Watched

ASK_EVERY = 5.0
TELL_AFTER = 10.0


class Readiness:
    """Asks all watched processes in a thread of its own.

    Args:
        watched: who is to be asked now.
        say: tells a line about one process.
        ask: what a health page says (tests).
        clock: seconds that never go back (tests).
    """

    def __init__(
        self,
        watched: Callable[[], Sequence[Watched]],
        say: Callable[[str, str], None],
        *,
        ask: Callable[[str], str] = answer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watched = watched
        self._say = say
        self._ask = ask
        self._clock = clock
        self._since: dict[str, float] = {}
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to ask; everybody has been ready once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._ended.wait(ASK_EVERY):
            self.look()

    def look(self) -> None:
        """Ask everybody once, at the same time."""
        found = [w for w in self._watched() if w.was_ready]
        if not found:
            return
        with ThreadPoolExecutor(max_workers=len(found)) as pool:
            answers = list(pool.map(lambda w: self._ask(w.instance.health_url), found))
        for watched, word in zip(found, answers, strict=True):
            self._note(watched.instance.name, word)

    def _note(self, name: str, word: str) -> None:
        if self._ended.is_set():
            return
        now = self._clock()
        if word == READY:
            since = self._since.pop(name, now)
            if name in self._told:
                self._told.discard(name)
                self._say(name, f"[green]ready again[/green] after {now - since:.0f} s")
            return
        since = self._since.setdefault(name, now)
        if now - since >= TELL_AFTER and name not in self._told:
            self._told.add(name)
            self._say(name, f"[red]{word}[/red] for {now - since:.0f} s")
