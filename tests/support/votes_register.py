"""A register for votes: identity's own use-cases on its own database answer what votes asks."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.errors import Unavailable
from services.contracts.operations import identity as op
from services.identity.handlers import electorates
from services.identity.models import RegisterPerson, Territory
from services.kit.uow import UnitOfWorkFactory
from tests.support.bridge import SHANGYUAN, actor
from tests.support.identity_world import C_HOME, HOME, World
from tests.support.votes import Votes

BORN = 1950
CALLS = ("draw_electorate", "page_electorate", "drop_electorate", "my_subjects", "show_subjects")


class Register:
    """Identity beside a :class:`Votes`; ``asker`` is in whose name votes asks.

    Attributes:
        asked: the methods that votes asked, in order.
        away: identity cannot be asked.
    """

    def __init__(self, votes: Votes, units: UnitOfWorkFactory) -> None:
        self.votes = votes
        self.world = World(units)
        self.asked: list[str] = []
        self.away = False
        self.asker = actor("p-shi", (Role.COMMITTEE_STAFF, HOME))
        for method in CALLS:
            votes.answers[method] = self._answering(method)

    def _answering(self, method: str) -> Callable[..., Any]:
        def answer(**asked: Any) -> Any:
            self.asked.append(method)
            if self.away:
                raise Unavailable()
            if "community_id" in asked:
                assert asked["community_id"] == SHANGYUAN
                asked["community_id"] = C_HOME
            return self._said(method, asked).model_dump(mode="json")

        return answer

    def _said(self, method: str, asked: dict[str, Any]) -> Any:
        world, clock, now = self.world, datetime.now(UTC), self.votes.now
        match method:
            case "draw_electorate":
                cmd: Any = op.DrawElectorate(**asked)
                return world.do(electorates.draw_electorate, cmd, self.asker, clock, now)
            case "page_electorate":
                page = op.PageElectorate(**asked)
                return world.do(electorates.page_electorate, page, clock, read=True)
            case "drop_electorate":
                return world.do(electorates.drop_electorate, op.DropElectorate(**asked))
            case "my_subjects":
                cmd = op.MySubjects(**asked)
                return world.do(electorates.my_subjects, cmd, self.asker, now, read=True)
        cmd = op.ShowSubjects(**asked)
        return world.do(electorates.show_subjects, world.vault, cmd, self.asker, now)

    @contextmanager
    def asking(self, who: Actor) -> Iterator[None]:
        """Votes asks in the name of this person meanwhile."""
        before, self.asker = self.asker, who
        yield
        self.asker = before

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Snapshots take longer than anybody waits meanwhile: somebody holds their table."""
        with self.world.units() as uow:
            uow.session.execute(text("LOCK TABLE electorate_entries IN ACCESS EXCLUSIVE MODE"))
            yield

    def take(self) -> int:
        """Identity's clock takes a snapshot that was asked for; how many it took."""
        clock = datetime.now(UTC)
        return self.world.do(electorates.take_electorate, clock, self.votes.now)

    # -- who is on the register ----------------------------------------------------------------

    def account(self, *roles: tuple[Role, str]) -> Actor:
        """Somebody with an account, whom votes knows as a neighbour, too."""
        who = self.world.person("", *roles)
        self.votes.settle(who)
        return who

    def room(self, name: str, area: str | None = "80") -> str:
        """A room with its floor area in m²; its id."""
        room_id = f"r{secrets.token_hex(4)}"
        with self.world.units() as uow:
            uow.session.add(
                Territory(
                    id=room_id,
                    kind="room",
                    parent_id="b-2",
                    path=f"{HOME}.e1.b2.{room_id}",
                    name=name,
                    position=int(name),
                    floor_area=None if area is None else Decimal(area),
                )
            )
            uow.commit()
        return room_id

    def person(
        self, room: str, who: Actor | None = None, *, name: str = "孙桂芳", **known: Any
    ) -> str:
        """Somebody of the register, tied to an account or not; the id of the entry."""
        known = {"birth_year": BORN, "building_id": "b-2", **known}
        return self.world.register(name, room, person_id=who.person_id if who else None, **known)

    def link(self, entry: str, who: Actor | None) -> None:
        """The committee ties an entry to an account, or to none."""
        with self.world.units() as uow:
            row = uow.session.get_one(RegisterPerson, entry)
            row.person_id = who.person_id if who else None
            uow.commit()
