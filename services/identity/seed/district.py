"""What stands in the demo district: the tables of ``api.md``, as data."""

from dataclasses import dataclass

from services.contracts import demo
from services.contracts.actor import Role


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate: ``buildings`` of ``units``, each with ``floors`` of ``flats``.

    A village has groups instead of buildings and house numbers instead of flats.
    """

    label: str
    name: str
    buildings: int
    units: int
    floors: int
    flats: int


@dataclass(frozen=True, slots=True)
class Community:
    """A community with so many adults on its register."""

    id: str
    path: str
    name: str
    kind: str
    code12: str
    adults: int
    estates: tuple[Estate, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """Where an account's owner lives: estate number in the community, building, unit, room."""

    community: str
    estate: int
    building: int
    unit: int
    room: str


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account of the contract's page."""

    number: int
    display_name: str
    real_name: str
    sex: str
    birth_year: int
    home: Home | None = None
    relation: str = "owner"
    roles: tuple[tuple[Role, str], ...] = ()
    shows_badge: bool = False

    @property
    def phone(self) -> str:
        """The eleven digits to log in with."""
        return f"138{self.number:08d}"

    @property
    def person_id(self) -> str:
        """The fixed id that all seeds know."""
        return demo.PERSON_BY_PHONE[self.phone]


DISTRICT = (demo.DISTRICT_ID, demo.PATH_DISTRICT, "宝山样例区")
TOWNS = (
    (demo.TOWN_YUEPU, demo.PATH_YUEPU, "月浦样例镇"),
    (demo.TOWN_LUODIAN, demo.PATH_LUODIAN, "罗店样例镇"),
)
COMMUNITIES = (
    Community(
        demo.SHANGYUAN,
        demo.PATH_SHANGYUAN,
        "尚园居民区",
        "urban",
        "310199101001",
        1560,
        (
            Estate("baoyue", "宝月尚园", buildings=18, units=2, floors=6, flats=2),
            Estate("xinyuan", "尚园新苑", buildings=12, units=2, floors=6, flats=2),
        ),
    ),
    Community(
        demo.JUYUAN,
        demo.PATH_JUYUAN,
        "聚源居民区",
        "urban",
        "310199101002",
        380,
        (Estate("huayuan", "聚源花苑", buildings=8, units=2, floors=6, flats=2),),
    ),
    Community(
        demo.HAIXING,
        demo.PATH_HAIXING,
        "海星村",
        "village",
        "310199102201",
        220,
        (Estate("haixingcun", "海星村", buildings=5, units=0, floors=1, flats=24),),
    ),
)

ACCOUNTS = (
    Account(1, "孙奶奶", "孙桂芳", "female", 1949, Home(demo.SHANGYUAN, 0, 3, 1, "402")),
    Account(
        2,
        "老陆",
        "陆建国",
        "male",
        1956,
        Home(demo.SHANGYUAN, 0, 5, 2, "201"),
        roles=((Role.PARTY_MEMBER, demo.PATH_SHANGYUAN),),
        shows_badge=True,
    ),
    Account(
        3,
        "石书记",
        "石海燕",
        "female",
        1975,
        roles=(
            (Role.SECRETARY, demo.PATH_SHANGYUAN),
            (Role.COMMITTEE_STAFF, demo.PATH_SHANGYUAN),
        ),
    ),
    Account(
        4,
        "居委小王",
        "王晓雯",
        "female",
        1993,
        roles=((Role.COMMITTEE_STAFF, demo.PATH_SHANGYUAN),),
    ),
    Account(5, "镇干部", "何志刚", "male", 1980, roles=((Role.OBSERVER, demo.PATH_YUEPU),)),
    Account(
        6, "区分析员", "叶静怡", "female", 1990,
        roles=((Role.DISTRICT_ANALYST, demo.PATH_DISTRICT),),
    ),
    Account(
        7,
        "业委会主任",
        "钱伟民",
        "male",
        1968,
        Home(demo.SHANGYUAN, 0, 8, 1, "601"),
        roles=((Role.OWNERS_COMMITTEE, demo.PATH_SHANGYUAN),),
    ),
    Account(
        8, "区管理员", "程旭东", "male", 1984,
        roles=((Role.DISTRICT_ADMIN, demo.PATH_DISTRICT),),
    ),
    Account(
        9, "网格操作员", "姚敏", "female", 1988,
        roles=((Role.GRID_OPERATOR, demo.PATH_DISTRICT),),
    ),
    Account(
        10, "村民小赵", "赵思远", "male", 1996, Home(demo.HAIXING, 0, 2, 0, "7"), relation="away"
    ),
    Account(
        11, "城管处置员", "雷军", "male", 1982,
        roles=((Role.DEPARTMENT_STAFF, demo.PATH_DISTRICT),),
    ),
    Account(
        41, "村会计老周", "周福根", "male", 1970, Home(demo.HAIXING, 0, 1, 0, "3"),
        roles=((Role.COMMITTEE_STAFF, demo.PATH_HAIXING),),
    ),
    Account(
        42, "阿梅", "顾秋梅", "female", 1965, Home(demo.HAIXING, 0, 3, 0, "5"),
        roles=((Role.SUPERVISOR, demo.PATH_HAIXING),),
    ),
)  # fmt: skip
# 12 … 40 are heads of households of 尚园, picked by the plan.
MORE_RESIDENTS = range(12, 41)
# What they hold: 26 belongs to a branch at work, shows no badge, and has reported at home.
MORE_ROLES = {26: ((Role.PARTY_MEMBER, demo.PATH_SHANGYUAN),)}
