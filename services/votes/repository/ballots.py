"""Ballots: a batch of them in one statement for each table, the opening, the totals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.votes.domain.ballots import Ballot, Choice, Entry, Total
from services.votes.domain.count_words import exact
from services.votes.domain.counting import Side
from services.votes.domain.ledger import Linked
from services.votes.repository.clock import LEGAL_NOW

PIECE = 20_000
"""Rows of one statement at the opening."""


_ENTRIES = (
    "SELECT p.person_id, e.code, e.state, e.area, e.head_n, e.head_d "
    "FROM roll_people p JOIN roll_entries e ON e.poll_id = p.poll_id AND e.code = p.code "
    "WHERE p.poll_id = :poll AND p.person_id = ANY(:people)"
)
_NO_CHILD = (
    " AND NOT EXISTS (SELECT 1 FROM directory_cards c WHERE c.person_id = p.person_id "
    "AND c.community_id = :community AND c.standing = 'child')"
)


def entries_of(
    session: Session, poll_id: str, people: Iterable[str]
) -> dict[str, dict[str, Entry]]:
    """The entries that belong to each of these accounts, by person and code."""
    return _entries(session, _ENTRIES, poll=poll_id, people=sorted(set(people)))


def may_vote_for(
    session: Session, poll_id: str, community_id: str, people: Iterable[str]
) -> dict[str, dict[str, Entry]]:
    """The entries that each of these accounts may vote for, by person and code; a child's none."""
    values = {"poll": poll_id, "people": sorted(set(people)), "community": community_id}
    return _entries(session, _ENTRIES + _NO_CHILD, **values)


def _entries(session: Session, asked: str, **values: Any) -> dict[str, dict[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {}
    for row in session.execute(text(asked), values):
        heads = Fraction(row.head_n, row.head_d)
        entry = Entry(row.code, row.state, row.area, heads)
        found.setdefault(row.person_id, {})[row.code] = entry
    return found


def states(session: Session, poll_id: str, codes: Sequence[str]) -> dict[str, str]:
    """The states in which entries are now."""
    rows = session.execute(
        text("SELECT code, state FROM roll_entries WHERE poll_id = :poll AND code = ANY(:codes)"),
        {"poll": poll_id, "codes": list(codes)},
    )
    return {row.code: row.state for row in rows}


@dataclass(frozen=True, slots=True)
class AtTheBox:
    """What is true of a poll at this moment, for whoever holds its head.

    Attributes:
        box: the public key of its box, in hexadecimal.
        answers: of the answers that were asked for those that are kept, sealed as they are.
    """

    state: str
    opens_at: datetime
    closes_at: datetime
    legal_now: datetime
    box: str
    answers: dict[str, str]


_AT_THE_BOX = text(
    f"""
    SELECT p.state, p.opens_at, p.closes_at, {LEGAL_NOW} AS legal_now, b.public AS box,
        (SELECT coalesce(json_object_agg(a.id, a.sealed), '{{}}')
         FROM ballot_answers a WHERE a.id = ANY(:ids)) AS answers
    FROM polls p JOIN poll_boxes b ON b.poll_id = p.id WHERE p.id = :poll
    """  # noqa: S608 - all of it stands here
)


def at_the_box(session: Session, poll_id: str, ids: Sequence[str]) -> AtTheBox:
    """The poll as it is now, by the database's clock, and which of these answers are kept."""
    return AtTheBox(*session.execute(_AT_THE_BOX, {"poll": poll_id, "ids": list(ids)}).one())


@dataclass(frozen=True, slots=True)
class New:
    """A ballot on its way into the tables."""

    leaf: str
    receipt: str
    sealed: str
    code: str | None
    tag: str | None


_ADD = text(
    """
    WITH new AS (
        SELECT * FROM unnest(
            cast(:positions AS integer[]), cast(:leaves AS text[]), cast(:receipts AS text[]),
            cast(:sealed AS text[]), cast(:codes AS text[]), cast(:tags AS text[])
        ) AS new (position, leaf, receipt, sealed, code, tag)
    ), shown AS (
        INSERT INTO ballot_leaves (poll_id, position, leaf, receipt, seq)
        SELECT :poll, position, leaf, receipt, :seq FROM new
    ), linked AS (
        INSERT INTO ledger_entries (poll_id, seq, kind, payload, hash)
        VALUES (:poll, :seq, 'leaves', :payload, :hash)
    ), moved AS (
        UPDATE poll_heads SET seq = :seq, hash = :hash, leaves = :until WHERE poll_id = :poll
    ), kept AS (
        INSERT INTO ballot_answers (id, poll_id, sealed) SELECT id, :poll, answer
        FROM unnest(cast(:ids AS text[]), cast(:answers AS text[])) AS told (id, answer)
    )
    INSERT INTO sealed_ballots (poll_id, position, sealed, code, tag)
    SELECT :poll, position, sealed, code, tag FROM new
    """
)


def add(
    session: Session,
    poll_id: str,
    first: int,
    entry: Linked,
    ballots: Sequence[New],
    answers: Mapping[str, str],
) -> None:
    """Lay ballots into the box, their leaves into the bulletin from position ``first`` on, with
    the ``entry`` that links them to the chain, and keep the sealed answers by their ids.

    One statement: the head of the poll is held meanwhile, and others wait for it.
    """
    until = first + len(ballots)
    session.execute(
        _ADD,
        {
            "poll": poll_id,
            "seq": entry.seq,
            "payload": entry.payload,
            "hash": entry.hash,
            "until": until,
            "positions": list(range(first, until)),
            "leaves": [new.leaf for new in ballots],
            "receipts": [new.receipt for new in ballots],
            "sealed": [new.sealed for new in ballots],
            "codes": [new.code for new in ballots],
            "tags": [new.tag for new in ballots],
            "ids": list(answers),
            "answers": list(answers.values()),
        },
    )


def forget_answers(session: Session, poll_id: str) -> None:
    """No request about this poll is repeated any more."""
    session.execute(text("DELETE FROM ballot_answers WHERE poll_id = :poll"), {"poll": poll_id})


def replaceable(
    session: Session, poll_id: str, receipts: Sequence[str]
) -> dict[str, tuple[int, str | None]]:
    """Of these receipts those whose ballot still counts: its position, and its tag."""
    rows = session.execute(
        text(
            "SELECT l.receipt, l.position, s.tag FROM ballot_leaves l "
            "JOIN sealed_ballots s ON s.poll_id = l.poll_id AND s.position = l.position "
            "WHERE l.receipt = ANY(:receipts) AND l.poll_id = :poll AND l.superseded IS NULL"
        ),
        {"receipts": list(receipts), "poll": poll_id},
    )
    return {row.receipt: (row.position, row.tag) for row in rows}


def named_positions(session: Session, poll_id: str, codes: Sequence[str]) -> dict[str, int]:
    """In a named poll, which leaf counts for each of these entries."""
    rows = session.execute(
        text(
            "SELECT s.code, s.position FROM sealed_ballots s "
            "JOIN ballot_leaves l ON l.poll_id = s.poll_id AND l.position = s.position "
            "WHERE s.poll_id = :poll AND s.code = ANY(:codes) AND l.superseded IS NULL"
        ),
        {"poll": poll_id, "codes": list(codes)},
    )
    return {row.code: row.position for row in rows}


def supersede(session: Session, poll_id: str, positions: Sequence[int], seq: int) -> None:
    """Other ballots, or papers, took the place of these."""
    session.execute(
        text(
            "UPDATE ballot_leaves SET superseded = :seq "
            "WHERE poll_id = :poll AND position = ANY(:positions)"
        ),
        {"poll": poll_id, "positions": list(positions), "seq": seq},
    )


# -- the opening ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """The sealed ballots that count, by position, each with what the bulletin shows of it."""

    positions: list[int]
    sealed: list[str]
    leaves: list[str]
    receipts: list[str]


def in_the_box(session: Session, poll_id: str) -> Box:
    """What is in the box; four lists are quicker than many rows."""
    row = session.execute(
        text(
            "SELECT coalesce(array_agg(s.position ORDER BY s.position), '{}') AS positions, "
            "coalesce(array_agg(s.sealed ORDER BY s.position), '{}') AS sealed, "
            "coalesce(array_agg(l.leaf ORDER BY s.position), '{}') AS leaves, "
            "coalesce(array_agg(l.receipt ORDER BY s.position), '{}') AS receipts "
            "FROM sealed_ballots s "
            "JOIN ballot_leaves l ON l.poll_id = s.poll_id AND l.position = s.position "
            "WHERE s.poll_id = :poll AND l.superseded IS NULL"
        ),
        {"poll": poll_id},
    ).one()
    return Box(row.positions, row.sealed, row.leaves, row.receipts)


def put_choices(session: Session, poll_id: str, choices: Sequence[str]) -> None:
    """Write choices in the order given."""
    for first in range(0, len(choices), PIECE):
        session.execute(
            text(
                "INSERT INTO ballot_choices (poll_id, number, choice) "
                "SELECT :poll, :first + place, choice "
                "FROM unnest(cast(:choices AS text[])) WITH ORDINALITY AS told (choice, place)"
            ),
            {"poll": poll_id, "first": first, "choices": list(choices[first : first + PIECE])},
        )


def put_named(session: Session, poll_id: str, opened: Sequence[tuple[int, Ballot]]) -> None:
    """Write the opened ballots of a named poll."""
    for first in range(0, len(opened), PIECE):
        piece = opened[first : first + PIECE]
        session.execute(
            text(
                "INSERT INTO named_ballots "
                "(poll_id, position, choice, area, heads, code, salt) SELECT :poll, told.* "
                "FROM unnest(cast(:positions AS integer[]), cast(:choices AS text[]), "
                "cast(:areas AS bigint[]), cast(:heads AS text[]), cast(:codes AS text[]), "
                "cast(:salts AS text[])) AS told"
            ),
            {
                "poll": poll_id,
                "positions": [position for position, _ in piece],
                "choices": [ballot.choice.value for _, ballot in piece],
                "areas": [ballot.area for _, ballot in piece],
                "heads": [exact(ballot.heads) for _, ballot in piece],
                "codes": [ballot.code for _, ballot in piece],
                "salts": [ballot.salt for _, ballot in piece],
            },
        )


def put_totals(session: Session, poll_id: str, totals: Mapping[Choice, Total]) -> None:
    """Keep what the choices come to."""
    session.execute(
        text(
            "INSERT INTO ballot_totals (poll_id, choice, entries, area, heads) "
            "VALUES (:poll, :choice, :entries, :area, :heads)"
        ),
        [
            {
                "poll": poll_id,
                "choice": choice.value,
                "entries": total.entries,
                "area": total.area,
                "heads": exact(total.heads),
            }
            for choice, total in totals.items()
        ],
    )


def empty_the_box(session: Session, poll_id: str) -> None:
    """Sealed ballots go, and with them what opens them."""
    session.execute(text("DELETE FROM sealed_ballots WHERE poll_id = :poll"), {"poll": poll_id})
    session.execute(
        text("UPDATE poll_boxes SET private = NULL WHERE poll_id = :poll"), {"poll": poll_id}
    )


def tallies(session: Session, poll_id: str) -> dict[Choice, Side]:
    """What the online ballots of each choice come to; nothing before the box is opened.

    Of a poll by persons or households an entry is a head; households are those of the roll's
    entries, where these are households.
    """
    rows = session.execute(
        text(
            "SELECT t.choice, t.entries, t.area, t.heads, p.rules->>'weight' AS weight "
            "FROM ballot_totals t JOIN polls p ON p.id = t.poll_id WHERE t.poll_id = :poll"
        ),
        {"poll": poll_id},
    )
    return {
        Choice(row.choice): Side(
            entries=row.entries,
            households=row.entries if row.weight == "household" else 0,
            area=row.area,
            heads=Fraction(row.heads),
        )
        for row in rows
    }


def choices(session: Session, poll_id: str, after: int, limit: int) -> list[str]:
    """The choices of a secret poll, those after the number ``after``."""
    return list(
        session.scalars(
            text(
                "SELECT choice FROM ballot_choices WHERE poll_id = :poll AND number > :after "
                "ORDER BY number LIMIT :limit"
            ),
            {"poll": poll_id, "after": after, "limit": limit},
        )
    )


def named(session: Session, poll_id: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """The ballots of a named poll, those after the position ``after``."""
    return session.execute(
        text(
            "SELECT position, choice, area, heads, code, salt FROM named_ballots "
            "WHERE poll_id = :poll AND position > :after ORDER BY position LIMIT :limit"
        ),
        {"poll": poll_id, "after": after, "limit": limit},
    ).all()


def marks(session: Session, poll_id: str) -> list[list[str]]:
    """The marks of the roll: each entry's code and state, by code; what was struck is not on it."""
    rows = session.execute(
        text(
            "SELECT code, state FROM roll_entries WHERE poll_id = :poll AND state <> 'struck' "
            'ORDER BY code COLLATE "C"'
        ),
        {"poll": poll_id},
    )
    return [[row.code, row.state] for row in rows]


def roll(session: Session, poll_id: str, after: str, limit: int) -> Sequence[Row[Any]]:
    """Entries of the roll with all that is hashed of them, those after the code ``after``."""
    return session.execute(
        text(
            "SELECT code, state, kind, area, head_n, head_d, salt FROM roll_entries "
            "WHERE poll_id = :poll AND state <> 'struck' "
            'AND code COLLATE "C" > :after ORDER BY code COLLATE "C" LIMIT :limit'
        ),
        {"poll": poll_id, "after": after, "limit": limit},
    ).all()


def voted_online(session: Session, poll_id: str) -> int:
    """How many entries have voted by a ballot of their own or by proxy, not on paper."""
    counted = text(
        "SELECT count(*) FROM roll_entries WHERE poll_id = :poll AND state IN ('online', 'proxy')"
    )
    return int(session.scalar(counted, {"poll": poll_id}) or 0)
