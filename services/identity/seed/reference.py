"""A reference district of any size beside the demo's: pure, and always the same for one seed.

::

    Size(565, 640_000) ─▶ Frame: district, 12 towns, offices, so many people per community
                             └─▶ neighbourhood(frame, n): places, register, accounts, offices

Each community is made from its number alone, in any order and by any process; the ids, phones and
ID numbers of two never meet, because each carries the community's number:

* ids: UUIDv7 whose time part is 2017-02-01 and the community's number, so that what belongs
  together lies together in every index;
* phones: 132, the community (4 digits), the person (4 digits);
* ID numbers: division 310300 + community, which was never given out (Shanghai has 3101 and 3102),
  then birthday, and a sequence number that is free on that day.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import NamedTuple

from services.contracts.actor import Role
from services.identity.seed import placenames
from services.identity.seed.buildings import Place

DISTRICT_ID = PATH = "ref"  # the id of a district is its path, as in the demo
DISTRICT_NAME = "宝山参照区"
COUNTY = "310198"  # first six digits of the communities' codes; not given out either
MADE_AT = datetime(2026, 9, 1, tzinfo=UTC)
HOUSEHOLDS_PER_RESIDENT = 0.75  # 480,000 for 640,000 accounts
VILLAGES = 0.18
_EPOCH_MS = 1_485_907_250_000  # 50 s after the demo's ids begin: theirs take 12 s
(
    DISTRICT_KIND, TOWN, COMMUNITY, PLACE, REGISTER, PERSON, MEMBERSHIP, GRANT, QR,
) = range(9)  # fmt: skip


class BadSize(ValueError):
    """A district cannot be made with such numbers; the message says why."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big, and which of all districts of that size.

    Args:
        communities: 1 to 2,000.
        residents: accounts with an active membership; 20 to 3,000 for each community.
        seed: 0 to 4,194,303.

    Raises:
        BadSize: something is out of range.
    """

    communities: int = 565
    residents: int = 640_000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.communities <= 2_000:
            raise BadSize("communities must be 1 to 2,000")
        if not 20 * self.communities <= self.residents <= 3_000 * self.communities:
            raise BadSize("residents must be 20 to 3,000 for each community")
        if not 0 <= self.seed < 1 << 22:
            raise BadSize(f"the seed must be 0 to {(1 << 22) - 1}")

    def id(self, kind: int, community: int, number: int) -> str:
        """The fixed id of something; its first half is the community's place in time."""
        bits = (_EPOCH_MS + community) << 80 | 0x7 << 76 | kind << 64
        bits |= 0b10 << 62 | self.seed << 40 | number
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Officer(NamedTuple):
    """An account for work, without a home in the district."""

    person_id: str
    phone: str
    display_name: str


class Grant(NamedTuple):
    """A role at a node."""

    id: str
    person_id: str
    role: Role
    path: str
    territory_id: str
    granted_by: str | None


@dataclass(frozen=True, slots=True)
class CommunityPlan:
    """A community before anybody lives in it."""

    number: int
    place: Place
    town: Place
    households: int
    members: int

    @property
    def village(self) -> bool:
        """Whether it is a village."""
        return self.place.community_kind == "village"


@dataclass(frozen=True, slots=True)
class Frame:
    """The district down to its communities, and who works above them."""

    size: Size
    district: Place
    towns: tuple[Place, ...]
    communities: tuple[CommunityPlan, ...]
    officers: tuple[Officer, ...]
    grants: tuple[Grant, ...]


def phone(community: int, number: int) -> str:
    """The phone number of somebody, in E.164."""
    return f"+86132{community:04d}{number:04d}"


# -- the frame -----------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def frame(size: Size) -> Frame:
    """The district without its communities' content."""
    dice = Random(f"reference district {size.seed}")
    district = Place(DISTRICT_ID, "district", None, PATH, DISTRICT_NAME, 0)
    towns = tuple(
        Place(size.id(TOWN, 0, i + 1), "town", district.id, f"{PATH}.t{i + 1:02d}", name, i)
        for i, name in enumerate(placenames.TOWNS)
    )
    plans = _communities(size, dice, towns)
    officers, grants = _offices_above(size, district, towns)
    return Frame(size, district, towns, plans, officers, grants)


def _communities(size: Size, dice: Random, towns: tuple[Place, ...]) -> tuple[CommunityPlan, ...]:
    rural = round(size.communities * VILLAGES)
    villages = set(dice.sample(range(size.communities), rural))
    stems = placenames.stems(dice, size.communities)
    weights = [
        min(2.4, max(0.4, math.exp(dice.gauss(0, 0.35)))) * (0.5 if i in villages else 1.0)
        for i in range(size.communities)
    ]
    members = apportion(size.residents, weights)
    households = apportion(round(size.residents * HOUSEHOLDS_PER_RESIDENT), weights)
    in_town = [0] * len(towns)
    plans = []
    for i in range(size.communities):
        village = i in villages
        # whichever town has the fewest so far; villages only where there is country
        where = min(
            range(placenames.RURAL_TOWNS if village else len(towns)), key=in_town.__getitem__
        )
        in_town[where] += 1
        serial = in_town[where] + (200 if village else 0)
        town = towns[where]
        place = Place(
            size.id(COMMUNITY, i + 1, 0),
            "community",
            town.id,
            f"{town.path}.c{i + 1:04d}",
            placenames.community(stems[i], village=village),
            i + 1,
            code12=f"{COUNTY}{101 + where}{serial:03d}",
            community_kind="village" if village else "urban",
        )
        plans.append(CommunityPlan(i + 1, place, town, households[i], members[i]))
    return tuple(plans)


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """``total`` by weights in whole numbers, the largest remainders first (Hamilton)."""
    exact = [total * w / sum(weights) for w in weights]
    shares = [int(x) for x in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def _offices_above(
    size: Size, district: Place, towns: tuple[Place, ...]
) -> tuple[tuple[Officer, ...], tuple[Grant, ...]]:
    posts = [
        (Role.DISTRICT_ADMIN, district, "区管理员"),
        (Role.DISTRICT_ANALYST, district, "区分析员"),
        (Role.GRID_OPERATOR, district, "网格操作员"),
    ]
    for town in towns:
        short = town.name.replace("参照", "")
        posts.append((Role.TOWN_ADMIN, town, f"{short}管理员"))
        posts.append((Role.OBSERVER, town, f"{short}干部"))
    officers, grants = [], []
    for number, (role, place, called) in enumerate(posts, 1):
        person_id = size.id(PERSON, 0, number)
        officers.append(Officer(person_id, phone(0, number), called))
        grants.append(Grant(size.id(GRANT, 0, number), person_id, role, place.path, place.id, None))
    return tuple(officers), tuple(grants)
