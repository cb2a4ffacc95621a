"""How the demo's posts are written: each by its id, so that a second run finds it there."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from services.contracts import demo
from services.feed.models import Post
from services.kit.uow import UnitOfWork


def put_post(uow: UnitOfWork, post_id: str, at: datetime, **said: Any) -> bool:
    """Write a post of 尚园, unless it is there; whether it was missing.

    Args:
        said: the other columns, also in place of the community.
    """
    where = {"community_id": demo.SHANGYUAN, "path": demo.PATH_SHANGYUAN}
    values = {"id": post_id, **where, "active_at": at, "created_at": at, **said}
    done = uow.session.execute(insert(Post).values(values).on_conflict_do_nothing())
    return bool(done.rowcount)  # type: ignore[attr-defined]
