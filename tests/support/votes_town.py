"""A poll of a whole town, laid down in the votes database of a system that runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from deploy.local.keys import VOTES_KEYS
from services.contracts import demo
from services.contracts.ids import new_id
from services.contracts.operations.identity.electorates import ElectorateEntry
from services.kit.uow import UnitOfWork, UnitOfWorkFactory
from services.votes import repository
from services.votes.crypto import keys
from services.votes.domain.rules import digest
from services.votes.handlers import ledger, polls, rolls
from services.votes.models import PollRow, ProposalVersionRow
from tests.support.platform import Platform
from tests.support.votes import RULES, poll_row, topic_row
from tests.support.votes_covenants import articles

TITLE = "电动车不进楼"
TEXT_HASH = "ab" * 32
PAGE = 5_000


@dataclass(frozen=True)
class TownPoll:
    """An open, secret poll on a frozen roll: an entry for each of ``people``."""

    id: str
    units: UnitOfWorkFactory

    def close_in(self, seconds: float) -> None:
        """Its close is brought forward, so that nobody waits for days."""
        with self.units() as uow:
            _topic, poll = polls.locked(uow, self.id)
            legal = repository.clock.legal_now(uow.session)
            poll.closes_at = legal + timedelta(seconds=seconds)
            repository.due.put(uow.session, "poll.close", self.id, poll.closes_at)
            uow.commit()

    @property
    def state(self) -> str:
        """Where it is on its way."""
        with self.units(read_only=True) as uow:
            return str(repository.polls.poll(uow.session, self.id).state)

    def marked(self) -> set[str]:
        """The people whose entries have voted online."""
        with self.units(read_only=True) as uow:
            rows = uow.session.scalars(
                text(
                    "SELECT p.person_id FROM roll_entries AS e JOIN roll_people AS p "
                    "USING (poll_id, code) WHERE e.poll_id = :poll AND e.state = 'online'"
                ),
                {"poll": self.id},
            )
            return set(rows)

    def waiting(self) -> int:
        """Events that were not published yet, and turnouts that are still to be told."""
        with self.units(read_only=True) as uow:
            count = uow.session.scalar(
                text(
                    "SELECT (SELECT count(*) FROM kit_outbox WHERE published_at IS NULL) + "
                    "(SELECT count(*) FROM due WHERE subject_id = :poll AND done_at IS NULL "
                    "AND kind = 'poll.turnout')"
                ),
                {"poll": self.id},
            )
            return int(count or 0)

    def emitted(self) -> list[str]:
        """The ids of the events about it, in their order."""
        with self.units(read_only=True) as uow:
            rows = uow.session.scalars(
                text("SELECT event_id FROM kit_outbox WHERE subject = :poll ORDER BY id"),
                {"poll": self.id},
            )
            return list(rows)


@contextmanager
def town_poll(platform: Platform, people: Sequence[str]) -> Iterator[TownPoll]:
    """A poll of these people in 尚园, open for a week."""
    keys.use(platform.layout.keys / VOTES_KEYS)
    # its server is killed meanwhile: no connection is kept
    engine = create_engine(platform.database_url("votes"), poolclass=NullPool)
    units = UnitOfWorkFactory(engine, "votes")
    try:
        yield TownPoll(opened(units, people), units)
    finally:
        engine.dispose()


def opened(units: UnitOfWorkFactory, people: Sequence[str]) -> str:
    """An open, secret poll in 尚园 on a frozen roll, with an entry for each of the people; its id.

    It closes in a week.
    """
    with units() as uow:
        poll = _laid_down(uow, datetime.now(UTC))
        for first in range(0, len(people), PAGE):
            rolls.lay_down(uow, poll, [_entry(one) for one in people[first : first + PAGE]])
        rolls.freeze(uow, poll)
        ledger.open_chain(uow, poll, TEXT_HASH, datetime.now(UTC))
        repository.due.put(uow.session, "poll.close", poll.id, poll.closes_at)
        poll_id = poll.id
        uow.commit()
    with units.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE roll_entries, roll_people"))
    return poll_id


def _laid_down(uow: UnitOfWork, now: datetime) -> PollRow:
    where: dict[str, Any] = {
        "community_id": demo.SHANGYUAN,
        "path": demo.PATH_SHANGYUAN,
        "title": TITLE,
    }
    topic_id, poll_id = new_id(), new_id()
    opens = now - timedelta(hours=1)
    topic = topic_row(
        "voting", now, id=topic_id, author_id="p-author", proposal=1, poll_id=poll_id, **where
    )
    poll = poll_row(
        "open",
        opens,
        id=poll_id,
        topic_id=topic_id,
        rules_hash=digest(RULES),
        announced_at=opens,
        closes_at=now + timedelta(days=7),
        opened_at=opens,
        roll_state="published",
        **where,
    )
    uow.session.add(topic)
    uow.session.flush()
    uow.session.add(
        ProposalVersionRow(
            topic_id=topic_id,
            version=1,
            articles=articles(TITLE),
            rules=RULES.model_dump(mode="json"),
            opens_at=opens,
            closes_at=poll.closes_at,
            hash=TEXT_HASH,
            written_at=now,
            written_role="secretary",
        )
    )
    uow.session.add(poll)
    uow.session.flush()
    return poll


def _entry(person_id: str) -> ElectorateEntry:
    return ElectorateEntry(
        ref=f"r-{person_id}",
        kind="person",
        household=f"h-{person_id}",
        building="3号楼",
        place="101",
        area=0,
        head_n=1,
        head_d=1,
        head_group="",
        doubt="",
        people=[person_id],
    )
