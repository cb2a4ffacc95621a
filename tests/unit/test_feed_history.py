"""What an edit changed, tags, praise, lines of a guide."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import Invalid
from services.feed.domain import fields, guides, history, posts
from services.feed.domain.history import Piece
from services.feed.domain.modules import BY_KEY

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TEXTS = st.text(alphabet="停车位。！\n；a”", max_size=60)


def text(**parts):
    return {"title": "题", "body": "正文", "extra": {}, "tags": [], "attachments": [], **parts}


# -- what an edit changed


@given(TEXTS)
def test_the_units_of_a_text_are_the_text(words):
    assert "".join(history.units(words)) == words


@given(TEXTS, TEXTS)
def test_what_stayed_and_came_is_the_new_text_and_what_stayed_and_went_the_old(before, after):
    told = history.pieces(before, after)
    assert "".join(p.text for p in told if p.op != "added") == before
    assert "".join(p.text for p in told if p.op != "removed") == after
    assert all(one.op != other.op for one, other in pairwise(told))


def test_a_change_is_told_in_sentences():
    before = "周二停水。请备水。\n“谢谢！”居委会"
    after = "周三停水。请备水。\n“谢谢！”居委会；物业"
    assert history.pieces(before, after) == (
        Piece("removed", "周二停水。"),
        Piece("added", "周三停水。"),
        Piece("same", "请备水。\n“谢谢！”"),
        Piece("removed", "居委会"),
        Piece("added", "居委会；物业"),
    )


def test_each_part_that_changed_is_named():
    before = text(extra={"materials": "身份证", "where": "物业"}, tags=["老人"])
    after = text(
        title="新题",
        extra={"materials": "身份证\n户口簿", "slots": [{"weekday": 1}]},
        tags=["老人", "证件"],
        attachments=[{"id": "u-1"}],
    )
    told = {change.field: change.pieces for change in history.changes(before, after)}
    assert list(told) == [
        "title",
        "extra.materials",
        "extra.where",
        "tags",
        "extra.slots",
        "attachments",
    ]
    assert told["extra.where"] == (Piece("removed", "物业"),)
    assert told["attachments"] == (Piece("added", "u-1"),)
    assert history.changes(before, before) == []


def test_two_texts_made_to_be_slow_are_compared_at_once():
    before, after = "x。" + "a。b。" * 5_000, "y。" + "b。b。a。" * 3_000 + "z。"
    began = time.process_time()
    told = history.pieces(before, after)
    history.pieces("a。b。" * 45 + "c。", "b。b。a。" * 30 + "d。")
    assert time.process_time() - began < 0.5
    assert [piece.op for piece in told] == ["removed", "added"]


# -- tags and praise


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (["停车", "#停车", "停 车\u200b"], ["停车", "停 车"]),
        (["＃义卖", "#老小孩#"], ["义卖", "老小孩"]),
        (["𠮷", "👨‍👩‍👧"], ["𠮷", "👨‍👩‍👧"]),
        ([], []),
    ],
)
def test_tags_are_cleaned(raw, kept):
    assert posts.clean_tags(raw) == kept


@pytest.mark.parametrize("empty", ["#", "\u200b", "# ＃"])
def test_a_tag_that_cannot_be_seen_is_named(empty):
    with pytest.raises(Invalid) as refused:
        posts.clean_tags(["停车", empty])
    assert refused.value.errors[0].field == "tags.1"


@pytest.mark.parametrize(
    ("praised", "extra", "present", "fine"),
    [
        (None, {}, False, True),
        ("lu", {"kind": "praise"}, True, True),
        ("lu", {"kind": "tip"}, True, False),
        ("lu", {}, True, False),
        ("lu", {"kind": "praise"}, False, False),
        ("sun", {"kind": "praise"}, True, False),
    ],
)
def test_whom_a_post_may_thank(praised, extra, present, fine):
    if fine:
        posts.check_praise(praised, extra, "sun", present=present)
        return
    with pytest.raises(Invalid) as refused:
        posts.check_praise(praised, extra, "sun", present=present)
    assert [error.field for error in refused.value.errors] == ["praised_id"]


def test_several_modules_together_are_ordered_by_time_alone():
    assert posts.check_order(None, None) == "newest"
    assert posts.check_order(None, BY_KEY["guides"]) == "title"
    assert posts.check_order("active", BY_KEY["guides"]) == "active"
    with pytest.raises(Invalid):
        posts.check_order("title", None)


# -- guides


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("1. 身份证\n2、户口簿\n\n（三）照片两张", "身份证\n户口簿\n照片两张"),
        ("· 取号\n• 登记\n- 拍照", "取号\n登记\n拍照"),
        ("一、登记\n二、领回执\n③ 领卡", "登记\n领回执\n领卡"),
        ("65 周岁以上\n2.5 寸照片\n-3 楼", "65 周岁以上\n2.5 寸照片\n-3 楼"),
        ("", ""),
    ],
)
def test_a_list_is_one_thing_a_line(typed, lines):
    assert guides.as_lines(typed) == lines
    assert guides.as_lines(lines) == lines


def test_materials_and_steps_are_lines():
    read = fields.read_extra(
        BY_KEY["guides"], {"materials": "1. 身份证\n2. 户口簿", "who": "1. 甲"}
    )
    assert read == {"materials": "身份证\n户口簿", "who": "1. 甲"}
    with pytest.raises(Invalid) as refused:
        fields.read_extra(BY_KEY["guides"], {"how": "\n".join(["走"] * 51)})
    assert refused.value.errors[0].field == "extra.how"


@pytest.mark.parametrize(
    "moment",
    [
        "2026-05-01T08:00:00+23:59",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59-14:00",
        "2026-05-01T08:00:00",
        "2026-05-01T08:00:00+08:00:30",
        "2026-05-01T08:00:00+08:00:30.5",
        "2201-01-01T00:00:00+00:00",
    ],
)
def test_a_time_that_no_calendar_has_is_none(moment):
    with pytest.raises(Invalid):
        fields.read_extra(BY_KEY["guides"], {"valid_until": moment})


def test_a_guide_is_valid_as_said_or_as_before_if_that_is_not_over():
    later, over = NOW + timedelta(days=1), NOW - timedelta(days=1)
    assert guides.valid_until({}, None, NOW) is None
    assert guides.valid_until({"valid_until": over.isoformat()}, None, NOW) is None
    assert guides.valid_until({"valid_until": later.isoformat()}, None, NOW) == later
    assert guides.valid_until({"valid_until": over.isoformat()}, later, NOW) == later
    with pytest.raises(Invalid):
        guides.check_validity(over, NOW)
