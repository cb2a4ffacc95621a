"""What moderation keeps about somebody, and what the demo committee finds. Needs: db."""

import json

import pytest

from services.contracts import demo
from services.contracts.actor import Role
from services.feed import copies, seed_moderation
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import LU, SUN, actor

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


def test_her_copy_holds_what_she_reported_and_what_was_decided_and_not_who_reported(street):
    post = street.post(SUN)["id"]
    street.report(street.post(LU)["id"], SUN, reason="她自己写的理由")
    street.decide(street.report(post, LU).id)
    street.keep_from(street.post(LU, hide_name=True)["id"], what="post")
    street.silence("sun")
    found = street.run(copies.held_about, "sun", read_only=True)
    assert [item["reason"] for item in found["reports_made"]["items"]] == ["她自己写的理由"]
    assert [item["decision"] for item in found["decisions_about_me"]["items"]] == ["take_down"]
    assert [item["person_id"] for item in found["distances"]["items"]] == [None]
    assert [item["reason"] for item in found["silences"]["items"]] == ["多次辱骂邻居"]
    told = {name: found[name] for name in ("decisions_about_me", "distances", "silences")}
    assert '"lu"' not in json.dumps(told)
    moderated = street.run(copies.held_about, "wang", read_only=True)["moderated"]["items"]
    assert [item["action"] for item in moderated] == ["silenced", "decided"]


@pytest.mark.parametrize("gone", ["deleted", "taken down"])
def test_a_comment_kept_below_a_post_that_nobody_sees_is_told_to_nobody(street, gone):
    post = street.post(LU)["id"]
    comment = street.comment(post, SUN, "兼职招人，刷单返利，当天结账")
    (case,) = street.cases()
    if gone == "deleted":
        street.delete(post, LU)
    else:
        street.decide(street.report(post, SUN).id)
    street.decide(case["id"], "keep")
    assert comment["state"] == "waiting"
    told = street.types()
    assert "comment.published.v1" not in told
    assert told[-1] == "content.decided.v1", "its author hears of the decision"


def test_the_demo_committee_finds_two_cases_and_an_appeal_on_its_desk_once(street):
    for expected in (3, 0):
        assert street.run(seed_moderation.seed, street.now) == expected
    clerk = actor("clerk", (Role.SECRETARY, demo.PATH_SHANGYUAN))
    cases = [street.case(demo.demo_id(42, number), clerk) for number in (1, 2)]
    assert [(case["opened_by"], len(case["reported"]), case["hits"]) for case in cases] == [
        ("lexicon", 0, ["fraud"]),
        ("report", 2, []),
    ]
    assert all(case["may_decide"] for case in cases)
    appeal = street.case(demo.demo_id(42, 3), clerk)
    assert (appeal["state"], appeal["content_state"]) == ("appealed", "taken_down")
    assert (appeal["decided_by"]["id"], appeal["may_decide"]) == (demo.STAFF_WANG, True)
    wang = actor(demo.STAFF_WANG, (Role.COMMITTEE_STAFF, demo.PATH_SHANGYUAN))
    assert street.case(appeal["id"], wang)["may_decide"] is False
    assert street.types() == []
