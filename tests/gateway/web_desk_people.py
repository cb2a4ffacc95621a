"""People at the desk, as the contract has them: requests beside the register, its entries."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.fakes import PERSON
from tests.gateway.web_pieces import at, page_of

ENTRY, OTHER_ENTRY, MEMBER, RECOVERY, HOME, HELP, DRAFT = (demo_id(7, n) for n in range(1, 8))
STAFF = (
    "/console/members",
    "/console/members?q=502&building=b-3&relation=tenant&of=soon",
    "/console/members?of=ended",
    f"/console/members/{MEMBER}",
    "/console/members/new",
    f"/console/members/new?guardian={MEMBER}",
    "/console/recoveries",
    "/console/register",
    "/console/register?q=502&building=b-3&account=no",
    "/console/register/import",
    f"/console/register/import/{DRAFT}",
)
"""Pages of the committee."""
RESIDENT = ("/me/phone",)
NOBODY = ("/login/lost",)
ELSEWHERE = (
    "/console/register/template.csv",
    "/console/register/template.xlsx",
    f"/console/register/import/{DRAFT}/faults.csv",
    f"/console/register/import/{DRAFT}/faults.xlsx",
)
"""Those that are opened in ``test_web_desk_people``."""
LU = {"id": MEMBER, "display_name": "陆家姆妈"}
ME = {"id": PERSON, "display_name": "石书记"}


def entry_beside(**changes: Any) -> dict[str, Any]:
    return {
        "id": ENTRY,
        "name": "张*",
        "birth_year": 1988,
        "relation": "owner",
        "unit": None,
        "likeness": "name",
        "differs": ["birth_year", "relation"],
        **changes,
    }


def beside(*entries: dict[str, Any], verdict: str = "name", more: int = 0) -> dict[str, Any]:
    return {"verdict": verdict, "entries": list(entries), "more": more}


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": ENTRY,
        "name": "张*",
        "birth_year": 1988,
        "relation": "owner",
        "estate": {"id": "e-1", "name": "宝月尚园"},
        "building": {"id": "b-3", "name": "3号楼"},
        "unit": None,
        "room": "502",
        "has_account": False,
        "person_id": None,
        "ended_at": None,
        **changes,
    }


def home(**changes: Any) -> dict[str, Any]:
    return {
        "id": HOME,
        "status": "active",
        "relation": "tenant",
        "residence": "local",
        "estate": {"id": "e-1", "name": "宝月尚园"},
        "building": {"id": "b-3", "name": "3号楼"},
        "unit": None,
        "room": "502",
        "since": at(days=90),
        "expires_at": at(days=-30),
        "ended_at": None,
        "reason": None,
        "register_id": None,
        "may_end": True,
        "may_extend": True,
        **changes,
    }


def member(**changes: Any) -> dict[str, Any]:
    return {
        "person": LU,
        "real_name": "陆**",
        "has_phone": False,
        "child": False,
        "role_badges": ["volunteer"],
        "home": home(),
        **changes,
    }


def help_of(**changes: Any) -> dict[str, Any]:
    return {
        "id": HELP,
        "kind": "relative",
        "helper": None,
        "phone": "139****0001",
        "subject": LU,
        "relationship": "女儿",
        "consent_means": "spoken",
        "consent_at": at(days=2),
        "recorded_by": ME,
        "expires_at": None,
        "ended_at": None,
        **changes,
    }


def sheet(**changes: Any) -> dict[str, Any]:
    return {
        "person": LU,
        "real_name": "陆**",
        "birth_year": 1949,
        "phone": "138****0002",
        "guardian": None,
        "children": [],
        "homes": [home()],
        "offices": [],
        "assistances": [help_of()],
        "recovery": None,
        "no_recovery": None,
        "actions": ["recover", "name_helper", "register_child", "confirm_party"],
        **changes,
    }


def recovery(**changes: Any) -> dict[str, Any]:
    return {
        "id": RECOVERY,
        "state": "opened",
        "person": LU,
        "old_phone": "138****0002",
        "new_phone": "139****0003",
        "opened_by": {"id": demo_id(7, 20), "display_name": "居委小王"},
        "opened_at": at(hours=2),
        "confirmed_by": None,
        "effective_at": None,
        "reason": "手机掉进河里，核对了身份证原件",
        **changes,
    }


def profile(**changes: Any) -> dict[str, Any]:
    return {
        "community": {
            "id": SHANGYUAN,
            "name": "尚园居民区",
            "kind": "urban",
            "path": "demo.t.shangyuan",
            "code12": "310113001001",
            "district_id": "demo",
            "district_name": "样例区",
            "town_id": "t",
            "town_name": "样例镇",
            "modules": [],
        },
        "electorate": {},
        "register_persons": 812,
        "register_households": 301,
        "estates": [{"id": "e-1", "name": "宝月尚园"}],
        "buildings": [{"id": "b-3", "name": "3号楼", "estate": "e-1"}],
        **changes,
    }


def draft_head(**changes: Any) -> dict[str, Any]:
    return {
        "id": DRAFT,
        "state": "ready",
        "filename": "名册.xlsx",
        "mode": "replace",
        "brought_by": ME,
        "brought_at": at(minutes=5),
        "due_at": at(hours=-23),
        "changed_at": at(minutes=4),
        **changes,
    }


def row(**changes: Any) -> dict[str, Any]:
    return {
        "row": 17,
        "outcome": "changed",
        "field": "身份",
        "message": None,
        "register_id": None,
        **changes,
    }


def report(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "import_id": None,
        "imported": False,
        "dry_run": True,
        "total": 812,
        "added": 3,
        "changed": 2,
        "unchanged": 806,
        "ended": 1,
        "ended_with_account": 1,
        "errors": 0,
        "places_added": 4,
        "linked": 2,
        "admitted": 1,
        "rows": list(rows),
        **changes,
    }


def draft(**changes: Any) -> dict[str, Any]:
    usual = {
        "report": report(row()),
        "fault": None,
        "ended": [entry(has_account=True)],
        "actions": ["confirm", "drop"],
    }
    return draft_head(**{**usual, **changes})


def answers() -> dict[str, Any]:
    """What the services say to the desk for people."""
    return {
        "list_members": page_of(member()),
        "get_member": sheet(),
        "list_recoveries": page_of(recovery()),
        "link_register": entry(),
        "list_register": page_of(entry()),
        "list_register_drafts": page_of(draft_head()),
        "get_register_draft": draft(),
    }
