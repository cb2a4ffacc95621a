"""Mutual aid: what a post is, what fits, and the safeguards. Needs: db."""

import importlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, NotFound, ObserverReadOnly, Unavailable
from services.contracts.operations.feed import aid as ops
from services.feed import seed, seed_aid
from services.feed.domain import aid, distances, fields
from services.feed.domain.modules import BY_KEY
from services.feed.domain.posts import PostNotFound
from services.feed.models import Distance
from services.kit.pages import BadCursor
from tests.support.feed_aid import CHEN, EVERY_DAY, MIN, YOUNG, AidStreet
from tests.support.feed_street import LU, OBSERVER, SHI, STRANGER, SUN, WANG, ZHAO, actor

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> AidStreet:
    return AidStreet(db("feed"))


def keep_away(street, person, other, *, kind="block", hidden=False, veiled=False):
    with street.units() as uow:
        uow.session.add(
            Distance(
                person_id=person, other_id=other, kind=kind, hidden=hidden, veiled=veiled,
                id=f"d-{person}-{other}", since=street.now,
            )
        )  # fmt: skip
        uow.commit()


def fitting(street, post, who=SUN, **fields):
    """Who fits: author and reasons, the best first."""
    return [
        (item["post"]["author"]["display_name"], *item["reasons"].values())
        for item in street.matches(post, who, **fields)["items"]
    ]


# -- what a post is


def test_an_offer_is_known_with_its_hours_and_follows_its_post(street):
    post = street.offer(skill_kind="errands", skill="接快递", slots=EVERY_DAY)
    found = street.aid(post, LU)
    ops.Aid.model_validate(found)
    assert set(found) == set(ops.Aid.model_fields)
    assert (found["kind"], found["skill_kind"], found["state"], found["open"]) == (
        "offer", "errands", "open", True,
    )  # fmt: skip
    assert (found["any_time"], found["minors"], found["advice"]) == (False, False, [])
    assert street.get(post)["aid"] == {"kind": "offer", "state": "open"}
    street.update(post, extra={"kind": "need", "skill_kind": "tutoring"})
    found = street.aid(post)
    assert (found["kind"], found["any_time"], found["minors"]) == ("need", True, True)
    assert [line["zh"] for line in found["advice"]] == [zh for zh, _ in aid.ADVICE]


def test_words_alone_are_no_aid(street):
    for module in ("mutual_aid", "neighbours"):
        post = street.post(module=module)
        assert post["aid"] is None
        with pytest.raises(aid.NoAid):
            street.aid(post["id"])
        with pytest.raises(aid.NoAid):
            street.matches(post["id"])
    offer = street.offer()
    street.update(offer, extra={"skill": "象棋"})
    assert street.aid(offer)["state"] == "closed"


def test_a_wrong_kind_of_help_is_named(street):
    with pytest.raises(Invalid) as refused:
        street.offer(skill_kind="magic")
    assert [error.field for error in refused.value.errors] == ["extra.skill_kind"]


def test_its_author_closes_and_opens_it_and_the_lists_are_told(street):
    post = street.offer()
    assert street.open(post)["open"] is False
    assert street.types().count("post.changed.v1") == 1
    street.open(post)
    assert street.types().count("post.changed.v1") == 1, "closed already"
    with pytest.raises(aid.AidClosed):
        street.ask(post)
    assert street.open(post, to=True)["open"] is True
    with pytest.raises(aid.NotYourAid):
        street.open(post, CHEN)
    assert street.ask(post)["state"] == "asked"


# -- what fits


def test_the_same_skill_goes_first_then_minutes_then_who_is_near(street):
    mine = street.need(SUN, skill_kind="repairs", slots=EVERY_DAY)
    friday = [{"weekday": 5, "from": "14:00", "to": "18:00"}]
    street.offer(MIN, skill_kind="repairs", slots=friday)
    street.offer(MIN, skill_kind="pets")
    street.offer(LU, skill_kind="pets", slots=EVERY_DAY)
    street.offer(CHEN, slots=EVERY_DAY)
    street.later(minutes=1)
    street.offer(CHEN, slots=EVERY_DAY)
    week = 7 * 7 * 60
    assert fitting(street, mine) == [
        ("敏敏", True, 60, "community"),
        ("老陆", False, week, "building"),
        ("陈老师", False, week, "estate"),
        ("陈老师", False, week, "estate"),
        ("敏敏", False, week, "community"),
    ]
    first, second = street.matches(mine)["items"][2:4]
    assert first["post"]["created_at"] > second["post"]["created_at"], "the newest first"
    ops.Match.model_validate(first)
    assert set(first["post"]) == set(ops.MatchedPost.model_fields)


def test_each_page_goes_on_where_the_last_one_ended(street):
    mine = street.need(SUN, skill_kind="errands")
    for number in range(7):
        street.offer((LU, CHEN, MIN)[number % 3], title=f"第{number}个", skill_kind="errands")
        street.later(seconds=1)
    whole = [item["post"]["title"] for item in street.matches(mine)["items"]]
    assert len(whole) == 7
    for limit in (1, 2, 3, 7):
        titles, cursor = [], None
        while True:
            page = street.matches(mine, limit=limit, cursor=cursor)
            titles += [item["post"]["title"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert titles == whole
    with pytest.raises(BadCursor):
        street.matches(mine, cursor="WyIxIl0")


def test_what_is_closed_hidden_away_mine_or_at_another_time_does_not_fit(street):
    mine = street.need(SUN, slots=EVERY_DAY)
    street.offer(SUN)
    street.open(street.offer(LU), LU)
    street.delete(street.offer(LU), LU)
    street.need(LU)
    street.offer(LU, slots=[{"weekday": 1, "from": "15:00", "to": "20:00"}])
    late = street.offer(LU)
    street.update(late, LU, expires_at=street.now + timedelta(days=1))
    assert fitting(street, mine) == [("老陆", False, 2940, "building")]
    street.later(days=2)
    assert fitting(street, mine) == []


def test_others_two_communities_apart_do_not_fit(street):
    mine = street.need(SUN)
    street.post(ZHAO, cid="haixing", module="mutual_aid", extra={"kind": "offer"})
    assert fitting(street, mine) == []


def test_a_hidden_name_hides_the_house_and_how_often_she_helped(street):
    mine = street.need(SUN)
    street.offer(LU, hide_name=True)
    (item,) = street.matches(mine)["items"]
    assert item["reasons"]["distance"] == "community"
    assert (item["post"]["author"]["id"], item["post"]["helped_count"]) == (None, None)
    assert "lu" not in str(item).replace("false", "").split("'")


@pytest.mark.parametrize("kind", ["block", "mute"])
def test_who_keeps_away_is_not_offered(street, kind):
    mine = street.need(SUN)
    street.offer(LU)
    street.offer(CHEN)
    keep_away(street, "sun", "lu", kind=kind)
    keep_away(street, "chen", "sun", kind=kind)
    assert [name for name, *_ in fitting(street, mine)] == ([] if kind == "block" else ["陈老师"])


def test_a_block_by_name_does_not_tell_who_hides(street):
    mine = street.need(SUN)
    post = street.offer(LU, hide_name=True)
    keep_away(street, "sun", "lu")
    assert [name for name, *_ in fitting(street, mine)] == ["匿名邻居"]
    assert street.ask(post, SUN)["state"] == "asked"


def test_matches_are_the_authors_alone(street):
    mine = street.need(SUN)
    for reader, refusal in (
        (LU, aid.MatchesAreTheAuthors),
        (WANG, aid.MatchesAreTheAuthors),
        (OBSERVER, ObserverReadOnly),
        (STRANGER, PostNotFound),
        (ZHAO, PostNotFound),
    ):
        with pytest.raises(refusal):
            street.matches(mine, reader)
    with pytest.raises(aid.NoAid):
        street.matches(street.thing())


def test_any_number_of_matches_is_one_statement_from_the_index_of_the_open_ones(street):
    mine = street.need(SUN, skill_kind="errands")
    street.offer(LU, skill_kind="errands")
    few = len(street.statements(lambda: street.matches(mine)))
    with street.units() as uow:
        uow.session.execute(
            text(
                """
                WITH posts AS (
                    INSERT INTO feed_posts (id, community_id, path, module, author_id, title,
                        body, active_at, created_at)
                    SELECT 'p' || n, CASE WHEN n % 20 = 0 THEN 'shangyuan' ELSE 'c' || n % 19 END,
                        'demo', 'mutual_aid', 'lu', '帮忙', '帮忙', now(), now()
                    FROM generate_series(1, 4000) n RETURNING id, community_id)
                INSERT INTO feed_aid_posts (post_id, community_id, kind, flagged_at)
                SELECT id, community_id, 'offer', now() FROM posts
                """
            )
        )
        uow.session.execute(text("ANALYZE feed_aid_posts, feed_posts"))
        uow.commit()
    seen = street.statements(lambda: street.matches(mine, limit=100))
    assert len(seen) == few
    assert len([one for one in seen if "fitting" in one]) == 1
    with street.units() as uow:
        plan = "\n".join(
            uow.session.scalars(
                text(
                    "EXPLAIN SELECT post_id FROM feed_aid_posts WHERE community_id = 'shangyuan' "
                    "AND kind = 'offer' AND state = 'open' AND hours && '{[0,900)}'::int4multirange"
                )
            )
        )
    assert "feed_aid_posts_open" in plan


# -- children


def test_a_minor_neither_asks_nor_agrees(street):
    offer, thing, hers = street.offer(SUN), street.thing(SUN), street.need(YOUNG)
    for post in (offer, thing):
        with pytest.raises(aid.MinorMayNot):
            street.ask(post, YOUNG)
    asked = street.ask(hers, SUN)
    with pytest.raises(aid.MinorMayNot):
        street.step(asked, "agree", YOUNG)
    assert street.step(asked, "decline", YOUNG)["state"] == "declined"
    street.card("kid", standing="child")
    with pytest.raises(aid.MinorMayNot):
        street.ask(offer, actor("kid"))
    assert street.shakes(offer)["items"] == []


def test_while_nobody_knows_who_is_a_minor_nobody_agrees(street):
    offer = street.offer(SUN)
    asked = street.ask(offer, CHEN)
    street.away = True
    with pytest.raises(Unavailable):
        street.ask(offer, MIN)
    with pytest.raises(Unavailable):
        street.step(asked, "agree", SUN)
    assert street.step(asked, "decline", SUN)["state"] == "declined"


def test_both_confirm_the_advice_on_help_that_concerns_children(street):
    post = street.offer(SUN, skill_kind="tutoring")
    with pytest.raises(aid.SafetyNotConfirmed) as refused:
        street.ask(post, CHEN)
    assert refused.value.errors[0].field == "confirmed_safety"
    asked = street.ask(post, CHEN, confirmed_safety=True)
    with pytest.raises(aid.SafetyNotConfirmed):
        street.step(asked, "agree", SUN)
    assert street.step(asked, "agree", SUN, confirmed_safety=True)["state"] == "agreed"


def test_what_comes_to_concern_children_later_is_asked_for_anew(street):
    post = street.offer(SUN, skill_kind="errands")
    asked = street.ask(post, CHEN)
    street.update(post, extra={"kind": "offer", "skill_kind": "child_care"})
    with pytest.raises(aid.SafetyNotConfirmed):
        street.step(asked, "agree", SUN, confirmed_safety=True)
    street.step(asked, "cancel", CHEN)
    again = street.ask(post, CHEN, confirmed_safety=True)
    assert street.step(again, "agree", SUN, confirmed_safety=True)["state"] == "agreed"
    street.update(post, extra={"kind": "offer", "skill_kind": "errands"})
    assert street.aid(post)["minors"], "whom it concerned it goes on to concern"


def test_help_for_children_is_given_by_verified_residents_alone(street):
    need = street.need(SUN, skill_kind="child_care")
    with pytest.raises(aid.HelperNotVerified):
        street.ask(need, WANG, confirmed_safety=True)
    offer = street.offer(WANG, skill_kind="tutoring")
    asked = street.ask(offer, CHEN, confirmed_safety=True)
    with pytest.raises(aid.HelperNotVerified):
        street.step(asked, "agree", WANG, confirmed_safety=True)
    assert street.ask(need, CHEN, confirmed_safety=True)["state"] == "asked"


def test_help_for_children_is_not_offered_unnamed(street):
    with pytest.raises(aid.NameNeeded):
        street.offer(SUN, skill_kind="tutoring", hide_name=True)
    assert street.posts()["items"] == []
    post = street.offer(SUN, hide_name=True)
    with pytest.raises(aid.NameNeeded):
        street.update(post, extra={"kind": "offer", "minors": "yes"})
    assert street.aid(post)["minors"] is False


def test_the_committee_watches_over_help_for_children_and_hears_at_once_of_no_shows(street):
    lessons = street.offer(SUN, title="教数学", skill_kind="tutoring")
    street.offer(SUN, title="接快递")
    street.later(minutes=1)
    street.need(MIN, title="接孩子", minors="yes")
    shake = street.agreed(lessons, confirmed_safety=True)
    assert [item["title"] for item in street.minors_aid()["items"]] == ["接孩子", "教数学"]
    street.later(minutes=1)
    street.step(shake, "no_show", CHEN, note="没有来")
    page = street.minors_aid(limit=1)
    (first,) = page["items"]
    ops.MinorsAid.model_validate(first)
    assert (first["title"], first["no_shows"]) == ("教数学", 1)
    assert [one["missed_by"] for one in first["handshakes"]] == ["author"]
    rest = street.minors_aid(limit=1, cursor=page["next_cursor"])
    assert [item["title"] for item in rest["items"]] == ["接孩子"]
    reported = [body for kind, body in street.emitted() if kind == "content.reported.v1"]
    assert [(body["post_id"], body["opened_by"]) for body in reported] == [(lessons, "report")]
    story = street.story(shake, WANG)
    assert (story["role"], story["steps"][-1]["note"]) == (None, "没有来")


def test_the_lists_of_the_committee_are_the_committees(street):
    other = actor("other", (Role.COMMITTEE_STAFF, "demo.yuepu.juyuan"))
    for reader in (SUN, OBSERVER, other, ZHAO):
        for use in (street.minors_aid, street.no_shows):
            with pytest.raises((Forbidden, NotFound)):
                use(reader)
        with pytest.raises((Forbidden, NotFound)):
            street.clear("sun", reader)
    ordinary = street.agreed(street.offer(SUN))
    with pytest.raises(NotFound):
        street.story(ordinary, WANG)


def test_the_list_of_the_committee_is_one_statement_however_long(street):
    def seen():
        return len(street.statements(street.minors_aid))

    street.ask(street.offer(SUN, minors="yes"), CHEN, confirmed_safety=True)
    few = seen()
    for _ in range(5):
        street.ask(street.offer(SUN, minors="yes"), MIN, confirmed_safety=True)
    assert seen() == few


# -- who did not come


def missed(street, times):
    """Chen agrees so many times and does not come."""
    for _ in range(times):
        street.step(street.agreed(street.offer(SUN)), "no_show", SUN)
        street.later(minutes=1)


def test_three_times_of_not_coming_need_the_committees_word(street):
    missed(street, 2)
    assert street.no_shows()["items"] == []
    missed(street, 1)
    with pytest.raises(aid.TooManyNoShows):
        street.ask(street.offer(SUN), CHEN)
    with pytest.raises(aid.TooManyNoShows):
        street.step(street.ask(street.offer(CHEN), MIN), "agree", CHEN)
    (found,) = street.no_shows()["items"]
    ops.NoShows.model_validate(found)
    assert (found["person"]["id"], found["count"]) == ("chen", 3)
    with pytest.raises(Forbidden):
        street.clear("shi", SHI)
    with pytest.raises(Invalid):
        street.clear("nobody")
    street.clear("chen")
    assert street.no_shows()["items"] == []
    street.later(minutes=1)
    assert street.ask(street.offer(SUN), CHEN)["state"] == "asked"
    missed(street, 2)
    assert street.no_shows()["items"] == [], "what was before the word is wiped out"


def test_after_ninety_days_it_counts_no_longer(street):
    missed(street, 3)
    street.later(days=90)
    assert street.ask(street.offer(SUN), CHEN)["state"] == "asked"


# -- blocks


def test_who_was_blocked_cannot_ask_and_who_blocks_has_to_undo_it_first(street):
    post, hidden = street.offer(SUN), street.offer(SUN, hide_name=True)
    keep_away(street, "sun", "chen")
    keep_away(street, "min", "sun")
    with pytest.raises(distances.KeptAway):
        street.ask(post, CHEN)
    with pytest.raises(aid.YouKeepAway):
        street.ask(post, MIN)
    for asker in (CHEN, MIN):
        assert street.ask(hidden, asker)["state"] == "asked", "or it would tell who hides"


def test_nobody_agrees_with_somebody_who_has_blocked_her_meanwhile(street):
    asked = street.ask(street.offer(SUN), CHEN)
    keep_away(street, "chen", "sun")
    with pytest.raises(distances.KeptAway):
        street.step(asked, "agree", SUN)
    assert street.step(asked, "decline", SUN)["state"] == "declined"


# -- what was there before, and the demo


def test_posts_from_before_the_matching_are_known_to_it_as_if_they_were_written_now(street):
    street.offer(SUN, slots=[*EVERY_DAY, {"weekday": 7, "from": "14:30", "to": "23:59"}])
    street.need(LU)
    street.thing(CHEN)
    street.post(SUN, module="mutual_aid")
    street.delete(street.offer(MIN), MIN)
    what = text("SELECT post_id, community_id, kind, hours::text, state FROM feed_aid_posts")
    migration = importlib.import_module("services.feed.migrations.0005_sign_ups_and_aid")
    with street.units() as uow:
        written = set(uow.session.execute(what))
        uow.session.execute(text("DELETE FROM feed_aid_posts"))
        uow.session.connection().exec_driver_sql(migration.EARLIER_POSTS)
        filled = set(uow.session.execute(what))
    assert len(filled) == 3
    assert filled < written, "all but what was deleted"


def test_the_demo_has_offers_that_fit_needs_and_thanks(street):
    with street.units() as uow:
        seed.seed(uow, street.now)
        assert seed_aid.seed(uow, street.now) is True
        assert seed_aid.seed(uow, street.now) is False
        uow.commit()
    for shared in seed_aid.HELP:
        extra = fields.read_extra(BY_KEY["mutual_aid"], dict(shared.extra))
        assert extra == dict(shared.extra)
    with street.units() as uow:
        rows = uow.session.execute(
            text(
                "SELECT a.kind, a.minors, p.title FROM feed_aid_posts a JOIN feed_posts p "
                "ON p.id = a.post_id ORDER BY p.title"
            )
        ).all()
    kinds = [row.kind for row in rows]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"offer": 2, "need": 2, "idle": 2}
    assert sorted(row.title for row in rows if row.minors) == [
        "周六上午免费辅导初中数学", "想找人教孩子下象棋",
    ]  # fmt: skip
    assert street.emitted() == []
    there = "demo.yuepu.demo"  # the path of the demo's own is taken here
    street.community(demo.SHANGYUAN, there, "urban")
    street.card(demo.OLD_LU, demo.SHANGYUAN, there)
    lu = actor(demo.OLD_LU)
    posts = street.posts(lu, demo.SHANGYUAN, module="mutual_aid")["items"]
    (offer,) = [post for post in posts if post["title"] == seed_aid.LUS_OFFER]
    fits = [item["post"]["title"] for item in street.matches(offer["id"], lu)["items"]]
    assert "想请两位邻居帮忙抬旧沙发下楼" in fits
    found = street.aid(offer["id"], lu)
    assert (found["helped_count"], len(found["thanks"])) == (1, 1)
