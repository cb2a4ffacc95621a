"""What the bridge holds about somebody, for her copy of her data."""

from services import directory
from services.kit.copies import Section, section
from services.kit.uow import UnitOfWork

ISSUES = """
    SELECT id, post_id, community_id, source, title, body, hide_name, location, attachments,
           status, category, result, score, work_order_no, created_at, updated_at
    FROM issues WHERE reporter_id = :person ORDER BY id DESC
"""
RATINGS = """
    SELECT rated.issue_id, rated.round, rated.score, rated.solved, rated.comment, rated.at
    FROM ratings rated JOIN issues ON issues.id = rated.issue_id
    WHERE issues.reporter_id = :person ORDER BY rated.at DESC, rated.issue_id
"""
WORK_ORDERS = """
    SELECT no, issue_id, title, state, department_name, opened_at, updated_at
    FROM work_orders WHERE reporter_id = :person ORDER BY id DESC
"""
# What of hers is kept to be read by the classifier: her words, not what they were turned into.
READ = """
    SELECT kind, id, title, body, written_at FROM vectors
    WHERE author_id = :person ORDER BY written_at DESC, id
"""
# What she did in office is about others as much as about her: that she did it, not what she wrote.
ACTS = """
    SELECT issue_id, kind, actor_role, at FROM issue_timeline
    WHERE actor_id = :person ORDER BY id DESC
"""
STEPS = """
    SELECT issue_id, step, actor_role, outcome, at FROM self_governance
    WHERE actor_id = :person ORDER BY id DESC
"""
# What she wrote in office for everybody: that she did and when, as the texts are the office's.
GUIDES = """
    SELECT guide_id, version, title, role, at FROM answer_guide_versions
    WHERE written_by = :person ORDER BY at DESC, guide_id
"""
CATALOGUES = """
    SELECT version, note, drafted_at, published_at, drafted_by = :person AS drafted,
           published_by = :person AS published
    FROM catalogue_versions WHERE :person IN (drafted_by, published_by)
    ORDER BY published_at DESC, version
"""
CATALOGUE_DRAFTS = """
    SELECT district_id, note, drafted_at FROM catalogue_drafts
    WHERE drafted_by = :person ORDER BY district_id
"""
SUPPORTED = """
    SELECT issue_id, following, since FROM issue_supporters
    WHERE person_id = :person ORDER BY since DESC, issue_id
"""
REFERRALS = """
    SELECT issue_id, party, state, referred_at, settled_at FROM issue_referrals
    WHERE referred_by = :person OR settled_by = :person ORDER BY id DESC
"""
CONSULTATIONS = """
    SELECT c.issue_id, 'opened' AS act, NULL AS what, c.opened_at AS at
    FROM joint_consultations c WHERE c.opened_by = :person
    UNION ALL SELECT c.issue_id, 'concluded', c.outcome, c.concluded_at
    FROM joint_consultations c WHERE c.concluded_by = :person
    UNION ALL SELECT c.issue_id, 'invited', s.department, s.invited_at
    FROM joint_seats s JOIN joint_consultations c ON c.id = s.consultation_id
    WHERE s.person_id = :person
    UNION ALL SELECT c.issue_id, 'answered', s.state, s.answered_at
    FROM joint_seats s JOIN joint_consultations c ON c.id = s.consultation_id
    WHERE s.answered_by = :person
    UNION ALL SELECT c.issue_id, 'asked', s.department, s.invited_at
    FROM joint_seats s JOIN joint_consultations c ON c.id = s.consultation_id
    WHERE s.invited_by = :person
    UNION ALL SELECT c.issue_id, 'planned', m.state, m.planned_at
    FROM joint_meetings m JOIN joint_consultations c ON c.id = m.consultation_id
    WHERE m.planned_by = :person
    UNION ALL SELECT c.issue_id, 'settled', m.state, m.settled_at
    FROM joint_meetings m JOIN joint_consultations c ON c.id = m.consultation_id
    WHERE m.settled_by = :person
    UNION ALL SELECT c.issue_id, 'minutes', cast(w.version AS text), w.written_at
    FROM joint_minutes w JOIN joint_meetings m ON m.id = w.meeting_id
    JOIN joint_consultations c ON c.id = m.consultation_id WHERE w.written_by = :person
    UNION ALL SELECT c.issue_id, 'agreed', a.state, a.made_at
    FROM joint_actions a JOIN joint_consultations c ON c.id = a.consultation_id
    WHERE a.made_by = :person
    UNION ALL SELECT c.issue_id, 'to_do', a.state, a.due_at
    FROM joint_actions a JOIN joint_consultations c ON c.id = a.consultation_id
    WHERE a.person_id = :person
    UNION ALL SELECT c.issue_id, 'moved', a.state, a.moved_at
    FROM joint_actions a JOIN joint_consultations c ON c.id = a.consultation_id
    WHERE a.moved_by = :person
    ORDER BY at DESC, issue_id, act
"""
MINUTES = """
    SELECT issue_id, minutes, at FROM issue_minutes WHERE person_id = :person ORDER BY id DESC
"""
ABSENCES = """
    SELECT community_id, person_id, cover_id, from_day, to_day FROM absences
    WHERE person_id = :person OR cover_id = :person ORDER BY community_id, from_day
"""
ASSIGNED = """
    SELECT id, status FROM issues WHERE assignee_id = :person ORDER BY id DESC
"""
MODELS = """
    SELECT version, role, forced, at FROM classifier_uses WHERE actor_id = :person ORDER BY id DESC
"""
REFITS = """
    SELECT id, state, asked_at FROM classifier_refits WHERE asked_by = :person
    ORDER BY asked_at DESC, id
"""
# What she wrote is not learned from: since when.
LEFT_OUT = """
    SELECT since FROM classifier_left_out WHERE person_id = :person ORDER BY since
"""
URGES = """
    SELECT work_order_no, level, actor_role, at FROM order_urges
    WHERE actor_id = :person ORDER BY at DESC
"""

PLAN_COMMENTS = """
    SELECT id, plan_id, version, item, body, state, created_at, answer, answered_at, decision_reason
    FROM plan_comments WHERE author_id = :person ORDER BY id DESC
"""
PLAN_ACTS = """
    SELECT plan_id, 'version' AS act, cast(version AS text) AS what, at FROM plan_versions
    WHERE written_by = :person
    UNION ALL SELECT plan_id, 'step', state, at FROM plan_steps WHERE actor_id = :person
    UNION ALL SELECT plan_id, 'progress', item, at FROM plan_progress WHERE actor_id = :person
    UNION ALL SELECT plan_id, 'answer', id, answered_at FROM plan_comments
    WHERE answered_by = :person
    UNION ALL SELECT plan_id, 'decision', id, decided_at FROM plan_comments
    WHERE decided_by = :person
    ORDER BY at DESC
"""
# What she did in office about what is hot: that she did, and when.
HOT_TOPIC_ACTIONS = """
    SELECT id, kind, ref, starts_at, ends_at, linked_at, linked_by = :person AS linked,
           ended_by = :person AS ended, removed_by = :person AS removed
    FROM hot_topic_actions WHERE :person IN (linked_by, ended_by, removed_by)
    ORDER BY linked_at DESC, id
"""
HOT_TOPIC_RUNS = """
    SELECT level, node_id, month, version, reason, asked_at FROM hot_topic_runs
    WHERE asked_by = :person ORDER BY asked_at DESC, id
"""

PUBLISHED = """
    SELECT issue_id, words, removed, at FROM issue_publications
    WHERE person_id = :person ORDER BY at DESC, issue_id
"""
# Keys that she gave out or took back in office: which and when.
OPEN311_KEYS = """
    SELECT id, name, created_at, revoked_at, created_by = :person AS created,
           revoked_by = :person AS revoked
    FROM open311_keys WHERE :person IN (created_by, revoked_by) ORDER BY id DESC
"""
OPEN311_COMMUNITIES = """
    SELECT community_id, words, decided_at FROM open311_communities
    WHERE decided_by = :person ORDER BY community_id
"""

# What she entered for a district, and the clocks of her posts.
CALENDARS = """
    SELECT district_id, year, version, source, entered_at FROM calendar_years
    WHERE entered_by = :person ORDER BY entered_at DESC, district_id, year
"""
LIMITS = """
    SELECT district_id, community_id, version, note, set_at FROM sla_limits
    WHERE set_by = :person ORDER BY set_at DESC, district_id, community_id
"""
POST_CLOCKS = """
    SELECT post_id, module, published_at, due_at, staff_replied_at, ended_by FROM post_clocks
    WHERE author_id = :person ORDER BY published_at DESC, post_id
"""


def held_about(uow: UnitOfWork, person_id: str) -> dict[str, Section]:
    """Her reports with their orders and ratings, what she joined, and what she did in office."""
    session = uow.session
    return {
        "issues": section(session, ISSUES, person=person_id),
        "ratings": section(session, RATINGS, person=person_id),
        "work_orders": section(session, WORK_ORDERS, person=person_id),
        "acts": section(session, ACTS, person=person_id),
        "read": section(session, READ, person=person_id),
        "self_governance": section(session, STEPS, person=person_id),
        "supported": section(session, SUPPORTED, person=person_id),
        "referrals": section(session, REFERRALS, person=person_id),
        "consultations": section(session, CONSULTATIONS, person=person_id),
        "minutes": section(session, MINUTES, person=person_id),
        "absences": section(session, ABSENCES, person=person_id),
        "assigned": section(session, ASSIGNED, person=person_id),
        "answer_guides": section(session, GUIDES, person=person_id),
        "catalogues": section(session, CATALOGUES, person=person_id),
        "catalogue_drafts": section(session, CATALOGUE_DRAFTS, person=person_id),
        "classifier_versions": section(session, MODELS, person=person_id),
        "classifier_refits": section(session, REFITS, person=person_id),
        "not_learned_from": section(session, LEFT_OUT, person=person_id),
        "urges": section(session, URGES, person=person_id),
        "calendars": section(session, CALENDARS, person=person_id),
        "limits": section(session, LIMITS, person=person_id),
        "post_clocks": section(session, POST_CLOCKS, person=person_id),
        "published": section(session, PUBLISHED, person=person_id),
        "open311_keys": section(session, OPEN311_KEYS, person=person_id),
        "open311_communities": section(session, OPEN311_COMMUNITIES, person=person_id),
        "plan_comments": section(session, PLAN_COMMENTS, person=person_id),
        "plan_acts": section(session, PLAN_ACTS, person=person_id),
        "hot_topic_actions": section(session, HOT_TOPIC_ACTIONS, person=person_id),
        "hot_topic_runs": section(session, HOT_TOPIC_RUNS, person=person_id),
        "cards": directory.held_about(uow, person_id),
    }
