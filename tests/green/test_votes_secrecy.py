"""Nothing that is stored leads from a voter to her ballot, ever. Needs: db.

Whoever has the database reads every table; what a row of a voter and a row of a ballot have in
common is what all voters have in common: the poll.
"""

from fractions import Fraction
from typing import Any

import pytest

from deploy.local.keys import new_votes_keys
from services.contracts.actor import Role
from services.contracts.operations.votes import Bar, Entitled, Threshold
from services.votes.crypto import answers, keys
from services.votes.domain import receipts
from tests.support.bridge import SUN, actor
from tests.support.votes import HERE, RULES
from tests.support.votes_polls import Polls

pytestmark = pytest.mark.db

CHANGEABLE = RULES.model_copy(update={"change_of_vote": True})
HALF = Bar(at="1/2", above=True)
BY_AREA = RULES.model_copy(
    update={
        "base": "owners_ordinary",
        "electorate": Entitled(who="owners", tenants=False),
        "weight": "dual",
        "threshold": Threshold(area=HALF, heads=HALF),
    }
)
APART = (
    "roll_entries", "roll_people", "ballot_leaves", "sealed_ballots", "ballot_choices",
    "ballot_answers", "ballot_totals", "merkle_blocks",
)  # fmt: skip


@pytest.fixture
def votes(db):
    return Polls(db("votes"))


def everything(votes) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, as texts."""
    tables = votes.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        table: [
            {name: str(value) for name, value in row._mapping.items() if value is not None}
            for row in votes.rows(f"SELECT * FROM {table}")
        ]
        for (table,) in tables
    }


def values_of(rows: list[dict[str, Any]]) -> set[str]:
    return {value for row in rows for value in row.values()}


def nothing_in_common(stored: dict[str, list[dict[str, Any]]]) -> None:
    """No row speaks of a voter and of a ballot, and no two rows of them share what is not all's."""
    entries = stored["roll_entries"]
    alike = set.intersection(*(set(row.values()) for row in entries))
    voters = {row[name] for row in entries for name in ("code", "ref", "household", "salt")}
    voters |= {row["person_id"] for row in stored["roll_people"]}
    voters.discard("")
    ballots: set[str] = set()
    for table, names in (
        ("ballot_leaves", ("leaf", "receipt")),
        ("sealed_ballots", ("sealed", "tag")),
        ("ballot_answers", ("id", "sealed")),
    ):
        ballots |= {row[name] for row in stored[table] for name in names if name in row}
    assert voters and ballots
    of_voters, of_ballots = [], []
    for rows in stored.values():
        for row in rows:
            said = " ".join(row.values())
            speaks_of_voter = any(value in said for value in voters)
            speaks_of_ballot = any(value in said for value in ballots)
            assert not (speaks_of_voter and speaks_of_ballot), row
            of_voters += [row] if speaks_of_voter else []
            of_ballots += [row] if speaks_of_ballot else []
    assert values_of(of_voters) & values_of(of_ballots) <= alike


def test_no_table_joins_a_voter_with_a_ballot_before_the_close_or_after(votes):
    people = [actor(f"p-voter-{number}", (Role.RESIDENT, HERE)) for number in range(60)]
    poll = votes.opened(CHANGEABLE, voters=people)
    booth = votes.booth
    given = booth.batch(poll, [booth.sent(p, "for") for p in people[:40]])
    given += booth.batch(poll, [booth.sent(p, "against") for p in people[40:59]])
    mine = given[3].receipt.receipt
    booth.cast(poll, people[3], "abstain", receipt=mine)
    booth.cast(poll, people[59], "abstain")
    votes.do_duties()
    nothing_in_common(everything(votes))
    order = votes.rows("SELECT receipt FROM ballot_leaves WHERE position < 40 ORDER BY position")
    cast = [receipts.hashed(receipts.read(one.receipt.receipt)) for one in given[:40]]
    assert [receipt for (receipt,) in order] != cast, "a batch is shuffled"
    assert {receipt for (receipt,) in order} == set(cast)
    assert votes.rows("SELECT DISTINCT length(sealed) FROM sealed_ballots")[1:] == []
    ((sealed,),) = votes.rows("SELECT string_agg(sealed, '') FROM sealed_ballots")
    assert "for" not in sealed.split()
    votes.until(days=7)
    stored = everything(votes)
    assert stored["sealed_ballots"] == []
    assert {row.get("private") for row in stored["poll_boxes"]} == {None}
    choices = votes.rows("SELECT choice, xmin::text FROM ballot_choices ORDER BY number")
    assert [choice for choice, _ in choices] != ["for"] * 39 + ["against"] * 19 + ["abstain"] * 2
    assert len({xmin for _, xmin in choices}) == 1, "all were written by the close"
    assert not values_of(stored["ballot_choices"]) & {p.person_id for p in people}
    nothing_in_common(stored)


def test_tables_of_marks_and_ballots_have_no_time_and_no_sequence(votes):
    columns = votes.rows(
        "SELECT table_name, column_name, data_type, is_identity FROM information_schema.columns "
        "WHERE table_name = ANY(:tables)",
        tables=list(APART),
    )
    assert {table for table, *_ in columns} == set(APART)
    for table, column, kind, identity in columns:
        assert "time" not in kind and "date" not in kind, (table, column)
        assert identity == "NO", (table, column)
    of = {name: {c for t, c, *_ in columns if t == name} for name in APART}
    assert of["roll_entries"] & of["ballot_leaves"] == {"poll_id"}
    assert of["roll_people"] & of["ballot_leaves"] == {"poll_id"}
    assert of["roll_people"] & of["sealed_ballots"] == {"poll_id", "code"}
    assert of["ballot_choices"] & (of["ballot_leaves"] | of["sealed_ballots"]) == {"poll_id"}


def test_a_secret_ballot_is_kept_without_its_entry(votes):
    poll = votes.opened()
    votes.booth.cast(poll, SUN)
    assert votes.rows("SELECT code, tag FROM sealed_ballots") == [(None, None)]


def test_how_long_a_sealed_ballot_is_says_nothing_of_whose_it_is(votes):
    poll = votes.announced(BY_AREA, voters=())
    areas = {votes.voter(1): (5, 1), votes.voter(2): (8_888, 12), votes.voter(3): (1_234_567, 100)}
    for who, (area, heads) in areas.items():
        votes.entry(poll, who, kind="unit", area=area, heads=Fraction(1, heads))
    votes.until(days=7)
    for who, choice in zip(areas, ("for", "against", "abstain"), strict=True):
        votes.booth.cast(poll, who, choice)
    assert votes.rows("SELECT count(*), min(length(sealed)) = max(length(sealed)) "
                      "FROM sealed_ballots") == [(3, True)]  # fmt: skip


def test_a_stored_answer_is_opened_by_the_voters_key_alone(votes):
    poll = votes.opened()
    key = "0193-a-key-that-only-her-phone-knows"
    receipt = votes.booth.cast(poll, SUN, key=key)
    ((answer, sealed),) = votes.rows("SELECT id, sealed FROM ballot_answers")
    body_hash, kept = answers.recall(answer, key, sealed)
    assert receipts.shown(kept) == receipt and "for" in body_hash
    pair = keys.ring().now
    assert answer == answers.answer_id(pair, poll, SUN.person_id, key)
    with pytest.raises(ValueError, match="cannot be opened"):
        answers.recall(answer, "another key", sealed)
    other = keys.parse(new_votes_keys()).now
    assert answers.answer_id(other, poll, SUN.person_id, key) != answer
