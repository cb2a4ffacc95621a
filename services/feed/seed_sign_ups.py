"""The demo's charity sale (亲子爱心义卖): who has a stall, and the two families who share one."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from services.contracts import demo
from services.contracts.demo import demo_id
from services.feed.domain.days import CHINA, day_of
from services.feed.models import SignUp, SignUpEvent
from services.feed.seed_posts import likers
from services.kit.uow import UnitOfWork

_POST, _SIGN_UP = 11, 51  # kinds of demo ids; the sale is the first post
_SATURDAY: Final = 5
_NEIGHBOURS: Final = likers(29, start=0)
STALLS: Final = 12


@dataclass(frozen=True, slots=True)
class Family:
    """Who comes, so many minutes after the post; ``shares`` names a family before by its number."""

    who: str
    heads: int
    note: str
    code: str
    after: int
    shares: int | None = None


FAMILIES: Final = (
    Family(_NEIGHBOURS[0], 3, "两个大人一个孩子，带绘本和乐高", "KQ4H39", 36),
    Family(_NEIGHBOURS[4], 2, "和邻居合摆，一箱毛绒玩具", "R5JM7T", 61, shares=0),
    Family(_NEIGHBOURS[7], 4, "孩子自己做的手工和画", "W6NX8A", 75),
    Family(demo.OLD_LU, 1, "修好的旧收音机两台", "T3PQ4D", 88),
    Family(_NEIGHBOURS[11], 3, "童装，都洗干净了", "X9FE5K", 130),
    Family(_NEIGHBOURS[16], 2, "", "A7CM6R", 190),
    Family(_NEIGHBOURS[2], 3, "多肉小盆栽，孩子来卖", "D8HW3Y", 320),
    Family(_NEIGHBOURS[21], 4, "旧书三箱", "E4KT9P", 410),
)


def seed(uow: UnitOfWork, now: datetime) -> bool:
    """Write what is missing; whether anything was."""
    post_id, posted_at = demo_id(_POST, 1), now - timedelta(hours=20)
    starts_at = next_saturday(now)
    done = uow.session.execute(
        insert(SignUpEvent)
        .values(
            post_id=post_id,
            community_id=demo.SHANGYUAN,
            unit="stall",
            capacity=STALLS,
            heads_each=5,
            shareable=True,
            opens_at=posted_at,
            deadline=starts_at - timedelta(hours=12),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2, minutes=30),
            next_due_at=starts_at + timedelta(hours=2, minutes=30),
            code="YM6X3H",
            taken=sum(family.shares is None for family in FAMILIES),
            turns=len(FAMILIES),
        )
        .on_conflict_do_nothing()
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    stalls = [place for place, family in enumerate(FAMILIES) if family.shares is None]
    for place, family in enumerate(FAMILIES):
        first = place if family.shares is None else family.shares
        uow.session.add(
            SignUp(
                id=demo_id(_SIGN_UP, place),
                post_id=post_id,
                turn=place + 1,
                person_id=family.who,
                state="in",
                place_id=demo_id(_SIGN_UP, first),
                stall=stalls.index(first) + 1,
                heads=family.heads,
                note=family.note,
                code=family.code,
                invited_by=None if family.shares is None else FAMILIES[first].who,
                signed_at=min(posted_at + timedelta(minutes=family.after), now),
            )
        )
    return True


def next_saturday(now: datetime) -> datetime:
    """Nine o'clock of the first Saturday for which people can still sign up today."""
    day = day_of(now + timedelta(hours=24))
    day += timedelta(days=(_SATURDAY - day.weekday()) % 7)
    return datetime.combine(day, time(9), CHINA)
