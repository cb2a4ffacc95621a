"""Whatever the desk does in whatever order: nothing is lost, nothing counts twice. Needs: db.

The same acts are done with a desk of a few dictionaries. What the two refuse, where each paper is,
what the roll says and what is counted must be the same.
"""

from collections import Counter
from random import Random

import pytest

from services.votes import repository
from services.votes.domain.paper import Act, number
from tests.support.bridge import SHI, WANG
from tests.support.votes import Votes
from tests.support.votes_paper import Desk, entry, outcome

pytestmark = pytest.mark.db
BUILDINGS = (("1号楼", 7), ("2号楼", 7))


class Model:
    """Papers by serial, marks by entry: the rules once more, without any table."""

    def __init__(self, codes: list[str]) -> None:
        self.marks = dict.fromkeys(codes, "free")
        self.papers: dict[int, tuple[str, str]] = {}

    def issue(self, codes: list[str]) -> bool:
        if any(self.marks[code] != "free" for code in codes):
            return False
        for code in codes:
            self.marks[code] = "paper_out"
            self.papers[len(self.papers) + 1] = (code, "out")
        return True

    def settle(self, act: Act, serial: int) -> bool:
        if serial not in self.papers:
            return False
        code, was = self.papers[serial]
        if act is Act.REOPEN:
            if was == "out" or (was != "returned" and self.marks[code] != "free"):
                return False
            state, mark = "out", "paper_out"
        elif was != "out":
            return False
        else:
            state, mark = {
                Act.RETURN: ("returned", "paper"),
                Act.SPOIL: ("spoiled", "free"),
                Act.TAKE_BACK: ("taken_back", "free"),
            }[act]
        self.papers[serial], self.marks[code] = (code, state), mark
        return True

    def online(self, code: str) -> bool:
        free = self.marks[code] == "free"
        if free:
            self.marks[code] = "online"
        return free


@pytest.mark.parametrize("seed", range(6))
def test_a_random_day_at_the_desk_is_what_the_rules_say_and_can_be_counted(emptied, seed):
    random = Random(seed)
    votes = Votes(emptied("votes"))
    desk = Desk(votes, buildings=BUILDINGS)
    where = {code: name for name, codes in desk.codes.items() for code in codes}
    model, queue = Model(list(where)), []
    for step in range(70):
        act = random.choice(["issue", "issue", "online", *Act, *Act, Act.RETURN])
        if act == "online":
            code = random.choice(list(where))
            taken = votes.do(
                lambda uow, code=code: repository.rolls.take(
                    uow.session, desk.poll, [code], "free", "online"
                )
            )
            assert bool(taken) == model.online(code)
            continue
        if act == "issue":
            codes = random.sample(list(where), random.randint(1, 2))
            done, body = model.issue(codes), {"subject_ids": codes}
        else:
            serial = random.randint(1, len(model.papers) + 1)
            done, body = model.settle(act, serial), {"paper": number(desk.poll, serial)}
            if act is Act.REOPEN:
                body["reason"] = "登记错了"
        queued = entry(f"k{step}", str(act), **body)
        (result,) = desk.sync(queued, who=SHI)
        assert (result.outcome == "done") == done, (step, act, result.refusal)
        if done:
            queue.append(queued)
        if random.random() < 0.2 and queue:  # the line was down: what was sent comes again
            again = desk.sync(*random.sample(queue, min(3, len(queue))), who=SHI)
            assert {one.outcome for one in again} == {"before"}
    marks = dict(tuple(row) for row in votes.rows("SELECT code, state FROM roll_entries"))
    assert marks == model.marks
    papers = votes.rows("SELECT serial, code, state FROM papers")
    assert {row[0]: (row[1], row[2]) for row in papers} == model.papers
    _count(votes, desk, model, where, random)


def _count(votes: Votes, desk: Desk, model: Model, where: dict[str, str], random: Random) -> None:
    """Both urns together, since one may hold few; first a wrong sheet, then the right one."""
    desk.close()
    states = Counter(state for _, state in model.papers.values() if state != "taken_back")
    back = states["returned"]
    cast = Counter(random.choice(["for", "against", "abstain", "invalid"]) for _ in range(back))
    right = {
        "buildings": [name for name, _ in BUILDINGS],
        "issued": states.total(),
        "returned": back,
        "spoiled": states["spoiled"],
        "unreturned": states["out"],
        **{choice: cast[choice] for choice in ("for", "against", "abstain", "invalid")},
    }
    wrong = {**right, "issued": right["issued"] + 1, "unreturned": right["unreturned"] + 1}
    assert outcome(desk.enter, {**right, "spoiled": right["spoiled"] + 1}) == (
        "votes.sheet_does_not_reconcile"
    )
    sheet = desk.counted(wrong)
    assert not desk.figures().reconciled, "one paper too many"
    desk.confirm(desk.counter(sheet.id, right, who=WANG).id, right, who=SHI)
    assert desk.figures().reconciled
    tally = votes.do(lambda uow: repository.paper.tallies(uow.session, desk.poll))
    counted = {choice: side.entries for choice, side in tally.votes.items()}
    assert {**counted, "invalid": tally.spoiled} == {
        choice: cast[choice] for choice in ("for", "against", "abstain", "invalid")
    }
    voted = Counter(model.marks.values())
    assert sum(counted.values()) + tally.spoiled == voted["paper"]
