"""``python -m services.grid_bridge.recount [--check]``: every counter reckoned anew from the logs.

::

    issues, page by page ─► tallied, what differs is counted ─► are the sums what the tallies say?

For counters that are in doubt, or a database that was restored. The service goes on meanwhile: an
issue is locked while its page of issues is counted, and sums are mended by what they lack, for
which nobody has to wait. ``--check`` changes nothing and says how many sums differ.

It reads ``SHEQU_GRID_BRIDGE_DATABASE_URL``. Exit status 1: ``--check`` found differences.
"""

import os
import sys
from collections.abc import Callable

from services.grid_bridge import repository_recounts as store
from services.grid_bridge.handlers import counting
from services.kit import db
from services.kit.uow import UnitOfWorkFactory


def run(units: UnitOfWorkFactory, say: Callable[[str], None] = lambda _: None) -> tuple[int, int]:
    """Count every issue again and mend the sums: how many issues, how many sums differed."""
    with units() as uow:
        store.ask(uow.session)
        uow.commit()
    done = 0
    while True:
        with units() as uow:
            some = counting.recount(uow)
            uow.commit()
        if not some:
            break
        done += some
        say(f"{done} issues")
    with units() as uow:
        differed = store.mend(uow.session)
        uow.commit()
    return done, differed


def check(units: UnitOfWorkFactory) -> int:
    """How many sums differ from what the cases say."""
    with units(read_only=True) as uow:
        return store.drift(uow.session)


def _said(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(args: list[str]) -> int:
    """Run it."""
    engine = db.make_engine(os.environ["SHEQU_GRID_BRIDGE_DATABASE_URL"], pool=2)
    try:
        units = UnitOfWorkFactory(engine, "grid_bridge")
        if "--check" in args:
            differ = check(units)
            sys.stdout.write(f"{differ} sums differ\n")
            return 1 if differ else 0
        done, differed = run(units, _said)
        sys.stdout.write(f"{done} issues counted, {differed} sums differed\n")
        return 0
    finally:
        engine.dispose()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
