"""The demo's micro-projects: old bicycles made to ride again (旧自行车), and one that waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.feed import seed_pictures as pictures
from services.feed.domain.days import day_of
from services.feed.models import (
    Project,
    ProjectHours,
    ProjectMoney,
    ProjectStep,
    Volunteer,
)
from services.feed.seed_posts import likers
from services.feed.seed_writing import put_post
from services.feed.settings import Settings
from services.kit.blobs import BlobStore
from services.kit.uow import UnitOfWork

_POST, _STEP, _HOURS, _MONEY = 61, 62, 63, 64  # kinds of demo ids
_LEAD: Final = demo.OLD_LU
_STAFF: Final = Role.COMMITTEE_STAFF.value
_VOLUNTEERS: Final = likers(5, start=9)

TITLE: Final = "把没人骑的旧自行车修好，大家一起骑"
BODY: Final = (
    "车棚里有二十来辆自行车落了灰，占着地方，也没人骑。我想先贴告示找车主，没人认领的请街道清走，"
    "车主愿意捐的，我们几个会修车的拆拼一下，修好放在一号楼车棚给邻居共用。\n"
    "需要：五位帮手，一点买车胎和刹车线的钱，活动室门口一块空地。"
)
STEPS: Final = (
    ("apply", _LEAD, "", 60, ""),
    ("approve", demo.STAFF_WANG, _STAFF, 58, "同意。活动室门口周末可以用，告示由居委会盖章。"),
    ("recruit", _LEAD, "", 57, ""),
    ("progress", _LEAD, "", 48, "告示贴满一周：九辆有人捐，十一辆没人认领，名单贴在车棚。"),
    ("progress", _LEAD, "", 38, "拆三拼一，先修好六辆，刹车都试过了。"),
    (
        "done",
        _LEAD,
        "",
        30,
        "修好九辆，编了号，放在一号楼车棚，钥匙找值班的志愿者拿。"
        "没人认领的废车已经清走，车棚理整齐了，走道也通了。账目都在这里，余款退回公益金。",
    ),
)
# (day before now, whose, hours): each confirmed by the lead that evening, her own by the staff.
HOURS: Final = tuple(
    (ago, who, hours)
    for ago in (47, 40, 33)
    for who, hours in zip((*_VOLUNTEERS, _LEAD), ("2.5", "3", "2", "2.5", "1.5", "4"), strict=True)
    if (ago, hours) != (40, "1.5")
)
MONEY: Final = (
    (56, "income", "600", "社区公益金拨付"),
    (50, "spending", "236.50", "内外胎十二副"),
    (45, "spending", "98", "刹车线、链条油、补胎胶水"),
    (44, "spending", "40", "号码牌"),
    (30, "spending", "225.50", "余款退回公益金"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application that the committee has not decided."""

    who: str
    title: str
    body: str
    wanted: int
    budget: str
    place: str


NEXT: Final = Waiting(
    likers(1, start=14)[0],
    "申报：三号楼楼道绿植角",
    "三号楼底楼拐角常年堆纸箱，我想清出来放几盆好养的绿植和一把椅子，老人上楼歇歇脚。"
    "想请三位邻居一起清理和浇水，花盆大家从家里带。",
    3,
    "150",
    "三号楼底楼",
)


def seed(uow: UnitOfWork, now: datetime, store: BlobStore | None = None) -> bool:
    """Write what is missing; whether anything was.

    Args:
        store: where the picture of the end is kept; default: as the settings say.
    """
    new = _bicycles(uow, now, store)
    return _waiting(uow, now) or new


def _bicycles(uow: UnitOfWork, now: datetime, store: BlobStore | None) -> bool:
    applied_at = now - timedelta(days=60)
    if not _post(uow, 1, _LEAD, TITLE, BODY, applied_at):
        return False
    post_id = demo_id(_POST, 1)
    photo = pictures.kept(store or BlobStore(Settings()), pictures.drawn("bicycle"), _LEAD)
    uow.session.add(
        Project(
            post_id=post_id,
            community_id=demo.SHANGYUAN,
            state="done",
            wanted=6,
            budget=Decimal(600),
            place="活动室门口、一号楼车棚",
            until=day_of(now - timedelta(days=28)),
            volunteers=len(_VOLUNTEERS) + 1,
            applied_at=applied_at,
            changed_at=now - timedelta(days=30),
        )
    )
    uow.session.flush()
    uow.session.add_all(
        ProjectStep(
            id=demo_id(_STEP, number),
            post_id=post_id,
            step=step,
            actor_id=who,
            actor_role=office,
            note=note,
            attachments=[photo] if step == "done" else [],
            at=now - timedelta(days=ago),
        )
        for number, (step, who, office, ago, note) in enumerate(STEPS, start=1)
    )
    uow.session.add_all(
        Volunteer(post_id=post_id, person_id=who, joined_at=now - timedelta(days=56 - number))
        for number, who in enumerate((*_VOLUNTEERS, _LEAD))
    )
    uow.session.add_all(
        ProjectHours(
            id=demo_id(_HOURS, number),
            post_id=post_id,
            person_id=who,
            hours=Decimal(hours),
            on_date=day_of(now - timedelta(days=ago)),
            note="修车",
            confirmed_by=demo.STAFF_WANG if who == _LEAD else _LEAD,
            confirmed_at=now - timedelta(days=ago - 1),
            logged_at=now - timedelta(days=ago),
        )
        for number, (ago, who, hours) in enumerate(HOURS, start=1)
    )
    uow.session.add_all(
        ProjectMoney(
            id=demo_id(_MONEY, number),
            post_id=post_id,
            kind=kind,
            amount=Decimal(amount),
            subject=subject,
            on_date=day_of(now - timedelta(days=ago)),
            by=_LEAD,
            at=now - timedelta(days=ago),
        )
        for number, (ago, kind, amount, subject) in enumerate(MONEY, start=1)
    )
    return True


def _waiting(uow: UnitOfWork, now: datetime) -> bool:
    at = now - timedelta(hours=30)
    if not _post(uow, 2, NEXT.who, NEXT.title, NEXT.body, at):
        return False
    uow.session.add(
        Project(
            post_id=demo_id(_POST, 2),
            community_id=demo.SHANGYUAN,
            state="applied",
            wanted=NEXT.wanted,
            budget=Decimal(NEXT.budget),
            place=NEXT.place,
            applied_at=at,
            changed_at=at,
        )
    )
    uow.session.flush()
    uow.session.add(
        ProjectStep(
            id=demo_id(_STEP, 101),
            post_id=demo_id(_POST, 2),
            step="apply",
            actor_id=NEXT.who,
            at=at,
        )
    )
    return True


def _post(uow: UnitOfWork, number: int, who: str, title: str, body: str, at: datetime) -> bool:
    return put_post(
        uow,
        demo_id(_POST, number),
        at,
        module="services",
        author_id=who,
        title=title,
        body=body,
    )
