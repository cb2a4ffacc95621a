"""Addresses for messages: tickets open them while they may, and mail has to be confirmed.

Needs: db.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.identity.domain import contacts as rules
from services.identity.domain.login import CodeNotRight
from services.identity.handlers import consents, contacts, deletion, export, phones
from services.identity.wechat import Wechat
from tests.support.fake_http import fake_http
from tests.support.identity_world import C_HOME, HOME, OTHER, World, actor

pytestmark = pytest.mark.db
PHONE, NEW_PHONE, CODE = "13800000001", "13800000002", "246810"


class Told:
    """Somebody who may be told things outside of the house."""

    def __init__(self, world: World, phone: str = PHONE) -> None:
        self.world = world
        self.id = world.log_in(phone, CODE, demo=True).person.id
        self.actor = actor(self.id)

    def consent(self) -> str:
        cmd = op.GiveConsent(purpose="messages")
        given = self.world.do(consents.give_consent, cmd, self.actor, self.world.now, "zh")
        return str(given.id)

    def withdraw(self, consent: str) -> None:
        cmd = op.WithdrawConsent(id=consent)
        self.world.do(consents.withdraw_consent, cmd, self.actor, self.world.now)

    def ticket(self, channel: str = "sms") -> op.ContactTicket:
        cmd = op.GiveContactTicket(channel=channel)
        world = self.world
        return world.do(contacts.give_ticket, cmd, world.vault, self.actor, world.clock)

    def look(self, ticket: str) -> op.Contact:
        cmd = op.OfContactTicket(ticket=ticket)
        return self.world.do(contacts.contact_of, cmd, self.world.vault, self.world.clock)

    def begin_mail(self, address: str) -> op.ContactTicket:
        cmd = op.BeginMailAddress(address=address)
        world = self.world
        return world.do(contacts.begin_mail, cmd, world.vault, self.actor, world.clock)

    def confirm_mail(self, code: str) -> str:
        cmd = op.ConfirmMailAddress(code=code)
        world = self.world
        done = world.do(contacts.confirm_mail, cmd, world.vault, self.actor, world.clock)
        return str(done.shown)

    def opens_nothing(self, *tickets: str) -> bool:
        for ticket in tickets:
            with pytest.raises(rules.ContactTicketInvalid):
                self.look(ticket)
        return True


def test_a_ticket_opens_the_phone_by_consent_alone_and_only_the_newest_does(world):
    sun = Told(world)
    with pytest.raises(rules.ContactConsentNeeded):
        sun.ticket()
    consent = sun.consent()
    with pytest.raises(rules.NoContact):
        sun.ticket("mail")
    first = sun.ticket()
    assert first.shown == "138****0001"
    assert sun.look(first.ticket).address == f"+86{PHONE}"
    second = sun.ticket()
    assert sun.opens_nothing(first.ticket, "made-up")
    (held,) = world.rows("SELECT * FROM contact_tickets")
    assert second.ticket not in str(held)
    assert PHONE not in str(held)

    sun.withdraw(consent)
    assert sun.opens_nothing(second.ticket)
    sun.consent()  # again: an old ticket does not come back with it
    assert sun.opens_nothing(second.ticket)
    third = sun.ticket()
    world.do(contacts.drop_ticket, op.OfContactTicket(ticket=third.ticket))
    assert sun.opens_nothing(third.ticket)


def test_another_phone_and_the_end_of_the_account_end_the_tickets(world):
    sun = Told(world)
    sun.consent()
    old = sun.ticket().ticket
    cmd = op.ChangePhone(code=CODE, new_phone=NEW_PHONE, new_code=CODE)
    world.do(phones.change_phone, cmd, world.vault, sun.actor, world.clock, world.now, demo=True)
    assert sun.opens_nothing(old)
    new = sun.ticket().ticket
    assert sun.look(new).address == f"+86{NEW_PHONE}"
    mail = sun.begin_mail("sun@example.cn")
    sun.confirm_mail(sun.look(mail.ticket).code)
    world.do(
        deletion.delete_me, world.vault, op.DeleteMe(code=CODE), sun.actor, world.clock, world.now,
        demo=True,
    )  # fmt: skip
    assert sun.opens_nothing(new, mail.ticket)
    for table in ("contacts", "contact_tickets", "mail_codes"):
        assert world.rows(f"SELECT id FROM {table}") == []


def test_an_address_is_looked_at_so_many_times_a_day_also_at_once(world, monkeypatch):
    monkeypatch.setattr(rules, "LOOKS_A_DAY", 12)
    sun = Told(world)
    sun.consent()
    ticket = sun.ticket().ticket

    def look(_: int) -> bool:
        try:
            return bool(sun.look(ticket).address)
        except rules.LookedTooOften:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(look, range(30))) == 12
    world.later(hours=24)
    assert look(0)


def test_mail_counts_once_its_code_came_back(world):
    sun = Told(world)
    with pytest.raises(rules.ContactConsentNeeded):
        sun.begin_mail("sun@example.cn")
    sun.consent()
    for wrong in ("sun", "sun@", "@example.cn", "a b@example.cn", "sun@例", "x@y.cn?to=z@y.cn",
                  "sun@example.cn\nBcc: z@y.cn", "a@b@c.cn", f"{'a' * 65}@example.cn"):  # fmt: skip
        with pytest.raises(rules.MailInvalid):
            sun.begin_mail(wrong)
    trial = sun.begin_mail(" Sun.Meili@Example.CN ")
    assert trial.shown == "S***@example.cn"
    with pytest.raises(rules.MailCodeTooSoon):
        sun.begin_mail("other@example.cn")
    found = sun.look(trial.ticket)
    assert found.address == "Sun.Meili@example.cn"
    wrong_code = "000000" if found.code != "000000" else "111111"
    with pytest.raises(CodeNotRight):
        sun.confirm_mail(wrong_code)
    with pytest.raises(rules.NoContact):
        sun.ticket("mail")
    assert sun.confirm_mail(found.code) == "S***@example.cn"
    with pytest.raises(CodeNotRight):
        sun.confirm_mail(found.code)  # once
    assert sun.opens_nothing(trial.ticket)
    ticket = sun.ticket("mail").ticket
    assert sun.look(ticket).address == "Sun.Meili@example.cn"
    held = world.do(export.held_about, world.vault, sun.id, read=True)
    assert [c["address"] for c in held["contacts"]["items"]] == ["Sun.Meili@example.cn"]
    assert "Meili" not in str(world.rows("SELECT * FROM contacts, mail_codes"))

    world.later(minutes=2)
    other = sun.begin_mail("sun@mail.example.org")
    for _ in range(5):
        with pytest.raises(CodeNotRight):
            sun.confirm_mail("x")
    with pytest.raises(CodeNotRight):
        sun.confirm_mail(sun.look(other.ticket).code)  # tried out
    assert sun.look(ticket).address == "Sun.Meili@example.cn", "the old one stays"
    for _ in range(3):
        world.later(minutes=2)
        sun.begin_mail("sun@mail.example.org")
    world.later(minutes=2)
    with pytest.raises(rules.MailCodeTooSoon):
        sun.begin_mail("sun@mail.example.org")  # five a day
    world.do(contacts.remove, sun.actor, "mail")
    assert sun.opens_nothing(ticket)
    world.later(hours=25)
    assert world.do(contacts.sweep, world.clock) == 1


def test_consenting_anew_sends_no_more_codes_than_before_and_the_old_one_is_over(world):
    sun = Told(world)
    consent = sun.consent()
    begun = sun.begin_mail("stranger@example.cn")
    code = sun.look(begun.ticket).code
    sun.withdraw(consent)
    sun.consent()
    assert sun.opens_nothing(begun.ticket)
    with pytest.raises(CodeNotRight):
        sun.confirm_mail(str(code))
    with pytest.raises(rules.MailCodeTooSoon):
        sun.begin_mail("stranger@example.cn")


def test_wechat_is_kept_sealed_for_messages_and_goes_with_the_consent(world):
    sun = Told(world)
    with fake_http() as tencent:
        tencent.answer = lambda _: (200, {"openid": "openid-sun"})
        app = Wechat("wx1", "s3cret", tencent.url)

        def put() -> str:
            cmd = op.PutWechatContact(code="of-sun")
            return world.do(
                contacts.put_wechat, cmd, world.vault, app, sun.actor, world.clock
            ).shown

        with pytest.raises(rules.ContactConsentNeeded):
            put()
        consent = sun.consent()
        assert put() == "微信"
    ticket = sun.ticket("wechat").ticket
    assert sun.look(ticket).address == "openid-sun"
    assert "openid-sun" not in str(world.rows("SELECT * FROM contacts"))
    sun.withdraw(consent)
    assert world.rows("SELECT id FROM contacts") == []


def test_a_committees_robot_is_its_own_and_never_shown_whole(world):
    staff, elsewhere = world.staff(HOME), world.staff(OTHER)
    sun = Told(world)

    def keep(who, **more):
        cmd = op.KeepRobot(community_id=C_HOME, **{"token": "a" * 40 + "wxyz", **more})
        return world.do(contacts.keep_robot, cmd, world.vault, who, world.clock)

    with pytest.raises(Forbidden):
        keep(elsewhere)
    for part in ({"token": "short"}, {"token": "http://127.0.0.1/x?y=zzzzzzzz"}, {"secret": "é"}):
        with pytest.raises(rules.RobotInvalid):
            keep(staff, **part)
    first = keep(staff)
    robot = keep(staff, secret="SEC" + "b" * 30)
    assert robot.shown == "****wxyz"
    assert sun.opens_nothing(first.ticket)
    assert sun.look(robot.ticket) == op.Contact(
        address="a" * 40 + "wxyz",
        secret="SEC" + "b" * 30,
    )
    assert "wxyz" not in str(world.rows("SELECT * FROM contact_tickets"))
