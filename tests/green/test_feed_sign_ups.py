"""Signing up for an event, stall by stall, on a real database. Needs: db."""

import re
from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, NotFound, ObserverReadOnly
from services.contracts.ids import new_id
from services.contracts.operations.feed import sign_ups as ops
from services.directory import NotAMember
from services.feed import copies
from services.feed.domain import posts
from services.feed.domain import sign_ups as rules
from services.feed.domain.distances import KeptAway
from services.feed.handlers import sign_up_ends, sign_ups
from services.feed.models import Post
from services.feed.repository.keeping_away import put_distance
from services.kit.pages import BadCursor, encode_cursor
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


# -- checking in


def test_one_checks_in_by_the_code_at_the_entrance_once(fair, three):
    a, b, _ = three
    fair.sign(a)
    entrance = fair.get(WANG)["code"]
    with pytest.raises(rules.NotCheckInTime):
        fair.check_in(a, entrance)
    fair.street.now = NOON + 7 * DAY - timedelta(hours=2)
    came = fair.check_in(a, entrance.lower())
    ops.SignUp.model_validate(came)
    assert came["checked_in_at"] is not None
    fair.street.later(hours=1)
    assert fair.check_in(a, f"{entrance[:3]}-{entrance[3:]}") == came
    assert fair.get(a)["checked_in"] == 1
    with pytest.raises(rules.NotSignedUp):
        fair.check_in(b, entrance)
    kind, body = fair.street.emitted()[-1]
    assert (kind, body["checked_in"], body["person_id"]) == ("sign_up.changed.v1", True, "a")


def test_the_organiser_checks_somebody_in_by_her_own_code(fair, three):
    a, b, c = three
    for who in three:
        fair.sign(who)
    code = fair.code(a)
    assert re.fullmatch(f"[{rules.ALPHABET}]{{{rules.CODE_LENGTH}}}", code)
    fair.street.now = NOON + 7 * DAY
    for who in (a, b):  # neither herself nor somebody else
        with pytest.raises(rules.WrongCode) as refused:
            fair.check_in(who, code)
        assert refused.value.errors[0].field == "code"
    assert fair.check_in(WANG, code)["person"]["display_name"] == "a"
    with pytest.raises(rules.NotSignedUp):
        fair.code(c)  # she waits
    with pytest.raises(rules.WrongCode):
        fair.check_in(WANG, "AAAAAA")
    fair.street.later(days=2)
    with pytest.raises(rules.NotCheckInTime):
        fair.check_in(WANG, fair.code(b))


# -- lists


def test_the_organisers_list_goes_by_arrival_page_by_page(fair):
    people = [fair.neighbour(f"n{number}") for number in range(7)]
    for who in people:
        fair.sign(who)
    whole = fair.listed()["items"]
    assert [line["person"]["id"] for line in whole] == [who.person_id for who in people]
    for line in whole:
        ops.SignUp.model_validate(line)
        assert set(line) == set(ops.SignUp.model_fields)
    assert [line["place_in_line"] for line in whole] == [None, None, 1, 2, 3, 4, 5]
    for limit in (1, 2, 3):
        found, cursor = [], None
        while True:
            page = fair.listed(limit=limit, cursor=cursor)
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == whole
    assert fair.listed(state="waiting")["items"] == whole[2:]
    assert fair.listed(state="cancelled")["items"] == []
    for wrong in ("x", encode_cursor("-1"), encode_cursor("1", "2"), encode_cursor("9" * 30)):
        with pytest.raises(BadCursor):
            fair.listed(cursor=wrong)


def test_a_page_and_a_look_cost_the_same_however_many_come(fair):
    for number in range(3):
        fair.sign(fair.neighbour(f"n{number}"))

    def costs() -> list[int]:
        looks = (fair.listed, fair.export, lambda: fair.get(SUN))
        return [len(fair.street.statements(look)) for look in looks]

    few = costs()
    for number in range(3, 15):
        fair.sign(fair.neighbour(f"n{number}"))
    assert costs() == few


def test_the_table_says_what_neighbours_know_and_no_more(fair, three):
    a, b, c = three
    fair.street.card("a", display_name="=孙家", building_label="3号楼")
    fair.sign(b, heads=2)
    fair.sign(a, heads=3, note="绘本")
    fair.invite(a, "lu")
    fair.sign(c)
    sheet = fair.export()
    assert sheet.title == "亲子爱心义卖 报名名单"
    rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    assert [(row["状态"], row["摊位"], row["姓名"]) for row in rows] == [
        ("已报上", "1", "b"),
        ("已报上", "2", "=孙家"),
        ("候补", "", "c"),
        ("受邀", "", "老陆"),
    ]
    assert rows[1]["楼栋"] == "3号楼" and rows[1]["备注"] == "绘本"
    assert rows[3]["邀请人"] == "=孙家"
    assert rows[0]["报名时间"] == "2026-03-02 12:00", "as the clock of the street says"
    english = fair.export(language="en")
    assert (len(english.columns), english.rows[0][0]) == (len(sheet.columns), "in")
    codes = {fair.code(who) for who in (a, b)}
    assert not codes & {cell for row in sheet.rows for cell in row}
    assert not {"a", "b", "c"} - {"b", "c"} & {cell for row in sheet.rows for cell in row}


def test_an_event_that_nobody_signed_up_for_has_an_empty_table(fair):
    assert fair.export().rows == []
    assert fair.listed() == {"items": [], "next_cursor": None}


# -- the end


def test_a_deleted_post_ends_the_event_and_everybody_is_told(fair, three):
    for who in three:
        fair.sign(who)
    fair.street.delete(fair.post, WANG)
    assert fair.told()[-3:] == [(name, "cancelled", "called_off") for name in "abc"]
    assert fair.states() == {}
    with pytest.raises(NotFound):
        fair.sign(SUN)
    assert fair.broken() == {}


def test_a_post_that_was_taken_down_leaves_the_places_as_they_are(fair, three):
    for who in three:
        fair.sign(who)
    fair.street.run(sign_up_ends.end, fair.post, "taken_down", fair.street.now)
    assert fair.told()[-3:] == [
        ("a", "in", "called_off"),
        ("b", "in", "called_off"),
        ("c", "waiting", "called_off"),
    ]
    with pytest.raises(rules.SignUpClosed):
        fair.sign(SUN)
    assert fair.put(closed=False)["may_sign_up"] is True, "it came back and goes on"


def test_a_post_that_expires_takes_nobody_and_who_waits_is_told(fair, three):
    for who in three:
        fair.sign(who)
    fair.street.update(fair.post, WANG, expires_at=NOON + DAY)
    end = lambda: fair.street.run(sign_up_ends.end_one_over, fair.street.now)  # noqa: E731
    assert end() == 0
    fair.street.later(days=1)
    assert fair.get(SUN)["why_not"] == "feed.sign_up_closed", "also before the timer has come"
    assert end() == 1
    assert fair.told()[-3:] == [
        ("a", "in", "called_off"),
        ("b", "in", "called_off"),
        ("c", "cancelled", "called_off"),
    ]
    assert fair.states() == {"a": "in", "b": "in"}
    assert end() == 0
    fair.cancel(three[0])
    assert fair.broken() == {}


def test_an_event_that_is_over_is_closed_in_silence(fair, three):
    for who in three:
        fair.sign(who)
    told = fair.told()
    fair.street.now = NOON + 8 * DAY
    assert fair.street.run(sign_up_ends.end_one_over, fair.street.now) == 1
    assert fair.get(SUN)["closed"] is True
    assert fair.told() == told
    assert fair.states() == {"a": "in", "b": "in", "c": "waiting"}, "it is history"


def test_a_post_that_a_moderator_has_not_seen_yet_takes_nobody(fair, three):
    fair.street.run(_set_state, fair.post, "waiting")
    with pytest.raises(posts.PostNotFound):
        fair.sign(three[0])
    assert fair.put(capacity=5)["capacity"] == 5, "its author prepares it"
    with pytest.raises(posts.PostNotFound):
        fair.sign(WANG)
    assert fair.get(WANG)["may_sign_up"] is False


def _set_state(uow, post, state):
    uow.session.get_one(Post, post).state = state


# -- those who leave


def test_who_leaves_the_community_frees_the_place(fair, three):
    a, _b, _c = three
    for who in three:
        fair.sign(who)
    fair.leave("a")
    assert fair.states() == {"b": "in", "c": "in"}
    assert fair.told()[-2:] == [("a", "cancelled", "left"), ("c", "in", "moved_up")]
    with pytest.raises(NotFound):
        fair.sign(a)
    fair.leave("a")
    assert fair.broken() == {}


def test_a_deleted_account_frees_places_everywhere_and_leaves_no_words(fair, three):
    other = Fair(fair.street, capacity=1)
    for event in (fair, other):
        event.sign(three[0], note="我家电话在门卫")
    fair.delete_account("a")
    assert (fair.states(), other.states()) == ({}, {})
    assert [line["note"] for line in fair.listed(state="cancelled")["items"]] == [""]
    assert fair.listed(state="cancelled")["items"][0]["person"]["display_name"] == "已注销用户"


def test_who_leaves_after_the_event_stays_in_its_history(fair, three):
    fair.sign(three[0])
    fair.street.now = NOON + 8 * DAY
    fair.leave("a")
    assert fair.states() == {"a": "in"}


def test_a_card_that_stays_frees_nothing(fair, three):
    fair.sign(three[0])
    fair.street.card("a", display_name="改名", standing="staff")
    assert fair.states() == {"a": "in"}


# -- a copy of one's data


def test_her_copy_holds_her_parts_and_the_events_she_offers(fair, three):
    fair.sign(three[0], note="绘本", heads=2)
    mine = fair.street.run(copies.held_about, "a", read_only=True)["sign_ups"]["items"]
    assert [(part["post_id"], part["note"], part["stall"]) for part in mine] == [
        (fair.post, "绘本", 1)
    ]
    his = fair.street.run(copies.held_about, "wang", read_only=True)
    assert [event["post_id"] for event in his["sign_up_events"]["items"]] == [fair.post]
    assert his["sign_ups"]["items"] == []


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
