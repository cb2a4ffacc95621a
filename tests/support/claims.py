"""A pytest plugin: several processes over the same files, each file where it is claimed first.

    green-1 ─┐            test_feed_posts.py      claimed by green-2
    green-2 ─┼─ --claims=DIR ─▶ test_kit_stop.py  claimed by green-1
    green-3 ─┘            …

Files that are dealt beforehand end at different times, as nobody knows how long each takes on this
machine today; here whoever is free takes the next one, the largest first. A claim is a file made
with ``O_EXCL``. A process that dies takes its claims with it, and its exit code fails the run.

A file is imported once it is claimed: to import all 190 in each process takes 20 CPU seconds.
"""

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--claims=DIR``: the folder that the processes share."""
    parser.addoption("--claims", type=Path, metavar="DIR", help="run only files claimed here first")


def pytest_configure(config: pytest.Config) -> None:
    """Collect and run by claims, unless tests are only to be listed."""
    folder: Path | None = config.getoption("claims")
    if folder is not None and not config.option.collectonly:
        config.pluginmanager.register(Claims(folder))


def claim(folder: Path, name: str) -> bool:
    """Whether this process is the first to ask for the file."""
    try:
        os.close(os.open(folder / f"{name.replace('/', '+')}.claimed", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class Claims:
    """The files that there are, and the tests of those that are claimed in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[pytest.Module] = []
        self.found = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> pytest.CollectReport | None:
        """While files are looked for, none is opened."""
        if self.found or not isinstance(collector, pytest.Module):
            return None
        self.files.append(collector)
        return pytest.CollectReport(collector.nodeid, "passed", None, [])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run what can be claimed; None leaves it to pytest that the folders cannot be read."""
        if session.testsfailed:
            return None
        self.found = True
        self.files.sort(key=lambda file: (-file.path.stat().st_size, file.path))
        for file in self.files:
            if not claim(self.folder, file.path.relative_to(session.config.rootpath).as_posix()):
                continue
            tests = [*session.genitems(file)]
            session.config.hook.pytest_collection_modifyitems(
                session=session, config=session.config, items=tests
            )
            session.testscollected += len(tests)
            # What follows decides which fixtures end. After a file the session alone follows: which
            # file is claimed next, and in which folder it lies, is not known yet.
            for test, following in zip(tests, [*tests[1:], session], strict=False):
                session.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
        return True
