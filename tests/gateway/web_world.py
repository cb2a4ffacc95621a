"""A neighbourhood for tests of the pages: answers of the services as the contract has them."""

from collections.abc import Callable
from typing import Any

from services.contracts.actor import Role
from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway import (
    web_content,
    web_desk,
    web_desk_house,
    web_desk_people,
    web_desk_polls,
    web_desk_topics,
    web_figures,
    web_issues,
    web_neighbours,
    web_news,
    web_paper,
    web_posts,
    web_topics,
    web_votes,
)
from tests.gateway.fakes import PERSON, Asked, FakeVerifier
from tests.gateway.web_pieces import at, page_of

CID = SHANGYUAN
POST, COMMENT, ISSUE, NEWS, REQUEST, PHOTO = (demo_id(9, n) for n in range(1, 7))
QR = "qr-token-of-shangyuan"
PLACE = {"id": CID, "name": "尚园居民区", "kind": "urban"}


def author(name: str = "孙奶奶", **changes: Any) -> dict[str, Any]:
    return {
        "id": PERSON,
        "display_name": name,
        "building_label": "3号楼",
        "badge_shown": False,
        "role_badges": [],
        "anonymous": False,
        **changes,
    }


def photo(photo_id: str = PHOTO) -> dict[str, Any]:
    url = f"/api/v1/uploads/{photo_id}"
    return {
        "id": photo_id,
        "url": url,
        "thumbnail_url": f"{url}/thumbnail",
        "content_type": "image/jpeg",
        "bytes": 1200,
        "sha256": "ab" * 32,
    }


def post(**changes: Any) -> dict[str, Any]:
    return {
        "id": POST,
        "community_id": CID,
        "module": "nearby",
        "title": "小区门口的树开花了",
        "body": "大家路过都看看，真好看。",
        "body_cut": False,
        "author": author(),
        "assisted_by": None,
        "author_role": None,
        "official": False,
        "mine": False,
        "hide_name": False,
        "extra": {},
        "attachments": [photo()],
        "pinned": False,
        "issue_id": None,
        "like_count": 3,
        "liked_by_me": False,
        "comment_count": 1,
        "created_at": at(minutes=12),
        "edited_at": None,
        "expires_at": None,
        "state": "shown",
        "extra_cut": False,
        "aid": None,
        "signs_up": False,
        "tags": [],
        "praised": None,
        "answers": [],
        "version": 1,
        "checked_at": None,
        "check_by": None,
        "stale": False,
        **changes,
    }


def comment(**changes: Any) -> dict[str, Any]:
    return {
        "id": COMMENT,
        "post_id": POST,
        "body": "真不错",
        "author": author("老陆", badge_shown=True, role_badges=["party_member"]),
        "actor_role": None,
        "official": False,
        "by_post_author": False,
        "mine": False,
        "step": None,
        "reply_to": None,
        "reply_to_name": None,
        "root_id": None,
        "state": "shown",
        "muted": False,
        "pinned": False,
        "like_count": 0,
        "liked_by_me": False,
        "reply_count": 0,
        "replies": [],
        "attachments": [],
        "created_at": at(minutes=5),
        **changes,
    }


SUGGESTION = {
    "category": "8x",
    "slot": "X3",
    "confidence": 0.82,
    "candidates": [
        {"category": "8x", "slot": "X3", "confidence": 0.82},
        {"category": "dispose", "slot": None, "confidence": 0.11},
    ],
    "reasons": ["绿化带", "占用"],
    "code": "06045",
    "department": "绿化市容",
    "urgent": False,
    "dangers": [],
    "model_version": "1",
}


def issue(**changes: Any) -> dict[str, Any]:
    return {
        "id": ISSUE,
        "post_id": POST,
        "community_id": CID,
        "title": "商铺占用绿化带",
        "body": "南门的水果店把货堆在绿化带上。",
        "status": "reported",
        "category": None,
        "slot": None,
        "slot_name": None,
        "standard_code": None,
        "suggestion": None,
        "promise": {
            "due_at": at(hours=-20),
            "paused": False,
            "stage": "first_response",
            "overdue": False,
            "provisional": False,
            "at_risk": False,
            "told_to": None,
        },
        "work_order_no": None,
        "outcome": None,
        "location": {"address": "南门", "lng": None, "lat": None, "crs": "WGS84"},
        "attachments": [photo()],
        "hide_name": False,
        "reporter": {"person_id": PERSON, "display_name": "孙奶奶", "building_label": "3号楼"},
        "assisted_by": None,
        "mine": True,
        "score": None,
        "source": "app",
        "supporters": 0,
        "supported": False,
        "merge": None,
        "undertaking_due_at": None,
        "last_step": None,
        "assignee": None,
        "covered_by": None,
        "minutes": None,
        "acts": ["triage", "merge"],
        "referral_id": None,
        "my_acts": web_issues.my_acts(changes),
        "consultation_id": None,
        "created_at": at(hours=2),
        "updated_at": at(hours=2),
        "timeline": [
            {
                "at": at(hours=2),
                "kind": "reported",
                "actor_role": "resident",
                "text": "已上报，等待居委会受理",
                "attachments": [],
            }
        ],
        **changes,
    }


MODULES = {
    "items": [
        {
            "key": key,
            "name": name,
            "name_en": name_en,
            "official": key == "announcements",
            "order": "title" if key == "guides" else "newest",
            "moderation": "post",
            "works": [],
            "own": False,
            "shows_membership": False,
            "fields": [
                {
                    "key": "slots", "kind": "slots", "name": "每周时段",
                    "name_en": "Weekly hours", "choices": [], "lines": False,
                },
            ]
            if key == "mutual_aid"
            else [],
            "may_post": key != "announcements",
            "may_comment": True,
            "may_moderate": False,
        }
        for key, name, name_en in (
            ("announcements", "公告", "Announcements"),
            ("party", "党建园地", "Party garden"),
            ("guides", "办事指南", "Service guides"),
            ("hall", "议事厅", "Assembly hall"),
            ("nearby", "身边事", "Nearby"),
            ("services", "社区服务", "Community services"),
            ("mutual_aid", "互助", "Mutual aid"),
            ("neighbours", "邻里交流", "Neighbours"),
            ("idle", "闲置物品", "Idle things"),
        )
    ]
}  # fmt: skip


def role(name: str) -> dict[str, Any]:
    return {
        "id": f"role-{name}",
        "person_id": PERSON,
        "role": name,
        "scope": "demo.yuepu.shangyuan",
        "scope_name": "尚园居民区",
        "community": PLACE,
        "expires_at": None,
    }


def membership(status: str = "active", **changes: Any) -> dict[str, Any]:
    return {
        "id": "m-1",
        "status": status,
        "relation": "owner",
        "community": PLACE,
        "estate": {"id": "e-1", "name": "宝月尚园"},
        "building": {"id": "b-3", "name": "3号楼"},
        "unit": None,
        "room": "502",
        "requested_at": at(days=3),
        "reason": None,
        **changes,
    }


def me(*roles: str, memberships: list[dict[str, Any]] | None = None, **changes: Any) -> Any:
    return {
        "person": {"id": PERSON, "display_name": "孙奶奶"},
        "memberships": [membership()] if memberships is None else memberships,
        "roles": [role(name) for name in roles],
        "badges": [],
        "totp": {"enrolled": False, "required": False},
        "wechat_bound": False,
        "recovery": None,
        **changes,
    }


TARGET = {
    "community": PLACE,
    "estate": {"id": "e-1", "name": "宝月尚园"},
    "buildings": [
        {"id": "b-1", "name": "1号楼", "units": [{"id": "u-1", "name": "1单元"}]},
        {"id": "b-3", "name": "3号楼", "units": []},
    ],
    "relations": ["owner", "family", "tenant"],
}
OTPAUTH = (
    "otpauth://totp/%E7%A4%BE%E5%8C%BA%E9%80%9A:%E5%AD%99%E5%A5%B6%E5%A5%B6"
    "?secret=GEZDGNBVGY3TQOJQ&issuer=%E7%A4%BE%E5%8C%BA%E9%80%9A"
)
TOKENS = {
    "access_token": "fresh-access",
    "refresh_token": "fresh-refresh",
    "expires_in": 900,
    "token_type": "Bearer",
    "person": {"id": PERSON, "display_name": "孙奶奶"},
}


def news(**changes: Any) -> dict[str, Any]:
    return {
        "id": NEWS,
        "kind": "issue_answered",
        "title": "居委会答复了「商铺占用绿化带」",
        "body": "请评价",
        "link": f"/issues/{ISSUE}",
        "why": "因为这是您反映的问题",
        "read": False,
        "created_at": at(minutes=3),
        "lane": "ordinary",
        "about": "mine",
        "may_mute": False,
        "thread": None,
        **changes,
    }


def inbox(*items: Any, unread: int = 1, **more: Any) -> dict[str, Any]:
    return page_of(*items, unread=unread, **{"quiet": False, "counts": None, **more})


def request_to_join(**changes: Any) -> dict[str, Any]:
    return {
        "id": REQUEST,
        "status": "pending",
        "person": {"id": PERSON, "display_name": "邻居"},
        "relation": "tenant",
        "estate": {"id": "e-1", "name": "宝月尚园"},
        "building": {"id": "b-3", "name": "3号楼"},
        "unit": None,
        "room": "502",
        "real_name": "张*",
        "id_number": "310***********001X",
        "phone": "139****0001",
        "finding": "not_on_register",
        "finding_text": "名册中该地址没有此姓名",
        "residence": "local",
        "verified_by": None,
        "requested_by": None,
        "requested_at": at(hours=1),
        "expires_at": None,
        "decided_at": None,
        "reason": None,
        "birth_year": 1990,
        "beside": web_desk_people.beside(web_desk_people.entry_beside()),
        **changes,
    }


def consent(**changes: Any) -> dict[str, Any]:
    return {
        "id": "consent-1",
        "purpose": "real_name",
        "text": "同意用姓名和身份证号核实身份。",
        "notice": "2026-11",
        "needed": True,
        "given_at": at(days=3),
        "given_by": {"id": PERSON, "display_name": "孙奶奶"},
        "withdrawn_at": None,
        **changes,
    }


def correction(**changes: Any) -> dict[str, Any]:
    return {
        "id": "correction-1",
        "status": "pending",
        "person": {"id": PERSON, "display_name": "孙奶奶"},
        "field": "real_name",
        "old": "孙**",
        "new": "孙**",
        "reason": "有误",
        "requested_at": at(days=1),
        "decided_at": None,
        "answer": None,
        **changes,
    }


def answers() -> dict[str, Any]:
    """A quiet afternoon in 尚园."""
    return {
        "get_me": me(),
        "list_modules": MODULES,
        "list_posts": page_of(post()),
        "get_post": post(),
        "list_comments": page_of(comment()),
        "create_post": post(),
        "update_post": post(mine=True, edited_at=at(), version=2),
        "create_comment": comment(),
        "like": {"like_count": 4, "liked_by_me": True},
        "unlike": {"like_count": 3, "liked_by_me": False},
        "list_issues": page_of(*({k: v for k, v in issue().items() if k != "timeline"},)),
        "get_issue": issue(),
        "report_issue": {"id": ISSUE, "post_id": POST, "status": "reported"},
        "list_notifications": inbox(news()),
        "count_unread": {"unread": 1},
        "mark_notifications_read": {"unread": 0},
        "list_communities": page_of(),
        "list_my_access_log": page_of(),
        "list_my_consents": page_of(consent()),
        "list_my_corrections": page_of(correction()),
        "give_consent": consent(id="consent-2", purpose="grid_platform", needed=False),
        "withdraw_consent": {},
        "request_correction": correction(),
        "list_corrections": page_of(correction()),
        "decide_correction": correction(status="approved", old="—", new="—"),
        "delete_me": {},
        "resolve_qr": TARGET,
        "request_membership": {"id": "m-1", "status": "pending"},
        "list_membership_requests": page_of(request_to_join()),
        "decide_membership": {"id": REQUEST, "status": "active"},
        "count_membership_requests": {"pending": 2},
        "list_catalogue": {
            "version": "1",
            "notice": "示例目录，非官方发布",
            "items": [
                {"slot": "S1", "name": "损坏承重结构", "department": "房管部门"},
                {"slot": "X3", "name": "毁绿占绿", "department": "绿化市容管理部门"},
            ],
        },
        "create_token": TOKENS,
        "refresh_token": TOKENS,
        "request_code": {"expires_in": 300},
        "enrol_totp": {"secret": "GEZDGNBVGY3TQOJQ", "otpauth_url": OTPAUTH},
        "confirm_totp": {"codes": [f"K7QD-XW3M-APT6-RZ{n:02d}" for n in range(10)]},
        "remove_totp": {},
        "cancel_recovery": {},
        "advance_clock": {"now": at(), "offset_seconds": 0},
        **web_figures.answers(),
        **web_desk_house.answers(),
        **web_posts.answers(),
        **web_topics.answers(),
        **web_votes.answers(),
        **web_paper.answers(),
        **web_issues.answers(),
        **web_news.answers(),
        **web_desk.answers(),
        **web_desk_polls.answers(),
        **web_desk_people.answers(),
        **web_content.answers(),
        **web_desk_topics.answers(),
        **web_neighbours.answers(),
    }


def renewing(verifier: FakeVerifier, *roles: Role, **token: Any) -> Callable[[Asked], Any]:
    """Identity's answer to a refresh token: a pair whose access token counts."""

    def answer(_: Asked) -> dict[str, Any]:
        return {**TOKENS, "access_token": verifier.token(*roles, **token)}

    return answer
