"""A bridge's years in a database: issues with timelines, promises, orders and their updates.

Rows are made by the database itself, so that a million takes seconds; each is what the service
would have written of a case that went to the city, was given back, extended and done twice.
"""

import itertools

from sqlalchemy import text

from services.grid_bridge.domain.work_order import EXITS, State
from tests.support.bridge import NOW
from tests.support.bridge_figures import Bureau
from tests.support.explained import analyze

WAY = [
    "accepted",
    "verifying",
    "registered",
    "dispatched",
    "returned",
    "dispatched",
    "disposing",
    "extension_requested",
    "disposing",
    "disposed",
    "checking",
    "rework",
    "disposing",
    "disposed",
    "checking",
    "rework",
    "disposing",
    "disposed",
    "checking",
    "closed",
    "evaluated",
]
OPEN_AT = 9  # one in sixteen is still being disposed of
OPEN_EVERY = 16
COMMUNITIES = 564  # besides the one that half of everything is in
TABLES = (
    "issues", "issue_timeline", "self_governance", "promises", "ratings", "work_orders",
    "work_order_updates", "library_entries", "issue_referrals", "issue_look_alikes",
    "figure_sums", "figure_pending", "figure_deltas", "figure_cases", "directory_communities",
)  # fmt: skip


def follows_the_table() -> bool:
    """Whether the way of the orders is one that the platform may take."""
    states = [State.REPORTED, *map(State, WAY)]
    return all(b in EXITS[a] for a, b in itertools.pairwise(states))


_PLACE = "CASE WHEN n % 2 = 0 THEN 'c-shangyuan' ELSE 'c-' || (n % :others) END"
_PATH = (
    "CASE WHEN n % 2 = 0 THEN 'demo.yuepu.shangyuan' "
    "ELSE 'demo.t' || (n % :others) % 12 || '.c' || (n % :others) END"
)
_AT = "cast(:now AS timestamptz) - (:count - n) * interval '525000 minutes' / :count"

STATEMENTS = (
    """
    INSERT INTO directory_communities
        (id, path, name, kind, code12, district_id, district_name, town_id, town_name)
    SELECT 'c-' || n, 'demo.t' || n % 12 || '.c' || n, n || '居民区', 'urban',
        lpad(n::text, 12, '0'), 'demo', '宝山样例区', 't-' || n % 12, n % 12 || '镇'
    FROM generate_series(0, :others - 1) AS n
    ON CONFLICT DO NOTHING
    """,
    f"""
    INSERT INTO issues (id, post_id, community_id, path, reporter_id, title, body, hide_name,
        attachments, status, category, slot, round, last_outcome, proof, rated, score, result,
        work_order_no, order_state, source, assignee_id, created_at, updated_at)
    SELECT lpad(n::text, 12, '0'), 'post-' || n, {_PLACE}, {_PATH}, 'p-' || n % 5000,
        '商铺占用绿化带' || n, repeat('门口的绿化带被围起来种菜，请来看看。', 1 + n % 8), n % 9 = 0,
        '[]', CASE WHEN n % :open = 0 THEN 'escalated' ELSE 'closed' END, '8x', 'X3', 1, 'failed',
        false, n % :open <> 0 AND n % 3 = 0, CASE WHEN n % 3 = 0 THEN 1 + n % 5 END,
        CASE WHEN n % :open <> 0 THEN 'grid_closed' END, 'SQT-' || lpad(n::text, 8, '0'),
        CASE WHEN n % :open = 0 THEN 'disposing' ELSE 'evaluated' END,
        CASE WHEN n % 20 = 1 THEN 'phone' ELSE 'app' END, CASE WHEN n % 7 = 0 THEN 'p-wang' END,
        {_AT}, {_AT}
    FROM generate_series(1, :count) AS n
    """,
    """
    INSERT INTO issue_timeline (issue_id, at, kind, actor_id, actor_role, text, attachments,
        staff_only, round, result)
    SELECT id, created_at + step * interval '3 hours', kind, 'p-shi', 'committee_staff', '第几步',
        '[]', false, 1, CASE WHEN kind = 'closed' AND status = 'closed' THEN 'grid_closed' END
    FROM issues, unnest(ARRAY['reported', 'classified', 'triaged', 'site_visit', 'talk',
        'undertaking', 'escalated', 'accepted', 'dispatched', 'disposed', 'closed', 'rated'])
        WITH ORDINALITY AS steps (kind, step)
    WHERE status = 'closed' OR step < 10
    ORDER BY id, step
    """,
    """
    INSERT INTO self_governance (issue_id, round, step, note, outcome, actor_id, actor_role,
        attachments, at)
    SELECT id, 1, 'talk', '上门', 'failed', 'p-shi', 'secretary', '[]',
        created_at + interval '1 day'
    FROM issues
    """,
    """
    INSERT INTO promises (issue_id, stage, started_at, due_at, provisional, rung, ended_at, ending)
    SELECT id, stage, created_at, created_at + days * interval '1 day', false, 0,
        CASE WHEN stage <> 'grid' THEN created_at + days * interval '20 hours'
             WHEN status = 'closed' THEN created_at + interval '18 days' END,
        CASE WHEN stage <> 'grid' THEN 'moved' WHEN status = 'closed' THEN 'kept' END
    FROM issues, (VALUES ('first_response', 1), ('8x', 5), ('grid', 21)) AS stages (stage, days)
    """,
    """
    INSERT INTO ratings (issue_id, round, score, solved, comment, at)
    SELECT id, 1, score, score > 3, '', updated_at FROM issues WHERE rated
    """,
    """
    INSERT INTO work_orders (no, id, issue_id, community_id, path, district_id, reporter_id, title,
        category, catalogue_version, slot, slot_name, standard_code, department_code,
        department_name, urgency, urged, reason, state, applied, used, handled_by, platform_ref,
        deadline, library_no, opened_at, updated_at, stages)
    SELECT work_order_no, id, id, community_id, path, 'demo', reporter_id, title, category,
        'default', 'X3', '毁绿占绿',
        '{"standard": "GB/T 47678.5-2026", "kind": "matter", "code": "06045", "name": "占绿毁绿"}',
        'd', '绿化市容局', 'normal', false, '拒绝整改', order_state, 21, 21, '绿化市容局', 'WG',
        created_at + interval '23 days', 'LIB-' || id, created_at + interval '2 days',
        updated_at,
        (SELECT jsonb_agg(jsonb_build_object('stage', stage, 'due_at',
            to_char((created_at + days * interval '1 day') AT TIME ZONE 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS+00:00')))
         FROM (VALUES ('accepted', 3), ('verifying', 4), ('dispatched', 5), ('disposing', 18),
               ('checking', 23)) AS limits (stage, days))
    FROM issues
    """,
    """
    INSERT INTO work_order_updates (work_order_no, seq, state, at, actor_role, department, note,
        attachments, event_id, received_at, deadline)
    SELECT o.no, step, way.state, o.opened_at + step * interval '19 hours', 'dispatcher',
        '绿化市容局', '第几步', '[]', o.no || '-' || step, o.opened_at, o.deadline
    FROM work_orders AS o, unnest(cast(:way AS text[])) WITH ORDINALITY AS way (state, step)
    WHERE o.state = 'evaluated' OR step <= :open_at
    """,
    """
    INSERT INTO library_entries
    SELECT library_no, id, issue_id, community_id, path, district_id, slot, slot_name,
        catalogue_version, title, CASE WHEN state = 'evaluated' THEN 'settled' ELSE 'ordered' END,
        no, state, 1, opened_at, updated_at
    FROM work_orders
    """,
    """
    INSERT INTO issue_referrals (id, issue_id, community_id, path, party, state, note, attachments,
        referred_by, referred_at, answer_attachments)
    SELECT id, id, community_id, path, 'property',
        CASE WHEN id::int % 50 = 0 THEN 'open' ELSE 'done' END, '请处理', '[]', 'p-shi',
        created_at, '[]'
    FROM issues WHERE id::int % 5 = 0
    """,
    """
    INSERT INTO issue_look_alikes
    SELECT one.id, other.id, 0.5
    FROM issues AS one
    JOIN issues AS other ON other.id = lpad((one.id::int - 2)::text, 12, '0')
    WHERE one.id::int % 6 = 0
    """,
    "INSERT INTO figure_recounts SELECT id FROM issues ON CONFLICT DO NOTHING",
)


def fill(bureau: Bureau, count: int) -> None:
    """``count`` issues in the year before ``NOW``, about twenty updates each; not yet counted."""
    values = {
        "count": count,
        "others": COMMUNITIES,
        "now": NOW,
        "open": OPEN_EVERY,
        "open_at": OPEN_AT,
        "way": WAY,
    }
    for statement in STATEMENTS:
        with bureau.engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            used = {name: one for name, one in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    analyze(bureau.engine, *TABLES[:10])
