"""People at the desk, as the contract has them: requests beside the register, its entries."""

from typing import Any

from services.contracts.demo import demo_id

ENTRY, OTHER_ENTRY, MEMBER, RECOVERY, DRAFT = (demo_id(7, n) for n in range(1, 6))


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
