"""What feed gives somebody who asks for all that is held about her. Needs: db, broker."""

import time

import pytest
from sqlalchemy import text

from services.feed import copies
from services.feed.service import FeedService
from services.feed.settings import Settings
from services.kit.copies import MOST_ROWS
from services.kit.worker import ASK_SECONDS
from tests.support.feed_street import CID, LU, PATH, SUN, Street
from tests.support.green_caller import Caller

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def street(db):
    return Street(db("feed"))


def copy(street: Street, person: str = "sun") -> dict:
    return street.run(copies.held_about, person, read_only=True)


def test_it_is_her_own_words_and_nobody_elses(street):
    hers = street.post(who=SUN)
    others = street.post(who=LU)
    street.comment(others["id"], who=SUN, body="好")
    street.comment(hers["id"], who=LU, body="谢谢")
    street.like(others["id"], who=SUN)
    found = copy(street)
    assert [post["id"] for post in found["posts"]["items"]] == [hers["id"]]
    assert [comment["body"] for comment in found["comments"]["items"]] == ["好"]
    assert [like["post_id"] for like in found["likes"]["items"]] == [others["id"]]
    assert [card["display_name"] for card in found["cards"]["items"]] == ["孙奶奶"]
    assert all(part["items"] == [] for part in copy(street, "nobody").values())


def test_ten_thousand_posts_come_in_time_over_the_wire(street, start, amqp_url, signer):
    with street.units() as uow:
        # Nobody searches them here, and entering their words takes a busy database too long.
        uow.session.execute(text("ALTER TABLE feed_posts DISABLE TRIGGER feed_posts_search"))
        uow.session.execute(
            text(
                "INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body, "
                "created_at) SELECT 'p' || n, :cid, :path, 'hall', 'sun', 'title', "
                "repeat('一二三', 20), now() - n * interval '1 minute' "
                "FROM generate_series(1, 10000) n"
            ),
            {"cid": CID, "path": PATH},
        )
        uow.commit()
    url = street.units.engine.url.render_as_string(hide_password=False)
    start(FeedService, Settings, url, amqp_url)
    caller = Caller(amqp_url)
    try:
        began = time.monotonic()
        answer = caller.call_as({"token": signer.token("sun")}, "feed", "export_person")
        assert time.monotonic() - began < ASK_SECONDS
    finally:
        caller.close()
    posts = answer["data"]["posts"]
    assert posts["left_out"] + len(posts["items"]) == 10_000
    assert 1_000 < len(posts["items"]) <= MOST_ROWS
    assert posts["items"][0]["id"] == "p1", "the newest first"
