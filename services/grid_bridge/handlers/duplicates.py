"""Issues that may tell of the same problem: kept when one comes in, asked for by both sides.

The measure is :mod:`services.grid_bridge.likeness`: by characters as long as a report is new or
only asked about, by meaning as soon as the reader has found its vector; then what is kept is found
once more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.contracts.actor import Actor
from services.contracts.operations.grid_bridge import (
    FindLookAlikes,
    LookAlike,
    LookAlikes,
    OfIssue,
)
from services.grid_bridge import likeness
from services.grid_bridge import repository_handling as store
from services.grid_bridge.handlers.common import reader, serving, visible
from services.grid_bridge.likeness import Report
from services.kit.uow import UnitOfWork


def find(uow: UnitOfWork, cmd: OfIssue, actor: Actor, now: datetime) -> LookAlikes:
    """What the committee may want to merge an issue with."""
    row = visible(uow, actor, cmd.id)
    serving(actor, row.path)
    asked = Report(row.id, row.title, row.body)
    return _views(uow, most_alike(uow, row.community_id, asked, now))


def before_reporting(
    uow: UnitOfWork, cmd: FindLookAlikes, actor: Actor, now: datetime
) -> LookAlikes:
    """Was it reported already? Only of what whoever asks may read."""
    community, guest = reader(uow, actor, cmd.cid)
    if guest:
        return LookAlikes(items=[])
    return _views(uow, most_alike(uow, community.id, Report("", cmd.title, cmd.body), now))


def most_alike(
    uow: UnitOfWork, community_id: str, asked: Report, now: datetime
) -> list[tuple[str, float]]:
    """The issues of the last 90 days in the community that read most alike, with their shares."""
    since = now - timedelta(days=likeness.WINDOW_DAYS)
    rows = store.reports(
        uow.session,
        community_id,
        since,
        likeness.CANDIDATES,
        besides=asked.key,
        length=likeness.LENGTH,
    )
    others = [Report(row.id, row.title, row.body, row.nearness) for row in rows]
    return likeness.most_alike(asked, others)


def _views(uow: UnitOfWork, found: Sequence[tuple[str, float]]) -> LookAlikes:
    rows = store.issues(uow.session, [issue_id for issue_id, _ in found])
    return LookAlikes(
        items=[
            LookAlike(
                id=row.id,
                post_id=row.post_id,
                title=row.title,
                status=row.status,
                supporters=row.supporters,
                similarity=share,
                created_at=row.created_at,
            )
            for issue_id, share in found
            if (row := rows.get(issue_id)) is not None
        ]
    )
