"""Why somebody cannot vote is told beforehand, in the box's own words. Needs: db."""

import pytest

from services.contracts.actor import Actor
from services.contracts.operations.votes.polls import ListPolls, OfPoll
from services.votes.handlers import poll_views
from tests.support.bridge import LU, NOW, OBSERVER, SHANGYUAN, SHI, SUN, refused
from tests.support.votes import MA, RULES
from tests.support.votes_ballots import Booth

pytestmark = pytest.mark.db
CHANGEABLE = RULES.model_copy(update={"change_of_vote": True})
PAPER = RULES.model_copy(update={"channels": ["paper"]})


def shown(votes, poll_id, who, language="zh-CN"):
    votes.answers["my_subjects"] = lambda **_asked: {"refs": []}
    return votes.do(poll_views.get_poll, OfPoll(id=poll_id), who, votes.now, language)


def why(told):
    return told.why_not.code if told.why_not else None


def test_what_is_told_beforehand_is_what_the_box_would_say(votes):
    booth, poll = Booth(votes), votes.poll("open", RULES, voters=(SUN, LU))
    told = shown(votes, poll, SUN)
    assert (why(told), why(told.my_subjects[0]), told.my_subjects[0].may_change) == (
        None, None, False,
    )  # fmt: skip
    booth.cast(poll, SUN)
    told = shown(votes, poll, SUN)
    assert why(told.my_subjects[0]) == refused(booth.cast, poll, SUN) == "votes.already_voted"
    assert why(shown(votes, poll, MA)) == refused(booth.cast, poll, MA) == "votes.not_on_roll"
    assert why(shown(votes, poll, OBSERVER)) == refused(booth.cast, poll, OBSERVER)
    helper = Actor(LU.person_id, "s", LU.grants, NOW.timestamp() + 60, acted_by="p-helper")
    assert why(shown(votes, poll, helper)) == refused(booth.cast, poll, helper)
    votes.pass_time(days=8)
    told = shown(votes, poll, LU, "en")
    assert why(told) == why(told.my_subjects[0]) == refused(booth.cast, poll, LU) == "votes.closed"
    assert told.why_not.text == "Voting is over"


def test_before_the_opening_and_with_paper_alone_nobody_votes_on_the_phone(votes):
    early, paper = votes.poll("announced", RULES, voters=(SUN,)), votes.poll("open", PAPER)
    assert why(shown(votes, early, SUN)) == "votes.not_open"
    assert why(shown(votes, paper, SHI)) == "votes.no_online_voting"
    listed = votes.do(
        poll_views.list_polls, ListPolls(cid=SHANGYUAN), SHI, votes.now, "zh-CN"
    ).items
    assert {one.id: why(one) for one in listed} == {
        early: "votes.not_open", paper: "votes.no_online_voting",
    }  # fmt: skip


def test_a_ballot_that_may_be_changed_says_so_once_it_is_cast(votes):
    booth, poll = Booth(votes), votes.poll("open", CHANGEABLE, voters=(SUN,))
    assert not shown(votes, poll, SUN).my_subjects[0].may_change, "there is none yet"
    booth.cast(poll, SUN)
    entry = shown(votes, poll, SUN).my_subjects[0]
    assert (why(entry), entry.may_change) == ("votes.already_voted", True)
    votes.pass_time(days=8)
    assert not shown(votes, poll, SUN).my_subjects[0].may_change
