"""Operations of the events that one signs up for."""

from services.contracts.actor import COMMITTEE, Actor, Role
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, self_, thing

HERE = {"cid": "c-home"}
TAKES_PART = frozenset(Role) - {Role.OBSERVER}


def _post(h: House, who: Actor) -> Command:
    h.settle(who)
    words = {"module": "services", "title": "爱心义卖", "body": "欢迎来摆摊"}
    return {"id": h.ask(who, "createPost", **HERE, **words)["id"]}


def _sale(h: House, organiser: Actor | None = None) -> tuple[Command, str]:
    """A sale of stalls, and the code at its entrance."""
    organiser = organiser or h.neighbour()
    post = _post(h, organiser)
    event = h.ask(organiser, "putSignUpEvent", **post, unit="stall", capacity=5, shareable=True)
    return post, event["code"]


def _signed(h: House, who: Actor) -> tuple[Command, str]:
    """A sale in which somebody has a stall."""
    sale = _sale(h)
    h.settle(who)
    h.ask(who, "signUp", **sale[0])
    return sale


def _came(h: House, who: Actor) -> Command:
    post, code = _signed(h, who)
    return {**post, "code": code}


SIGN_UPS: dict[str, Row] = {
    "putSignUpEvent": thing(lambda h, who: {**_post(h, who), "unit": "person", "capacity": 3}),
    "getSignUpEvent": inside(lambda h, _who: _sale(h)[0]),
    "signUp": place(lambda h, _who: _sale(h)[0]),
    "cancelSignUp": place(lambda h, _who: _sale(h)[0]),
    "inviteToSignUp": thing(
        lambda h, who: {**_signed(h, who)[0], "person_id": h.neighbour().person_id}
    ),
    "getSignUpCode": self_(
        lambda h, who: _signed(h, h.neighbour() if who.is_observer else who)[0], only=TAKES_PART
    ),
    "checkIn": thing(_came),
    "listSignUps": place(lambda h, _who: _sale(h)[0], only=COMMITTEE),
    "listMySignUps": self_(),
    "exportSignUps": place(lambda h, _who: _sale(h)[0], only=COMMITTEE),
}
