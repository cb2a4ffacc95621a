"""What the demo's communities made their own: a module, thanks by name, tags, a guide's history."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.contracts import demo
from services.contracts.demo import demo_id
from services.feed.domain import definitions, own_modules
from services.feed.models import CommunityModule, Post, PostVersion
from services.feed.seed_posts import POSTS
from services.feed.seed_writing import put_post
from services.kit.uow import UnitOfWork

_SEEDED, _OWN = 11, 19  # kinds of demo ids: of the posts there are already, of those made here

# 海星村: many live elsewhere; who drives home takes neighbours along
WAY_HOME: Final = {
    "name": "返乡路上",
    "name_en": "On the way home",
    "order": "active",
    "fields": [
        {
            "key": "leaves_at",
            "kind": "time",
            "name": "出发时间",
            "name_en": "Leaves",
            "lines": False,
            "choices": [],
        },
        {
            "key": "seats",
            "kind": "line",
            "name": "空座",
            "name_en": "Free seats",
            "lines": False,
            "choices": [],
        },
    ],
}
TAGS: Final = {
    "本周六亲子爱心义卖，欢迎来摆摊": ["义卖", "亲子"],
    "怎么办敬老卡": ["老人", "办证"],
    "中心花园的晨练音乐，几点开始合适？": ["晨练", "中心花园"],
    "转让婴儿床，九成新": ["母婴"],
}
GUIDE: Final = "怎么办敬老卡"
GUIDE_BEFORE: Final = (
    "年满 65 周岁的上海户籍老人可以办理敬老卡。带齐材料到社区事务受理服务中心，"
    "当场登记，一般二十个工作日后拿卡。"
)


def seed(uow: UnitOfWork, now: datetime) -> None:
    """Write what is missing; harmless when it is there."""
    _module(uow, now)
    _ride(uow, now)
    _thanks(uow, now)
    for title, tags in TAGS.items():
        uow.session.execute(
            text("UPDATE feed_posts SET tags = :tags WHERE id = :id AND tags = '{}'"),
            {"id": _seeded(title), "tags": tags},
        )
    _history(uow, now)


def _seeded(title: str) -> str:
    number = next(n for n, post in enumerate(POSTS, start=1) if post.title == title)
    return demo_id(_SEEDED, number)


def _module(uow: UnitOfWork, now: datetime) -> None:
    uow.session.execute(
        insert(CommunityModule)
        .values(
            community_id=demo.HAIXING,
            key="way_home",
            path=demo.PATH_HAIXING,
            definition=definitions.difference(own_modules.blank("way_home"), WAY_HOME),
            changed_by=demo.VILLAGE_CLERK,
            changed_at=now - timedelta(days=20),
        )
        .on_conflict_do_nothing()
    )


def _ride(uow: UnitOfWork, now: datetime) -> None:
    put_post(
        uow,
        demo_id(_OWN, 1),
        now - timedelta(hours=30),
        community_id=demo.HAIXING,
        path=demo.PATH_HAIXING,
        module="way_home",
        author_id=demo.VILLAGER_ZHAO,
        title="周五晚上开车回村，空两个座",
        body="下班六点半从宝杨路出发，走逸仙路高架。老人带行李的优先，不收钱，路上聊聊天就行。",
        extra={"seats": "两个"},
        tags=["拼车"],
    )


def _thanks(uow: UnitOfWork, now: datetime) -> None:
    put_post(
        uow,
        demo_id(_OWN, 2),
        now - timedelta(hours=7),
        module="nearby",
        author_id=demo.GRANNY_SUN,
        title="谢谢老陆，陪我去卫生中心",
        body="早上七点半老陆就在楼下等我，挂号、拿药都是他跑的，一路搀着我回来。远亲不如近邻。",
        extra={"kind": "praise"},
        praised_id=demo.OLD_LU,
        tags=["好邻居"],
    )


def _history(uow: UnitOfWork, now: datetime) -> None:
    """A guide that was corrected once: cards come faster now, and somebody comes to the door."""
    guide = uow.session.get(Post, _seeded(GUIDE))
    if guide is None or guide.version != 1:
        return
    uow.session.add(
        PostVersion(
            post_id=guide.id,
            version=1,
            title=guide.title,
            body=GUIDE_BEFORE,
            extra=guide.extra,
            attachments=[],
            tags=[],
            written_by=guide.author_id,
            written_at=guide.created_at,
        )
    )
    guide.version, guide.edited_by = 2, guide.author_id
    guide.edited_at = guide.checked_at = now - timedelta(days=5)
    uow.session.flush()
