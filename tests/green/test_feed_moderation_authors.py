"""An author before those who moderate, and one who moderates herself. Needs: db."""

import pytest

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
