"""What notify gives somebody who asks for all that is held about her. Needs: db."""

import pytest

from services.contracts import events as e
from services.notify import copies
from tests.support.inboxes import Inboxes
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db


@pytest.fixture
def notify(emptied) -> Inboxes:
    return Inboxes(emptied("notify"))


def copy(notify: Inboxes, person: str) -> dict:
    with notify.units(read_only=True) as uow:
        return copies.held_about(uow, person)


def test_it_is_her_inbox_what_she_follows_and_her_duties(notify):
    notify.community(sun="孙奶奶", wang="小王")
    notify.on_duty("wang")
    notify.tell(say(e.IssueReported))
    notify.tell(say(e.IssueTriaged))
    hers, his = copy(notify, "sun"), copy(notify, "wang")
    assert [news["kind"] for news in hers["inbox"]["items"]] == ["issue_triaged"]
    assert [one["post_id"] for one in hers["follows"]["items"]] == ["post"]
    assert hers["duties"]["items"] == []
    assert [card["display_name"] for card in hers["cards"]["items"]] == ["孙奶奶"]
    assert [duty["role"] for duty in his["duties"]["items"]] == ["committee_staff"]


def test_of_who_left_for_good_nothing_is_left_but_the_name_of_nobody(notify):
    notify.community(sun="孙奶奶")
    notify.tell(say(e.IssueTriaged))
    notify.know(say(e.PersonDeleted, person_id="sun"))
    left = copy(notify, "sun")
    assert [left[part]["items"] for part in ("inbox", "follows", "duties")] == [[], [], []]
    assert {card["display_name"] for card in left["cards"]["items"]} == {"已注销用户"}
