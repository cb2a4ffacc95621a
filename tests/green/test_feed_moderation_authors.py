"""An author before those who moderate, and one who moderates herself. Needs: db."""

import json

import pytest

from services.feed.domain import moderation
from tests.support.feed_moderators import AUDITOR, WatchedStreet
from tests.support.feed_street import LU, SHI, SUN, WANG

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


@pytest.mark.parametrize("author", [SUN, WANG], ids=["a neighbour", "one of the committee"])
def test_an_appeal_names_nobody_in_the_log(street, author):
    case_id = street.report(street.post(author, hide_name=True)["id"], LU).id
    street.decide(case_id, who=SHI)
    street.appeal(case_id, author)
    line = street.log(AUDITOR)[0]
    assert (line["action"], line["actor"], line["actor_role"]) == ("appealed", None, "")
    assert street.log(AUDITOR)[1]["actor"]["id"] == "shi", "an office is named"


def test_what_its_author_took_back_is_not_shown_whatever_is_decided(street):
    post = street.post(SUN)["id"]
    for decision in ("keep", "take_down"):
        comment = street.comment(post, LU, body="兼职招人，刷单返利，当天结账")
        street.delete_comment(comment["id"], LU)
        (case,) = street.cases()
        assert case["content_state"] == "deleted"
        street.decide(case["id"], decision)
        assert street.comments(post, SUN)["items"] == []
    assert street.drift() == []


def test_who_moderates_reads_no_reports_about_herself(street):
    post = street.post(WANG)["id"]
    case_id = street.report(post, LU, reason="住3号楼的我看见的").id
    comment = street.comment(street.post(SUN)["id"], WANG)["id"]
    street.report_comment(comment, LU)
    assert street.cases(WANG) == []
    with pytest.raises(moderation.CaseNotFound):
        street.case(case_id, WANG)
    assert len(street.cases(SHI)) == 2
    street.decide(case_id, who=SHI)
    with pytest.raises(moderation.CaseNotFound):
        street.case(case_id, WANG)
    assert street.cases(WANG, state="decided") == []
    (mine,) = street.my_cases(WANG)
    assert (mine["id"], mine["reason"]) == (case_id, "违反公约")
    assert "3号楼" not in json.dumps(mine, ensure_ascii=False)
    assert street.appeal(case_id, WANG)["state"] == "appealed", "her rights are an author's"
