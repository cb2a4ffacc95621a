"""What feed holds about somebody, for her copy of her data."""

from services import directory
from services.feed.repository import moderation_copies
from services.feed.repository.project_copies import COPIES
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

POSTS = """
    SELECT id, community_id, module, title, body, extra, attachments, hide_name, author_role,
           tags, praised_id, state, version, issue_id, like_count, comment_count, created_at,
           edited_at, expires_at, removed_at
    FROM feed_posts WHERE author_id = :person ORDER BY created_at DESC, id DESC
"""
EARLIER_TEXTS = """
    SELECT post_id, version, title, body, extra, attachments, tags, written_at
    FROM feed_post_versions
    WHERE post_id IN (SELECT id FROM feed_posts WHERE author_id = :person)
    ORDER BY written_at DESC, post_id, version DESC
"""
PRAISE = """
    SELECT id, community_id, module, title, created_at FROM feed_posts
    WHERE praised_id = :person AND state = 'shown' ORDER BY created_at DESC, id DESC
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
QUESTIONS = """
    SELECT id, post_id, line, body, hide_name, asked_at, due_at, answer, answered_at
    FROM feed_questions WHERE asker_id = :person ORDER BY asked_at DESC, id DESC
"""
ACCOUNTS_KEPT = """
    SELECT post_id, community_id, kind, title, state, made_at, published_at, checked_at
    FROM feed_ledgers WHERE :person IN (made_by, published_by, checked_by)
    ORDER BY made_at DESC, post_id
"""
HANDSHAKES = """
    SELECT id, post_id, kind, CASE author_id WHEN :person THEN 'author' ELSE 'asker' END AS role,
           state, thanks, missed_by = :person AS missed, asked_at, changed_at
    FROM feed_handshakes WHERE author_id = :person OR asker_id = :person
    ORDER BY changed_at DESC, id DESC
"""
HANDSHAKE_STEPS = """
    SELECT s.handshake_id, s.state, s.note, s.at
    FROM feed_handshakes h JOIN feed_handshake_steps s ON s.handshake_id = h.id
    WHERE (h.author_id = :person OR h.asker_id = :person) AND s.by = :person
    ORDER BY s.at DESC, s.id DESC
"""
NO_SHOW_CLEARANCES = """
    SELECT community_id, note, at FROM feed_no_show_clearances WHERE person_id = :person
    ORDER BY at DESC, id DESC
"""
SIGN_UPS = """
    SELECT post_id, state, heads, note, stall, code, signed_at, moved_up_at, cancelled_at,
           checked_in_at, invited_by IS NOT NULL AS shared, assisted_by IS NOT NULL AS assisted
    FROM feed_sign_ups WHERE person_id = :person ORDER BY signed_at DESC, id DESC
"""
SIGN_UP_EVENTS = """
    SELECT e.post_id, e.unit, e.capacity, e.heads_each, e.shareable, e.opens_at, e.deadline,
           e.starts_at, e.ends_at, e.code, e.closed_at
    FROM feed_sign_up_events e JOIN feed_posts p ON p.id = e.post_id
    WHERE p.author_id = :person ORDER BY p.created_at DESC, e.post_id DESC
"""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """Her posts (those she took back, too, while they are kept), comments and likes."""
    session = uow.session
    return {
        "posts": section(session, POSTS, person=person_id),
        "earlier_texts": section(session, EARLIER_TEXTS, person=person_id),
        "praise": section(session, PRAISE, person=person_id),
        "comments": section(session, COMMENTS, person=person_id),
        "likes": section(session, LIKES, person=person_id),
        "comment_likes": section(session, COMMENT_LIKES, person=person_id),
        "questions": section(session, QUESTIONS, person=person_id),
        "accounts_kept": section(session, ACCOUNTS_KEPT, person=person_id),
        **{name: section(session, query, person=person_id) for name, query in COPIES.items()},
        **{
            name: section(session, query, person=person_id)
            for name, query in moderation_copies.COPIES.items()
        },
        "handshakes": section(session, HANDSHAKES, person=person_id),
        "handshake_steps": section(session, HANDSHAKE_STEPS, person=person_id),
        "no_show_clearances": section(session, NO_SHOW_CLEARANCES, person=person_id),
        "sign_ups": section(session, SIGN_UPS, person=person_id),
        "sign_up_events": section(session, SIGN_UP_EVENTS, person=person_id),
        "cards": directory.held_about(uow, person_id),
    }
