"""Identity's operations about addresses for messages."""

from services.contracts.actor import Actor
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place, public, self_

TOKEN = "a" * 40


def _consented(h: House, who: Actor) -> Command:
    h.ask(who, "giveConsent", purpose="messages")
    return {"channel": "sms"}


def _on_trial(h: House, who: Actor) -> Command:
    h.ask(who, "giveConsent", purpose="messages")
    ticket = h.ask(who, "beginMailAddress", address="sun@example.cn")["ticket"]
    return {"code": h.ask(None, "contactOf", ticket=ticket)["code"]}


def _mail(h: House, who: Actor) -> Command:
    h.ask(who, "giveConsent", purpose="messages")
    return {"address": "sun@example.cn"}


def _ticket(h: House, _who: Actor) -> Command:
    neighbour = h.person()
    given = h.ask(neighbour, "giveContactTicket", **_consented(h, neighbour))
    return {"ticket": given["ticket"]}


ROWS: dict[str, Row] = {
    "confirmMailAddress": self_(_on_trial),
    "removeMailAddress": self_(),
    "putWechatContact": self_(lambda _h, _who: {"code": "of-sun"}, away=True),
    "removeWechatContact": self_(),
    "giveContactTicket": self_(_consented),
    "beginMailAddress": self_(_mail),
    "keepRobot": place(lambda _h, _who: {"community_id": "c-home", "token": TOKEN}),
    "contactOf": public(_ticket),
    "dropContactTicket": public(_ticket),
}
