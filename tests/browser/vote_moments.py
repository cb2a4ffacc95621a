"""The moments of votes, set where the running system keeps them: nobody waits a week for a test."""

from sqlalchemy import create_engine, text

from tests.browser.places import SECRETARY, Known
from tests.support.platform import Platform
from tests.support.waiting import until

SECONDS = 60.0
"""What a step of a vote may take, and the news of it."""


def open_now(site: Platform, known: Known, poll: str) -> None:
    """Its notice is over now."""
    until(
        lambda: known.get(SECRETARY, f"/polls/{poll}")["roll_state"] == "published",
        what="the roll",
        limit=SECONDS,
    )
    _set(
        site,
        poll,
        "UPDATE polls SET opens_at = now() WHERE id = :id",
        "UPDATE due SET try_at = now() WHERE subject_id = :id AND kind = 'poll.open'",
    )
    state_is(known, poll, "open")


def close_now(site: Platform, known: Known, poll: str, then: str = "published") -> None:
    """Its last minute is now; it is ``then`` what comes after it."""
    _set(
        site,
        poll,
        "UPDATE polls SET closes_at = now() WHERE id = :id",
        "UPDATE due SET try_at = now() WHERE subject_id = :id AND kind = 'poll.close'",
    )
    state_is(known, poll, then)


def state_is(known: Known, poll: str, state: str) -> None:
    """Wait until a poll is in this state."""
    until(
        lambda: known.get(SECRETARY, f"/polls/{poll}")["state"] == state, what=state, limit=SECONDS
    )


def talked_enough(site: Platform, topic: str) -> None:
    """The days of a topic's step are over now."""
    _set(site, topic, "UPDATE topics SET deadline_at = now() WHERE id = :id")


def _set(site: Platform, of: str, *statements: str) -> None:
    engine = create_engine(site.database_url("votes"))
    with engine.begin() as votes:
        for statement in statements:
            votes.execute(text(statement), {"id": of})
    engine.dispose()
