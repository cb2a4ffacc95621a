"""What feed holds about somebody, for her copy of her data."""

from services import directory
from services.feed.repository.project_copies import COPIES
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

POSTS = """
    SELECT id, community_id, module, title, body, extra, attachments, hide_name, author_role,
           issue_id, like_count, comment_count, created_at, edited_at, expires_at, removed_at
    FROM feed_posts WHERE author_id = :person ORDER BY created_at DESC, id DESC
"""
COMMENTS = """
    SELECT id, post_id, body, attachments, reply_to, step, actor_role, state, like_count,
           created_at, removed_at
    FROM feed_comments WHERE author_id = :person ORDER BY created_at DESC, id DESC
"""
LIKES = """
    SELECT post_id, created_at FROM feed_likes WHERE person_id = :person
    ORDER BY created_at DESC, post_id
"""
COMMENT_LIKES = """
    SELECT comment_id, created_at FROM feed_comment_likes WHERE person_id = :person
    ORDER BY created_at DESC, comment_id
"""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """Her posts (those she took back, too, while they are kept), comments and likes."""
    session = uow.session
    return {
        "posts": section(session, POSTS, person=person_id),
        "comments": section(session, COMMENTS, person=person_id),
        "likes": section(session, LIKES, person=person_id),
        "comment_likes": section(session, COMMENT_LIKES, person=person_id),
        **{name: section(session, query, person=person_id) for name, query in COPIES.items()},
        "cards": directory.held_about(uow, person_id),
    }
