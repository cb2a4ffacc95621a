"""Joining: what the register says, and what a committee may decide."""

from datetime import date

import pytest

from services.identity.domain.id_number import check_digit, parse
from services.identity.domain.membership import (
    DECISIONS,
    FINDING_TEXT,
    AlreadyDecided,
    Applicant,
    Finding,
    GuardianNeeded,
    ReasonNeeded,
    RegisterEntry,
    Status,
    decide,
    match,
    require_age,
    status_after,
)

pytestmark = pytest.mark.unit
ME = Applicant("p-1", "u-1", 1949, "idx")


def entry(**known) -> RegisterEntry:
    values = {
        "id": "r-1",
        "unit_id": "u-1",
        "birth_year": 1949,
        "id_index": "idx",
        "person_id": None,
    }
    return RegisterEntry(**{**values, **known})


@pytest.mark.parametrize(
    ("known", "finding"),
    [
        ({}, Finding.MATCH),
        ({"unit_id": None, "birth_year": None, "id_index": None}, Finding.MATCH),
        ({"person_id": "p-1"}, Finding.MATCH),
        ({"unit_id": "u-2"}, Finding.UNIT_DIFFERS),
        ({"birth_year": 1950}, Finding.BIRTH_YEAR_DIFFERS),
        ({"id_index": "other"}, Finding.ID_DIFFERS),
        ({"person_id": "p-2"}, Finding.LINKED_TO_ANOTHER),
    ],
)
def test_what_the_register_knows_must_agree(known, finding):
    found, matched = match([entry(**known)], ME)
    assert found is finding
    assert (matched is not None) == (finding is Finding.MATCH)


def test_nobody_of_that_name_and_room():
    assert match([], ME) == (Finding.NOT_ON_REGISTER, None)


def test_who_gives_no_unit_is_not_held_to_one():
    assert match([entry(unit_id="u-9")], Applicant("p-1", None, 1949, "idx"))[0] is Finding.MATCH


def test_father_and_son_of_one_name_are_told_apart():
    father = entry(id="r-1", birth_year=1920, id_index=None)
    son = entry(id="r-2", id_index=None)
    assert match([father, son], ME) == (Finding.MATCH, son)


def test_that_somebody_else_holds_the_entry_outweighs_other_reasons():
    entries = [entry(birth_year=1920), entry(person_id="p-2")]
    assert match(entries, ME)[0] is Finding.LINKED_TO_ANOTHER


def test_only_a_match_lets_in_at_once():
    assert {f: status_after(f) for f in Finding if f is not Finding.MATCH} == {
        f: Status.PENDING for f in Finding if f is not Finding.MATCH
    }
    assert status_after(Finding.MATCH) is Status.ACTIVE
    assert set(FINDING_TEXT) == set(Finding)


def test_a_pending_request_is_approved_or_refused():
    assert decide(Status.PENDING, "approve", None) is Status.ACTIVE
    assert decide(Status.PENDING, "refuse", "查无此人") is Status.REFUSED


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.PENDING])
@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_what_is_decided_stays_decided(status, decision):
    assert (status, decision) not in DECISIONS
    with pytest.raises(AlreadyDecided):
        decide(status, decision, "x")


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_refusal_needs_a_reason(reason):
    with pytest.raises(ReasonNeeded):
        decide(Status.PENDING, "refuse", reason)


def test_below_fourteen_a_guardian_is_needed():
    first17 = "31011320121124123"
    child = parse(first17 + check_digit(first17), date(2026, 11, 23))
    with pytest.raises(GuardianNeeded):
        require_age(child, date(2026, 11, 23))
    require_age(child, date(2026, 11, 24))
