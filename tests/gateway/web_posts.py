"""Posts, threads and what one minds, for tests of the pages; see `web_world`."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.web_pieces import at

CID = SHANGYUAN
POST, COMMENT, CASE, DISTANCE, PERSON = (demo_id(9, n) for n in (1, 2, 61, 62, 63))
HERE = f"/posts/{POST}"
RESIDENT = (
    f"/c/{CID}/m/nearby?mine=1&state=waiting",
    f"/c/{CID}/m/nearby?tag=树&order=active",
    f"/c/{CID}/m/guides",
    f"/c/{CID}/m/nearby/new?thanks={POST}",
    f"{HERE}?comment={COMMENT}",
    f"{HERE}?under={COMMENT}",
    f"{HERE}/versions",
    f"{HERE}/more",
    f"{HERE}/more?done=reported",
    f"{HERE}/comments/{COMMENT}",
    "/me/distances",
    "/me/cases",
)
ELSEWHERE = [f"{HERE}/edit"]
"""Opened by tests of its own: it needs a post of mine."""


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": POST,
        "kind": "post",
        "title": "小区门口的树开花了",
        "community_id": CID,
        "link": HERE,
        "part": "spoke",
        "chosen": False,
        "why": "因为您参与了这个话题",
        "muted": False,
        **changes,
    }


def version(number: int, *changes: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {
        "version": number,
        "title": "小区门口的树开花了",
        "body": "大家路过都看看，真好看。",
        "extra": {},
        "tags": [],
        "attachments": [],
        "written_at": at(hours=number),
        "changes": list(changes),
        **said,
    }


def distance(**changes: Any) -> dict[str, Any]:
    return {
        "id": DISTANCE,
        "kind": "mute",
        "person": {
            "id": PERSON,
            "display_name": "大嗓门",
            "building_label": "5号楼",
            "badge_shown": False,
            "role_badges": [],
            "anonymous": False,
        },
        "post_id": None,
        "comment_id": None,
        "since": at(days=2),
        **changes,
    }


def case(**changes: Any) -> dict[str, Any]:
    return {
        "id": CASE,
        "community_id": CID,
        "module": "nearby",
        "target": "post",
        "target_id": POST,
        "post_id": POST,
        "title": "小区门口的树开花了",
        "content_state": "taken_down",
        "state": "decided",
        "decision": "take_down",
        "reason": "有别人的电话号码",
        "decided_at": at(hours=5),
        "appeal_until": at(days=-10),
        "appeal": "",
        "appealed_at": None,
        "final_decision": None,
        "final_reason": "",
        "final_at": None,
        **changes,
    }


def silence(**changes: Any) -> dict[str, Any]:
    return {
        "id": demo_id(9, 64),
        "community_id": CID,
        "person_id": PERSON,
        "display_name": "孙奶奶",
        "reason": "多次骂人",
        "since": at(days=1),
        "until": at(days=-2),
        "ended_at": None,
        **changes,
    }


def answers() -> dict[str, Any]:
    """What concerns posts on a quiet afternoon."""
    return {
        "list_post_versions": {
            "items": [
                version(
                    2,
                    {
                        "field": "body",
                        "pieces": [
                            {"op": "same", "text": "大家路过都看看，"},
                            {"op": "removed", "text": "好看。"},
                            {"op": "added", "text": "真好看。"},
                        ],
                    },
                ),
                version(1, body="大家路过都看看，好看。"),
            ],
            "next_cursor": None,
        },
        "list_subscriptions": {"items": [], "next_cursor": None},
        "follow_thread": subscription(),
        "unfollow_thread": {},
        "mute_thread": {"id": POST, "title": None, "removed": False, "muted_at": at()},
        "unmute_thread": {},
        "delete_post": {},
        "delete_comment": {},
        "like_comment": {"like_count": 1, "liked_by_me": True},
        "unlike_comment": {"like_count": 0, "liked_by_me": False},
        "keep_from_author": distance(),
        "keep_from_commenter": distance(),
        "drop_distance": {},
        "report_content": _report("post", POST),
        "report_comment": _report("comment", COMMENT),
        "list_my_distances": {"items": [distance()], "next_cursor": None},
        "list_my_cases": {"items": [case()], "next_cursor": None},
        "list_my_silences": {"items": [silence()], "next_cursor": None},
        "appeal": case(state="appealed", appeal="请再看看", appeal_until=None),
    }


def _report(target: str, target_id: str) -> dict[str, Any]:
    return {
        "id": CASE,
        "target": target,
        "target_id": target_id,
        "kind": "insult",
        "reported_at": at(),
    }
