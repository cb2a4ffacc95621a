"""The desk for votes and covenants in tests of the pages: answers as the contract has them."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway import web_topics as t
from tests.gateway import web_votes as v
from tests.gateway.web_pieces import at, page_of

CONFIRMATION, REF, FOLLOW = (demo_id(9, n) for n in range(41, 44))
DISTRICT = "demo"
PREPARE = f"/console/polls/prepare/{t.TOPIC}"
POLL = f"/console/polls/{v.POLL}"
ROLL = f"{POLL}/roll"
RULES = "/console/polls/rules"
COVENANT = f"/console/covenants/{v.COVENANT}"
BREACHES = "/console/covenants/breaches"
BREACH = f"{BREACHES}/{v.BREACH}"
STAFF = (
    "/console/polls",
    PREPARE,
    f"{PREPARE}?step=rules",
    f"{PREPARE}?step=look",
    POLL,
    f"{ROLL}?place=502",
    "/console/covenants",
    COVENANT,
    BREACHES,
    f"{BREACHES}?state=talking",
    BREACH,
)
"""Pages of those who convene; the rules are opened in ``test_web_desk_rules``."""
ELSEWHERE = (RULES,)
DESK_STEPS = ("correct_roll", "record_proxy", "void", "annul", "file")
OTHERS = v.why("not_your_step", "这一步由其他主体决定")


def steps(*only: str, **why_not: dict[str, str] | None) -> list[dict[str, Any]]:
    """What somebody in office is told; all of the desk's unless some are named."""
    return [{"do": do, "why_not": why_not.get(do)} for do in only or DESK_STEPS]


def poll(state: str = "announced", **changes: Any) -> dict[str, Any]:
    """A vote as its desk sees it."""
    task = {
        "announced": "notice", "open": "voting", "closed": "counting", "published": "publicity",
        "void": "done",
    }[state]  # fmt: skip
    told = {
        "task": task,
        "task_due_at": at(days=-3),
        "steps": steps(),
        "roll_state": "published" if state == "announced" else "frozen",
        "my_subjects": [],
        "my_state": None,
    }
    return v.poll(state, **(told | changes))


def draft(**changes: Any) -> dict[str, Any]:
    """A topic whose text is being written; one version is kept."""
    mark = {
        "version": 2, "articles": 1, "base": "article_2017", "opens_at": at(days=-9),
        "closes_at": at(days=-16), "hash": v.HASH, "written_at": at(days=1),
        "written_role": "secretary",
    }  # fmt: skip
    return t.topic(
        **{
            "state": "proposal",
            "waits_for": "desk",
            "versions": [mark],
            "next_steps": [{"do": "advance", "to": "notice"}],
            **changes,
        }
    )


def task(**changes: Any) -> dict[str, Any]:
    """A line of the board: a text that is to be written."""
    return {
        "topic_id": t.TOPIC, "title": "快递柜放哪里", "task": "draft_proposal",
        "state": "proposal", "convener": "residents_committee", "author_name": "小陈",
        "seconders": 3, "since": at(days=3), "deadline_at": at(days=-4), "overdue": False,
        **changes,
    }  # fmt: skip


def confirmation(**changes: Any) -> dict[str, Any]:
    return {
        "id": CONFIRMATION, "did": DISTRICT, "preset": "residents_assembly", "version": 1,
        "by": "宝山区民政局 王敏", "source": "《城市居民委员会组织法》第四章", "text": "条文原话",
        "read_on": "2026-02-20", "confirmed_at": at(days=2), "revoked_at": None,
        "revoked_reason": None, **changes,
    }  # fmt: skip


WORDS = {"zh": ["一人一票。", "过半数参加、参加的过半数同意才通过。"],
         "en": ["One vote each.", "More than half."]}  # fmt: skip
SUMS = {"zh": ["参加 ÷ 名册 > 1/2"], "en": ["taking part ÷ roll > 1/2"]}


def preset(name: str = "residents_assembly", **changes: Any) -> dict[str, Any]:
    return {
        "preset": name, "version": 1, "since": "2026-03-01",
        "name_zh": {"owners_ordinary": "业主大会（一般事项）"}.get(name, "居民会议"),
        "name_en": "residents' assembly", "sure": "older_text",
        "source_zh": "《城市居民委员会组织法》第九条", "source_en": "Organic Law, art. 9",
        "verified": False, "warning": {"zh": ["未对照现行法律核实"], "en": ["not verified"]},
        "confirmation": None, "rules": v.rule_set(base=name), "words": WORDS, "arithmetic": SUMS,
        "bounds": [{"field": "quorum", "binding": False, "zh": "过半数", "en": "half"}],
        **changes,
    }  # fmt: skip


OWNERS_RULES = {
    "base": "owners_ordinary", "electorate": {"who": "owners", "tenants": False},
    "weight": "dual", "secrecy": "named_to_auditors", "notice_days": 15,
    "quorum": {"kind": "dual", "area": {"at": "2/3"}, "heads": {"at": "2/3"}},
    "threshold": {"base": "present", "area": {"at": "1/2", "above": True},
                  "heads": {"at": "1/2", "above": True}},
}  # fmt: skip


def presets() -> dict[str, Any]:
    owners = preset(
        "owners_ordinary", sure="read", verified=True, warning=None,
        rules=v.rule_set(**OWNERS_RULES),
    )  # fmt: skip
    return {"items": [preset(), owners, preset("article_2017", sure="press")]}


def preview(**changes: Any) -> dict[str, Any]:
    reach = {
        "of": "quorum", "measure": "entries", "alternative": False, "whole": "1560",
        "least": "781", "zh": "至少 781 人参加", "en": "at least 781 take part",
    }  # fmt: skip
    return {
        "rules": v.rule_set(verified=False), "hash": v.HASH, "words": WORDS, "arithmetic": SUMS,
        "must_reach": [reach], "outcome": None, **changes,
    }  # fmt: skip


def outcome(passed: bool = True) -> dict[str, Any]:
    return {
        "passed": passed, "quorum_reached": True, "extend_days": 0, "lock_days": 0,
        "non_voters_with": None, "lines": [v.line()],
    }  # fmt: skip


def entry(state: str = "free", **changes: Any) -> dict[str, Any]:
    return {
        "subject_id": None if state == "absent" else v.ENTRY, "ref": REF, "kind": "person",
        "building": "3号楼", "place": "502室", "state": state, "area": "0.00", "heads": "1/1",
        "doubt": "", "names": ["孙**"], "birth_years": [1950], "paper": None, "acts": [],
        **changes,
    }  # fmt: skip


def books(**changes: Any) -> dict[str, Any]:
    line = {
        "sheet": 1, "buildings": ["3号楼"], "line": "returned", "register_says": "10",
        "sheet_says": "9", "agrees": False,
    }  # fmt: skip
    return {
        "poll_id": v.POLL, "buildings": [], "issued": 12, "out": 1, "returned": 10, "spoiled": 1,
        "sheets_open": 1, "lines": [line], "reconciled": False, **changes,
    }  # fmt: skip


def roll_objection(**changes: Any) -> dict[str, Any]:
    return t.objection(**{"kind": "roll", "body": "我上月搬来，名册上没有我。", **changes})


def breach(**changes: Any) -> dict[str, Any]:
    """A breach as the desk sees it: one note waits because of its words."""
    told = v.breach()
    note = {**told["notes"][0], "mine": False}
    waits = {**note, "id": 2, "waits": True, "body": "话说得重了"}
    return {
        **told,
        "role": "desk",
        "notes": [note, waits],
        "actions": ["reply", "settled", "closed"],
        **changes,
    }


def breach_line(**changes: Any) -> dict[str, Any]:
    return {**v.breach_line(), "role": "desk", **changes}


def answers() -> dict[str, Any]:
    """One text is being written, one vote lies on display, one breach waits."""
    return {
        "list_rule_presets": presets(),
        "preview_rules": preview(),
        "put_proposal": draft(),
        "confirm_rules": confirmation(),
        "revoke_rule_confirmation": confirmation(revoked_at=at(), revoked_reason="改了"),
        "list_rule_confirmations": page_of(confirmation()),
        "void_poll": poll("void", void_reason="文本有误"),
        "find_on_roll": page_of(entry(), entry("absent", ref=v.POLL)),
        "get_roll_turnout": {
            "buildings": [{"building": "3号楼", "roll": 60, "voted": 31, "paper_out": 2}]
        },
        "add_roll_entry": v.roll()["changes"][0],
        "strike_roll_entry": {**v.roll()["changes"][0], "kind": "struck"},
        "record_proxy": v.proxy(written=True),
        "sign_off_result": v.result(),
        "record_filing": v.result(),
        "annul_result": v.result(annulled_at=at(), annul_reason="名册有误"),
        "keep_covenant": v.covenant(may_keep=True),
        "bring_into_breach": breach(),
        "show_breach_note": breach(),
        "add_follow_up": v.follow_up(),
        "update_follow_up": v.follow_up(),
    }


def at_desk(**changes: Any) -> dict[str, Any]:
    """What the services say to somebody who convenes."""
    return {
        **answers(),
        "list_screening_board": page_of(task()),
        "list_polls": page_of(poll()),
        "get_poll": poll(),
        "get_topic": draft(),
        "get_proposal_version": v.proposal(),
        "list_objections": page_of(roll_objection()),
        "list_roll": v.roll(state="published", drawn=1560, expected=1560, drawn_at=at(days=4)),
        "list_paper_desk": books(),
        "get_covenant": v.covenant(may_keep=True),
        "get_breach": breach(),
        "list_breaches": page_of(breach_line()),
        "list_communities": page_of(place()),
        **changes,
    }


def place() -> dict[str, Any]:
    return {
        "id": SHANGYUAN, "name": "尚园居民区", "kind": "urban", "path": "demo.yuepu.shangyuan",
        "code12": "", "district_id": DISTRICT, "district_name": "宝山样例区", "town_id": "t",
        "town_name": "月浦样例镇", "modules": [],
    }  # fmt: skip
