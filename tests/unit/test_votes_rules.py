"""Rule sets: presets, what differs, what the law leaves no choice of, words, hash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.contracts.operations.votes import Bar, Entitled, RuleOverrides, RuleSet
from services.votes.domain.rules import (
    PRESETS,
    BadRules,
    arithmetic,
    current,
    digest,
    in_words,
    resolve,
    with_confirmations,
)
from tests.support.votes_elections import rule_sets

pytestmark = pytest.mark.unit

CONFIRMED = {("residents_assembly", 1), ("villagers_assembly", 1), ("article_2017", 1)}


def choose(base: str, **differs) -> RuleOverrides:
    return RuleOverrides.model_validate({"base": base, **differs})


def refused(base: str, confirmed=(), **differs) -> list[str]:
    with pytest.raises(BadRules) as caught:
        resolve(choose(base, **differs), confirmed)
    assert caught.value.code == "votes.bad_rules"
    return [error.field.removeprefix("rule_set.") for error in caught.value.errors]


# -- presets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_rule_set_that_keeps_to_its_own_source(preset):
    version = current(preset)
    rules = resolve(preset)
    assert (rules.base, rules.version) == (preset, version.version)
    assert rules.differs_from_source == []
    assert all(bound.kept(rules) for bound in version.bounds)
    assert [one.version for one in PRESETS[preset]] == list(range(1, len(PRESETS[preset]) + 1))


def test_what_rests_on_law_that_could_not_be_read_says_so_until_it_is_confirmed():
    read = {name for name in PRESETS if resolve(name).verified}
    assert read == {"owners_ordinary", "owners_special", "owners_unanimous"}
    assert all(resolve(name, CONFIRMED).verified for name in PRESETS)
    assert not resolve("residents_assembly", {("residents_assembly", 2)}).verified
    assert "注意：未对照现行法律核实。" in in_words(resolve("residents_assembly"), "zh")
    told = "Take care: not verified against the law in force."
    assert told in in_words(resolve("residents_assembly"), "en")
    assert told not in in_words(resolve("residents_assembly", CONFIRMED), "en")


def test_a_confirmation_that_comes_later_or_goes_is_seen_at_the_opening():
    rules = resolve("residents_assembly")
    assert with_confirmations(rules, CONFIRMED).verified
    assert not with_confirmations(resolve("residents_assembly", CONFIRMED), ()).verified
    lower = resolve(choose("residents_assembly", quorum={"kind": "none"}))
    assert not with_confirmations(lower, CONFIRMED).verified
    assert with_confirmations(resolve("owners_special"), ()).verified


# -- what differs ----------------------------------------------------------------------------------


def test_what_differs_is_laid_over_the_preset_object_by_object():
    rules = resolve(
        choose(
            "residents_assembly",
            publicity_days=15,
            quorum={"entries": {"at": "2/3"}},
            electorate={"tenants": False},
            extension={"times": 1, "days": 30},
        )
    )
    preset = resolve("residents_assembly")
    assert rules.publicity_days == 15
    assert (rules.quorum.kind, rules.quorum.entries) == ("fraction", Bar(at="2/3", above=False))
    assert (rules.electorate.who, rules.electorate.tenants) == ("residents18", False)
    assert rules.threshold == preset.threshold


def test_what_goes_along_with_a_choice_need_not_be_said():
    households = resolve(choose("residents_assembly", electorate={"who": "households"}))
    assert (households.weight, households.differs_from_source) == ("household", [])
    other = resolve(
        choose(
            "article_2017",
            quorum={"kind": "either", "heads": {"at": "1/2"}, "households": {"at": "2/3"}},
        )
    )
    assert other.quorum.entries is None
    everybody = resolve(choose("owners_ordinary", threshold={"unanimous": True}))
    assert (everybody.threshold.heads, everybody.threshold.area) == (None, None)
    assert everybody.verified, "more than the law wants is everybody's choice"
    assert resolve(choose("residents_assembly", proxies="written")).proxies_each == 1


@pytest.mark.parametrize(
    ("differs", "fields"),
    [
        ({"weight": "colour"}, ["weight"]),
        ({"quorum": {"entries": {"at": "0/1"}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": "1/0"}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": "-1/2"}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": "5/4"}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": "0.5"}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": 0.5}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": "99999/99999"}}}, ["quorum.entries.at"]),
        ({"quorum": {"entries": {"at": "1/1", "above": True}}}, ["quorum.entries"]),
        ({"quorum": {"entries": {"above": True}}}, ["quorum.entries.at"]),
        ({"quorum": {"share": "1/2"}}, ["quorum.share"]),
        ({"quorum": "1/2"}, ["quorum"]),
        ({"quorum": {"kind": "dual", "entries": {"at": "1/2"}}}, ["quorum.kind"]),
        ({"quorum": {"kind": "either", "entries": {"at": "1/2"}}}, ["quorum.kind"]),
        ({"quorum": {"kind": "none", "entries": {"at": "1/2"}}}, ["quorum.kind"]),
        ({"quorum": {"kind": "fraction", "area": {"at": "1/2"}}}, ["quorum.kind", "quorum.area"]),
        ({"threshold": {"area": {"at": "1/2"}}}, ["threshold.area"]),
        ({"threshold": {"heads": None}}, ["threshold.heads"]),
        ({"threshold": {"unanimous": True, "heads": {"at": "1/2"}}}, ["threshold.heads"]),
        ({"threshold": {"unanimous": True}, "non_voters": "with_majority"}, ["non_voters"]),
        ({"weight": "household"}, ["weight"]),
        ({"weight": "person", "electorate": {"who": "households"}}, ["weight"]),
        ({"electorate": {"within": "b-1"}}, ["electorate.within"]),
        ({"electorate": {"who": "affected_owners"}}, ["electorate.within"]),
        ({"channels": []}, ["channels"]),
        ({"channels": ["online", "online"]}, ["channels"]),
        ({"channels": ["paper"], "change_of_vote": True}, ["change_of_vote"]),
        ({"precedence": "paper"}, ["precedence"]),
        ({"proxies_each": 1}, ["proxies_each"]),
        ({"proxies": "written", "proxies_each": 0}, ["proxies_each"]),
        ({"extension": {"times": 1}}, ["extension"]),
        ({"quorum": {"kind": "none"}, "extension": {"times": 1, "days": 7}}, ["extension"]),
        ({"abstain_is_present": False, "extension": {"times": 1, "days": 7}}, ["extension"]),
        ({"notice_days": -1}, ["notice_days"]),
        ({"notice_days": "7"}, ["notice_days"]),
        ({"notice_days": True}, ["notice_days"]),
        ({"notice_days": 3}, ["objection_days"]),
        ({"lock_days": 10**30}, ["lock_days"]),
        ({"colour": "red"}, ["colour"]),
        ({"verified": True}, ["verified"]),
        ({"version": 7, "differs_from_source": []}, ["version", "differs_from_source"]),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(differs, fields):
    assert refused("article_2017", **differs) == fields


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from([*RuleSet.model_fields, "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["kind", "at", "heads", "who", "unanimous", "y"]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=6,
        ),
        max_size=4,
    ),
    st.sampled_from(list(PRESETS)),
)
def test_whatever_is_asked_for_it_is_a_rule_set_or_refused_by_field(differs, preset):
    differs.pop("base", None)
    try:
        rules = resolve(choose(preset, **differs))
    except BadRules as error:
        assert error.errors and all(one.field.startswith("rule_set") for one in error.errors)
    else:
        assert RuleSet.model_validate_json(rules.model_dump_json()) == rules


# -- against the law -------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["owners_ordinary", "owners_special"])
@pytest.mark.parametrize(
    ("differs", "field"),
    [
        ({"quorum": {"area": {"at": "1/2", "above": True}}}, "quorum"),
        ({"quorum": {"heads": {"at": "665/1000"}}}, "quorum"),
        ({"quorum": {"kind": "none"}}, "quorum"),
        ({"quorum": {"kind": "either", "area": {"at": "2/3"}, "heads": {"at": "2/3"}}}, "quorum"),
        ({"threshold": {"heads": {"at": "1/2", "above": False}}}, "threshold"),
        ({"threshold": {"area": {"at": "1/3"}}}, "threshold"),
        ({"threshold": {"base": "cast"}}, "threshold"),
        ({"threshold": {"base": "cast", "unanimous": True}}, "threshold"),
        ({"abstain_is_present": False}, "abstain_is_present"),
        ({"weight": "person", "threshold": {"area": None}}, "weight"),
        ({"electorate": {"tenants": True}}, "electorate.tenants"),
        ({"electorate": {"away": False}}, "electorate.away"),
        ({"proxies": "none"}, "proxies"),
        ({"notice_days": 14}, "notice_days"),
    ],
)
def test_below_the_civil_code_it_is_not_an_assembly_of_owners_any_more(preset, differs, field):
    assert field in refused(preset, **differs)


def test_special_matters_keep_their_three_quarters_and_unanimity_is_of_all_concerned():
    assert refused("owners_special", threshold={"heads": {"at": "2/3"}}) == ["threshold"]
    assert refused("owners_unanimous", threshold={"base": "cast"}) == ["threshold"]
    assert refused("owners_unanimous", threshold={"unanimous": False, "heads": {"at": "9/10"}}) == [
        "threshold"
    ]
    concerned = {"who": "affected_owners", "within": "b-3"}
    assert resolve(choose("owners_unanimous", electorate=concerned)).verified


def test_above_the_law_is_everybodys_choice():
    rules = resolve(
        choose(
            "owners_ordinary",
            quorum={"area": {"at": "3/4"}, "heads": {"at": "2/3", "above": True}},
            threshold={"base": "roll", "area": {"at": "2/3"}},
            notice_days=30,
        )
    )
    assert (rules.verified, rules.differs_from_source) == (True, [])


def test_non_voters_with_the_majority_are_marked_and_explained():
    rules = resolve(choose("owners_ordinary", non_voters="with_majority"))
    assert (rules.verified, rules.differs_from_source) == (False, ["non_voters"])
    assert any("第二百七十八条没有这样规定" in line for line in in_words(rules, "zh"))
    assert any("art. 278 does not" in line for line in in_words(rules, "en"))


def test_below_law_that_was_not_read_is_marked_and_below_confirmed_law_refused():
    free = {"quorum": {"kind": "none"}}
    marked = resolve(choose("residents_assembly", **free))
    assert (marked.verified, marked.differs_from_source) == (False, ["quorum"])
    assert any("（quorum）" in line for line in in_words(marked, "zh"))
    assert refused("residents_assembly", CONFIRMED, **free) == ["quorum"]
    assert refused("villagers_assembly", CONFIRMED, notice_days=9) == ["notice_days"]
    of_the_press = resolve(choose("article_2017", **free), CONFIRMED)
    assert (of_the_press.verified, of_the_press.differs_from_source) == (False, ["quorum"])


# -- words, hash -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(rule_sets())
def test_any_rules_can_be_said_in_both_languages_and_as_formulas(rules):
    zh, en = in_words(rules, "zh"), in_words(rules, "en")
    assert len(zh) == len(en) >= 10
    assert all(line.endswith("。") for line in zh)
    assert all(line.endswith(".") and line.isascii() for line in en)
    assert len(arithmetic(rules, "zh")) == len(arithmetic(rules, "en")) >= 2


def test_the_villagers_rules_as_a_grandmother_reads_them():
    assert in_words(resolve("villagers_assembly"), "zh")[:5] == [
        "谁能投：年满十八周岁的村民，包括人在外地的，不包括租户、外来人员。",
        "一人一票。",
        "多少人参加才算数：参加表决的人数超过名册人数的 1/2，"
        "或者参加表决的户数达到名册户数的 2/3。不够就没有结果。",
        "多少人同意才通过：同意的人数超过参加表决人数的 1/2。",
        "同意和反对一样多，就是没有通过。",
    ]
    assert in_words(resolve("owners_unanimous"), "zh")[1] == "一名业主一票，有几套房也只算一票。"
    assert arithmetic(resolve("owners_special"), "en") == [
        "floor area taking part ÷ floor area on the roll ≥ 2/3",
        "owners taking part ÷ owners on the roll ≥ 2/3",
        "floor area voting for ÷ floor area taking part ≥ 3/4",
        "owners voting for ÷ owners taking part ≥ 3/4",
        "floor area voting for > floor area voting against",
        "owners voting for > owners voting against",
    ]


def test_the_hash_is_of_the_whole_set_and_of_nothing_but_its_content():
    rules = resolve("article_2017")
    again = RuleSet.model_validate(dict(reversed(rules.model_dump(mode="json").items())))
    assert digest(rules) == digest(again)
    others = [
        resolve(choose("article_2017", lock_days=1)),
        resolve(choose("article_2017", quorum={"entries": {"at": "1/2"}})),
        with_confirmations(rules, CONFIRMED),
        resolve("residents_assembly"),
    ]
    hashes = {digest(one) for one in (rules, *others)}
    assert len(hashes) == 5
    assert all(len(one) == 64 and int(one, 16) for one in hashes)


def test_a_rule_set_that_does_not_fit_cannot_be_made_at_all():
    with pytest.raises(ValidationError, match="only owners vote by floor area"):
        RuleSet(base="article_2017", electorate=Entitled(who="residents18"), weight="dual")
