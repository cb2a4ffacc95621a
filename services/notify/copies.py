"""What notify holds about somebody, for her copy of her data."""

from services import directory
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

INBOX = """
    SELECT notice.id, notice.kind, notice.why, notice.link, notice.facts, notice.created_at,
           inbox.read_at
    FROM inbox JOIN notices notice ON notice.id = inbox.notice_id
    WHERE inbox.person_id = :person ORDER BY inbox.notice_id DESC
"""
FOLLOWS = """
    SELECT post_id, part, chosen, left_id IS NOT NULL AS "left" FROM follows
    WHERE person_id = :person AND (part IS NOT NULL OR chosen OR left_id IS NOT NULL)
    ORDER BY post_id DESC
"""
PREFERENCES = """
    SELECT channels, quiet_from, quiet_until, muted_kinds, daily_budget, digest, language,
           changed_at
    FROM preferences WHERE person_id = :person
"""
MUTED = """
    SELECT post_id, muted_at FROM muted_threads WHERE person_id = :person
    ORDER BY muted_at DESC, post_id
"""
DELIVERIES = """
    SELECT notice_id, channel, lane, state, due_at, attempts, created_at, sent_at
    FROM deliveries WHERE person_id = :person ORDER BY created_at DESC, id
"""
LANE_USES = """
    SELECT kind, variant, path, link, facts, people, used_at FROM lane_uses
    WHERE actor_id = :person ORDER BY used_at DESC, notice_id
"""
DIGESTS = """
    SELECT digest.rhythm, digest.made_at, item.notice_id FROM digests digest
    JOIN digest_items item ON item.digest_id = digest.id
    WHERE digest.person_id = :person ORDER BY digest.round DESC, item.position
"""
BROWSERS = """
    SELECT id, label, endpoint, created_at, reached_at FROM push_subscriptions
    WHERE person_id = :person ORDER BY id DESC
"""
CHANNELS = """
    SELECT channel, shown, given_at FROM channel_tickets WHERE person_id = :person ORDER BY channel
"""
ROBOTS = "SELECT community_id, shown, set_at FROM robots WHERE set_by = :person ORDER BY set_at"
BRIEF_READS = """
    SELECT brief.level, brief.name, brief.week, read.role, read.path, read.read_at
    FROM brief_reads read JOIN briefs brief ON brief.id = read.brief_id
    WHERE read.person_id = :person ORDER BY read.id DESC
"""
EMERGENCIES = """
    SELECT e.place, e.title, e.drill, m.state, m.need, m.note, m.whole, m.answered_at
    FROM emergency_people m JOIN emergencies e ON e.id = m.emergency_id
    WHERE m.person_id = :person ORDER BY e.id DESC
"""
DUTIES = """
    SELECT role, path, expires_at, ended FROM duties
    WHERE person_id = :person ORDER BY path, role, grant_id
"""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """Her inbox, what she chose, what was sent to her, and the offices that she is told for."""
    session = uow.session
    return {
        "inbox": section(session, INBOX, person=person_id),
        "follows": section(session, FOLLOWS, person=person_id),
        "preferences": section(session, PREFERENCES, person=person_id),
        "muted_threads": section(session, MUTED, person=person_id),
        "deliveries": section(session, DELIVERIES, person=person_id),
        "digests": section(session, DIGESTS, person=person_id),
        "brief_reads": section(session, BRIEF_READS, person=person_id),
        "browsers": section(session, BROWSERS, person=person_id),
        "channels": section(session, CHANNELS, person=person_id),
        "robots": section(session, ROBOTS, person=person_id),
        "duties": section(session, DUTIES, person=person_id),
        "emergencies": section(session, EMERGENCIES, person=person_id),
        "lane_uses": section(session, LANE_USES, person=person_id),
        "cards": directory.held_about(uow, person_id),
    }
