"""Rolls: the state of their entries, taken by one statement."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.votes.domain.rolls import MOVES, Mark

_TAKE = text(
    """
    WITH mine AS (
        SELECT code FROM roll_entries
        WHERE poll_id = :poll AND code = ANY(:codes) AND state = :was
        ORDER BY code FOR NO KEY UPDATE
    )
    UPDATE roll_entries AS e SET state = :to FROM mine
    WHERE e.poll_id = :poll AND e.code = mine.code RETURNING e.code
    """
)


def take(session: Session, poll_id: str, codes: Sequence[str], was: str, to: str) -> set[str]:
    """Lead those of the entries that are in state ``was`` to state ``to``; which these were.

    Whoever else holds one of them is waited for, and what it then is counts. Entries are locked
    in the order of their codes, so that two batches never wait for each other.

    Raises:
        ValueError: no entry ever goes from the one state to the other.
    """
    if (Mark(was), Mark(to)) not in MOVES:
        raise ValueError(f"no entry goes from {was} to {to}")
    values = {"poll": poll_id, "codes": list(codes), "was": was, "to": to}
    return set(session.scalars(_TAKE, values))
