"""The demo's offers and needs: a tutor, help with a sofa, and what came of an offer.

Whatever seeded posts offer, need or give away is made known to the matching here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts import demo
from services.contracts.demo import demo_id
from services.feed.domain.modules import BY_KEY
from services.feed.handlers import aid
from services.feed.models import AidPost, Handshake, HandshakeStep, Post
from services.feed.seed_writing import put_post
from services.kit.uow import UnitOfWork

_POST, _HANDSHAKE, _STEP = 31, 32, 33  # kinds of demo ids


@dataclass(frozen=True, slots=True)
class Help:
    """An offer or need in 尚园, so long before the seeding."""

    who: str
    title: str
    body: str
    ago: timedelta
    extra: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody asked for 老陆's help, and what came of it: states, hours apart, and words."""

    asker: str
    ago: timedelta
    steps: tuple[tuple[str, int, str], ...]


HELP: Final = (
    Help(
        demo.PERSON_BY_PHONE["13800000026"],
        "周六上午免费辅导初中数学",
        "我是在职党员，到社区报到后想做点实在的事。每周六上午九点到十一点在活动室，"
        "给小区里的初中生讲讲数学作业里的难题，不收费，一次最多四个孩子。"
        "请家长带孩子来，活动室还有值班的志愿者在。",
        timedelta(hours=72),
        (
            ("kind", "offer"),
            ("skill_kind", "tutoring"),
            ("skill", "初中数学"),
            ("slots", [{"weekday": 6, "from": "09:00", "to": "11:00"}]),
            ("minors", "yes"),
        ),
    ),
    Help(
        demo.PERSON_BY_PHONE["13800000031"],
        "想请两位邻居帮忙抬旧沙发下楼",
        "旧沙发要送到大件垃圾点，三楼没有电梯，我一个人搬不动。工作日上午都方便，"
        "二十分钟的事，请您喝茶。",
        timedelta(hours=18),
        (
            ("kind", "need"),
            ("skill_kind", "lifting"),
            ("skill", "抬沙发"),
            ("slots", [{"weekday": d, "from": "09:00", "to": "11:30"} for d in range(1, 6)]),
        ),
    ),
)
LUS_OFFER: Final = "每天 8:00–15:00 我有空，能帮忙"
MET: Final = (
    Met(
        demo.PERSON_BY_PHONE["13800000021"],
        timedelta(hours=22),
        (
            ("asked", 0, "厨房灯泡坏了，明天上午能来帮我换一下吗？"),
            ("agreed", 1, "好，九点到。"),
            ("done", 17, ""),
            ("thanked", 18, "灯泡换好了，还帮我看了水龙头，谢谢老陆！"),
        ),
    ),
    Met(
        demo.GRANNY_SUN,
        timedelta(hours=20),
        (
            ("asked", 0, "后天早上想请您陪我去趟卫生中心。"),
            ("agreed", 1, "没问题，后天七点半我到您楼下。"),
        ),
    ),
)


def seed(uow: UnitOfWork, now: datetime) -> bool:
    """Write what is missing; whether anything was."""
    new = [_post(uow, number, shared, now) for number, shared in enumerate(HELP, start=1)]
    for post in uow.session.scalars(
        select(Post).where(
            Post.module.in_(("mutual_aid", "idle")),
            Post.state != "deleted",
            ~exists().where(AidPost.post_id == Post.id),
        )
    ):
        aid.follow(uow, post, BY_KEY[post.module])
    offer = uow.session.scalar(
        select(Post).where(Post.author_id == demo.OLD_LU, Post.title == LUS_OFFER)
    )
    if offer is not None:
        new += [_met(uow, number, met, offer, now) for number, met in enumerate(MET, start=1)]
    return any(new)


def _post(uow: UnitOfWork, number: int, shared: Help, now: datetime) -> bool:
    at = now - shared.ago
    return put_post(
        uow,
        demo_id(_POST, number),
        at,
        module="mutual_aid",
        author_id=shared.who,
        title=shared.title,
        body=shared.body,
        extra=dict(shared.extra),
    )


def _met(uow: UnitOfWork, number: int, met: Met, offer: Post, now: datetime) -> bool:
    asked_at = now - met.ago
    state, hours, last = met.steps[-1]
    done = uow.session.execute(
        insert(Handshake)
        .values(
            id=demo_id(_HANDSHAKE, number),
            post_id=offer.id,
            community_id=offer.community_id,
            kind="offer",
            author_id=offer.author_id,
            asker_id=met.asker,
            helper_id=offer.author_id,
            state=state,
            note=met.steps[0][2],
            thanks=last if state == "thanked" else "",
            done_by=offer.author_id if state == "thanked" else None,
            asked_at=asked_at,
            changed_at=asked_at + timedelta(hours=hours),
        )
        .on_conflict_do_nothing()
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    uow.session.add_all(
        HandshakeStep(
            id=demo_id(_STEP, number * 100 + place),
            handshake_id=demo_id(_HANDSHAKE, number),
            state=name,
            by=met.asker if name in ("asked", "thanked") else offer.author_id,
            note=words,
            at=asked_at + timedelta(hours=after),
        )
        for place, (name, after, words) in enumerate(met.steps)
    )
    return True
