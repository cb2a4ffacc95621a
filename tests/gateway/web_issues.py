"""Problems, concerns and plans of a neighbourhood for tests of the pages; see `web_world`."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from services.grid_bridge.domain import handling
from services.grid_bridge.domain.issue import Issue, Status
from tests.gateway.web_pieces import at

CID = SHANGYUAN
ISSUE, OTHER, TOPIC, PLAN, REMARK, TABLE = (demo_id(9, n) for n in (3, 51, 52, 53, 54, 55))
RESIDENT = (
    f"/c/{CID}/report/alike?title=灯",
    f"/c/{CID}/issues?row=mine&q=灯&status=triaged&category=dispose",
    f"/c/{CID}/hot",
    f"/c/{CID}/plans",
    f"/plans/{PLAN}",
)
ELSEWHERE = [f"/plans/{PLAN}/changes"]
"""Opened by tests of its own: it needs a plan with two versions."""


def my_acts(told: dict[str, Any]) -> list[dict[str, Any]]:
    """What its reader may do with a problem that is told so, by the bridge's own rules."""
    merge = told.get("merge")
    found = handling.acts(
        Issue(Status(told.get("status", "reported")), rated=told.get("score") is not None),
        mine=told.get("mine", True),
        merge_asked=bool(merge) and merge["state"] == "asked",
    )
    return [{"act": act, "why_not": why} for act, why in found.items()]


def like(**changes: Any) -> dict[str, Any]:
    return {
        "id": OTHER,
        "post_id": demo_id(9, 1),
        "title": "2号楼前的路灯不亮",
        "status": "triaged",
        "supporters": 2,
        "similarity": 0.82,
        "created_at": at(days=2),
        **changes,
    }


PROFILE: dict[str, Any] = {
    "community": {
        "id": CID, "name": "尚园居民区", "kind": "urban", "path": "demo.yuepu.shangyuan",
        "code12": "310199101001", "district_id": "demo", "district_name": "宝山样例区",
        "town_id": "t", "town_name": "月浦样例镇", "modules": [],
    },
    "electorate": {},
    "register_persons": 10,
    "register_households": 5,
    "estates": [{"id": "e-1", "name": "宝月尚园"}],
    "buildings": [
        {"id": "b-2", "name": "2号楼", "estate": "e-1"},
        {"id": "b-3", "name": "3号楼", "estate": "e-1"},
    ],
}  # fmt: skip


def topic(**changes: Any) -> dict[str, Any]:
    return {
        "id": TOPIC, "concern_id": demo_id(9, 56), "level": "community", "node": CID,
        "month": "2026-02", "version": 1, "rank": 1, "label": "楼道堆物", "words": ["楼道", "纸箱"],
        "people": 14, "messages": None,
        "trend": {"previous": 9, "mean_of_three": 6.3, "burst": 2.1, "direction": "rising"},
        "since": "2025-11", "examples": [{"text": "3号楼堆满旧家具", "issue_id": ISSUE}],
        "actions": [
            {
                "id": demo_id(9, 57), "topic_id": TOPIC, "kind": "campaign", "ref": "清楼道",
                "note": "每周六一次", "starts_at": at(days=9), "ends_at": None,
                "state": "running", "linked_at": at(days=9), "effect": None,
                "effect_from": at(days=-20),
            }
        ],
        **changes,
    }  # fmt: skip


def hot(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "level": "community", "node": CID, "month": "2026-02", "version": 1, "reason": None,
        "published_at": at(days=5), "exact": True, "k": 10, "versions": [1], "items": list(items),
    }  # fmt: skip


def summary(**changes: Any) -> dict[str, Any]:
    return {
        "id": PLAN, "cid": CID, "title": "中心花园怎么改", "state": "open", "version": 2,
        "items": 2, "done": 0, "dropped": 0, "budget_fen": 4_100_050, "spent_fen": 0, "comments": 1,
        "unanswered": None, "opens_at": at(days=2), "closes_at": at(days=-9),
        "comments_open": True, "adopted_at": None, "created_at": at(days=14),
        "updated_at": at(days=2), **changes,
    }  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    return {
        **summary(),
        "summary": "想请大家说说。",
        "content": [
            {
                "key": "k1", "title": "加十张长椅", "text": "每三十米一张。",
                "evidence": [
                    {"kind": "site_visit", "ref": "", "month": None, "issue_ids": [],
                     "count": None, "on": "2026-03-02", "note": "走看"}
                ],
                "owner": {"kind": "committee", "name": ""},
                "budget": {"amount_fen": 1_500_000, "source": "public_revenue", "note": ""},
                "due_on": "2026-09-30", "state": "planned", "spent_fen": 0, "overdue": False,
                "progress": [],
            },
            {
                "key": "k2", "title": "步道加地灯", "text": "", "evidence": [], "owner": None,
                "budget": None, "due_on": None, "state": "planned", "spent_fen": 0,
                "overdue": False, "progress": [],
            },
        ],
        "timeline": [
            {"at": at(days=14), "state": "draft", "version": 1, "actor_role": "secretary",
             "reason": None, "by": None},
            {"at": at(days=13), "state": "open", "version": 1, "actor_role": "secretary",
             "reason": None, "by": None},
            {"at": at(days=6), "state": "draft", "version": 1, "actor_role": "secretary",
             "reason": "按意见修改", "by": None},
            {"at": at(days=2), "state": "open", "version": 2, "actor_role": "secretary",
             "reason": None, "by": None},
        ],
        "may_write": True,
        **changes,
    }  # fmt: skip


def remark(**changes: Any) -> dict[str, Any]:
    return {
        "id": REMARK, "plan_id": PLAN, "version": 2, "item": "k1", "body": "长椅要有扶手",
        "state": "shown",
        "author": {"person_id": "p-lu", "display_name": "老陆", "building_label": "5号楼"},
        "mine": False, "created_at": at(days=1), "answer": "好，写进要求", "answered_at": at(),
        "answered_role": "secretary", "decision_reason": None, **changes,
    }  # fmt: skip


DIFFERENCES: dict[str, Any] = {
    "older": 1, "newer": 2, "older_at": at(days=13), "newer_at": at(days=2),
    "changes": [
        {"item": "k1", "title": "加十张长椅", "kind": "changed", "field": "text",
         "before": "每五十米一张。", "after": "每三十米一张。",
         "words": [{"kind": "removed", "text": "每五十米一张"},
                   {"kind": "added", "text": "每三十米一张"}, {"kind": "same", "text": "。"}]},
        {"item": "k2", "title": "步道加地灯", "kind": "added", "field": None, "before": "",
         "after": "步道加地灯", "words": []},
    ],
}  # fmt: skip


def answers() -> dict[str, Any]:
    """Nothing reads like what is reported; one concern, one plan that lies open."""
    return {
        "find_look_alikes": {"items": []},
        "get_community_profile": PROFILE,
        "community_hot_topics": hot(topic()),
        "list_plans": {"items": [summary()], "next_cursor": None},
        "get_plan": plan(),
        "list_plan_comments": {"items": [remark()], "next_cursor": None},
        "compare_plan_versions": DIFFERENCES,
        "comment_on_plan": remark(mine=True),
        "withdraw_plan_comment": remark(mine=True, state="withdrawn", body=""),
        "me_too": {"supporters": 3, "supported": True, "following": True},
        "withdraw_me_too": {"supporters": 2, "supported": False, "following": False},
        "list_joint_consultations": {"items": [], "next_cursor": None},
    }
