"""Who lives and works in the district of the permission matrix, made as cheaply as can be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text, update

from services import directory
from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.ids import new_id
from services.identity.crypto import Vault
from services.identity.domain import names
from services.identity.models import GrantRow, Membership, PersonRow, RealName, SessionRow
from services.kit.uow import UnitOfWorkFactory
from tests.support.identity_world import ESTATE, HOME, made_up_id

COPIES = ("feed", "grid_bridge", "notify", "votes")  # who asks the directory's copy
FAR = "d.t2.far"
FAR_ID, FAR_ESTATE, FAR_BUILDING = "c-far", "e-far", "b-far"
COMMUNITIES = {HOME: "c-home", FAR: FAR_ID}
ADDRESSES = {HOME: (ESTATE, "b-1", "u-1"), FAR: (FAR_ESTATE, FAR_BUILDING, None)}
LOT = 32
"""So many people are made at once at most."""


class People:
    """The people of a district, in identity's tables and in every service's copy."""

    def __init__(self, units: dict[str, UnitOfWorkFactory], vault: Vault, now: datetime) -> None:
        self.units, self.vault, self.now = units, vault, now
        self._count = 0
        self._waiting: dict[tuple[tuple[Role, str], ...], tuple[list[Actor], int]] = {}

    def number(self) -> int:
        """Another one each time."""
        self._count += 1
        return self._count

    def phone(self) -> str:
        """A number that nobody has."""
        return f"138{self.number():08d}"

    def id_number(self) -> str:
        """A valid number that nobody has."""
        count = self.number()
        return made_up_id(date(1930, 1, 1) + timedelta(days=count // 900), count % 900 + 2)

    def person(self, *grants: tuple[Role, str], phone: str = "") -> Actor:
        """Somebody logged in who holds these roles, in the table and in the token.

        Whoever needs no number of her own was made together with others who hold the same: a lot
        of them takes the transactions that one takes, and each lot is twice the one before.
        """
        if phone:
            return self._people(grants, [phone])[0]
        waiting, lot = self._waiting.get(grants, ([], 1))
        if not waiting:
            waiting = self._people(grants, [self.phone() for _ in range(lot)])
            self._waiting[grants] = waiting, min(2 * lot, LOT)
        return waiting.pop()

    def _people(self, grants: tuple[tuple[Role, str], ...], phones: list[str]) -> list[Actor]:
        held = tuple(Grant(role, path) for role, path in grants)
        people = [Actor(new_id(), new_id(), held, 2**31) for _ in phones]
        with self.units["identity"]() as uow:
            uow.session.execute(
                insert(PersonRow),
                [
                    self._person_row(who, names.phone(phone))
                    for who, phone in zip(people, phones, strict=True)
                ],
            )
            uow.session.execute(
                insert(SessionRow),
                [
                    {
                        "id": who.session_id,
                        "person_id": who.person_id,
                        "created_at": self.now,
                        "expires_at": self.now + timedelta(days=1),
                    }
                    for who in people
                ],
            )
            for role, path in grants:
                if role is not Role.RESIDENT:
                    self._grant(uow, people, role, path)
            uow.commit()
        for role, path in grants:
            if role is Role.RESIDENT:
                self._settle(people, path)
        return people

    def _person_row(self, who: Actor, e164: str) -> dict[str, Any]:
        return {
            "id": who.person_id,
            "phone_sealed": self.vault.seal(e164, purpose="person.phone", owner=who.person_id),
            "phone_index": self.vault.index("phone", e164),
            "display_name": f"人{who.person_id[-4:]}",
            "created_at": self.now,
        }

    def _grant(self, uow: Any, people: list[Actor], role: Role, path: str) -> None:
        territory_id = uow.session.scalar(
            text("SELECT id FROM territory WHERE path = :path"), {"path": path}
        )
        long_enough_to_vouch = self.now - timedelta(days=30)
        uow.session.execute(
            insert(GrantRow),
            [
                {
                    "id": new_id(),
                    "person_id": who.person_id,
                    "role": role.value,
                    "path": path,
                    "territory_id": territory_id,
                    "granted_at": long_enough_to_vouch,
                }
                for who in people
            ],
        )

    def settle(self, who: Actor, path: str = HOME, relation: str = "owner") -> str:
        """Let somebody live in the community at ``path``; the id of the membership."""
        return self._settle([who], path, relation)[0]

    def _settle(self, people: list[Actor], path: str, relation: str = "owner") -> list[str]:
        estate, building, unit = ADDRESSES[path]
        homes = [(new_id(), str(self.number()), who.person_id) for who in people]
        with self.units["identity"]() as uow:
            uow.session.execute(
                insert(Membership),
                [
                    {
                        "id": membership_id,
                        "person_id": person_id,
                        "community_id": COMMUNITIES[path],
                        "estate_id": estate,
                        "building_id": building,
                        "unit_id": unit,
                        "room": room,
                        "room_key": room,
                        "relation": relation,
                        "status": "active",
                        "finding": "match",
                        "requested_at": self.now,
                    }
                    for membership_id, room, person_id in homes
                ],
            )
            uow.commit()
        self.tell(
            *(
                e.MemberCardChanged(
                    person_id=who.person_id,
                    community_id=COMMUNITIES[path],
                    path=path,
                    standing="active",
                    display_name="邻居",
                )
                for who in people
            )
        )
        return [membership_id for membership_id, _, _ in homes]

    def name(self, who: Actor) -> None:
        """Say who somebody really is."""
        number = self.id_number()
        seal: Callable[[str, str], str] = lambda value, purpose: self.vault.seal(  # noqa: E731
            value, purpose=purpose, owner=who.person_id
        )
        with self.units["identity"]() as uow:
            uow.session.execute(
                insert(RealName).values(
                    person_id=who.person_id,
                    name_sealed=seal("张三", "real_name.name"),
                    id_number_sealed=seal(number, "real_name.id_number"),
                    id_index=self.vault.index("id_number", number),
                    birth_year=1950,
                    given_at=self.now,
                )
            )
            uow.commit()

    @contextmanager
    def before_any_office(self, who: Actor) -> Iterator[None]:
        """A time when somebody held no role yet."""

        def revoked(when: datetime | None) -> None:
            with self.units["identity"]() as uow:
                roles = update(GrantRow).where(GrantRow.person_id == who.person_id)
                uow.session.execute(roles.values(revoked_at=when))
                uow.commit()

        revoked(self.now)
        yield
        revoked(None)

    def neighbour(self) -> Actor:
        """A resident of the home community whom nobody asks about."""
        return self.person((Role.RESIDENT, HOME))

    def tell(self, *events: e.Event) -> None:
        """Let every service that keeps a copy of the directory hear of it."""
        for service in COPIES:
            with self.units[service]() as uow:
                for event in events:
                    directory.project(uow, event)
                uow.commit()
