"""The desk's own answers, as the contract has them; and where its pages about problems are."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.fakes import PERSON
from tests.gateway.web_pieces import page_of

GUIDE, REFERRAL, TABLE, SEAT, MEETING, DEED, PLAN, ITEM, COMMENT, TOPIC, OTHER, POST = (
    demo_id(8, n) for n in range(1, 13)
)
ORDER = "310113001001-20260305-0001"
STAFF = (
    "/console/beside",
    "/console/issues?state=all&clock=overdue&sort=due&q=路灯&alike=1&due=today&topic=t",
    f"/console/issues/{demo_id(9, 3)}?guide={GUIDE}",
    f"/console/issues/{demo_id(9, 3)}/talk",
    f"/console/issues/{demo_id(9, 3)}/alike",
    f"/console/issues/{demo_id(9, 3)}/guides",
    "/console/issues/new",
    "/console/self-governance",
    "/console/referrals",
    "/console/unanswered",
    "/console/absences",
    "/console/orders",
    f"/console/orders/{ORDER}",
    "/console/consultations",
    "/console/guides",
    f"/console/guides/{GUIDE}",
    "/console/plans",
    "/console/plans/new",
)
"""Pages of the committee; those of others are opened in ``test_web_desk_issues``."""
ELSEWHERE = (
    "/console/issues/next",
    "/console/issues.csv",
    "/console/issues.xlsx",
    "/console/guides/new",
    "/console/letters",
    f"/console/consultations/{TABLE}",
    "/referrals",
    f"/console/plans/{PLAN}",
    f"/console/plans/{PLAN}/edit",
    f"/console/plans/{PLAN}/differences",
)
WANG = {"person_id": "p-wang", "display_name": "居委小王"}
ME = {"person_id": PERSON, "display_name": "石书记"}


def at(**ahead: float) -> str:
    """A moment so far ahead."""
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def desk(**changes: Any) -> dict[str, Any]:
    numbers = dict.fromkeys(
        (
            "waiting", "working", "escalated", "overdue", "due_today", "mine", "undertakings_due",
            "posts_waiting", "posts_overdue", "referrals_open", "referrals_back", "merges_asked",
            "consultations_open", "meetings_today", "actions_overdue", "away",
        ),
        1,
    )  # fmt: skip
    return {"as_of": at(), "district_id": "demo", **numbers, "colleagues": [ME, WANG], **changes}


def guide(**changes: Any) -> dict[str, Any]:
    return {
        "id": GUIDE, "did": "demo", "department": "绿化市容管理部门", "title": "占绿怎么答",
        "excerpt": "感谢反映", "category": "8x", "slot": "X3", "version": 2, "fits": ["slot"],
        "uses": 3, "last_used_at": at(days=-1), "created_at": at(days=-9),
        "updated_at": at(days=-2), "retired_at": None, **changes,
    }  # fmt: skip


def guide_whole(**changes: Any) -> dict[str, Any]:
    old = {
        "version": 1, "title": "旧的", "body": "旧的说法", "category": "8x", "slot": "X3",
        "at": at(days=-9), "role": "department_staff",
    }  # fmt: skip
    return {
        **guide(), "body": "感谢反映，我们三天内去看。", "retired_reason": None, "may_write": True,
        "versions": [{**old, "version": 2}, old], **changes,
    }  # fmt: skip


def referral(**changes: Any) -> dict[str, Any]:
    return {
        "id": REFERRAL, "issue_id": demo_id(9, 3), "post_id": POST, "community_id": SHANGYUAN,
        "to": "property", "department": None, "state": "declined", "title": "路灯不亮",
        "body": "3号楼前", "slot_name": None, "location": None, "issue_attachments": [],
        "note": "请修一修", "attachments": [], "referred_at": at(days=-3), "promise": None,
        "answer": "不归物业管", "answer_attachments": [], "settled_at": at(days=-1), **changes,
    }  # fmt: skip


def table_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": TABLE, "issue_id": demo_id(9, 3), "post_id": POST, "community_id": SHANGYUAN,
        "title": "消防通道长期被占", "state": "open", "outcome": None,
        "departments": ["消防救援", "公安交警"], "open_actions": 2, "overdue_actions": 1,
        "next_due_at": at(days=2), "next_meeting_at": at(days=1), "opened_at": at(days=-5),
        "concluded_at": None, **changes,
    }  # fmt: skip


def table(**changes: Any) -> dict[str, Any]:
    minutes = {
        "version": 1, "published": "下周划线", "internal": "经费待定", "attachments": [],
        "written_role": "secretary", "written_at": at(days=-1),
    }  # fmt: skip
    meeting = {
        "id": MEETING, "planned_at": at(days=1), "online": False, "place": "居委会二楼",
        "state": "planned", "participants": [], "reason": None, "minutes": None,
    }  # fmt: skip
    held = {
        **meeting, "id": OTHER, "state": "held", "participants": ["消防 张队"], "minutes": minutes
    }  # fmt: skip
    return {
        "id": TABLE, "issue_id": demo_id(9, 3), "post_id": POST, "community_id": SHANGYUAN,
        "title": "消防通道长期被占", "issue_status": "in_consultation", "state": "open",
        "reason": "三个部门都有责任", "full": True, "leads": True,
        "seats": [
            {"id": SEAT, "department": "消防救援", "state": "accepted", "mine": False,
             "note": "请派人",
             "reason": None, "invited_at": at(days=-5), "answered_at": at(days=-4)}
        ],
        "meetings": [meeting, held],
        "actions": [
            {"id": DEED, "what": "划消防线", "owner": "department", "department": "消防救援",
             "person_id": None, "due_at": at(days=2), "state": "open", "note": "",
             "attachments": [], "moved_at": None}
        ],
        "promise": None, "opened_role": "secretary", "opened_at": at(days=-5), "outcome": None,
        "conclusion": None, "conclusion_attachments": [], "work_order_no": None,
        "concluded_at": None, **changes,
    }  # fmt: skip


def plan_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": PLAN, "cid": SHANGYUAN, "title": "宝月尚园一小区一方案", "state": "draft",
        "version": 2, "items": 1, "done": 0, "dropped": 0, "budget_fen": 1200050, "spent_fen": 0,
        "comments": 1, "unanswered": 1, "opens_at": None, "closes_at": None,
        "comments_open": False, "adopted_at": None, "created_at": at(days=-8),
        "updated_at": at(days=-1), **changes,
    }  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    evidence = {
        "kind": "hot_topic", "ref": TOPIC, "month": "2026-02", "issue_ids": [], "count": None,
        "on": None, "note": "三个月都在前三",
    }  # fmt: skip
    return {
        **plan_row(), "summary": "先修路灯", "may_write": True,
        "next_steps": ["open", "withdrawn"],
        "content": [
            {"key": ITEM, "title": "修路灯", "text": "换十盏", "evidence": [evidence],
             "owner": {"kind": "property", "name": ""},
             "budget": {"amount_fen": 1200050, "source": "maintenance_fund", "note": ""},
             "due_on": "2026-06-30", "state": "planned", "spent_fen": 0, "overdue": False,
             "progress": []}
        ],
        "timeline": [
            {"at": at(days=-8), "state": "draft", "version": 1, "actor_role": "secretary",
             "reason": None}
        ],
        **changes,
    }  # fmt: skip


def comment(**changes: Any) -> dict[str, Any]:
    return {
        "id": COMMENT, "plan_id": PLAN, "version": 2, "item": ITEM, "body": "北门也暗",
        "state": "shown",
        "author": {"person_id": "p-sun", "display_name": "孙奶奶", "building_label": "3号楼"},
        "mine": False, "created_at": at(days=-1), "answer": None, "answered_at": None,
        "answered_role": None, "decision_reason": None, **changes,
    }  # fmt: skip


def topic(**changes: Any) -> dict[str, Any]:
    return {
        "id": TOPIC, "concern_id": "c-1", "level": "community", "node": SHANGYUAN,
        "month": "2026-02", "version": 1, "rank": 1, "label": "路灯不亮", "words": ["路灯"],
        "people": 24, "messages": 30,
        "trend": {"previous": 10, "mean_of_three": 9.0, "burst": 2.0, "direction": "rising"},
        "since": "2026-01", "examples": [], "actions": [], **changes,
    }  # fmt: skip


def hot(*topics: dict[str, Any]) -> dict[str, Any]:
    return {
        "level": "community", "node": SHANGYUAN, "month": "2026-02", "version": 1, "reason": None,
        "published_at": at(days=-1), "exact": True, "k": 10, "versions": [1],
        "items": list(topics),
    }  # fmt: skip


def waiting_post(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": POST, "module": "nearby", "title": "谁捡到一把钥匙",
        "published_at": at(hours=-5),
        "due_at": at(hours=-1), "overdue": True, "at_risk": False, "provisional": False,
        "neighbour_replied_at": at(hours=-4), "told_to": "committee", **changes,
    }  # fmt: skip


def order(**changes: Any) -> dict[str, Any]:
    return {
        "no": ORDER,
        "work_order_no": ORDER,
        "issue_id": demo_id(9, 3),
        "community_id": SHANGYUAN,
        "state": "dispatched",
        "urgency": "normal",
        "urged": False,
        "title": "商铺占用绿化带",
        "catalogue": {"version": "1", "slot": "X3", "name": "毁绿占绿"},
        "code": {
            "standard": "GB/T 47678.5-2026", "kind": "matter", "code": "06045",
            "name": "非法占绿毁绿",
        },
        "department": {"code": "lhsr", "name": "绿化市容管理部门"},
        "handled_by": "department",
        "open": True,
        "deadline": at(days=5),
        "overdue": False,
        "opened_at": at(hours=-1),
        "updated_at": at(hours=-1),
        "steps": [],
        "reason": "自治两次未果",
        "library_entry_no": None,
        "platform_ref": None,
        "urges": 0,
        "withdrawal_asked_at": None,
        "extensions": 0,
        "suspensions": 0,
        "returns": 0,
        "reworks": 0,
        "reopenings": 0,
        "held": [],
        "unsent": [],
        **changes,
    }  # fmt: skip


def answers() -> dict[str, Any]:
    """What lies on the desk."""
    absence = {"person": WANG, "cover": ME, "from": "2026-03-02", "to": "2026-03-06"}
    return {
        "get_desk": desk(),
        "get_catalogue": {
            "did": "demo", "version": "1", "current": True, "built_in": True, "notice": "示例",
            "items": [],
        },
        "community_hot_topics": hot(topic()),
        "list_work_orders": page_of(order()),
        "get_work_order": order(),
        "list_unanswered_posts": page_of(waiting_post()),
        "list_joint_consultations": page_of(table_row()),
        "list_my_joint_consultations": page_of(table_row()),
        "get_joint_consultation": table(),
        "list_referrals": page_of(referral()),
        "get_referral": referral(state="open", answer=None, settled_at=None),
        "list_moderation_cases": page_of(),
        "list_screening_board": page_of(),
        "list_absences": {"items": [absence]},
        "find_duplicates": {
            "items": [
                {"id": OTHER, "post_id": POST, "title": "南门绿地被占", "status": "triaged",
                 "supporters": 3, "similarity": 0.87, "created_at": at(days=-2)}
            ]
        },
        "list_answer_guides": page_of(guide()),
        "get_answer_guide": guide_whole(),
        "list_answer_guide_uses": page_of(
            {"at": at(days=-1), "version": 2, "community_id": SHANGYUAN,
             "community_name": "尚园居民区", "category": "8x", "slot": "X3",
             "outcome": "answered"}
        ),
        "list_minutes": {
            "total": 30,
            "items": [
                {"person_id": "p-wang", "display_name": "居委小王", "minutes": 30, "note": "上门",
                 "at": at(hours=-2)}
            ],
        },
        "list_plans": page_of(plan_row()),
        "get_plan": plan(),
        "list_plan_comments": page_of(comment()),
        "compare_plan_versions": {
            "older": 1, "newer": 2, "older_at": at(days=-8), "newer_at": at(days=-1),
            "changes": [
                {"item": ITEM, "title": "修路灯", "kind": "changed", "field": "text",
                 "before": "换八盏", "after": "换十盏",
                 "words": [{"kind": "same", "text": "换"}, {"kind": "removed", "text": "八盏"},
                           {"kind": "added", "text": "十盏"}]}
            ],
        },
        "list_dead_letters": {
            "items": [
                {"id": "d-1", "queue": "feed.steps", "event_id": None, "event_type": None,
                 "why": "unreadable", "died_at": at(hours=-1), "bytes": 120}
            ],
            "more": False,
        },
    }  # fmt: skip
