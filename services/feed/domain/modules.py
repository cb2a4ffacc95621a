"""The modules (栏目) of a community, as data.

The nine of the article's platform, the two of the villages, and the corners that a community may
add (i.e. name in its ``modules``). Each row says who posts, comments and moderates, and which
fields its posts have besides title and body. All fields are optional: title and body are enough
everywhere.

======================  =============  ============  ======================================
key                     usual in       who posts     what for
======================  =============  ============  ======================================
announcements 公告       town, village  committee     notices, calls to sign up
party 党建园地           town, village  Party, comm.  check-in 报到, study, discussion, pledges
guides 办事指南          town, village  committee     who, materials, where, when, how
hall 议事厅              town, village  members       what should be decided together
nearby 身边事            town, village  members       problems, praise, tips; issue threads
services 社区服务        town, village  members       activities, public-good micro-projects
mutual_aid 互助          town, village  members       offers and needs
neighbours 邻里交流      town, village  members       company
idle 闲置物品            town, village  members       second-hand things
village_affairs 村务公开 village        committee     the collective's affairs and accounts
homesick 乡愁乡音        village        members       for those who live away
owners 业委会            by choice      owners' comm. disclosure to the owners
property 物业之窗        by choice      management    disclosure of the property company
police 警民直通车        by choice      police        the community police officer's corner
doctor 家庭医生          by choice      doctor        the family doctor's corner
======================  =============  ============  ======================================
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from services.contracts.actor import COMMITTEE, Role

FieldKind = Literal["line", "text", "time", "money", "choice", "slots"]
CommunityKind = Literal["urban", "village"]
Order = Literal["newest", "active", "title"]
Moderation = Literal["pre", "post"]
Work = Literal["sign_up", "aid", "idle", "project", "party", "ledger", "question", "offer"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a field may take."""

    key: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A field besides title and body; ``kind`` decides which values it takes.

    A text with ``lines`` holds one thing a line.
    """

    key: str
    kind: FieldKind
    name: str
    name_en: str
    choices: tuple[Choice, ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: every member of the community, or holders of one of ``roles`` there."""

    members: bool = False
    roles: frozenset[Role] = frozenset()


MEMBERS: Final = Rule(members=True)
OFFICE: Final = Rule(roles=COMMITTEE)


@dataclass(frozen=True, slots=True)
class Module:
    """One module; ``usual_in`` are the kinds of community that have it without being told.

    ``official`` marks what only offices write. ``moderate`` are the roles that may pin, limit
    and remove posts. ``order`` says how lists are sorted. ``moderation`` says whether a post is
    shown before a moderator has seen it (``post``) or after (``pre``). ``works`` are the things
    that its posts may carry besides words.
    """

    key: str
    name: str
    name_en: str
    usual_in: frozenset[CommunityKind]
    post: Rule = MEMBERS
    comment: Rule = MEMBERS
    moderate: frozenset[Role] = COMMITTEE
    official: bool = False
    order: Order = "newest"
    moderation: Moderation = "post"
    works: frozenset[Work] = frozenset()
    extra: tuple[ExtraField, ...] = ()

    def field(self, key: str) -> ExtraField | None:
        """The extra field called ``key``."""
        return next((field for field in self.extra if field.key == key), None)


_EVERYWHERE: Final[frozenset[CommunityKind]] = frozenset({"urban", "village"})
_VILLAGES: Final[frozenset[CommunityKind]] = frozenset({"village"})
_BY_CHOICE: Final[frozenset[CommunityKind]] = frozenset()

DISCLOSES: Final[frozenset[Work]] = frozenset({"ledger", "question"})

_PLACE = ExtraField("place", "line", "地点", "Place")
_HAPPENS = (
    ExtraField("starts_at", "time", "开始时间", "Starts"),
    ExtraField("ends_at", "time", "结束时间", "Ends"),
    _PLACE,
)


SKILL_KINDS: Final = (
    Choice("child_care", "照看孩子", "Child care"),
    Choice("tutoring", "辅导功课", "Tutoring"),
    Choice("errands", "跑腿代办", "Errands"),
    Choice("repairs", "修修补补", "Repairs"),
    Choice("company", "陪伴老人", "Company for the old"),
    Choice("pets", "照看宠物", "Pets"),
    Choice("phone_help", "手机和语言帮助", "Phones and languages"),
    Choice("health", "健康与急救", "Health and first aid"),
    Choice("lifting", "搬运重物", "Lifting"),
    Choice("other", "其他", "Other"),
)


def _corner(
    key: str, name: str, name_en: str, role: Role, works: frozenset[Work] = frozenset()
) -> Module:
    office = COMMITTEE | {role}
    return Module(
        key,
        name,
        name_en,
        _BY_CHOICE,
        works=works,
        post=Rule(roles=office),
        moderate=office,
        official=True,
    )


MODULES: Final[tuple[Module, ...]] = (
    Module(
        "announcements",
        "公告",
        "Announcements",
        _EVERYWHERE,
        works=frozenset({"sign_up"}),
        post=OFFICE,
        official=True,
        extra=_HAPPENS,
    ),
    Module(
        "party",
        "党建园地",
        "Party garden",
        _EVERYWHERE,
        works=frozenset({"party", "sign_up"}),
        post=Rule(roles=COMMITTEE | {Role.PARTY_MEMBER}),
        extra=(
            ExtraField(
                "kind",
                "choice",
                "类型",
                "Kind",
                (
                    Choice("check_in", "报到", "Check-in"),
                    Choice("study", "学习", "Study"),
                    Choice("discussion", "研讨", "Discussion"),
                    Choice("pledge", "承诺践诺", "Pledge"),
                ),
            ),
            ExtraField("slots", "slots", "每周时段（承诺践诺）", "Weekly hours (of a pledge)"),
            _PLACE,
            ExtraField("until", "time", "截止时间", "Until"),
        ),
    ),
    Module(
        "guides",
        "办事指南",
        "Service guides",
        _EVERYWHERE,
        post=OFFICE,
        official=True,
        order="title",
        extra=(
            ExtraField("who", "text", "办理对象", "Who"),
            ExtraField("materials", "text", "所需材料", "Materials", lines=True),
            ExtraField("where", "text", "办理地点", "Where"),
            ExtraField("when", "text", "办理时间", "When"),
            ExtraField("how", "text", "办理流程", "How", lines=True),
            ExtraField("valid_until", "time", "有效期至", "Valid until"),
        ),
    ),
    Module("hall", "议事厅", "Assembly hall", _EVERYWHERE, works=frozenset({"offer"})),
    Module(
        "nearby",
        "身边事",
        "Nearby",
        _EVERYWHERE,
        works=frozenset({"offer"}),
        extra=(
            ExtraField(
                "kind",
                "choice",
                "类型",
                "Kind",
                (
                    Choice("problem", "问题", "Problem"),
                    Choice("praise", "点赞", "Praise"),
                    Choice("tip", "分享", "Tip"),
                ),
            ),
            _PLACE,
        ),
    ),
    Module(
        "services",
        "社区服务",
        "Community services",
        _EVERYWHERE,
        works=frozenset({"sign_up", "project"}),
        extra=_HAPPENS,
    ),
    Module(
        "mutual_aid",
        "互助",
        "Mutual aid",
        _EVERYWHERE,
        works=frozenset({"aid"}),
        extra=(
            ExtraField(
                "kind",
                "choice",
                "类型",
                "Kind",
                (Choice("offer", "我能帮", "Offer"), Choice("need", "求帮忙", "Need")),
            ),
            ExtraField("skill_kind", "choice", "类别", "Kind of help", SKILL_KINDS),
            ExtraField("skill", "line", "内容", "What"),
            ExtraField("slots", "slots", "每周时段", "Weekly hours"),
            ExtraField(
                "minors",
                "choice",
                "涉及未成年人",
                "Concerns children",
                (Choice("yes", "是", "Yes"), Choice("no", "否", "No")),
            ),
        ),
    ),
    Module("neighbours", "邻里交流", "Neighbours", _EVERYWHERE, works=frozenset({"sign_up"})),
    Module(
        "idle",
        "闲置物品",
        "Idle things",
        _EVERYWHERE,
        works=frozenset({"idle"}),
        extra=(
            ExtraField("price", "money", "价格（元，0 为免费）", "Price (yuan, 0 is free)"),
            ExtraField("condition", "line", "成色", "Condition"),
            ExtraField("swap", "line", "想换什么", "In exchange for"),
        ),
    ),
    Module(
        "village_affairs",
        "村务公开",
        "Village affairs",
        _VILLAGES,
        works=DISCLOSES,
        post=OFFICE,
        official=True,
    ),
    Module("homesick", "乡愁乡音", "Voices of home", _VILLAGES),
    _corner("owners", "业委会", "Owners' committee", Role.OWNERS_COMMITTEE, DISCLOSES),
    _corner("property", "物业之窗", "Property management", Role.PROPERTY_MANAGER, DISCLOSES),
    _corner("police", "警民直通车", "Community police", Role.COMMUNITY_POLICE),
    _corner("doctor", "家庭医生", "Family doctor", Role.FAMILY_DOCTOR),
)

BY_KEY: Final[dict[str, Module]] = {module.key: module for module in MODULES}

# Where the thread of a reported problem stands, and where service guides do.
ISSUE_MODULE: Final = "nearby"
GUIDES: Final = "guides"


def switched_on(kind: str, chosen: Iterable[str]) -> tuple[Module, ...]:
    """Built-in modules: those that a community chose, in its order, or the usual ones of its kind.

    A chosen key that this version does not know is passed over. What a community says of its
    modules itself is put over this in :mod:`services.feed.domain.own_modules`.
    """
    keys = list(dict.fromkeys(chosen))
    if keys:
        return tuple(BY_KEY[key] for key in keys if key in BY_KEY)
    return tuple(module for module in MODULES if kind in module.usual_in)
