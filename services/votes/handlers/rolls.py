"""The roll of a poll: drawn from the register, published, frozen; who may vote for which entry.

::

    announced ─ ticket ─▶ drawing ─ page by page ─▶ published ─ opening ─▶ frozen
                                                       │ ▲
                                                       └─┘ added, struck, put back (roll_desk)

Entries are the register's, with or without an account. Whose account may use which is looked up
again when somebody comes of whom the roll does not know: so an account that was tied to the
register after the drawing finds its entry, in whatever state that is by then.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.identity import DrawnElectorate, ElectorateEntry, SubjectRefs
from services.contracts.operations.votes import rolls as ops
from services.contracts.operations.votes.rules import RuleSet
from services.kit import logs
from services.kit.aside import aside
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import merkle
from services.votes.domain import rolls as rules
from services.votes.domain.count_words import exact
from services.votes.domain.rolls import EmptyRoll, Mark, RollNotReady
from services.votes.models import PollRow, RollEntryRow
from services.votes.repository.rolls import Line

ON_ROLL = [mark.value for mark in Mark if mark is not Mark.STRUCK]
log = logs.get(__name__)


def electorate(poll: PollRow) -> dict[str, Any]:
    """How identity is asked for the electorate of a poll."""
    chosen = RuleSet.model_validate(poll.rules).electorate
    return {"community_id": poll.community_id, "salt": poll.id, **chosen.model_dump()}


# -- drawn ---------------------------------------------------------------------------------------


def draw(uow: UnitOfWork, poll: PollRow, now: datetime) -> None:
    """Let identity take the snapshot, in the caller's name; the clock reads it page by page.

    Of a large register it is taken a moment later; an empty one is held at the opening then.

    Raises:
        EmptyRoll: nobody may vote by these rules.
        ShequError: identity's word: she convenes no such voters there, or it cannot be asked.
    """
    told = uow.ask("identity", "draw_electorate", **electorate(poll))
    drawn = DrawnElectorate.model_validate(told)
    if drawn.size == 0:
        raise EmptyRoll()
    poll.roll_state, poll.ticket, poll.drawn_to = "drawing", drawn.ticket, None
    poll.roll_expected = drawn.size
    repository.due.put(uow.session, "roll.draw", poll.id, now)


def lay_down(uow: UnitOfWork, poll: PollRow, entries: Sequence[ElectorateEntry]) -> list[str]:
    """Put subjects of the register on the roll, each under a new code; the codes, in order."""
    rows = [
        {
            **dict(one),
            "code": rules.new_code(),
            "salt": rules.new_salt(),
            "household": one.household or one.ref,  # counted as one of its own
        }
        for one in entries
    ]
    repository.rolls.add(uow.session, poll.id, rows)
    pairs = [
        (person, str(row["code"]))
        for row, one in zip(rows, entries, strict=True)
        for person in one.people
    ]
    repository.rolls.tie(uow.session, poll.id, pairs)
    return [str(row["code"]) for row in rows]


# -- reckoned ------------------------------------------------------------------------------------


def reckon(uow: UnitOfWork, poll: PollRow) -> None:
    """The sums of the roll as it is, and its hash; heads are shared among what is on it.

    The poll is locked by the caller. A large roll's hashes are reckoned beside the calls that wait.
    """
    session = uow.session
    repository.rolls.share_heads(session, poll.id)
    lines = repository.rolls.lines(session, poll.id)
    codes = [one.code for one in lines]
    pieces, roots = aside(_tree, lines)
    repository.rolls.keep_tree(
        session,
        poll.id,
        [
            {
                "poll_id": poll.id,
                "piece": number,
                "first": codes[number * merkle.PIECE],
                "root": roots[number],
                "leaves": b"".join(piece),
            }
            for number, piece in enumerate(pieces)
        ],
    )
    sums = repository.polls.sums(session, poll.id, ON_ROLL)
    poll.roll_size, poll.roll_households = sums.entries, sums.households
    poll.roll_area, poll.roll_heads = sums.area, exact(sums.heads)
    poll.roll_hash = merkle.root(roots).hex()


def _tree(lines: Sequence[Line]) -> tuple[list[Sequence[bytes]], list[bytes]]:
    """The leaves of the roll's tree in pieces, and their roots."""
    pieces = merkle.pieces(
        [
            rules.leaf(one.salt, rules.line(one.code, one.kind, one.area, one.head_n, one.head_d))
            for one in lines
        ]
    )
    return pieces, [merkle.root(piece) for piece in pieces]


def freeze(uow: UnitOfWork, poll: PollRow) -> None:
    """The opening freezes the roll: its sums and its hash are what they are from now on.

    Raises:
        RollNotReady: it is still being drawn.
        EmptyRoll: everybody was struck off.
    """
    if poll.roll_state == "frozen":
        return
    if poll.roll_state == "drawing":
        raise RollNotReady()
    reckon(uow, poll)
    if poll.roll_size == 0:
        raise EmptyRoll()
    poll.roll_state = "frozen"


# -- whose ---------------------------------------------------------------------------------------


def subjects(uow: UnitOfWork, actor: Actor, poll: PollRow) -> list[RollEntryRow]:
    """The entries that the actor may vote for.

    Identity is asked in her own name when the roll knows none, or when she may own several units.
    Somebody who only looks is shown what is known while identity is away.

    Raises:
        ShequError: nothing is known, identity cannot be asked, and she is about to vote.
    """
    known = repository.rolls.known(uow.session, poll.id, actor.person_id)
    if actor.acted_by or poll.roll_state == "drawing" or poll.state in ("published", "void"):
        return known
    if known and known[0].kind != "unit":
        return known
    try:
        told = uow.ask("identity", "my_subjects", **electorate(poll))
    except ShequError as error:
        if known or uow.read_only:
            log.warning("what is known of the roll has to do", code=error.code)
            return known
        raise
    refs = SubjectRefs.model_validate(told).refs
    found = repository.rolls.of_refs(uow.session, poll.id, refs)
    fresh = [one for one in found if one.state != Mark.STRUCK]
    if not uow.read_only:
        codes = [one.code for one in fresh]
        repository.rolls.untie_others(uow.session, poll.id, actor.person_id, codes)
        repository.rolls.tie(uow.session, poll.id, [(actor.person_id, code) for code in codes])
    together = {one.code: one for one in (*known, *fresh)}
    return sorted(together.values(), key=lambda one: (one.building, one.place, one.code))


def proofs(uow: UnitOfWork, poll: PollRow, rows: Sequence[RollEntryRow]) -> list[ops.RollProof]:
    """The proofs that these entries are in the roll; one that it was not reckoned with has none."""
    if not rows or not poll.roll_hash:
        return []
    firsts, roots = repository.rolls.tops(uow.session, poll.id)
    places = [bisect_right(firsts, row.code) - 1 for row in rows]
    pieces = repository.rolls.pieces(uow.session, poll.id, set(places))
    found = []
    for row, place in zip(rows, places, strict=True):
        line = rules.line(row.code, row.kind, row.area, row.head_n, row.head_d)
        leaf, leaves = rules.leaf(row.salt, line), pieces.get(place, [])
        if leaf not in leaves:
            continue
        index = place * merkle.PIECE + leaves.index(leaf)
        path = merkle.proof_in_pieces(leaves, index, roots)
        found.append(
            ops.RollProof(
                subject_id=row.code,
                line=line,
                salt=row.salt,
                index=index,
                path=[node.hex() for node in path],
            )
        )
    return found


def heads(row: RollEntryRow) -> Fraction:
    """The share of a head that an entry carries."""
    return Fraction(row.head_n, row.head_d)
