"""The paper desk for tests of the pages: answers as the contract has them."""

from typing import Any

from services.contracts.demo import demo_id
from tests.gateway import web_votes as v
from tests.gateway.web_pieces import at, page_of

SHEET, OTHER_SHEET, PHOTO = demo_id(9, 61), demo_id(9, 62), demo_id(9, 63)
CODE, OTHER_CODE, THIRD = "7KQ2M9XWHB", "8KQ2M9XWHC", "9KQ2M9XWHD"
NUMBER = "0042-7K"
HERE = f"/console/paper/{v.POLL}"
SUMS = {
    "issued": 12, "returned": 10, "spoiled": 1, "unreturned": 1,
    "for": 7, "against": 2, "abstain": 1, "invalid": 0,
}  # fmt: skip


def slip(state: str = "out", **changes: Any) -> dict[str, Any]:
    return {"paper": NUMBER, "state": state, "instead": False, "issued_at": at(hours=1), **changes}


def entry(state: str = "free", acts: tuple[str, ...] = ("issue",), **changes: Any) -> Any:
    return {
        "subject_id": CODE,
        "ref": "r-1",
        "kind": "person",
        "building": "3号楼",
        "place": "502室",
        "state": state,
        "area": "0.00",
        "heads": "1/1",
        "doubt": "",
        "names": ["孙**"],
        "birth_years": [1950],
        "paper": None,
        "acts": list(acts),
        **changes,
    }


OUT = entry("paper_out", ("return", "spoil", "take_back"), paper=slip())


def paper(state: str = "out", **changes: Any) -> dict[str, Any]:
    return {
        "paper": NUMBER,
        "serial": 42,
        "subject_id": CODE,
        "building": "3号楼",
        "place": "502室",
        "state": state,
        "issued_at": at(),
        **changes,
    }


def building(name: str = "3号楼", **changes: int) -> dict[str, Any]:
    return {
        "building": name, "roll": 60, "issued": 12, "out": 1, "returned": 10, "spoiled": 1,
        "taken_back": 0, "late": 0, **changes,
    }  # fmt: skip


def figures(**changes: Any) -> dict[str, Any]:
    return {
        "poll_id": v.POLL,
        "buildings": [building(), building("5号楼", issued=90, out=90, returned=0, spoiled=0)],
        "issued": 102,
        "out": 91,
        "returned": 10,
        "spoiled": 1,
        "sheets_open": 0,
        "lines": [],
        "reconciled": False,
        **changes,
    }


def line(**changes: Any) -> dict[str, Any]:
    return {
        "sheet": 1, "buildings": ["3号楼"], "line": "returned", "register_says": "10",
        "sheet_says": "9", "agrees": False, **changes,
    }  # fmt: skip


def sheet(state: str = "entered", **changes: Any) -> dict[str, Any]:
    return {
        "id": SHEET,
        "poll_id": v.POLL,
        "number": 1,
        "state": state,
        "round": 1,
        "buildings": ["3号楼"],
        "replaces": None,
        "reason": None,
        "differ": [],
        "counts": {**SUMS, "weights": {}} if state in ("confirmed", "replaced") else None,
        "photos": [],
        "entered_by_me": False,
        "created_at": at(hours=1),
        "confirmed_at": at() if state == "confirmed" else None,
        **changes,
    }


def answers() -> dict[str, Any]:
    """A voter who has no paper yet; one sheet that somebody else entered."""
    return {
        "find_on_roll": page_of(entry()),
        "list_paper_desk": figures(),
        "list_tallies": page_of(sheet()),
        "issue_paper": {"papers": [paper()]},
        "return_paper": paper("returned"),
        "spoil_paper": paper("spoiled"),
        "take_back_paper": paper("taken_back"),
        "reopen_paper": paper(),
        "enter_paper": sheet(entered_by_me=True),
        "confirm_paper": sheet("confirmed"),
        "counter_paper": sheet(id=OTHER_SHEET, number=2, replaces=SHEET),
        "drop_paper": sheet("dropped"),
        "sync_paper": {"results": []},
    }


STAFF = (
    "/console/paper",
    HERE,
    f"{HERE}?q=3-502",
    f"{HERE}/round?b=3号楼",
    f"{HERE}/print",
    f"{HERE}/tallies",
    f"{HERE}/tallies/new",
    f"{HERE}/tallies/{SHEET}/reading",
)
NOBODY = ("/paper-desk",)
ELSEWHERE = (f"{HERE}/list", f"/polls/{v.POLL}/paper")
