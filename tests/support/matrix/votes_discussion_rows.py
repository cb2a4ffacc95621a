"""Operations of discussion, proposal and objections."""

from datetime import timedelta

from services.contracts.actor import COMMITTEE, Actor
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, thing
from tests.support.matrix.votes_laid import announced, topic

HIDE: Command = {"decision": "hide", "reason": "对人不对事"}
REASON = "依据议事规则第五条，公示期不少于七天。"


def _opinion(h: House, who: Actor | None = None) -> Command:
    """An opinion of this person, or of a neighbour."""
    if who is not None:
        h.settle(who)
    said = {"stance": "for", "body": "楼道里充电太危险"}
    return {"id": h.ask(who or h.resident, "discussTopic", **topic(h, "discussion"), **said)["id"]}


def _hidden(h: House, who: Actor) -> Command:
    found = _opinion(h, who)
    by = h.person(*((grant.role, grant.path) for grant in h.secretary.grants))
    h.ask(by, "decideOpinion", **found, **HIDE)
    return found


def _moderated(h: House, who: Actor) -> Command:
    """A discussion that this person moderates."""
    h.settle(who)
    found = topic(h, "discussion", h.neighbour())
    h.ask(h.secretary, "appointModerator", **found, person_id=who.person_id)
    return found


def _with_moderator(h: House) -> Command:
    who = h.neighbour()
    return {**_moderated(h, who), "person_id": who.person_id}


def _draft(h: House) -> Command:
    opens = h.now + timedelta(days=8)
    return {
        **topic(h, "proposal"),
        "articles": ["电动车不进楼。"],
        "rule_set": "residents_assembly",
        "opens_at": opens,
        "closes_at": opens + timedelta(days=7),
    }


def _written(h: House) -> Command:
    """A proposal of one version."""
    draft = _draft(h)
    h.ask(h.secretary, "putProposal", **draft)
    return {"id": draft["id"]}


def _objection(h: House, who: Actor | None = None) -> Command:
    """An objection of this person, or of a neighbour."""
    if who is not None:
        h.settle(who)
    said = {"kind": "text", "body": "第三条写错了"}
    return {"id": h.ask(who or h.resident, "object", **announced(h), **said)["id"]}


def _answered(h: House, who: Actor) -> Command:
    found = _objection(h, who)
    h.ask(h.secretary, "answerObjection", **found, body=REASON)
    return found


ROWS: dict[str, Row] = {
    "discussTopic": place(
        lambda h, _who: {**topic(h, "discussion"), "stance": "for", "body": "同意"}
    ),
    "listOpinions": inside(lambda h, _who: topic(h, "discussion")),
    "getDiscussion": inside(lambda h, _who: topic(h, "discussion")),
    "correctOpinion": thing(lambda h, who: {**_opinion(h, who), "body": "更好的话"}),
    "withdrawOpinion": thing(_opinion),
    "decideOpinion": place(lambda h, _who: {**_opinion(h), **HIDE}, only=COMMITTEE),
    "appealOpinion": thing(lambda h, who: {**_hidden(h, who), "reason": "我在谈事情"}),
    "moderateTopic": thing(lambda h, who: {**_moderated(h, who), "body": "请围绕议题"}),
    "appointModerator": place(
        lambda h, _who: {**topic(h, "discussion"), "person_id": h.neighbour().person_id},
        only=COMMITTEE,
    ),
    "endModeration": place(lambda h, _who: _with_moderator(h), only=COMMITTEE),
    "putProposal": place(lambda h, _who: _draft(h), only=COMMITTEE),
    "listProposalVersions": inside(lambda h, _who: _written(h)),
    "getProposalVersion": inside(lambda h, _who: {**_written(h), "version": 1}),
    "compareProposalVersions": inside(lambda h, _who: {**_written(h), "older": 1, "newer": 1}),
    "object": place(lambda h, _who: {**announced(h), "kind": "roll", "body": "名册里没有我"}),
    "listObjections": inside(lambda h, _who: announced(h)),
    "getObjection": inside(lambda h, _who: _objection(h)),
    "answerObjection": place(lambda h, _who: {**_objection(h), "body": REASON}, only=COMMITTEE),
    "replyToObjection": thing(lambda h, who: {**_answered(h, who), "body": "没有说清楚"}),
    "markObjection": thing(lambda h, who: {**_answered(h, who), "mark": "satisfied"}),
    "withdrawObjection": thing(_objection),
}
