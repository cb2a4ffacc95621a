"""A person's copy of her data: what does not fit is counted. Needs: db."""

import pytest

from services.kit import copies

pytestmark = pytest.mark.db

ROWS = (
    "SELECT n AS id, repeat('字', :long) AS body FROM generate_series(1, :many) n ORDER BY n DESC"
)


@pytest.fixture
def session(db):
    with db("votes")(read_only=True) as uow:
        yield uow.session


def test_a_section_has_every_row_in_its_order(session):
    found = copies.section(session, ROWS, many=3, long=1)
    assert found == {"items": [{"id": n, "body": "字"} for n in (3, 2, 1)], "left_out": 0}


def test_nothing_is_nothing(session):
    assert copies.section(session, ROWS, many=0, long=1) == {"items": [], "left_out": 0}


def test_of_too_many_rows_the_first_are_given_and_the_others_counted(session):
    found = copies.section(session, ROWS, many=copies.MOST_ROWS + 7, long=1)
    assert len(found["items"]) == copies.MOST_ROWS
    assert found["left_out"] == 7
    assert found["items"][0]["id"] == copies.MOST_ROWS + 7


def test_of_too_much_text_as_much_is_given_as_fits(session):
    found = copies.section(session, ROWS, many=100, long=20_000)
    fitting = copies.MOST_BYTES // 60_000
    assert len(found["items"]) in (fitting - 1, fitting)
    assert len(found["items"]) + found["left_out"] == 100


def test_a_row_that_cannot_fit_is_counted(session):
    assert copies.section(session, ROWS, many=2, long=copies.MOST_BYTES) == {
        "items": [],
        "left_out": 2,
    }
