"""What those see who watch over several communities: how each stands, and the cases of all."""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import Forbidden
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    CommunityStanding,
    DistrictStanding,
    ListWatchedIssues,
    StandingReport,
    WatchedIssue,
)
from services.contracts.operations.grid_bridge.watching import CASE_WATCHERS
from services.contracts.surnames import surname
from services.grid_bridge import repository_districts as territory
from services.grid_bridge import repository_watching as store
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork

READERS = frozenset(CASE_WATCHERS)


def district_standing(
    uow: UnitOfWork, cmd: DistrictStanding, actor: Actor, now: datetime
) -> StandingReport:
    """How the communities of a district stand that the reader watches over.

    Raises:
        DistrictNotFound: there is none.
        Forbidden: nothing of what is asked lies in the reader's scope.
    """
    territory.district(uow.session, cmd.did)
    rows = store.standing(uow.session, _paths(actor), cmd, now)
    if not rows and not cmd.q:
        raise Forbidden()
    first = rows[0] if rows else None
    return StandingReport(
        as_of=now,
        communities=first.all_communities if first else 0,
        open=int(first.all_open) if first else 0,
        overdue=int(first.all_overdue) if first else 0,
        unanswered=int(first.all_unanswered) if first else 0,
        unanswered_overdue=int(first.all_unanswered_overdue) if first else 0,
        items=[
            CommunityStanding(
                community_id=row.id,
                name=row.name,
                town_id=row.town_id,
                town_name=row.town_name,
                open=row.open,
                overdue=row.overdue,
                unanswered=row.unanswered,
                unanswered_overdue=row.unanswered_overdue,
            )
            for row in rows
        ],
        more=first is not None and first.all_communities > len(rows),
    )


def list_watched_issues(
    uow: UnitOfWork, cmd: ListWatchedIssues, actor: Actor, now: datetime
) -> Page[WatchedIssue]:
    """The issues of all communities that the reader watches over, newest first."""
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = store.page_of_issues(uow.session, _paths(actor), cmd, now, before)
    shown = rows[: cmd.limit]
    return Page[WatchedIssue](
        items=[
            WatchedIssue(
                id=row.id,
                community_id=row.community_id,
                community_name=row.community_name,
                town_name=row.town_name,
                title=row.title,
                status=row.status,
                category=row.category,
                building="" if row.hide_name else row.building,
                surname="" if row.hide_name else surname(row.display_name),
                due_at=row.due_at,
                stage=row.stage,
                paused=row.paused_at is not None,
                overdue=row.due_at is not None and row.paused_at is None and row.due_at < now,
                supporters=row.supporters,
                created_at=row.created_at,
            )
            for row in shown
        ],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
    )


def _paths(actor: Actor) -> list[str]:
    """Where the reader watches over cases."""
    return sorted({grant.path for grant in actor.grants if grant.role in READERS})
