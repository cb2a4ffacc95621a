"""Results: exact, certified, in publicity, signed off, filed, or taken back. Needs: db."""

import hashlib
import json
from datetime import timedelta
from fractions import Fraction

import pytest

from services.contracts.events import CovenantAdopted, PersonDeleted, ResultPublished
from services.contracts.operations.votes import Entitled, RuleSet, Threshold
from services.contracts.operations.votes import results as ops
from services.contracts.operations.votes.rules import Bar
from services.votes import copies
from services.votes.domain import ledger as links
from services.votes.handlers import leaving, publicity, results
from tests.support.bridge import LU, NEXT_DOOR, NOW, SHANGYUAN, SHI, SUN, refused
from tests.support.explained import statements
from tests.support.votes import MA, OWNERS, RULES, SUPERVISOR
from tests.support.votes_paper import Desk
from tests.support.votes_polls import Polls

pytestmark = pytest.mark.db

OWNERS_VOTE = RuleSet(
    base="owners_ordinary",
    electorate=Entitled(who="owners", tenants=False),
    weight="dual",
    threshold=Threshold(area=Bar(at="1/2", above=True), heads=Bar(at="1/2", above=True)),
    secrecy="named_to_auditors",
)

TWELVE = {"roll_size": 12, "roll_households": 12, "roll_heads": "12/1"}


@pytest.fixture
def votes(emptied):
    return Polls(emptied("votes"))


def passed(votes, rules=RULES, **facts):
    """A poll that three neighbours voted for, just published."""
    poll = votes.opened(rules, **facts)
    for person in (SUN, LU, MA):
        votes.booth.cast(poll, person)
    votes.until(days=7)
    return poll


def filed(votes, poll, number="备〔2026〕3号", on=None, who=SHI):
    on = on or (votes.now + timedelta(hours=8)).date()
    cmd = ops.RecordFiling(id=poll, number=number, authority="月浦样例镇人民政府", filed_on=on)
    return votes.do(publicity.file, cmd, who, votes.now)


def test_nobody_learns_a_result_before_the_close_or_of_another_community(votes):
    poll = votes.announced()
    assert refused(votes.result, poll) == "votes.not_closed"
    votes.until(days=7)
    assert refused(votes.result, poll) == "votes.not_closed"
    votes.until(days=7)
    assert votes.result(poll).roll == 3
    assert refused(votes.result, poll, NEXT_DOOR) == "votes.poll_not_found"
    assert refused(votes.result, "nothing") == "votes.poll_not_found"


def test_the_result_has_every_figure_and_its_certificate_can_be_hashed_again(votes):
    poll = votes.opened(without_account=9)
    objection = votes.objection(poll, owed=False)
    votes.booth.cast(poll, SUN)
    votes.booth.cast(poll, LU, "against")
    votes.booth.cast(poll, MA, "abstain")
    votes.until(days=7)
    result = votes.result(poll)
    online = {"for": 1, "against": 1, "abstain": 1, "spoiled": 0, "invalid": 0}
    assert result.online.model_dump() == online
    assert set(result.paper.model_dump().values()) == {0}
    assert result.weights == {"heads": {"for": "1/1", "against": "1/1", "abstain": "1/1"}}
    assert (result.roll, result.issued, result.passed) == (12, 0, False), "a tie fails"
    assert [line.holds for line in result.arithmetic][-1] is False
    assert [(one.building, one.roll, one.online) for one in result.buildings] == [("3号楼", 12, 3)]
    assert [(one.id, one.stands) for one in result.objections] == [(objection, True)]
    told = links.canonical(result.certificate)
    assert hashlib.sha256(told.encode()).hexdigest() == result.certificate_hash
    (event,) = votes.told(ResultPublished)
    assert (event.passed, event.certificate_hash) == (False, result.certificate_hash)
    ((payload,),) = votes.rows("SELECT payload FROM ledger_entries WHERE kind = 'result'")
    entry = json.loads(payload)
    assert entry["certificate"] == result.certificate_hash
    assert entry["online"] == online and entry["passed"] is False
    assert [head["seq"] for head in result.certificate["heads"]]
    assert LU.person_id not in told and "公示时间太短" not in told, "nobody's name, nobody's words"


def test_area_and_heads_are_whole_numbers_and_fractions(votes):
    """Three units, one owner: a head, a third of it on each."""
    poll = votes.announced(OWNERS_VOTE, voters=())
    for area in (8_950, 8_951, 10_001):
        votes.entry(poll, SUN, kind="unit", area=area, heads=Fraction(1, 3))
    votes.entry(poll, LU, kind="unit", area=9_999)
    votes.until(days=7)
    for subject in [one.subject_id for one in votes.get(poll).my_subjects]:
        votes.booth.cast(poll, SUN, subject_id=subject)
    votes.until(days=7)
    result = votes.result(poll)
    assert result.weights["area"]["for"] == "13951/50"
    assert result.weights["heads"]["for"] == "1/1"
    assert (result.taken_part.entries, result.taken_part.heads) == (3, "1/1")
    assert (result.roll_sums.area, result.roll_sums.heads) == ("37901/100", "2/1")
    assert result.passed


def test_papers_are_waited_for_and_the_last_one_publishes_the_result(votes):
    """Five and five more voters of two buildings: a sheet of each, read by two people."""
    desk = Desk(votes, **TWELVE)
    desk.write()
    votes.wound(desk.poll)
    numbers = [desk.issue(*desk.codes[house]) for house in ("1号楼", "2号楼")]
    desk.give_back(*numbers[0], *numbers[1][:5])
    votes.until(days=7)
    assert refused(votes.result, desk.poll) == "votes.not_published"
    assert [one.what for one in votes.get(desk.poll).held] == ["papers"]
    desk.counted(desk.counts("1号楼", yes=6))
    counts = desk.counts("2号楼", yes=5, issued=6, unreturned=1, **{"for": 3, "against": 2})
    sheet = desk.enter(counts)
    votes.until(minutes=1)
    assert [one.what for one in votes.get(desk.poll).held] == ["sheets"]
    votes.until(days=20)  # long past the deadline
    assert votes.get(desk.poll).state == "closed", "a sheet that one person read blocks for good"
    assert [kind for kind, _ in votes.timeline(desk.poll)].count("poll_held") == 2
    desk.confirm(sheet.id, counts)
    votes.until(minutes=1)
    result = votes.result(desk.poll)
    assert result.paper.model_dump() == {
        "for": 9, "against": 2, "abstain": 0, "spoiled": 0, "invalid": 0,
    }  # fmt: skip
    assert (result.issued, result.unreturned, result.taken_part.entries) == (12, 1, 11)
    assert (result.passed, result.roll) == (True, 12)


def test_papers_that_nobody_brings_back_count_as_unreturned_at_the_deadline(votes):
    desk = Desk(votes, **TWELVE)
    desk.write()
    votes.wound(desk.poll)
    desk.give_back(*desk.issue(*desk.codes["1号楼"]))
    desk.issue(*desk.codes["2号楼"])
    votes.until(days=7)
    desk.counted(desk.counts("1号楼", yes=6))
    votes.until(days=2, hours=23)
    assert votes.get(desk.poll).state == "closed"
    votes.until(hours=2)
    result = votes.result(desk.poll)
    assert (result.issued, result.unreturned, result.paper.for_) == (12, 6, 6)


def test_a_small_building_is_not_told_of_by_itself_in_a_secret_poll(votes):
    poll = votes.opened(without_account=2)
    votes.until(days=7)
    assert [(one.building, one.roll) for one in votes.result(poll).buildings] == [(None, 5)]


def test_a_result_waits_for_the_answers_of_its_publicity_and_says_so_once(votes):
    poll = passed(votes)
    assert votes.result(poll).waits_for == ["period"]
    objection = votes.objection(poll, "publicity")
    votes.until(days=7)
    votes.until(hours=5)
    assert votes.topic_of(poll).state == "publicity"
    assert votes.result(poll).waits_for == ["objections"]
    assert [kind for kind, _ in votes.timeline(poll)].count("result_waits") == 1
    votes.answered(objection)
    votes.do_duties()
    assert votes.topic_of(poll).state == "adopted"
    assert len(votes.told(CovenantAdopted)) == 1


def test_the_supervisors_sign_and_nobody_supervises_herself(votes):
    poll = passed(votes, steps=["supervision"])
    assert refused(votes.sign, poll, SHI) == "auth.forbidden"
    votes.until(days=7)
    assert votes.result(poll).waits_for == ["sign_off"]
    votes.until(days=7)
    late = [text for kind, text in votes.timeline(poll) if kind == "result_waits"]
    assert len(late) == 2 and "逾期" in late[1]
    votes.sign(poll, SUPERVISOR, "refuse")
    votes.do_duties()
    assert votes.result(poll).waits_for == ["sign_off_refused"]
    assert votes.topic_of(poll).state == "publicity"
    votes.sign(poll, SUPERVISOR)
    votes.do_duties()
    found = votes.result(poll)
    assert (votes.topic_of(poll).state, found.waits_for) == ("adopted", [])
    assert found.sign_off and (found.sign_off.decision, found.sign_off.note) == (
        "sign", "逐项核对过",
    )  # fmt: skip
    assert refused(votes.sign, poll, SUPERVISOR) == "votes.nothing_to_sign"
    assert votes.told(CovenantAdopted), "signed after the period: adopted at once"


def test_without_that_step_there_is_nothing_to_sign(votes):
    poll = passed(votes)
    assert refused(votes.sign, poll, SUPERVISOR) == "votes.nothing_to_sign"


def test_what_was_adopted_is_filed_and_a_late_filing_is_told(votes):
    poll = passed(votes, steps=["filing"])
    assert refused(filed, votes, poll) == "votes.nothing_to_file"
    votes.until(days=7)
    adopted = votes.now
    assert votes.result(poll).filing.due_at == adopted + timedelta(days=30)
    votes.until(days=30)
    assert votes.timeline(poll)[-1][0] == "filing_overdue"
    tomorrow = (votes.now + timedelta(days=1)).date()
    assert refused(filed, votes, poll, on=tomorrow) == "votes.bad_filing_date"
    assert refused(filed, votes, poll, on=NOW.date()) == "votes.bad_filing_date"
    assert refused(filed, votes, poll, who=OWNERS) == "votes.not_your_step"
    filed(votes, poll)
    found = votes.result(poll).filing
    assert (found.number, found.authority) == ("备〔2026〕3号", "月浦样例镇人民政府")
    assert refused(filed, votes, poll) == "votes.already_filed"
    assert votes.timeline(poll)[-1] == (
        "filed", "已向月浦样例镇人民政府备案，编号 备〔2026〕3号",
    )  # fmt: skip


def test_whoever_decided_on_a_result_finds_it_in_her_copy_and_is_forgotten_when_she_leaves(votes):
    poll = passed(votes, steps=["supervision"])
    votes.sign(poll, SUPERVISOR)
    held = votes.do(copies.held_about, SUPERVISOR.person_id)["results_decided"]["items"]
    assert [(one["poll_id"], one["sign_off"], one["signed"]) for one in held] == [
        (poll, "sign", True)
    ]
    votes.do(leaving.follow, PersonDeleted(person_id=SUPERVISOR.person_id), votes.now)
    assert votes.rows("SELECT sign_off, signed_by FROM results") == [("sign", None)]


def test_a_result_is_taken_back_with_a_reason_until_it_holds(votes):
    poll = passed(votes)
    assert refused(votes.annul, poll, OWNERS) == "votes.not_your_step"
    votes.annul(poll)
    topic = votes.topic_of(poll)
    assert (votes.get(poll).state, topic.state, topic.outcome) == ("void", "closed", "annulled")
    found = votes.result(poll)
    assert (found.annul_reason, found.passed) == ("名册有误", True), "it stays readable"
    assert refused(votes.annul, poll) == "votes.poll_refuses"
    votes.until(days=30)
    assert votes.told(CovenantAdopted) == []
    held = passed(votes)
    votes.until(days=7)
    assert refused(votes.annul, held) == "votes.poll_refuses", "what holds is repealed by a vote"


def test_a_failed_motion_is_locked_and_an_annulled_failure_is_not(votes):
    poll = votes.opened(RULES.model_copy(update={"lock_days": 90}))
    votes.until(days=7)
    assert votes.topic_of(poll).locked_until == votes.now + timedelta(days=90)
    votes.annul(poll)
    topic = votes.topic_of(poll)
    assert (topic.state, topic.outcome, topic.locked_until) == ("closed", "not_passed", None)


def test_the_publicity_lists_notices_and_results_in_one_statement(votes):
    notice = votes.announced()
    votes.pass_time(days=1)
    result = votes.announced()
    votes.until(days=6)
    votes.void(notice)
    notice = votes.announced()
    votes.until(days=1)
    votes.booth.cast(result, SUN)
    votes.until(days=5)
    votes.objection(notice)
    votes.until(days=2)
    asked = ops.ListPublicity(cid=SHANGYUAN)
    page, said = statements(votes.engine, lambda: votes.do(results.list_publicity, asked, SUN))
    assert [(one.kind, one.poll_id, one.passed) for one in page.items] == [
        ("notice", notice, None),
        ("result", result, True),
    ]
    assert page.items[0].waits_for == ["objections"]
    assert [one.object_until <= one.until for one in page.items] == [True, True]
    assert sum("FROM topics" in one for one, _ in said) == 1
    first = votes.do(results.list_publicity, ops.ListPublicity(cid=SHANGYUAN, limit=1), SUN)
    rest = ops.ListPublicity(cid=SHANGYUAN, limit=1, cursor=first.next_cursor)
    assert [one.poll_id for one in votes.do(results.list_publicity, rest, SUN).items] == [result]
    assert refused(votes.do, results.list_publicity, asked, NEXT_DOOR) == (
        "identity.community_not_found"
    )


def test_the_certificate_says_all_that_the_result_does_and_what_came_after(votes):
    poll = passed(votes, steps=["supervision", "filing"], without_account=9)
    votes.objection(poll, "publicity", owed=False)
    votes.sign(poll, SUPERVISOR)
    votes.until(days=7)
    filed(votes, poll)
    asked = ops.GetCertificate(id=poll, format="pdf")
    page = votes.do(results.get_certificate, asked, SUN, "https://shequ.example")
    said = json.dumps(page.model_dump(), ensure_ascii=False)
    result = votes.result(poll)
    for words in (
        "结果：通过", "公示时间太短", "逐项核对过", "备〔2026〕3号", result.certificate_hash,
        result.certificate["heads"][0]["signature"], result.arithmetic[0].zh,
    ):  # fmt: skip
        assert words in said, words
    (code,) = [block.text for block in page.blocks if block.kind == "code"]
    assert code == (
        f"https://shequ.example/verify?poll={poll}&certificate={result.certificate_hash}"
    )
    assert LU.person_id not in said
