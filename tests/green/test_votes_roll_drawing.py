"""A roll is drawn out of the register, once, whatever happens meanwhile. Needs: db."""

from contextlib import nullcontext
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Unavailable
from services.contracts.events import PersonDeleted
from services.contracts.operations.votes import Bar, Entitled, RuleSet, Threshold
from services.contracts.operations.votes.polls import OfPoll
from services.identity.domain import electorates as identity_rules
from services.votes import copies, repository, texts_rolls
from services.votes.domain import ballots, merkle
from services.votes.domain import rolls as rules
from services.votes.handlers import leaving, ledger, polls, roll_desk, roll_drawing, rolls
from services.votes.handlers.common import Doer
from services.votes.texts_polls import moment
from tests.support.bridge import SHI, SUN, actor, refused
from tests.support.identity_world import HOME
from tests.support.merkle_proofs import proven
from tests.support.votes import RULES, Votes
from tests.support.votes_ballots import Booth
from tests.support.votes_polls import Polls
from tests.support.votes_register import Register

pytestmark = pytest.mark.db
HALF = Bar(at="1/2", above=True)
OWNERS = RULES.model_copy(
    update={
        "base": "owners_ordinary",
        "electorate": Entitled(who="owners"),
        "weight": "dual",
        "threshold": Threshold(heads=HALF, area=HALF),
    }
)
HOUSEHOLDS = RULES.model_copy(
    update={"electorate": Entitled(who="households"), "weight": "household"}
)


@pytest.fixture
def votes(emptied) -> Polls:
    return Polls(emptied("votes"))


@pytest.fixture
def register(votes, shared_db) -> Register:
    return Register(votes, shared_db("identity"))


def announce(votes: Votes, rules_: RuleSet = RULES) -> str:
    """A poll whose roll is being drawn."""
    poll_id = votes.poll("announced", rules_, voters=(), roll_state="drawing")
    votes.do(lambda uow: rolls.draw(uow, repository.polls.poll(uow.session, poll_id), votes.now))
    return poll_id


def drawn(votes: Votes, rules_: RuleSet = RULES) -> str:
    """A poll whose roll is published."""
    poll_id = announce(votes, rules_)
    votes.do_duties()
    return poll_id


def open_poll(votes: Votes, poll_id: str) -> None:
    """Voting begins: the roll is frozen, the bulletin begun."""
    votes.pass_time(days=7)

    def opening(uow):
        row = repository.polls.poll(uow.session, poll_id, lock=True)
        rolls.freeze(uow, row)
        row.state, row.opened_at = "open", votes.now
        ledger.open_chain(uow, row, "", votes.now)

    votes.do(opening)


def poll(votes: Votes, poll_id: str):
    return votes.do(lambda uow: repository.polls.poll(uow.session, poll_id))


def mine(votes: Votes, register: Register, poll_id: str, who, *, read: bool = False):
    """The entries that somebody may vote for, by code."""
    with register.asking(who), votes.units(read_only=read) as uow:
        found = rolls.subjects(uow, who, repository.polls.poll(uow.session, poll_id))
        if not read:
            uow.commit()
    return {row.code: row for row in found}


def entries(votes: Votes, poll_id: str):
    return votes.rows(
        "SELECT code, ref, kind, state, area, head_n, head_d, place, salt FROM roll_entries "
        "WHERE poll_id = :p ORDER BY place, code",
        p=poll_id,
    )


def timeline(votes: Votes) -> list[tuple[str, str]]:
    return [tuple(row) for row in votes.rows("SELECT kind, text FROM topic_steps ORDER BY id")]


def test_the_roll_comes_page_by_page_and_everybody_can_prove_to_be_on_it(
    votes, register, monkeypatch
):
    monkeypatch.setattr(roll_drawing, "MOST_OF_A_PAGE", 3)
    sun = register.account()
    refs = [register.person("101", sun), *(register.person(str(102 + n)) for n in range(6))]
    poll_id = announce(votes)
    assert refused(votes.do, roll_desk.list_my_entries, OfPoll(id=poll_id), SUN) == (
        "votes.roll_not_ready"
    )
    assert votes.do_duties() == 4, "three pages, and the snapshot is let go"
    assert register.asked.count("page_electorate") == 3
    assert register.world.rows("SELECT count(*) FROM electorates") == [(0,)]
    rows = entries(votes, poll_id)
    assert {row.ref for row in rows} == set(refs)
    assert len({row.code for row in rows}) == len({row.salt for row in rows}) == 7
    row = poll(votes, poll_id)
    assert (row.roll_state, row.roll_size, row.roll_households, row.roll_heads) == (
        "published", 7, 7, "7/1",
    )  # fmt: skip
    assert row.ticket is None
    assert timeline(votes)[-1] == (
        "roll_published",
        f"公布表决人名册，共7项（{moment(votes.now)}的居民登记）",
    )
    lines = sorted(
        (r.code, r.salt, rules.line(r.code, r.kind, r.area, r.head_n, r.head_d)) for r in rows
    )
    leaves = [rules.leaf(salt, line) for _, salt, line in lines]
    assert row.roll_hash == merkle.root(leaves).hex()
    with register.asking(sun):
        told = votes.do(roll_desk.list_my_entries, OfPoll(id=poll_id), sun)
    (proof,) = told.items
    path = [bytes.fromhex(node) for node in proof.path]
    leaf = merkle.leaf(f"{proof.salt}|{proof.line}".encode())
    assert proven(leaf, proof.index, told.size, path, bytes.fromhex(told.hash))
    assert proof.line == f"{proof.subject_id}|person|0|1/1"
    public = votes.do(roll_desk.list_roll, OfPoll(id=poll_id), SUN)
    assert (public.size, public.hash) == (7, row.roll_hash)
    assert not any(r.code in public.model_dump_json() for r in rows)
    assert [(b.building, b.entries) for b in public.buildings] == [("样例苑 2号楼", 7)]
    votes.do(lambda uow: rolls.freeze(uow, repository.polls.poll(uow.session, poll_id)))
    assert poll(votes, poll_id).roll_hash == row.roll_hash


def test_whoever_owns_units_in_many_pieces_of_the_tree_has_a_proof_of_each(votes, monkeypatch):
    monkeypatch.setattr(merkle, "PIECE", 2)
    poll_id = votes.poll(voters=(), without_account=7)

    def proven_of_all(uow):
        row = repository.polls.poll(uow.session, poll_id)
        rolls.reckon(uow, row)
        entries = repository.rolls.of_refs(uow.session, poll_id, [f"r-{n:05}" for n in range(7)])
        return row.roll_hash, rolls.proofs(uow, row, entries)

    top, told = votes.do(proven_of_all)
    assert sorted(proof.index for proof in told) == list(range(7))
    for proof in told:
        path = [bytes.fromhex(node) for node in proof.path]
        leaf = rules.leaf(proof.salt, proof.line)
        assert proven(leaf, proof.index, 7, path, bytes.fromhex(top))
    late = votes.entry(poll_id)
    with votes.units() as uow:
        row = repository.polls.poll(uow.session, poll_id)
        assert rolls.proofs(uow, row, [repository.rolls.entry(uow.session, poll_id, late)]) == []


def test_a_crash_between_or_within_pages_lays_nothing_down_twice(votes, register, monkeypatch):
    monkeypatch.setattr(roll_drawing, "MOST_OF_A_PAGE", 2)
    for number in range(7):
        register.person(str(101 + number))
    poll_id = announce(votes)
    lay_down, laid = rolls.lay_down, []

    def dying(uow, row, page):
        codes = lay_down(uow, row, page)
        laid.append(len(codes))
        if len(laid) == 2:
            raise ConnectionResetError
        return codes

    monkeypatch.setattr(rolls, "lay_down", dying)
    votes.do_duties()
    assert len(entries(votes, poll_id)) == 2, "the second page was undone"
    assert poll(votes, poll_id).drawn_to == "2"
    register.away = True
    votes.pass_time(minutes=5)
    votes.do_duties()
    assert (len(entries(votes, poll_id)), poll(votes, poll_id).roll_state) == (2, "drawing")
    register.person("900")  # after the snapshot: not on this roll
    register.away = False
    votes.pass_time(hours=2)
    votes.do_duties()
    assert laid == [2, 2, 2, 2, 1]
    assert (len(entries(votes, poll_id)), poll(votes, poll_id).roll_size) == (7, 7)


def test_without_identity_nothing_is_announced_and_without_voters_neither(votes, register):
    assert refused(announce, votes) == "votes.empty_roll"
    register.person("101")
    register.away = True
    with pytest.raises(Unavailable):
        announce(votes)
    assert votes.rows("SELECT count(*) FROM due WHERE kind = 'roll.draw'") == [(0,)]
    register.away = False
    with register.asking(actor("p-owners", (Role.OWNERS_COMMITTEE, HOME))):
        assert refused(announce, votes) == "auth.forbidden", "residents are not theirs to convene"


def test_a_register_that_takes_long_is_announced_at_once_and_its_roll_is_of_the_moment_it_was_taken(
    votes, register, monkeypatch
):
    monkeypatch.setattr(identity_rules, "QUICK", timedelta(milliseconds=50))
    early = register.person("101")
    with register.slow():
        poll_id = announce(votes)
    assert votes.do_duties() == 1 and poll(votes, poll_id).roll_state == "drawing"
    (retry,) = votes.rows("SELECT try_at, tries FROM due WHERE kind = 'roll.draw'")
    assert tuple(retry) == (votes.now + timedelta(seconds=1), 0), "it is waited for, not failing"
    late = register.person("102")
    votes.pass_time(minutes=3)
    assert (register.take(), register.take()) == (1, 0)
    register.person("103")
    votes.do_duties()
    assert {row.ref for row in entries(votes, poll_id)} == {early, late}
    told = f"公布表决人名册，共2项（{moment(votes.now)}的居民登记）"
    assert timeline(votes)[-1] == ("roll_published", told)


def test_a_snapshot_that_cannot_be_taken_afterwards_is_said(votes, register, monkeypatch):
    monkeypatch.setattr(identity_rules, "QUICK", timedelta(milliseconds=50))
    register.person("101")
    monkeypatch.setattr(identity_rules, "MOST_ENTRIES", 0)
    for while_taken, said in (
        (nullcontext, texts_rolls.TOO_LARGE),
        (register.slow, texts_rolls.LOST),
    ):
        with register.slow():
            poll_id = announce(votes)
        if said == texts_rolls.LOST:
            monkeypatch.setattr(identity_rules, "LONGEST", timedelta(milliseconds=50))
        with while_taken():
            assert register.take() == 1
        votes.do_duties()
        assert timeline(votes)[-1] == ("roll_lost", said)
        assert (poll(votes, poll_id).roll_state, poll(votes, poll_id).ticket) == ("drawing", None)
        assert register.world.rows("SELECT count(*) FROM electorate_entries") == [(0,)]


def test_a_snapshot_that_is_gone_is_said_and_the_poll_must_be_announced_again(votes, register):
    register.person("101")
    poll_id = announce(votes)
    register.world.do(lambda uow: uow.session.execute(text("DELETE FROM electorates")))
    votes.do_duties()
    assert timeline(votes)[-1][0] == "roll_lost"
    row = poll(votes, poll_id)
    assert (row.roll_state, row.ticket) == ("drawing", None)
    assert refused(votes.do, lambda uow: rolls.freeze(uow, row)) == "votes.roll_not_ready"


def test_linking_an_account_after_a_paper_ballot_was_issued_gives_no_second_vote(votes, register):
    sun = register.account()
    ref, other = register.person("101"), register.person("102")
    poll_id = drawn(votes)
    open_poll(votes, poll_id)
    codes = {row.ref: row.code for row in entries(votes, poll_id)}
    booth = Booth(votes)

    def vote() -> str:
        with register.asking(sun):
            (answer,) = booth.batch(poll_id, [booth.sent(sun)], sun)
        return answer.error["code"] if answer.error else ""

    assert vote() == "votes.not_on_roll"
    taken = votes.do(
        lambda uow: repository.rolls.take(uow.session, poll_id, [codes[ref]], "free", "paper_out")
    )
    assert taken == {codes[ref]}
    register.link(ref, sun)
    assert vote() == "votes.paper_out", "she found her entry, in the state it is in"
    votes.do(lambda uow: repository.rolls.take(
        uow.session, poll_id, [codes[ref]], "paper_out", "paper"
    ))  # fmt: skip
    assert vote() == "votes.already_voted"
    states = {row.ref: row.state for row in entries(votes, poll_id)}
    assert states == {ref: "paper", other: "free"}


def test_an_owner_of_two_units_has_two_subjects_and_a_second_one_that_is_linked_later(
    votes, register
):
    sun, lu = register.account(), register.account()
    one, two = register.room("101", "88.5"), register.room("102", "61.5")
    register.person("101", sun, room_id=one, id_index="sun")
    second = register.person("102", None, room_id=two, id_index="sun")
    register.person("102", lu, room_id=two)  # owns it together with her: another owner than she
    poll_id = drawn(votes, OWNERS)
    row = poll(votes, poll_id)
    assert (row.roll_size, row.roll_area, Fraction(row.roll_heads)) == (2, 15_000, 2)
    assert {e.place for e in mine(votes, register, poll_id, sun).values()} == {"101"}
    assert {e.place for e in mine(votes, register, poll_id, lu).values()} == {"102"}
    register.link(second, sun)
    both = mine(votes, register, poll_id, sun)
    assert {e.place for e in both.values()} == {"101", "102"}
    assert refused(ballots.own_entry, both, None) == "votes.subject_needed"
    register.away = True
    assert set(mine(votes, register, poll_id, sun)) == set(both), "what is known has to do"
    ma = register.account()
    assert mine(votes, register, poll_id, ma, read=True) == {}
    with pytest.raises(Unavailable):
        mine(votes, register, poll_id, ma)


def test_who_only_looks_writes_nothing_and_a_wrong_tie_ends_when_the_right_person_comes(
    votes, register
):
    sun, lu = register.account(), register.account()
    entry = register.person("101", lu)
    poll_id = drawn(votes)
    assert len(mine(votes, register, poll_id, lu, read=True)) == 1
    register.link(entry, sun)
    assert len(mine(votes, register, poll_id, sun, read=True)) == 1
    tied = "SELECT person_id FROM roll_people WHERE poll_id = :p"
    assert votes.rows(tied, p=poll_id) == [(lu.person_id,)]
    assert len(mine(votes, register, poll_id, sun)) == 1
    assert votes.rows(tied, p=poll_id) == [(sun.person_id,)]
    assert mine(votes, register, poll_id, lu) == {}


def test_what_the_ledger_begins_with_is_the_roll_as_the_announcement_drew_it(votes, register):
    sun = register.account()
    register.person("101", sun)
    register.person("102")
    topic_id = votes.topic("notice", proposal=1)
    votes.text(topic_id)

    def announcing(uow):
        topic = repository.topics.topic(uow.session, topic_id, lock=True)
        return polls.announce(uow, topic, Doer("secretary", SHI.person_id), votes.now).id

    poll_id = votes.do(announcing)
    votes.do_duties()
    drawn_hash = poll(votes, poll_id).roll_hash
    votes.pass_time(days=7)
    votes.do_duties()
    row = poll(votes, poll_id)
    assert (row.state, row.roll_state, row.roll_hash) == ("open", "frozen", drawn_hash)
    (begun,) = votes.rows("SELECT payload::json->'roll' AS roll FROM ledger_entries WHERE seq = 1")
    assert begun.roll == {
        "hash": drawn_hash, "entries": 2, "households": 2, "area": 0, "heads": "2/1",
    }  # fmt: skip
    assert Booth(votes).code(poll_id, sun) == ""


def test_a_household_has_one_vote_whoever_of_it_comes(votes, register):
    sun, son = register.account(), register.account()
    register.person("101", sun)
    register.person("101", son, name="孙小明")
    poll_id = drawn(votes, HOUSEHOLDS)
    assert [row.kind for row in entries(votes, poll_id)] == ["household"]
    assert mine(votes, register, poll_id, sun).keys() == mine(votes, register, poll_id, son).keys()
    open_poll(votes, poll_id)
    booth = Booth(votes)
    assert booth.code(poll_id, sun) == ""
    assert booth.code(poll_id, son) == "votes.already_voted"


def test_when_all_is_over_doors_and_accounts_are_forgotten_and_a_deleted_account_at_once(
    votes, register
):
    sun, lu = register.account(), register.account()
    register.person("101", sun)
    register.person("102", lu)
    poll_id = drawn(votes)
    tied = "SELECT person_id FROM roll_people WHERE poll_id = :p"
    held = votes.do(copies.held_about, sun.person_id)
    (entry,) = held["rolls"]["items"]
    assert (entry["place"], entry["state"]) == ("101", "free")
    votes.do(leaving.follow, PersonDeleted(person_id=lu.person_id), votes.now)
    assert votes.rows(tied, p=poll_id) == [(sun.person_id,)]
    votes.do(lambda uow: setattr(repository.polls.poll(uow.session, poll_id), "state", "published"))
    votes.do(
        lambda uow: setattr(
            repository.polls.poll(uow.session, poll_id),
            "published_at",
            votes.now + timedelta(days=14),
        )
    )
    votes.pass_time(days=14 + RULES.publicity_days + 29)
    votes.do_duties({"roll.forget": roll_drawing.forget, "poll.open": lambda *_: None})
    assert {row.place for row in entries(votes, poll_id)} == {"101", "102"}
    votes.pass_time(days=2)
    votes.do_duties({"roll.forget": roll_drawing.forget})
    assert votes.rows(tied, p=poll_id) == []
    assert {row.place for row in entries(votes, poll_id)} == {""}
    assert [voted for _, voted in votes.do(
        lambda uow: repository.rolls.marks(uow.session, poll_id)
    )] == [False, False]  # fmt: skip
