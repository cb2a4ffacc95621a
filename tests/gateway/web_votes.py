"""Votes and covenants for tests of the pages: answers as the contract has them."""

from typing import Any

from services.contracts.demo import SHANGYUAN, demo_id
from services.contracts.operations.votes.rules import RuleSet
from tests.gateway.fakes import PERSON
from tests.gateway.web_pieces import at, page_of

POLL, TOPIC, ENTRY, OTHER_ENTRY, PROXY, COVENANT, BREACH, NEIGHBOUR = (
    demo_id(9, n) for n in range(21, 29)
)
RECEIPT = "0TBD4-9XW2M-HZ8RC-7K3QF"
URL = f"http://gateway/verify#{RECEIPT}"
HASH = "ab" * 32
SUMS = {"open": 1, "settled": 0, "to_issue": 0, "closed": 0}


def rule_set(**changes: Any) -> dict[str, Any]:
    told = {
        "base": "article_2017",
        "electorate": {"who": "residents18"},
        "quorum": {"kind": "fraction", "entries": {"at": "1/2", "above": True}},
        **changes,
    }
    return RuleSet.model_validate(told).model_dump(mode="json")


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "subject_id": ENTRY,
        "kind": "person",
        "building": "3号楼",
        "place": "502室",
        "area": "0.00",
        "heads": "1/1",
        "state": "free",
        "why_not": None,
        "may_change": False,
        **changes,
    }


def why(code: str, text: str) -> dict[str, str]:
    return {"code": f"votes.{code}", "text": text}


VOTED = why("already_voted", "这一票已经投过了")


def poll(state: str = "open", **changes: Any) -> dict[str, Any]:
    over = state in ("closed", "published", "void")
    return {
        "id": POLL,
        "topic_id": TOPIC,
        "community_id": SHANGYUAN,
        "state": state,
        "title": "电动自行车不进楼",
        "convener": "residents_committee",
        "proposal": 2,
        "rules": ["谁能投：年满十八周岁的居民。", "一人一票。"],
        "arithmetic": ["参加表决的人数 ÷ 名册人数 > 1/2"],
        "rule_set": rule_set(),
        "rules_hash": HASH,
        "verified": False,
        "secrecy": "secret",
        "roll_state": "frozen",
        "roll_size": 1560,
        "roll_hash": HASH,
        "my_subjects": [entry()],
        "my_state": "free",
        "why_not": why("closed", "表决已经截止") if over else None,
        "turnout": {"roll": 1560, "online": 214, "paper": 12, "paper_out": 3},
        "head_hash": HASH,
        "held": [],
        "announced_at": at(days=9),
        "opens_at": at(days=1),
        "closes_at": at(days=1) if over else at(days=-6),
        "extended": 0,
        "opened_at": None if state == "announced" else at(days=1),
        "closed_at": at(days=1) if over else None,
        "published_at": at(hours=3) if state == "published" else None,
        "void_reason": "文本有误" if state == "void" else None,
        "task": "voting",
        "task_due_at": at(days=-6),
        "steps": [],
        **changes,
    }


def article(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "key": f"a{number}",
        "title": "",
        "text": "电动自行车及其电池不进楼道。",
        **changes,
    }


def proposal(**changes: Any) -> dict[str, Any]:
    return {
        "topic_id": TOPIC,
        "version": 2,
        "aim": "new",
        "covenant_id": None,
        "covenant_version": None,
        "articles": [article()],
        "rules": rule_set(),
        "hash": HASH,
        "opens_at": at(days=1),
        "closes_at": at(days=-6),
        "effective_at": None,
        "expires_at": None,
        "written_at": at(days=10),
        "written_role": "secretary",
        "frozen": True,
        "rules_in_words": None,
        **changes,
    }


def proxy(**changes: Any) -> dict[str, Any]:
    return {
        "id": PROXY,
        "poll_id": POLL,
        "subject_id": OTHER_ENTRY,
        "building": "5号楼",
        "place": "101室",
        "holder_id": NEIGHBOUR,
        "holder_name": "老陆",
        "holder_building": "2号楼",
        "choice": None,
        "written": False,
        "photo": None,
        "granted_at": at(days=1),
        "revoked_at": None,
        "used": False,
        **changes,
    }


def counts(**changes: int) -> dict[str, int]:
    return {"for": 0, "against": 0, "abstain": 0, "spoiled": 0, "invalid": 0, **changes}


def line(of: str = "quorum", holds: bool = True, **changes: Any) -> dict[str, Any]:
    return {
        "of": of,
        "measure": "entries",
        "alternative": False,
        "left": "2 × 986 = 1972",
        "relation": ">",
        "right": "1 × 1560 = 1560",
        "holds": holds,
        "zh": "参加表决的人数超过名册人数的 1/2",
        "en": "people taking part: more than 1/2 of the people on the roll",
        **changes,
    }


def result(**changes: Any) -> dict[str, Any]:
    sums = {"entries": 1560, "households": 600, "area": "0/1", "heads": "1560/1"}
    return {
        "poll_id": POLL,
        "topic_id": TOPIC,
        "community_id": SHANGYUAN,
        "title": "电动自行车不进楼",
        "state": "published",
        "roll": 1560,
        "roll_sums": sums,
        "taken_part": {**sums, "entries": 986},
        "issued": 114,
        "unreturned": 6,
        "late": 0,
        "by_proxy": 0,
        "online": counts(**{"for": 794, "against": 49, "abstain": 35}),
        "paper": counts(**{"for": 95, "against": 7, "abstain": 4, "invalid": 2}),
        "weights": {"heads": {"for": "889/1", "against": "56/1", "abstain": "39/1"}},
        "quorum_reached": True,
        "arithmetic": [line(), line("threshold")],
        "passed": True,
        "verified": False,
        "buildings": [{"building": "3号楼", "roll": 60, "online": 30, "paper": 4}],
        "disagreements": [],
        "objections": [
            {
                "id": "o-1", "earlier": False, "kind": "mechanism", "during": "notice",
                "answered": True, "mark": "stands", "stands": True,
            }
        ],
        "certificate_hash": HASH,
        "certificate": {},
        "published_at": at(hours=3),
        "publicity_ends_at": at(days=-7),
        "waits_for": ["period"],
        "sign_off": None,
        "adopted_at": None,
        "filing": None,
        "annulled_at": None,
        "annul_reason": None,
        **changes,
    }  # fmt: skip


def roll(**changes: Any) -> dict[str, Any]:
    return {
        "poll_id": POLL,
        "state": "frozen",
        "hash": HASH,
        "size": 1560,
        "households": 600,
        "area": "0.00",
        "heads": "1560/1",
        "kinds": [{"kind": "person", "entries": 1560}],
        "buildings": [{"building": "3号楼", "entries": 60}],
        "doubts": [{"doubt": "age", "entries": 4}],
        "changes": [
            {
                "id": "c-1", "kind": "added", "reason": "上月搬来", "objection_id": None,
                "at": at(days=3),
            }
        ],
        "drawn": 1560,
        "expected": 1560,
        "drawn_at": at(days=4),
        **changes,
    }  # fmt: skip


def proofs(**changes: Any) -> dict[str, Any]:
    one = {"subject_id": ENTRY, "line": f"{ENTRY}|person|0|1/1", "salt": HASH, "index": 4}
    return {
        "poll_id": POLL,
        "hash": HASH,
        "size": 1560,
        "items": [{**one, "path": [HASH]}],
        **changes,
    }


def head(**changes: Any) -> dict[str, Any]:
    return {
        "seq": 4,
        "hash": HASH,
        "leaves": 2,
        "root": HASH,
        "at": at(hours=3),
        "key_id": HASH[:16],
        "public_key": HASH,
        "signature": HASH * 2,
        **changes,
    }


def bulletin(**changes: Any) -> dict[str, Any]:
    totals = {
        name: {"entries": 1, "area": 0, "heads": "1/1"} for name in ("for", "against", "abstain")
    }
    entries = [
        ("opened", {"poll_id": POLL}),
        ("leaves", {"first": 0, "leaves": [HASH, HASH]}),
        ("closed", {"marks": 2}),
        ("choices", {"count": 2, "totals": totals, "hash": HASH}),
    ]
    return {
        "poll_id": POLL,
        "title": "电动自行车不进楼",
        "state": "published",
        "secrecy": "secret",
        "seq": 4,
        "hash": HASH,
        "leaves": 2,
        "superseded": 0,
        "turnout": {"roll": 1560, "online": 2, "paper": 0},
        "heads": [head()],
        "items": [
            {"seq": seq, "kind": kind, "payload": payload, "hash": HASH}
            for seq, (kind, payload) in enumerate(entries, 1)
        ],
        "next_cursor": None,
        **changes,
    }


def found(**changes: Any) -> dict[str, Any]:
    return {
        "poll_id": POLL,
        "title": "电动自行车不进楼",
        "state": "open",
        "seq": 2,
        "position": 0,
        "leaf": HASH,
        "leaves": 1,
        "proof": [],
        "root": HASH,
        "head_seq": 2,
        "head_hash": HASH,
        "heads": [],
        "replaced": False,
        "superseded_by": None,
        **changes,
    }


def receipt() -> dict[str, Any]:
    return {"receipt": RECEIPT, "poll_id": POLL, "url": URL}


def boxed(error: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the box says to the one ballot of a batch."""
    told = None if error else receipt()
    return {"answers": [{"receipt": told, "replayed": False, "error": error, "alone": False}]}


# -- covenants -------------------------------------------------------------------------------------


def provenance(version: int = 1) -> dict[str, Any]:
    return {
        "version": version,
        "topic_id": TOPIC,
        "poll_id": POLL,
        "proposal": 2,
        "proposal_hash": HASH,
        "adopted_at": at(days=30),
    }


def summary(**changes: Any) -> dict[str, Any]:
    return {
        "id": COVENANT,
        "community_id": SHANGYUAN,
        "title": "自治公约议事规则",
        "convener": "residents_committee",
        "state": "in_force",
        "version": 1,
        "newest": 1,
        "size": 1,
        "effective_at": at(days=30),
        "expires_at": None,
        "review_at": at(days=-300),
        "agreed": 12,
        "my_agreement": None,
        "breaches_open": 0,
        **changes,
    }


def covenant(**changes: Any) -> dict[str, Any]:
    said = {**article(), "since": provenance(), "breaches": SUMS}
    return {
        **summary(),
        "shown": 1,
        "change": "new",
        "came_by": provenance(),
        "shown_effective_at": at(days=30),
        "shown_expires_at": None,
        "shown_agreed": 12,
        "articles": [said],
        "changes": [],
        "breaches": SUMS,
        "agreed_by": [{"person_id": NEIGHBOUR, "display_name": "老陆", "building_label": "2号楼"}],
        "may_agree": True,
        "may_keep": False,
        **changes,
    }


def version(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "version": number,
        "change": "new" if number == 1 else "amended",
        "size": 1,
        "topic_id": TOPIC,
        "topic_title": "议事规则",
        "poll_id": POLL,
        "proposal": 2,
        "proposal_hash": HASH,
        "adopted_at": at(days=30),
        "effective_at": at(days=30),
        "expires_at": None,
        "agreed": 12,
        **changes,
    }


def change(**changes: Any) -> dict[str, Any]:
    return {
        "key": "a1",
        "kind": "changed",
        "was": 1,
        "number": 1,
        "title": [],
        "text": [
            {"kind": "same", "text": "公示"},
            {"kind": "removed", "text": "七日"},
            {"kind": "added", "text": "十五日"},
        ],
        **changes,
    }


def breach(**changes: Any) -> dict[str, Any]:
    me = {"person_id": PERSON, "display_name": "孙奶奶", "building_label": "3号楼"}
    note = {
        "id": 1, "role": "reporter", "person": me, "mine": True, "body": "又有车推上楼了",
        "talk": None, "waits": False, "at": at(hours=2),
    }  # fmt: skip
    return {
        "id": BREACH,
        "covenant_id": COVENANT,
        "covenant_title": "自治公约议事规则",
        "community_id": SHANGYUAN,
        "convener": "residents_committee",
        "version": 1,
        "article": "a1",
        "state": "open",
        "role": "reporter",
        "place": "2单元门口",
        "building": "5号楼",
        "hide_me": False,
        "due_at": at(days=-6),
        "overdue": False,
        "reacted_at": None,
        "failed_talks": 0,
        "issue_id": None,
        "reason": None,
        "created_at": at(hours=2),
        "ended_at": None,
        "reporter": me,
        "concerned": [],
        "notes": [note],
        "actions": ["reply", "settled", "closed"],
        **changes,
    }


def breach_line() -> dict[str, Any]:
    left_out = ("reporter", "concerned", "notes", "actions")
    return {name: value for name, value in breach().items() if name not in left_out}


def follow_up(**changes: Any) -> dict[str, Any]:
    return {
        "id": "f-1",
        "topic_id": TOPIC,
        "topic_title": "议事规则",
        "community_id": SHANGYUAN,
        "what": "车棚再装二十个充电口",
        "who": "物业",
        "due_on": None,
        "state": "under_way",
        "overdue": False,
        "note": "已经下单",
        "attachments": [],
        "created_at": at(days=2),
        "updated_at": at(days=1),
        **changes,
    }


def answers() -> dict[str, Any]:
    """A vote is going on, one covenant holds."""
    return {
        "list_polls": page_of(poll()),
        "get_poll": poll(),
        "get_proposal_version": proposal(),
        "list_proxies": {"given": [], "held": [], "written": []},
        "list_roll": roll(),
        "list_my_roll_entries": proofs(),
        "get_result": result(),
        "get_bulletin": bulletin(),
        "check_receipt": found(),
        "cast_ballots": boxed(),
        "grant_proxy": proxy(),
        "revoke_proxy": proxy(revoked_at=at()),
        "list_follow_ups": page_of(follow_up()),
        "list_covenants": page_of(summary()),
        "get_covenant": covenant(),
        "list_covenant_versions": {"items": [version(2), version()]},
        "compare_covenant_versions": {"older": 1, "newer": 2, "changes": [change()]},
        "agree_to_covenant": {"covenant_id": COVENANT, "version": 1, "named": False, "agreed": 13},
        "withdraw_agreement": {
            "covenant_id": COVENANT, "version": None, "named": False, "agreed": 12,
        },
        "report_breach": breach(),
        "list_breaches": page_of(breach_line()),
        "get_breach": breach(),
        "reply_to_breach": breach(),
        "settle_breach": breach(state="settled", actions=[], ended_at=at(), reason="谈好了"),
    }  # fmt: skip


RESIDENT = (
    f"/c/{SHANGYUAN}/polls",
    f"/polls/{POLL}",
    f"/polls/{POLL}/vote",
    f"/polls/{POLL}/roll",
    f"/polls/{POLL}/proxies",
    f"/polls/{POLL}/result",
    f"/c/{SHANGYUAN}/covenants",
    f"/covenants/{COVENANT}",
    f"/covenants/{COVENANT}/versions",
    f"/covenants/{COVENANT}/differences?older=1&newer=2",
    f"/covenants/{COVENANT}/breach?article=a1",
    f"/c/{SHANGYUAN}/breaches",
    f"/breaches/{BREACH}",
)
NOBODY = ("/verify", f"/polls/{POLL}/bulletin")
