"""Events of one neighbourhood, ready to be told: only what a test cares about is said."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from services.contracts import events as e

E = TypeVar("E", bound=e.Event)
SHANGYUAN = "demo.yuepu.shangyuan"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in China

DEFAULTS: dict[str, Any] = {
    "community_id": "shangyuan",
    "path": SHANGYUAN,
    "post_id": "post",
    "issue_id": "issue",
    "reporter_id": "sun",
    "actor_id": "wang",
    "actor_role": "committee_staff",
    "author_id": "sun",
    "post_author_id": "sun",
    "comment_id": "comment",
    "module": "mutual_aid",
    "title": "商铺占用绿化带",
    "body": "绿化带被占了",
    "membership_id": "membership",
    "person_id": "sun",
    "status": "active",
    "by": "committee",
    "category": "8x",
    "slot": "S1",
    "due_at": NOON,
    "was_due_at": NOON,
    "reported_at": NOON,
    "at": NOON,
    "outcome": "answered",
    "step": "talk",
    "note": "",
    "reason": "",
    "urgent": False,
    "work_order_no": "BS20260302000001",
    "state": "dispatched",
    "department": "城管",
    "result": "grid_closed",
    "score": 5,
    "solved": True,
    "level": "committee",
    "grant_id": "grant",
    "role": "committee_staff",
    "standing": "active",
    "display_name": "孙奶奶",
    "name": "尚园居民区",
    "kind": "urban",
    "code12": "310113000001",
    "district_id": "demo",
    "district_name": "宝山样例区",
    "town_id": "yuepu",
    "town_name": "月浦样例镇",
    "sign_up_id": "sign-up",
    "organiser_id": "wang",
    "handshake_id": "handshake",
    "asker_id": "lu",
    "case_id": "case",
    "target": "post",
    "target_id": "post",
    "opened_by": "report",
    "decision": "take_down",
    "decided_by": "wang",
    "silence_id": "silence",
    "until": NOON,
    "question_id": "question",
    "referral_id": "referral",
    "consultation_id": "consultation",
    "party": "property",
    "words": "已修好",
    "other_issue_id": "other-issue",
    "other_post_id": "other-post",
    "side": "merged",
    "assignee_id": "lu",
    "answered_by": "wang",
    "plan_id": "plan",
    "plan_title": "尚园 2026 年方案",
    "plan_version": 1,
    "topic_id": "topic",
    "convener": "residents_committee",
    "was": "raised",
    "covenant_id": "covenant",
    "breach_id": "breach",
    "version": 1,
    "change": "new",
    "was_convener": "residents_committee",
    "into_id": "other-topic",
    "into_title": "电动车充电",
    "seconder_ids": ["lu"],
    "deadline_at": NOON,
    "objection_id": "objection",
    "objector_id": "lu",
    "poll_id": "poll",
    "opens_at": NOON,
    "closes_at": NOON,
    "roll_size": 100,
    "passed": True,
    "certificate_hash": "0" * 64,
    "survey_id": "survey",
    "part": "seconded",
}

OWN: dict[type[e.Event], dict[str, Any]] = {
    e.SelfGovernanceRecorded: {"outcome": None},
    e.TopicAdvanced: {"state": "screened", "step": "advanced", "outcome": None},
    e.TopicHandedOver: {"convener": "owners_committee"},
    e.TopicOverdue: {"state": "raised"},
    e.ObjectionFiled: {"kind": "text", "author_id": "sun"},
    e.PostUnanswered: {"standing": "at_risk"},
    e.ReferralChanged: {"department": None, "state": "open"},
    e.MergeChanged: {"state": "asked"},
    e.JointConsultationChanged: {"what": "opened"},
    e.AuthorSeen: {"reason": "handling"},
    e.ReporterSeen: {"reason": "handling"},
    e.BreachReporterSeen: {"reason": "handling"},
    e.SignUpChanged: {"state": "in"},
    e.HandshakeChanged: {"kind": "need", "state": "asked", "by": "lu"},
    e.PlanChanged: {"state": "open"},
    e.PlanCommentAnswered: {"decision": "answered"},
    e.ProjectAdvanced: {"step": "approve", "state": "approved"},
}


def say(event: type[E], **facts: Any) -> E:
    """An event of this type with ``facts``; whatever it needs besides is made up."""
    said = {**OWN.get(event, {}), **facts}
    values = {
        name: DEFAULTS[name]
        for name, field in event.model_fields.items()
        if field.is_required() and name not in said
    }
    return event(**{**values, **said})
