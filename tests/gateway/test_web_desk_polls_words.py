"""The words of the desk for votes: every key of the contract has one."""

import pytest

from gateway.web import poll_form, words_desk_polls
from services.contracts.operations.identity import electorates
from services.contracts.operations.votes import breaches, polls, rule_desk, rules
from services.contracts.operations.votes import common as votes
from services.contracts.operations.votes.proposals import PutProposal
from tests.gateway.test_web_words import literals

pytestmark = pytest.mark.gateway
RULES = rules.RuleSet.model_fields


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(polls.PollTask), words_desk_polls.TASK),
        (literals(polls.PollTask), words_desk_polls.DO),
        (literals(rule_desk.Sure), words_desk_polls.SURE),
        (literals(electorates.Who), words_desk_polls.WHO),
        (literals(RULES["secrecy"].annotation), words_desk_polls.SECRECY),
        (literals(RULES["proxies"].annotation), words_desk_polls.PROXY),
        (literals(rules.Measure), words_desk_polls.MEASURE),
        (literals(votes.TopicState) - {"proposal"}, words_desk_polls.NOT_YET),
        (literals(breaches.BreachState), words_desk_polls.LISTS),
        (set(poll_form.STEPS), words_desk_polls.STEP),
        (set(poll_form.TIMES), words_desk_polls.TIME),
    ],
)
def test_every_key_has_its_word(keys, table):
    assert keys <= set(table)


def test_the_stages_are_tasks_in_their_order():
    tasks = [task for task in polls.PollTask.__args__ if task not in ("answer", "done")]
    assert [key for key, _ in words_desk_polls.STAGES] == tasks


def test_the_form_asks_for_what_the_contract_takes():
    assert set(poll_form.TIMES) <= set(PutProposal.model_fields)
    named = {*poll_form.NUMBERS, *poll_form.WORDS, *poll_form.KEPT, "channels", "change_of_vote"}
    assert named <= set(RULES)
    assert set(words_desk_polls.DAYS) == {*poll_form.NUMBERS, "extension_times", "extension_days"}
