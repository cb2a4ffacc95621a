"""Feed as a running service: calls, events and uploads over the real parts. Needs: db, broker."""

import time
from datetime import UTC, datetime

import eventlet
import pytest
from kombu import Connection, Producer
from sqlalchemy import create_engine, text

from services.contracts import events as e
from services.contracts.errors import Forbidden, Invalid, ShequError, Unauthenticated
from services.contracts.events import Envelope
from services.contracts.ids import new_id
from services.contracts.operations.feed import OPERATIONS
from services.feed import seed
from services.feed.seed_posts import POSTS
from services.feed.service import FeedService
from services.feed.settings import Settings
from services.kit import metrics, wire
from services.kit.blobs import BlobStore
from tests.support.feed_street import CID, PATH, Street
from tests.support.green_caller import Caller
from tests.support.neighbourhood import say

pytestmark = [pytest.mark.db, pytest.mark.broker]


def until(condition, seconds=10):
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        eventlet.sleep(0.02)


class Bench:
    """A running feed with its database, broker and callers at hand."""

    def __init__(self, engine, amqp_url, signer, settings):
        self.engine = engine
        self.amqp_url = amqp_url
        self.signer = signer
        self.settings = settings
        self.caller = Caller(amqp_url)

    def call(self, who, method, grants=(), key="", body_hash="", **kwargs):
        context = {"token": self.signer.token(who, list(grants))}
        if key:
            context |= {"idempotency_key": key, "body_hash": body_hash}
        return self.caller.call_as(context, "feed", method, **kwargs)

    def tell(self, *events, at=None):
        """Publish events as their sources do, at business time ``at``."""
        at = at or datetime.now(UTC)
        with Connection(self.amqp_url) as connection:
            producer = Producer(connection.channel())
            for version, event in enumerate(events, start=1):
                envelope = Envelope(new_id(), event.SOURCE, event.TYPE, event.subject, version, at)
                producer.publish(
                    event.model_dump_json(),
                    exchange=event.EXCHANGE,
                    routing_key=event.routing_key,
                    headers=wire.event_headers(envelope),
                    content_type="application/json",
                    content_encoding="utf-8",
                    message_id=envelope.event_id,
                    type=event.TYPE,
                )

    def count(self, table):
        with self.engine.connect() as connection:
            return connection.scalar(text(f"SELECT count(*) FROM {table}"))


@pytest.fixture
def bench(start, make_database, amqp_url, signer, tmp_path):
    url = make_database("feed")
    container = start(
        FeedService, Settings, url, amqp_url, storage_url=f"file://{tmp_path}/uploads"
    )
    engine = create_engine(url)
    bench = Bench(engine, amqp_url, signer, container.config["KIT_SETTINGS"])
    bench.tell(
        say(e.CommunityChanged, community_id=CID, path=PATH),
        say(e.MemberCardChanged, person_id="sun", community_id=CID, path=PATH),
    )
    until(lambda: bench.count("directory_cards") == 1 and bench.count("directory_communities") == 1)
    yield bench
    bench.caller.close()
    engine.dispose()


HELLO = {"cid": CID, "module": "nearby", "title": "你好", "body": "<b>大家好</b>"}


def test_every_built_operation_is_served_and_no_other():
    served = {
        name
        for name in dir(FeedService)
        if hasattr(getattr(getattr(FeedService, name), "spec", None), "operation")
    }
    of_every_service = {"advance_clock", "export_person"}
    built = {row.rpc_method for row in OPERATIONS if row.built}
    assert served - of_every_service == built


def test_a_neighbour_posts_and_reads_over_the_wire(bench):
    photo = BlobStore(bench.settings).put(b"jpeg", content_type="image/jpeg", owner="sun")
    written = bench.call("sun", "create_post", **HELLO, attachments=[photo.id])
    post = written["data"]
    assert written["xid"] > 0
    assert post["body"] == "<b>大家好</b>"
    assert post["attachments"][0]["sha256"] == photo.sha256
    read = bench.call("sun", "list_posts", cid=CID)
    assert read["data"]["items"] == [post]
    # the oldest transaction of the whole server counts, another test's too
    until(lambda: bench.call("sun", "list_posts", cid=CID)["xmin"] > written["xid"], seconds=60)
    comment = bench.call("sun", "create_comment", id=post["id"], body="自己顶一下")["data"]
    assert bench.call("sun", "list_comments", id=post["id"])["data"]["items"] == [comment]
    assert bench.call("sun", "like", id=post["id"])["data"] == {
        "like_count": 1,
        "liked_by_me": True,
    }
    assert bench.call("sun", "delete_post", id=post["id"])["data"] == {}
    until(lambda: bench.count("kit_outbox WHERE published_at IS NULL") == 0)


def test_a_repeated_request_is_answered_with_the_first_post(bench):
    first = bench.call("sun", "create_post", key="k1", body_hash="h", **HELLO)
    again = bench.call("sun", "create_post", key="k1", body_hash="h", **HELLO)
    assert again["data"] == first["data"]
    assert again["replayed"] is True
    assert bench.count("feed_posts") == 1


WRONG = [
    ("observer", [("observer", "demo.yuepu")], {}, Forbidden, "auth.observer_read_only"),
    ("sun", [], {"title": "长" * 121}, Invalid, "request.invalid"),
    ("sun", [], {"title": "长" * 10_000}, Invalid, "request.invalid"),
    ("sun", [], {"body": "长" * 350_000}, Invalid, "request.invalid"),
    ("sun", [], {"tags": ["一", "二", "三", "四", "五", "六"]}, Invalid, "request.invalid"),
    ("sun", [], {"tags": ["长" * 21]}, Invalid, "request.invalid"),
    ("sun", [], {"tags": ["\u2060"]}, Invalid, "request.invalid"),
    ("sun", [], {"tags": "停车"}, Invalid, "request.invalid"),
    ("sun", [], {"praised_id": "lu"}, Invalid, "request.invalid"),
    ("sun", [], {"title": None}, Invalid, "request.invalid"),
    ("sun", [], {"body": ["x"]}, Invalid, "request.invalid"),
    ("sun", [], {"attachments": ["x"] * 10}, Invalid, "request.invalid"),
    ("sun", [], {"attachments": ["../../etc/passwd"]}, Invalid, "request.invalid"),
    ("sun", [], {"extra": {"Bad Key": 1}}, Invalid, "request.invalid"),
    ("sun", [], {"module": "announcements"}, Forbidden, "feed.may_not_post"),
]


def test_what_is_wrong_is_said_and_nothing_kept(bench):
    for who, grants, change, refusal, code in WRONG:
        with pytest.raises(refusal) as refused:
            bench.call(who, "create_post", grants, **{**HELLO, **change})
        assert refused.value.code == code
    with pytest.raises(Unauthenticated):
        bench.caller.call("feed", "list_posts", cid=CID)
    assert bench.count("feed_posts") == 0


STAFF = [("committee_staff", PATH)]
MODULE = {"cid": CID, "key": "garden", "version": 0, "name": "小花园", "name_en": "Garden"}
FIELD = {"key": "k", "kind": "line", "name": "名", "name_en": "N"}
WRONG_MODULES = [
    ({"works": ["flying"]}, "works.0"),
    ({"fields": [{**FIELD, "key": f"k{n}"} for n in range(13)]}, "fields"),
    ({"fields": [{**FIELD, "kind": "hologram"}]}, "fields.0.kind"),
    ({"fields": [FIELD, FIELD]}, "fields.1.key"),
    ({"fields": "all"}, "fields"),
    ({"name": "长" * 41}, "name"),
    ({"name": "\u2060"}, "name"),
    ({"name_en": None}, "name_en"),
    ({"post": {"roles": ["king"]}}, "post.roles.0"),
    ({"post": {}}, "post"),
    ({"post": ["everybody"]}, "post"),
    ({"order": "random"}, "order"),
    ({"version": -1}, "version"),
    ({"version": 2**40}, "version"),
    ({"key": "Garden"}, "key"),
]


def test_a_module_with_a_fault_is_refused_and_the_fault_named(bench):
    me = {"token": bench.signer.token("wang", STAFF)}
    for change, field in WRONG_MODULES:
        with pytest.raises(Invalid) as refused:
            bench.caller.call_as(me, "feed", "put_module", **{**MODULE, **change})
        assert refused.value.errors[0].field == field
    assert bench.count("feed_modules") == 0
    made = bench.caller.call_as(me, "feed", "put_module", **MODULE)["data"]
    assert (made["version"], made["own"]) == (1, True)
    listed = bench.call("wang", "list_modules", STAFF, cid=CID)["data"]["items"]
    assert listed[-1]["key"] == "garden"
    until(lambda: bench.count("kit_outbox WHERE published_at IS NULL") == 0)


def test_signs_of_every_kind_come_back_as_they_were_written(bench):
    title = "𠮷野家🛏️👨‍👩‍👧 <script>alert(1)</script>"
    post = bench.call("sun", "create_post", **{**HELLO, "title": title, "tags": ["#𪚥", "🚲"]})
    assert (post["data"]["title"], post["data"]["tags"]) == (title, ["𪚥", "🚲"])
    found = bench.call("sun", "list_posts", cid=CID, tag="𪚥")["data"]["items"]
    assert [each["title"] for each in found] == [title]
    hidden = bench.call("sun", "create_post", **{**HELLO, "title": "转\u200b让\u202e床"})
    assert hidden["data"]["title"] == "转让床"


def test_identity_is_asked_before_a_stranger_is_refused_and_its_absence_is_said(bench):
    with pytest.raises(ShequError) as refused:
        bench.call("lu", "create_post", **HELLO)
    assert refused.value.status == 503  # identity does not run here
    assert bench.count("feed_posts") == 0


def test_a_story_told_backwards_ends_up_right(bench):
    case = {"issue_id": new_id(), "post_id": new_id(), "community_id": CID, "path": PATH}
    put_off = metrics.EVENT_OUTCOMES.labels("feed.issue_threads", "retry")
    before = put_off._value.get()
    bench.tell(say(e.IssueTriaged, **case), say(e.IssueAnswered, **case, body="去看过了"))
    until(lambda: put_off._value.get() >= before + 2)
    bench.tell(say(e.IssueReported, **case))
    until(lambda: bench.count("feed_comments") == 2)
    told = bench.call("sun", "list_comments", id=case["post_id"])["data"]["items"]
    assert {comment["step"] for comment in told} == {"triaged", "answered"}
    assert bench.call("sun", "get_post", id=case["post_id"])["data"]["comment_count"] == 2


def test_the_story_keeps_the_business_time_of_its_events(bench):
    """A moved clock of the demo, or a delivery after an outage, changes nothing about when."""
    then = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    case = {"issue_id": new_id(), "post_id": new_id(), "community_id": CID, "path": PATH}
    bench.tell(say(e.IssueReported, **case), say(e.IssueAnswered, **case), at=then)
    until(lambda: bench.count("feed_comments") == 1)
    with bench.engine.connect() as connection:
        assert connection.scalar(text("SELECT created_at FROM feed_comments")) == then


# -- the seed


def test_the_seed_is_planted_once(db):
    units = db("feed")
    now = datetime.now(UTC)
    for expected in (len(POSTS), 0):
        with units() as uow:
            assert seed.seed(uow, now) == expected
            uow.commit()
    street = Street(units)
    assert street.drift() == []
    with units() as uow:
        count = uow.session.scalar(text("SELECT count(*) FROM feed_posts"))
        late = uow.session.scalar(
            text("SELECT count(*) FROM feed_comments WHERE created_at > :now"), {"now": now}
        )
    assert (count, late) == (len(POSTS), 0)
    assert street.emitted() == []
