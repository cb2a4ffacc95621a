"""Topics, discussion, objections, surveys for tests of the pages: answers as the contract has them.

No shape is made up: whatever a test lets the services say is held against the contract's models.
"""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from services.contracts.errors import FieldError, Invalid
from services.contracts.operations import by_method
from services.contracts.operations.votes.chain import ChainSettings, ChainVersion
from services.contracts.operations.votes.rules import Entitled, RuleSet
from tests.gateway.web_pieces import at, page_of

OPINION, MINE, OBJECTION, SURVEY, OTHER, TOPIC, POLL = (demo_id(9, n) for n in range(41, 48))
HASH = "ab" * 32
RULES = RuleSet(base="article_2017", electorate=Entitled(who="residents18"))


NEIGHBOUR = {
    "person_id": "p-lu",
    "display_name": "老陆",
    "building_label": "5号楼",
    "badge_shown": True,
    "role_badges": ["party_member"],
}
ME = {**NEIGHBOUR, "person_id": "p-sun", "display_name": "孙奶奶", "badge_shown": False}
WAY = ("raised", "screened", "discussion", "actionable", "proposal", "notice", "voting", "adopted")


class Refused(Invalid):
    code = "votes.some_rule"
    zh, en = "这样不行", "Not like this"


def refusal(*fields: str) -> Refused:
    """What votes says when these fields are not as they should be."""
    return Refused(errors=[FieldError(field, "请再想想") for field in fields])


def summary(**changes: Any) -> dict[str, Any]:
    return {
        "id": TOPIC,
        "community_id": SHANGYUAN,
        "title": "快递柜装在哪里",
        "state": "discussion",
        "convener": "residents_committee",
        "author_name": "小陈",
        "mine": False,
        "returned": False,
        "held": False,
        "outcome": None,
        "seconders": 3,
        "seconders_wanted": None,
        "my_second": False,
        "poll_id": None,
        "since": at(days=3),
        "deadline_at": at(days=-4),
        "overdue": False,
        "created_at": at(days=4),
        **changes,
    }


def line(kind: str = "raised", **changes: Any) -> dict[str, Any]:
    return {
        "at": at(days=4),
        "kind": kind,
        "was": "raised",
        "state": "raised",
        "actor_role": "resident",
        "actor_name": "小陈",
        "text": "提出问题，由居委会筛选",
        "reason": None,
        "deadline_at": None,
        "ref": None,
        **changes,
    }


def way(here: str, **now: Any) -> list[dict[str, Any]]:
    """The ladder of a topic that stands ``here``."""
    steps: list[dict[str, Any]] = []
    known = WAY if here in WAY else ("raised", here)
    for state in known:
        place = known.index(state) - known.index(here)
        standing = "now" if place == 0 else "past" if place < 0 else "ahead"
        came = {"since": at(days=3), "actor_role": "secretary", "actor_name": "石书记"}
        steps.append(
            {"state": state, "standing": standing, "until": None, "reason": None}
            | (came if place <= 0 else {"since": None, "actor_role": None, "actor_name": None})
            | (now if place == 0 else {})
        )
    return steps


def step(do: str, to: str | None = None, **changes: Any) -> dict[str, Any]:
    """Something that may be done now."""
    blank = {"stage": None, "needs": [], "not_before": None, "topic_id": None}
    return {"do": do, "to": to, **blank, **changes}


def topic(**changes: Any) -> dict[str, Any]:
    state = changes.get("state", "discussion")
    return {
        **summary(),
        "body": "快递堆在门卫室，丢过几次。",
        "assisted_by_name": None,
        "from_post_id": None,
        "again_of": None,
        "aim": "new",
        "covenant_id": None,
        "merged_into": None,
        "locked_until": None,
        "settings_version": 0,
        "opinions": {"for": 2, "against": 1, "neutral": 0},
        "wordings": [],
        "versions": [],
        "objections": [],
        "timeline": [line()],
        "next_steps": [step("second")],
        "way": way(state, until=at(days=-4)),
        "waits_for": "talk",
        "objecting": None,
        "barred": None,
        "convenes": False,
        **changes,
    }


def owed(**changes: Any) -> dict[str, Any]:
    return {
        "id": OBJECTION,
        "kind": "text",
        "period": "notice",
        "owed": True,
        "answers": 0,
        "replies": 0,
        "mark": None,
        "filed_at": at(days=1),
        "withdrawn_at": None,
        **changes,
    }


def noticed(**changes: Any) -> dict[str, Any]:
    """A topic whose text is frozen and lies open to objections."""
    told = {
        "state": "notice",
        "waits_for": "poll",
        "poll_id": POLL,
        "next_steps": [],
        "objections": [owed()],
        "objecting": {
            "period": "notice",
            "opens_at": at(days=1),
            "closes_at": at(days=-2),
            "open": True,
            "left": 5,
        },
    }
    return topic(**{**told, **changes})


def talk(**changes: Any) -> dict[str, Any]:
    moderator = {
        "person": {**NEIGHBOUR, "display_name": "老郑"},
        "appointed_role": "secretary",
        "appointed_at": at(days=2),
        "ended_at": None,
    }
    return {
        "topic_id": TOPIC,
        "open": True,
        "opinions_for": 2,
        "opinions_against": 1,
        "opinions_neutral": 0,
        "speakers": 3,
        "moderators": [moderator],
        "speeches": 5,
        "minutes": 10,
        "correct_minutes": 15,
        "left": 4,
        "may_speak_at": at(minutes=1),
        "moderating": False,
        "rules": [{"zh": "一事一议", "en": "One thing at a time"}],
        "barred": None,
        **changes,
    }


def opinion(**changes: Any) -> dict[str, Any]:
    return {
        "id": OPINION,
        "topic_id": TOPIC,
        "stance": "against",
        "moderator": False,
        "body": "南门太远",
        "state": "shown",
        "author": NEIGHBOUR,
        "mine": False,
        "nth": 1,
        "proposal": None,
        "assisted": False,
        "created_at": at(hours=3),
        "corrected_at": None,
        "earlier": [],
        "hidden": None,
        "correct_until": None,
        "actions": [],
        "decisions": [],
        **changes,
    }


def mine(**changes: Any) -> dict[str, Any]:
    """My own opinion, which may still be corrected."""
    told = {
        "id": MINE,
        "stance": "for",
        "body": "装南门",
        "author": ME,
        "mine": True,
        "correct_until": at(minutes=-9),
        "actions": ["withdraw"],
    }
    return opinion(**{**told, **changes})


def hidden(**changes: Any) -> dict[str, Any]:
    return {
        "role": "resident",
        "by": {**NEIGHBOUR, "display_name": "老郑"},
        "reason": "猜测他人动机",
        "at": at(hours=1),
        "final": False,
        "appealed_at": None,
        "appeal": None,
        **changes,
    }


def objection(**changes: Any) -> dict[str, Any]:
    return {
        "id": OBJECTION,
        "topic_id": TOPIC,
        "poll_id": POLL,
        "period": "notice",
        "kind": "text",
        "body": "没有写清谁来计票",
        "objector": ME,
        "mine": False,
        "assisted": False,
        "filed_at": at(days=1),
        "owed": True,
        "stands": True,
        "mark": None,
        "marked_at": None,
        "withdrawn_at": None,
        "thread": [],
        "actions": [],
        "may_ask_again": False,
        **changes,
    }


def answered(**changes: Any) -> dict[str, Any]:
    """My objection after it was answered."""
    note = {
        "side": "answer",
        "body": "由楼组长和两位居民一起计票。",
        "by": {**NEIGHBOUR, "display_name": "石书记"},
        "role": "secretary",
        "at": at(hours=5),
    }
    told = {
        "mine": True,
        "owed": False,
        "thread": [note],
        "actions": ["reply", "mark", "withdraw"],
        "may_ask_again": True,
    }
    return objection(**{**told, **changes})


def version_line(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "topic_id": TOPIC,
        "version": number,
        "articles": 2,
        "hash": HASH,
        "opens_at": at(days=-9),
        "closes_at": at(days=-16),
        "written_at": at(days=number),
        "written_role": "secretary",
        "frozen": False,
        **changes,
    }


def version(**changes: Any) -> dict[str, Any]:
    """The newest text, with its rules in plain words."""
    return {
        "topic_id": TOPIC,
        "version": 2,
        "aim": "new",
        "covenant_id": None,
        "covenant_version": None,
        "articles": [{"number": 1, "key": "a1", "title": "", "text": "灯亮不少于30秒。"}],
        "rules": RULES.model_dump(mode="json"),
        "hash": HASH,
        "opens_at": at(days=-9),
        "closes_at": at(days=-16),
        "effective_at": None,
        "expires_at": None,
        "written_at": at(days=1),
        "written_role": "secretary",
        "frozen": True,
        "rules_in_words": {"zh": ["一人一票。"], "en": ["One person, one vote."]},
        **changes,
    }


def differences(**changes: Any) -> dict[str, Any]:
    changed = {
        "key": "a1",
        "kind": "changed",
        "was": 1,
        "number": 1,
        "title": [],
        "text": [
            {"kind": "same", "text": "亮灯不少于"},
            {"kind": "removed", "text": "20秒"},
            {"kind": "added", "text": "30秒"},
        ],
    }
    sentences = [
        {"kind": "same", "text": "一人一票。"},
        {"kind": "removed", "text": "公示7天。"},
        {"kind": "added", "text": "公示15天。"},
    ]
    return {
        "older": 1,
        "newer": 2,
        "older_hash": HASH,
        "newer_hash": HASH,
        "articles": [changed],
        "same": 2,
        "rules": [
            {"field": "rule_set.publicity_days", "before": "7", "after": "15"},
            {"field": "opens_at", "before": at(days=-8), "after": at(days=-9)},
        ],
        "rules_in_words": {"zh": sentences, "en": sentences},
        **changes,
    }


QUESTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "single", "text": "要不要换？", "required": True, "choices": ["换", "不换"]},
    {"kind": "multiple", "text": "哪些班？", "choices": ["书法", "合唱", "急救"], "most": 2},
    {"kind": "scale", "text": "打几分？", "lowest": 1, "highest": 5},
    {"kind": "number", "text": "来几个人？", "lowest": 1, "highest": 10},
    {"kind": "text", "text": "还有什么建议？", "longest": 200},
)


def question(**changes: Any) -> dict[str, Any]:
    blank = {"required": False, "choices": [], "least": 0, "most": None, "longest": 500}
    return {**blank, "lowest": None, "highest": None, **changes}


def survey_line(**changes: Any) -> dict[str, Any]:
    return {
        "id": SURVEY,
        "community_id": SHANGYUAN,
        "convener": "residents_committee",
        "title": "冬天办什么班",
        "state": "open",
        "size": len(QUESTIONS),
        "anonymous": True,
        "one_per": "person",
        "results": "closed",
        "texts": "staff",
        "plan_id": None,
        "topic_id": None,
        "closes_at": at(days=-3),
        "opened_at": at(days=2),
        "closed_at": None,
        "answers": 7,
        "answered": False,
        **changes,
    }


def survey(**changes: Any) -> dict[str, Any]:
    return {
        **survey_line(),
        "intro": "想听听大家要学什么",
        "questions": [question(**one) for one in QUESTIONS],
        "mine": None,
        "may_change": False,
        "may_see": False,
        "barred": None,
        **changes,
    }


def results(**changes: Any) -> dict[str, Any]:
    def of(**told: Any) -> dict[str, Any]:
        blank = {"counts": [], "mean": None, "median": None, "lowest": None, "highest": None}
        return {"answered": 8, **blank, "texts": None, **told}

    return {
        "survey_id": SURVEY,
        "state": "closed",
        "answers": 8,
        "withheld": False,
        "questions": [
            of(
                kind="single",
                text="要不要换？",
                counts=[{"answer": "换", "count": 6}, {"answer": "不换", "count": 2}],
            ),
            of(kind="number", text="来几个人？", mean="13/3", median="4", lowest=1, highest=9),
            of(kind="text", text="还有什么建议？", texts=["早一点开门"]),
        ],
        **changes,
    }


CHAIN = ChainVersion(
    version=0,
    settings=ChainSettings(steps=["seconding", "discussion"]),
    note=None,
    changed_at=None,
    changed_by_name=None,
).model_dump(mode="json")


def spoken(*shown: dict[str, Any], waiting: tuple[dict[str, Any], ...] = ()) -> Any:
    """What is told of a discussion, and what still waits to be looked at."""
    told, held = page_of(*shown, cursor="next"), page_of(*waiting)
    for page in (told, held):
        by_method("list_opinions").result.model_validate(page)
    return lambda asked: held if asked.kwargs.get("shown") == "waiting" else told


def answers() -> dict[str, Any]:
    """A topic is discussed, a survey is open."""
    return {
        "list_topics": page_of(summary(), stages={"discussed": 1, "asked": 2}),
        "get_topic": topic(),
        "raise_topic": topic(state="raised", waits_for="desk", mine=True),
        "amend_topic": topic(),
        "advance_topic": topic(state="closed", waits_for=None),
        "second_topic": {"seconders": 4, "seconders_wanted": None, "my_second": True},
        "withdraw_second": {"seconders": 3, "seconders_wanted": None, "my_second": False},
        "get_chain_settings": CHAIN,
        "get_discussion": talk(),
        "list_opinions": spoken(opinion()),
        "discuss_topic": mine(),
        "moderate_topic": opinion(moderator=True, stance=None),
        "correct_opinion": mine(),
        "withdraw_opinion": mine(state="withdrawn", body="", actions=[]),
        "appeal_opinion": mine(),
        "decide_opinion": opinion(),
        "get_proposal_version": version(),
        "list_proposal_versions": page_of(version_line(2), version_line(1)),
        "compare_proposal_versions": differences(),
        "list_objections": page_of(objection()),
        "get_objection": objection(),
        "object": objection(mine=True),
        "reply_to_objection": answered(),
        "mark_objection": answered(mark="satisfied", stands=False),
        "withdraw_objection": answered(withdrawn_at=at(), actions=[]),
        "list_surveys": page_of(survey_line()),
        "get_survey": survey(),
        "answer_survey": {"survey_id": SURVEY, "answers": 8},
        "survey_results": results(),
    }


RESIDENT = (
    f"/c/{SHANGYUAN}/topics",
    f"/c/{SHANGYUAN}/topics?stage=discussed",
    f"/c/{SHANGYUAN}/topics/new",
    f"/topics/{TOPIC}",
    f"/topics/{TOPIC}/discussion",
    f"/topics/{TOPIC}/proposal",
    f"/topics/{TOPIC}/proposal/changes?older=1&newer=2",
    f"/topics/{TOPIC}/objections",
    f"/objections/{OBJECTION}",
    f"/c/{SHANGYUAN}/surveys",
    f"/surveys/{SURVEY}",
)
