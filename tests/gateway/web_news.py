"""News and emergencies as the contract has them; and where their pages are."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.web_pieces import at

FIRE, DIGEST, BROWSER, DOOR, ESTATE, BUILDING, THREAD, NEWS = (demo_id(7, n) for n in range(1, 9))
RESIDENT = (
    "/me/notifications?about=mine",
    "/me/notifications?about=duty&cursor=next",
    "/me/notifications/settings",
    "/me/notifications/settings?done=code",
    "/me/digests",
    f"/digests/{DIGEST}",
    f"/emergencies/{FIRE}",
)
STAFF = (
    "/console/emergencies",
    "/console/emergencies/new",
    f"/console/emergencies/new?estate={ESTATE}&drill=1",
    f"/console/emergencies/{FIRE}",
    f"/console/emergencies/{FIRE}/counts",
    f"/console/emergencies/{FIRE}/doors",
    f"/console/emergencies/{FIRE}/doors?state=help&building=3号楼",
    f"/console/emergencies/{FIRE}/report",
    "/console/robot",
)


def wishes(**changes: Any) -> dict[str, Any]:
    chosen = {
        "channels": ["in_app", "live"],
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "muted_kinds": [],
        "daily_budget": 10,
        "digest": "daily",
        "language": "zh",
    }
    kinds = [
        ("comment", "评论和回复", "mine", "ordinary", True),
        ("issue_answered", "问题的答复", "mine", "ordinary", True),
        ("announcement", "社区公告", "followed", "ordinary", True),
        ("emergency", "紧急情况", "followed", "emergency", False),
        ("issue_reported", "新反映的问题", "duty", "duty", False),
    ]
    return {
        **chosen,
        "chosen": False,
        "kinds": [
            {
                "kind": kind, "title": title, "about": about, "lane": lane, "may_mute": may,
                "muted": kind in changes.get("muted_kinds", ()),
            }
            for kind, title, about, lane, may in kinds
        ],
        "defaults": chosen,
        **changes,
    }  # fmt: skip


def ways(**offered: bool) -> dict[str, Any]:
    return {
        "items": [
            {
                "channel": name,
                "offered": offered.get(name, name != "wechat"),
                "ready": False,
                "chosen": False,
                "shown": None,
            }
            for name in ("web_push", "sms", "wechat", "mail")
        ]
    }


def my_emergency(**changes: Any) -> dict[str, Any]:
    return {
        "id": FIRE,
        "scope": "community",
        "place": "尚园居民区",
        "title": "1号楼火情",
        "message": "请从2号楼梯下楼，到广场集合。",
        "latest": "请从2号楼梯下楼，到广场集合。",
        "drill": False,
        "state": "open",
        "called_at": at(minutes=4),
        "closed_at": None,
        "asked": True,
        "answer": None,
        "household": None,
        **changes,
    }


def answered(state: str = "safe", **changes: Any) -> dict[str, Any]:
    said = {"need": None, "note": None, "whole": True, "at": at(minutes=1)}
    return {"state": state, **said, **changes}


def emergency(**changes: Any) -> dict[str, Any]:
    return {
        "id": FIRE,
        "scope": "community",
        "community_id": SHANGYUAN,
        "place": "尚园居民区",
        "title": "1号楼火情",
        "message": "请从2号楼梯下楼，到广场集合。",
        "drill": False,
        "state": "open",
        "called_by_role": "secretary",
        "called_at": at(minutes=4),
        "closed_at": None,
        "told": 512,
        "doors": "ready",
        "doors_as_of": at(minutes=4),
        **changes,
    }


def heads(**changes: int) -> dict[str, Any]:
    return {
        "households": 20, "people": 51, "silent": 12, "safe": 7, "help": 1, "absent": 0,
        "moved": 0, "people_silent": 30, "people_safe": 19, "people_help": 2, "withheld": False,
        **changes,
    }  # fmt: skip


def figures(**changes: Any) -> dict[str, Any]:
    may = {"may_lead": True, "may_knock": True}
    return {**emergency(), "headcount": heads(), **may, **changes}


COUNTS = {
    "total": heads(),
    "buildings": [{**heads(), "building": name} for name in ("1号楼", "3号楼")],
}


def broadcast(**changes: Any) -> dict[str, Any]:
    return {
        "id": NEWS,
        "kind": "call",
        "to": "all",
        "text": "请从2号楼梯下楼，到广场集合。",
        "by_role": "secretary",
        "at": at(minutes=4),
        "told": 512,
        "done": True,
        **changes,
    }


def report(**changes: Any) -> dict[str, Any]:
    return {
        "emergency": emergency(),
        "as_of": at(minutes=0),
        "final": False,
        "headcount": heads(),
        "buildings": COUNTS["buildings"],
        "needs": [{"need": "medical", "households": 1}],
        "heard_within": {"15": 5, "30": 8, "60": 8},
        "by_phone": 6,
        "at_the_door": 2,
        "late": 0,
        "broadcasts": [broadcast()],
        **changes,
    }


def door(**changes: Any) -> dict[str, Any]:
    return {
        "household": DOOR,
        "building": "3号楼",
        "unit": "1单元",
        "room": "502",
        "floor": 5,
        "name": None,
        "people": 3,
        "state": "silent",
        "need": None,
        "note": None,
        "heard_at": None,
        "tick": None,
        **changes,
    }


def called(**changes: Any) -> dict[str, Any]:
    looked = {"emergency": None, "told": 512, "households": 20, "people": 51, "confirm": "c0nf1rm"}
    return {**looked, **changes}


def subscription(**changes: Any) -> dict[str, Any]:
    return {
        "id": THREAD,
        "kind": "topic",
        "title": "给3号楼装电梯",
        "community_id": SHANGYUAN,
        "link": f"/topics/{THREAD}",
        "part": "spoke",
        "chosen": False,
        "why": "因为您参与了这个议题的讨论",
        "muted": False,
        **changes,
    }


def muted(**changes: Any) -> dict[str, Any]:
    return {
        "id": demo_id(7, 9),
        "title": "楼道灯坏了",
        "removed": False,
        "muted_at": at(days=2),
        **changes,
    }


def digest_item() -> dict[str, Any]:
    return {
        "id": NEWS,
        "kind": "comment",
        "title": "老陆评论了「电梯」",
        "body": "",
        "link": f"/posts/{THREAD}",
        "why": "因为这是您发布的内容",
        "read": False,
        "created_at": at(hours=5),
        "lane": "ordinary",
        "about": "mine",
        "may_mute": True,
        "thread": None,
    }


def place(kind: str, place_id: str, name: str) -> dict[str, Any]:
    return {
        "id": place_id, "name": name, "kind": kind, "path": f"demo.x.{place_id}", "code12": None,
        "community_kind": None, "floor_area": None, "has_children": True, "children": 2,
        "lng": None, "lat": None, "closed_at": None,
    }  # fmt: skip


def answers() -> dict[str, Any]:
    """A quiet day, but for a fire."""
    summary = {"id": DIGEST, "rhythm": "daily", "count": 1, "made_at": at(hours=2)}
    browser = {"id": BROWSER, "label": "我的手机", "created_at": at(days=1), "reached_at": None}

    def page(*items: Any) -> dict[str, Any]:
        return {"items": list(items), "next_cursor": None}

    return {
        "get_notification_preferences": wishes(),
        "put_notification_preferences": wishes(chosen=True),
        "list_my_channels": ways(),
        "get_push_key": {"public_key": "BPush-Key_of-this-place"},
        "list_push_subscriptions": {"items": [browser]},
        "put_push_subscription": browser,
        "delete_push_subscription": {},
        "test_push_subscription": {},
        "list_muted_threads": page(muted()),
        "list_subscriptions": page(subscription()),
        "mute_thread": muted(),
        "unmute_thread": {},
        "follow_thread": subscription(chosen=True),
        "unfollow_thread": {},
        "request_mail_address": {"shown": "s***@example.org"},
        "confirm_mail_address": {"shown": "s***@example.org"},
        "remove_mail_address": {},
        "list_digests": page(summary),
        "get_digest": {
            **summary,
            "kinds": [{"kind": "comment", "title": "评论和回复", "count": 1}],
            "items": [digest_item()],
            "next_cursor": None,
        },
        "list_my_emergencies": {"items": [my_emergency()]},
        "answer_emergency": my_emergency(answer=answered()),
        "list_emergencies": page(emergency()),
        "get_emergency": figures(),
        "get_headcount": COUNTS,
        "get_emergency_report": report(),
        "list_doors": page(door()),
        "tick_doors": {"results": [{"key": DOOR, "outcome": "done", "code": None}]},
        "tell_emergency": broadcast(kind="update"),
        "close_emergency": emergency(state="closed", closed_at=at(minutes=0)),
        "take_doors": emergency(doors="reading"),
        "call_emergency": called(),
        "list_places": page(
            place("estate", ESTATE, "宝月尚园"), place("building", BUILDING, "3号楼")
        ),
        "get_robot": {"offered": True, "shown": "a1b2****", "set_by": None, "set_at": at(days=3)},
        "put_robot": {"offered": True, "shown": "a1b2****", "set_by": None, "set_at": at(days=0)},
        "delete_robot": {},
        "test_robot": {},
    }
