"""Who comes to an event: checking in, the organiser's list, table, a copy. Needs: db."""

import re
from datetime import timedelta

import pytest

from services.contracts.operations.feed import sign_ups as ops
from services.feed import copies
from services.feed.domain import sign_ups as rules
from services.kit.pages import BadCursor, encode_cursor
from tests.support.feed_fair import Fair
from tests.support.feed_street import (
    NOON,
    SUN,
    WANG,
    Street,
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
