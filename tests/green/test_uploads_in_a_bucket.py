"""A service looks at files in a bucket, and its greenlets go on. Needs: db, broker."""

import time
from types import SimpleNamespace

import eventlet
import pytest
from sqlalchemy import create_engine

from deploy.local.system import free_port
from services.contracts import events as e
from services.contracts.errors import Invalid, Unavailable
from services.feed.service import FeedService
from services.feed.settings import Settings
from services.kit import s3
from services.kit.aside import MOST_OUTSIDE, outside
from services.kit.blobs import BlobStore, StorageAway
from services.kit.uploads import Uploads
from tests.green.test_feed_service import HELLO, Bench, until
from tests.green.test_votes_service import page
from tests.support.feed_street import CID, PATH
from tests.support.neighbourhood import say
from tests.support.s3 import credentials, nobody, silent

pytestmark = [pytest.mark.db, pytest.mark.broker]
LIMIT = 0.6
NO_UPLOAD = "01900000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def _short_limits(monkeypatch):
    """A storage that is silent is waited for, but not for long."""
    monkeypatch.setattr(s3, "LOOK_SECONDS", LIMIT)


@pytest.fixture
def bench(start, make_database, amqp_url, signer, bucket):
    """A running feed whose files lie in the bucket."""
    url = make_database("feed")
    container = start(FeedService, Settings, url, amqp_url, **bucket.settings("feed"))
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


class Clock:
    """A greenlet that notes how long it ever waited for its turn."""

    def __enter__(self):
        self.turns, self.longest = 0, 0.0
        self._thread = eventlet.spawn(self._tick)
        eventlet.sleep(0)
        return self

    def __exit__(self, *_):
        self._thread.kill()

    def _tick(self):
        last = time.monotonic()
        while True:
            eventlet.sleep(0.002)
            now = time.monotonic()
            self.turns, self.longest, last = self.turns + 1, max(self.longest, now - last), now


def test_a_post_with_a_file_from_the_bucket(bench):
    store = BlobStore(bench.settings)
    photos = [
        outside(store.put, b"jpeg", content_type="image/jpeg", owner="sun", thumbnail=b"small")
        for _ in range(3)
    ]
    ids = [photo.id for photo in photos]
    with Clock() as clock:
        post = bench.call("sun", "create_post", **HELLO, attachments=ids)
    assert clock.turns > 1
    assert clock.longest < LIMIT / 2
    assert [one["sha256"] for one in post["data"]["attachments"]] == [p.sha256 for p in photos]
    with pytest.raises(Invalid) as refused:
        bench.call("sun", "create_post", **HELLO, attachments=[photos[0].id, NO_UPLOAD])
    assert [fault.field for fault in refused.value.errors] == ["attachments.1"]


def test_storage_away_is_told_and_nothing_is_stored(bench, tmp_path):
    """And while one call waits for it, all the others go on."""
    wrong = credentials(tmp_path / "wrong", "AKIAAAAAAAAAAAAAAAAA", "not-the-secret")
    with silent() as quiet:
        for change in (
            {"storage_endpoint": nobody()},
            {"storage_endpoint": quiet},
            {
                "storage_endpoint": bench.settings.storage_endpoint,
                "storage_credentials_file": wrong,
            },
        ):
            for name, value in change.items():
                setattr(bench.settings, name, value)
            with Clock() as clock, pytest.raises(Unavailable) as told:
                bench.call("sun", "create_post", **HELLO, attachments=[NO_UPLOAD])
            assert (told.value.status, told.value.code) == (503, "upload.storage_away"), change
            assert told.value.retry_after == 5
            assert clock.turns > 1
            assert clock.longest < LIMIT / 2, change
    assert bench.count("feed_posts") == 0
    assert bench.count("kit_outbox WHERE type LIKE 'post.%'") == 0
    assert bench.call("sun", "create_post", **HELLO)["data"]["attachments"] == []


def test_many_wait_at_once_and_none_for_the_others(bucket):
    with silent() as quiet:
        told = {**bucket.settings(), "storage_endpoint": quiet}
        uploads = Uploads(SimpleNamespace(**told, storage_region="us-east-1", storage_style="path"))

        def look():
            with pytest.raises(StorageAway):
                uploads.meta(NO_UPLOAD)

        with Clock() as clock:
            began = time.monotonic()
            for thread in [eventlet.spawn(look) for _ in range(MOST_OUTSIDE)]:
                thread.wait()
    assert time.monotonic() - began < 4 * LIMIT  # one after the other: 16
    assert clock.longest < LIMIT / 2


def test_ready_only_once_the_bucket_was_reached(start, make_database, amqp_url, bucket):
    port = free_port()
    told = {**bucket.settings(), "storage_endpoint": nobody(), "health_port": port}
    container = start(FeedService, Settings, make_database("feed"), amqp_url, **told)
    only_that = {"consumer": True, "database": True, "storage": False}
    until(lambda: page(port, "/readyz") == (503, only_that))
    container.config["KIT_SETTINGS"].storage_endpoint = bucket.endpoint
    until(lambda: page(port, "/readyz") == (200, {**only_that, "storage": True}))
