"""What keeps a result back, and what of the desk's books is told with it. Needs: db."""

import json
from datetime import timedelta
from fractions import Fraction

import pytest

from services.contracts.events import PollOpened, TopicAdvanced
from services.contracts.operations.votes import Entitled, RuleSet
from services.contracts.operations.votes import results as ops
from services.votes import repository
from services.votes.domain.paper import Act
from services.votes.domain.polls import COUNTING
from services.votes.handlers import exports, results
from services.votes.verify import verify
from tests.support.bridge import LU, SHANGYUAN, SHI, SUN
from tests.support.explained import statements
from tests.support.votes import MA, RULES
from tests.support.votes_paper import OWNERS_RULES, PAPER_FIRST, SECRET_AREA, Desk
from tests.support.votes_polls import Polls

pytestmark = pytest.mark.db

ONE_OWNER_ONE_VOTE = RuleSet(base="owners_ordinary", electorate=Entitled(who="owners"))
SIX = {"roll_size": 6, "roll_households": 6}
TWELVE = {"roll_size": 12, "roll_households": 12, "roll_heads": "12/1"}


@pytest.fixture
def votes(emptied):
    return Polls(emptied("votes"))


def desk_of(votes, rules=RULES, *args, **facts) -> Desk:
    """The desk of an open poll that the clock leads on."""
    desk = Desk(votes, rules, *args, **facts)
    desk.write()
    votes.wound(desk.poll)
    return desk


def held(votes, poll) -> list[str]:
    return [one.what for one in votes.get(poll).held]


def certificate(votes, poll) -> str:
    asked = ops.GetCertificate(id=poll, format="pdf")
    page = votes.do(results.get_certificate, asked, SUN, "https://shequ.example")
    return json.dumps(page.model_dump(), ensure_ascii=False)


def named(desk, building, *ballots):
    """A sheet whose ballots carry names."""
    said = [choice for _, choice in ballots]
    sums = {name: said.count(name) for name in ("for", "against", "abstain", "invalid")}
    listed = [{"subject_id": code, "choice": choice} for code, choice in ballots]
    return desk.counts(building, yes=len(ballots), **sums, ballots=listed)


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_where_one_owner_has_one_vote_three_units_are_a_head_over_both_channels(votes, secrecy):
    rules = ONE_OWNER_ONE_VOTE.model_copy(update={"secrecy": secrecy})
    poll = votes.announced(rules, voters=())
    for _ in range(3):
        votes.entry(poll, SUN, kind="unit", area=8_950, heads=Fraction(1, 3))
    votes.entry(poll, LU, kind="unit", area=9_000)
    votes.entry(poll, MA, kind="unit", area=7_000)
    votes.until(days=7)
    for entry in votes.get(poll).my_subjects:
        votes.booth.cast(poll, SUN, subject_id=entry.subject_id)
    votes.booth.cast(poll, LU, "against")
    votes.until(days=7)
    result = votes.result(poll)
    assert result.weights == {"heads": {"for": "1/1", "against": "1/1", "abstain": "0/1"}}
    assert (result.online.for_, result.taken_part.heads, result.passed) == (3, "2/1", False)
    verify(str(votes.do(exports.whole, poll, "public", None, votes.now)), say=lambda _: None)

    desk = desk_of(votes, ONE_OWNER_ONE_VOTE, (("1号楼", 6),), area=9_000, heads=Fraction(1, 3),
                   roll_area=54_000, roll_heads="2/1", **SIX)  # fmt: skip
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    votes.until(days=7)
    weights = {"for": {"area": 27_000, "heads": "1/1"}, "against": {"area": 27_000, "heads": "1/1"}}
    desk.counted(desk.counts("1号楼", yes=6, **{"for": 3, "against": 3}, weights=weights))
    votes.until(minutes=1)
    assert votes.result(desk.poll).weights["heads"]["against"] == "1/1"


def test_votes_that_are_not_those_of_the_marks_hold_the_result_say_so_once_and_can_be_stopped(
    votes,
):
    poll = votes.opened(without_account=2)
    votes.booth.cast(poll, SUN)
    votes.change("UPDATE roll_entries SET state = 'online' WHERE ref = 'r-00000'")
    votes.until(days=7)
    votes.until(minutes=10)
    votes.until(minutes=10)
    assert (votes.get(poll).state, held(votes, poll)) == ("closed", ["tally"])
    told = [text for kind, text in votes.timeline(poll) if kind == "poll_held"]
    assert len(told) == 1 and "对不上" in told[0]
    assert votes.rows("SELECT error FROM due WHERE kind = 'poll.publish'") == [(None,)]
    votes.void(poll, reason="标记与票数不符")
    assert votes.topic_of(poll).outcome == "voided"
    assert votes.told(TopicAdvanced)[-1].outcome == "voided"


def test_a_ballot_in_the_wrong_urn_is_told_of_and_keeps_no_result_back_for_ever(votes):
    desk = desk_of(votes, **TWELVE)
    for building in ("1号楼", "2号楼"):
        desk.give_back(*desk.issue(*desk.codes[building]))
    votes.until(days=7)
    assert held(votes, desk.poll) == ["sheets"], "no paper is out: none is waited for"
    assert votes.topic_of(desk.poll).deadline_at == votes.row(desk.poll).closed_at + COUNTING
    desk.counted(desk.counts("1号楼", yes=7))
    desk.counted(desk.counts("2号楼", yes=5))
    votes.until(days=2, hours=23, minutes=55)
    assert held(votes, desk.poll) == ["sheets"]
    votes.until(minutes=5, seconds=1)
    assert votes.row(desk.poll).published_at == votes.now, "on time, not when it is next looked at"
    result = votes.result(desk.poll)
    assert (result.paper.for_, result.passed) == (12, True)
    off = {
        (line.sheet, line.line, line.register_says, line.sheet_says)
        for line in result.disagreements
    }
    assert off == {
        (1, "issued", "6", "7"), (1, "returned", "6", "7"),
        (2, "issued", "6", "5"), (2, "returned", "6", "5"),
    }  # fmt: skip
    assert result.certificate["figures"]["disagreements"], "it is hashed"
    assert "纸质票账目不符之处" in certificate(votes, desk.poll)


@pytest.mark.parametrize("area", [59_999, 60_001])
def test_areas_that_are_not_those_of_the_papers_hold_the_result_however_long(votes, area):
    desk = desk_of(votes, SECRET_AREA, (("1号楼", 6),), area=10_000, roll_area=60_000,
                   roll_heads="6/1", **SIX)  # fmt: skip
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    votes.until(days=7)
    counts = desk.counts("1号楼", yes=6, weights={"for": {"area": area, "heads": "6/1"}})
    sheet = desk.counted(counts)
    votes.until(days=4)
    assert held(votes, desk.poll) == ["sheets"]
    right = {**counts, "weights": {"for": {"area": 60_000, "heads": "6/1"}}}
    desk.confirm(desk.counter(sheet.id, right).id, right)
    votes.until(minutes=1)
    assert votes.result(desk.poll).weights["area"]["for"] == "600/1"


def test_nobody_is_counted_for_whose_slip_is_out_again_while_another_is_back(votes):
    desk = desk_of(votes, OWNERS_RULES, (("1号楼", 3),), area=10_000, roll_area=30_000,
                   roll_size=3, roll_households=3, roll_heads="3/1")  # fmt: skip
    a, b, c = desk.codes["1号楼"]
    papers = desk.issue(a, b, c)
    desk.give_back(*papers[:2])
    before = votes.now
    votes.until(days=7)
    counts = named(desk, "1号楼", (a, "for"), (b, "for"))
    sheet = desk.counted({**counts, "issued": 3, "unreturned": 1})
    desk.settle(Act.REOPEN, papers[0])
    desk.settle(Act.RETURN, papers[2], at=before)
    votes.until(days=4)
    assert held(votes, desk.poll) == ["sheets"], "as many came back, and not the same"
    off = [line for line in desk.figures().lines if not line.agrees]
    assert [(one.line, one.register_says, one.sheet_says) for one in off] == [("ballots", "2", "1")]
    right = {**named(desk, "1号楼", (c, "against"), (b, "for")), "issued": 3, "unreturned": 1}
    desk.confirm(desk.counter(sheet.id, right).id, right)
    votes.until(minutes=1)
    result = votes.result(desk.poll)
    assert (result.paper.for_, result.paper.against, result.late) == (1, 1, 2)
    assert "截止后登记或更正 2 张" in certificate(votes, desk.poll)


def test_papers_on_no_sheet_are_told_of_together(votes):
    desk = desk_of(votes, RULES, (("1号楼", 6), ("2号楼", 3), ("3号楼", 3)), **TWELVE)
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    desk.issue(*desk.codes["2号楼"], *desk.codes["3号楼"])
    votes.until(days=7)
    desk.counted(desk.counts("1号楼", yes=6))
    votes.until(minutes=1)
    assert held(votes, desk.poll) == ["papers"]
    votes.until(days=3)
    (line,) = votes.result(desk.poll).disagreements
    assert (line.sheet, line.buildings, line.line, line.register_says) == (
        None, ["2号楼", "3号楼"], "sheet", "6",
    )  # fmt: skip


def test_an_objection_to_a_notice_that_was_broken_off_stands_on_the_certificate(votes):
    first = votes.announced()
    stands, done, gone = (votes.objection(first, owed=False) for _ in range(3))
    votes.change(f"UPDATE objections SET mark = 'satisfied' WHERE id = '{done}'")
    votes.change(f"UPDATE objections SET withdrawn_at = now() WHERE id = '{gone}'")
    votes.pass_time(days=1)
    votes.void(first)
    topic = votes.row(first).topic_id
    votes.change(f"UPDATE topics SET state = 'notice' WHERE id = '{topic}'")
    second = votes.poll("announced", topic_id=topic)
    votes.change(f"UPDATE topics SET poll_id = '{second}' WHERE id = '{topic}'")
    votes.do(lambda uow: repository.due.put(uow.session, "poll.open", second, votes.now))
    own = votes.objection(second, owed=False)
    votes.change(f"UPDATE objections SET mark = 'satisfied' WHERE id = '{own}'")
    votes.until(days=7)
    (opened,) = votes.told(PollOpened)
    assert votes.told(TopicAdvanced)[-1].deadline_at == opened.closes_at
    votes.booth.cast(second, SUN)
    votes.until(days=7)
    result = votes.result(second)
    assert [(one.id, one.earlier, one.stands) for one in result.objections] == [
        (stands, True, True), (own, False, False),
    ]  # fmt: skip
    assert [one["id"] for one in result.certificate["objections"]] == [stands, own]
    assert "此前中止的公示" in certificate(votes, second)
    advanced = votes.told(TopicAdvanced)[-1]
    assert (advanced.state, advanced.deadline_at) == ("publicity", result.publicity_ends_at)
    deadlines = votes.rows(
        "SELECT deadline_at FROM topic_steps WHERE kind = 'advanced' AND state = 'publicity'"
    )
    assert deadlines == [(result.publicity_ends_at,)]
    old = votes.do(lambda uow: repository.polls.poll(uow.session, first))
    found = votes.do(lambda uow: repository.results.objections(uow.session, old))
    assert {one.id for one in found} == {stands, done}, "what came later is none of its own"


def test_a_page_tells_the_turnout_without_reading_the_roll(votes):
    desk = desk_of(votes, PAPER_FIRST, (("1号楼", 6),), roll_heads="7/1", roll_size=7)
    voter = votes.entry(desk.poll, SUN)
    votes.booth.cast(desk.poll, SUN)
    papers = desk.issue(*desk.codes["1号楼"], voter)
    desk.give_back(*papers[:2])
    desk.settle(Act.SPOIL, papers[2])
    desk.settle(Act.TAKE_BACK, papers[3])
    poll, said = statements(votes.engine, lambda: votes.get(desk.poll))
    turnout = poll.turnout
    assert (turnout.online, turnout.paper, turnout.paper_out) == (1, 2, 2)
    marks = dict(votes.rows("SELECT state, count(*) FROM roll_entries GROUP BY state"))
    assert marks == {"online": 1, "paper": 2, "paper_out": 2, "free": 2}
    assert not [one for one, _ in said if "roll_entries" in one and "count(" in one]
    witnessed = {"witnesses": ["甲", "乙"], "photo_ids": [desk.store.picture(SHI)]}
    desk.settle(Act.RETURN, papers[6], **witnessed)
    votes.pass_time(seconds=2)
    turnout = votes.get(desk.poll).turnout
    assert (turnout.online, turnout.paper, turnout.paper_out) == (0, 3, 2)


def test_how_many_were_voted_for_by_proxy_is_told_as_a_number_alone(votes):
    poll = votes.opened()
    for person in (SUN, LU, MA):
        votes.booth.cast(poll, person)
    votes.change(
        "UPDATE roll_entries SET state = 'proxy' WHERE ref = 'r-p-sun'"  # as her holder would have
    )
    votes.until(days=7)
    result = votes.result(poll)
    assert (result.by_proxy, result.online.for_) == (1, 3)
    assert "其中由受托人代投 1 项" in certificate(votes, poll)


def test_what_is_in_publicity_says_until_when_one_may_object(votes):
    rules = RULES.model_copy(update={"objection_days": 3})
    poll = votes.announced(rules)
    asked = ops.ListPublicity(cid=SHANGYUAN)
    (notice,) = votes.do(results.list_publicity, asked, SUN).items
    assert (notice.until, notice.object_until) == (
        votes.now + timedelta(days=7), votes.now + timedelta(days=3),
    )  # fmt: skip
    votes.until(days=7)
    votes.booth.cast(poll, SUN)
    votes.until(days=7)
    (result,) = votes.do(results.list_publicity, asked, SUN).items
    assert (result.kind, result.object_until) == ("result", votes.now + timedelta(days=3))
