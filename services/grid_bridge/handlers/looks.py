"""Who of the committee sees a hidden name: told to identity, whose access log the person reads.

In the transaction of the look itself, so that a look that cannot be told is not answered. Reading
lists all day long is one line a day for each reader, person and issue: what matters to the person
is who knew, not how often the desk was opened.
"""

from collections.abc import Sequence
from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.events import ReporterSeen
from services.grid_bridge import repository
from services.grid_bridge.domain import sla
from services.grid_bridge.handlers.common import serving
from services.grid_bridge.models import IssueRow
from services.kit.uow import UnitOfWork


def tell(uow: UnitOfWork, rows: Sequence[IssueRow], actor: Actor, now: datetime) -> None:
    """Tell whose hidden names the actor, one of the committee, is about to see in ``rows``.

    Reporters and those who reported for them; what of it she has seen today is told already, and
    her own is hers to see. One statement for a whole page, which writes nothing for the second
    look of a day.
    """
    hidden = {row.id: row for row in rows if row.hide_name}
    seen = [
        (row.id, who)
        for row in hidden.values()
        for who in (row.reporter_id, row.assisted_by)
        if who and who != actor.person_id
    ]
    if not seen:
        return
    day = now.astimezone(sla.ZONE).date()
    for issue_id, person_id in repository.first_looks(uow.session, seen, actor.person_id, day):
        row = hidden[issue_id]
        uow.emit(
            ReporterSeen(
                issue_id=row.id,
                person_id=person_id,
                actor_id=actor.person_id,
                actor_role=str(serving(actor, row.path).role),
                community_id=row.community_id,
                path=row.path,
                reason="handling",
            )
        )
