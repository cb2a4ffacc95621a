"""What the desk for content sees, as the contract has it; see `web_world`."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from tests.gateway.web_pieces import at, page_of

CID = SHANGYUAN
POST, COMMENT, ISSUE = (demo_id(9, n) for n in (1, 2, 3))
CASE, SILENCE, PERSON, QUESTION, DEED = (demo_id(5, n) for n in (1, 2, 3, 5, 6))
QUEUE = "/console/moderation"
ONE = f"{QUEUE}/{CASE}"
ASKED, DEEDS = f"/posts/{POST}/questions", f"/posts/{POST}/deeds"
RESIDENT = (
    f"/c/{CID}/questions",
    f"/c/{CID}/questions?state=overdue",
    ASKED,
    f"{ASKED}?line=3",
    f"{ASKED}/{QUESTION}",
    f"/c/{CID}/deeds",
    DEEDS,
    f"{DEEDS}/{DEED}",
)
STAFF = (
    QUEUE,
    f"{QUEUE}?state=appealed",
    ONE,
    f"{QUEUE}/log",
    f"{QUEUE}/silences",
    f"{QUEUE}/words",
    "/console/content",
    "/console/content?module=nearby&view=praise",
    "/console/content?view=taken_down",
    "/console/suggestions",
    f"/console/suggestions?post={POST}",
    "/console/questions",
    "/console/questions?state=answered",
    "/console/deeds",
)
ELSEWHERE = (f"{QUEUE}/next",)
"""Opened by a test of its own: it goes on to another page."""


def author(name: str = "老张", **changes: Any) -> dict[str, Any]:
    return {
        "id": PERSON,
        "display_name": name,
        "building_label": "5号楼",
        "badge_shown": False,
        "role_badges": [],
        "anonymous": False,
        **changes,
    }


HIDDEN = author("匿名邻居", id=None, building_label="", anonymous=True)


def summary(**changes: Any) -> dict[str, Any]:
    return {
        "id": CASE,
        "community_id": CID,
        "module": "neighbours",
        "target": "comment",
        "target_id": COMMENT,
        "post_id": POST,
        "title": "空调外机又滴水",
        "excerpt": "大家都去敲他家门",
        "content_state": "shown",
        "author": author(),
        "opened_by": "report",
        "state": "open",
        "held": False,
        "hits": ["insults"],
        "reports": 2,
        "opened_at": at(hours=9),
        "decision": None,
        "decided_at": None,
        "appealed_at": None,
        "final_decision": None,
        "final_at": None,
        "may_decide": True,
        **changes,
    }


def case(**changes: Any) -> dict[str, Any]:
    said = {
        "title": "",
        "body": "大家都去敲他家门！",
        "extra": {},
        "attachments": [
            {"id": demo_id(5, 9), "content_type": "image/jpeg", "bytes": 9, "sha256": "ab" * 32}
        ],
        "version": None,
        "at": at(hours=9),
        "reported": True,
        "before": [],
    }
    return {
        **summary(),
        "evidence": {**said, "before": [{**said, "body": "去敲门"}]},
        "forgotten_at": None,
        "reported": [
            {"kind": "insult", "reason": "叫人上门不合适", "at": at(hours=8), "reporter": None},
            {
                "kind": "private_data",
                "reason": "写了门牌",
                "at": at(hours=7),
                "reporter": author("居委小王"),
            },
        ],
        "reason": "",
        "decided_by": None,
        "appeal_until": None,
        "appeal": "",
        "final_reason": "",
        "final_by": None,
        **changes,
    }


def appealed(**changes: Any) -> dict[str, Any]:
    """A case that was decided by Wang, and appealed against."""
    return case(
        **{
            "state": "appealed",
            "content_state": "taken_down",
            "decision": "take_down",
            "reason": "骂人了",
            "decided_by": {"id": "p-wang", "display_name": "居委小王"},
            "decided_at": at(hours=5),
            "appeal": "我没有骂人",
            "appealed_at": at(hours=2),
            **changes,
        }
    )


def line(**changes: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "at": at(hours=5),
        "actor": {"id": "p-wang", "display_name": "居委小王"},
        "actor_role": "committee_staff",
        "action": "decided",
        "target": "comment",
        "target_id": COMMENT,
        "case_id": CASE,
        "reason": "骂人了",
        "details": {"decision": "take_down"},
        **changes,
    }


def silence(**changes: Any) -> dict[str, Any]:
    return {
        "id": SILENCE,
        "community_id": CID,
        "person_id": PERSON,
        "display_name": "老张",
        "reason": "多次骂人",
        "since": at(days=1),
        "until": at(days=-2),
        "ended_at": None,
        **changes,
    }


def suggestion(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": demo_id(5, 7),
        "title": "三号楼门口的灯又坏了",
        "excerpt": "晚上黑乎乎的，老人差点摔一跤。",
        "module": "nearby",
        "problem": 0.91,
        "category": "dispose",
        "slot": None,
        "confidence": 0.8,
        "reasons": ["灯", "坏了"],
        "urgent": False,
        "state": "open",
        "posted_at": at(hours=3),
        "suggested_at": at(hours=2),
        **changes,
    }


def question(**changes: Any) -> dict[str, Any]:
    return {
        "id": QUESTION,
        "post_id": POST,
        "post_title": "三季度收支公开",
        "community_id": CID,
        "line": 3,
        "body": "电梯维修为什么比去年贵一倍？",
        "asker": author(),
        "mine": False,
        "asked_at": at(days=1),
        "due_at": at(days=-6),
        "state": "open",
        "answer": None,
        "answered_by": None,
        "answered_role": None,
        "answered_at": None,
        "content_state": "shown",
        "attachments": [],
        "may_answer": False,
        **changes,
    }


def answered(**changes: Any) -> dict[str, Any]:
    return question(
        **{
            "state": "answered",
            "answer": "换了曳引机，附合同。",
            "answered_by": author("居委小王"),
            "answered_role": "committee_staff",
            "answered_at": at(hours=2),
            **changes,
        }
    )


PROMISE = {"due": 8, "kept": 7, "share": "0.87", "missed": ["2026-03-04"]}


def pledge(**changes: Any) -> dict[str, Any]:
    return {
        "post_id": POST,
        "title": "承诺：银先锋每周三、周五夜巡",
        "by": author("老陆", badge_shown=True),
        "mine": False,
        "said_at": at(days=29),
        "extra": {
            "kind": "pledge",
            "slots": [{"weekday": 3, "from": "20:00", "to": "21:00"}],
            "place": "一号楼至十二号楼",
        },
        "promise": PROMISE,
        "keepers": 2,
        "deeds": 7,
        "seen": 9,
        "last_on": "2026-03-06",
        **changes,
    }


def deed(**changes: Any) -> dict[str, Any]:
    return {
        "id": DEED,
        "post_id": POST,
        "on_date": "2026-03-06",
        "note": "十二栋楼走了一遍，消防通道畅通。",
        "attachments": [],
        "by": author("老陆"),
        "at": at(hours=9),
        "seen": 2,
        "not_seen": 1,
        "seen_by_me": None,
        **changes,
    }


def deeds(*done: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = {"promise": PROMISE, "keepers": [author("小赵")], "may_record": False, **changes}
    return page_of(*(done or (deed(),)), **told)


def answers() -> dict[str, Any]:
    """What lies on the desk for content."""
    return {
        "list_moderation_cases": page_of(summary()),
        "get_moderation_case": case(),
        "decide_report": case(state="decided", decision="take_down", may_decide=False),
        "decide_appeal": appealed(state="final", final_decision="keep", may_decide=False),
        "uncover_author": {"post_id": POST, "comment_id": None, "author": author("真名老张")},
        "list_moderation_log": page_of(line(), line(id="6", actor=None, action="reported",
                                                    actor_role="", reason="",
                                                    details={"kind": "insult"})),
        "list_silences": page_of(silence(), silence(id=demo_id(5, 4), ended_at=at())),
        "silence_person": silence(),
        "lift_silence": silence(ended_at=at()),
        "check_speech": {"held": False},
        "take_down": case(state="decided", decision="take_down", may_decide=False),
        "list_suggestions": page_of(suggestion()),
        "get_suggestion": suggestion(post_id=POST, urgent=True),
        "dismiss_suggestion": suggestion(state="dismissed"),
        "ask_question": question(mine=True),
        "list_questions": page_of(question(), answered(id=demo_id(5, 8))),
        "list_community_questions": page_of(question(), answered(id=demo_id(5, 8))),
        "answer_question": answered(),
        "report_question": {
            "id": CASE, "target": "question", "target_id": QUESTION, "kind": "insult",
            "reported_at": at(),
        },
        "take_down_question": case(target="question", state="decided", decision="take_down"),
        "list_pledges": page_of(pledge()),
        "list_deeds": deeds(),
        "record_deed": deed(),
        "witness_deed": deed(seen=3, seen_by_me=True),
        "list_witnesses": page_of(
            {"person": author(), "seen": True, "note": "碰到他们了", "at": at(hours=5)}
        ),
        "name_keeper": {"keepers": [author("小赵")]},
        "remove_keeper": {"keepers": []},
    }  # fmt: skip
