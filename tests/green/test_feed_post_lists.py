"""Feed's lists of posts, page by page, on a real database. Needs: db."""

import base64
import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.errors import Invalid, RuleBroken
from services.contracts.operations import feed as ops
from services.feed.domain import texts
from services.feed.handlers import posts as post_handlers
from services.feed.repository.post_lists import Place
from services.kit.pages import BadCursor, encode_cursor
from tests.support.feed_street import CID, LU, PATH, WANG, Street

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def walk(street: Street, **fields) -> list[str]:
    """The titles of all pages, one after the other."""
    titles: list[str] = []
    cursor = None
    for _ in range(50):
        page = street.posts(cursor=cursor, **fields)
        titles += [post["title"] for post in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return titles
    raise AssertionError("the pages have no end")


def test_newest_first_page_by_page_each_once(street):
    for number in range(7):
        street.post(title=f"第{number}帖")
        street.later(minutes=1)
    expected = [f"第{number}帖" for number in reversed(range(7))]
    for limit in (1, 2, 3, 7, 100):
        assert walk(street, limit=limit) == expected


def test_posts_of_the_same_moment_are_not_lost_between_pages(street):
    made = {street.post(title=f"第{number}帖")["title"] for number in range(6)}
    titles = walk(street, limit=2)
    assert len(titles) == 6
    assert set(titles) == made


def test_a_post_published_meanwhile_does_not_shift_the_pages(street):
    for number in range(4):
        street.post(title=f"第{number}帖")
        street.later(minutes=1)
    page = street.posts(limit=2)
    street.post(title="新帖")
    rest = street.posts(limit=2, cursor=page["next_cursor"])
    assert [post["title"] for post in rest["items"]] == ["第1帖", "第0帖"]


def test_a_module_lists_its_own(street):
    street.post(title="床", module="idle")
    street.post(title="你好")
    assert walk(street, module="idle") == ["床"]
    assert walk(street, module="homesick") == []
    assert sorted(walk(street)) == ["你好", "床"]
    with pytest.raises(Invalid):
        street.posts(module="casino")


def test_a_module_that_was_switched_off_shows_nothing(street):
    street.post(title="床", module="idle")
    street.post(title="你好")
    street.community(CID, PATH, "urban", modules=["neighbours", "doctor"])
    assert walk(street) == ["你好"]
    assert list(street.modules()) == ["neighbours", "doctor"]
    with pytest.raises(RuleBroken):
        street.post(module="idle")


def test_three_pinned_posts_of_a_module_come_first_and_once(street):
    ids = {}
    for number in range(8):
        ids[number] = street.post(title=f"第{number}帖")["id"]
        street.later(minutes=1)
    for number in (1, 5, 0, 3):  # the newest pins are 3, 0, 5
        street.update(ids[number], WANG, pinned=True)
        street.later(minutes=1)
    expected = [f"第{n}帖" for n in (3, 0, 5, 7, 6, 4, 2, 1)]
    for limit in (3, 4, 5, 20):
        assert walk(street, limit=limit) == expected
        assert walk(street, limit=limit, module="neighbours") == expected
    # what does not fit on the first page stands where its time is
    assert walk(street, limit=2) == [f"第{n}帖" for n in (3, 0, 7, 6, 5, 4, 2, 1)]
    page = street.posts(limit=4)
    assert [post["pinned"] for post in page["items"]] == [True, True, True, False]


def test_each_module_has_its_own_pinned_posts(street):
    for module in ("idle", "hall"):
        for number in range(4):
            post = street.post(title=f"{module}{number}", module=module)
            street.update(post["id"], WANG, pinned=True)
            street.later(minutes=1)
    street.post(title="新帖")
    titles = walk(street, limit=20)
    assert titles[:6] == ["hall3", "hall2", "hall1", "idle3", "idle2", "idle1"]
    assert titles[6:] == ["新帖", "hall0", "idle0"]


def test_a_pin_set_while_somebody_reads_hides_nothing_and_shows_nothing_twice(street):
    ids = []
    for number in range(5):
        ids.append(street.post(title=f"第{number}帖")["id"])
        street.later(minutes=1)
    street.update(ids[2], WANG, pinned=True)
    page = street.posts(limit=2)
    street.later(minutes=1)
    street.update(ids[0], WANG, pinned=True)
    rest = street.posts(limit=9, cursor=page["next_cursor"])
    titles = [post["title"] for post in page["items"] + rest["items"]]
    assert titles == ["第2帖", "第4帖", "第3帖", "第1帖", "第0帖"]


def test_unpinning_puts_a_post_back_in_its_place(street):
    old = street.post(title="旧")["id"]
    street.later(minutes=1)
    street.post(title="新")
    assert street.update(old, WANG, pinned=True)["pinned"] is True
    assert walk(street) == ["旧", "新"]
    assert street.update(old, WANG, pinned=False)["pinned"] is False
    assert walk(street) == ["新", "旧"]


def test_pinning_twice_keeps_the_place(street):
    first, second = street.post(title="一")["id"], street.post(title="二")["id"]
    for post_id in (first, second, first):
        street.later(minutes=1)
        street.update(post_id, WANG, pinned=True)
    assert walk(street) == ["二", "一"]


def test_search_finds_two_characters(street):
    street.post(title="停车位太少", body="晚上回来没地方停")
    street.later(minutes=1)
    street.post(title="车棚漏雨", body="电动车和停车棚都该修")
    street.later(minutes=1)
    street.post(title="合唱队招新")
    assert walk(street, q="停车") == ["车棚漏雨", "停车位太少"]
    assert walk(street, q="停车 漏雨") == ["车棚漏雨"]
    assert walk(street, q="停车", module="idle") == []
    assert walk(street, q="停车", limit=1) == ["车棚漏雨", "停车位太少"]
    assert walk(street, q="游泳") == []


@pytest.mark.parametrize("query", ["%", "_", "100%", "\\", "'; DROP TABLE feed_posts; --"])
def test_a_search_takes_signs_literally(street, query):
    street.post(title="普通帖子")
    assert walk(street, q=query) == []
    street.post(title=f"有{query}的帖子")
    assert walk(street, q=query) == [texts.clean_line(f"有{query}的帖子")]


def test_a_search_ignores_pins_and_case(street):
    street.update(street.post(title="WiFi 坏了")["id"], WANG, pinned=True)
    street.later(minutes=1)
    street.post(title="wifi 好了")
    assert walk(street, q="wifi") == ["wifi 好了", "WiFi 坏了"]


def test_an_expired_post_leaves_the_lists_but_stays_readable(street):
    post = street.post(title="本周义卖", expires_at=street.now + timedelta(hours=1))
    assert walk(street) == ["本周义卖"]
    street.later(hours=2)
    assert walk(street) == []
    assert street.get(post["id"])["title"] == "本周义卖"
    street.update(post["id"], never_expires=True)
    assert walk(street) == ["本周义卖"]


def test_a_long_body_is_cut_in_lists_alone(street):
    body = "长" * 20_000
    post = street.post(body=body)
    listed = street.posts()["items"][0]
    assert (listed["body"], listed["body_cut"]) == ("长" * 500, True)
    assert (street.get(post["id"])["body"], post["body_cut"]) == (body, False)


def good_cursor(street: Street) -> str:
    street.post()
    street.later(minutes=1)
    street.post()
    cursor = street.posts(limit=1)["next_cursor"]
    assert cursor
    return cursor


NOW = "2026-03-02T04:00:00+00:00"
# as encode_cursor would write it, had it been given an id that is half a character
LONE_SURROGATE = base64.urlsafe_b64encode(
    json.dumps([NOW, "\ud800", NOW, "0"], separators=(",", ":")).encode()
).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!",
        encode_cursor("a"),
        encode_cursor("yesterday", "", NOW, "0"),
        encode_cursor(NOW, "x", NOW, "0"),
        LONE_SURROGATE,
        encode_cursor("0001-01-01T00:00:00+00:00", "", NOW, "0"),
        encode_cursor("2026-03-02T04:00:00", "", NOW, "0"),
        encode_cursor("2026-W10-1T04:00:00+00:00", "", NOW, "0"),
        encode_cursor("2026-03-02T04:00:00+23:59", "", NOW, "0"),
        encode_cursor("9999-12-31T23:59:59-23:59", "", NOW, "0"),
        encode_cursor(NOW, "", "soon", "0"),
        encode_cursor(NOW, "", NOW, "-1"),
        encode_cursor(NOW, "", NOW, "99999"),
        encode_cursor(NOW, "", NOW, "²"),
    ],
)
def test_a_tampered_cursor_is_refused(street, cursor):
    with pytest.raises(BadCursor):
        street.posts(cursor=cursor)


def test_a_cursor_of_ours_is_understood(street):
    cursor = good_cursor(street)
    assert Place.read(cursor).pinned == 0
    for cut in range(1, 6):
        with pytest.raises(BadCursor):
            street.posts(cursor=cursor[cut:])


def test_a_list_costs_the_same_however_long_it_is(street):
    def posts_with_everything(count):
        for _ in range(count):
            post = street.post(hide_name=True)
            street.comment(post["id"], LU)
            street.like(post["id"])

    posts_with_everything(2)
    few = street.statements(lambda: street.posts(limit=50))
    posts_with_everything(20)
    many = street.statements(lambda: street.posts(limit=50))
    assert len(street.posts(limit=50)["items"]) == 22
    assert len(few) == len(many)
    # the page, and whether something on it is the reader's own
    assert sum("feed_posts" in statement for statement in many) == 2


def test_the_page_is_read_from_the_index(street):
    with street.units() as uow:
        # nothing is searched for here, and the words of so many take a while
        uow.session.execute(text("ALTER TABLE feed_posts DISABLE TRIGGER USER"))
        uow.session.execute(
            text(
                """
                INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body,
                                        tags, state, created_at, active_at)
                SELECT gen_random_uuid()::text, :cid, :path,
                    (ARRAY['idle', 'hall', 'nearby'])[1 + n % 3],
                    CASE WHEN n % 400 = 0 THEN 'wang' ELSE 'lu' END, '帖' || n, '正文',
                    CASE WHEN n % 400 = 0 THEN ARRAY['停车'] ELSE '{}' END,
                    CASE WHEN n % 800 = 0 THEN 'waiting' ELSE 'shown' END,
                    timestamptz '2026-01-01' + n * interval '1 second',
                    timestamptz '2026-01-02' + n * interval '1 second'
                FROM generate_series(1, 20000) AS n
                """
            ),
            {"cid": CID, "path": PATH},
        )
        uow.commit()
    engine = street.units.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE feed_posts"))
    for fields in (
        {},
        {"module": "idle"},
        {"module": "idle", "order": "active"},
        {"module": "idle", "order": "title"},
        {"tag": "停车"},
        {"mine": True},
        {"mine": True, "state": "waiting"},
        {"state": "waiting"},
    ):
        with street.units(read_only=True) as uow:
            before = uow.session.scalar(
                text(
                    "SELECT sum(idx_tup_fetch + seq_tup_read) FROM pg_stat_xact_user_tables "
                    "WHERE relname = 'feed_posts'"
                )
            )
            page = post_handlers.list_posts(uow, ops.ListPosts(cid=CID, **fields), WANG, street.now)
            assert json.loads(page)["items"]
            after = uow.session.scalar(
                text(
                    "SELECT sum(idx_tup_fetch + seq_tup_read) FROM pg_stat_xact_user_tables "
                    "WHERE relname = 'feed_posts'"
                )
            )
        assert after - before < 200, f"{fields}: the page reads far more rows than it shows"
