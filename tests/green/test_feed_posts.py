"""Feed's posts on a real database. Needs: db."""

import base64
import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, NotFound, ObserverReadOnly, RuleBroken
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.feed.domain import posts, speaking, texts
from services.feed.handlers import between
from services.feed.handlers import posts as post_handlers
from services.feed.repository.post_lists import Place
from services.kit.pages import BadCursor, encode_cursor
from tests.support.feed_street import (
    CID,
    LU,
    NOON,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    VILLAGE,
    VILLAGE_PATH,
    WANG,
    ZHAO,
    Street,
    actor,
)

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


def test_a_post_as_its_author_gets_it(street):
    photo = street.shelf.put("sun")
    post = street.post(
        module="idle",
        title="婴儿床 🛏",
        body="<b>九成新</b>",
        extra={"price": 180},
        attachments=[photo],
    )
    ops.Post.model_validate(post, strict=False)
    assert set(post) == set(ops.Post.model_fields)
    assert (post["title"], post["body"]) == ("婴儿床 🛏", "<b>九成新</b>")
    assert post["extra"] == {"price": "180.00"}
    assert [a["id"] for a in post["attachments"]] == [photo]
    assert (post["like_count"], post["liked_by_me"], post["comment_count"]) == (0, False, 0)
    assert post["author"] == {
        "id": "sun",
        "display_name": "孙奶奶",
        "building_label": "3号楼",
        "badge_shown": False,
        "role_badges": [],
        "anonymous": False,
    }
    assert (post["mine"], post["official"], post["pinned"]) == (True, False, False)
    assert street.get(post["id"]) == post


@pytest.mark.parametrize(
    "module", ["hall", "nearby", "services", "mutual_aid", "neighbours", "idle"]
)
def test_three_fields_are_enough(street, module):
    assert street.post(module=module)["module"] == module


def test_publishing_is_told_once(street):
    post = street.post(title="好人好事")
    assert street.emitted() == [
        (
            "post.published.v1",
            {
                "post_id": post["id"],
                "community_id": CID,
                "path": PATH,
                "module": "neighbours",
                "author_id": "sun",
                "title": "好人好事",
                "issue_id": None,
                "hide_name": False,
                "praised_id": None,
                "official": False,
            },
        )
    ]


def test_an_office_speaks_officially_and_a_party_member_shows_the_flag(street):
    official = street.post(WANG, module="announcements")
    party = street.post(LU, module="party", extra={"kind": "check_in"})
    assert (official["official"], official["author_role"]) == (True, "committee_staff")
    assert official["author"]["role_badges"] == ["committee_staff"]
    assert (party["official"], party["author"]["badge_shown"]) == (False, True)
    assert street.post(SHI)["author_role"] == "secretary"


@pytest.mark.parametrize(
    ("who", "fields", "refusal"),
    [
        (SUN, {"module": "announcements"}, speaking.MayNotPost),
        (SUN, {"module": "party"}, speaking.MayNotPost),
        (SUN, {"module": "homesick"}, speaking.ModuleOff),
        (SUN, {"module": "casino"}, Invalid),
        (SUN, {"title": "\u200b"}, Invalid),
        (SUN, {"body": "\u2060\n"}, Invalid),
        (SUN, {"extra": {"price": 1}}, Invalid),
        (SUN, {"attachments": [new_id()]}, Invalid),
        (SUN, {"cid": "atlantis"}, NotFound),
        (SUN, {"cid": VILLAGE}, Forbidden),
        (STRANGER, {}, Forbidden),
        (OBSERVER, {}, ObserverReadOnly),
    ],
)
def test_what_is_refused_leaves_nothing(street, who, fields, refusal):
    with pytest.raises(refusal):
        street.post(who, **fields)
    assert street.posts()["items"] == []
    assert street.emitted() == []


def test_somebody_elses_upload_is_not_to_be_had(street):
    mine, hers = street.shelf.put("sun"), street.shelf.put("lu")
    with pytest.raises(Invalid) as refused:
        street.post(attachments=[mine, hers])
    assert [error.field for error in refused.value.errors] == ["attachments.1"]


def test_an_ended_membership_ends_the_speaking(street):
    street.card("sun", standing="ended")
    with pytest.raises(Forbidden) as refused:
        street.post()
    assert refused.value.code == "identity.not_a_member"


# -- a hidden name


def test_a_hidden_name_shows_to_its_owner_alone(street):
    post = street.post(title="家门口的事", hide_name=True)
    assert post["author"]["display_name"] == "孙奶奶"
    for reader in (LU, WANG, OBSERVER):
        seen = street.get(post["id"], reader)
        assert seen["author"] == {
            "id": None,
            "display_name": "匿名邻居",
            "building_label": "",
            "badge_shown": False,
            "role_badges": [],
            "anonymous": True,
        }
        assert seen["mine"] is False
        assert "sun" not in str(street.posts(reader)["items"])
    assert street.emitted()[0][1]["hide_name"] is True


def test_a_hidden_name_stays_hidden_in_its_own_thread(street):
    post = street.post(hide_name=True)
    first = street.comment(post["id"], SUN, "补充一下")
    street.comment(post["id"], LU, "收到", reply_to=first["id"])
    assert first["author"]["display_name"] == "孙奶奶"
    seen = street.comments(post["id"], LU)["items"]
    assert [c["author"]["display_name"] for c in seen] == ["匿名邻居", "老陆"]
    assert [c["by_post_author"] for c in seen] == [True, False]
    assert seen[1]["reply_to_name"] == "匿名邻居"
    assert "sun" not in str(seen)


def test_hiding_the_name_hides_the_office_too(street):
    post = street.post(WANG, hide_name=True)
    assert (post["official"], post["author_role"]) == (False, None)
    assert street.comment(post["id"], WANG)["official"] is False


def test_the_issue_desk_is_told_who_wrote(street):
    post = street.post(hide_name=True)
    cmd = ops.OfPost(id=post["id"])
    source = street.run(between.get_thread_source, cmd, WANG)
    assert (source.author_id, source.hide_name, source.path) == ("sun", True, PATH)
    juyuan = actor("other", (Role.COMMITTEE_STAFF, "demo.yuepu.juyuan"))
    for reader, refusal in ((SUN, Forbidden), (OBSERVER, Forbidden), (juyuan, NotFound)):
        with pytest.raises(refusal):
            street.run(between.get_thread_source, cmd, reader)


# -- who reads


def test_strangers_learn_nothing(street):
    post = street.post()
    for reader in (STRANGER, ZHAO):
        with pytest.raises(posts.PostNotFound):
            street.get(post["id"], reader)
        with pytest.raises(posts.PostNotFound):
            street.comments(post["id"], reader)
        with pytest.raises(NotFound):
            street.posts(reader)
        with pytest.raises(posts.PostNotFound):
            street.like(post["id"], reader)
    with pytest.raises(posts.PostNotFound):
        street.get(new_id())


def test_those_above_read_and_stay_silent(street):
    post = street.post()
    assert street.get(post["id"], OBSERVER)["id"] == post["id"]
    assert len(street.posts(OBSERVER)["items"]) == 1
    assert not any(module.may_comment for module in street.modules(OBSERVER).values())
    for act in (street.like, street.comment):
        with pytest.raises(ObserverReadOnly):
            act(post["id"], OBSERVER)


# -- lists


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
    assert sum("feed_posts" in statement for statement in many) == 1


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


# -- changing and deleting


def test_the_author_changes_the_words(street):
    post = street.post(module="idle", extra={"price": 5})
    street.later(minutes=5)
    photo = street.shelf.put("sun")
    changed = street.update(
        post["id"], title="改 了\u200b", body="新的", extra={"price": 3}, attachments=[photo]
    )
    assert (changed["title"], changed["body"]) == ("改 了", "新的")
    assert changed["extra"] == {"price": "3.00"}
    assert [a["id"] for a in changed["attachments"]] == [photo]
    assert changed["edited_at"] is not None
    assert changed["created_at"] == post["created_at"]
    assert street.types() == ["post.published.v1", "post.changed.v1"]


def test_an_update_that_names_nothing_changes_nothing(street):
    post = street.post()
    assert street.update(post["id"]) == post
    assert street.types() == ["post.published.v1"]


def test_pinning_twice_keeps_the_place(street):
    first, second = street.post(title="一")["id"], street.post(title="二")["id"]
    for post_id in (first, second, first):
        street.later(minutes=1)
        street.update(post_id, WANG, pinned=True)
    assert walk(street) == ["二", "一"]


@pytest.mark.parametrize(
    ("who", "fields", "refusal"),
    [
        (LU, {"title": "我改的"}, posts.NotTheAuthor),
        (WANG, {"title": "我改的"}, posts.NotTheAuthor),
        (SUN, {"pinned": True}, posts.NotAModerator),
        (SUN, {"pinned": False}, posts.NotAModerator),
        (LU, {"pinned": True}, posts.NotTheAuthor),
        (WANG, {"expires_at": NOON + timedelta(days=1)}, posts.NotTheAuthor),
        (WANG, {"never_expires": True}, posts.NotTheAuthor),
        (SUN, {"extra": {"price": 5}}, Invalid),
        (SUN, {"title": "\u200b"}, Invalid),
        (STRANGER, {"title": "x"}, posts.PostNotFound),
        (OBSERVER, {"title": "x"}, ObserverReadOnly),
    ],
)
def test_a_change_that_is_refused_changes_nothing(street, who, fields, refusal):
    post = street.post()
    with pytest.raises(refusal):
        street.update(post["id"], who, **fields)
    assert street.get(post["id"]) == post


def test_what_its_author_deletes_is_gone(street):
    post = street.post()
    street.comment(post["id"])
    street.delete(post["id"], SUN)
    assert street.posts()["items"] == []
    for act in (
        street.get,
        street.comments,
        street.like,
        street.unlike,
        street.comment,
        street.update,
        street.delete,
    ):
        with pytest.raises(posts.PostNotFound):
            act(post["id"])
    assert street.types()[-1] == "post.removed.v1"
    assert street.types().count("post.removed.v1") == 1


def test_nobody_else_deletes(street):
    post = street.post()
    for who, refusal in (
        (LU, posts.MayNotDelete),
        (WANG, posts.MayNotDelete),
        (STRANGER, posts.PostNotFound),
        (actor("far", (Role.COMMITTEE_STAFF, VILLAGE_PATH)), posts.PostNotFound),
    ):
        with pytest.raises(refusal):
            street.delete(post["id"], who)
    assert len(street.posts()["items"]) == 1


def test_whoever_moved_away_takes_her_posts_with_her_if_she_wants(street):
    mine, other = street.post()["id"], street.post(LU)["id"]
    street.card("sun", standing="ended", display_name="孙奶奶")
    with pytest.raises(posts.PostNotFound):
        street.get(mine)
    with pytest.raises(posts.PostNotFound):
        street.delete(other)
    street.delete(mine)
    assert [post["id"] for post in street.posts(LU)["items"]] == [other]
    assert street.types()[-1] == "post.removed.v1"


def test_a_deleted_account_leaves_its_words_without_a_name(street):
    from services.contracts.events import PersonDeleted

    post = street.post()
    street.told(PersonDeleted(person_id="sun"))
    author = street.get(post["id"], LU)["author"]
    assert (author["display_name"], author["building_label"]) == ("已注销用户", "")


def test_modules_say_what_one_may_do(street):
    mine, offices = street.modules(), street.modules(WANG)
    assert (mine["idle"].may_post, mine["announcements"].may_post) == (True, False)
    assert (mine["announcements"].may_comment, mine["idle"].may_moderate) == (True, False)
    assert (offices["announcements"].may_post, offices["idle"].may_moderate) == (True, True)
    assert mine["idle"].name == "闲置物品"
    assert [field.key for field in mine["idle"].fields] == ["price", "condition"]
    assert "homesick" in street.modules(ZHAO, VILLAGE)
