"""``python -m services.directory.rebuild <service>``: a service's copy made anew from identity.

::

    identity ─▶ communities, page by page ─▶ their cards, page by page ─▶ who was not named? ask

For a copy that was lost, restored from an older backup or is in doubt. The service goes on
meanwhile. Every page is of one moment of identity's and says which version of each subject it
shows; a row is written only where no later event was handled, and events up to that version that
are still under way are dropped as stale afterwards. So it may be run at any time, and again.

It reads ``SHEQU_<SERVICE>_DATABASE_URL``, ``SHEQU_AMQP_URL`` and ``SHEQU_TOKEN_KEY_FILE``: it asks
identity in a token of its own (:mod:`services.kit.service_token`).
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.contracts import topology
from services.contracts.errors import NotFound, ShequError
from services.contracts.events import MemberCardChanged
from services.directory import projection
from services.directory.queries import PRESENT
from services.kit import db, kept
from services.kit.aio_rpc import RpcClient
from services.kit.service_token import NoKey, ServiceToken
from services.kit.uow import UnitOfWorkFactory

Ask = Callable[..., Awaitable[Any]]
PAGE = 500
ASK_SECONDS = 20.0
_ONE_REBUILD = text("SELECT pg_try_advisory_lock(hashtext('directory rebuild'))")
_PRESENT = text(
    "SELECT person_id FROM directory_cards WHERE community_id = :community "
    "AND standing = ANY(:present) ORDER BY person_id"
)


class AlreadyRunning(Exception):
    """Somebody else makes this copy anew."""


@dataclass
class Outcome:
    """What came of it: rows written, rows left because a later event was handled."""

    communities: int = 0
    cards: int = 0
    left: int = 0
    closed: int = 0
    forgotten: int = 0


class Rebuild:
    """One copy made anew.

    Args:
        units: of the service that keeps it.
        ask: asks identity: method and arguments; gives the answer's data.
    """

    def __init__(self, units: UnitOfWorkFactory, ask: Ask) -> None:
        self._units = units
        self._ask = ask
        self._queue = topology.queue(f"{units.source}.territory").name
        self.outcome = Outcome()

    async def run(self, say: Callable[[str], None] = lambda _: None) -> Outcome:
        """Bring every community and card up to what identity says.

        Raises:
            AlreadyRunning: by somebody else.
            ShequError: identity cannot be asked; what was written so far is right.
        """
        with self._units.engine.connect() as connection:
            if not connection.scalar(_ONE_REBUILD):
                raise AlreadyRunning(f"the copy of {self._units.source} is being made anew")
            connection.commit()
            communities = await self._communities()
            await self._forget_unknown(communities)
            for number, community in enumerate(communities, 1):
                await self._cards(community)
                if number % 50 == 0 or number == len(communities):
                    say(f"{number} of {len(communities)} communities, {self.outcome.cards} cards")
            connection.invalidate()  # the session ends, and its lock with it
        return self.outcome

    async def _communities(self) -> list[str]:
        found: list[str] = []
        more = True
        while more:
            after = found[-1] if found else None
            page = await self._ask("list_community_records", after=after, limit=PAGE)
            records = {item["record"]["community_id"]: item for item in page["items"]}
            found += records
            with self._units() as uow:
                newest = self._newest(uow.session, page["epoch"], records)
                rows = [records[community]["record"] for community in sorted(newest)]
                projection.put_communities(uow, rows)
                uow.commit()
            self.outcome.communities += len(newest)
            self.outcome.left += len(records) - len(newest)
            more = page["more"]
        return found

    async def _forget_unknown(self, communities: Sequence[str]) -> None:
        with self._units(read_only=True) as uow:
            kept_here = set(uow.session.scalars(text("SELECT id FROM directory_communities")))
        for community in sorted(kept_here - set(communities)):
            try:  # it may have been made a moment ago
                await self._ask("get_community", community_id=community)
            except NotFound:
                with self._units() as uow:
                    projection.forget_community(uow, community)
                    uow.commit()
                self.outcome.forgotten += 1

    async def _cards(self, community: str) -> None:
        named: set[str] = set()
        after, more = None, True
        while more:
            page = await self._page(community, after=after, limit=PAGE)
            named |= self._put(page)
            after = page["after"]
            more = after is not None
        # Only now: a newcomer of the meantime stands here by an event, and is asked about.
        for people in self._not_named(community, named):
            page = await self._page(community, people=people)
            known = self._put(page)
            for person in sorted(set(people) - known):
                with self._units() as uow:
                    projection.close_card(uow, person, community)
                    uow.commit()
                self.outcome.closed += 1

    async def _page(self, community: str, **which: Any) -> Any:
        try:
            return await self._ask("list_member_cards", community_id=community, **which)
        except NotFound:  # closed a moment ago: an event says so
            return {"epoch": 0, "items": [], "after": None}

    def _put(self, page: Mapping[str, Any]) -> set[str]:
        """Write a page of cards; whom it names."""
        subjects = {
            MemberCardChanged.model_validate(item["card"], extra="ignore").subject: item
            for item in page["items"]
        }
        with self._units() as uow:
            newest = self._newest(uow.session, page["epoch"], subjects)
            projection.put_cards(uow, [subjects[s]["card"] for s in sorted(newest)])
            uow.commit()
        self.outcome.cards += len(newest)
        self.outcome.left += len(subjects) - len(newest)
        return {item["card"]["person_id"] for item in page["items"]}

    def _newest(self, session: Any, epoch: int, items: Mapping[str, Any]) -> set[str]:
        versions = {subject: int(item["version"]) for subject, item in items.items()}
        return kept.take_newest(session, self._queue, epoch, versions)

    def _not_named(self, community: str, named: set[str]) -> Iterator[list[str]]:
        with self._units(read_only=True) as uow:
            values = {"community": community, "present": sorted(PRESENT)}
            here = list(uow.session.scalars(_PRESENT, values))
        others = [person for person in here if person not in named]
        for first in range(0, len(others), PAGE):
            yield others[first : first + PAGE]


async def _run(service: str, database_url: str, amqp_url: str, token: ServiceToken) -> Outcome:
    engine = db.make_engine(database_url, pool=3)
    client = RpcClient(amqp_url, f"rebuild {service}")
    await client.start()

    async def ask(method: str, **kwargs: Any) -> Any:
        reply = await client.call(
            "identity", method, kwargs, token=token.text(), timeout=ASK_SECONDS
        )
        return reply.data

    try:
        await client.wait_attached(ASK_SECONDS)
        return await Rebuild(UnitOfWorkFactory(engine, service), ask).run(_say)
    finally:
        await client.close()
        engine.dispose()


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


def main(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Make the named service's copy anew; 2 when something is not set, 1 when it did not work."""
    keepers = [q.service for q in topology.QUEUES if q.name == f"{q.service}.territory"]
    if len(words) != 1 or words[0] not in keepers:
        print(  # noqa: T201
            f"usage: python -m services.directory.rebuild {'|'.join(keepers)}", file=sys.stderr
        )
        return 2
    (service,) = words
    names = (f"SHEQU_{service.upper()}_DATABASE_URL", "SHEQU_AMQP_URL", "SHEQU_TOKEN_KEY_FILE")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        print(f"not set: {', '.join(missing)}", file=sys.stderr)  # noqa: T201
        return 2
    database_url, amqp_url, key_file = (environment[name] for name in names)
    try:
        token = ServiceToken(Path(key_file), "rebuild")
        done = asyncio.run(_run(service, database_url, amqp_url, token))
    except NoKey as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 2
    except (ShequError, AlreadyRunning, SQLAlchemyError) as problem:
        said = problem.code if isinstance(problem, ShequError) else type(problem).__name__
        print(f"not finished: {said}; run it again", file=sys.stderr)  # noqa: T201
        return 1
    _say(
        f"{service}: {done.communities} communities and {done.cards} cards written, {done.left} "
        f"newer here, {done.closed} closed, {done.forgotten} communities forgotten"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
