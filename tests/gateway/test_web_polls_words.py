"""The words of votes, covenants and breaches: every key of the contract has one."""

import pytest

from gateway.web import words_polls
from services.contracts.operations.identity import electorates
from services.contracts.operations.votes import (
    breaches,
    counting,
    covenants,
    follow_ups,
    objections,
    polls,
    proposals,
    rolls,
    rules,
)
from services.contracts.operations.votes import common as votes
from services.votes.domain.ledger import Kind
from services.votes.domain.polls import Hold
from services.votes.domain.publicity import Awaits
from tests.gateway.test_web_words import literals

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(votes.PollState), words_polls.POLL),
        (literals(votes.Convener), words_polls.CONVENER),
        (literals(votes.Choice), words_polls.CHOICE),
        (literals(polls.PollSubject.model_fields["state"].annotation), words_polls.ENTRY),
        (literals(electorates.SubjectKind), words_polls.SUBJECT),
        (literals(electorates.Doubt) - {""}, words_polls.DOUBT),
        (literals(rolls.RollChange.model_fields["kind"].annotation), words_polls.ROLL_CHANGE),
        ({one.value for one in Hold}, words_polls.HOLD),
        ({one.value for one in Awaits}, words_polls.WAITS),
        (literals(objections.ObjectionKind), words_polls.OBJECTION),
        (literals(objections.ObjectionPeriod), words_polls.PERIOD),
        (literals(rules.Measure), words_polls.UNIT),
        (literals(counting.CountLine.model_fields["of"].annotation), words_polls.LINE),
        (literals(Kind), words_polls.LEDGER),
        (literals(covenants.CovenantState), words_polls.COVENANT),
        (literals(covenants.CovenantChange), words_polls.CHANGE),
        (literals(proposals.ProposalChange.model_fields["kind"].annotation),
         words_polls.ARTICLE_CHANGE),
        (literals(breaches.BreachState), words_polls.BREACH),
        (literals(breaches.BreachSummary.model_fields["role"].annotation), words_polls.BREACH_ROLE),
        (literals(breaches.Talk), words_polls.TALK),
        (literals(follow_ups.FollowUpState), words_polls.FOLLOW_UP),
    ],
)  # fmt: skip
def test_every_key_of_votes_has_its_word(keys, table):
    assert keys == set(table)


@pytest.mark.parametrize(
    ("exact", "plain"), [("794/1", "794"), ("5/2", "2.50"), ("1/3", "1/3"), ("90.25", "90.25")]
)
def test_exact_numbers_are_written_for_people(exact, plain):
    assert words_polls.plain(exact) == plain
