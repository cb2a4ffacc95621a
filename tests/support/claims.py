"""A pytest plugin: several processes over the same files, each file where it is claimed first.

    green-1 ─┐            test_feed_posts.py      claimed by green-2
    green-2 ─┼─ --claims=DIR ─▶ test_kit_stop.py  claimed by green-1
    green-3 ─┘            …

Files that are dealt beforehand end at different times, as nobody knows how long each takes on this
machine today; here whoever is free takes the next one, the largest first. A claim is a file made
with ``O_EXCL``. A process that dies takes its claims with it, and its exit code fails the run.
"""

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--claims=DIR``: the folder that the processes share."""
    parser.addoption("--claims", type=Path, metavar="DIR", help="run only files claimed here first")


def claim(folder: Path, name: str) -> bool:
    """Whether this process is the first to ask for the file."""
    try:
        os.close(os.open(folder / f"{name.replace('/', '+')}.claimed", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the files that can be claimed; None leaves it to pytest, errors of collecting too."""
    folder: Path | None = session.config.getoption("claims")
    if folder is None or session.testsfailed or session.config.option.collectonly:
        return None
    files: dict[Path, list[pytest.Item]] = {}
    for item in session.items:
        files.setdefault(item.path, []).append(item)
    order = sorted(files, key=lambda path: (-path.stat().st_size, path))
    for at, path in enumerate(order):
        if not claim(folder, path.relative_to(session.config.rootpath).as_posix()):
            continue
        mine = files[path]
        # What follows decides which fixtures end: a test of another file ends the module's, and
        # leaves the session's alone.
        elsewhere = files[order[at - 1]][0] if len(order) > 1 else None
        for item, following in zip(mine, [*mine[1:], elsewhere], strict=True):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    return True
