"""``python -m services.feed.seed``: the demo district's posts, comments and likes.

Harmless when they are there already: ids are fixed, and what a post carries is written only
together with it. Nothing is told to the other services; it is the past of the demo.
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import Engine

from services import seeding
from services.contracts.demo import demo_id
from services.feed import (
    seed_aid,
    seed_everyday,
    seed_ledgers,
    seed_moderation,
    seed_own,
    seed_party,
    seed_projects,
    seed_sign_ups,
)
from services.feed.models import Comment, Like
from services.feed.seed_posts import POSTS, Shared, likers
from services.feed.seed_writing import put_post
from services.feed.settings import Settings
from services.kit.uow import UnitOfWork, UnitOfWorkFactory

_POSTS, _COMMENTS = 11, 12  # kinds of demo ids
# What stands on these posts.
FAMILIES = (
    seed_aid,
    seed_ledgers,
    seed_own,
    seed_moderation,
    seed_sign_ups,
    seed_projects,
    seed_party,
    seed_everyday,
)


def seed(uow: UnitOfWork, now: datetime) -> int:
    """Write what is missing; how many posts were."""
    return sum(_put(uow, number, shared, now) for number, shared in enumerate(POSTS, start=1))


def _put(uow: UnitOfWork, number: int, shared: Shared, now: datetime) -> bool:
    community_id, path = shared.community
    post_id = demo_id(_POSTS, number)
    at = now - shared.ago
    missing = put_post(
        uow,
        post_id,
        at,
        community_id=community_id,
        path=path,
        module=shared.module,
        author_id=shared.who,
        author_role=shared.office,
        title=shared.title,
        body=shared.body,
        extra=dict(shared.extra),
        pinned_at=at if shared.pinned else None,
        like_count=shared.likes,
        comment_count=len(shared.comments),
    )
    if not missing:
        return False
    comment_ids = [demo_id(_COMMENTS, number * 100 + i) for i in range(len(shared.comments))]
    roots = _roots(shared)
    for place, (comment_id, said) in enumerate(zip(comment_ids, shared.comments, strict=True)):
        uow.session.add(
            Comment(
                id=comment_id,
                post_id=post_id,
                author_id=said.who,
                actor_role=said.office,
                official=bool(said.office),
                body=said.text,
                reply_to=None if said.reply_to is None else comment_ids[said.reply_to],
                root_id=None if roots[place] == place else comment_ids[roots[place]],
                reply_count=roots.count(place) - 1 if roots[place] == place else 0,
                created_at=min(at + said.after, now),
            )
        )
        uow.session.flush()  # in this order: a reply points to the comment before
    uow.session.add_all(
        Like(post_id=post_id, person_id=person, created_at=at)
        for person in likers(shared.likes, start=number)
    )
    return True


def _roots(shared: Shared) -> list[int]:
    """For each comment the one of the first level that it stands beneath, or is."""
    roots: list[int] = []
    for place, said in enumerate(shared.comments):
        roots.append(place if said.reply_to is None else roots[said.reply_to])
    return roots


def main() -> int:
    """Seed the database that the environment names; refused outside of the demo."""

    def written(engine: Engine) -> str:
        with UnitOfWorkFactory(engine, "feed")() as uow:
            now = datetime.now(UTC)
            new = seed(uow, now)
            for family in FAMILIES:
                family.seed(uow, now)
            uow.commit()
        return f"{new} posts seeded, {len(POSTS) - new} were there"

    return seeding.run(Settings(), written)


if __name__ == "__main__":
    sys.exit(main())
