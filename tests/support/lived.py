"""All that people live through, one life after the other; what marks their traces is remembered.

newcomer     refused in every way, joins, reports, corrects, takes a copy, moves out
registered   on the committee's register, looked up and revealed, joins with it
helped       registered at the desk without a phone and with one; helpers named by phone
moved        changes the phone; loses it, and two of the staff move the account
second       enrols a second factor, logs in with it and with a recovery code
named        consents to the grid platform, reports, and her report becomes a work order
deleted      joins, and deletes the account
veiled       posts and answers without her name, is reported, appeals; who moderates asks for it
neighbourly  signs up with a note, helps, reports with a reason
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pyotp
import pytest

from deploy.client import Client, Problem
from deploy.demo import newcomer
from deploy.demo.people import CODE
from services.contracts import demo
from services.contracts.ids import new_id
from services.contracts.operations.base import AnyObject, Page
from services.contracts.operations.identity import (
    Assistance,
    MembershipState,
    Recovery,
    RegisterEntryView,
    RegisterName,
)
from tests.support import lives
from tests.support.http_asks import send
from tests.support.lives import House, Somebody, rare
from tests.support.platform import Platform
from tests.support.traces import Text, Traces, found_in
from tests.support.waiting import until

HOMES = {  # where identity keeps an address in clear
    "identity.memberships",
    "identity.register_persons",
    "identity.territory",
}


@dataclass
class Lived:
    """What marks the traces of people, and the traces that are left.

    ``secrets`` of each life: phones, names, numbers, tokens; ``rooms`` likewise. ``words`` are rare
    ones that neighbours wrote, by what they wrote them in.
    """

    traces: Traces
    display_name: str = ""
    request_id: str = field(default_factory=new_id)
    spoilt: str = f"spoilt-{secrets.token_hex(8)}"
    veiled_id: str = ""
    veiled_name: str = ""
    words: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, list[str]] = field(default_factory=dict)
    rooms: dict[str, list[str]] = field(default_factory=dict)

    def marks(self, life: str, *people: Somebody, more: tuple[str, ...] = ()) -> None:
        """Remember what must not be found of these people."""
        mine = self.secrets.setdefault(life, [])
        for one in people:
            mine += [one.phone, one.real_name, one.id_number]
            self.rooms.setdefault(life, []).append(one.room)
        mine += more

    def say(self, where: str) -> str:
        """A sentence with a word by which it is known again."""
        self.words[where] = rare(8)
        return f"说给邻居听的话：{self.words[where]}。"

    def found(self, texts: list[Text], *, homes: bool = False) -> list[tuple[str, str]]:
        """Where of whose life something stands; rooms count unless they may stand there."""
        told = {word: life for life, words in self.secrets.items() for word in words}
        rooms = {word: f"{life}: room" for life, words in self.rooms.items() for word in words}
        hits = found_in(texts, *told, *rooms)
        return [
            (place, told.get(word) or rooms[word])
            for place, word in hits
            if not (homes and word in rooms and place in HOMES)
        ]


@dataclass(frozen=True)
class Staff:
    """Two of the committee."""

    secretary: Client
    colleague: Client


def live(lived: Lived, platform: Platform, api: Client, staff: Staff) -> None:
    """Live all of them."""
    house = lives.a_house(platform, api)
    newcomer_lives(lived, api, staff, house)
    registered_lives(lived, api, staff, house)
    helped_live(lived, api, staff, house)
    second_lives(lived, api)
    named_lives(lived, api, staff, house)
    deleted_lives(lived, api, house)
    moved_lives(lived, platform, api, staff, house)
    neighbours_live(lived, api, staff, house)


def newcomer_lives(lived: Lived, api: Client, staff: Staff, house: House) -> None:
    """Log in, be refused, join, be looked at, report, correct, take a copy, move out."""
    who = lives.somebody()
    check = "0" if who.id_number[17] != "0" else "1"
    wrong_number, corrected_name = who.id_number[:17] + check, f"司马{rare(4)}"
    lived.marks("newcomer", who, more=(wrong_number, corrected_name))
    lived.display_name = who.display_name
    me = lives.log_in(api, who)
    lived.marks("newcomer", more=tokens_of(me))
    for wrong in (
        {"id_number": wrong_number},
        {"id_number": [who.id_number]},
        {"real_name": {"name": who.real_name}},
        {"building": who.room},
        {"room": who.room * 30},
    ):
        refused(partial(lives.join, me, house, who, **wrong))
    refused(lambda: api.login(who.phone, "000000"))
    refused(lambda: api.send("POST", "/auth/codes", json={"phone": [who.phone]}))

    asked = lives.join(me, house, who)
    thief = api.login(newcomer.make().phone, CODE)
    refused(lambda: lives.join(thief, house, who))  # her number is taken
    waiting = {one.id: one for one in staff.secretary.membership_requests(demo.SHANGYUAN)}
    assert "*" in waiting[asked.id].real_name
    staff.secretary.decide_membership(asked.id, "approve")
    assert me.me().memberships[0].room == who.room
    planted = httpx.get(  # a forged code is logged, with the request that it came with
        f"{me.url}/api/v1/qr/{'A' * 38}", headers={"X-Request-Id": lived.request_id}
    )
    assert planted.status_code == 404
    receipt = me.report_issue(demo.SHANGYUAN, "楼道灯不亮", "三楼的灯坏了一周，晚上看不清台阶。")
    until(lambda: staff.secretary.issue(receipt.id).suggestion, what="the suggestion", limit=20)
    correction = {"field": "real_name", "value": corrected_name, "reason": "登记有误"}
    me.post(AnyObject, "/me/corrections", correction, key=lives.key())
    me.send("GET", "/me/export")
    me.post(MembershipState, f"/memberships/{asked.id}/end", {}, key=lives.key())


def registered_lives(lived: Lived, api: Client, staff: Staff, house: House) -> None:
    """Files with faults and without, the register looked through, an entry that is a member."""
    who, paper, faulty = lives.somebody(), lives.somebody(), lives.somebody()
    wrong = Somebody("", "", faulty.real_name, faulty.id_number[:17] + "?", faulty.room)
    lived.marks("registered", who, paper, faulty)
    report = lives.import_register(staff.secretary, lives.register_file(house, [who, wrong]))
    assert (report.imported, report.errors) == (False, 1)
    broken = lives.register_file(house, [who, paper]).replace("姓名".encode(), paper.room.encode())
    refused(lambda: lives.import_register(staff.secretary, broken))
    file = lives.register_file(house, [who, paper])
    assert not lives.import_register(staff.secretary, file, dry_run=True).imported
    assert lives.import_register(staff.secretary, file).added == 2
    register = f"/communities/{demo.SHANGYUAN}/register"
    for word in (who.real_name, paper.room):
        found = staff.secretary.get(Page[RegisterEntryView], register, {"q": word})
        assert len(found.items) == 1
    reveal = f"/register/{found.items[0].id}/reveal"
    why = {"purpose": "上门发放选票前核对姓名"}
    shown = staff.secretary.post(RegisterName, reveal, why, key=lives.key())
    assert shown.name == paper.real_name
    me = lives.log_in(api, who)
    assert lives.join(me, house, who, "owner").status == "active"


def helped_live(lived: Lived, api: Client, staff: Staff, house: House) -> None:
    """At the desk without a phone and with one; a relative and a neighbour named by phone."""
    elder, daughter, caller, friend = (lives.somebody() for _ in range(4))
    lived.marks("helped", elder, daughter, caller, friend)
    registered = lives.register_for(staff.secretary, house, elder)
    refused(lambda: lives.register_for(staff.colleague, house, elder))  # she has an account
    named = {
        "phone": daughter.phone,
        "person_id": registered.person.id,
        "relationship": "女儿",
        "consent_means": "spoken",
        "consent_note": "当面说好",
    }
    assisted = staff.secretary.post(Assistance, "/assistances", named, key=lives.key())
    helper = lives.log_in(api, daughter)
    acting = lives.acting(helper, assisted.id)
    lived.marks("helped", more=(acting.session.tokens.access_token,) if acting.session else ())
    acting.report_issue(demo.SHANGYUAN, "单元门关不上", "门轴坏了，老人推不动。", key=lives.key())
    refused(lambda: acting.send("GET", "/me/export"))
    staff.secretary.send("DELETE", f"/assistances/{assisted.id}", key=lives.key())

    shown = {"phone": caller.phone, "phone_code": CODE}
    waiting = lives.register_for(staff.secretary, house, caller, **shown)
    assert waiting.status == "pending"
    wrong_code = {**shown, "phone_code": "000000"}
    refused(lambda: lives.register_for(staff.secretary, house, friend, **wrong_code))
    staff.colleague.decide_membership(waiting.membership_id, "approve")
    me = lives.log_in(api, caller)
    told = {"phone": friend.phone, "relationship": "邻居"}
    mine = me.post(Assistance, "/assistances", told, key=lives.key())
    assert me.get(Page[Assistance], "/me/assistances").items
    me.send("DELETE", f"/assistances/{mine.id}", key=lives.key())


def second_lives(lived: Lived, api: Client) -> None:
    """A second factor, shown wrong and right; a recovery code in its place; given up."""
    who = lives.somebody()
    me = lives.log_in(api, who)
    secret, codes = lives.use_second_factor(me)
    lived.marks("second", who, more=(secret, *codes, *tokens_of(me)))
    wrong = "000000" if pyotp.TOTP(secret).now() != "000000" else "000001"
    for given in ({}, {"totp": wrong}):
        refused(partial(lives.log_in, api, who, **given))
    again = lives.log_in(api, who, totp=codes[0])
    lived.marks("second", more=tokens_of(again))
    again.send("DELETE", "/me/totp", json={"code": codes[1]}, key=lives.key())


def named_lives(lived: Lived, api: Client, staff: Staff, house: House) -> None:
    """The grid platform is told who reported, masked, because she consented to that."""
    who = lives.somebody()
    lived.marks("named", who)
    me = lives.log_in(api, who)
    asked = lives.join(me, house, who)
    staff.secretary.decide_membership(asked.id, "approve")
    me.send("POST", "/me/consents", json={"purpose": "grid_platform"}, key=lives.key())
    receipt = me.report_issue(
        demo.SHANGYUAN, "商铺占用绿化带", "南门餐饮店把桌椅摆进绿化带。", key=lives.key()
    )
    secretary = staff.secretary
    secretary.triage(receipt.id, "8x", "X3", key=lives.key())
    secretary.self_governance(receipt.id, "talk", "商户拒绝", outcome="failed")
    secretary.escalate(receipt.id, "约谈无效", key=lives.key())
    handed = f"{who.phone[:3]}****{who.phone[-4:]}"
    until(
        lambda: [text for text in lived.traces.wire() if handed in text.content],
        what="the work order with her masked phone",
    )


def deleted_lives(lived: Lived, api: Client, house: House) -> None:
    """She asks to join, and is gone."""
    who = lives.somebody()
    lived.marks("deleted", who)
    me = lives.log_in(api, who)
    lives.join(me, house, who)
    refused(lambda: me.send("DELETE", "/me", json={"code": "000000"}))
    me.send("DELETE", "/me", json={"code": CODE}, key=lives.key())


def moved_lives(lived: Lived, platform: Platform, api: Client, staff: Staff, house: House) -> None:
    """Another phone by her own hand, and another by two of the staff."""
    who, second, third = (lives.somebody() for _ in range(3))
    lived.marks("moved", who, second, third)
    me = lives.log_in(api, who)
    staff.secretary.decide_membership(lives.join(me, house, who).id, "approve")
    told = {"code": CODE, "new_phone": second.phone, "new_code": "000000"}
    refused(lambda: me.send("PUT", "/me/phone", json=told))
    lives.change_phone(me, second.phone)
    me = api.login(second.phone, CODE)
    opened = lives.lose_phone(staff.secretary, me.person_id, third.phone)
    path = f"/phone-recoveries/{opened.id}/confirmation"
    lives.let_a_day_pass(platform, staff.colleague.post(Recovery, path, {}, key=lives.key()))
    recoveries = f"/communities/{demo.SHANGYUAN}/phone-recoveries"
    assert staff.secretary.get(Page[Recovery], recoveries).items
    until(lambda: send(me, "GET", "/me").status_code == 401, what="the end of the old phone")
    lived.marks("moved", more=tokens_of(api.login(third.phone, CODE)))


def neighbours_live(lived: Lived, api: Client, staff: Staff, house: House) -> None:
    """One hides her name and is reported; the other signs up, helps, and is who reported."""
    secretary, colleague = staff.secretary, staff.colleague
    veiled, kind = lives.somebody(), lives.somebody()
    lived.marks("veiled", veiled)
    lived.marks("neighbourly", kind)
    me, other = (a_member(api, secretary, house, who) for who in (veiled, kind))
    lived.veiled_id, lived.veiled_name = me.person_id, veiled.display_name
    here = f"/communities/{demo.SHANGYUAN}"

    def do(who: Client, method: str, path: str, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = who.send(method, path, json=body, key=lives.key()).json()
        return found

    problem = {"module": "nearby", "title": "油烟直排", "hide_name": True}
    post = do(me, "POST", f"{here}/posts", **problem, body=lived.say("post"))
    thread = f"/posts/{post['id']}"
    do(other, "POST", f"{thread}/comments", body=lived.say("comment"))
    do(me, "POST", f"{thread}/comments", body=lived.say("comment without a name"))
    do(other, "POST", f"{thread}/reports", kind="rumour", reason=lived.say("report"))
    do(secretary, "POST", f"{thread}/author", reason="handling", note=lived.say("look"))
    waiting = secretary.send("GET", f"{here}/moderation-cases").json()["items"]
    case = next(one["id"] for one in waiting if one["post_id"] == post["id"])
    decision, appeal = f"/reports/{case}/decision", f"/reports/{case}/appeals"
    do(secretary, "POST", decision, decision="take_down", reason=lived.say("decision"))
    do(me, "POST", appeal, reason=lived.say("appeal"))
    again = {"decision": "keep", "reason": lived.say("second decision")}
    do(colleague, "POST", f"/reports/{case}/appeal-decision", **again)

    sale = do(secretary, "POST", f"{here}/posts", module="announcements", title="义卖", body="义卖")
    stall = {"unit": "person", "capacity": 1}
    do(secretary, "PUT", f"/posts/{sale['id']}/sign-up-event", **stall)
    do(other, "PUT", f"/posts/{sale['id']}/sign-up", note=lived.say("sign-up"))
    need = {"module": "mutual_aid", "title": "搬家具", "extra": {"kind": "need"}}
    wanted = do(secretary, "POST", f"{here}/posts", **need, body="搬一张桌子。")
    offer = {"note": lived.say("handshake")}
    shake = do(other, "POST", f"/posts/{wanted['id']}/handshakes", **offer)["id"]
    for who, step in ((secretary, "agree"), (other, "done"), (secretary, "thank")):
        do(who, "POST", f"/handshakes/{shake}/steps", step=step, note=lived.say(step))


def a_member(api: Client, staff: Client, house: House, who: Somebody) -> Client:
    """Somebody who joined and was approved."""
    me = lives.log_in(api, who)
    staff.decide_membership(lives.join(me, house, who).id, "approve")
    return me


def tokens_of(client: Client) -> tuple[str, ...]:
    """What she shows to be believed."""
    assert client.session
    return client.session.tokens.access_token, client.session.tokens.refresh_token


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(Problem) as problem:
        act()
    assert problem.value.status in (401, 403, 404, 409, 422), problem.value
