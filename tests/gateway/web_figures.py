"""A community's statistics and its secretary's page, as the services tell them."""

from datetime import UTC, datetime
from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway import web_district, web_settings
from tests.gateway.fakes import PERSON
from tests.gateway.web_pieces import at, page_of

TOPIC = demo_id(8, 60)
THIS_MONTH = f"{datetime.now(UTC):%Y-%m}"
STAFF = (
    "/console/figures",
    "/console/figures?days=365",
    f"/console/figures?month={THIS_MONTH}",
    "/console/figures/response",
    "/console/secretary",
    "/console/secretary/month",
    f"/console/secretary/month?month={THIS_MONTH}",
    "/console/rules",
)
"""Pages of the committee."""
ELSEWHERE = (
    "/console/figures.csv",
    "/console/figures.xlsx",
    "/console/secretary/month.docx",
    "/console/secretary/month.xlsx",
    "/console/orders.csv",
    "/console/orders.xlsx",
    "/console/unanswered.csv",
    "/console/unanswered.xlsx",
    *web_settings.PAGES,
)
"""Opened in ``test_web_figures`` and ``test_web_settings``."""
MOMENT = "2026-03-02T04:00:00+00:00"
KINDS: dict[str | None, int] = {None: 2, "consult": 5, "advise": 1, "dispose": 9, "8x": 14}


def by_category() -> list[dict[str, Any]]:
    return [{"category": kind, "count": count} for kind, count in KINDS.items()]


def breakdown(**changes: Any) -> dict[str, Any]:
    return {
        "as_of": MOMENT, "from": "2026-02-01", "to": "2026-03-02", "total": 31,
        "by_month": [
            {"month": "2026-02", "count": 31, "by_category": by_category()},
            {"month": "2026-03", "count": 0, "by_category": []},
        ],
        "by_category": by_category(),
        "by_slot": [
            {"slot": "X3", "name": "毁绿占绿", "count": 11},
            {"slot": "S7", "name": "群租", "count": 3},
        ],
        "by_source": [{"source": "app", "count": 26}, {"source": "phone", "count": 5}],
        "by_score": [{"score": n, "count": count} for n, count in enumerate((0, 1, 2, 8, 17), 1)],
        "buildings": [{"building": "3号楼", "count": 12}],
        "other_buildings": 14, "few": 4, "nowhere": 5, "floor": 10, **changes,
    }  # fmt: skip


def counts(**changes: Any) -> dict[str, Any]:
    return {
        "as_of": MOMENT, "total": 80, "open": 9, "overdue": 4, "by_status": [],
        "by_category": [
            {"category": "dispose", "open": 6, "overdue": 1},
            {"category": "8x", "open": 3, "overdue": 3},
        ],
        **changes,
    }  # fmt: skip


def reach(**changes: Any) -> dict[str, Any]:
    return {
        "as_of": MOMENT,
        "items": [
            {
                "place": {"id": SHANGYUAN, "name": "尚园居民区"}, "households": 400,
                "households_bound": 310, "binding_coverage": "310/400", "members": 500,
                "register_persons": 1000, "party_members": 40, "badges_shown": 30,
                "badge_rate": "30/40", **changes,
            }
        ],
    }  # fmt: skip


def posts(**changes: Any) -> dict[str, Any]:
    def rate(numerator: int) -> dict[str, Any]:
        return {"formula": "回应 / 应回应", "numerator": numerator, "denominator": 20}

    return {
        "cid": SHANGYUAN, "posts": 26, "handed_over": 3, "left_out": 1, "open": 2,
        "open_overdue": 1, "staff_in_time": rate(17), "staff": rate(19),
        "neighbour_in_time": rate(8), "neighbour": rate(11), "as_of": MOMENT, **changes,
    }  # fmt: skip


def holder(role: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"grant-{role}", "person_id": PERSON, "role": role,
        "scope": "demo.yuepu.shangyuan", "scope_name": "尚园居民区", "community": None,
        "expires_at": None, "person": {"id": PERSON, "display_name": name},
        "granted_at": at(days=90), "granted_by": None, "reason": None, "ended_at": None,
        "ended_by": None, "may_revoke": False, **changes,
    }  # fmt: skip


def publicity(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "notice", "topic_id": TOPIC, "poll_id": demo_id(8, 61), "title": "换电梯",
        "convener": "residents_committee", "passed": None, "since": at(days=2),
        "until": at(days=-4), "object_until": at(days=-4), "waits_for": [], **changes,
    }  # fmt: skip


def answers() -> dict[str, Any]:
    """A community of a thousand people, in March."""
    return {
        "community_kpis": web_district.report(),
        "issue_breakdown": breakdown(),
        "issue_counts": counts(),
        "get_post_response": posts(),
        "identity_figures": reach(),
        "list_roles": page_of(
            holder("secretary", "石书记"),
            holder("committee_staff", "居委小王", expires_at=at(days=-10)),
            may_grant=["volunteer"],
        ),
        "list_publicity": page_of(publicity()),
        **web_settings.rules(),
    }
