"""Handshakes on offers, needs and idle things; races; what time ends. Needs: db."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound, ObserverReadOnly
from services.contracts.operations.feed import aid as ops
from services.feed import copies
from services.feed.domain import aid, handshake
from services.feed.domain.lexicon import WordsRefused
from services.feed.domain.posts import PostNotFound
from services.feed.handlers import handshakes
from tests.support.feed_aid import CHEN, EVERY_DAY, MIN, AidStreet
from tests.support.feed_street import CID, LU, OBSERVER, PATH, STRANGER, SUN, WANG, ZHAO, actor

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> AidStreet:
    return AidStreet(db("feed"))


def told(street):
    """The handshakes' events: state and by whom."""
    return [(b["state"], b["by"]) for kind, b in street.emitted() if kind == "handshake.changed.v1"]


# -- help


def test_asked_agreed_done_thanked(street):
    post = street.offer(SUN, skill_kind="errands")
    shake = street.ask(post, CHEN, note="周五能取个快递吗？", slots=EVERY_DAY[:1])
    ops.Handshake.model_validate(shake)
    assert set(shake) == set(ops.Handshake.model_fields)
    assert (shake["role"], shake["helper"], shake["state"]) == ("asker", "author", "asked")
    assert shake["slots"] == EVERY_DAY[:1]
    assert shake["due_at"] == "2026-03-09T04:00:00+00:00"
    agreed = street.step(shake, "agree", SUN, note="可以")
    assert (agreed["role"], agreed["state"], agreed["due_at"]) == ("author", "agreed", None)
    done = street.step(shake, "done", SUN)
    assert (done["done_by"], done["object_by"]) == ("author", "2026-03-05T04:00:00+00:00")
    thanked = street.step(shake, "thank", CHEN, note="谢谢孙奶奶！")
    assert (thanked["state"], thanked["helped_count"]) == ("thanked", 1)
    assert told(street) == [
        ("asked", "chen"), ("agreed", "sun"), ("done", "sun"), ("thanked", "chen"),
    ]  # fmt: skip
    story = street.story(shake, CHEN)
    ops.HandshakeStory.model_validate(story)
    assert [(s["state"], s["by"], s["note"]) for s in story["steps"]] == [
        ("asked", "asker", "周五能取个快递吗？"),
        ("agreed", "author", "可以"),
        ("done", "author", ""),
        ("thanked", "asker", "谢谢孙奶奶！"),
    ]


def test_each_side_sees_what_comes_next_and_why_not(street):
    def next_of(who):
        story = street.story(shake, who)
        ops.HandshakeStory.model_validate(story)
        return {a["step"]: a["why_not"] and a["why_not"]["code"] for a in story["actions"]}

    shake = street.ask(street.offer(SUN, skill_kind="errands"), CHEN)
    theirs = "feed.not_your_step"
    assert next_of(SUN) == {"agree": None, "decline": None, "cancel": theirs}
    assert next_of(CHEN) == {"agree": theirs, "decline": theirs, "cancel": None}
    street.step(shake, "agree", SUN)
    assert next_of(CHEN) == {"cancel": None, "done": None, "no_show": None}
    street.step(shake, "done", SUN)
    assert next_of(SUN) == {"no_show": theirs, "thank": theirs}
    assert next_of(CHEN) == {"no_show": None, "thank": None}
    street.step(shake, "thank", CHEN, note="谢谢")
    assert next_of(CHEN) == {} and street.story(shake, SUN)["advice"] == []


def test_where_children_are_concerned_the_story_has_the_advice(street):
    shake = street.ask(street.offer(SUN, skill_kind="tutoring"), CHEN, confirmed_safety=True)
    assert len(street.story(shake, SUN)["advice"]) == 4
    seen = street.story(shake, WANG)
    assert seen["actions"] == [], "the committee watches, and takes no step"


def test_thanks_are_everybodys_to_read_and_count_for_who_helped(street):
    offer, need = street.offer(SUN), street.need(MIN)
    street.step(street.step(street.agreed(offer), "done", CHEN), "thank", CHEN, note="帮了大忙")
    street.step(street.step(street.agreed(need, SUN, MIN), "done", MIN), "thank", MIN, note="好人")
    found = street.aid(offer, LU)
    assert (found["helped_count"], found["thanked_count"]) == (2, 1)
    ((by, to, words),) = [(t["by"]["id"], t["to"]["id"], t["text"]) for t in found["thanks"]]
    assert (by, to, words) == ("chen", "sun", "帮了大忙")
    assert street.aid(need)["thanks"][0]["to"]["id"] == "sun"
    assert street.aid(offer, OBSERVER)["thanked_count"] == 1
    (match,) = street.matches(street.need(LU), LU)["items"]
    assert match["post"]["helped_count"] == 2


def test_help_without_a_name_is_not_counted_for_the_name(street):
    named, hidden = street.offer(SUN), street.offer(SUN, hide_name=True)
    need = street.need(MIN, hide_name=True)
    for post in (named, hidden):
        street.step(street.step(street.agreed(post), "done", CHEN), "thank", CHEN)
    shake = street.step(street.step(street.agreed(need, SUN, MIN), "done", MIN), "thank", MIN)
    assert street.aid(named, LU)["helped_count"] == 2, "for who has no name nobody is counted"
    assert street.aid(hidden, LU)["helped_count"] is None
    assert street.aid(hidden, LU)["thanked_count"] == 1
    assert shake["helped_count"] == 2
    (match,) = [
        item["post"]
        for item in street.matches(street.need(LU), LU)["items"]
        if item["post"]["id"] == named
    ]
    assert match["helped_count"] == 2


def test_an_offer_stays_open_for_many_and_a_need_closes_if_its_author_wants(street):
    offer, need = street.offer(SUN), street.need(SUN)
    street.agreed(offer, CHEN)
    assert street.agreed(offer, MIN)["state"] == "agreed"
    asked, other = street.ask(need, CHEN), street.ask(need, MIN)
    street.step(asked, "agree", SUN, close_post=True)
    assert street.aid(need)["state"] == "closed"
    with pytest.raises(aid.AidClosed):
        street.ask(need, LU)
    assert street.step(other, "decline", SUN)["state"] == "declined"


def test_one_handshake_at_a_time_and_none_with_oneself(street):
    post = street.offer(SUN)
    street.ask(post, CHEN)
    with pytest.raises(handshake.AlreadyAsked):
        street.ask(post, CHEN)
    with pytest.raises(aid.OwnAid):
        street.ask(post, SUN)
    words = street.post(SUN, module="neighbours")["id"]
    with pytest.raises(aid.NoAid):
        street.ask(words, CHEN)


def test_a_handshake_is_between_two(street):
    shake = street.ask(street.offer(SUN), CHEN)
    for who in (LU, WANG, ZHAO, STRANGER):
        with pytest.raises(handshake.HandshakeNotFound):
            street.step(shake, "decline", who)
        with pytest.raises(NotFound):
            street.story(shake, who)
    with pytest.raises(handshake.NotYourStep):
        street.step(shake, "agree", CHEN)
    with pytest.raises(NotFound):
        street.step({"id": "nowhere"}, "agree", SUN)
    for who, refusal in ((OBSERVER, ObserverReadOnly), (ZHAO, PostNotFound)):
        with pytest.raises(refusal):
            street.ask(shake["post_id"], who)
    assert told(street) == [("asked", "chen")]


def test_who_has_left_the_community_moves_nothing_there(street):
    shake = street.ask(street.offer(SUN), CHEN)
    street.card("chen", standing="ended")
    with pytest.raises(Forbidden):
        street.step(shake, "cancel", CHEN)


def test_a_post_that_is_gone_is_not_agreed_on_but_what_was_agreed_goes_on(street):
    post = street.offer(SUN)
    running, asked = street.agreed(post, CHEN), street.ask(post, MIN)
    street.delete(post, SUN)
    with pytest.raises(PostNotFound):
        street.step(asked, "agree", SUN)
    done = street.step(running, "done", CHEN)
    assert (done["state"], done["title"]) == ("done", "")
    assert street.my_shakes(SUN)["items"][0]["title"] == "你好"


def test_wrong_input_leaves_nothing(street):
    post = street.offer(SUN)
    backwards = [{"weekday": 1, "from": "10:00", "to": "09:00"}]
    with pytest.raises(Invalid) as refused:
        street.ask(post, CHEN, slots=backwards)
    assert [error.field for error in refused.value.errors] == ["slots"]
    with pytest.raises(WordsRefused):
        street.ask(post, CHEN, note="身份证 310113199003071236")
    assert street.shakes(post)["items"] == [] and told(street) == []


def test_a_hidden_author_stays_hidden_to_the_end(street):
    post = street.need(LU, hide_name=True)
    shake = street.agreed(post, SUN, LU)
    street.step(shake, "done", SUN)
    thanked = street.step(shake, "thank", LU, note="谢谢")
    assert thanked["author"]["display_name"] == "老陆", "to herself"
    seen = street.story(shake, SUN)
    assert (seen["author"]["id"], seen["author"]["display_name"]) == (None, "匿名邻居")
    (line,) = street.aid(post, CHEN)["thanks"]
    assert (line["by"]["id"], line["to"]["id"]) == (None, "sun")
    assert '"lu"' not in str([seen, street.my_shakes(SUN), line]).replace("'", '"')


# -- lists


def test_the_author_sees_all_and_the_others_their_own(street):
    post = street.offer(SUN)
    for who in (CHEN, MIN, LU):
        street.ask(post, who)
        street.later(minutes=1)
    page = street.shakes(post, limit=2)
    rest = street.shakes(post, limit=2, cursor=page["next_cursor"])
    assert [s["asker"]["id"] for s in page["items"] + rest["items"]] == ["lu", "min", "chen"]
    assert [s["asker"]["id"] for s in street.shakes(post, CHEN)["items"]] == ["chen"]
    assert street.shakes(post, WANG)["items"] == []
    assert street.aid(post, CHEN)["my_handshake"]["asker"]["id"] == "chen"
    assert street.aid(post, SUN)["my_handshake"] is None


def test_my_handshakes_on_both_sides_page_by_page(street):
    mine, hers = street.offer(SUN), street.thing(CHEN)
    over = street.ask(mine, MIN)
    street.later(minutes=1)
    street.ask(hers, SUN)
    street.later(minutes=1)
    street.ask(mine, CHEN)
    street.later(minutes=1)
    street.step(over, "decline", SUN)
    roles, cursor = [], None
    for _ in range(3):
        page = street.my_shakes(SUN, limit=1, cursor=cursor)
        roles += [(s["role"], s["state"]) for s in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert roles == [("author", "declined"), ("author", "asked"), ("asker", "asked")]
    assert len(street.my_shakes(SUN, open=True)["items"]) == 2


def test_lists_are_one_statement_however_long(street):
    post = street.offer(SUN)

    def seen():
        return [
            len(street.statements(lambda: street.shakes(post))),
            len(street.statements(lambda: street.my_shakes(SUN))),
        ]

    street.ask(post, CHEN)
    few = seen()
    for who in (MIN, LU, WANG):
        street.ask(post, who)
    assert seen() == few
    assert few[1] == 1


# -- idle things


def test_a_thing_is_reserved_handed_over_and_gone(street):
    post = street.thing(SUN, extra={"price": "0"})
    shake = street.ask(post, CHEN, note="我要")
    assert street.get(post)["aid"] == {"kind": "idle", "state": "reserved"}
    with pytest.raises(aid.Reserved) as refused:
        street.ask(post, MIN)
    assert (refused.value.code, refused.value.status) == ("feed.reserved", 409)
    with pytest.raises(aid.Reserved):
        street.open(post)
    street.step(shake, "agree", SUN)
    street.step(shake, "done", CHEN)
    assert street.aid(post, MIN)["state"] == "gone"
    assert street.get(post, MIN)["title"] == "婴儿床", "still there to be read"
    with pytest.raises(aid.AidClosed):
        street.ask(post, MIN)
    with pytest.raises(aid.AidClosed):
        street.open(post, to=True)
    street.step(shake, "thank", CHEN, note="谢谢")
    assert street.aid(post)["helped_count"] is None, "giving a thing is not counted as help"
    assert street.types().count("post.changed.v1") == 2


@pytest.mark.parametrize(
    ("steps", "by"),
    [
        (("decline",), SUN),
        (("cancel",), CHEN),
        (("agree", "cancel"), SUN),
        (("agree", "no_show"), SUN),
    ],
)
def test_a_thing_is_free_again_when_it_came_to_nothing(street, steps, by):
    post = street.thing(SUN)
    shake = street.ask(post, CHEN)
    for step in steps:
        shake = street.step(shake, step, SUN if step == "agree" else by)
    assert street.aid(post)["state"] == "open"
    assert street.ask(post, MIN)["state"] == "asked"


def test_the_buyer_may_object_to_the_givers_word_and_not_the_other_way_round(street):
    post = street.thing(SUN)
    street.step(street.agreed(post), "done", SUN)
    (shake,) = street.shakes(post)["items"]
    street.step(shake, "no_show", CHEN, note="没有给我")
    assert street.aid(post)["state"] == "open"
    second = street.step(street.agreed(post, MIN), "done", MIN)
    with pytest.raises(handshake.StepNotPossible):
        street.step(second, "no_show", SUN)


def test_fifty_buyers_at_once_and_one_reservation(street, db):
    post = street.thing(SUN)
    buyers = [actor(f"buyer{number}") for number in range(50)]
    for buyer in buyers:
        street.card(buyer.person_id)

    def ask(buyer):
        try:
            return street.ask(post, buyer)["state"]
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(10) as pool:
        outcomes = sorted(pool.map(ask, buyers))
    assert outcomes == ["asked"] + ["feed.reserved"] * 49
    assert len(told(street)) == 1
    assert street.aid(post)["state"] == "reserved"


def test_the_same_asker_twice_at_once_has_one_handshake(street):
    post = street.offer(SUN)

    def ask(_):
        try:
            return street.ask(post, CHEN)["state"]
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(ask, range(8)))
    assert outcomes == ["asked"] + ["feed.already_asked"] * 7


def test_two_different_steps_at_once_are_taken_one_after_the_other(street):
    shake = street.ask(street.thing(SUN), CHEN)

    def step(what):
        who = CHEN if what == "cancel" else SUN
        try:
            return street.step(shake, what, who)["state"]
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(step, ["agree", "decline", "cancel"]))
    states = [state for state, _ in told(street)]
    assert len(states) == 1 + len([o for o in outcomes if o != "refused"])
    assert states in (
        ["asked", "declined"], ["asked", "cancelled"], ["asked", "agreed", "cancelled"],
    )  # fmt: skip
    assert street.aid(shake["post_id"])["state"] == "open"


def test_the_database_itself_keeps_to_one_buyer(street):
    post = street.thing(SUN)
    street.ask(post, CHEN)
    with street.units() as uow:  # as if the lock had failed
        uow.session.execute(text("UPDATE feed_aid_posts SET state = 'open'"))
        uow.commit()
    with pytest.raises(aid.Reserved):
        street.ask(post, MIN)


# -- time


def test_what_is_not_answered_within_seven_days_is_over(street):
    help_, thing = street.ask(street.offer(SUN), CHEN), street.ask(street.thing(SUN), CHEN)
    street.later(days=2, hours=23)
    assert street.expire() == 0
    street.later(hours=1)
    assert street.expire() == 1
    assert street.aid(thing["post_id"])["state"] == "open"
    street.later(days=4)
    assert street.expire() == 1
    story = street.story(help_, CHEN)
    assert (story["state"], story["due_at"]) == ("cancelled", None)
    assert story["steps"][-1]["by"] is None
    assert told(street)[-2:] == [("cancelled", None)] * 2
    assert street.expire() == 0


def test_a_thing_not_handed_over_within_three_days_is_free_again(street):
    post = street.thing(SUN)
    street.later(days=1)
    shake = street.ask(post, CHEN)
    street.later(days=2)
    street.step(shake, "agree", SUN)
    street.later(days=2)
    assert street.expire() == 0, "the time begins anew when it is agreed"
    street.later(days=1)
    assert street.expire() == 1
    assert street.ask(post, MIN)["state"] == "asked"
    with pytest.raises(handshake.StepNotPossible):
        street.step(shake, "done", CHEN)


def test_who_did_not_come_does_not_cancel_afterwards(street):
    shake = street.agreed(street.need(SUN), CHEN, slots=EVERY_DAY[:1])
    street.later(days=20)
    with pytest.raises(handshake.TooLateToCancel):
        street.step(shake, "cancel", CHEN)
    assert street.step(shake, "no_show", SUN)["state"] == "no_show"


def test_the_price_of_a_thing_stands_while_somebody_has_reserved_it(street):
    thing = street.thing(extra={"price": "0", "condition": "九成新"})
    shake = street.ask(thing)
    for extra in ({"price": "999"}, {"condition": "八成新"}):
        with pytest.raises(aid.PriceAgreed) as refused:
            street.update(thing, extra=extra)
        assert refused.value.errors[0].field == "extra.price"
    assert street.get(thing)["extra"]["price"] == "0.00"
    assert street.update(thing, title="小床", extra={"price": "0"})["title"] == "小床"
    street.step(shake, "cancel", CHEN)
    assert street.update(thing, extra={"price": "9"})["extra"]["price"] == "9.00"


def test_several_timers_end_each_handshake_once(street):
    for _ in range(12):
        street.ask(street.thing(SUN), CHEN)
    street.later(days=3)
    with ThreadPoolExecutor(4) as pool:
        ended = sum(pool.map(lambda _: street.expire(), range(4)))
    assert ended + street.expire() == 12
    assert [state for state, _ in told(street)].count("cancelled") == 12


def test_time_and_a_step_at_once_do_not_wait_for_each_other_for_ever(street):
    asked = [street.ask(street.thing(SUN), CHEN) for _ in range(10)]
    street.later(days=3)

    def agree(shake):
        try:
            return street.step(shake, "agree", SUN)["state"]
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        timers = [pool.submit(street.expire) for _ in range(3)]
        outcomes = list(pool.map(agree, asked))
        ended = sum(timer.result() for timer in timers) + street.expire()
    assert ended + outcomes.count("agreed") == 10


# -- her own copy


def test_her_copy_holds_her_handshakes_and_her_words(street):
    shake = street.agreed(street.offer(SUN), note="我的话")
    street.step(shake, "done", SUN, note="孙的话")
    mine = street.run(copies.held_about, "chen", read_only=True)
    (line,) = mine["handshakes"]["items"]
    assert (line["id"], line["role"], line["state"]) == (shake["id"], "asker", "done")
    assert [step["note"] for step in mine["handshake_steps"]["items"]] == ["我的话"]
    hers = street.run(copies.held_about, "sun", read_only=True)
    assert "我的话" not in str(hers["handshake_steps"])
    assert street.run(copies.held_about, "lu", read_only=True)["handshakes"]["items"] == []


def test_events_carry_no_words(street):
    street.step(street.agreed(street.offer(SUN), note="悄悄话"), "cancel", CHEN, note="也是")
    bodies = [body for kind, body in street.emitted() if kind == "handshake.changed.v1"]
    assert "悄悄话" not in str(bodies) and "也是" not in str(bodies)
    assert {(b["community_id"], b["path"], b["kind"]) for b in bodies} == {(CID, PATH, "offer")}


def test_a_batch_has_an_end(street, monkeypatch):
    monkeypatch.setattr(handshakes, "BATCH", 2)
    for _ in range(3):
        street.ask(street.offer(SUN), CHEN)
    street.later(days=7)
    assert [street.expire(), street.expire(), street.expire()] == [2, 1, 0]
