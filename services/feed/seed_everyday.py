"""The demo's everyday life: a full class with a waiting list, things with pictures, work under way.

The pictures are drawn (:mod:`services.feed.seed_pictures`).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.feed import seed_pictures as pictures
from services.feed.domain.days import CHINA, day_of
from services.feed.domain.modules import BY_KEY
from services.feed.handlers import aid
from services.feed.models import (
    Post,
    Project,
    ProjectHours,
    ProjectMoney,
    ProjectStep,
    SignUp,
    SignUpEvent,
    Volunteer,
)
from services.feed.seed_posts import likers
from services.feed.seed_writing import put_post
from services.feed.settings import Settings
from services.kit.blobs import BlobStore
from services.kit.uow import UnitOfWork

_POST, _SIGN_UP, _STEP, _HOURS, _MONEY = 81, 82, 83, 84, 85  # kinds of demo ids
_CLASS, _FAN, _PLANTS, _HANDRAILS = 1, 2, 3, 4
_STAFF: Final = Role.COMMITTEE_STAFF.value
_LEAD: Final = demo.OLD_LU


@dataclass(frozen=True, slots=True)
class Told:
    """A post, so long before the seeding, with the picture that is drawn for it."""

    module: str
    who: str
    title: str
    body: str
    ago: timedelta
    office: str = ""
    extra: tuple[tuple[str, Any], ...] = ()
    picture: str = ""


POSTS: Final[dict[int, Told]] = {
    _CLASS: Told(
        "services",
        demo.STAFF_WANG,
        "学包馄饨：六个位子，先到先得",
        "请食堂的沈阿姨教大家包小馄饨，皮和馅都备好，包完带回家。桌子小，只坐得下六位；"
        "报满了可以排队，有人来不了就轮到下一位。",
        timedelta(hours=47),
        _STAFF,
        (("place", "尚园活动室"),),
        "dumplings",
    ),
    _FAN: Told(
        "idle",
        likers(1, start=5)[0],
        "落地扇一台，想换几盆好养的绿植",
        "用了两年，三档风，不响。家里装了空调用不上，想换两三盆好养的绿植，大小不拘。",
        timedelta(hours=30),
        extra=(("swap", "好养的绿植"), ("condition", "八成新")),
        picture="fan",
    ),
    _PLANTS: Told(
        "idle",
        likers(1, start=19)[0],
        "绿萝分株，一人一盆",
        "家里绿萝长得太密，分了几盆出来，浇水就能活，谁要谁来拿。",
        timedelta(hours=64),
        extra=(("price", "0.00"),),
        picture="plants",
    ),
    _HANDRAILS: Told(
        "services",
        _LEAD,
        "周末一起擦楼道扶手，给松了的拧紧",
        "十二栋楼的楼道扶手积了灰，有几处松了，老人扶着不踏实。想请六位邻居，一个周末两栋楼，"
        "擦一遍、拧一遍，四周做完。抹布、螺丝我来准备。",
        timedelta(days=20),
        extra=(("place", "各楼楼道"),),
    ),
}
PICTURES: Final = {"转让婴儿床，九成新": "cot", "一箱小学课外书，送人": "books"}
"""Of things that were there already."""
SEATS: Final = 6
COMING: Final = likers(SEATS + 2, start=20)
_CODES: Final = (
    "A3FH7K", "C4JN9M", "D6KP3Q", "E7MR4T", "F9NT6W", "H3PW7X", "J4QX9Y", "K6RY3A",
)  # fmt: skip
_VOLUNTEERS: Final = likers(3, start=3)
_STEPS: Final = (
    ("apply", _LEAD, "", 19, ""),
    ("approve", demo.STAFF_WANG, _STAFF, 18, "同意，梯子和反光背心到居委会领。"),
    ("recruit", _LEAD, "", 18, ""),
    ("progress", _LEAD, "", 6, "一号楼到四号楼擦完了，松的十一处都拧紧，两处换了底座。"),
)
# (day before now, whose number among the volunteers, hours, whether confirmed)
_GIVEN: Final = ((13, 0, "2.5", True), (13, 1, "2", True), (6, 0, "3", True), (6, 2, "2.5", False))
_PAID: Final = (
    (17, "income", "200", "社区公益金拨付"),
    (14, "spending", "86.40", "螺丝、垫片、底座"),
)


def seed(uow: UnitOfWork, now: datetime, store: BlobStore | None = None) -> bool:
    """Write what is missing; whether anything was.

    Args:
        store: where pictures are kept; default: as the settings say.
    """
    kept = store or BlobStore(Settings())
    new = [_post(uow, number, kept, now) for number in POSTS]
    _show(uow, kept)
    if new[0]:
        _class(uow, now)
    if new[3]:
        _handrails(uow, now)
    return any(new)


def _post(uow: UnitOfWork, number: int, store: BlobStore, now: datetime) -> bool:
    told, post_id = POSTS[number], demo_id(_POST, number)
    if uow.session.get(Post, post_id) is not None:
        return False
    at = now - told.ago
    picture = [pictures.kept(store, pictures.drawn(told.picture), told.who)] if told.picture else []
    put_post(
        uow,
        post_id,
        at,
        module=told.module,
        author_id=told.who,
        author_role=told.office,
        title=told.title,
        body=told.body,
        extra=dict(told.extra),
        attachments=picture,
    )
    if told.module == "idle":
        aid.follow(uow, uow.session.get_one(Post, post_id), BY_KEY["idle"])
    return True


def _show(uow: UnitOfWork, store: BlobStore) -> None:
    """Pictures for things that were offered without."""
    wanted = select(Post).where(Post.module == "idle", Post.title.in_(PICTURES))
    for post in uow.session.scalars(wanted):
        if not post.attachments:
            picture = pictures.drawn(PICTURES[post.title])
            post.attachments = [pictures.kept(store, picture, post.author_id)]
    uow.session.flush()


def _class(uow: UnitOfWork, now: datetime) -> None:
    post_id, posted_at = demo_id(_POST, _CLASS), now - POSTS[_CLASS].ago
    starts_at = datetime.combine(day_of(now + timedelta(days=3)), time(14), CHINA)
    uow.session.add(
        SignUpEvent(
            post_id=post_id,
            community_id=demo.SHANGYUAN,
            unit="person",
            capacity=SEATS,
            opens_at=posted_at,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            next_due_at=starts_at + timedelta(hours=2),
            code="N7TX4D",
            taken=SEATS,
            waiting=len(COMING) - SEATS,
            turns=len(COMING),
        )
    )
    uow.session.flush()
    uow.session.add_all(
        SignUp(
            id=demo_id(_SIGN_UP, turn),
            post_id=post_id,
            turn=turn,
            person_id=who,
            state="in" if turn <= SEATS else "waiting",
            place_id=demo_id(_SIGN_UP, turn),
            code=code,
            signed_at=posted_at + timedelta(hours=turn),
        )
        for turn, (who, code) in enumerate(zip(COMING, _CODES, strict=True), start=1)
    )


def _handrails(uow: UnitOfWork, now: datetime) -> None:
    post_id = demo_id(_POST, _HANDRAILS)
    uow.session.add(
        Project(
            post_id=post_id,
            community_id=demo.SHANGYUAN,
            state="running",
            wanted=6,
            budget=Decimal(200),
            place="各楼楼道",
            until=day_of(now + timedelta(days=10)),
            volunteers=len(_VOLUNTEERS),
            applied_at=now - timedelta(days=19),
            changed_at=now - timedelta(days=6),
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
            at=now - timedelta(days=ago) + timedelta(minutes=number),
        )
        for number, (step, who, office, ago, note) in enumerate(_STEPS, start=1)
    )
    uow.session.add_all(
        Volunteer(post_id=post_id, person_id=who, joined_at=now - timedelta(days=16 - number))
        for number, who in enumerate(_VOLUNTEERS)
    )
    uow.session.add_all(
        ProjectHours(
            id=demo_id(_HOURS, number),
            post_id=post_id,
            person_id=_VOLUNTEERS[place],
            hours=Decimal(hours),
            on_date=day_of(now - timedelta(days=ago)),
            note="擦扶手、拧螺丝",
            confirmed_by=_LEAD if confirmed else None,
            confirmed_at=now - timedelta(days=ago - 1) if confirmed else None,
            logged_at=now - timedelta(days=ago),
        )
        for number, (ago, place, hours, confirmed) in enumerate(_GIVEN, start=1)
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
        for number, (ago, kind, amount, subject) in enumerate(_PAID, start=1)
    )
