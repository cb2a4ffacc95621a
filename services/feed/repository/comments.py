"""Comments: one of them, pages of them, the answers that stand with a post.

::

    feed_comments x ──▶ c: what the reader sees of it ──▶ the JSON of a comment
                        (nothing of what is not shown)

Whoever changes a counter has locked the post before (:func:`count_comment`, :func:`lock_thread`),
so that all that is done in one thread is done one after the other.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from services.contracts.ids import is_id
from services.feed.domain import comments as rules
from services.feed.repository import comment_places
from services.feed.repository.comment_places import Order
from services.feed.repository.keeping_away import muted
from services.feed.repository.shared import (
    NAMES,
    NEWEST,
    OLDEST,
    author_json,
    check_moment,
    page_json,
)
from services.kit.pages import BadCursor, decode_cursor, encode_cursor

_HIDDEN = (
    "(thread.hide_name AND c.author_id IS NOT DISTINCT FROM thread.author_id "
    "AND thread.author_id <> :me)"
)
_ONCE_SHOWN = "state IN (" + ", ".join(f"'{state}'" for state in rules.ONCE_SHOWN) + ")"


def _present(row: str) -> str:
    """Whether a comment has a place in the thread, for the reader."""
    return f"(NOT {row}.unseen AND ({row}.{_ONCE_SHOWN} OR {row}.author_id = :me OR :moderator))"


def _muted(row: str) -> str:
    """Whether the reader keeps away from who says this there; moderators read everything."""
    hidden = f"thread.hide_name AND {row}.author_id = thread.author_id"
    return muted(f"{row}.author_id", hidden, f"{row}.official OR {row}.step IS NOT NULL")


def _json(row: str, replies: str = "'[]'::json") -> str:
    """SQL for the JSON of the comment called ``row``; goes with :func:`_joins`."""
    return f"""json_build_object(
        'id', {row}.id,
        'post_id', {row}.post_id,
        'body', coalesce(c.body, ''),
        'author', {author_json(_HIDDEN, "c.author_id", "c.actor_name")},
        'actor_role', nullif(c.actor_role, ''),
        'official', coalesce(c.official, false),
        'by_post_author', c.seen AND c.author_id IS NOT DISTINCT FROM thread.author_id,
        'mine', {row}.author_id IS NOT DISTINCT FROM :me,
        'step', {row}.step,
        'reply_to', {row}.reply_to,
        'reply_to_name', CASE
            WHEN parent.state <> 'shown' OR parent.id IS NULL THEN NULL
            WHEN thread.hide_name AND parent.author_id IS NOT DISTINCT FROM thread.author_id
                AND thread.author_id <> :me THEN :anonymous
            ELSE coalesce(parent_card.display_name, nullif(parent.actor_name, ''), :unknown) END,
        'root_id', {row}.root_id,
        'state', {row}.state,
        'muted', c.muted,
        'pinned', {row}.pinned_at IS NOT NULL,
        'like_count', {row}.like_count,
        'liked_by_me', liked.person_id IS NOT NULL,
        'reply_count', {row}.reply_count,
        'replies', {replies},
        'attachments', coalesce(c.attachments, '[]'),
        'created_at', {row}.created_at
    )"""


def _joins(row: str) -> str:
    """What the JSON of the comment called ``row`` is made from; ``c`` is what the reader sees.

    OFFSET 0 has each question answered once a row; without it the planner writes it into every
    column that depends on it, and plans longer than it runs.
    """
    muted_here = f"NOT :moderator AND {row}.state = 'shown' AND {_muted(row)}"
    seen = (
        f"{row}.state = 'shown' AND NOT apart.muted OR {row}.state <> 'deleted' "
        f"AND (:moderator OR {row}.author_id IS NOT DISTINCT FROM :me)"
    )
    blanked = ", ".join(
        f"CASE WHEN sight.seen THEN {row}.{column} END AS {column}"
        for column in ("author_id", "actor_role", "actor_name", "official", "body", "attachments")
    )
    return f"""
        JOIN feed_posts thread ON thread.id = {row}.post_id
        CROSS JOIN LATERAL (SELECT {muted_here} AS muted OFFSET 0) apart
        CROSS JOIN LATERAL (SELECT {seen} AS seen OFFSET 0) sight
        CROSS JOIN LATERAL (SELECT sight.seen, apart.muted, {blanked}) c
        LEFT JOIN directory_cards card
            ON card.community_id = thread.community_id AND card.person_id = c.author_id
        LEFT JOIN feed_comments parent ON parent.id = {row}.reply_to
        LEFT JOIN directory_cards parent_card
            ON parent_card.community_id = thread.community_id
            AND parent_card.person_id = parent.author_id
        LEFT JOIN feed_comment_likes liked
            ON liked.comment_id = {row}.id AND liked.person_id = :me"""


_INLINE = f"""(
    SELECT coalesce(json_agg({_json("reply")} ORDER BY reply.created_at, reply.id), '[]'::json)
    FROM (
        SELECT * FROM feed_comments below
        WHERE below.root_id = x.id AND {_present("below")}
        ORDER BY below.created_at, below.id LIMIT {rules.REPLIES_INLINE}
    ) reply {_joins("reply")}
)"""  # noqa: S608

# With a post called ``p``: the pinned ones, the newest pin first, then the newest.
ANSWERS_JSON = f"""(
    SELECT coalesce(
        json_agg({_json("x")} ORDER BY x.pinned_at DESC NULLS LAST, x.created_at DESC, x.id DESC),
        '[]'::json)
    FROM (
        (SELECT * FROM feed_comments pinned
         WHERE pinned.post_id = p.id AND pinned.pinned_at IS NOT NULL
         ORDER BY pinned.pinned_at DESC, pinned.id DESC LIMIT {rules.ANSWERS_ON_TOP})
        UNION ALL
        (SELECT * FROM feed_comments newest
         WHERE newest.post_id = p.id AND newest.official AND newest.step IS NULL
            AND newest.state = 'shown' AND newest.pinned_at IS NULL
         ORDER BY newest.created_at DESC, newest.id DESC LIMIT {rules.ANSWERS_ON_TOP})
        LIMIT {rules.ANSWERS_ON_TOP}
    ) x {_joins("x")}
)"""  # noqa: S608


# -- reading ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommentHead:
    """What the rules want to know of a comment."""

    id: str
    post_id: str
    author_id: str | None
    official: bool
    step: str | None
    state: str
    root_id: str | None


def comment_head(session: Session, comment_id: str) -> CommentHead | None:
    """The head of a comment, whoever may see it."""
    row = session.execute(
        text(
            "SELECT id, post_id, author_id, official, step, state, root_id "
            "FROM feed_comments WHERE id = :id"
        ),
        {"id": comment_id},
    ).first()
    return CommentHead(*row) if row else None


def comment_json(session: Session, comment_id: str, me: str, *, moderator: bool = False) -> str:
    """One comment as JSON text, as ``me`` sees it."""
    found: str = session.execute(
        text(
            f"SELECT {_json('x')}::text FROM feed_comments x {_joins('x')} "  # noqa: S608
            "WHERE x.id = :id"
        ),
        {"id": comment_id, "me": me, "moderator": moderator, **NAMES},
    ).scalar_one()
    return found


def comments_page(
    session: Session,
    *,
    post_id: str,
    me: str,
    moderator: bool,
    limit: int,
    cursor: str | None,
    under: str | None = None,
    order: Order = "oldest",
    official: bool = False,
    at: str | None = None,
) -> str:
    """A page of a post's comments as JSON text; see ``ListComments``.

    A comment's moment is later than those of all that stood in the thread when it came (see
    :func:`count_comment`), so a page that ends at a comment has missed none before it.

    Args:
        under: ``roots``, the id of a comment of the first level, or None for all in one line.
        at: the comment that the page begins with; of the first level its root.

    Raises:
        CommentNotFound: ``at`` has no place in this list.
    """
    place, place_id = (OLDEST, "") if order == "oldest" else (NEWEST, "")
    if at is not None:
        place, place_id = comment_places.before(session, post_id, at, under, order), ""
    elif cursor is not None:
        place, place_id = decode_cursor(cursor, 2)
        check_moment(place)
        if not is_id(place_id):
            raise BadCursor()
    values: dict[str, Any] = {
        "post": post_id,
        "root": under,
        "me": me,
        "moderator": moderator,
        "place": place,
        "place_id": place_id,
        "take": limit + 1,
        **NAMES,
    }
    which = "answers" if official else "all" if under is None else "below"
    if under == "roots":
        which = "roots"
    rows = session.execute(_page(which, order), values).mappings().all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1]["created_at"].isoformat(), shown[-1]["id"])
    return page_json(shown, following)


# Which comments a list has; their indexes have its order.
_WHICH = {
    "all": "x.post_id = :post",
    "roots": "x.post_id = :post AND x.root_id IS NULL",
    "below": "x.root_id = :root",
    "answers": "x.post_id = :post AND x.official AND x.step IS NULL AND x.state = 'shown'",
}


@cache
def _page(which: str, order: Order) -> TextClause:
    beyond, way = (">", "ASC") if order == "oldest" else ("<", "DESC")
    replies = _INLINE if which == "roots" else "'[]'::json"
    return text(
        f"""
        SELECT {_json("x", replies)}::text AS item, x.id, x.created_at
        FROM (
            SELECT * FROM feed_comments x
            WHERE {_WHICH[which]} AND {_present("x")}
                AND (x.created_at, x.id) {beyond} (cast(:place AS timestamptz), :place_id)
            ORDER BY x.created_at {way}, x.id {way}
            LIMIT :take
        ) x {_joins("x")}
        ORDER BY x.created_at {way}, x.id {way}
        """  # noqa: S608 - all of it stands here
    )


# -- writing ----------------------------------------------------------------------------------


def lock_thread(session: Session, post_id: str) -> int | None:
    """The likes of a post whose thread is now ours until the commit; None when it is not shown."""
    likes: int | None = session.scalar(
        text(
            "SELECT like_count FROM feed_posts WHERE id = :id AND state = 'shown' FOR NO KEY UPDATE"
        ),
        {"id": post_id},
    )
    return likes


def count_comment(session: Session, post_id: str, now: datetime) -> datetime | None:
    """Count one comment more and lock the thread; None when the post is not shown any more.

    Returns:
        The comment's moment: ``now``, or just after the thread's last one when a writer with a
        later clock came first. So the order of moments is the order of commits.
    """
    moment: datetime | None = session.scalar(
        text(
            "UPDATE feed_posts SET comment_count = comment_count + 1, "
            "active_at = greatest(active_at + interval '1 microsecond', :now) "
            "WHERE id = :id AND state = 'shown' RETURNING active_at"
        ),
        {"id": post_id, "now": now},
    )
    return moment


def moment_unseen(session: Session, post_id: str, now: datetime) -> datetime | None:
    """The moment of a comment that waits, with the thread locked; nothing is counted.

    Returns:
        As :func:`count_comment`, so that it has its place when it is shown.
    """
    moment: datetime | None = session.scalar(
        text(
            "SELECT greatest(active_at + interval '1 microsecond', :now) FROM feed_posts "
            "WHERE id = :id AND state = 'shown' FOR NO KEY UPDATE"
        ),
        {"id": post_id, "now": now},
    )
    return moment


def count_reply(session: Session, root_id: str) -> None:
    """Count one shown reply more beneath a comment of the first level."""
    session.execute(
        text("UPDATE feed_comments SET reply_count = reply_count + 1 WHERE id = :id"),
        {"id": root_id},
    )


def change_state(
    session: Session,
    head: CommentHead,
    becomes: str,
    *,
    by: str,
    now: datetime,
    unseen: bool = False,
) -> bool:
    """Move a comment from the state in ``head`` to another and count; False when it has moved on.

    Whatever leaves the thread leaves its top, too. The thread must be locked.

    Args:
        unseen: it is deleted before the neighbours saw it, and has no line in the thread.
    """
    found = session.scalar(
        text(
            """
            WITH moved AS (
                UPDATE feed_comments SET state = :becomes, unseen = :unseen,
                    pinned_at = CASE WHEN :becomes = 'shown' THEN pinned_at END,
                    removed_at = CASE WHEN :becomes <> 'shown' THEN cast(:now AS timestamptz) END,
                    removed_by = CASE WHEN :becomes <> 'shown' THEN :by END
                WHERE id = :id AND state = :was
                RETURNING post_id, root_id
            ),
            replies AS (
                UPDATE feed_comments root SET reply_count = reply_count + :more
                FROM moved WHERE root.id = moved.root_id
            )
            UPDATE feed_posts p SET comment_count = comment_count + :more
            FROM moved WHERE p.id = moved.post_id
            RETURNING p.id
            """
        ),
        {
            "id": head.id,
            "was": head.state,
            "becomes": becomes,
            "more": rules.moved(head.state, becomes),
            "unseen": unseen,
            "by": by,
            "now": now,
        },
    )
    return found is not None


def pin(session: Session, comment_id: str, at: datetime | None) -> bool:
    """Put a comment on top of its thread, or (None) back into it; False when it is not shown.

    A pinned one keeps its place.
    """
    done = session.execute(
        text(
            "UPDATE feed_comments SET pinned_at = CASE WHEN :up "
            "THEN coalesce(pinned_at, cast(:at AS timestamptz)) END "
            "WHERE id = :id AND state = 'shown'"
        ),
        {"id": comment_id, "at": at, "up": at is not None},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
