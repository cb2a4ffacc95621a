"""Ways out of the house: browsers, a committee's robot, mail over SMTP; what is chosen and kept.

Needs: db.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid

from deploy.local.keys import new_push_key
from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Conflict, Forbidden, NotFound, Unavailable
from services.contracts.operations import identity as op
from services.contracts.operations.notify import channels as ops
from services.contracts.operations.notify.preferences import PutNotificationPreferences
from services.identity.domain.contacts import ContactConsentNeeded
from services.kit.uow import UnitOfWork
from services.notify.domain import push as rules
from services.notify.domain.letters import Browser, Letter
from services.notify.domain.sending import Circuits
from services.notify.handlers import channels, preferences, sending
from services.notify.repository import people
from services.notify.repository import sending as stored
from services.notify.sender import web_push
from services.notify.sender.settings import Settings
from services.notify.sender.ways import way
from tests.support.feed_moderators import at_once
from tests.support.identity_world import aside, until_somebody_waits_for_a_lock
from tests.support.inboxes import Inboxes, actor
from tests.support.neighbourhood import NOON, SHANGYUAN, say
from tests.support.providers import Provider, provider

pytestmark = pytest.mark.db
COMMUNITY = "shangyuan"
TOKEN, SECRET = "a" * 40, "SEC" + "b" * 30


class Device:
    """A browser with a subscription at a push service."""

    def __init__(self, service: Provider, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = secrets.token_bytes(16)
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.command = {
            "endpoint": f"http://{service.netloc}/push/{name}",
            "p256dh": rules.encode(point),
            "auth": rules.encode(self.secret),
            "label": name,
        }

    def opened(self, raw: bytes) -> dict[str, Any]:
        said = http_ece.decrypt(raw, private_key=self.key, auth_secret=self.secret)
        return dict(json.loads(said))


class Ways(Inboxes):
    """Notify with a sender, and what identity was asked."""

    def __init__(self, units: Any) -> None:
        super().__init__(units)
        self.circuits = Circuits(lambda: 0.0)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuses: Exception | None = None
        self.key = Vapid.from_string(new_push_key())
        self.push = web_push.Push(self.key, "mailto:a@b.cn", ("127.0.0.1",), self.circuits)

    def ask(self, _service: str, method: str, **asked: Any) -> dict[str, Any]:
        self.asked.append((method, asked))
        if self.refuses:
            raise self.refuses
        if method == "contact_of":
            return op.Contact(address=TOKEN, secret=SECRET).model_dump()
        return op.ContactTicket(ticket=f"t{len(self.asked)}", shown="****").model_dump()

    def do(self, handler: Callable[..., Any], *args: Any) -> Any:
        with self.units(ask=self.ask) as uow:
            result = handler(uow, *args)
            uow.commit()
            return result

    def offer(self, *offered: str) -> None:
        ways: dict[str, Any] = dict.fromkeys(offered)
        self.do(sending.offer, ways, web_push.public_key(self.key))

    def subscribe(self, person: str, device: Device) -> str:
        cmd = ops.PutPushSubscription(**device.command)
        put = channels.put_push_subscription
        return str(self.do(put, cmd, actor(person), ("127.0.0.1",), NOON).id)

    def choose(self, person: str, *chosen: str) -> None:
        cmd = PutNotificationPreferences(channels=list(chosen))
        self.do(preferences.put_preferences, cmd, actor(person), "zh", NOON)

    def mine(self, person: str) -> dict[str, tuple[bool, bool, bool]]:
        found = self.do(channels.list_my_channels, actor(person))
        return {i.channel: (i.offered, i.ready, i.chosen) for i in found.items}

    def send(self, found: Any) -> int:
        return int(self.do(sending.send_due, found, NOON, "https://shequ.example"))

    def states(self) -> list[tuple[str, str | None]]:
        with self.units(read_only=True) as uow:
            sql = "SELECT state, error FROM deliveries ORDER BY created_at, id"
            return [tuple(row) for row in uow.session.connection().exec_driver_sql(sql)]


@pytest.fixture
def ways(emptied: Callable[[str], Any]) -> Ways:
    return Ways(emptied("notify"))


@pytest.fixture
def service() -> Iterator[Provider]:
    with provider() as found:
        found.says = 201
        yield found


def announce(ways: Ways, *people: str) -> None:
    ways.community(zhao="居委会赵", **{p: p for p in people})
    facts = {"module": "announcements", "title": "明天停水", "author_id": "zhao"}
    ways.tell(say(e.PostPublished, **facts))


def test_every_browser_of_hers_gets_it_sealed_and_signed_and_one_that_is_gone_is_forgotten(
    ways, service
):
    ways.offer("web_push")
    phone, tablet, old = (Device(service, name) for name in ("phone", "tablet", "old"))
    for device in (phone, tablet, old):
        ways.subscribe("sun", device)
    assert ways.mine("sun")["web_push"] == (True, True, True), "to ask for it is to choose it"
    ways.choose("sun", "in_app")
    ways.subscribe("sun", phone)
    assert ways.mine("sun")["web_push"] == (True, True, False), "a browser renews by itself"
    ways.choose("sun", "in_app", "web_push")
    announce(ways, "sun")

    service.says = lambda asked: {"/push/old": 410, "/push/tablet": 503}.get(asked["path"], 201)
    ways.send(ways.push)
    (first,) = [got for got in service.got if got["path"] == "/push/phone"]
    said = phone.opened(first["raw"])
    assert set(said) == {"title", "link", "tag", "lang"}
    assert "明天停水" in said["title"]
    assert said["link"].startswith("https://shequ.example/posts/")
    assert first["headers"]["Content-Encoding"] == "aes128gcm"
    assert first["headers"]["Authorization"].startswith("vapid t=")
    assert web_push.public_key(ways.key) in first["headers"]["Authorization"]
    assert len(first["headers"]["Topic"]) == 32
    assert ways.states() == [("waiting", "http_503")]
    labels = [b.label for b in ways.do(channels.list_push_subscriptions, actor("sun")).items]
    assert labels == ["tablet", "phone"]

    service.got.clear()
    service.says = 201
    ways.circuits = ways.push._circuits = Circuits(lambda: 0.0)
    ways.scalar("SELECT 1")
    with ways.units() as uow:
        uow.session.connection().exec_driver_sql("UPDATE deliveries SET due_at = created_at")
        uow.commit()
    ways.send(ways.push)
    assert [got["path"] for got in service.got] == ["/push/tablet"], "the phone has it"
    assert ways.states() == [("sent", None)]


def test_a_browser_is_of_whoever_used_it_last_and_nobody_elses_to_try_or_remove(ways, service):
    ways.offer("web_push")
    device = Device(service, "phone")
    first = ways.subscribe("sun", device)
    assert ways.subscribe("sun", device) == first
    assert ways.subscribe("lu", device) == first
    assert not ways.mine("sun")["web_push"][1]
    of = ops.OfPushSubscription(id=first)
    with pytest.raises(rules.BrowserNotFound):
        ways.do(channels.test_push_subscription, of, actor("sun"), NOON)
    ways.do(channels.delete_push_subscription, of, actor("sun"))
    ways.do(channels.test_push_subscription, of, actor("lu"), NOON)
    ways.send(ways.push)
    assert device.opened(service.got[0]["raw"])["title"].startswith("这是一条测试消息")
    ways.do(channels.delete_push_subscription, of, actor("lu"))
    with pytest.raises(rules.BrowserNotFound):
        ways.do(channels.test_push_subscription, of, actor("lu"), NOON)
    for n in range(rules.MOST_BROWSERS):
        ways.subscribe("lu", Device(service, f"d{n}"))
    with pytest.raises(rules.TooManyBrowsers):
        ways.subscribe("lu", Device(service, "one more"))
    ways.know(say(e.PersonDeleted, person_id="lu"))
    assert ways.scalar("SELECT count(*) FROM push_subscriptions") == 0


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("endpoint", "http://127.0.0.1.evil.example/x"),
        ("endpoint", "https://10.0.0.1/admin"),
        ("endpoint", "http://fcm.googleapis.com/x"),
        ("endpoint", "https://fcm.googleapis.com:8443/x"),
        ("endpoint", "https://u:p@fcm.googleapis.com/x"),
        ("endpoint", "https://evilfcm.googleapis.com.cn/"),
        ("endpoint", "https://[::1"),
        ("endpoint", r"https://10.0.0.5\.fcm.googleapis.com/x"),
        ("endpoint", r"https://10.0.0.5\@fcm.googleapis.com/x"),
        ("endpoint", "https://10.0.0.5%2f.fcm.googleapis.com/x"),
        ("endpoint", "https://10.0.0.5;.fcm.googleapis.com/x"),
        ("endpoint", "https://10.0.0.5\t.fcm.googleapis.com/x"),
        ("p256dh", "AAAA"),
        ("p256dh", "é"),
        ("auth", "AAAA"),
    ],
)
def test_no_browser_leads_the_sender_into_our_own_network(ways, service, part, value):
    hosts = rules.hosts_of(rules.HOSTS)
    good = Device(service, "x").command | {"endpoint": "https://fcm.googleapis.com/fcm/send/x"}
    cmd = ops.PutPushSubscription(**{**good, part: value})
    with pytest.raises((rules.PushServiceUnknown, rules.PushKeysInvalid)):
        ways.do(channels.put_push_subscription, cmd, actor("sun"), hosts, NOON)
    letter = Letter("k", "t", "l", "zh", browsers=(Browser("b", value, "x", "y"),))
    if part == "endpoint":
        push = web_push.Push(ways.key, "mailto:a@b.cn", hosts, ways.circuits)
        assert push.send(letter, None).kind == "dropped", "nor one that was kept before"
        assert ways.circuits.by_provider == {}, "nobody was tried"


def test_a_channel_of_which_the_sender_says_no_more_is_not_offered_any_longer(ways):
    ways.offer("sms", "web_push")
    ways.choose("sun", "in_app", "sms")
    with ways.units() as uow:
        sql = "UPDATE offers SET said_at = said_at - interval '11 minutes'"
        uow.session.connection().exec_driver_sql(sql)
        uow.commit()
    assert ways.mine("sun")["sms"] == (False, True, True), "what she chose stays hers"
    ways.choose("sun", "in_app", "sms")
    with pytest.raises(rules.ChannelNotOffered):
        ways.choose("lu", "in_app", "sms")
    assert ways.do(channels.get_push_key).public_key is None
    ways.offer("sms", "web_push")
    ways.choose("lu", "in_app", "sms")


def of_her(ways: Ways) -> dict[str, int]:
    tables = ("push_subscriptions", "channel_tickets", "deliveries", "preferences")
    return {
        table: found
        for table in tables
        if (found := ways.scalar(f"SELECT count(*) FROM {table} WHERE person_id = 'sun'"))
    }


def acts(ways: Ways, service: Provider) -> dict[str, Callable[[UnitOfWork], Any]]:
    her, hosts = actor("sun"), ("127.0.0.1",)
    device = Device(service, "phone")
    renewed = ops.PutPushSubscription(**device.command)
    of = ops.OfPushSubscription(id=ways.subscribe("sun", device))
    fresh = ops.PutPushSubscription(**Device(service, "tablet").command)
    mail = ops.RequestMailAddress(address="sun@example.cn")
    wishes = PutNotificationPreferences(channels=["in_app", "sms"])
    return {
        "subscribes": lambda u: channels.put_push_subscription(u, fresh, her, hosts, NOON),
        "renews": lambda u: channels.put_push_subscription(u, renewed, her, hosts, NOON),
        "tries": lambda u: channels.test_push_subscription(u, of, her, NOON),
        "chooses": lambda u: preferences.put_preferences(u, wishes, her, "zh", NOON),
        "mails": lambda u: channels.request_mail_address(u, mail, her, NOON),
    }


ACTS = ("subscribes", "renews", "tries", "chooses", "mails")


@pytest.mark.parametrize("what", ACTS)
def test_of_whoever_leaves_while_she_does_something_nothing_stays(ways, service, what):
    ways.offer("web_push", "sms", "mail")
    act = acts(ways, service)[what]
    with ways.units(ask=ways.ask) as uow:
        act(uow)
        uow.session.flush()
        leaving = aside(lambda: ways.know(say(e.PersonDeleted, person_id="sun")))
        until_somebody_waits_for_a_lock(ways.units)
        uow.commit()
    leaving.result(10)
    assert of_her(ways) == {}


@pytest.mark.parametrize("what", ACTS)
def test_whoever_has_left_leaves_nothing_behind_by_a_call_that_was_under_way(ways, service, what):
    ways.offer("web_push", "sms", "mail")
    act = acts(ways, service)[what]
    if what == "tries":
        browser = ways.scalar("SELECT id FROM push_subscriptions")
        ways.know(say(e.PersonDeleted, person_id="sun"))
        with ways.units() as uow, pytest.raises(NotFound):  # found while she was still there
            stored.put(uow.session, "sun", "web_push", "test", browser, NOON)
            people.require_present(uow.session, "sun")
    else:
        ways.know(say(e.PersonDeleted, person_id="sun"))
        with pytest.raises(NotFound):
            ways.do(act)
    assert of_her(ways) == {}


def test_of_two_choices_at_once_the_last_whole_one_stands_with_its_tickets(ways):
    ways.offer("sms", "mail")
    for turn in range(6):
        kinds = [["in_app", "sms"], ["in_app", "mail"], ["in_app"]]
        at_once([lambda chosen=chosen: ways.choose("sun", *chosen) for chosen in kinds])
        chosen = ways.scalar("SELECT channels FROM preferences")
        opened = ways.scalar("SELECT coalesce(array_agg(channel), '{}') FROM channel_tickets")
        assert chosen in kinds, turn
        assert opened == chosen[1:], turn


def test_a_channel_is_switched_on_with_a_ticket_and_given_back_with_it(ways):
    with pytest.raises(rules.ChannelNotOffered):
        ways.choose("sun", "in_app", "sms")
    ways.offer("sms", "mail")
    assert ways.mine("sun")["sms"] == (True, False, False)
    ways.refuses = ContactConsentNeeded()
    with pytest.raises(Conflict, match="consent"):
        ways.choose("sun", "in_app", "sms")
    assert ways.mine("sun")["sms"] == (True, False, False)
    ways.refuses = None
    ways.choose("sun", "in_app", "sms")
    assert ways.mine("sun")["sms"] == (True, True, True)
    old = ways.scalar("SELECT ticket FROM channel_tickets")
    ways.refuses = Unavailable()
    ways.choose("sun", "in_app", "sms")
    assert ways.scalar("SELECT ticket FROM channel_tickets") == old
    ways.refuses = None
    ways.choose("sun", "in_app", "sms")
    ticket = ways.scalar("SELECT ticket FROM channel_tickets")
    assert ticket != old, "hers may be of an address that she gave up"
    ways.choose("sun", "in_app")
    assert ways.asked[-1] == ("drop_contact_ticket", {"ticket": ticket})
    assert ways.mine("sun")["sms"] == (True, False, False)
    ways.choose("sun", "in_app", "sms")
    ways.refuses = Unavailable()
    ways.choose("sun", "in_app")
    assert ways.mine("sun")["sms"] == (True, False, False), "off is off, whoever is away"
    ways.refuses = None

    cmd = ops.RequestMailAddress(address="sun@example.cn")
    assert ways.do(channels.request_mail_address, cmd, actor("sun"), NOON).shown == "****"
    assert ways.scalar("SELECT what FROM deliveries") == "code"
    assert ways.scalar("SELECT count(*) FROM deliveries WHERE target LIKE '%@%'") == 0
    ways.offer()
    with pytest.raises(rules.ChannelNotOffered):
        ways.do(channels.request_mail_address, cmd, actor("sun"), NOON)


def staff(path: str = SHANGYUAN) -> Actor:
    return Actor("zhao", "s", (Grant(Role.COMMITTEE_STAFF, path),), 0)


def test_what_a_committee_has_to_do_is_said_in_its_group_signed(ways, service):
    ways.community(zhao="居委会赵")
    put = ops.PutRobot(cid=COMMUNITY, token=TOKEN, secret=SECRET)
    with pytest.raises(rules.ChannelNotOffered):
        ways.do(channels.put_robot, put, staff(), NOON)
    ways.offer("dingtalk")
    with pytest.raises(Forbidden):
        ways.do(channels.put_robot, put, staff("demo.elsewhere"), NOON)
    assert ways.do(channels.put_robot, put, staff(), NOON).shown == "****"
    assert ways.scalar("SELECT count(*) FROM robots WHERE ticket LIKE '%aaa%'") == 0
    ways.tell(say(e.MembershipRequested, person_id="wang"))
    facts = {"module": "announcements", "title": "公告", "author_id": "zhao"}
    ways.tell(say(e.PostPublished, **facts))
    group = way("dingtalk", f"json://{service.netloc}/robot/send", ways.circuits)
    service.says, service.body = 200, b'{"errcode": 0, "errmsg": "ok"}'
    assert ways.send(group) == 1, "the announcement is nobody's duty"
    (got,) = service.got
    query = {k: v[0] for k, v in parse_qs(urlsplit(got["path"]).query).items()}
    signed = f"{query['timestamp']}\n{SECRET}".encode()
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert query["access_token"] == TOKEN
    assert base64.b64decode(query["sign"]) == mac
    assert "新的入住认证申请" in got["said"]["text"]["content"]

    answers = [b'{"errcode": 130101}', b"<html>", b'{"errcode": 310000}']
    for n, body in enumerate(answers):
        service.body = body
        ways.circuits = Circuits(lambda: 0.0)
        ways.do(channels.test_robot, ops.GetRobot(cid=COMMUNITY), staff(), NOON)
        ways.send(way("dingtalk", f"json://{service.netloc}/robot/send", ways.circuits))
        assert len(service.got) == n + 2
    found = sorted(ways.states(), key=str)
    assert found == [
        ("parked", "errcode_310000"),
        ("sent", None),
        ("waiting", "garbage"),
        ("waiting", "too_fast"),
    ]
    ways.do(channels.delete_robot, ops.GetRobot(cid=COMMUNITY), staff())
    assert ways.asked[-1][0] == "drop_contact_ticket"
    assert ways.do(channels.get_robot, ops.GetRobot(cid=COMMUNITY), staff()).shown is None


def test_operators_see_what_is_parked_in_their_district_and_send_it_on(ways, service):
    ways.offer("sms")
    people = [f"p{n}" for n in range(3)]
    for person in people:
        ways.choose(person, "in_app", "sms")
    announce(ways, *people)
    service.says = 400
    text = way("sms", f"json://{service.netloc}/", ways.circuits)
    ways.send(text)
    admin = Actor("op", "s", (Grant(Role.DISTRICT_ADMIN, SHANGYUAN.split(".")[0]),), 0)
    far = Actor("far", "s", (Grant(Role.DISTRICT_ADMIN, "elsewhere"),), 0)
    page = ways.do(channels.list_parked, ops.ListParkedDeliveries(limit=2), admin)
    assert [(i.error, i.kind, i.channel) for i in page.items] == [
        ("http_400", "announcement", "sms")
    ] * 2
    assert not any(person in page.model_dump_json() for person in people)
    rest = ops.ListParkedDeliveries(limit=2, cursor=page.next_cursor)
    assert len(ways.do(channels.list_parked, rest, admin).items) == 1
    assert ways.do(channels.list_parked, ops.ListParkedDeliveries(), far).items == []
    assert ways.do(channels.send_on, ops.SendOnDeliveries(), far, NOON).count == 0
    service.says = 200
    one = ops.SendOnDeliveries(ids=[page.items[0].id])
    assert ways.do(channels.send_on, one, admin, NOON).count == 1
    assert ways.do(channels.send_on, ops.SendOnDeliveries(channel="mail"), admin, NOON).count == 0
    assert ways.do(channels.send_on, ops.SendOnDeliveries(), admin, NOON).count == 2
    ways.send(text)
    assert {state for state, _ in ways.states()} == {"sent"}


@contextmanager
def smtp(refuses: tuple[str, str] = ("nothing", "")) -> Iterator[tuple[int, list[str]]]:
    """A mail server in the least of RFC 5321; one command it may refuse, with a reply."""
    mails: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            def say_(line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            say_("220 here")
            lines: list[str] | None = None
            for raw in self.rfile:
                line = raw.decode(errors="replace").rstrip("\r\n")
                if lines is not None:
                    if line == ".":
                        mails.append("\n".join(lines))
                        lines = None
                        say_("250 ok")
                    else:
                        lines.append(line)
                elif line.upper().startswith(refuses[0]):
                    say_(refuses[1])
                elif line.upper().startswith("DATA"):
                    lines = []
                    say_("354 go on")
                elif line.upper().startswith("QUIT"):
                    say_("221 bye")
                    return
                else:
                    lines_of = [line] if line.upper().startswith("RCPT") else []
                    mails.extend(lines_of)
                    say_("250 ok")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server.server_address[1], mails
        finally:
            server.shutdown()


def test_mail_goes_by_any_address_of_apprise_and_no_log_names_a_person(caplog):
    caplog.set_level(logging.DEBUG)
    letter = Letter("k1", "新公告：明天停水", "https://shequ.example/posts/1", "zh", "因为您是成员")
    to = op.Contact(address="sun.meili@example.cn")
    with smtp() as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=no-reply@example.org&to={{address}}&mode=insecure"
        mail = way("mail", url, Circuits(lambda: 0.0))
        assert mail.send(letter, to).kind == "sent"
    assert "sun.meili@example.cn" in mails[0]
    assert mail.send(letter, to).kind == "later", "nobody is there any more"
    assert "meili" not in caplog.text


@pytest.mark.parametrize(
    ("command", "reply", "outcome", "rests"),
    [
        ("RCPT", "550 no such user sun.meili", ("parked", "smtp_550"), False),
        ("DATA", "554 we take this for spam", ("parked", "smtp_554"), False),
        ("MAIL", "553 not from you", ("parked", "smtp_553"), False),
        ("RCPT", "450 come again", ("later", "smtp_450"), True),
        ("AUTH", "535 who are you", ("later", "provider_said_no"), True),
    ],
)
def test_what_a_mail_server_refuses_for_good_is_not_tried_again(
    command, reply, outcome, rests, caplog
):
    """RFC 5321, 4.2.1: 5yz is final, and no illness of the server's."""
    caplog.set_level(logging.DEBUG)
    letter = Letter("k1", "新公告：明天停水", "https://shequ.example/posts/1", "zh", "因为您是成员")
    to = op.Contact(address="sun.meili@example.cn")
    circuits = Circuits(lambda: 0.0)
    with smtp((command, reply)) as (port, _):
        who = "u:p@" if command == "AUTH" else ""
        url = (
            f"mailto://{who}127.0.0.1:{port}?from=no-reply@example.org&to={{address}}&mode=insecure"
        )
        said = way("mail", url, circuits).send(letter, to)
    assert (said.kind, said.why) == outcome
    assert (circuits.of("mail").failures > 0) == rests
    assert "meili" not in caplog.text


def test_settings_say_who_delivers_and_refuse_what_anybody_could_read():
    database = "postgresql+psycopg2://a:b@c/d"

    def made(**more: Any) -> Settings:
        return Settings(database_url=database, **more)

    assert made().url("mail") == ""
    assert made(notify_mail_url="mailtos://u:p@h?to={address}").url("mail").startswith("mailtos")
    safe = {"env": "production", "public_url": "https://shequ.example", "amqp_url": "amqp://a:b@c/"}
    for wrong in (
        {"notify_mail_url": "mailtos://u:p@h?to=me@x.cn"},
        {"notify_dingtalk_url": "dingtalk://x/"},
        {**safe, "notify_sms_url": "json://relay.example.org/"},
    ):
        with pytest.raises(ValueError, match="SHEQU_NOTIFY_"):
            made(**wrong)
    assert made(**safe, notify_sms_url="json://127.0.0.1:9/").url("sms")
