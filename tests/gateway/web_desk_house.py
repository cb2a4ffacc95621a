"""The desk for places, posters, offices and modules: its answers, as the contract has them."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.fakes import PERSON
from tests.gateway.web_pieces import at, page_of

ESTATE, BUILDING, UNIT, CODE, GRANT, WANG, FILTER, LIN = (demo_id(6, n) for n in range(1, 9))
TOKEN = "qr-token-of-the-board"
STAFF = (
    "/console/places",
    f"/console/places/{ESTATE}",
    f"/console/places/{ESTATE}/buildings",
    f"/console/posters?new={CODE}",
    "/console/offices",
    "/console/offices?ended=1&role=volunteer",
    "/console/offices/new?q=502",
    "/console/modules",
    "/console/modules/idle",
    "/console/modules/new",
    f"/console/looks?who={LIN}",
)
HOME = {"id": SHANGYUAN, "name": "尚园居民区", "kind": "community"}


def place(**changes: Any) -> dict[str, Any]:
    return {
        "id": BUILDING, "name": "3号楼", "kind": "building", "path": "demo.yuepu.shangyuan.e.b3",
        "code12": None, "community_kind": None, "floor_area": None, "has_children": True,
        "children": 2, "lng": None, "lat": None, "closed_at": None, **changes,
    }  # fmt: skip


def sheet(**changes: Any) -> dict[str, Any]:
    return {
        **place(id=ESTATE, name="宝月尚园", kind="estate"),
        "above": [HOME], "may_add": ["building"], "may_close": True, "members": 0, "codes": 1,
        **changes,
    }  # fmt: skip


def at_home(**changes: Any) -> dict[str, Any]:
    """The community itself."""
    return sheet(
        id=SHANGYUAN, name="尚园居民区", kind="community", community_kind="urban", above=[],
        may_add=["estate"], may_close=False, **changes,
    )  # fmt: skip


def shown(asked: Any) -> dict[str, Any]:
    """The community, or the estate: whichever is asked for."""
    return at_home() if asked.kwargs["id"] == SHANGYUAN else sheet()


def profile(modules: tuple[str, ...] = ()) -> dict[str, Any]:
    community = {
        "id": SHANGYUAN, "name": "尚园居民区", "kind": "urban", "path": "demo.yuepu.shangyuan",
        "code12": "310113001001", "district_id": "demo", "district_name": "宝山样例区",
        "town_id": "t-1", "town_name": "月浦样例镇", "modules": list(modules),
    }  # fmt: skip
    figures = {
        "households": 1200, "residents": 3100, "adults": 2600, "owners": 1150,
        "floor_area": "98000.50", "as_of": "2026-01-01", "source": "派出所",
    }  # fmt: skip
    return {
        "community": community, "electorate": figures, "register_persons": 40,
        "register_households": 15, "estates": [{"id": ESTATE, "name": "宝月尚园"}],
        "buildings": [{"id": BUILDING, "name": "3号楼", "estate": ESTATE}],
    }  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "dry_run": True, "names": ["4号楼", "5号楼"], "there": ["3号楼"], "units": 4, "rooms": 288,
        "sample": ["101", "1804"], **changes,
    }  # fmt: skip


def code(**changes: Any) -> dict[str, Any]:
    return {
        "id": CODE, "token": TOKEN, "url": f"https://shequ.example/j/{TOKEN}",
        "estate": {"id": ESTATE, "name": "宝月尚园"}, "building": None, "created_at": at(days=40),
        "expires_at": None, "revoked_at": None, "asked": 12, "joined": 9, **changes,
    }  # fmt: skip


def holder(**changes: Any) -> dict[str, Any]:
    return {
        "id": GRANT, "person_id": WANG, "role": "committee_staff", "scope": "demo.yuepu.shangyuan",
        "scope_name": "尚园居民区",
        "community": {"id": SHANGYUAN, "name": "尚园居民区", "kind": "urban"},
        "expires_at": at(days=-20), "person": {"id": WANG, "display_name": "居委小王"},
        "granted_at": at(days=3), "granted_by": {"id": PERSON, "display_name": "石书记"},
        "reason": "李干事休假", "ended_at": None, "ended_by": None, "may_revoke": True, **changes,
    }  # fmt: skip


def roles_page(*holders: dict[str, Any], may_grant: tuple[str, ...] = ()) -> dict[str, Any]:
    return page_of(*holders, may_grant=list(may_grant))


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r-1", "name": "孙**", "birth_year": 1949, "relation": "owner",
        "estate": {"id": ESTATE, "name": "宝月尚园"}, "building": {"id": BUILDING, "name": "3号楼"},
        "unit": None, "room": "502", "has_account": True, "person_id": PERSON, "ended_at": None,
        **changes,
    }  # fmt: skip


def definition(key: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": key, "own": False, "switched_on": True, "version": 0, "changed_at": None,
        "changed": [], "name": name, "name_en": key.title(),
        "post": {"members": True, "roles": []}, "comment": {"members": True, "roles": []},
        "moderate": [], "official": False, "order": "newest", "moderation": "post",
        "works": ["idle"] if key == "idle" else [], "fields": [], "posts": 3, **changes,
    }  # fmt: skip


def definitions(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "items": list(items) or [
            definition("announcements", "公告", official=True),
            definition("idle", "闲置物品"),
            definition("garden", "小花园", own=True, version=2, changed_at=at(days=1)),
            definition("doctor", "家庭医生", switched_on=False, posts=2),
        ],
        "writers": ["committee_staff", "secretary", "volunteer"],
        "moderators": ["property_manager"], "most_own": 20,
    }  # fmt: skip


def look(**changes: Any) -> dict[str, Any]:
    return {
        "day": "2026-03-04", "observer": {"id": LIN, "display_name": "林观察员"},
        "operation": "listIssues", "place": SHANGYUAN, "reads": 7, **changes,
    }  # fmt: skip


def kept(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "most": 20}


def kept_filter(**changes: Any) -> dict[str, Any]:
    asked = {"clock": "overdue"}
    return {"id": FILTER, "of": "desk_issues", "name": "超时的", "asked": asked, **changes}


def answers() -> dict[str, Any]:
    """What lies on this desk."""
    return {
        "get_place": sheet(),
        "list_places": page_of(place(), place(id=UNIT, name="2号楼", closed_at=at(days=2))),
        "create_place": place(),
        "update_place": place(),
        "build_places": plan(),
        "update_community": profile(),
        "list_qr": page_of(code(), code(id="c-2", token="old", revoked_at=at(days=1))),
        "create_qr": code(),
        "rotate_qr": code(id="c-3"),
        "revoke_qr": {},
        "grant_role": {k: v for k, v in holder().items() if k != "person"},
        "revoke_role": {},
        "list_register": page_of(entry()),
        "list_module_definitions": definitions(),
        "get_module": definition("idle", "闲置物品", version=1),
        "put_module": definition("idle", "闲置物品", version=2),
        "delete_module": {},
        "list_community_reads": page_of(look(), look(operation="someNewThing", reads=1)),
        "list_kept_filters": kept(),
        "keep_filter": kept_filter(),
        "drop_filter": {},
    }  # fmt: skip


def desk() -> dict[str, Any]:
    """The same, with what other pages are answered otherwise."""
    return {
        **answers(),
        "get_community_profile": profile(),
        "list_roles": roles_page(holder(), may_grant=("committee_staff", "volunteer")),
        "list_kept_filters": kept(kept_filter()),
    }
