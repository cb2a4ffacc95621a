"""Names, phones and rooms in one spelling; how they look when masked."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain import names
from services.identity.domain.names import PhoneInvalid, RealNameInvalid

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "13800000001",
        "138 0000 0001",
        "+86 138-0000-0001",
        "0086 13800000001",
        "１３８０００００００１",
    ],
)
def test_one_phone_has_one_spelling(text):
    assert names.phone(text) == "+8613800000001"


def test_a_foreign_mobile_is_accepted_with_its_country_code():
    assert names.phone("+852 5123 4567") == "+85251234567"


@pytest.mark.parametrize(
    "text", ["", "12345", "021-56120000", "1380000000", "138000000011", "phone", "+", "\x00" * 11]
)
def test_what_cannot_receive_a_message_is_refused(text):
    with pytest.raises(PhoneInvalid) as caught:
        names.phone(text)
    assert [e.field for e in caught.value.errors] == ["phone"]


@given(st.text(max_size=30))
def test_any_text_gives_a_phone_or_an_error_of_ours(text):
    with contextlib.suppress(PhoneInvalid):
        assert re.fullmatch(r"\+\d{8,15}", names.phone(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("孙桂芳", "孙桂芳"),
        (" 孙 桂芳 ", "孙桂芳"),
        ("买买提 . 艾力", "买买提·艾力"),
        ("买买提•艾力", "买买提·艾力"),
        ("Anna  Maria O'Neil-Smith", "Anna Maria O'Neil-Smith"),
    ],
)
def test_one_name_has_one_spelling(text, name):
    assert names.real_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "孙", "张3", "<b>x</b>", "张" * 51, "· ·", "张三😀", "\u202e张三"]
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(RealNameInvalid):
        names.real_name(text)


@given(st.text(max_size=20))
def test_a_name_in_its_spelling_stays_as_it_is(text):
    try:
        name = names.real_name(text)
    except RealNameInvalid:
        return
    assert names.real_name(name) == name


@pytest.mark.parametrize("room", ["402", "402室", "４０２ 室", "0402", " 402 "])
def test_one_room_has_one_key(room):
    assert names.room_key(room) == "402"


def test_rooms_with_letters_keep_them_and_zero_is_a_room():
    assert names.room_key("12A室") == names.room_key("12a") == "12a"
    assert names.room_key("0") == names.room_key("室") == "0"


def test_masks_show_as_much_as_the_domain_page_says():
    assert names.mask_name("张三丰") == "张**"
    assert names.mask_name("张三") == "张*"
    assert names.mask_id_number("310113199003071236") == "3" + "*" * 16 + "6"
    assert names.mask_phone("+8613812341234") == "138****1234"
    assert names.mask_phone("+85251234567") == "****4567"


def test_the_first_display_name_tells_nothing_and_stays():
    first = names.first_display_name("p-1")
    assert re.fullmatch(r"邻居\d{4}", first)
    assert first == names.first_display_name("p-1") != names.first_display_name("p-2")
