"""Signing up for an event, stall by stall, on a real database. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, ObserverReadOnly
from services.contracts.ids import new_id
from services.contracts.operations.feed import sign_ups as ops
from services.directory import NotAMember
from services.feed.domain import posts
from services.feed.domain import sign_ups as rules
from services.feed.domain.distances import KeptAway
from services.feed.domain.lexicon import WordsRefused
from services.feed.handlers import sign_ups
from services.feed.repository.keeping_away import put_distance
from tests.support.feed_fair import Fair
from tests.support.feed_street import (
    LU,
    NOON,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    WANG,
    ZHAO,
    Street,
    actor,
)

pytestmark = pytest.mark.db
DAY = timedelta(days=1)


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


@pytest.fixture
def fair(street) -> Fair:
    """Two stalls that may be shared, by the committee; it begins in a week."""
    return Fair(street, heads_each=4, shareable=True, starts_at=NOON + 7 * DAY)


@pytest.fixture
def three(fair):
    """Neighbours a, b, c."""
    return [fair.neighbour(name) for name in "abc"]


# -- signing up


def test_lists_and_the_post_say_that_one_signs_up_for_it(street, fair):
    plain = street.post()["id"]
    marks = {post["id"]: post["signs_up"] for post in street.posts()["items"]}
    assert marks == {fair.post: True, plain: False}
    assert street.get(fair.post)["signs_up"] and not street.get(plain)["signs_up"]
    assert "post.changed.v1" in street.types()


def test_the_first_get_stalls_and_the_others_their_place_in_line(fair, three):
    a, b, c = three
    first = fair.sign(a, heads=3, note="绘本和乐高")
    ops.SignUpEvent.model_validate(first)
    assert (first["mine"]["state"], first["mine"]["stall"], first["mine"]["heads"]) == ("in", 1, 3)
    assert (first["taken"], first["full"], first["why_not"]) == (1, False, None)
    assert fair.sign(b)["mine"]["stall"] == 2
    third, fourth = fair.sign(c), fair.sign(SUN)
    assert [part["mine"]["place_in_line"] for part in (third, fourth)] == [1, 2]
    assert (fourth["taken"], fourth["waiting"], fourth["full"]) == (2, 2, True)
    assert (fourth["parties"], fourth["heads"]) == (2, 4)
    assert fair.states() == {"a": "in", "b": "in", "c": "waiting", "sun": "waiting"}
    assert fair.broken() == {}


def test_signing_up_again_is_the_same_part_and_may_say_something_else(fair, three):
    first = fair.sign(three[0], heads=2, note="旧书")
    fair.street.later(hours=1)
    again = fair.sign(three[0])
    assert again == first
    changed = fair.sign(three[0], heads=4, note="")
    assert changed["mine"] == {**first["mine"], "heads": 4, "note": ""}
    assert changed["heads"] == 4
    assert len(fair.told()) == 1, "what one says to the organiser is no news"


def test_when_a_stall_is_given_up_the_next_moves_up_at_once(fair, three):
    for who in (*three, SUN):
        fair.sign(who)
    fair.street.later(minutes=5)
    assert fair.cancel(three[0])["mine"] is None
    moved = fair.get(three[2])["mine"]
    assert (moved["state"], moved["stall"], moved["place_in_line"]) == ("in", 1, None)
    assert moved["moved_up_at"] == fair.street.now
    assert fair.get(SUN)["mine"]["place_in_line"] == 1
    assert fair.told()[-2:] == [("a", "cancelled", "own"), ("c", "in", "moved_up")]
    assert fair.cancel(three[0])["taken"] == 2, "again it changes nothing"
    assert fair.broken() == {}


def test_who_comes_back_stands_at_the_end_of_the_line(fair, three):
    for who in (*three, SUN):
        fair.sign(who)
    fair.cancel(three[2])
    assert fair.sign(three[2])["mine"]["place_in_line"] == 2
    fair.cancel(three[0])
    assert fair.states() == {"b": "in", "sun": "in", "c": "waiting"}


def test_who_comes_and_goes_has_one_part_and_comes_so_often_a_day(fair, three):
    first = fair.sign(three[0], heads=3, note="旧书")["mine"]
    for _ in range(rules.COMINGS_A_DAY - 1):
        fair.cancel(three[0])
        again = fair.sign(three[0])["mine"]
    assert (again["id"], again["heads"], again["note"]) == (first["id"], 1, "")
    assert fair.cancel(three[0])["mine"] is None, "going is never refused"
    told = len(fair.told())
    with pytest.raises(rules.ComesTooOften) as refused:
        fair.sign(three[0])
    assert (refused.value.status, refused.value.retry_after) == (429, 12 * 3600)
    assert len(fair.told()) == told == 2 * rules.COMINGS_A_DAY
    assert len(fair.listed(state="cancelled")["items"]) == 1
    assert fair.sign(three[1])["mine"]["stall"] == 1, "it is her own limit"
    fair.street.later(hours=12)
    assert fair.sign(three[0])["mine"]["id"] == first["id"]
    assert fair.broken() == {}


def test_inviting_in_turns_ends_with_the_day_too(fair, three):
    fair.sign(three[0])
    for number in range(1, rules.COMINGS_A_DAY):
        fair.invite(three[0], "bc"[number % 2])
    with pytest.raises(rules.ComesTooOften):
        fair.invite(three[0], "bc"[rules.COMINGS_A_DAY % 2])
    assert fair.broken() == {}


def test_who_comes_back_gets_a_place_of_her_own_not_the_one_that_another_shares(fair, three):
    fair.sign(three[0])
    fair.invite(three[0], "b")
    fair.sign(three[1])
    fair.cancel(three[0])
    back = fair.sign(three[0])
    assert (back["mine"]["stall"], back["mine"]["shares_with"], back["taken"]) == (2, [], 2)
    assert fair.get(three[1])["mine"]["shares_with"] == []
    assert fair.broken() == {}


def test_more_stalls_let_those_who_wait_move_up_and_fewer_than_taken_are_refused(fair, three):
    for who in (*three, SUN, LU):
        fair.sign(who)
    more = fair.put(capacity=4, heads_each=4, shareable=True, starts_at=NOON + 7 * DAY)
    assert (more["taken"], more["waiting"], more["capacity"]) == (4, 1, 4)
    assert [word for *_, word in fair.told()].count("moved_up") == 2
    assert fair.get(SUN)["mine"]["stall"] == 4
    with pytest.raises(rules.BelowTaken) as refused:
        fair.put(capacity=3)
    assert refused.value.errors[0].field == "capacity"
    with pytest.raises(rules.UnitInUse):
        fair.put(unit="family", capacity=9)
    assert fair.put(capacity=None)["waiting"] == 0
    assert fair.broken() == {}


def test_places_that_are_no_stalls_have_no_number(street):
    fair = Fair(street, unit="family", capacity=1)
    assert fair.sign(SUN)["mine"]["stall"] is None
    fair.sign(LU)
    fair.cancel(SUN)
    assert fair.get(LU)["mine"]["stall"] is None
    assert fair.broken() == {}


def test_the_times_of_an_event_are_kept(street, three_days=3 * DAY):
    times = {"opens_at": NOON + DAY, "deadline": NOON + three_days, "starts_at": NOON + 4 * DAY}
    fair = Fair(street, capacity=1, **times)
    with pytest.raises(rules.SignUpNotOpen):
        fair.sign(SUN)
    assert fair.get(SUN)["why_not"] == "feed.sign_up_not_open"
    street.later(days=1)
    assert (fair.get(SUN)["why_not"], fair.get(SUN)["may_sign_up"]) == (None, True)
    fair.sign(SUN)
    fair.sign(LU)
    street.later(days=2)
    with pytest.raises(rules.DeadlinePassed):
        fair.sign(fair.neighbour("a"))
    assert fair.sign(SUN, note="会迟到一点")["mine"]["note"] == "会迟到一点"
    fair.cancel(SUN)  # after the deadline, before the start: the place goes to who waits
    assert fair.states() == {"lu": "in"}
    street.later(days=1)
    for refused in (lambda: fair.cancel(LU), lambda: fair.sign(LU, heads=1, note="x")):
        with pytest.raises(rules.EventStarted):
            refused()
    assert fair.sign(LU)["mine"]["state"] == "in", "nothing is asked for, nothing refused"


def test_after_the_start_nobody_moves_up(street, three_days=3 * DAY):
    fair = Fair(street, capacity=1, starts_at=NOON + three_days)
    fair.sign(SUN)
    fair.sign(LU)
    street.later(days=3)
    more = fair.put(capacity=5, starts_at=NOON + three_days)
    assert (more["taken"], more["waiting"]) == (1, 1)
    postponed = fair.put(capacity=5, starts_at=NOON + 5 * DAY)
    assert (postponed["taken"], postponed["waiting"]) == (2, 0)


def test_a_closed_event_takes_nobody_new_and_those_who_wait_still_move_up(fair, three):
    for who in three:
        fair.sign(who)
    closed = fair.put(closed=True)
    assert (closed["closed"], closed["why_not"]) == (True, "feed.sign_up_closed")
    with pytest.raises(rules.SignUpClosed):
        fair.sign(SUN)
    fair.cancel(three[0])
    assert fair.states() == {"b": "in", "c": "in"}
    assert fair.put(closed=False)["closed"] is False
    assert fair.sign(SUN)["mine"]["state"] == "waiting"


# -- who may


def test_the_author_and_the_moderators_offer_an_event_where_the_module_has_them(street):
    own = street.post(who=SUN, module="services")["id"]
    cmd = ops.PutSignUpEvent(id=own, unit="person", capacity=3)
    with pytest.raises(rules.NotTheOrganiser):
        street.run(sign_ups.put_event, cmd, LU, street.now)
    made = street.run(sign_ups.put_event, cmd, SUN, street.now)
    assert (made.may_manage, len(made.code)) == (True, rules.CODE_LENGTH)
    again = street.run(sign_ups.put_event, cmd, WANG, street.now)
    assert again.code == made.code, "the code at the entrance stays"
    hall = ops.PutSignUpEvent(id=street.post(module="hall")["id"], unit="person")
    with pytest.raises(rules.NotForSignUps):
        street.run(sign_ups.put_event, hall, SUN, street.now)


def test_only_members_sign_up_and_strangers_learn_nothing(fair):
    for who, refusal in (
        (STRANGER, posts.PostNotFound),
        (ZHAO, posts.PostNotFound),
        (OBSERVER, ObserverReadOnly),
        (actor("boss", (Role.TOWN_ADMIN, "demo.yuepu")), NotAMember),
    ):
        with pytest.raises(refusal):
            fair.sign(who)
    assert fair.get(OBSERVER)["may_sign_up"] is False
    assert fair.states() == {}
    with pytest.raises(rules.NoSignUp):
        fair.get(SUN, post=fair.street.post()["id"])


def test_neighbours_see_numbers_the_organiser_sees_names(fair, three):
    fair.sign(three[0])
    seen = fair.get(SUN)
    assert (seen["code"], seen["may_manage"], seen["mine"], seen["taken"]) == (None, False, None, 1)
    for look in (fair.listed, fair.export):
        with pytest.raises(rules.NotTheOrganiser):
            look(SUN)
    assert fair.listed(SHI)["items"][0]["person"]["display_name"] == "a"
    assert len(fair.get(SHI)["code"]) == rules.CODE_LENGTH


def test_too_many_heads_are_refused_with_their_field(fair, three):
    with pytest.raises(Invalid) as refused:
        fair.sign(three[0], heads=5)
    assert refused.value.errors[0].field == "heads"
    assert fair.states() == {}


def test_what_is_not_said_here_is_not_said_to_the_organiser_either(fair, three):
    with pytest.raises(WordsRefused) as refused:
        fair.sign(three[0], note="我的身份证号 11010519491231002X")
    assert [error.field for error in refused.value.errors] == ["note"]
    assert fair.states() == {}


def test_whom_the_organiser_has_blocked_does_not_sign_up(street):
    post = street.post(who=SUN, module="services")["id"]
    fair = Fair(street, post=post, who=SUN)
    street.run(_block, "sun", "lu")
    with pytest.raises(KeptAway):
        fair.sign(LU)
    assert fair.states() == {}


def test_a_helper_signs_somebody_up_and_is_named(fair):
    helped = actor("sun", (Role.RESIDENT, PATH), acted_by="lu")
    part = fair.sign(helped)["mine"]
    assert part["assisted_by"] == {"id": "lu", "display_name": "老陆"}
    line = fair.listed()["items"][0]
    assert (line["person"]["id"], line["assisted_by"]["display_name"]) == ("sun", "老陆")
    assert fair.get(helped)["mine"] == part
    assert fair.get(SUN)["mine"] == part, "she sees who did it"
    fair.cancel(helped)
    assert fair.listed(state="cancelled")["items"][0]["assisted_by"]["id"] == "lu"


# -- sharing a stall


def test_a_hidden_organiser_shares_her_stall_without_her_name(street):
    post = street.post(who=SUN, module="services", hide_name=True)["id"]
    fair = Fair(street, post=post, who=SUN, shareable=True)
    a = fair.neighbour("a")
    fair.sign(SUN)
    fair.invite(SUN, "a")
    assert fair.get(a)["mine"]["invited_by"] == "匿名邻居"
    assert fair.sign(a)["mine"]["shares_with"] == ["匿名邻居"]
    assert fair.get(SUN)["mine"]["shares_with"] == ["a"]
    fair.cancel(SUN)
    fair.invite(a, "sun")
    assert fair.get(SUN)["mine"]["invited_by"] == "a"
    fair.sign(SUN)
    assert fair.get(a)["mine"]["shares_with"] == ["孙奶奶"], "whom one invites by name has a name"


def test_two_families_share_a_stall_and_it_counts_once(fair, three):
    a, b, c = three
    fair.sign(a, heads=3)
    asked = fair.invite(a, "b")
    assert (asked["taken"], asked["parties"]) == (1, 1)
    invited = fair.get(b)["mine"]
    assert (invited["state"], invited["invited_by"]) == ("invited", "a")
    both = fair.sign(b, heads=2)
    assert (both["taken"], both["parties"], both["heads"]) == (1, 2, 5)
    assert (both["mine"]["stall"], both["mine"]["shares_with"]) == (1, ["a"])
    assert fair.get(a)["mine"]["shares_with"] == ["b"]
    with pytest.raises(rules.NotShareable):
        fair.invite(b, "c")
    fair.cancel(a)
    assert fair.told()[-1] == ("b", "in", "alone")
    assert (fair.get(b)["taken"], fair.get(b)["mine"]["shares_with"]) == (1, [])
    fair.invite(b, "c")
    assert fair.sign(c)["mine"]["stall"] == 1
    assert fair.broken() == {}


def test_the_stall_is_free_when_both_have_gone(fair, three):
    a, b, c = three
    fair.put(capacity=1, shareable=True)
    fair.sign(a)
    fair.invite(a, "b")
    fair.sign(b)
    fair.sign(c)
    fair.cancel(b)
    assert fair.states() == {"a": "in", "c": "waiting"}
    fair.cancel(a)
    assert fair.states() == {"c": "in"}
    assert fair.broken() == {}


def test_an_invitation_is_declined_replaced_or_lapses_with_the_stall(fair, three):
    a, _b, c = three
    fair.sign(a)
    fair.invite(a, "b")
    told = len(fair.told())
    assert fair.invite(a, "b")["mine"]["state"] == "in" and len(fair.told()) == told
    fair.invite(a, "c")
    assert fair.states() == {"a": "in", "c": "invited"}
    assert fair.told()[-1] == ("b", "cancelled", "lapsed")
    fair.cancel(c)
    assert fair.told()[-1] == ("c", "cancelled", "own")
    fair.invite(a, "b")
    fair.cancel(a)
    assert fair.states() == {}
    assert fair.told()[-2:] == [("a", "cancelled", "own"), ("b", "cancelled", "lapsed")]
    assert fair.broken() == {}


def test_who_waits_can_be_invited_and_keeps_her_place_in_line(fair, three):
    a, b, c = three
    fair.put(capacity=1, shareable=True)
    for who in three:
        fair.sign(who)
    fair.invite(a, "b")
    invited = fair.get(b)["mine"]
    assert (invited["state"], invited["place_in_line"], invited["invited_by"]) == (
        "waiting",
        1,
        "a",
    )
    assert fair.sign(b)["mine"]["shares_with"] == ["a"]
    assert fair.get(c)["mine"]["place_in_line"] == 1
    assert fair.get(c)["waiting"] == 1
    assert fair.broken() == {}


def test_her_turn_comes_before_she_answers_so_the_invitation_lapses(fair, three):
    a, b, _ = three
    fair.put(capacity=1, shareable=True)
    fair.sign(a)
    fair.sign(b)
    fair.invite(a, "b")
    fair.put(capacity=2, shareable=True)
    mine = fair.get(b)["mine"]
    assert (mine["state"], mine["stall"], mine["shares_with"], mine["invited_by"]) == (
        "in",
        2,
        [],
        None,
    )
    fair.invite(a, "c")
    assert fair.broken() == {}


def test_who_cannot_be_invited(fair, three):
    a, b, _ = three
    with pytest.raises(rules.NotSignedUp):
        fair.invite(a, "b")
    fair.sign(a)
    with pytest.raises(Invalid):
        fair.invite(a, "a")
    for name in ("nobody", "zhao"):
        with pytest.raises(rules.CannotInvite):
            fair.invite(a, name)
    fair.street.run(_block, "c", "a")
    with pytest.raises(KeptAway):
        fair.invite(a, "c")
    fair.sign(b)
    with pytest.raises(rules.CannotInvite):
        fair.invite(a, "b")
    fair.put(shareable=False)
    with pytest.raises(rules.NotShareable):
        fair.invite(a, "sun")
    assert fair.states() == {"a": "in", "b": "in"}


def _block(uow, who, other):
    no = {"hidden": False, "veiled": False, "post": None, "comment": None}
    put_distance(uow.session, me=who, other=other, id=new_id(), kind="block", now=NOON, **no)


# -- what is out of shape


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "stall", "capacity": 0},
        {"unit": "table"},
        {"unit": "stall", "heads_each": 51},
        {"unit": "stall", "starts_at": "2026-03-02T08:00:00"},
    ],
)
def test_terms_out_of_shape_are_refused(wrong):
    with pytest.raises(ValueError):
        ops.PutSignUpEvent.model_validate({"id": "p", **wrong})


def test_terms_that_contradict_each_other_store_nothing(street):
    post = street.post(who=WANG, module="announcements")["id"]
    cmd = ops.PutSignUpEvent(id=post, unit="family", shareable=True)
    with pytest.raises(Invalid):
        street.run(sign_ups.put_event, cmd, WANG, street.now)
    with pytest.raises(rules.NoSignUp):
        street.run(sign_ups.get_event, ops.OfPost(id=post), SUN, street.now)
    with pytest.raises(Forbidden):
        street.run(sign_ups.put_event, cmd, SUN, street.now)


# -- what I have signed up for


def test_my_events_are_those_that_are_to_come_with_my_place_in_each(fair, street, three):
    a, b, c = three
    for who in three:
        fair.sign(who)
    (mine,) = fair.mine(a)
    assert (mine["post_id"], mine["state"], mine["place_in_line"]) == (fair.post, "in", None)
    (waits,) = fair.mine(c)
    assert (waits["state"], waits["place_in_line"], waits["stall"]) == ("waiting", 1, None)
    fair.cancel(b)
    assert fair.mine(b) == []
    assert [one["state"] for one in fair.mine(c)] == ["in"]
    street.now = NOON + 8 * DAY
    assert fair.mine(a) == [], "it is over"
