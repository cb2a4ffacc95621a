"""Steps that wait for each other: each runs in a thread as soon as what it needs is done."""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass


class Interrupted(Exception):
    """Somebody asked us to stop while steps were running."""


@dataclass(frozen=True)
class Step:
    """A piece of work and the names of the steps it needs."""

    work: Callable[[], None]
    needs: tuple[str, ...] = ()


def run_steps(steps: Mapping[str, Step], *, stop: threading.Event, at_once: int = 16) -> None:
    """Run all steps; the first failure, or `stop`, ends the run once what runs has returned.

    Raises:
        Interrupted: `stop` was set.
        ValueError: steps wait for each other in a circle, or for one that is not there.
    """
    _check(steps)
    done: set[str] = set()
    running: dict[Future[None], str] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        while len(done) < len(steps):
            if failure is None and not stop.is_set():
                begun = done | set(running.values())
                for name, step in steps.items():
                    if name not in begun and done.issuperset(step.needs):
                        running[pool.submit(step.work)] = name
            if not running:
                break
            finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in finished:
                name = running.pop(future)
                error = future.exception()
                if error is None:
                    done.add(name)
                elif failure is None:
                    failure = error
                    stop.set()
    if failure is not None:
        raise failure
    if stop.is_set():
        raise Interrupted


def _check(steps: Mapping[str, Step]) -> None:
    """Every need is a step, and no circle of them exists."""
    ordered: set[str] = set()

    def visit(name: str, path: Iterable[str]) -> None:
        if name not in steps:
            raise ValueError(f"a step needs {name!r}, which does not exist")
        if name in path:
            raise ValueError(f"steps wait for each other: {' → '.join([*path, name])}")
        if name not in ordered:
            for need in steps[name].needs:
                visit(need, (*path, name))
            ordered.add(name)

    for name in steps:
        visit(name, ())
