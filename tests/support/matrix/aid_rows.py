"""Operations of feed's mutual aid and idle things."""

from services.contracts.actor import Actor, Role
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, self_, thing

HERE = {"cid": "c-home"}
SPEAKS = frozenset(Role) - {Role.OBSERVER}


def _offer(h: House, who: Actor | None = None) -> Command:
    """An offer of help by a neighbour, or by this one."""
    said: Command = {"module": "mutual_aid", "title": "我有空", "body": "能帮忙"}
    post = {**HERE, **said, "extra": {"kind": "offer"}}
    return {"id": h.ask(who or h.resident, "createPost", **post)["id"]}


def _own_offer(h: House, who: Actor) -> Command:
    if who.is_observer:
        return _offer(h)
    h.settle(who)
    return _offer(h, who)


def _asked(h: House, who: Actor | None = None) -> Command:
    """What a neighbour, or this one, was asked for."""
    post = _offer(h, who)
    return {"id": h.ask(h.neighbour(), "createHandshake", **post)["id"]}


def _own_asked(h: House, who: Actor) -> Command:
    if who.is_observer:
        return _asked(h)
    h.settle(who)
    return _asked(h, who)


AID: dict[str, Row] = {
    "listMatches": self_(_own_offer, only=SPEAKS),
    "getAid": inside(lambda h, _who: _offer(h)),
    "updateAid": thing(lambda h, who: {**_own_offer(h, who), "open": False}),
    "createHandshake": place(lambda h, _who: _offer(h)),
    "listHandshakes": place(lambda h, _who: _offer(h), only=SPEAKS),
    "listMyHandshakes": self_(),
    "getHandshake": self_(_own_asked, only=SPEAKS),
    "stepHandshake": thing(lambda h, who: {**_own_asked(h, who), "step": "agree"}),
    "listMinorsAid": place(lambda _h, _who: HERE),
    "listNoShows": place(lambda _h, _who: HERE),
    "clearNoShows": place(
        lambda h, _who: {**HERE, "person_id": h.neighbour().person_id, "note": "已谈过"}
    ),
}
