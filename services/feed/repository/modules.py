"""The modules as communities have them."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.feed.domain.own_modules import Said
from services.feed.models import CommunityModule
from services.kit.prepared import prepared


def said_of_modules(session: Session, community_id: str) -> list[Said]:
    """What a community says of its modules; its own ones stand in this order."""
    rows = session.execute(
        prepared(
            "SELECT key, definition, switched_on FROM feed_modules "
            "WHERE community_id = :community ORDER BY key"
        ),
        {"community": community_id},
    )
    return [Said(*row) for row in rows]


def module_row(session: Session, community_id: str, key: str) -> CommunityModule | None:
    """The community's row of a module; None when it says nothing of it."""
    return session.get(CommunityModule, (community_id, key), populate_existing=True)


def module_rows(session: Session, community_id: str) -> dict[str, CommunityModule]:
    """All of them, by key."""
    rows = session.scalars(
        select(CommunityModule).where(CommunityModule.community_id == community_id)
    )
    return {row.key: row for row in rows}


def posts_by_module(session: Session, community_id: str, key: str | None = None) -> dict[str, int]:
    """How many posts everybody reads in each module of a community, or in one of them."""
    found = session.execute(
        text(
            "SELECT module, count(*) FROM feed_posts WHERE community_id = :community "
            "AND state = 'shown' AND (CAST(:key AS text) IS NULL OR module = :key) "
            "GROUP BY module"
        ),
        {"community": community_id, "key": key},
    )
    return {row[0]: row[1] for row in found}


def lock_modules(session: Session, community_id: str) -> None:
    """Let changes of one community's modules queue until the commit, also of those to come."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('feed_modules'), hashtext(:community))"),
        {"community": community_id},
    )
