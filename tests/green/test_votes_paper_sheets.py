"""Tally sheets: two people, the same numbers, and what the register says. Needs: db."""

import json
import threading
from fractions import Fraction

import pytest

from services.contracts.actor import Role
from services.contracts.errors import ShequError
from services.votes import repository
from services.votes.domain.counting import Side
from services.votes.domain.paper import Act
from services.votes.handlers import reconciling
from tests.support.bridge import NEXT_DOOR, SHI, SUN, WANG, actor, refused
from tests.support.votes import AUDITOR, HERE, OWNERS, SUPERVISOR, Votes
from tests.support.votes_paper import OWNERS_RULES, SECRET_AREA, Desk, outcome

pytestmark = pytest.mark.db
CHEN = actor("p-chen", (Role.COMMITTEE_STAFF, HERE))


def told(votes: Votes) -> list[tuple[str, dict]]:
    """The sheets in the ledger."""
    rows = votes.rows(
        "SELECT kind, payload FROM ledger_entries WHERE kind IN ('paper', 'counter') ORDER BY seq"
    )
    return [(kind, json.loads(payload)) for kind, payload in rows]


def fields(call, *args, **more) -> dict[str, str]:
    """The fields at fault."""
    with pytest.raises(ShequError) as caught:
        call(*args, **more)
    assert caught.value.code == "votes.sheet_does_not_reconcile"
    return {one.field: one.message for one in caught.value.errors}


def test_two_people_enter_a_sheet_and_only_then_it_counts_and_is_told(votes):
    desk = Desk(votes)
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    counts = desk.counts("1号楼", yes=6, **{"for": 3, "against": 1, "abstain": 1, "invalid": 1})
    assert refused(desk.enter, counts) == "votes.urn_sealed"
    desk.close()
    sheet = desk.enter(counts)
    assert (sheet.number, sheet.state, sheet.counts) == (1, "entered", None)
    assert [one.counts for one in desk.tallies(WANG)] == [None], "the second sees none of it"
    assert refused(desk.confirm, sheet.id, counts, SHI) == "votes.same_person"
    assert refused(desk.enter, counts, WANG) == "votes.building_counted"
    assert not desk.figures().reconciled
    assert votes.do(reconciling.unconfirmed, desk.poll)
    assert told(votes) == []
    done = desk.confirm(sheet.id, counts)
    assert done.state == "confirmed" and done.counts is not None
    assert (done.counts.for_, done.counts.invalid) == (3, 1)
    assert refused(desk.confirm, sheet.id, counts, CHEN) == "votes.sheet_closed"
    ((kind, payload),) = told(votes)
    assert (kind, payload["votes"]) == (
        "paper", {"for": 3, "against": 1, "abstain": 1, "invalid": 1},
    )  # fmt: skip
    assert payload["photos"] == ["ab" * 32] and "p-" not in json.dumps(payload)
    assert desk.figures().reconciled
    tally = votes.do(lambda uow: repository.paper.tallies(uow.session, desk.poll))
    assert (tally.votes["for"], tally.spoiled) == (Side.of(3), 1)


def test_where_the_two_differ_both_learn_the_lines_and_count_again(votes):
    desk = Desk(votes)
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    desk.close()
    wrong = desk.counts("1号楼", yes=6, **{"for": 4, "against": 2})
    right = desk.counts("1号楼", yes=6, **{"for": 5, "against": 1})
    sheet = desk.enter(wrong)
    again = desk.confirm(sheet.id, right)
    assert (again.state, again.differ, again.counts) == ("recount", ["for", "against"], None)
    assert [(one.differ, one.entered_by_me) for one in desk.tallies(SHI)] == [
        (["for", "against"], True)
    ]
    assert refused(desk.enter, right, CHEN) == "votes.building_counted", "it is still that sheet"
    second = desk.confirm(sheet.id, right, WANG)
    assert (second.state, second.round) == ("entered", 2)
    assert refused(desk.confirm, sheet.id, right, WANG) == "votes.same_person"
    assert desk.confirm(sheet.id, right, CHEN).state == "confirmed"
    assert votes.rows("SELECT count(*) FROM paper_readings") == [(4,)], "nothing is overwritten"
    assert len(told(votes)) == 1


def test_a_sheet_that_does_not_add_up_is_refused_line_by_line_and_nothing_is_kept(votes):
    desk = Desk(votes)
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    desk.close()
    good = desk.counts("1号楼", yes=6)
    assert fields(desk.enter, {**good, "issued": 7}) == {
        "issued": "is 7, but 6 papers are accounted for"
    }
    assert fields(desk.enter, {**good, "against": 1}) == {"returned": "is 6, but 7 ballots are"}
    assert set(fields(desk.enter, {**good, "buildings": ["1号楼", "9号楼"]})) == {"buildings.1"}
    assert set(fields(desk.enter, {**good, "weights": {"for": {"area": 1}}})) == {"weights"}
    named = [{"subject_id": code, "choice": "for"} for code in desk.codes["1号楼"]]
    assert set(fields(desk.enter, {**good, "ballots": named})) == {"ballots"}
    for picture in ("none", desk.store.picture(WANG), desk.store.picture(SHI, "text/plain")):
        assert refused(desk.enter, good, photo_ids=[picture]) == "votes.no_such_photo"
    assert votes.rows("SELECT count(*) FROM paper_sheets") == [(0,)]
    assert desk.enter(good).number == 1, "no number is lost"
    for who, code in ((SUN, "auth.forbidden"), (OWNERS, "votes.not_your_step")):
        assert refused(desk.confirm, desk.tallies()[0].id, good, who) == code
    assert refused(desk.confirm, desk.tallies()[0].id, good, NEXT_DOOR) == "votes.sheet_not_found"
    assert refused(desk.tallies, SUN) == "auth.forbidden"
    assert len(desk.tallies(SUPERVISOR)) == len(desk.tallies(AUDITOR)) == 1


def test_few_secret_ballots_are_put_together_with_others(votes):
    desk = Desk(votes, buildings=(("1号楼", 6), ("2号楼", 2)))
    desk.give_back(*desk.issue(*desk.codes["1号楼"], *desk.codes["2号楼"]))
    desk.close()
    assert refused(desk.enter, desk.counts("2号楼", yes=2)) == "votes.urn_too_small"
    assert refused(desk.enter, desk.counts("1号楼", yes=6)) == "votes.urn_too_small", "2 are left"
    both = desk.counted(desk.counts("1号楼", "2号楼", yes=8))
    assert both.state == "confirmed"
    alone = desk.counts("1号楼", yes=6)
    assert refused(desk.counter, both.id, alone) == "votes.urn_too_small", "both are told"
    assert desk.figures().reconciled
    for_auditors = Desk(votes, OWNERS_RULES, (("1号楼", 6), ("2号楼", 1)), area=100)
    (single,) = for_auditors.codes["2号楼"]
    for_auditors.give_back(*for_auditors.issue(*for_auditors.codes["1号楼"], single))
    for_auditors.close()
    ballots = [{"subject_id": single, "choice": "for"}]
    by_itself = for_auditors.counts("2号楼", yes=1, ballots=ballots)
    assert refused(for_auditors.enter, by_itself) == "votes.urn_too_small", "the ledger is public"
    alone = Desk(votes, buildings=(("1号楼", 2),))
    alone.give_back(*alone.issue(*alone.codes["1号楼"]))
    alone.close()
    assert alone.counted(alone.counts("1号楼", yes=2)).state == "confirmed", "there are no others"


def test_register_and_sheets_agree_line_by_line_or_there_is_no_result(votes):
    desk = Desk(votes)
    one = desk.issue(*desk.codes["1号楼"])
    two = desk.issue(*desk.codes["2号楼"])
    desk.give_back(*one[:5], *two[:5])
    desk.settle(Act.SPOIL, one[5])
    desk.settle(Act.TAKE_BACK, two[5])
    desk.close()
    first = desk.counts("1号楼", yes=5, issued=6, unreturned=1)
    sheet = desk.counted(first)
    lines = {(line.sheet, line.line): line for line in desk.figures().lines}
    off = {key for key, line in lines.items() if not line.agrees}
    assert off == {(1, "spoiled"), (1, "unreturned"), (None, "sheet")}
    assert (lines[1, "spoiled"].register_says, lines[1, "spoiled"].sheet_says) == ("1", "0")
    assert lines[None, "sheet"].buildings == ["2号楼"]
    desk.counted(desk.counts("2号楼", yes=5))
    assert not desk.figures().reconciled
    right = desk.counts("1号楼", yes=5, issued=6, spoiled=1)
    instead = desk.counter(sheet.id, right)
    assert refused(desk.counter, sheet.id, right, CHEN) == "votes.building_counted"
    assert not desk.figures().reconciled, "the second person has not confirmed it"
    assert desk.confirm(instead.id, right).state == "confirmed"
    states = {one.number: (one.state, one.reason) for one in desk.tallies()}
    assert states == {
        1: ("replaced", None), 2: ("confirmed", None), 3: ("confirmed", "唱票时漏数一张"),
    }  # fmt: skip
    assert refused(desk.counter, sheet.id, right) == "votes.sheet_closed"
    assert [(kind, entry.get("replaces")) for kind, entry in told(votes)] == [
        ("paper", None), ("paper", None), ("counter", 1),
    ]  # fmt: skip
    steps = votes.rows("SELECT kind, reason FROM topic_steps")
    assert [tuple(step) for step in steps] == [("sheet_replaced", "唱票时漏数一张")]
    figures = desk.figures()
    assert figures.reconciled and all(line.agrees for line in figures.lines)
    tally = votes.do(lambda uow: repository.paper.tallies(uow.session, desk.poll))
    assert tally.votes["for"].entries == 10
    desk.lead("published")
    assert refused(desk.counter, instead.id, right) == "votes.counting_over"


def test_a_sheet_that_was_begun_by_mistake_is_given_up_and_counts_for_nothing(votes):
    from services.contracts.operations.votes.paper_sheets import DropPaper
    from services.votes.handlers import paper_sheets

    desk = Desk(votes)
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    desk.close()
    good = desk.counts("1号楼", yes=6)
    sheet = desk.enter(good)
    gone = votes.do(paper_sheets.drop, DropPaper(id=sheet.id, reason="楼栋写错"), WANG)[0]
    assert (gone.state, gone.reason) == ("dropped", "楼栋写错")
    assert refused(desk.confirm, sheet.id, good) == "votes.sheet_closed"
    confirmed = desk.counted(good)
    drop = DropPaper(id=confirmed.id, reason="不对")
    assert refused(votes.do, paper_sheets.drop, drop, SHI) == "votes.sheet_closed"
    assert desk.figures().reconciled


def test_owners_ballots_carry_names_and_weigh_what_the_roll_says(votes):
    desk = Desk(votes, OWNERS_RULES, (("1号楼", 3),), area=8_950, heads=Fraction(1, 3))
    a, b, c = desk.codes["1号楼"]
    desk.give_back(*desk.issue(a, b))
    desk.close()

    def sheet(*ballots: tuple[str, str]) -> dict:
        said = [choice for _, choice in ballots]
        sums = {name: said.count(name) for name in ("for", "against", "abstain", "invalid")}
        listed = [{"subject_id": code, "choice": choice} for code, choice in ballots]
        return desk.counts("1号楼", yes=len(ballots), **sums, ballots=listed)

    right = sheet((a, "for"), (b, "against"))
    assert set(fields(desk.enter, {**right, "for": 2, "against": 0})) == {"for", "against"}
    assert set(fields(desk.enter, sheet((a, "for"), (c, "for")))) == {"ballots.1.subject_id"}
    assert set(fields(desk.enter, sheet((a, "for"), (a, "for")))) == {"ballots"}
    entered = desk.enter(right)
    swapped = desk.confirm(entered.id, sheet((a, "against"), (b, "for")))
    assert sorted(swapped.differ) == sorted([f"ballots.{a}", f"ballots.{b}"]), "the sums agree"
    desk.confirm(entered.id, right, SHI)
    assert desk.confirm(entered.id, right, WANG).state == "confirmed"
    ((_, payload),) = told(votes)
    assert a not in json.dumps(payload), "names are for auditors"
    tally = votes.do(lambda uow: repository.paper.tallies(uow.session, desk.poll))
    assert tally.votes["against"] == Side(1, 1, 8_950, Fraction(1, 3))
    assert desk.figures().reconciled


def test_secret_ballots_by_area_are_weighed_on_the_sheet_and_held_against_the_roll(votes):
    desk = Desk(votes, SECRET_AREA, (("1号楼", 6),), area=10_000, heads=Fraction(1, 2))
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    desk.close()
    counts = desk.counts("1号楼", yes=6, **{"for": 4, "against": 2})
    assert set(fields(desk.enter, counts)) == {"weights.for", "weights.against"}
    light = {"for": {"area": 40_000, "heads": "2/1"}, "against": {"area": 19_999, "heads": "1/1"}}
    sheet = desk.counted({**counts, "weights": light})
    off = [line for line in desk.figures().lines if not line.agrees]
    assert [(line.line, line.register_says, line.sheet_says) for line in off] == [
        ("area", "60000", "59999")
    ]
    right = {**counts, "weights": {**light, "against": {"area": 20_000, "heads": "2/2"}}}
    desk.confirm(desk.counter(sheet.id, right).id, right)
    assert desk.figures().reconciled
    tally = votes.do(lambda uow: repository.paper.tallies(uow.session, desk.poll))
    assert tally.votes["for"] == Side(4, 4, 40_000, Fraction(2))
    assert [entry["weights"] for _, entry in told(votes)] == [{}, {}], "an area names its owner"


def test_two_confirm_at_once_and_one_of_them_is_the_second_person(votes):
    desk = Desk(votes)
    desk.give_back(*desk.issue(*desk.codes["1号楼"], *desk.codes["2号楼"]))
    desk.close()
    for building in ("1号楼", "2号楼"):
        counts = desk.counts(building, yes=6)
        sheet = desk.enter(counts)
        ready, found = threading.Barrier(3), []

        def confirm(who, sheet=sheet, counts=counts, ready=ready, found=found):
            ready.wait(10)
            found.append(outcome(desk.confirm, sheet.id, counts, who))

        threads = [threading.Thread(target=confirm, args=(who,)) for who in (WANG, CHEN, SHI)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert found.count("done") == 1
        assert set(found) <= {"done", "votes.sheet_closed", "votes.same_person"}
    assert len(told(votes)) == 2, "each sheet is told once"
