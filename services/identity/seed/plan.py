"""From the tables of :mod:`district` to every node, person and tie: pure and always the same."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random

from services.contracts import demo
from services.contracts.demo import demo_id
from services.identity.domain import id_number
from services.identity.seed import names
from services.identity.seed.district import (
    ACCOUNTS,
    COMMUNITIES,
    DISTRICT,
    MORE_RESIDENTS,
    MORE_ROLES,
    TOWNS,
    Account,
    Community,
    Estate,
    Home,
)

ESTATE, BUILDING, UNIT, ROOM, REGISTER, MEMBERSHIP, GRANT, QR = range(4, 12)
DIVISION = "310199"
GROUPS = "一二三四五六七八九"
SIZES, SIZE_WEIGHTS = (0, 1, 2, 3, 4), (6, 18, 45, 20, 11)
LARGEST = 5


@dataclass(frozen=True, slots=True)
class Node:
    """A row of the territory."""

    id: str
    kind: str
    parent_id: str | None
    path: str
    name: str
    position: int
    code12: str | None = None
    community_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Flat:
    """A room with its way up."""

    community: Community
    estate: Node
    building: Node
    unit: Node | None
    room: Node

    @property
    def home(self) -> Home:
        """The address as the tables of the district write it."""
        labels = [e.label for e in self.community.estates]
        return Home(
            self.community.id,
            labels.index(self.estate.path.rpartition(".")[2]),
            self.building.position,
            self.unit.position if self.unit else 0,
            self.room.name,
        )


@dataclass(frozen=True, slots=True)
class Resident:
    """An adult of the register."""

    number: int
    name: str
    sex: str
    birth: date
    relation: str
    flat: Flat
    account: int | None = None

    @property
    def id(self) -> str:
        """The fixed id of the register's row."""
        return demo_id(REGISTER, self.number)

    @property
    def id_number(self) -> str:
        """A valid ID number of a division that does not exist."""
        return made_up_id(self.birth, self.sex, self.number)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody without an account, for a journey from the beginning."""

    flat: Flat
    name: str
    id_number: str
    relation: str
    on_register: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the seed puts into the database."""

    nodes: tuple[Node, ...]
    register: tuple[Resident, ...]
    accounts: tuple[Account, ...]

    @property
    def estates(self) -> list[Node]:
        """The estates; each gets one QR token."""
        return [n for n in self.nodes if n.kind == "estate"]


def made_up_id(birth: date, sex: str, number: int) -> str:
    """An ID number with a right check digit; odd sequence numbers are male."""
    sequence = number * 2 % 1000 + (1 if sex == "male" else 0)
    first17 = f"{DIVISION}{birth:%Y%m%d}{sequence:03d}"
    return first17 + id_number.check_digit(first17)


@cache
def build() -> Plan:
    """The whole district."""
    nodes: list[Node] = [Node(DISTRICT[0], "district", None, DISTRICT[1], DISTRICT[2], 0)]
    for position, (town_id, path, name) in enumerate(TOWNS):
        nodes.append(Node(town_id, "town", DISTRICT[0], path, name, position))
    register: list[Resident] = []
    counters = dict.fromkeys((ESTATE, BUILDING, UNIT, ROOM), 0)
    for position, community in enumerate(COMMUNITIES):
        flats = list(_build_community(community, position, nodes, counters))
        register += _people(community, flats, first=len(register))
    more = _more_accounts(register)
    accounts = tuple(sorted((*ACCOUNTS, *more), key=lambda account: account.number))
    return Plan(tuple(nodes), tuple(_with_accounts(register, accounts)), accounts)


# -- places ------------------------------------------------------------------------------------


def _build_community(
    community: Community, position: int, nodes: list[Node], counters: dict[int, int]
) -> Iterator[Flat]:
    parent = community.path.rpartition(".")[0]
    town_id = next(t[0] for t in TOWNS if t[1] == parent)
    nodes.append(
        Node(
            community.id,
            "community",
            town_id,
            community.path,
            community.name,
            position,
            community.code12,
            community.kind,
        )
    )
    above = nodes[-1]

    def add(kind: int, word: str, parent: Node, label: str, name: str, position: int) -> Node:
        counters[kind] += 1
        path = f"{parent.path}.{label}"
        nodes.append(Node(demo_id(kind, counters[kind]), word, parent.id, path, name, position))
        return nodes[-1]

    for number, estate in enumerate(community.estates):
        estate_node = add(ESTATE, "estate", above, estate.label, estate.name, number)
        for b in range(1, estate.buildings + 1):
            name = f"{b}号楼" if estate.units else f"{GROUPS[b - 1]}组"
            building = add(BUILDING, "building", estate_node, f"b{b}", name, b)
            for u in range(1, estate.units + 1):
                unit = add(UNIT, "unit", building, f"u{u}", f"{u}单元", u)
                for room in _room_names(estate):
                    node = add(ROOM, "room", unit, f"r{room}", room, int(room))
                    yield Flat(community, estate_node, building, unit, node)
            if not estate.units:
                for house in range(1, estate.flats + 1):
                    node = add(ROOM, "room", building, f"r{house}", str(house), house)
                    yield Flat(community, estate_node, building, None, node)


def _room_names(estate: Estate) -> list[str]:
    return [f"{f}{n:02d}" for f in range(1, estate.floors + 1) for n in range(1, estate.flats + 1)]


# -- people ------------------------------------------------------------------------------------


def _people(community: Community, flats: list[Flat], first: int) -> list[Resident]:
    dice = Random(f"households of {community.path}")
    fixed = {a.home: a for a in ACCOUNTS if a.home}
    sizes = dice.choices(SIZES, SIZE_WEIGHTS, k=len(flats))
    heads = [fixed.get(flat.home) for flat in flats]
    sizes = [max(1, size) if head else size for size, head in zip(sizes, heads, strict=True)]
    while (missing := community.adults - sum(sizes)) != 0:
        i = dice.randrange(len(sizes))
        if missing > 0 and sizes[i] < LARGEST:
            sizes[i] += 1
        elif missing < 0 and sizes[i] > 1:
            sizes[i] -= 1
    people: list[Resident] = []
    for flat, size, head in zip(flats, sizes, heads, strict=True):
        for name, sex, birth, relation in _household(dice, size, head, flat):
            number = first + len(people) + 1
            people.append(Resident(number, name, sex, birth, relation, flat))
    return people


def _household(
    dice: Random, size: int, account: Account | None, flat: Flat
) -> Iterator[tuple[str, str, date, str]]:
    """The adults of one flat: a head, a partner, then grown-up children."""
    if not size:
        return
    rents = account is None and flat.unit is not None and dice.random() < 0.16
    head_relation = "villager" if flat.unit is None else "tenant" if rents else "owner"
    year = dice.randint(1984, 2003) if rents else dice.randint(1940, 1992)
    sex = dice.choice(("male", "female"))
    family = names.surname(dice)
    name = family + names.given_name(dice, year, sex)
    if account is not None:
        name, sex, year, head_relation = (
            account.real_name,
            account.sex,
            account.birth_year,
            account.relation,
        )
        family = name[0]
    yield name, sex, _birthday(dice, year), head_relation
    others = "tenant" if rents else "villager" if flat.unit is None else "family"
    if size > 1:
        other_sex = "female" if sex == "male" else "male"
        partner_year = year + dice.randint(-4, 4)
        partner = names.surname(dice) + names.given_name(dice, partner_year, other_sex)
        yield partner, other_sex, _birthday(dice, partner_year), others
        family = family if sex == "male" else partner[0]
    for _ in range(size - 2):
        child_sex = dice.choice(("male", "female"))
        child_year = min(year + dice.randint(24, 34), names.YEAR - 19)
        child = family + names.given_name(dice, child_year, child_sex)
        yield child, child_sex, _birthday(dice, child_year), others


def _birthday(dice: Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=dice.randrange(365))


def _more_accounts(register: list[Resident]) -> Iterator[Account]:
    """Accounts 12 to 40: heads of households of 尚园, spread over the buildings."""
    taken = {a.home for a in ACCOUNTS}
    heads: dict[tuple[str, str], Resident] = {}
    for person in register:
        if person.flat.community.id == demo.SHANGYUAN and person.flat.home not in taken:
            heads.setdefault((person.flat.building.id, person.flat.room.id), person)
    candidates = [p for p in heads.values() if p.relation in ("owner", "tenant")]
    step = len(candidates) // len(MORE_RESIDENTS)
    used = {a.display_name for a in ACCOUNTS}
    for number, person in zip(MORE_RESIDENTS, candidates[::step], strict=False):
        called = names.called(person.name, person.birth.year, person.sex)
        if called in used:
            called += f"（{person.flat.building.name}）"
        used.add(called)
        yield Account(
            number,
            called,
            person.name,
            person.sex,
            person.birth.year,
            person.flat.home,
            person.relation,
            roles=MORE_ROLES.get(number, ()),
        )


def _with_accounts(register: list[Resident], accounts: tuple[Account, ...]) -> Iterator[Resident]:
    owners = {(a.home, a.real_name): a.number for a in accounts}
    for person in register:
        # a namesake in the same flat would be the son of the same name: there is none
        number = owners.pop((person.flat.home, person.name), None)
        yield replace(person, account=number) if number else person


# -- newcomers -----------------------------------------------------------------------------------


def newcomers_on_register(plan: Plan) -> Iterator[Newcomer]:
    """People of 尚园's register without an account, in a fixed order."""
    people = [
        p for p in plan.register if p.flat.community.id == demo.SHANGYUAN and p.account is None
    ]
    Random("newcomers on the register").shuffle(people)
    for p in people:
        yield Newcomer(p.flat, p.name, p.id_number, p.relation, True)


def newcomers_unknown(plan: Plan) -> Iterator[Newcomer]:
    """People who live in 尚园 but are not on its register yet, in a fixed order."""
    dice = Random("newcomers the register does not know")
    by_room = {p.flat.room.id: p.flat for p in plan.register}
    flats = [f for f in by_room.values() if f.community.id == demo.SHANGYUAN]
    known: dict[str, set[str]] = {}
    for p in plan.register:
        known.setdefault(p.flat.room.id, set()).add(p.name)
    for number in range(3000, 3450):
        flat, sex, year = (
            dice.choice(flats),
            dice.choice(("male", "female")),
            dice.randint(1965, 2002),
        )
        name = names.surname(dice) + names.given_name(dice, year, sex)
        birth = _birthday(dice, year)
        if name not in known[flat.room.id]:
            yield Newcomer(flat, name, made_up_id(birth, sex, number), "tenant", False)
