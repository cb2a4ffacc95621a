"""The desk where topics are led: its answers as the contract has them, and where its pages are."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.domain.rules import resolve
from tests.gateway import web_topics as t
from tests.gateway.web_pieces import at, page_of

ASKED, LIKE, COVENANT = (demo_id(9, n) for n in range(61, 64))
DESK = f"/console/topics/{t.TOPIC}"
ONE_SURVEY = f"/console/surveys/{t.SURVEY}"
STAFF = (
    "/console/topics",
    "/console/topics?whose=others&column=prior_study",
    DESK,
    f"{DESK}/discussion",
    f"{DESK}/discussion?on={t.OPINION}",
    f"{DESK}/moderators",
    f"{DESK}/objections",
    f"{DESK}/objections?all=1",
    f"{DESK}/proposal",
    "/console/chain",
    "/console/surveys",
    "/console/surveys/new",
    ONE_SURVEY,
)
ELSEWHERE = (f"{ONE_SURVEY}/edit",)


def task(**changes: Any) -> dict[str, Any]:
    return {
        "topic_id": ASKED,
        "title": "电动车不进楼",
        "task": "screen_question",
        "state": "raised",
        "convener": "residents_committee",
        "author_name": "小陈",
        "seconders": 3,
        "since": at(days=2),
        "deadline_at": at(days=-5),
        "overdue": False,
        "alike": 0,
        **changes,
    }


def alike(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "topic",
        "id": LIKE,
        "title": "电动车停放",
        "state": "refused",
        "outcome": "refused",
        "locked_until": None,
        "percent": 62,
        **changes,
    }


SCREENS = (
    t.step("screen", stage="intake"),
    t.step("hand_over", needs=["reason"]),
    t.step("advance", "closed", needs=["reason"]),
)


def raised(**changes: Any) -> dict[str, Any]:
    """A question that waits for the visitor's committee."""
    told = {
        "state": "raised",
        "waits_for": "desk",
        "next_steps": list(SCREENS),
        "convenes": True,
    }
    return t.topic(**{**told, **changes})


def drafted(**changes: Any) -> dict[str, Any]:
    """A proposal whose text is being written, and may be announced."""
    told = {
        "state": "proposal",
        "waits_for": "desk",
        "next_steps": [
            t.step("hand_over", needs=["reason"]),
            t.step("advance", "actionable", needs=["reason"]),
            t.step("advance", "notice"),
            t.step("advance", "closed", needs=["reason"]),
        ],
        "convenes": True,
        "versions": [
            {
                "version": 2, "articles": 1, "base": "article_2017", "opens_at": at(days=-9),
                "closes_at": at(days=-16), "hash": t.HASH, "written_at": at(days=1),
                "written_role": "secretary",
            }
        ],
    }  # fmt: skip
    return t.topic(**{**told, **changes})


def preset(name: str = "article_2017", **changes: Any) -> dict[str, Any]:
    said = {"zh": ["一人一票。"], "en": ["One person, one vote."]}
    return {
        "preset": name,
        "version": 1,
        "since": "2026-01-01",
        "name_zh": f"规则 {name}",
        "name_en": f"Rules {name}",
        "sure": "press",
        "source_zh": "新闻报道",
        "source_en": "a newspaper",
        "verified": False,
        "warning": said,
        "confirmation": None,
        "rules": resolve(name).model_dump(mode="json"),  # type: ignore[arg-type]
        "words": said,
        "arithmetic": said,
        "bounds": [],
        **changes,
    }


PRESETS = {"items": [preset(), preset("owners_ordinary"), preset("residents_assembly")]}


def preview(**changes: Any) -> dict[str, Any]:
    said = {"zh": ["过半数参加，参加者过半数同意。"], "en": ["Half of half."]}
    reach = {
        "of": "quorum", "measure": "entries", "alternative": False, "whole": "1560",
        "least": "781", "zh": "至少 781 人参加", "en": "At least 781 take part",
    }  # fmt: skip
    return {
        "rules": resolve("article_2017").model_dump(mode="json"),
        "hash": t.HASH,
        "words": said,
        "arithmetic": said,
        "must_reach": [reach],
        "outcome": None,
        **changes,
    }


def version(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "version": number,
        "settings": ChainSettings(speeches=3).model_dump(mode="json"),
        "note": "大家说得太长了",
        "changed_at": at(days=30),
        "changed_by_name": "石书记",
        "may_change": False,
        **changes,
    }


def holder(name: str = "老郑", role: str = "group_representative", n: int = 1) -> dict[str, Any]:
    return {
        "id": f"grant-{n}",
        "person_id": f"p-{n}",
        "role": role,
        "scope": "demo.yuepu.shangyuan",
        "scope_name": "尚园居民区",
        "community": None,
        "expires_at": None,
        "person": {"id": f"p-{n}", "display_name": name},
        "granted_at": at(days=90),
        "granted_by": None,
        "reason": None,
        "ended_at": None,
        "ended_by": None,
        "may_revoke": False,
    }


def draft(**changes: Any) -> dict[str, Any]:
    """A survey that has not been asked yet."""
    return t.survey(**{"state": "draft", "opened_at": None, "answers": 0, **changes})


def answers() -> dict[str, Any]:
    """A question waits at the desk, and a survey is open."""
    topic = raised()
    return {
        "list_screening_board": page_of(task(alike=2)),
        "find_alike_topics": {"items": [alike()]},
        "screen_topic": topic,
        "hand_topic": topic,
        "put_proposal": topic,
        "list_rule_presets": PRESETS,
        "preview_rules": preview(),
        "put_chain_settings": version(2),
        "list_chain_versions": page_of(version()),
        "list_roles": page_of(holder(), may_grant=["volunteer"]),
        "appoint_moderator": t.talk(),
        "end_moderation": t.talk(),
        "answer_objection": t.objection(owed=False),
        "create_survey": draft(),
        "update_survey": draft(),
        "open_survey": t.survey(),
        "close_survey": t.survey(state="closed"),
    }


def as_committee() -> dict[str, Any]:
    """What the desk is told, where residents are told something else."""
    return {
        "get_topic": raised(),
        "get_chain_settings": version(0, note=None, may_change=True),
        "get_proposal_version": t.version(rules=resolve("article_2017").model_dump(mode="json")),
    }


HERE = SHANGYUAN
