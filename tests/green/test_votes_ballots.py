"""Ballots: cast in batches, each for itself; counted once; secret. Needs: db."""

import json
import threading
from fractions import Fraction

import pytest
from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.events import BallotCounted
from services.contracts.operations.votes import Bar, Entitled, Quorum, RuleSet, Threshold
from services.contracts.operations.votes.ledger import CheckReceipt, GetBulletin
from services.votes import repository
from services.votes.crypto import box
from services.votes.domain import merkle, receipts
from services.votes.domain.ballots import Ballot, Choice
from services.votes.handlers import ballots, bulletin
from services.votes.handlers.ballots import BoxAltered
from tests.support.bridge import LU, OBSERVER, SHANGYUAN, STRANGER, SUN, actor, card_told, refused
from tests.support.merkle_proofs import proven
from tests.support.votes import HERE, MA, RULES
from tests.support.votes_ballots import Booth

pytestmark = pytest.mark.db

CHANGEABLE = RULES.model_copy(update={"change_of_vote": True})
NAMED = RULES.model_copy(update={"secrecy": "named"})
OWNERS_VOTE = RuleSet(
    base="owners_ordinary",
    electorate=Entitled(who="owners"),
    weight="dual",
    quorum=Quorum(kind="none"),
    threshold=Threshold(heads=Bar(at="1/2", above=True), area=Bar(at="1/2", above=True)),
    secrecy="secret",
)


@pytest.fixture
def booth(votes):
    return Booth(votes)


def close(votes, poll_id):
    """Close a poll, as its duty does."""

    def closing(uow):
        poll = repository.polls.poll(uow.session, poll_id, lock=True)
        poll.state, poll.closed_at = "closed", votes.now
        ballots.open_box(uow, poll, votes.now)

    votes.do(closing)


def tallied(votes, poll_id):
    found = votes.do(lambda uow: repository.ballots.tallies(uow.session, poll_id))
    return {str(choice): side.entries for choice, side in found.items()}


def found(votes, receipt):
    return votes.do(bulletin.check_receipt, CheckReceipt(code=receipt))


def test_each_ballot_of_a_batch_has_its_own_answer_and_a_bad_one_spoils_nothing(votes, booth):
    poll = votes.poll(voters=(SUN, LU, MA))
    helper = Actor(LU.person_id, "s", LU.grants, 2**31, acted_by="p-helper")
    child = actor("p-child", (Role.RESIDENT, HERE))
    votes.entry(poll, child)
    votes.do(directory.project, card_told("p-child", SHANGYUAN, "child"))
    sent = [
        booth.sent(SUN),
        booth.sent(LU, "perhaps"),
        booth.sent(helper),
        booth.sent(OBSERVER),
        booth.sent(STRANGER),
        booth.sent(child),
        booth.sent(MA, subject_id="someone-elses"),
        booth.sent(LU, "against"),
        booth.sent(SUN, "against"),
    ]
    forged = booth.sent(MA).model_copy(update={"token": "forged"})
    answers = booth.batch(poll, [*sent, forged])
    assert [answer.error["code"] if answer.error else "" for answer in answers] == [
        "",
        "request.invalid",
        "auth.not_on_behalf",
        "auth.observer_read_only",
        "votes.not_on_roll",
        "votes.not_on_roll",
        "votes.subject_not_found",
        "",
        "votes.already_voted",
        "auth.token_required",
    ]
    assert [answer.alone for answer in answers].count(True) == 3, "those whom others may know"
    assert votes.rows("SELECT state, count(*) FROM roll_entries GROUP BY 1 ORDER BY 1") == [
        ("free", 2),
        ("online", 2),
    ]
    assert votes.rows("SELECT leaves, seq FROM poll_heads") == [(2, 2)]
    close(votes, poll)
    assert tallied(votes, poll) == {"for": 1, "against": 1, "abstain": 0}


def test_the_databases_clock_decides_whether_a_ballot_is_in_time(votes, booth):
    early = votes.poll("announced")
    assert booth.code(early, SUN) == "votes.not_open"
    poll = votes.poll()
    votes.pass_time(days=7, seconds=-1)
    assert booth.code(poll, SUN) == ""
    votes.pass_time(seconds=2)
    assert booth.code(poll, LU) == "votes.closed", "though nobody has closed it yet"
    close(votes, poll)
    assert booth.code(poll, MA) == "votes.closed"
    assert booth.code("no-such-poll", MA) == "votes.poll_not_found"
    papers = votes.poll(rules=RULES.model_copy(update={"channels": ["paper"]}))
    assert booth.code(papers, SUN) == "votes.no_online_voting"


def test_a_repeated_request_gets_its_receipt_again_and_another_body_is_refused(votes, booth):
    poll = votes.poll()
    key = "4be0643f-1d98-573b-97cd-ca98a65347dd"
    first = booth.cast(poll, SUN, key=key)
    (again,) = booth.batch(poll, [booth.sent(SUN, key=key)])
    assert (again.receipt.receipt, again.replayed) == (first, True)
    assert booth.code(poll, SUN, "against", key=key) == "request.idempotency_key_reused"
    assert booth.code(poll, SUN) == "votes.already_voted", "another key is another request"
    assert booth.cast(poll, LU, key=key) != first, "a key is its owner's"
    twins = booth.batch(poll, [booth.sent(MA, key="k"), booth.sent(MA, key="k")])
    assert twins[0].receipt.receipt == twins[1].receipt.receipt
    assert [twin.replayed for twin in twins] == [False, True]
    close(votes, poll)
    assert booth.cast(poll, SUN, key=key) == first, "though it is closed by now"
    altered = text("UPDATE ballot_answers SET sealed = overlay(sealed PLACING '00' FROM 30)")
    votes.do(lambda uow: uow.session.execute(altered))
    both = booth.batch(poll, [booth.sent(SUN, key=key), booth.sent(LU, key="later")])
    assert [one.error["code"] for one in both] == ["server.error", "votes.closed"]
    votes.pass_time(days=3)
    votes.do_duties()
    assert votes.rows("SELECT count(*) FROM ballot_answers") == [(0,)]
    assert booth.code(poll, SUN, key=key) == "votes.closed"


def test_whoever_has_several_entries_says_which_and_each_counts_for_itself(votes, booth):
    poll = votes.poll(rules=OWNERS_VOTE, voters=())
    mine = [
        votes.entry(poll, SUN, kind="unit", area=9_000, heads=Fraction(1, 3)),
        votes.entry(poll, SUN, kind="unit", area=11_001, heads=Fraction(2, 3)),
    ]
    theirs = votes.entry(poll, LU, kind="unit", area=5_000)
    assert booth.code(poll, SUN) == "votes.subject_needed"
    assert booth.code(poll, SUN, subject_id=theirs) == "votes.subject_not_found"
    booth.cast(poll, SUN, subject_id=mine[0])
    booth.cast(poll, SUN, "against", subject_id=mine[1])
    booth.cast(poll, LU)
    close(votes, poll)
    sides = votes.do(lambda uow: repository.ballots.tallies(uow.session, poll))
    assert (sides["for"].area, sides["for"].heads) == (14_000, Fraction(4, 3))
    assert (sides["against"].area, sides["against"].heads) == (11_001, Fraction(2, 3))


def test_a_vote_is_changed_by_its_own_receipt_alone(votes, booth):
    fixed = votes.poll()
    receipt = booth.cast(fixed, SUN)
    assert booth.code(fixed, SUN, "against", receipt=receipt) == "votes.no_change"
    poll = votes.poll(rules=CHANGEABLE)
    mine, hers = booth.cast(poll, SUN), booth.cast(poll, LU)
    assert booth.code(poll, SUN, "against") == "votes.already_voted"
    assert booth.code(poll, SUN, "against", receipt=hers) == "votes.receipt_not_yours"
    assert booth.code(poll, SUN, "against", receipt=receipt) == "votes.receipt_not_yours"
    assert booth.code(poll, SUN, "against", receipt="0" * 19 + "1") == "votes.bad_receipt"
    assert booth.code(poll, MA, receipt=hers) == "votes.receipt_not_yours", "she has not voted"
    newer = booth.cast(poll, SUN, "against", receipt=mine.lower().replace("-", " "))
    assert booth.code(poll, SUN, receipt=mine) == "votes.receipt_not_yours", "it counts no more"
    assert found(votes, mine).replaced and not found(votes, newer).replaced
    close(votes, poll)
    assert tallied(votes, poll) == {"for": 1, "against": 1, "abstain": 0}
    assert votes.rows("SELECT leaves, gone FROM poll_heads WHERE poll_id = :p", p=poll) == [(3, 1)]


def test_paper_takes_the_place_of_a_named_ballot_where_the_rules_say_so(votes, booth):
    poll = votes.poll(rules=NAMED.model_copy(update={"precedence": "paper"}))
    receipt = booth.cast(poll, SUN)
    (code,) = votes.rows("SELECT code FROM roll_entries WHERE state = 'online'")[0]
    votes.do(ballots.supersede, poll, code)
    assert refused(votes.do, ballots.supersede, poll, code) == "votes.already_voted"
    assert found(votes, receipt).replaced
    assert booth.code(poll, SUN) == "votes.already_voted"
    booth.cast(poll, LU, "abstain")
    close(votes, poll)
    assert tallied(votes, poll) == {"for": 0, "against": 0, "abstain": 1}
    assert refused(votes.do, ballots.supersede, poll, code) == "votes.closed"


def test_of_five_hundred_attempts_at_once_one_is_a_ballot(votes, booth):
    """Whatever channel, key or batch: the entry is taken once."""
    poll = votes.poll(voters=(SUN,), without_account=3)
    outcomes: list[str] = []
    start = threading.Barrier(10)

    def attempt(number):
        start.wait(10)
        for _ in range(5):
            for answer in booth.batch(poll, [booth.sent(SUN) for _ in range(10)]):
                outcomes.append(answer.error["code"] if answer.error else "taken")

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 500
    assert outcomes.count("taken") == 1
    assert set(outcomes) == {"taken", "votes.already_voted"}
    assert votes.rows("SELECT leaves FROM poll_heads") == [(1,)]
    assert votes.rows("SELECT count(*) FROM sealed_ballots") == [(1,)]


def test_paper_out_reserves_the_entry_and_a_struck_one_has_no_vote(votes, booth):
    poll = votes.poll()
    for state, person, code in (
        ("paper_out", SUN, "votes.paper_out"),
        ("paper", LU, "votes.already_voted"),
        ("struck", MA, "votes.not_on_roll"),
    ):
        votes.do(
            lambda uow, s=state, p=person: uow.session.connection().exec_driver_sql(
                "UPDATE roll_entries e SET state = %s FROM roll_people p "
                "WHERE p.code = e.code AND p.person_id = %s",
                (s, p.person_id),
            )
        )
        assert booth.code(poll, person) == code
    struck = votes.rows("SELECT code FROM roll_entries WHERE state = 'struck'")[0].code
    other = votes.entry(poll, MA)
    assert booth.code(poll, MA, subject_id=struck) == "votes.not_on_roll"
    assert booth.code(poll, MA) == "", "one that is struck is none to choose from"
    assert votes.rows("SELECT state FROM roll_entries WHERE code = :c", c=other) == [("online",)]


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_a_ballot_that_was_exchanged_or_taken_out_behind_our_back_is_never_counted(
    votes, booth, secrecy
):
    """Whoever may write to the database can seal, as the box's key is public."""
    poll = votes.poll(rules=RULES.model_copy(update={"secrecy": secrecy}), voters=(SUN, LU))
    booth.cast(poll, SUN)
    booth.cast(poll, LU)
    (public,) = votes.rows("SELECT public FROM poll_boxes")[0]
    (sealed, code) = votes.rows("SELECT sealed, code FROM sealed_ballots WHERE position = 1")[0]
    named = {"code": code, "salt": "ab" * 16} if code else {}
    forged = Ballot(Choice.AGAINST, 0, Fraction(1), **named).text()
    forged = box.as_text(box.seal(bytes.fromhex(public), poll, forged))

    def put(text_: str) -> None:
        statement = "UPDATE sealed_ballots SET sealed = %s WHERE position = 1"
        votes.do(lambda uow: uow.session.connection().exec_driver_sql(statement, (text_,)))

    put(forged)
    with pytest.raises(BoxAltered, match="not the one of its leaf"):
        close(votes, poll)
    put(sealed)
    votes.do(
        lambda uow: uow.session.connection().exec_driver_sql(
            "WITH gone AS (DELETE FROM sealed_ballots WHERE position = 0) SELECT"
        )
    )
    with pytest.raises(BoxAltered, match="1 ballots for 2 leaves"):
        close(votes, poll)


def test_turnout_is_told_at_most_once_a_second_and_never_a_choice(votes, booth):
    poll = votes.poll()
    booth.cast(poll, SUN)
    booth.cast(poll, LU)
    votes.pass_time(milliseconds=500)
    votes.do_duties()
    booth.cast(poll, MA)
    votes.do_duties()
    assert [event.online for event in votes.told(BallotCounted)] == [2], "not within the second"
    votes.pass_time(seconds=2)
    votes.do_duties()
    events = votes.told(BallotCounted)
    assert [event.online for event in events] == [2, 3]
    assert set(events[0].model_dump()) == {
        "poll_id", "community_id", "path", "online", "paper", "roll_size",
    }  # fmt: skip


def test_a_receipt_finds_its_ballot_with_a_proof_and_never_a_choice(votes, booth):
    people = [actor(f"p-{number}", (Role.RESIDENT, HERE)) for number in range(1030)]
    poll = votes.poll(voters=people)
    given = booth.batch(poll, [booth.sent(person) for person in people[:190]])
    for first in range(190, 1030, 168):
        batch = people[first : first + 168]
        given += booth.batch(poll, [booth.sent(person, "against") for person in batch])
    for number in (0, 189, 190, 1023, 1024, 1029):
        told = found(votes, given[number].receipt.receipt)
        assert proven(
            merkle.leaf(bytes.fromhex(told.leaf)),
            told.position,
            told.leaves,
            [bytes.fromhex(step) for step in told.proof],
            bytes.fromhex(told.root),
        )
    receipt = given[0].receipt
    assert receipt.url == f"https://shequ.example/verify#{receipt.receipt}"
    close(votes, poll)
    told = found(votes, given[7].receipt.receipt)
    assert told.heads[-1].root == told.root, "the root that was signed at the close"
    assert not {"choice", "for", "against"} & set(
        json.dumps(told.model_dump(mode="json")).split('"')
    )
    assert refused(found, votes, "00000-00000-00000-0000") == "votes.bad_receipt"
    stranger = receipts.shown(receipts.new())
    assert refused(found, votes, stranger) == "votes.receipt_not_found"
    page = votes.do(bulletin.get_bulletin, GetBulletin(id=poll, limit=2), votes.now)
    assert [item.kind for item in page.items] == ["opened", "leaves"]
    rest = votes.do(bulletin.get_bulletin, GetBulletin(id=poll, cursor=page.next_cursor), votes.now)
    assert [item.kind for item in rest.items] == ["leaves"] * 5 + ["closed", "choices"]
    assert rest.next_cursor is None and len(rest.heads) == 3


def test_whoever_watches_the_bulletin_learns_nobodys_moment(votes, booth):
    def seen():
        told = votes.do(bulletin.get_bulletin, GetBulletin(id=poll), votes.now)
        return len(told.items), told.seq, told.leaves, told.turnout.online

    poll = votes.poll()
    booth.cast(poll, SUN)
    before = seen()
    booth.cast(poll, LU)
    assert seen() == before == (2, 2, 1, 1), "not before the second is over"
    votes.pass_time(seconds=1)
    assert seen() == (3, 3, 2, 2)
