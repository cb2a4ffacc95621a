"""Who may read an issue, decide on it, judge it; on a real database. Needs: db."""

import pytest

from services.contracts.errors import Forbidden, NotFound, ShequError
from services.grid_bridge.domain.issue import AlreadyRated, OnlyReporter
from tests.support.bridge import LU, NEXT_DOOR, OBSERVER, SHI, STRANGER, SUN, Bridge, kinds

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def acts(bridge, issue_id, who):
    return {
        "triage": lambda: bridge.triage(issue_id, by=who),
        "answer": lambda: bridge.answer(issue_id, by=who),
        "step": lambda: bridge.step(issue_id, by=who),
        "escalate": lambda: bridge.escalate(issue_id, by=who, urgent=True),
    }


@pytest.mark.parametrize("act", ["triage", "answer", "step", "escalate"])
@pytest.mark.parametrize("who", [NEXT_DOOR, STRANGER], ids=["next door", "stranger"])
def test_an_issue_of_another_community_is_not_there(bridge, act, who):
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    with pytest.raises(NotFound):
        acts(bridge, issue_id, who)[act]()
    with pytest.raises(NotFound):
        bridge.issue(issue_id, who)
    with pytest.raises(NotFound):
        bridge.issues(who)
    assert kinds(bridge.issue(issue_id)) == ["reported", "triaged"]


@pytest.mark.parametrize("act", ["triage", "answer", "step", "escalate"])
@pytest.mark.parametrize("who", [SUN, LU, OBSERVER], ids=["reporter", "neighbour", "observer"])
def test_those_who_may_read_may_not_decide(bridge, act, who):
    issue_id = bridge.report().id
    bridge.triage(issue_id)
    with pytest.raises(Forbidden):
        acts(bridge, issue_id, who)[act]()
    assert kinds(bridge.issue(issue_id, who)) == ["reported", "triaged"]


def test_only_the_reporter_judges(bridge):
    issue_id = bridge.report().id
    bridge.triage(issue_id, "consult", None)
    bridge.answer(issue_id)
    for who in (LU, SHI, OBSERVER):
        with pytest.raises(OnlyReporter):
            bridge.rate(issue_id, by=who)
        with pytest.raises(OnlyReporter):
            bridge.reopen(issue_id, by=who)
    bridge.rate(issue_id)
    with pytest.raises(AlreadyRated):
        bridge.rate(issue_id)


def test_an_unknown_issue_is_not_there(bridge):
    with pytest.raises(ShequError) as caught:
        bridge.issue("0198c0de-0000-7000-8000-000000000000")
    assert caught.value.code == "grid.issue_not_found"
