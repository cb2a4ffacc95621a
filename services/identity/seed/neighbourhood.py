"""A community of the reference district with everybody in it, from its number alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from services.contracts.actor import Role
from services.contracts.operations.identity import CommunityRecord
from services.identity.domain import id_number
from services.identity.seed import names
from services.identity.seed.buildings import Home, Place, Places
from services.identity.seed.households import Dweller, another_child, household
from services.identity.seed.reference import (
    GRANT,
    MADE_AT,
    MEMBERSHIP,
    PERSON,
    PLACE,
    QR,
    REGISTER,
    CommunityPlan,
    Frame,
    Grant,
    Officer,
    phone,
)

VACANT = 0.06
BOUND = 0.87  # households of which somebody has an account
FIRST_STAFF = 9_001  # number of the first staff account of a community; residents come before


class Adult(NamedTuple):
    """A row of the register; ``person_id`` when she has an account."""

    id: str
    home: Home
    name: str
    birth_year: int
    relation: str
    person_id: str | None


class Member(NamedTuple):
    """An account with a membership, ``active`` or ``pending``."""

    person_id: str
    membership_id: str
    phone: str
    display_name: str
    name: str
    birth: date
    id_number: str
    home: Home
    relation: str
    status: str
    asked_at: datetime
    register_id: str | None


class QrCode(NamedTuple):
    """The code on the notice board of an estate."""

    id: str
    estate_id: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A whole community; ``badges`` are Party members' choices, ``shown`` or not."""

    plan: CommunityPlan
    record: CommunityRecord
    places: Sequence[Place]
    qr: Sequence[QrCode]
    register: Sequence[Adult]
    members: Sequence[Member]
    officers: Sequence[Officer]
    grants: Sequence[Grant]
    badges: Sequence[tuple[str, bool]]
    figures: dict[str, int]


def neighbourhood(frame: Frame, number: int) -> Neighbourhood:
    """The community ``number`` (from 1) with everybody in it."""
    return _Builder(frame, frame.communities[number - 1]).build()


class _Builder:
    """Makes one community; its dice depend on seed and number alone."""

    def __init__(self, frame: Frame, plan: CommunityPlan) -> None:
        self.frame = frame
        self.size = frame.size
        self.plan = plan
        self.dice = Random(f"community {plan.number} of reference district {frame.size.seed}")
        self._counts: dict[int, int] = {}
        self._born: dict[tuple[date, str], int] = {}

    def build(self) -> Neighbourhood:
        plan, dice = self.plan, self.dice
        places = Places(plan.place, lambda: self._id(PLACE), dice)
        homes = places.build(round(plan.households / (1 - VACANT)) + 1)
        inhabited = sorted(dice.sample(range(len(homes)), plan.households))
        dwellings = [(homes[i], household(dice, village=plan.village)) for i in inhabited]
        self._make_room(dwellings)
        register, members = self._people(dwellings)
        members += self._waiting(dwellings)
        officers, grants, badges = self._offices(members)
        estates = [p for p in places.made if p.kind == "estate"]
        adults = len(register)
        return Neighbourhood(
            plan,
            self._record(),
            [plan.place, *places.made],
            [QrCode(self._id(QR), e.id) for e in estates],
            register,
            members,
            officers,
            grants,
            badges,
            {
                "households": plan.households,
                "residents": adults + round(adults * 0.16),  # and the children
                "adults": adults,
                "owners": sum(a.relation == "owner" for a in register),
                "floor_area": round(sum(h.floor_area for h in homes)),
            },
        )

    def _id(self, kind: int) -> str:
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        return self.size.id(kind, self.plan.number, number)

    def _record(self) -> CommunityRecord:
        place, town, district = self.plan.place, self.plan.town, self.frame.district
        return CommunityRecord(
            community_id=place.id,
            path=place.path,
            name=place.name,
            kind="village" if self.plan.village else "urban",
            code12=place.code12 or "",
            district_id=district.id,
            district_name=district.name,
            town_id=town.id,
            town_name=town.name,
            modules=[],
        )

    def _make_room(self, dwellings: list[tuple[Home, list[Dweller]]]) -> None:
        """More grown-up children, where there are fewer adults than accounts are asked for."""
        missing = self.plan.members - sum(len(d) for _, d in dwellings)
        for i in range(max(0, missing)):
            _, people = dwellings[i % len(dwellings)]
            people.append(another_child(self.dice, people))

    def _people(
        self, dwellings: list[tuple[Home, list[Dweller]]]
    ) -> tuple[list[Adult], list[Member]]:
        having = self._choose([len(d) for _, d in dwellings])
        register: list[Adult] = []
        members: list[Member] = []
        for (home, people), chosen in zip(dwellings, having, strict=True):
            for i, who in enumerate(people):
                register_id = self._id(REGISTER)
                member = None
                if i in chosen:
                    member = self._member(home, who, "active", register_id)
                    members.append(member)
                person_id = member.person_id if member else None
                register.append(
                    Adult(register_id, home, who.name, who.birth.year, who.relation, person_id)
                )
        return register, members

    def _choose(self, sizes: list[int]) -> list[set[int]]:
        """Who of each household has an account: one of most households, then more of those."""
        dice, wanted = self.dice, self.plan.members
        bound = dice.sample(range(len(sizes)), min(wanted, round(len(sizes) * BOUND)))
        having: list[set[int]] = [set() for _ in sizes]
        for i in bound:
            having[i].add(int(dice.random() * sizes[i]))
        others = [(i, j) for i in bound for j in range(sizes[i]) if j not in having[i]]
        dice.shuffle(others)
        if len(others) < wanted - len(bound):
            rest = set(range(len(sizes))) - set(bound)
            others += [(i, j) for i in sorted(rest) for j in range(sizes[i])]
        for i, j in others[: wanted - len(bound)]:
            having[i].add(j)
        return having

    def _waiting(self, dwellings: list[tuple[Home, list[Dweller]]]) -> list[Member]:
        """A few whom the register doesn't know: the committee has something to decide."""
        count = max(1, self.plan.households // 250)
        asked = []
        for _ in range(count):
            home, people = dwellings[int(self.dice.random() * len(dwellings))]
            year = self.dice.randint(1965, 2003)
            family = people[0].name[0]
            name = names.full_name(self.dice, year, "female", family)
            while any(name == known.name for known in people):
                name = names.full_name(self.dice, year, "female", family)
            relation = "villager" if self.plan.village else "tenant"
            born = date(year, 1, 1) + timedelta(days=int(self.dice.random() * 365))
            newcomer = Dweller(name, "female", born, "flatmate", relation)
            asked.append(self._member(home, newcomer, "pending", None))
        return asked

    def _member(self, home: Home, who: Dweller, status: str, register_id: str | None) -> Member:
        person_id = self._id(PERSON)
        relation = who.relation
        if relation == "villager" and who.kin != "head" and self.dice.random() < 0.12:
            relation = "away"  # 离村不离心
        asked_at = MADE_AT - timedelta(seconds=int(self.dice.random() * 86_400 * 1_000))
        if status == "pending":
            asked_at = MADE_AT - timedelta(seconds=int(self.dice.random() * 86_400 * 3))
        return Member(
            person_id,
            self._id(MEMBERSHIP),
            phone(self.plan.number, self._counts[PERSON]),
            names.neighbourly(self.dice, who.name, who.birth.year, who.sex),
            who.name,
            who.birth,
            self._id_number(who.birth, who.sex),
            home,
            relation,
            status,
            asked_at,
            register_id,
        )

    def _id_number(self, birth: date, sex: str) -> str:
        """Valid by GB 11643 and free: up to 500 of each sex on one day."""
        nth = self._born[birth, sex] = self._born.get((birth, sex), -1) + 1
        sequence = (birth.toordinal() + nth * 7) % 500 * 2 + (sex == "male")
        division = 310_300 + self.plan.number
        first17 = f"{division}{birth.year}{birth.month:02d}{birth.day:02d}{sequence:03d}"
        return first17 + id_number.check_digit(first17)

    # -- offices -----------------------------------------------------------------------------

    def _offices(
        self, members: list[Member]
    ) -> tuple[list[Officer], list[Grant], list[tuple[str, bool]]]:
        dice, place = self.dice, self.plan.place
        officers = []
        for i in range(1 + dice.randint(3, 5)):
            year = dice.randint(1966, 1998)
            name = names.full_name(dice, year, "female")
            called = f"{name[0]}书记" if i == 0 else f"居委小{name[0]}"
            number = FIRST_STAFF + i
            person_id = self.size.id(PERSON, self.plan.number, number)
            officers.append(Officer(person_id, phone(self.plan.number, number), called))
        secretary = officers[0].person_id
        given: list[tuple[str, Role]] = [(secretary, Role.SECRETARY)]
        given += [(o.person_id, Role.COMMITTEE_STAFF) for o in officers]
        badges = []
        represented: set[str] = set()
        for member in members:
            if member.status != "active":
                continue
            if member.birth.year <= names.YEAR - 28 and dice.random() < 0.09:
                given.append((member.person_id, Role.PARTY_MEMBER))
                if dice.random() < 0.75:
                    badges.append((member.person_id, dice.random() < 0.95))
            building = member.home.building_id
            if building not in represented and dice.random() < 0.1:
                represented.add(building)
                given.append((member.person_id, Role.GROUP_REPRESENTATIVE))
        grants = [
            Grant(
                self._id(GRANT),
                person_id,
                role,
                place.path,
                place.id,
                None if person_id == secretary else secretary,
            )
            for person_id, role in given
        ]
        return officers, grants, badges
