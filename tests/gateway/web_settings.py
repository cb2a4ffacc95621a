"""How a district is set up, as the services tell it."""

from datetime import UTC, datetime
from typing import Any

from services.contracts.demo import demo_id
from tests.gateway.web_pieces import at, page_of

RUN, CHECK, KEY = (demo_id(8, n) for n in range(70, 73))
YEAR = datetime.now(UTC).year
PAGES = (
    "/district/calendar",
    "/district/limits",
    "/district/bounds",
    "/district/open311",
    "/district/reconciliations",
    f"/district/reconciliations/{CHECK}",
    "/district/classifier",
    "/district/hot-runs",
    f"/district/hot-runs/{RUN}",
    "/district/catalogue",
    "/district/catalogue/draft",
    "/district/catalogue/draft/X3",
)
ORDER = "310113001001-20260305-0001"
LEARNED = "ngram-2-25481d8aaedd"


def slot(key: str = "X3", name: str = "毁绿占绿", **changes: Any) -> dict[str, Any]:
    pace = {"on_site": 1, "disposed": 3}
    return {
        "key": key, "core": key.startswith("S"), "name": name, "meaning": "圈占公共绿地",
        "not_here": "自家院子", "law": "上海市绿化条例 第38条", "law_sure": True,
        "department": {"code": "lhsr", "name": "绿化市容管理部门"},
        "code": {"standard": "GB/T 47678.5-2026", "kind": "matter", "code": "06045",
                 "name": "非法占绿毁绿"},
        "local": False,
        "limits": {"on_site": 2, "disposed": 7, "removal": None, "urgent": pace,
                   "critical": {"on_site": 1, "disposed": 1}},
        "note": "", "redefined": False, **changes,
    }  # fmt: skip


def draft(**changes: Any) -> dict[str, Any]:
    return {
        "did": "demo", "revision": "r-1", "note": "加了一类", "drafted_at": at(days=1),
        "drafted_by": "p-x", "mine": False, "items": [slot("S1", "损坏承重结构"), slot()],
        **changes,
    }  # fmt: skip


def limits(**changes: Any) -> dict[str, Any]:
    rows = [
        {"stage": stage, "days": None if stage == "grid" else 2, "warn_percent": 75,
         "set_by": "district" if stage == "post" else "default"}
        for stage in ("post", "first_response", "consult", "advise", "dispose", "8x", "grid")
    ]  # fmt: skip
    return {"did": "demo", "cid": None, "version": 3, "items": rows, **changes}


def calendar(**changes: Any) -> dict[str, Any]:
    return {
        "did": "demo", "year": YEAR, "layer": "published", "provisional": False,
        "days": [
            {"day": f"{YEAR}-12-30", "worked": True, "name": "调休", "layer": "published"},
            {"day": f"{YEAR}-12-31", "worked": False, "name": "国庆节", "layer": "published"},
        ],
        "source": None, "complete": None, "entered_at": None, "entered_by": None,
        "published_years": [YEAR], "entered_years": [], "settled": True, **changes,
    }  # fmt: skip


def difference(row: int = 1, **changes: Any) -> dict[str, Any]:
    ours = {"state": "dispatched", "seq": 4, "deadline": at(days=-5)}
    return {
        "row": row, "work_order_no": ORDER, "kind": "behind", "ours": ours,
        "theirs": {**ours, "state": "closed", "seq": 9}, "held": 0, "repair": "ask_updates",
        "from_seq": 5, "status": "open", "repaired_at": None, "repaired_by": None, **changes,
    }  # fmt: skip


def check(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": CHECK, "district_id": "demo", "started_by": "p-x", "started_at": at(hours=1),
        "exported_at": None, "ours": 12, "theirs": 11, "equal": 10, "differences": len(rows),
        "rows": list(rows), "next_cursor": None, **changes,
    }  # fmt: skip


def key(**changes: Any) -> dict[str, Any]:
    return {
        "id": KEY, "name": "市民热线", "hint": "k7f2", "per_minute": 30, "per_day": 2000,
        "created_at": at(days=3), "used_at": None, "revoked_at": None, **changes,
    }  # fmt: skip


def model(**changes: Any) -> dict[str, Any]:
    figures = {
        "n": 336, "macro_f1": 0.9, "low": 0.87, "high": 0.93, "accuracy": 0.91, "slot_n": 100,
        "slot_accuracy": 0.8, "mean_confidence": 0.9, "calibration_error": 0.02,
    }  # fmt: skip
    return {
        "version": LEARNED, "base": "1", "parent": None, "made_at": at(days=1), "labels": 40,
        "labels_until": None, "state": "candidate", "faults": ["below_current"],
        "held_out": figures, "held_out_of_current": figures, "newest": None,
        "newest_of_current": None, "newest_seen": 0, "bytes": 1000, "uses": [], **changes,
    }  # fmt: skip


def models(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "items": list(items), "shipped": "1", "serving": "1", "refit": None, "labels": 40,
        "new_labels": 12, "nightly_from": 20, **changes,
    }  # fmt: skip


def run(**changes: Any) -> dict[str, Any]:
    return {
        "id": RUN, "level": "district", "node": "demo", "month": "2026-02", "version": None,
        "state": "running", "reason": "漏了电话里说的", "asked_at": at(minutes=2),
        "published_at": None, "messages": None, "without_vector": None, "error": None, **changes,
    }  # fmt: skip


def rules() -> dict[str, Any]:
    """What a committee reads of all this."""
    share = {"numerator": 45, "denominator": 60, "value": 0.75, "low": 0.6, "high": 0.85}
    span = {
        "first": "2026-01-01", "last": "2026-03-02", "n": 70, "agreement": share,
        "categories": [], "slots": [], "bins": [], "calibration_error": None,
        "mean_confidence": None, "baseline_confidence": None, "psi_category": None,
        "psi_confidence": None, "versions": {}, "alert": False,
    }  # fmt: skip
    return {
        "get_limits": limits(),
        "get_calendar": calendar(),
        "get_catalogue": catalogue(),
        "get_open311_publication": {"words": True},
        "classifier_drift": {
            "district_id": "demo", "scope": "demo", "by": "month", "whole": span, "spans": [],
            "compared_with": 0, "alert_below": 0.7, "formulas": {},
        },
    }  # fmt: skip


def catalogue(**changes: Any) -> dict[str, Any]:
    return {
        "did": "demo", "version": "1", "current": True, "built_in": True,
        "notice": "示例目录，非官方发布", "note": "", "published_at": None,
        "items": [slot("S1", "损坏承重结构"), slot()], **changes,
    }  # fmt: skip


def answers() -> dict[str, Any]:
    """A district that has set little of its own."""
    version = {
        "version": "1", "current": True, "built_in": True, "slots": 2, "note": "",
        "published_at": None, "drafted_by": None, "published_by": None,
    }  # fmt: skip
    return {
        **rules(),
        "get_catalogue_draft": draft(),
        "draft_catalogue": draft(mine=True),
        "publish_catalogue": catalogue(built_in=False, version="demo-1"),
        "list_catalogue_versions": page_of(version),
        "put_calendar_year": calendar(layer="entered"),
        "put_limits": limits(version=4),
        "list_limit_versions": page_of(
            {"version": 3, "limits": [{"stage": "post", "days": 2, "warn_percent": 75}],
             "note": "加快", "set_at": at(days=5), "set_by": None}
        ),
        "put_district_bounds": {"did": "demo", "ring": [], "crs": None, "source": None,
                                "set_at": None},
        "delete_district_bounds": {"did": "demo", "ring": [], "crs": None, "source": None,
                                   "set_at": None},
        "list_open311_keys": {"items": [key(), key(revoked_at=at(days=1), name="旧的")]},
        "create_open311_key": {**key(), "api_key": "k7f2-secret-of-the-hotline"},
        "revoke_open311_key": key(revoked_at=at()),
        "start_reconciliation": check(),
        "get_reconciliation": check(difference(), difference(2, kind="ahead", repair="look")),
        "repair_reconciliation": check(difference(status="asked")),
        "list_classifier_models": models(model(), model(version="1.0", state="in_use", faults=[])),
        "request_refit": {
            "id": "refit-1", "cause": "asked", "state": "waiting", "asked_at": at(),
            "asked_by": None, "attempts": 0, "ended_at": None, "labels": None, "version": None,
            "error": None,
        },
        "use_classifier_model": model(state="in_use"),
        "start_hot_topic_run": run(state="asked"),
        "get_hot_topic_run": run(),
    }  # fmt: skip
