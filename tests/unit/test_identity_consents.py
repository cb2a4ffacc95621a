"""Consents: the table of purposes, and when one counts."""

from typing import get_args

import pytest

from services.contracts.operations.identity import Purpose
from services.identity.domain import consents
from services.identity.domain.consents import Given, Notice

TODAY = consents.PURPOSES["grid_platform"].current.version


def test_the_table_has_the_purposes_of_the_contract():
    assert tuple(consents.PURPOSES) == get_args(Purpose)
    assert all(key == purpose.key for key, purpose in consents.PURPOSES.items())


def test_every_version_says_it_in_both_languages():
    for purpose in consents.PURPOSES.values():
        versions = [notice.version for notice in purpose.notices]
        assert versions == sorted(set(versions))
        for notice in purpose.notices:
            assert any("\u4e00" <= c <= "\u9fff" for c in notice.zh)
            assert notice.en.isascii()
            assert notice.en.strip()


def test_what_a_membership_needs_and_what_is_separate():
    needed = {key for key, purpose in consents.PURPOSES.items() if purpose.needed}
    assert needed == {"real_name", "address", "rules"}
    assert consents.PURPOSES["party_badge"].sensitive
    assert consents.PURPOSES["grid_platform"].sensitive


@pytest.mark.parametrize(
    ("ledger", "counts"),
    [
        ([], False),
        ([Given("grid_platform", TODAY)], True),
        ([Given("grid_platform", TODAY, withdrawn=True)], False),
        ([Given("grid_platform", TODAY, withdrawn=True), Given("grid_platform", TODAY)], True),
        ([Given("grid_platform", "2020-01")], False),
        ([Given("real_name", TODAY)], False),
    ],
)
def test_a_consent_counts_until_withdrawn_and_only_in_todays_words(ledger, counts):
    assert consents.counts("grid_platform", ledger) is counts


def test_the_words_of_an_old_consent_are_found_again():
    purpose = consents.Purpose("x", (Notice("1", "旧", "old"), Notice("2", "新", "new")))
    assert purpose.current.version == "2"
    assert purpose.words("1", "zh-CN") == "旧"
    assert purpose.words("1", "en-GB") == "old"
    assert purpose.words("", "en") == "old", "given before words had versions"


@pytest.mark.parametrize(
    ("keys", "in_person", "kept"),
    [
        (["rules", "real_name", "rules"], True, ["rules", "real_name"]),
        (["grid_platform"], True, ["grid_platform"]),
        (["grid_platform", "address"], False, ["address"]),
        (["party_badge", "assistance", "newsletter"], True, []),
    ],
)
def test_joining_asks_for_what_it_needs_and_a_helper_gives_no_separate_consent(
    keys, in_person, kept
):
    found = consents.asked_at_joining(keys, in_person=in_person)
    assert [purpose.key for purpose in found] == kept


@pytest.mark.parametrize("purpose", ["real_name", "address", "rules"])
def test_a_needed_consent_stays_while_the_membership_does(purpose):
    with pytest.raises(consents.ConsentNeeded):
        consents.require_withdrawable(purpose, member=True)
    consents.require_withdrawable(purpose, member=False)


@pytest.mark.parametrize("purpose", ["party_badge", "grid_platform", "assistance", "of old"])
def test_a_free_consent_is_withdrawn_at_any_time(purpose):
    consents.require_withdrawable(purpose, member=True)
