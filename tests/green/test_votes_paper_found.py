"""What the desk is told of an entry's paper, and what can be done with it now. Needs: db."""

import pytest

from services.contracts.operations.votes import rolls as ops
from services.votes.domain.paper import Act, number
from services.votes.handlers import roll_desk
from tests.support.bridge import SHI, refused
from tests.support.votes import RULES, Votes
from tests.support.votes_paper import PAPER_FIRST, Desk, outcome
from tests.support.votes_register import Register

pytestmark = pytest.mark.db
OUT = ["return", "spoil", "take_back"]


@pytest.fixture
def register(votes, shared_db) -> Register:
    return Register(votes, shared_db("identity"))


def found(votes: Votes, desk: Desk, **asked) -> list[ops.DeskEntry]:
    cmd = ops.FindOnRoll(id=desk.poll, **{"names": False, **asked})
    return votes.do(roll_desk.find, cmd, SHI).items


def acts(votes: Votes, desk: Desk, code: str) -> list[str]:
    (one,) = found(votes, desk, code=code)
    return one.acts


def test_an_entry_is_found_by_its_slip_with_what_can_be_done_now(votes):
    desk = Desk(votes)
    code, other = desk.codes["1号楼"][:2]
    assert acts(votes, desk, code) == ["issue"]
    (slip,) = desk.issue(code)
    (one,) = found(votes, desk, paper=slip)
    assert (one.subject_id, one.state, one.acts) == (code, "paper_out", OUT)
    assert (one.paper.paper, one.paper.state, one.paper.instead) == (slip, "out", False)
    desk.settle(Act.SPOIL, slip)
    assert acts(votes, desk, code) == ["issue", "reopen"]
    (again,) = desk.issue(code)
    (one,) = found(votes, desk, paper=slip)
    assert (one.paper.paper, one.acts) == (again, OUT), "the last one is what matters"
    desk.give_back(again)
    assert acts(votes, desk, code) == ["reopen"]
    desk.mark(other, "online")
    assert acts(votes, desk, other) == []
    for wrong in (number(desk.poll, 9), "0009-AA"):
        assert refused(found, votes, desk, paper=wrong) == "votes.unknown_paper"


def test_what_is_offered_is_what_is_taken(votes):
    """Whatever the state: what is offered is done, what is not is refused."""
    for rules in (RULES, PAPER_FIRST):
        for past in ("", "out", "spoil", "take_back", "return"):
            for voted in ("", "online") if past != "return" else ("",):
                for act in ("issue", "return", "spoil", "take_back", "reopen"):
                    desk = Desk(votes, rules, [("1号楼", 1)])
                    (code,) = desk.codes["1号楼"]
                    slip = desk.issue(code)[0] if past else ""
                    if past not in ("", "out"):
                        desk.settle(Act(past), slip)
                    if voted and past != "out":
                        desk.mark(code, voted)
                    offered = act in acts(votes, desk, code)
                    if act == "issue":
                        came = outcome(desk.issue, code)
                    elif slip:
                        came = outcome(desk.settle, Act(act), slip)
                    else:
                        continue
                    assert (came == "done") == offered, (rules.precedence, past, voted, act, came)


def test_after_the_close_papers_come_back_and_none_goes_out(votes):
    desk = Desk(votes)
    a, b = desk.codes["1号楼"][:2]
    desk.issue(a)
    desk.close()
    assert (acts(votes, desk, a), acts(votes, desk, b)) == (OUT, [])
    desk.lead("published")
    assert acts(votes, desk, a) == []


def test_the_list_for_a_device_names_nobody_and_comes_in_large_pages(votes, register):
    desk = Desk(votes, buildings=(("1号楼", 60), ("2号楼", 6)))
    assert len(found(votes, desk, limit=500)) == 66
    assert register.world.rows("SELECT count(*) FROM access_log") == [(0,)]
    assert refused(found, votes, desk, limit=51, names=True) == "request.invalid"
    (slip,) = desk.issue(desk.codes["1号楼"][0])
    desk.give_back(slip)
    (back,) = found(votes, desk, state="paper")
    assert back.subject_id == desk.codes["1号楼"][0]
