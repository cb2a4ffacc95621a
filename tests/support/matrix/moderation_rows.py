"""Reports, cases, the log; mutes, blocks and silences."""

from datetime import timedelta

from services.contracts.actor import COMMITTEE, Actor, Role
from tests.support.matrix.house import House
from tests.support.matrix.ledger_rows import question
from tests.support.matrix.rows import Command, Row, place, self_, thing

HERE = {"cid": "c-home"}
WITH_TOWN = COMMITTEE | {Role.TOWN_ADMIN}
KEEPERS = WITH_TOWN | {
    Role.COMMUNITY_POLICE,
    Role.FAMILY_DOCTOR,
    Role.PROPERTY_MANAGER,
    Role.OWNERS_COMMITTEE,
}
WHY = {"kind": "insult", "reason": "骂人"}
DOWN = {"decision": "take_down", "reason": "违反公约"}


def _post(h: House, who: Actor) -> Command:
    said = {"module": "neighbours", "title": "你好", "body": "大家好"}
    return {"id": h.ask(who, "createPost", **HERE, **said)["id"]}


def _comment(h: House) -> Command:
    """A comment by a neighbour."""
    return {"id": h.ask(h.resident, "createComment", **_post(h, h.resident), body="嗯")["id"]}


def _case(h: House, author: Actor | None = None) -> Command:
    """A case about a post of a neighbour's, or of this one's, that another neighbour reported."""
    post = _post(h, author or h.resident)
    return {"id": h.ask(h.neighbour(), "reportContent", **post, **WHY)["id"]}


def _decided(h: House, author: Actor | None = None) -> Command:
    case = _case(h, author)
    h.ask(h.secretary, "decideReport", **case, **DOWN)
    return case


def _own_decided(h: House, who: Actor) -> Command:
    h.settle(who)
    return _decided(h, who)


def _appealed(h: House) -> Command:
    case = _decided(h)
    h.ask(h.resident, "appeal", **case, reason="我没有骂人")
    return case


def _silence(h: House) -> Command:
    until = (h.now + timedelta(days=1)).isoformat()
    return {**HERE, "person_id": h.neighbour().person_id, "until": until, "reason": "辱骂邻居"}


MODERATION: dict[str, Row] = {
    "reportContent": place(lambda h, _who: {**_post(h, h.resident), **WHY}),
    "reportComment": place(lambda h, _who: {**_comment(h), **WHY}),
    "listModerationCases": place(lambda _h, _who: HERE, only=KEEPERS),
    "getModerationCase": place(lambda h, _who: _case(h), only=WITH_TOWN),
    # The house's committee has no cards: nobody of it is left, and the town decides, too.
    "decideReport": place(lambda h, _who: {**_case(h), **DOWN}, only=WITH_TOWN),
    "takeDown": place(lambda h, _who: {**_post(h, h.resident), "reason": "骂人"}, only=COMMITTEE),
    "reportQuestion": place(lambda h, _who: {**question(h), **WHY}),
    "takeDownQuestion": place(lambda h, _who: {**question(h), "reason": "骂人"}, only=COMMITTEE),
    "takeDownComment": place(lambda h, _who: {**_comment(h), "reason": "骂人"}, only=COMMITTEE),
    "appeal": thing(lambda h, who: {**_own_decided(h, who), "reason": "我没有骂人"}),
    "decideAppeal": place(lambda h, _who: {**_appealed(h), **DOWN}, only=WITH_TOWN),
    "listMyCases": self_(),
    "listModerationLog": place(lambda _h, _who: HERE),
    "setDistance": place(
        lambda h, _who: {"person_id": h.resident.person_id, "kind": "mute"},
    ),
    "keepFromAuthor": place(lambda h, _who: {**_post(h, h.resident), "kind": "mute"}),
    "keepFromCommenter": place(lambda h, _who: {**_comment(h), "kind": "mute"}),
    "dropDistance": self_(lambda h, _who: {"person_id": h.resident.person_id}),
    "listMyDistances": self_(),
    "silencePerson": place(lambda h, _who: _silence(h)),
    "liftSilence": place(
        lambda h, _who: {"id": h.ask(h.secretary, "silencePerson", **_silence(h))["id"]}
    ),
    "listSilences": place(lambda _h, _who: HERE),
    "listMySilences": self_(),
}
