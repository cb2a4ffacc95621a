"""Reports on a real database: one case, a count, a storm, and nobody who learns who. Needs: db."""

import json

import pytest

from services.contracts.errors import Forbidden
from services.contracts.operations.feed import moderation as ops
from services.feed.domain import moderation, posts
from tests.support.feed_moderators import WatchedStreet, at_once
from tests.support.feed_street import (
    LU,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    WANG,
    ZHAO,
    actor,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


def test_several_reports_are_one_case_with_a_count(street):
    post = street.post(SUN)["id"]
    people = street.neighbours(3)
    cases = {street.report(post, who).id for who in (*people, people[0])}
    assert len(cases) == 1
    (case,) = street.cases()
    assert (case["reports"], case["state"], case["content_state"]) == (3, "open", "shown")
    assert street.types().count("content.reported.v1") == 1


def test_ones_own_words_are_not_reported_and_strangers_report_nothing(street):
    post = street.post(SUN)["id"]
    with pytest.raises(moderation.OwnContent):
        street.report(post, SUN)
    for who in (ZHAO, STRANGER):
        with pytest.raises(posts.PostNotFound):
            street.report(post, who)
    with pytest.raises(Forbidden):
        street.report(post, OBSERVER)
    assert street.cases() == []


def test_a_storm_of_reports_holds_a_post_until_somebody_has_looked(street):
    post = street.post(SUN)["id"]
    people = street.neighbours(moderation.STORM.homes)
    found = at_once([lambda who=who: street.report(post, who) for who in people])
    assert len({report.id for report in found}) == 1
    (case,) = street.cases()
    assert (case["reports"], case["content_state"], case["held"]) == (5, "waiting", True)
    assert street.types().count("post.removed.v1") == 1
    street.decide(case["id"], "keep")
    assert street.seen_by() == [post]
    for who in people:
        street.report(post, who)
    assert street.get(post)["state"] == "shown", "it was looked at; the same text is not held again"


def test_reports_of_long_ago_are_no_storm(street):
    post = street.post(SUN)["id"]
    *early, last = street.neighbours(moderation.STORM.homes)
    for who in early:
        street.report(post, who)
    street.later(hours=25)
    street.report(post, last)
    assert street.get(post)["state"] == "shown"


def test_what_an_office_says_is_reported_but_stands(street):
    post = street.post(WANG, module="announcements")["id"]
    for who in street.neighbours(6):
        street.report(post, who)
    assert street.get(post)["state"] == "shown"
    assert street.cases(SHI)[0]["reports"] == 6


def test_nobody_learns_who_reported(street):
    post = street.post(SUN)["id"]
    street.report(post, LU, reason="请别说是我")
    street.report(post, SHI)
    case_id = street.cases()[0]["id"]
    street.decide(case_id)
    case = street.case(case_id)
    assert [r["reporter"] and r["reporter"]["id"] for r in case["reported"]] == [None, "shi"]
    heard = [street.emitted(), street.my_cases(SUN), street.get(post, SUN), street.log(), case]
    assert '"lu"' not in json.dumps(heard)
    assert "老陆" not in json.dumps(heard, ensure_ascii=False)


def test_an_author_who_was_reported_in_vain_hears_nothing_of_it(street):
    post = street.post(SUN)["id"]
    street.decide(street.report(post).id, "keep")
    assert street.my_cases(SUN) == []
    assert "content.decided.v1" not in street.types()


def test_a_family_is_one_voice_in_a_storm_and_children_are_none(street):
    post = street.post(SUN)["id"]
    for number in range(moderation.STORM.homes):
        street.card(f"kin{number}", home=f"{PATH}.chenxing.b7")
        street.card(f"child{number}", standing="child", home=f"{PATH}.chenxing.b{number}")
        for who in (f"kin{number}", f"child{number}"):
            street.report(post, actor(who))
    assert street.get(post)["state"] == "shown"
    assert street.cases()[0]["reports"] == 10, "what they say is read all the same"
    for who in street.neighbours(moderation.STORM.homes - 1):
        street.report(post, who)
    assert street.get(post)["state"] == "waiting"


def test_after_a_keep_only_other_words_open_a_post_to_a_storm_again(street):
    post = street.post(SUN)["id"]
    people = street.neighbours(moderation.STORM.homes)
    street.decide(street.report(post, people[0]).id, "keep")
    street.later(hours=1)
    street.update(post, SUN, never_expires=True)
    street.update(post, WANG, pinned=True)
    for who in people:
        street.report(post, who)
    assert street.get(post)["state"] == "shown"
    street.decide(street.cases()[0]["id"], "keep")
    street.later(hours=1)
    street.update(post, SUN, body="你们都一样")
    for who in people:
        street.report(post, who)
    assert street.get(post)["state"] == "waiting"


def test_what_was_reported_is_not_edited_away(street):
    post = street.post(SUN, body="第一稿")["id"]
    street.report(post, LU)
    for number in range(30):
        street.update(post, SUN, body=f"今天天气真好 {number}")
        if number == 3:
            street.report(post, WANG)
    evidence = street.case(street.cases()[0]["id"])["evidence"]
    ops.Evidence.model_validate(evidence)
    before = [said["body"].removeprefix("今天天气真好 ") for said in evidence["before"]]
    assert before == ["第一稿", "3", *map(str, range(19, 29))]
    assert [said["body"] for said in evidence["before"] if said.get("reported")] == [
        "第一稿",
        "今天天气真好 3",
    ]
