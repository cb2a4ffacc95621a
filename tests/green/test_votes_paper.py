"""The paper desk: papers out and back, one vote over all channels. Needs: db."""

import threading
from datetime import timedelta

import pytest

from services.contracts.errors import ShequError
from services.contracts.events import BallotCounted
from services.votes import copies, repository
from services.votes.domain.paper import Act, number
from services.votes.handlers import ballots, paper
from tests.support.bridge import LU, NEXT_DOOR, OBSERVER, SHI, SUN, WANG, refused
from tests.support.votes import AUDITOR, MA, OWNERS, RULES, SUPERVISOR
from tests.support.votes_ballots import Booth
from tests.support.votes_paper import PAPER_FIRST, Desk, entry, outcome

pytestmark = pytest.mark.db


def test_a_paper_reserves_its_entry_and_the_return_alone_makes_a_vote(votes):
    desk = Desk(votes)
    a, b, c, d = desk.codes["1号楼"][:4]
    first, second, third = desk.issue(a, b, c)
    assert [one.partition("-")[0] for one in (first, second, third)] == ["0001", "0002", "0003"]
    assert desk.marks(a, b, c, d) == ["paper_out"] * 3 + ["free"]
    assert refused(desk.issue, d, a) == "votes.entry_taken"
    assert desk.marks(d) == ["free"], "of a round of visits all are issued, or none"
    desk.give_back(first)
    assert desk.settle(Act.SPOIL, second).state == "spoiled"
    assert desk.settle(Act.TAKE_BACK, third).state == "taken_back"
    assert desk.marks(a, b, c) == ["paper", "free", "free"]
    assert refused(desk.give_back, first) == "votes.paper_settled"
    assert refused(desk.settle, Act.SPOIL, first) == "votes.paper_settled"
    assert desk.issue(b) == [number(votes.rows("SELECT id FROM polls")[0][0], 4)]
    desk.mark(c, "online")
    assert refused(desk.issue, c) == "votes.entry_taken", "it was handed back, then voted online"
    assert refused(desk.settle, Act.REOPEN, third) == "votes.entry_taken"
    assert refused(desk.settle, Act.REOPEN, second) == "votes.entry_taken", "another is out"
    assert desk.settle(Act.REOPEN, first).state == "out"
    assert desk.marks(a, c) == ["paper_out", "online"]
    told = desk.figures()
    ours = next(one for one in told.buildings if one.building == "1号楼")
    assert (ours.roll, ours.issued, ours.out, ours.spoiled, ours.taken_back) == (6, 3, 2, 1, 1)


def test_turnout_is_told_when_papers_come_back_but_not_more_often_than_once_a_second(votes):
    desk = Desk(votes)
    first, second = desk.issue(*desk.codes["1号楼"][:2])
    desk.give_back(first)
    assert votes.told(BallotCounted) == []
    votes.pass_time(minutes=1)
    votes.do_duties()
    assert [one.paper for one in votes.told(BallotCounted)] == [1]
    desk.give_back(second)
    votes.pass_time(seconds=-30)
    again = votes.do(ballots.tell_papers, desk.poll, votes.now, votes.now)
    assert again is not None and again > votes.now, "less than a second since the last time"
    votes.pass_time(minutes=1)
    votes.do_duties()
    assert [one.paper for one in votes.told(BallotCounted)] == [1, 2]


def test_who_works_there_and_who_watches(votes):
    desk = Desk(votes)
    code = desk.codes["1号楼"][0]
    for who in (SUN, SUPERVISOR, AUDITOR):
        assert refused(desk.issue, code, who=who) == "auth.forbidden"
    assert refused(desk.issue, code, who=OBSERVER) == "auth.observer_read_only"
    assert refused(desk.issue, code, who=NEXT_DOOR) == "votes.poll_not_found"
    assert refused(desk.issue, code, who=OWNERS) == "votes.not_your_step"
    assert refused(desk.figures, SUN) == "auth.forbidden"
    assert refused(desk.figures, NEXT_DOOR) == "votes.poll_not_found"
    assert {desk.figures(who).issued for who in (SHI, OWNERS, SUPERVISOR, AUDITOR)} == {0}
    theirs = Desk(votes, convener="owners_committee")
    assert theirs.issue(theirs.codes["1号楼"][0], who=OWNERS)
    assert refused(theirs.issue, theirs.codes["1号楼"][1], who=WANG) == "votes.not_your_step"


def test_what_cannot_be_is_refused_with_its_field_and_leaves_nothing(votes):
    desk = Desk(votes)
    code = desk.codes["1号楼"][0]
    with pytest.raises(ShequError) as caught:
        desk.issue(code, "nobody")
    assert caught.value.code == "votes.unknown_entry"
    assert [one.field for one in caught.value.errors] == ["subject_ids.1"]
    assert refused(desk.issue) == refused(desk.issue, code, code) == "request.invalid"
    assert desk.marks(code) == ["free"]
    assert votes.rows("SELECT count(*) FROM papers") == [(0,)]
    (paper_no,) = desk.issue(code)
    other = Desk(votes)
    other.issue(other.codes["1号楼"][0])
    assert refused(other.give_back, paper_no) == "votes.unknown_paper", "it is another poll's"
    assert refused(desk.give_back, "0002-AA") == "votes.unknown_paper", "mistyped"
    assert refused(desk.give_back, number(desk.poll, 2)) == "votes.unknown_paper", "never issued"
    online = Desk(votes, RULES.model_copy(update={"channels": ["online"]}))
    assert refused(online.issue, online.codes["1号楼"][0]) == "votes.no_paper_channel"


def test_the_close_is_the_database_s_and_what_was_back_before_is_entered_after(votes):
    desk = Desk(votes)
    a, b, c = desk.codes["1号楼"][:3]
    first, second, third = desk.issue(a, b, c)
    before = votes.now + timedelta(days=6)
    votes.pass_time(days=7)
    assert refused(desk.issue, desk.codes["1号楼"][3]) == "votes.paper_too_late"
    assert refused(desk.give_back, first) == "votes.paper_too_late"
    desk.close()
    assert refused(desk.issue, desk.codes["1号楼"][3]) == "votes.paper_too_late"
    desk.settle(Act.RETURN, first, at=before)
    assert refused(desk.settle, Act.RETURN, second, at=votes.now) == "votes.paper_too_late"
    assert desk.marks(a, b, c) == ["paper", "paper_out", "paper_out"]
    early = desk.settle(Act.SPOIL, third, at=before - timedelta(days=300))
    assert early.state == "spoiled", "the desk's clock was slow"
    ours = desk.figures().buildings[0]
    assert (ours.returned, ours.out, ours.spoiled, ours.late) == (1, 1, 1, 2)
    desk.lead("published")
    for act in Act:
        assert refused(desk.settle, act, second, at=before) == "votes.counting_over"


def test_a_queue_sent_twice_counts_once_and_a_changed_entry_is_refused(votes):
    desk = Desk(votes)
    a, b, c = desk.codes["1号楼"][:3]
    desk.mark(c, "online")
    queue = [
        entry("k1", "issue", subject_id=a),
        entry("k2", "issue", subject_ids=[b]),
        entry("k3", "issue", subject_id=c),
        entry("k4", "return", paper=number(desk.poll, 1)),
        entry("k5", "return", paper="no number"),
        entry("k6", "spoil", paper=number(desk.poll, 2)),
        entry("k7", "confirm", id="none"),
        entry("k8", "return", paper=number(desk.poll, 10**30)),  # its signs are right
    ]
    told = desk.sync(*queue)
    assert [one.outcome for one in told] == [
        "done", "done", "refused", "done", "refused", "done", "refused", "refused",
    ]  # fmt: skip
    assert [one.refusal.code for one in told if one.refusal] == [
        "votes.entry_taken",
        "request.invalid",
        "request.invalid",
        "request.invalid",
    ]
    assert told[4].refusal.errors[0]["field"] == "paper"
    votes.pass_time(days=1)
    again = desk.sync(*queue)
    assert [one.outcome for one in again] == [
        "before", "before", "refused", "before", "refused", "before", "refused", "refused",
    ]  # fmt: skip
    assert [one.result for one in again] == [one.result for one in told]
    assert votes.rows("SELECT count(*) FROM papers") == [(2,)]
    assert desk.marks(a, b, c) == ["paper", "free", "online"]
    changed = desk.sync(entry("k1", "issue", subject_id=desk.codes["1号楼"][4]))
    assert changed[0].refusal.code == "votes.entry_changed"
    assert desk.sync(queue[0], who=WANG)[0].refusal.code == "votes.entry_changed", "not hers"
    assert refused(desk.issue, b, key="k2", who=WANG) == "votes.entry_changed"
    desk.mark(c, "free")
    assert desk.sync(queue[2])[0].outcome == "done", "a refused one leaves its key free"


def test_paper_takes_the_place_of_an_online_vote_with_two_witnesses_and_a_photo(votes):
    poll = votes.poll(rules=PAPER_FIRST, voters=(SUN, LU, MA))
    desk, booth = Desk(votes, PAPER_FIRST, (), poll=poll), Booth(votes)
    rows = votes.rows("SELECT person_id, code FROM roll_people WHERE poll_id = :poll", poll=poll)
    codes = dict(tuple(row) for row in rows)
    a, b, c = (codes[person.person_id] for person in (SUN, LU, MA))
    booth.cast(poll, SUN, "for")
    (slip,) = desk.issue(a)
    assert desk.marks(a) == ["online"], "until the paper is back the online vote stands"
    assert refused(desk.issue, a) == "votes.entry_taken", "one paper at a time"
    photo = desk.store.picture(SHI)
    seen = {"witnesses": ["孙桂兰", "陆建国"], "photo_ids": [photo]}
    for missing in ({}, {**seen, "witnesses": ["孙桂兰"]}, {**seen, "photo_ids": []}):
        assert refused(desk.settle, Act.RETURN, slip, **missing) == "votes.witnesses_needed"
    theirs = {**seen, "photo_ids": [desk.store.picture(WANG)]}
    assert refused(desk.settle, Act.RETURN, slip, **theirs) == "votes.no_such_photo"
    desk.settle(Act.TAKE_BACK, slip)
    assert desk.marks(a) == ["online"]
    desk.settle(Act.REOPEN, slip)
    desk.settle(Act.RETURN, slip, **seen)
    assert desk.marks(a) == ["paper"]
    assert votes.rows("SELECT leaves, gone FROM poll_heads WHERE poll_id = :p", p=poll) == [(1, 1)]
    assert booth.code(poll, SUN) == "votes.already_voted", "whatever comes later is refused"
    assert refused(desk.settle, Act.REOPEN, slip) == "votes.paper_settled", "the other is gone"
    (kept,) = votes.rows("SELECT witnesses FROM paper_acts WHERE act = 'return'")
    assert kept == (["孙桂兰", "陆建国"],)
    desk.issue(b)
    assert desk.marks(b) == ["paper_out"], "whoever has not voted is reserved as ever"
    assert booth.code(poll, LU) == "votes.paper_out"
    booth.cast(poll, MA, "against")
    (late,) = desk.issue(c)
    desk.close()
    before = votes.now - timedelta(days=5)
    told = desk.settle, Act.RETURN, late
    assert refused(*told, at=before, **seen) == "votes.closed", "the box was opened with hers in it"
    assert desk.marks(c) == ["online"]


def at_once(*calls) -> list[str]:
    """What came of calls that begin together."""
    ready, found = threading.Barrier(len(calls)), [""] * len(calls)

    def run(place, call):
        ready.wait(10)
        found[place] = outcome(call)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_two_desks_issue_the_same_entry_and_somebody_votes_online_exactly_one_has_it(votes):
    desk = Desk(votes)
    for code in desk.codes["1号楼"]:

        def online(code=code):
            taken = votes.do(
                lambda uow: repository.rolls.take(uow.session, desk.poll, [code], "free", "online")
            )
            if not taken:
                raise paper.rules.EntryTaken()

        found = at_once(
            lambda code=code: desk.issue(code, who=SHI),
            lambda code=code: desk.issue(code, who=WANG),
            online,
        )
        assert sorted(found) == ["done", "votes.entry_taken", "votes.entry_taken"]
    rows = votes.rows("SELECT state, count(*) FROM roll_entries GROUP BY state")
    marks = dict(tuple(row) for row in rows)
    assert marks.get("online", 0) + marks.get("paper_out", 0) == 6
    serials = [row[0] for row in votes.rows("SELECT serial FROM papers ORDER BY serial")]
    assert serials == list(range(1, marks.get("paper_out", 0) + 1)), "no serial twice, none lost"


def test_queues_of_two_desks_about_the_same_entries_in_other_order_do_not_wait_for_ever(votes):
    desk = Desk(votes, buildings=(("1号楼", 30),))
    codes = desk.codes["1号楼"]
    queues = [
        [entry(f"{name}{n}", "issue", subject_id=code) for n, code in enumerate(order)]
        for name, order in (("a", codes), ("b", codes[::-1]))
    ]
    found = at_once(
        lambda: desk.sync(*queues[0], who=SHI),
        lambda: desk.sync(*queues[1], who=WANG),
        lambda: desk.sync(*queues[0], who=SHI),
    )
    assert found == ["done"] * 3
    assert votes.rows("SELECT count(*), count(DISTINCT code) FROM papers") == [(30, 30)]


def test_what_somebody_s_copy_holds_of_the_desk_and_what_goes_with_her(votes):
    poll = votes.poll(voters=(SUN,))
    desk = Desk(votes, buildings=(), poll=poll)
    ((code,),) = votes.rows("SELECT code FROM roll_people WHERE poll_id = :poll", poll=poll)
    desk.give_back(*desk.issue(code))
    desk.close()
    counts = desk.counts("3号楼", yes=1)
    desk.confirm(desk.enter(counts).id, counts)
    hers = votes.do(copies.held_about, SUN.person_id)
    (paper_of_hers,) = hers["papers"]["items"]
    assert (paper_of_hers["serial"], paper_of_hers["state"]) == (1, "returned")
    assert hers["paper_desk"]["items"] == [], "she does not work there"
    acts = votes.do(copies.held_about, SHI.person_id)["paper_desk"]["items"]
    assert sorted(one["act"] for one in acts) == ["issue", "read", "return"]
    votes.do(lambda uow: repository.paper.forget(uow.session, SHI.person_id))
    assert votes.do(copies.held_about, SHI.person_id)["paper_desk"]["items"] == []
    assert desk.figures().reconciled, "that two people did it stays"
    people = votes.rows("SELECT person_id FROM paper_readings ORDER BY hand")
    assert [row[0] for row in people] == [None, WANG.person_id]


def test_a_poll_that_closes_while_desks_are_at_work_closes_and_loses_nothing(votes):
    desk = Desk(votes, buildings=(("1号楼", 40),))
    out, before = desk.issue(*desk.codes["1号楼"]), votes.now.isoformat()
    queues = [
        [entry(f"{who}{n}", "return", paper=one, at=before) for n, one in enumerate(papers)]
        for who, papers in (("a", out[:20]), ("b", out[20:]))
    ]
    votes.pass_time(days=7)
    votes.do(lambda uow: repository.due.put(uow.session, "poll.close", desk.poll, votes.now))
    found = at_once(
        lambda: desk.sync(*queues[0], who=SHI),
        votes.do_duties,
        lambda: desk.sync(*queues[1], who=WANG),
    )
    assert found == ["done"] * 3
    assert votes.rows("SELECT state FROM polls") == [("closed",)]
    assert votes.rows("SELECT state, count(*) FROM papers GROUP BY state") == [("returned", 40)]
    assert votes.rows("SELECT state, count(*) FROM roll_entries GROUP BY state") == [("paper", 40)]
    assert {one.outcome for one in desk.sync(*queues[0], who=SHI)} == {"before"}
