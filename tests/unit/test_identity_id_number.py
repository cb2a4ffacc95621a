"""ID numbers, GB 11643-1999: what counts as one."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.contracts.errors import FieldError
from services.identity.domain.id_number import IdNumberInvalid, check_digit, parse

pytestmark = pytest.mark.unit
TODAY = date(2026, 11, 23)

divisions = st.integers(100000, 999999).map(str)
births = st.dates(date(1900, 1, 1), TODAY)
sequences = st.integers(0, 999).map("{:03d}".format)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    first17 = draw(divisions) + draw(births).strftime("%Y%m%d") + draw(sequences)
    return first17 + check_digit(first17)


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "310113199003071236", "310113199003071244"]
)
def test_the_numbers_of_the_domain_page_are_valid(number):
    assert parse(number, TODAY).text == number


@given(numbers())
def test_a_number_made_by_the_standard_is_read_back(number):
    read = parse(number, TODAY)
    assert read.text == number
    assert read.birth.strftime("%Y%m%d") == number[6:14]
    assert read.sex == ("male" if int(number[16]) % 2 else "female")


def by_recursion(first17: str) -> str:
    """ISO 7064 MOD 11-2 as the standard's pure recursive method has it, without weights."""
    product = 0
    for digit in first17:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_the_check_digit_agrees_with_iso_7064(first17):
    assert check_digit(first17) == by_recursion(first17)


@given(numbers())
def test_of_the_eleven_check_characters_exactly_one_is_accepted(number):
    accepted = []
    for character in "0123456789X":
        try:
            accepted.append(parse(number[:17] + character, TODAY).text[17])
        except IdNumberInvalid:
            continue
    assert accepted == [number[17]]


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_noticed(number, position, character):
    assume(number[position] != character)
    with pytest.raises(IdNumberInvalid):
        parse(number[:position] + character + number[position + 1 :], TODAY)


@given(numbers(), st.integers(0, 16))
def test_two_neighbouring_digits_changed_round_are_noticed(number, position):
    swapped = list(number)
    swapped[position], swapped[position + 1] = swapped[position + 1], swapped[position]
    assume("".join(swapped) != number)
    with pytest.raises(IdNumberInvalid):
        parse("".join(swapped), TODAY)


@given(st.text(max_size=40))
def test_any_other_text_is_refused_with_the_field_and_the_error_tells_nothing_of_it(text):
    try:
        read = parse(text, TODAY)
    except IdNumberInvalid as error:
        always = IdNumberInvalid(errors=[FieldError("id_number", IdNumberInvalid.zh)])
        assert error.to_wire() == always.to_wire()
    else:
        assert check_digit(read.text[:17]) == read.text[17]


def with_check(first17: str) -> str:
    return first17 + check_digit(first17)


@given(
    st.one_of(st.sampled_from(["830000", "820000", "810000"]), st.integers(900000, 999999)),
    births,
    sequences,
)
def test_any_residence_card_is_accepted(prefix, birth, sequence):
    assert parse(with_check(f"{prefix}{birth:%Y%m%d}{sequence}"), TODAY).birth == birth


FULL_WIDTH = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


@given(numbers(), st.booleans(), st.lists(st.integers(0, 18), max_size=4))
def test_full_width_small_and_spaced_forms_are_the_same_number(number, small, blanks):
    typed = number.lower() if small else number
    for place in blanks:
        typed = typed[:place] + "\u3000" + typed[place:]
    assert parse(typed.translate(FULL_WIDTH), TODAY).text == number


@pytest.mark.parametrize("prefix", ["830000", "820000", "810000", "911000", "999999"])
def test_residence_cards_are_accepted(prefix):
    assert parse(with_check(f"{prefix}19900307123"), TODAY).birth == date(1990, 3, 7)


def test_a_small_x_blanks_and_full_width_digits_are_forgiven():
    assert parse(" 110105 19491231 002x ", TODAY).text == "11010519491231002X"
    assert parse("１１０１０５１９４９１２３１００２Ｘ", TODAY).text == "11010519491231002X"


@pytest.mark.parametrize(
    "born", ["19900230", "19901301", "19900000", "18991231", "20261124", "99990101"]
)
def test_a_date_that_is_not_real_or_not_yet_is_refused(born):
    with pytest.raises(IdNumberInvalid):
        parse(with_check(f"310113{born}123"), TODAY)


@pytest.mark.parametrize(
    "text", ["", "310113900307123", "3101131990030712366", "010113199003071234", "٣" * 18]
)
def test_other_shapes_are_refused(text):
    with pytest.raises(IdNumberInvalid):
        parse(text, TODAY)


@given(births)
def test_age_counts_completed_years(birth):
    number = parse(with_check(f"310113{birth:%Y%m%d}123"), TODAY)
    age, day = number.age_on(TODAY), (birth.month, birth.day)
    assert (birth.year + age, *day) <= (TODAY.year, TODAY.month, TODAY.day)
    assert (birth.year + age + 1, *day) > (TODAY.year, TODAY.month, TODAY.day)
    assert number.age_on(birth) == 0


def test_the_birthday_itself_completes_the_year():
    number = parse(with_check("31011320121124123"), TODAY)
    assert (number.age_on(date(2026, 11, 23)), number.age_on(date(2026, 11, 24))) == (13, 14)


def test_it_does_not_show_itself():
    assert "1990" not in repr(parse("310113199003071236", TODAY))
