"""Rules before a vote: presets, previews, and what a district has confirmed. Needs: db."""

import threading
from datetime import date

import pytest
from pydantic import ValidationError

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, NotFound, ShequError
from services.contracts.operations.votes import rule_desk as ops
from services.votes import copies, repository
from services.votes.handlers import rules
from tests.support.bridge import ADMIN, NEXT_DOOR, OBSERVER, SHANGYUAN, SUN, actor, refused
from tests.support.votes import Votes

pytestmark = pytest.mark.db

DISTRICT = "demo"
ELSEWHERE = actor("p-admin-2", (Role.DISTRICT_ADMIN, "demo2"))
SECOND = actor("p-admin-3", (Role.DISTRICT_ADMIN, "demo"))


def confirming(preset: str = "residents_assembly", **more) -> ops.ConfirmRules:
    return ops.ConfirmRules(
        **{
            "did": DISTRICT,
            "preset": preset,
            "version": 1,
            "by": "样例区民政局 王科长",
            "source": "《城市居民委员会组织法》（2025年修订）第四章",
            "text": "居民会议由全体十八周岁以上居民的过半数出席。",
            "read_on": date(2026, 3, 1),
            **more,
        }
    )


def presets(votes: Votes, who=SUN) -> dict[str, ops.RulePreset]:
    told = votes.do(rules.list_presets, ops.OfCommunityRules(cid=SHANGYUAN), who)
    return {one.preset: one for one in told.items}


def preview(votes: Votes, /, who=SUN, **asked) -> ops.RulesPreview:
    cmd = ops.PreviewRules.model_validate({"cid": SHANGYUAN, **asked})
    return votes.do(rules.preview, cmd, who)


def test_a_preset_is_unverified_until_it_is_confirmed_and_again_when_that_is_revoked(
    votes,
):
    before = presets(votes)
    assert list(before) == [
        "residents_assembly",
        "villagers_assembly",
        "owners_ordinary",
        "owners_special",
        "owners_unanimous",
        "article_2017",
    ]
    assembly = before["residents_assembly"]
    assert (assembly.sure, assembly.verified, assembly.confirmation) == ("older_text", False, None)
    assert assembly.warning.zh == ["未对照现行法律核实"]
    assert "2026年1月1日起施行" in assembly.source_zh
    assert not any(bound.binding for bound in assembly.bounds)
    lower = {"base": "residents_assembly", "quorum": {"kind": "none"}}
    assert preview(votes, rule_set=lower).rules.differs_from_source == ["quorum"]

    done = votes.do(rules.confirm, confirming(), ADMIN, votes.now)
    assembly = presets(votes, OBSERVER)["residents_assembly"]
    assert (assembly.verified, assembly.warning) == (True, None)
    assert assembly.confirmation == done
    assert (done.by, done.confirmed_at, done.did) == ("样例区民政局 王科长", votes.now, DISTRICT)
    assert "注意：未对照现行法律核实。" not in assembly.words.zh
    assert preview(votes, rule_set="residents_assembly").rules.verified
    assert not presets(votes)["villagers_assembly"].verified
    with pytest.raises(rules.rule_sets.BadRules) as caught:
        preview(votes, rule_set=lower)
    assert [error.field for error in caught.value.errors] == ["rule_set.quorum"]
    assert refused(votes.do, rules.confirm, confirming(), SECOND, votes.now) == (
        "votes.already_confirmed"
    )

    votes.pass_time(days=1)
    revoking = ops.RevokeRuleConfirmation(id=done.id, reason="第四章另有修改")
    gone = votes.do(rules.revoke, revoking, SECOND, votes.now)
    assert (gone.revoked_at, gone.revoked_reason) == (votes.now, "第四章另有修改")
    assert not presets(votes)["residents_assembly"].verified
    assert refused(votes.do, rules.revoke, revoking, ADMIN, votes.now) == "votes.already_revoked"
    votes.do(rules.confirm, confirming("villagers_assembly"), ADMIN, votes.now)
    again = votes.do(rules.confirm, confirming(), ADMIN, votes.now)

    def listed(**more):
        cmd = ops.ListRuleConfirmations(did=DISTRICT, **more)
        return votes.do(rules.list_confirmations, cmd, NEXT_DOOR)

    first = listed(limit=2)
    assert [one.preset for one in first.items] == ["residents_assembly", "villagers_assembly"]
    rest = listed(limit=2, cursor=first.next_cursor)
    assert (rest.items, rest.next_cursor) == ([gone], None)
    assert [one.id for one in listed(preset="residents_assembly").items] == [again.id, done.id]


def test_what_cannot_be_confirmed_is_refused_and_nothing_is_stored(votes):
    for code, cmd, who in (
        ("votes.bad_confirmation", confirming(version=2), ADMIN),
        ("votes.bad_confirmation", confirming(read_on=date(2026, 3, 3)), ADMIN),
        ("votes.district_not_found", confirming(did="d-nowhere"), ADMIN),
        ("auth.forbidden", confirming(), ELSEWHERE),
        ("auth.forbidden", confirming(), SUN),
        ("auth.observer_read_only", confirming(), OBSERVER),
    ):
        assert refused(votes.do, rules.confirm, cmd, who, votes.now) == code
    assert votes.rows("SELECT id FROM rule_confirmations") == []
    missing = ops.RevokeRuleConfirmation(id="x", reason="…")
    with pytest.raises(NotFound):
        votes.do(rules.revoke, missing, ADMIN, votes.now)
    done = votes.do(rules.confirm, confirming(), ADMIN, votes.now)
    with pytest.raises(Forbidden):
        votes.do(
            rules.revoke, ops.RevokeRuleConfirmation(id=done.id, reason="…"), ELSEWHERE, votes.now
        )
    with pytest.raises(ValidationError):
        confirming(by="   ")
    with pytest.raises(NotFound):
        presets(votes, actor("p-far", (Role.RESIDENT, "demo2.x.y")))


def test_of_two_administrators_at_once_one_confirms(votes):
    said: list[str] = []
    start = threading.Barrier(2)

    def one(who):
        start.wait(10)
        try:
            votes.do(rules.confirm, confirming(), who, votes.now)
            said.append("confirmed")
        except ShequError as error:
            said.append(error.code)

    threads = [threading.Thread(target=one, args=(who,)) for who in (ADMIN, SECOND)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(said) == ["confirmed", "votes.already_confirmed"]
    assert len(votes.rows("SELECT id FROM rule_confirmations")) == 1


def test_a_choice_of_rules_is_shown_in_words_on_a_roll_and_with_votes(votes):
    told = preview(votes, rule_set="article_2017")
    assert told.hash == rules.rule_sets.digest(told.rules)
    assert [one.zh for one in told.must_reach] == [
        "参加表决的人数超过名册人数的 1/2：1560里至少要781",
        "同意的人数超过参加表决人数的 1/2：781里至少要391",
        "同意的人数超过参加表决人数的 1/2：1560里至少要781",
    ]
    assert told.outcome is None
    votes_cast = {
        "for": {"entries": 860},
        "against": {"entries": 90},
        "abstain": {"entries": 40},
        "spoiled": {"entries": 10},
    }
    tried = preview(votes, rule_set="article_2017", roll={"entries": 1560}, votes=votes_cast)
    assert tried.outcome.passed
    assert tried.outcome.lines[0].left == "2 × 1000 = 2000"
    owners = preview(
        votes,
        rule_set="owners_special",
        roll={"entries": 120, "area": 1_080_050, "heads": "100"},
        votes={
            "for": {"entries": 90, "area": 900_000, "heads": "226/3"},
            "against": {"entries": 10, "area": 100_000, "heads": "8"},
        },
    )
    assert [(one.measure, one.whole, one.least) for one in owners.must_reach] == [
        ("area", "10800.50", "7200.34"),
        ("heads", "100", "67"),
        ("area", "7200.34", "5400.26"),
        ("area", "10800.50", "8100.38"),
        ("heads", "67", "51"),
        ("heads", "100", "75"),
    ]
    assert owners.outcome.passed
    assert owners.outcome.lines[2].left == "4 × 9000.00 = 36000.00"
    empty = preview(votes, rule_set="owners_unanimous", roll={"entries": 0})
    assert [one.least for one in empty.must_reach] == [None]


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("votes.bad_rules", {"rule_set": {"base": "article_2017", "weight": "dual"}}),
        (
            "votes.bad_tally",
            {
                "rule_set": "article_2017",
                "roll": {"entries": 10},
                "votes": {"for": {"entries": 8}, "against": {"entries": 8}},
            },
        ),
    ],
)
def test_nonsense_is_refused_by_its_code(votes, code, asked):
    assert refused(preview, votes, **asked) == code


@pytest.mark.parametrize(
    "asked",
    [
        {"rule_set": "no_such_preset"},
        {"rule_set": {"quorum": {}}},
        {"rule_set": "article_2017", "roll": {"entries": -1}},
        {"rule_set": "article_2017", "roll": {"entries": 1, "area": -5}},
        {"rule_set": "article_2017", "roll": {"entries": 1, "heads": "1/0"}},
        {"rule_set": "article_2017", "roll": {"entries": 1, "heads": "-1"}},
        {"rule_set": "article_2017", "votes": {"for": {"entries": 1}, "against": {"entries": 0}}},
    ],
)
def test_numbers_that_are_none_do_not_even_arrive(asked):
    with pytest.raises(ValidationError):
        ops.PreviewRules.model_validate({"cid": SHANGYUAN, **asked})


def test_what_an_administrator_did_is_in_her_copy_and_stays_when_she_leaves(votes):
    done = votes.do(rules.confirm, confirming(), ADMIN, votes.now)
    votes.do(rules.revoke, ops.RevokeRuleConfirmation(id=done.id, reason="…"), SECOND, votes.now)
    held = votes.do(copies.held_about, ADMIN.person_id)["rules_confirmed"]["items"]
    assert [(one["preset"], one["confirmed"], one["revoked"]) for one in held] == [
        ("residents_assembly", True, False)
    ]
    for who in (ADMIN, SECOND):
        votes.do(lambda uow, gone=who: repository.rules.forget(uow.session, gone.person_id))
    assert votes.rows("SELECT confirmed_by, revoked_by, signed_as FROM rule_confirmations") == [
        (None, None, "样例区民政局 王科长")
    ]
