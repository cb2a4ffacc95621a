"""Keeping the counters: whatever happens to an issue is counted in its own transaction.

::

    tell, begin, end ──follow──► noted in the session ──commit──► tallied; what changed ──► deltas

A family of acts need not know what is counted: it tells what happened on the timeline, as it must
anyway, and at the commit the issue is tallied anew from what is written down (see
:mod:`services.grid_bridge.domain.tallies`). What it counted before is taken back. Deltas are
appended and moved into the sums by a timer: transactions that count for one community never wait
for each other, so they cannot wait in a circle either.

``python -m services.grid_bridge.recount`` counts everything anew.
"""

from sqlalchemy import event
from sqlalchemy.orm import Session

from services.grid_bridge import repository_figures as store
from services.grid_bridge import repository_recounts as recounts
from services.grid_bridge.domain.tallies import tally
from services.kit.uow import UnitOfWork

NOTED = "figures.noted"
ROLLED = 2_000
RECOUNTED = 200


def follow(uow: UnitOfWork, issue_id: str) -> None:
    """Something happens to this issue, whose lock the caller holds: count it at the commit."""
    session = uow.session
    noted = session.info.get(NOTED)
    if noted is None:
        noted = session.info[NOTED] = set()
        event.listen(session, "before_commit", _count)
    noted.add(issue_id)


def _count(session: Session) -> None:
    noted: set[str] = session.info[NOTED]
    if not noted or session.in_nested_transaction():
        return  # a savepoint is no end
    ids = sorted(noted)
    noted.clear()
    session.flush()
    count(session, ids)


def count(session: Session, ids: list[str]) -> int:
    """Tally these issues, whose locks the caller holds, and count what has changed; how many."""
    found = store.histories(session, ids)
    return store.keep(
        session,
        [(issue_id, community, path, tally(case)) for issue_id, community, path, case in found],
    )


def roll_up(uow: UnitOfWork) -> int:
    """Move deltas into the sums; how many there were."""
    return store.roll_up(uow.session, ROLLED)


def recount(uow: UnitOfWork) -> int:
    """Count the next issues that are to be counted again; how many there were."""
    ids = recounts.take(uow.session, RECOUNTED)
    if ids:
        recounts.infer(uow.session, ids)
        count(uow.session, ids)
        recounts.done(uow.session, ids)
    return len(ids)
