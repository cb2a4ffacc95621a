"""A post's earlier texts, tags, thanks; hidden names; guides. Needs: db."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, ObserverReadOnly
from services.contracts.ids import new_id
from services.contracts.operations.feed import posts as ops
from services.feed import seed, seed_own
from services.feed.domain import definitions, fields, guides, own_modules, posts
from services.feed.domain import history as rules
from services.feed.handlers import history, uncovering
from services.feed.handlers.common import catalogue
from services.feed.models import Post
from services.feed.repository.versions import versions as versions_of
from services.feed.seed_posts import POSTS
from services.kit.pages import BadCursor, encode_cursor
from tests.support.feed_street import (
    CID,
    LU,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    WANG,
    Street,
    actor,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def versions(street, post_id, who=SUN, **fields):
    cmd = ops.ListPostVersions(id=post_id, **fields)
    return street.run(history.list_post_versions, cmd, who, read_only=True)


def uncover(street, post_id, who=SHI, reason="moderation", **fields):
    cmd = ops.UncoverAuthor(id=post_id, reason=reason, **fields)
    return street.run(uncovering.uncover_author, cmd, who, street.now)


def check(street, post_id, who=WANG, **fields):
    return street.run(history.check_guide, ops.CheckGuide(id=post_id, **fields), who, street.now)


def titles(street, **fields):
    found, cursor = [], None
    while True:
        page = street.posts(cursor=cursor, **fields)
        found += [post["title"] for post in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def told(street, kind):
    return [body for name, body in street.emitted() if name == f"{kind}.v1"]


# -- history


def test_every_text_is_kept_and_each_change_told(street):
    post = street.post(module="idle", title="婴儿床", body="九成新。自提。", extra={"price": 180})
    street.later(hours=1)
    street.update(post["id"], body="九成新。可以送。", tags=["母婴"])
    street.later(hours=1)
    now = street.update(post["id"], extra={"price": 100})
    assert now["version"] == 3
    page = versions(street, post["id"])
    assert [text.version for text in page.items] == [3, 2, 1]
    assert page.next_cursor is None
    assert [[change.field for change in text.changes] for text in page.items] == [
        ["extra.price"],
        ["body", "tags"],
        [],
    ]
    assert [(p.op, p.text) for p in page.items[1].changes[0].pieces] == [
        ("same", "九成新。"),
        ("removed", "自提。"),
        ("added", "可以送。"),
    ]
    first = page.items[2]
    assert (first.body, first.extra, first.tags) == ("九成新。自提。", {"price": "180.00"}, [])
    assert first.written_at == street.now - timedelta(hours=2)
    assert page.items[0].written_at == street.now


def test_saying_the_same_again_is_no_new_text(street):
    post = street.post(module="idle", extra={"price": 5}, tags=["书"])
    same = street.update(
        post["id"], title=post["title"], body=" 大家好\u200b", extra={"price": "5"}, tags=["#书"]
    )
    assert same == post
    street.update(post["id"], WANG, pinned=True)
    assert street.get(post["id"])["version"] == 1
    assert len(told(street, "post.changed")) == 1


def test_the_history_comes_page_by_page(street):
    post = street.post(body="第1版")
    for number in range(2, 8):
        street.update(post["id"], body=f"第{number}版")
    seen, cursor = [], None
    while True:
        page = versions(street, post["id"], limit=3, cursor=cursor)
        seen += [(text.version, len(text.changes)) for text in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [(7, 1), (6, 1), (5, 1), (4, 1), (3, 1), (2, 1), (1, 0)]
    for wrong in ("x", encode_cursor("-1"), encode_cursor("²"), encode_cursor("9" * 10)):
        with pytest.raises(BadCursor):
            versions(street, post["id"], cursor=wrong)


def test_who_reads_the_history(street):
    own, official = street.post(), street.post(WANG, module="guides")
    for who in (SUN, WANG):
        assert len(versions(street, own["id"], who).items) == 1
    for who in (LU, OBSERVER):
        with pytest.raises(rules.HistoryClosed):
            versions(street, own["id"], who)
        assert len(versions(street, official["id"], who).items) == 1
    with pytest.raises(posts.PostNotFound):
        versions(street, official["id"], STRANGER)


def test_a_history_costs_the_same_however_long_it_is(street):
    post = street.post()["id"]
    few = street.statements(lambda: versions(street, post))
    for number in range(12):
        street.update(post, body=f"第{number}版")
    assert len(street.statements(lambda: versions(street, post))) == len(few)


def test_edits_at_once_lose_no_text(street):
    post = street.post(body="第0版")["id"]
    bodies = [f"第{number}版" for number in range(1, 11)]
    with ThreadPoolExecutor(max_workers=5) as pool:
        list(pool.map(lambda body: street.update(post, body=body), bodies))
    kept = [text.body for text in versions(street, post, limit=20).items]
    assert sorted(kept) == sorted(["第0版", *bodies])
    assert street.get(post)["version"] == 11


# -- offered to the bridge


def test_what_may_be_a_problem_is_offered_with_each_text(street):
    post = street.post(module="nearby", title="路灯坏了", body="三号楼前")
    street.update(post["id"], body="三号楼和四号楼前")
    street.update(post["id"], WANG, pinned=True)
    street.post(module="idle")
    assert [(o["post_version"], o["body"]) for o in told(street, "post.offered")] == [
        (1, "三号楼前"),
        (2, "三号楼和四号楼前"),
    ]
    assert told(street, "post.offered")[0]["title"] == "路灯坏了"


# -- tags and praise


def test_posts_are_found_by_their_tags(street):
    street.post(title="一", tags=["#停车", "夜间"])
    street.later(minutes=1)
    street.post(title="二", tags=["停车"])
    street.post(title="三", tags=["停车位"])
    assert titles(street, tag="停车") == ["二", "一"]
    assert titles(street, tag="＃停车", limit=1) == ["二", "一"]
    assert titles(street, tag="夜间", module="neighbours") == ["一"]
    assert titles(street, tag="夜间", module="idle") == []
    assert street.posts(tag="夜间")["items"][0]["tags"] == ["停车", "夜间"]
    with pytest.raises(Invalid):
        street.posts(tag="#")
    with pytest.raises(Invalid) as refused:
        street.post(tags=["好", "\u200b"])
    assert refused.value.errors[0].field == "tags.1"


def test_a_post_thanks_a_neighbour_and_she_is_told(street):
    post = street.post(module="nearby", extra={"kind": "praise"}, praised_id="lu")
    assert post["praised"] == {
        "id": "lu",
        "display_name": "老陆",
        "building_label": "",
        "role_badges": [],
    }
    assert told(street, "post.published")[0]["praised_id"] == "lu"
    assert street.update(post["id"], title="谢谢老陆")["praised"]["id"] == "lu"
    assert street.update(post["id"], extra={"kind": "tip"})["praised"] is None


@pytest.mark.parametrize(
    ("praised", "extra"),
    [
        ("lu", {}),
        ("sun", {"kind": "praise"}),
        ("zhao", {"kind": "praise"}),
        ("lu", {"kind": "tip"}),
    ],
)
def test_whom_a_post_may_not_thank(street, praised, extra):
    with pytest.raises(Invalid) as refused:
        street.post(module="nearby", extra=extra, praised_id=praised)
    assert refused.value.errors[0].field == "praised_id"
    assert street.emitted() == []


# -- orders


def test_guides_are_listed_by_title_and_a_module_otherwise_when_asked(street):
    for title in ("社保卡", "居住证", "ABC", "敬老卡", "𠮷祥"):
        street.post(WANG, module="guides", title=title)
        street.later(minutes=1)
    expected = sorted(["社保卡", "居住证", "ABC", "敬老卡", "𠮷祥"])
    for limit in (1, 2, 5, 50):
        assert titles(street, module="guides", limit=limit) == expected
    newest = ["𠮷祥", "敬老卡", "ABC", "居住证", "社保卡"]
    assert titles(street, module="guides", order="newest", limit=2) == newest
    assert titles(street) == newest
    with pytest.raises(Invalid) as refused:
        street.posts(order="title")
    assert refused.value.errors[0].field == "order"


def test_titles_as_long_as_they_may_be_are_paged(street):
    for _ in range(3):
        street.post(WANG, module="guides", title="🛏" * 120)
    page = street.posts(module="guides", limit=1)
    assert len(page["next_cursor"]) <= 1_000
    assert len(titles(street, module="guides", limit=1)) == 3


def test_a_module_by_activity_puts_first_what_was_spoken_on_last(street):
    ids = {}
    for title in ("一", "二", "三"):
        ids[title] = street.post(title=title)["id"]
        street.later(minutes=1)
    street.comment(ids["一"], LU)
    for limit in (1, 2, 9):
        walked = titles(street, module="neighbours", order="active", limit=limit)
        assert walked == ["一", "三", "二"]
    street.update(ids["二"], WANG, pinned=True)
    walked = titles(street, module="neighbours", order="active", limit=1)
    assert walked == ["二", "一", "三"]


def test_a_cursor_of_another_order_is_refused(street):
    for _ in range(3):
        street.post(WANG, module="guides")
    cursors = {
        order: street.posts(module="guides", order=order, limit=1)["next_cursor"]
        for order in ("newest", "active", "title")
    }
    for order, cursor in cursors.items():
        for other in cursors.keys() - {order}:
            with pytest.raises(BadCursor):
                street.posts(module="guides", order=other, cursor=cursor)


# -- what is not shown


def put_state(street, post_id, state):
    with street.units() as uow:
        uow.session.execute(
            text("UPDATE feed_posts SET state = :state WHERE id = :id"),
            {"id": post_id, "state": state},
        )
        uow.commit()


def test_what_is_not_shown_is_listed_for_moderators_and_to_its_author(street):
    made = {}
    for state in ("waiting", "refused", "taken_down", "shown", "deleted"):
        made[state] = street.post(title=state)["id"]
        put_state(street, made[state], state)
        street.later(minutes=1)
    other = street.post(LU, title="老陆的")["id"]
    put_state(street, other, "waiting")
    assert titles(street, who=WANG, state="waiting") == ["老陆的", "waiting"]
    assert titles(street, who=WANG, state="waiting", module="idle") == []
    assert titles(street, who=WANG, state="refused", limit=1) == ["refused"]
    assert titles(street, mine=True) == ["shown", "taken_down", "refused", "waiting"]
    assert titles(street, mine=True, state="waiting", limit=1) == ["waiting"]
    assert titles(street, mine=True, module="idle") == []
    for who in (SUN, OBSERVER):
        with pytest.raises(posts.NotAModerator):
            street.posts(who, state="waiting")
    assert titles(street) == ["shown"]
    assert street.get(made["taken_down"])["state"] == "taken_down"
    for post_id in (made["waiting"], made["taken_down"], other):
        with pytest.raises(posts.PostNotFound):
            street.get(post_id, actor("zhang"))


def test_mine_are_all_that_i_wrote_here_also_in_modules_switched_off(street):
    street.post(title="床", module="idle", expires_at=street.now + timedelta(hours=1))
    street.later(hours=2)
    street.community(CID, PATH, "urban", modules=["neighbours"])
    assert titles(street) == []
    assert titles(street, mine=True) == ["床"]
    assert titles(street, who=LU, mine=True) == []


def test_what_nobody_saw_is_deleted_without_a_word(street):
    post = street.post()["id"]
    put_state(street, post, "waiting")
    street.delete(post)
    assert told(street, "post.removed") == []
    assert titles(street, mine=True) == []


# -- who is behind a hidden name


def test_who_moderates_learns_the_name_and_the_person_learns_of_it(street):
    post = street.post(hide_name=True)["id"]
    author = uncover(street, post, note="有人投诉").author
    assert (author.id, author.display_name, author.building_label) == ("sun", "孙奶奶", "3号楼")
    assert told(street, "author.seen") == [
        {
            "person_id": "sun",
            "actor_id": "shi",
            "actor_role": "secretary",
            "community_id": CID,
            "path": PATH,
            "reason": "moderation",
            "post_id": post,
            "comment_id": None,
        }
    ]
    with street.units() as uow:
        line = uow.session.execute(
            text(
                "SELECT actor_id, target, target_id, reason, details FROM feed_moderation_log "
                "WHERE action = 'name_uncovered'"
            )
        ).one()
    assert tuple(line) == ("shi", "post", post, "有人投诉", {"reason": "moderation"})


def test_the_person_is_told_once_a_day_for_each_reader_and_thing(street):
    post = street.post(hide_name=True)["id"]
    comment = street.comment(post, SUN)["id"]
    for _ in range(2):
        uncover(street, post)
        uncover(street, post, WANG)
        uncover(street, post, comment_id=comment)
    assert len(told(street, "author.seen")) == 3
    street.later(hours=20)
    uncover(street, post)
    assert len(told(street, "author.seen")) == 4
    assert told(street, "author.seen")[2]["comment_id"] == comment


def test_asking_at_once_tells_once(street):
    post = street.post(hide_name=True)["id"]
    with ThreadPoolExecutor(max_workers=5) as pool:
        found = list(pool.map(lambda _: uncover(street, post).author.id, range(5)))
    assert found == ["sun"] * 5
    assert len(told(street, "author.seen")) == 1


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (SUN, posts.NotAModerator),
        (LU, posts.NotAModerator),
        (OBSERVER, posts.NotAModerator),
        (STRANGER, posts.PostNotFound),
        (actor("pm", (Role.PROPERTY_MANAGER, PATH)), posts.NotAModerator),
    ],
)
def test_who_may_not_ask_for_a_hidden_name(street, who, refusal):
    post = street.post(hide_name=True)["id"]
    with pytest.raises(refusal):
        uncover(street, post, who)
    assert told(street, "author.seen") == []


def test_a_name_that_is_shown_is_not_asked_for(street):
    shown, hidden = street.post()["id"], street.post(hide_name=True)["id"]
    hers = street.comment(hidden, LU)["id"]
    for post, asked in ((shown, {}), (hidden, {"comment_id": hers})):
        with pytest.raises(posts.NameShown):
            uncover(street, post, **asked)
    elsewhere = street.comment(shown, SUN)["id"]
    for comment in (elsewhere, new_id()):
        with pytest.raises(Invalid) as refused:
            uncover(street, hidden, comment_id=comment)
        assert refused.value.errors[0].field == "comment_id"
    own = street.post(SHI, hide_name=True)["id"]
    assert uncover(street, own).author.id == "shi"
    assert told(street, "author.seen") == []


# -- guides


def test_a_guide_that_nobody_looked_at_for_a_year_is_stale(street):
    guide = street.post(WANG, module="guides", title="敬老卡")
    street.post(title="聊天")
    assert guide["stale"] is False
    assert guide["checked_at"] == guide["created_at"]
    street.later(days=365)
    assert street.get(guide["id"])["stale"] is True
    assert titles(street, module="guides", stale=True) == ["敬老卡"]
    assert titles(street, stale=True) == ["敬老卡"]
    fresh = check(street, guide["id"])
    assert (fresh["stale"], fresh["version"]) == (False, 1)
    assert titles(street, stale=True) == []
    assert told(street, "post.changed")[-1]["post_id"] == guide["id"]


def test_a_guide_whose_time_is_over_is_stale_until_somebody_says_how_it_is(street):
    until = street.now + timedelta(days=10)
    guide = street.post(WANG, module="guides", extra={"valid_until": until.isoformat()})["id"]
    assert check(street, guide)["version"] == 1
    street.later(days=11)
    assert street.get(guide)["stale"] is True
    with pytest.raises(Invalid):
        check(street, guide, valid_until=until)
    renewed = check(street, guide, SHI, valid_until=street.now + timedelta(days=30))
    assert (renewed["stale"], renewed["version"]) == (False, 2)
    street.later(days=31)
    open_end = check(street, guide)
    assert (open_end["stale"], open_end["extra"], open_end["version"]) == (False, {}, 3)
    with street.units() as uow:
        wrote = uow.session.scalars(
            text("SELECT written_by FROM feed_post_versions ORDER BY version")
        )
        assert list(wrote) == ["wang", "shi"]


def test_writing_a_guide_anew_is_looking_at_it(street):
    guide = street.post(WANG, module="guides")["id"]
    street.later(days=400)
    assert street.update(guide, WANG, body="改过了")["stale"] is False
    assert street.post()["check_by"] is None


def test_who_may_not_check_a_guide(street):
    guide, post = street.post(WANG, module="guides")["id"], street.post()["id"]
    for who, refusal in ((SUN, posts.NotAModerator), (OBSERVER, ObserverReadOnly),
                         (STRANGER, posts.PostNotFound)):  # fmt: skip
        with pytest.raises(refusal):
            check(street, guide, who)
    with pytest.raises(guides.NotAGuide):
        check(street, post)
    with pytest.raises(Forbidden):
        street.update(guide, SHI, title="别人的")


# -- the seed


def test_what_the_demo_made_its_own_is_planted_once_and_keeps_the_rules(street):
    for _ in range(2):
        with street.units() as uow:
            seed.seed(uow, street.now)
            seed_own.seed(uow, street.now)
            uow.commit()
    with street.units() as uow:
        count = uow.session.scalar(text("SELECT count(*) FROM feed_posts"))
        here = catalogue(uow, demo.HAIXING)
        ride = uow.session.get(Post, demo.demo_id(19, 1))
        guide = uow.session.scalar(text("SELECT id FROM feed_posts WHERE version = 2"))
        kept = [dict(row) for row in versions_of(uow.session, guide, below=9, take=9)]
        tags = list(uow.session.scalars(text("SELECT tags FROM feed_posts WHERE tags <> '{}'")))
    assert count == len(POSTS) + 2
    definitions.check(seed_own.WAY_HOME, own_modules.blank("way_home"), own=True)
    assert fields.read_extra(here.of("way_home"), ride.extra) == ride.extra
    assert [change.field for change in rules.changes(kept[1], kept[0])] == ["body", "tags"]
    assert all(posts.clean_tags(some) == some for some in tags)
    assert len(tags) == len(seed_own.TAGS) + 2
    assert street.drift() == []
    assert street.emitted() == []
