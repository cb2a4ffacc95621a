"""What residents wrote and its vectors: the queries.

The texts come by events; a vector is reckoned later, by whoever finds its row waiting and locks it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from services.grid_bridge.classifier.embedding import MODEL
from services.grid_bridge.models import VectorRow

STALE_PIECE = 1_000

# Words that have not changed keep their vector. What was a post and became an issue is one text:
# it keeps the vector, too, and the day on which it was written.
_PUT = text(
    """
    WITH was AS (
        DELETE FROM vectors WHERE :kind = 'issue' AND kind = 'post' AND post_id = :post_id
        RETURNING digest, model, embedding, written_at, reckoned_at
    )
    INSERT INTO vectors (kind, id, post_id, community_id, path, module, author_id, title, body,
                         digest, model, embedding, written_at, reckoned_at)
    SELECT :kind, :id, :post_id, :community_id, :path, :module, :author_id, :title, :body,
           :digest, was.model, was.embedding, coalesce((SELECT written_at FROM was), :written_at),
           was.reckoned_at
    FROM (SELECT) AS one LEFT JOIN was ON was.digest = :digest
    WHERE :kind = 'issue' OR NOT EXISTS (
        SELECT FROM vectors WHERE kind = 'issue' AND post_id = :post_id
    )
    ON CONFLICT (kind, id) DO UPDATE SET
        community_id = excluded.community_id, path = excluded.path, module = excluded.module,
        author_id = excluded.author_id, title = excluded.title, body = excluded.body,
        digest = excluded.digest,
        model = CASE WHEN vectors.digest = excluded.digest THEN vectors.model END,
        embedding = CASE WHEN vectors.digest = excluded.digest THEN vectors.embedding END,
        reckoned_at = CASE WHEN vectors.digest = excluded.digest THEN vectors.reckoned_at END
    """
)


def put(
    session: Session,
    *,
    kind: str,
    id: str,
    post_id: str,
    community_id: str,
    path: str,
    module: str,
    author_id: str | None,
    title: str,
    body: str,
    digest: str,
    written_at: datetime,
) -> None:
    """Keep a text; its vector stays when the words are the same. An issue's thread is no post."""
    session.execute(
        _PUT,
        {
            "kind": kind,
            "id": id,
            "post_id": post_id,
            "community_id": community_id,
            "path": path,
            "module": module,
            "author_id": author_id,
            "title": title,
            "body": body,
            "digest": digest,
            "written_at": written_at,
        },
    )


def drop(session: Session, post_id: str) -> None:
    """The text is no longer shown: neither is it read."""
    session.execute(delete(VectorRow).where(VectorRow.post_id == post_id))


def waiting(session: Session, limit: int) -> Sequence[VectorRow]:
    """Texts without a vector, locked, the newest first; what a colleague reckons is left out."""
    return session.scalars(
        select(VectorRow)
        .where(VectorRow.embedding.is_(None))
        .order_by(VectorRow.written_at.desc())
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


_STALE = text(
    """
    UPDATE vectors SET embedding = NULL, model = NULL, reckoned_at = NULL
    WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM vectors WHERE model < :model OR model > :model
        LIMIT :piece FOR UPDATE SKIP LOCKED
    ))
    """
)


def forget_other_models(session: Session) -> int:
    """Let vectors of another model be reckoned anew, a piece at a time; how many those were."""
    found = session.execute(_STALE, {"model": MODEL, "piece": STALE_PIECE})
    return int(found.rowcount)  # type: ignore[attr-defined]


def forget_author(session: Session, person_id: str) -> None:
    """Somebody has left for good: the text stays with its thread, and is nobody's."""
    session.execute(
        update(VectorRow).where(VectorRow.author_id == person_id).values(author_id=None)
    )
