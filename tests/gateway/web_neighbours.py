"""Events, aid, projects, the garden and accounts, for tests of the pages; see `web_world`."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.web_pieces import at, page_of

CID = SHANGYUAN
POST, PERSON, OTHER, SHAKE, ENTRY, LINE = (demo_id(9, n) for n in (1, 63, 81, 82, 83, 84))
HERE = f"/posts/{POST}"
RESIDENT = (
    f"{HERE}/check-in",
    f"{HERE}/sign-up/code",
    f"{HERE}/sign-ups",
    "/me/sign-ups",
    f"{HERE}/matches",
    "/me/handshakes",
    "/me/handshakes?all=1",
    f"/handshakes/{SHAKE}",
    f"/c/{CID}/projects",
    f"{HERE}/project",
    f"{HERE}/project/hours",
    f"{HERE}/project/money",
    "/me/hours",
    f"/c/{CID}/ledgers",
    f"{HERE}/ledger",
)
STAFF = ("/console/aid", "/console/ledgers")
ELSEWHERE = (
    f"{HERE}/sign-up/terms",
    f"{HERE}/project/application",
    f"/console/ledgers/{POST}",
    f"/c/{CID}/party",
    f"{HERE}/event.ics",
)
"""Opened by tests of their own: they need a post of mine, a garden; or are a file."""


def person(name: str = "老陆", **changes: Any) -> dict[str, Any]:
    return {
        "id": OTHER,
        "display_name": name,
        "building_label": "5号楼",
        "badge_shown": False,
        "role_badges": [],
        "anonymous": False,
        **changes,
    }


def my_part(**changes: Any) -> dict[str, Any]:
    return {
        "id": ENTRY,
        "state": "in",
        "heads": 1,
        "note": "",
        "stall": None,
        "place_in_line": None,
        "shares_with": [],
        "invited_by": None,
        "assisted_by": None,
        "signed_at": at(hours=2),
        "moved_up_at": None,
        "checked_in_at": None,
        **changes,
    }


def event(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": POST,
        "unit": "person",
        "capacity": 6,
        "heads_each": 1,
        "shareable": False,
        "opens_at": None,
        "deadline": None,
        "starts_at": at(days=-3),
        "ends_at": at(days=-3, hours=-2),
        "closed": False,
        "taken": 4,
        "waiting": 0,
        "parties": 4,
        "heads": 4,
        "checked_in": 0,
        "full": False,
        "may_sign_up": True,
        "why_not": None,
        "may_manage": False,
        "code": None,
        "mine": None,
        **changes,
    }


def sign_up(**changes: Any) -> dict[str, Any]:
    return {
        "id": ENTRY,
        "person": person(),
        "state": "in",
        "heads": 2,
        "note": "带孙子",
        "place_id": ENTRY,
        "stall": None,
        "place_in_line": None,
        "invited_by": None,
        "assisted_by": None,
        "signed_at": at(hours=3),
        "moved_up_at": None,
        "checked_in_at": None,
        **changes,
    }


def shake(**changes: Any) -> dict[str, Any]:
    return {
        "id": SHAKE,
        "post_id": POST,
        "community_id": CID,
        "title": "能帮忙换灯泡",
        "kind": "offer",
        "state": "asked",
        "role": "asker",
        "author": person(),
        "asker": person("孙奶奶", id=PERSON),
        "helper": "author",
        "helped_count": 3,
        "minors": False,
        "note": "明天上午行吗？",
        "slots": [{"weekday": 6, "from": "09:00", "to": "11:00"}],
        "thanks": "",
        "done_by": None,
        "missed_by": None,
        "asked_at": at(hours=5),
        "changed_at": at(hours=5),
        "due_at": at(days=-6),
        "object_by": None,
        **changes,
    }


def action(step: str, *, may: bool = True) -> dict[str, Any]:
    no = {"code": "feed.not_your_step", "zh": "这一步应由对方操作", "en": "The other one's step"}
    return {"step": step, "may": may, "why_not": None if may else no}


def story(**changes: Any) -> dict[str, Any]:
    return {
        **shake(),
        "steps": [
            {"state": "asked", "by": "asker", "note": "明天上午行吗？", "at": at(hours=5)},
        ],
        "actions": [action("agree", may=False), action("decline", may=False), action("cancel")],
        "advice": [],
        **changes,
    }


def aid(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": POST,
        "kind": "offer",
        "skill_kind": "repairs",
        "any_time": False,
        "minors": False,
        "state": "open",
        "open": True,
        "helped_count": 3,
        "advice": [],
        "thanked_count": 1,
        "thanks": [{"by": person("敏敏"), "to": person(), "text": "帮了大忙", "at": at(days=2)}],
        "my_handshake": None,
        **changes,
    }


ADVICE = [{"zh": "尽量在活动室见面。", "en": "Meet in the activity room."}]
HOURS = {"confirmed": "12.50", "waiting": "2.00"}
MONEY = {"income": "600.00", "spending": "374.50", "balance": "225.50"}


def line_of_project(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": POST,
        "community_id": CID,
        "title": "把旧自行车修好",
        "lead": person(),
        "state": "recruiting",
        "wanted": 6,
        "volunteers": 2,
        "budget": "600.00",
        "place": "一号楼车棚",
        "until": None,
        "hours": HOURS,
        "money": MONEY,
        "applied_at": at(days=9),
        "changed_at": at(days=1),
        **changes,
    }


def act(name: str, *, may: bool = True) -> dict[str, Any]:
    no = {"code": "feed.project_full", "zh": "志愿者已经招满", "en": "All volunteers are found"}
    return {"action": name, "may": may, "why_not": None if may else no}


def project(*actions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **line_of_project(),
        "mine": False,
        "volunteering": False,
        "steps": [
            {
                "id": ENTRY,
                "step": "approve",
                "by": person("居委小王"),
                "actor_role": "committee_staff",
                "note": "同意",
                "attachments": [],
                "at": at(days=8),
            }
        ],
        "actions": list(actions) or [act("join"), act("log_hours", may=False)],
        **changes,
    }


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": ENTRY,
        "post_id": POST,
        "person": person(),
        "mine": False,
        "hours": "2.50",
        "on_date": "2026-03-01",
        "note": "修车",
        "confirmed_at": None,
        "may_confirm": False,
        "logged_at": at(days=1),
        **changes,
    }


def money(**changes: Any) -> dict[str, Any]:
    return {
        "id": LINE,
        "post_id": POST,
        "kind": "spending",
        "amount": "236.50",
        "subject": "内外胎十二副",
        "on_date": "2026-03-01",
        "note": "",
        "attachments": [],
        "cancels": None,
        "cancelled": False,
        "at": at(days=1),
        **changes,
    }


def ledger(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": POST,
        "community_id": CID,
        "module": "village_affairs",
        "kind": "collective",
        "title": "一季度集体收支",
        "starts_on": "2026-01-01",
        "ends_on": "2026-03-31",
        "state": "published",
        "opening": "1000.00",
        "income": "30000.00",
        "spending": "8120.50",
        "closing": "22879.50",
        "assets": "0.00",
        "liabilities": "0.00",
        "lines": 2,
        "corrected": 0,
        "published_at": at(days=2),
        "check": None,
        "may_write": False,
        "may_publish": False,
        "may_correct": False,
        "may_check": False,
        **changes,
    }


def ledger_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "section": "income",
        "on_date": "2026-01-12",
        "subject": "鱼塘承包款",
        "amount": "30000.00",
        "party": "承包户",
        "note": "",
        "attachments": [],
        "cancels": None,
        "cancelled": False,
        **changes,
    }


SHEET = {
    "title": "一季度集体收支",
    "columns": ["序号", "类别", "日期", "事项", "金额（元）", "收付对象", "备注", "冲销第几行"],
    "rows": [
        ["1", "收入", "2026-01-12", "鱼塘承包款", "30000.00", "承包户", "", ""],
        ["", "收入合计", "", "", "30000.00", "", "", ""],
    ],
}


def answers() -> dict[str, Any]:
    """What neighbours do together on a quiet afternoon."""
    return {
        "get_sign_up_event": event(mine=my_part()),
        "sign_up": event(mine=my_part()),
        "cancel_sign_up": event(),
        "invite_to_sign_up": event(mine=my_part()),
        "get_sign_up_code": {"code": "K7QDXW"},
        "check_in": sign_up(checked_in_at=at()),
        "list_sign_ups": page_of(sign_up()),
        "list_my_sign_ups": {"items": []},
        "put_sign_up_event": event(may_manage=True, code="YM6X3H"),
        "get_aid": aid(),
        "update_aid": aid(),
        "list_matches": page_of(),
        "create_handshake": shake(),
        "list_handshakes": page_of(),
        "list_my_handshakes": page_of(shake()),
        "get_handshake": story(),
        "step_handshake": shake(),
        "list_minors_aid": page_of(),
        "list_no_shows": page_of({"person": person(), "count": 3, "last_at": at(days=3)}),
        "clear_no_shows": {},
        "list_projects": page_of(line_of_project()),
        "get_project": project(),
        "apply_project": project(),
        "record_project_step": project(),
        "join_project": project(volunteering=True),
        "leave_project": project(),
        "list_volunteers": page_of({"person": person(), "joined_at": at(days=5), "hours": "2.50"}),
        "list_hours": page_of(entry()),
        "log_hours": entry(mine=True),
        "confirm_hours": entry(confirmed_at=at()),
        "withdraw_hours": {},
        "list_my_hours": page_of(total=HOURS),
        "list_money": page_of(money()),
        "add_money": money(),
        "cancel_money": money(amount="-236.50", cancels=LINE),
        "list_party_check_ins": page_of(number=None, mine=None),
        "check_in_party": {"kind": "resident", "offers": "", "checked_in_at": at()},
        "leave_party": {},
        "set_party_badge": {"key": "party_member", "shown": True},
        "list_studies": page_of(),
        "get_study_progress": page_of(number=None, mine=None),
        "complete_study": {"post_id": POST, "note": "", "at": at()},
        "withdraw_completion": {},
        "list_ledgers": page_of(ledger()),
        "get_ledger": ledger(),
        "list_ledger_lines": page_of(ledger_line()),
        "put_ledger": ledger(state="draft"),
        "put_ledger_lines": ledger(state="draft"),
        "publish_ledger": ledger(),
        "correct_ledger_line": ledger(corrected=1),
        "check_ledger": ledger(),
        "export_ledger": SHEET,
    }
