"""What the services tell an observer and a district, as the contract has it."""

from typing import Any

from services.contracts.demo import HAIXING, JUYUAN, SHANGYUAN, TOWN_LUODIAN, TOWN_YUEPU, demo_id
from services.grid_bridge.domain import kpis
from tests.gateway import web_desk
from tests.gateway.fakes import PERSON
from tests.gateway.web_desk import at

TOPIC, TABLE, ISSUE, ACTION = (demo_id(7, n) for n in range(1, 5))
TOWNS = ((TOWN_YUEPU, "月浦样例镇"), (TOWN_LUODIAN, "罗店样例镇"))
WATCHERS = (
    "/observe/brief",
    f"/observe/brief?level=community&node={SHANGYUAN}&week=2026-W09",
    "/district",
    "/district?days=90",
    f"/district/towns/{TOWN_YUEPU}",
    f"/district/communities/{SHANGYUAN}",
    "/district/trends",
    "/district/promises",
    f"/district/promises?town={TOWN_YUEPU}&days=365",
    "/district/places?q=园",
    "/district/binding",
    f"/district/binding?town={TOWN_YUEPU}",
    "/district/dictionary",
    "/district/topics",
    f"/district/topics/{TOPIC}",
)
"""Pages of everybody who watches over a place."""
ELSEWHERE = (
    *WATCHERS,
    "/observe", "/observe/issues", "/observe/looks",
    "/district/places", "/district/consultations", f"/district/consultations/{TABLE}",
    "/district/operations", "/district/figures.csv", "/district/dictionary.csv",
    *(f"/{place}/x/{what}" for place in ("communities", "towns", "districts")
      for what in ("briefs", "hot-topics")),
)  # fmt: skip
"""Opened in ``test_web_district``."""


def community(cid: str, name: str, path: str, town: int) -> dict[str, Any]:
    return {
        "id": cid, "name": name, "kind": "urban", "path": path, "code12": "310199101001",
        "district_id": "demo", "district_name": "示例区", "town_id": TOWNS[town][0],
        "town_name": TOWNS[town][1], "modules": [],
    }  # fmt: skip


COMMUNITIES = (
    community(SHANGYUAN, "尚园居民区", "demo.yuepu.shangyuan", 0),
    community(JUYUAN, "聚源居民区", "demo.yuepu.juyuan", 0),
    community(HAIXING, "海星村", "demo.luodian.haixing", 1),
)


def value(kpi: kpis.Kpi, numerator: int | None, denominator: int | None) -> dict[str, Any]:
    """A figure's value; without a denominator it is withheld."""
    hidden = denominator is None
    told = kpis.Value(kpi, numerator, denominator, withheld=hidden)
    return {
        "key": kpi.key, "numerator": numerator, "denominator": denominator,
        "value": told.exact, "decimal": told.decimal, "withheld": hidden,
    }  # fmt: skip


def volume(kpi: kpis.Kpi, count: int | None, per: str | None = None) -> dict[str, Any]:
    return {
        "key": kpi.key, "name": kpi.zh, "name_en": kpi.en, "count": count, "per_1000": None,
        "per_1000_decimal": per, "withheld": count is None,
    }  # fmt: skip


def report(
    *below: tuple[str, str, str, str | None], numerator: int | None = 28,
    denominator: int | None = 30,
) -> dict[str, Any]:  # fmt: skip
    """Figures; ``below`` are (kind, id, name, reported per 1,000) side by side."""
    return {
        "as_of": "2026-03-02T04:00:00+00:00", "from": "2026-02-01", "to": "2026-03-02",
        "places": [{"id": "demo", "kind": "district", "name": "示例区"}], "residents": 4200,
        "items": [
            {
                **value(kpi, numerator, denominator), "name": kpi.zh, "name_en": kpi.en,
                "formula": kpi.formula_zh, "formula_en": kpi.formula_en, "family": kpi.family,
                "unit": kpi.unit, "source": kpi.source, "sure": kpi.sure, "note": kpi.note,
                "as_of": "2026-03-02T04:00:00+00:00",
            }
            for kpi in kpis.KPIS
        ],
        "volumes": [volume(kpi, 63, "15.0000") for kpi in kpis.VOLUMES],
        "breakdown": [
            {
                "place": {"id": node, "kind": kind, "name": name},
                "residents": 2100 if per else None,
                "values": [
                    value(kpi, 9 if per else None, 12 if per else None) for kpi in kpis.KPIS
                ],
                "volumes": [volume(kpi, 20 if per else None, per) for kpi in kpis.VOLUMES],
            }
            for kind, node, name, per in below
        ],
    }  # fmt: skip


BY_TOWN = (
    ("town", TOWN_YUEPU, "月浦样例镇", "9.5000"), ("town", TOWN_LUODIAN, "罗店样例镇", "21.0000"),
)  # fmt: skip
BY_COMMUNITY = (
    ("community", SHANGYUAN, "尚园居民区", "9.5000"), ("community", JUYUAN, "聚源居民区", None),
)  # fmt: skip


def told(asked: Any) -> dict[str, Any]:
    """``kpis`` as it is asked for: by town, by community, or the whole alone."""
    by = asked.kwargs.get("by")
    return report(*{"town": BY_TOWN, "community": BY_COMMUNITY}.get(by, ()))


def standing(**changes: Any) -> dict[str, Any]:
    one = {
        "community_id": SHANGYUAN, "name": "尚园居民区", "town_id": TOWN_YUEPU,
        "town_name": "月浦样例镇", "open": 7, "overdue": 2, "unanswered": 3,
        "unanswered_overdue": 1,
    }  # fmt: skip
    return {
        "as_of": at(), "communities": 2, "open": 9, "overdue": 2, "unanswered": 3,
        "unanswered_overdue": 1, "items": [one], "more": False, **changes,
    }  # fmt: skip


def watched(**changes: Any) -> dict[str, Any]:
    return {
        "id": ISSUE, "community_id": SHANGYUAN, "community_name": "尚园居民区",
        "town_name": "月浦样例镇", "title": "路灯不亮", "status": "reported", "category": None,
        "building": "3号楼", "surname": "孙", "due_at": at(hours=-3), "stage": "first_response",
        "paused": False, "overdue": True, "supporters": 4, "created_at": at(days=-3), **changes,
    }  # fmt: skip


def brief(**changes: Any) -> dict[str, Any]:
    def figure(key: str, name: str, count: int | None) -> dict[str, Any]:
        return {
            "key": key, "name": name, "name_en": key, "definition": f"{name}的算法",
            "definition_en": key, "value": count, "last_week": 12, "withheld": count is None,
            "late": False, "by": [],
        }  # fmt: skip

    return {
        "level": "town", "node": TOWN_YUEPU, "name": "月浦样例镇", "week": "2026-W09",
        "from": "2026-02-23", "to": "2026-03-01", "made_at": at(days=-1), "exact": False,
        "floor": 10,
        "figures": [figure("posts", "发帖", 34), figure("issues_reported", "上报问题", None)],
        "pain_points": {
            "definition": "比前四周多", "definition_en": "more", "items": [
                {"category": "8x", "slot": "X3", "name": "毁绿占绿", "name_en": "Greens",
                 "value": 14, "last_week": 3, "mean_of_four": 3.0, "burst": 4.0,
                 "direction": "rising"}
            ],
        },
        "waiting": {
            "as_of": at(), "count": 1, "oldest_due_at": at(hours=-9), "more": False,
            "posts": [{"post_id": "p", "community_id": SHANGYUAN, "due_at": at(hours=-9),
                       "link": "/posts/p"}],
        },
        "hot_topics": [{"month": "2026-02", "edition": 1, "topics": 3,
                        "link": f"/towns/{TOWN_YUEPU}/hot-topics?month=2026-02"}],
        "parts": [{"level": "community", "id": SHANGYUAN, "name": "尚园居民区",
                   "values": [{"key": "posts", "value": 20}]}],
        **changes,
    }  # fmt: skip


def action(**changes: Any) -> dict[str, Any]:
    return {
        "id": ACTION, "topic_id": TOPIC, "kind": "campaign", "ref": "夏季噪声专项行动，城管中队",
        "note": "夜里巡查", "starts_at": at(days=-40), "ends_at": None, "state": "running",
        "linked_at": at(days=-40),
        "effect": {"before": 30, "after": 12.5, "change": -0.6, "days": 40, "formula": "每30天"},
        "effect_from": at(days=-10), **changes,
    }  # fmt: skip


def topic(**changes: Any) -> dict[str, Any]:
    return {
        **web_desk.topic(), "id": TOPIC, "level": "district", "node": "demo",
        "label": "夜里施工噪声", "people": 120, "actions": [action()],
        "evidence": {
            "communities": [
                {"community_id": SHANGYUAN, "name": "尚园居民区", "people": 24},
                {"community_id": JUYUAN, "name": "聚源居民区", "people": None},
            ],
            "issues": [], "more": False,
        }, **changes,
    }  # fmt: skip


def drift() -> dict[str, Any]:
    share = {"numerator": 45, "denominator": 60, "value": 0.75, "low": 0.6, "high": 0.85}
    span = {
        "first": "2026-01-01", "last": "2026-03-02", "n": 70, "agreement": share,
        "categories": [], "slots": [], "bins": [], "calibration_error": None,
        "mean_confidence": None, "baseline_confidence": None, "psi_category": None,
        "psi_confidence": None, "versions": {}, "alert": True,
    }  # fmt: skip
    return {
        "district_id": "demo", "scope": "demo", "by": "month", "whole": span, "spans": [],
        "compared_with": 0, "alert_below": 0.7, "formulas": {},
    }  # fmt: skip


def figures() -> dict[str, Any]:
    def row(node: str, name: str, bound: int, badges: str | None) -> dict[str, Any]:
        return {
            "place": {"id": node, "name": name}, "households": 400, "households_bound": bound,
            "binding_coverage": f"{bound}/400", "members": 300, "register_persons": 1000,
            "party_members": 20, "badges_shown": 12, "badge_rate": badges,
        }  # fmt: skip

    return {
        "as_of": at(),
        "items": [row(TOWN_YUEPU, "月浦样例镇", 300, "12/20"),
                  row(TOWN_LUODIAN, "罗店样例镇", 100, None)],
    }  # fmt: skip


def read(**changes: Any) -> dict[str, Any]:
    return {
        "day": "2026-03-02", "observer": {"id": PERSON, "display_name": "镇干部"},
        "operation": "listPosts", "place": SHANGYUAN, "reads": 5, **changes,
    }  # fmt: skip


def answers() -> dict[str, Any]:
    """What a district's services tell on a quiet day."""
    hot = {**web_desk.hot(topic()), "level": "district", "node": "demo"}
    week = {"week": "2026-W09", "from": "2026-02-23", "to": "2026-03-01", "made_at": at()}
    weeks = {"items": [week], "next_cursor": None}
    return {
        "list_communities": {"items": list(COMMUNITIES), "next_cursor": None},
        "kpis": told,
        "community_kpis": report(numerator=None, denominator=None),
        "identity_figures": figures(),
        "district_standing": standing(),
        "list_watched_issues": {"items": [watched()], "next_cursor": None},
        "list_my_reads": {"items": [read(), read(operation="x")], "next_cursor": None},
        "district_brief": brief(), "town_brief": brief(), "community_brief": brief(),
        "district_brief_weeks": weeks, "town_brief_weeks": weeks, "community_brief_weeks": weeks,
        "get_district_bounds": {"did": "demo", "ring": [], "crs": None, "source": None,
                                "set_at": None},
        "hot_topics": hot, "town_hot_topics": hot, "community_hot_topics": hot,
        "get_hot_topic": topic(),
        "list_my_joint_consultations": {"items": [web_desk.table_row()], "next_cursor": None},
        "get_joint_consultation": web_desk.table(),
        "list_dead_letters": web_desk.answers()["list_dead_letters"],
        "list_parked_deliveries": {
            "items": [{"id": "s-1", "channel": "sms", "lane": "news", "what": "news",
                       "attempts": 6, "community": None, "error": "timeout",
                       "created_at": at(hours=-3)}],
            "next_cursor": None,
        },
        "classifier_drift": drift(),
        "list_classifier_models": {
            "items": [], "shipped": "1", "serving": "1", "refit": None, "labels": 40,
            "new_labels": 12, "nightly_from": 20,
        },
    }  # fmt: skip
