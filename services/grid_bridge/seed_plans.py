"""The demo's plans (一小区一方案) and the concern of its last month, with what is done about it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts import demo
from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import hot_topics as hot
from services.contracts.operations.grid_bridge import plans as ops
from services.grid_bridge.domain.hot_topics import Month
from services.grid_bridge.handlers import hot_topics, plan_comments, plans
from services.grid_bridge.models import (
    ConcernRow,
    HotTopicMessageRow,
    HotTopicRow,
    HotTopicRunRow,
)
from services.grid_bridge.seed_past import LU, SECRETARY, SUN, WANG, Walk, neighbour
from services.grid_bridge.seed_story import Story
from services.seeding import Step

_LABEL: Final = "楼道堆物"
_WORDS: Final = ["楼道", "堆物", "纸箱", "鞋柜"]
_PEOPLE: Final = 14
_BEFORE: Final = [9, 6, 4]
_PLACES: Final = (
    ("community", demo.SHANGYUAN, demo.PATH_SHANGYUAN),
    ("town", demo.TOWN_YUEPU, demo.PATH_YUEPU),
    ("district", demo.DISTRICT_ID, demo.PATH_DISTRICT),
)


def steps(walk: Walk, now: datetime, told: Mapping[str, Story]) -> Iterator[Step]:
    """What is done about plans and concerns, and when."""
    topic: list[str] = []
    month = Month.of(now).plus(-1)
    published = min(month.ends + timedelta(hours=3), now - timedelta(minutes=10))
    yield Step(published, lambda: topic.append(_published(walk, month, told)))
    yield Step(published + timedelta(minutes=5), lambda: _acted(walk, topic[0]))
    yield from _under_way(walk, now)
    yield from _open(walk, now)


# -- the concern of the last month ----------------------------------------------------------------


def _published(walk: Walk, month: Month, told: Mapping[str, Story]) -> str:
    """The editions of the month; nobody reckoned them, as nobody wrote so much. The community's."""
    mine, *_ = [_edition(walk, month, told, place) for place in _PLACES]
    return mine


def _edition(
    walk: Walk, month: Month, told: Mapping[str, Story], place: tuple[str, str, str]
) -> str:
    session, now, (level, node, path) = walk.uow.session, walk.now, place
    run = HotTopicRunRow(
        id=new_id(), level=level, node_id=node, path=path, month=month.first_day, version=1,
        kind="monthly", day=month.plus(1).first_day, state="published", reason=None, asked_by=None,
        asked_at=now, started_at=now, attempts=1, published_at=now, messages=41, without_vector=0,
        digest=None, error=None,
    )  # fmt: skip
    concern = ConcernRow(
        id=new_id(), level=level, node_id=node, first_month=month.plus(-len(_BEFORE)).first_day,
        last_month=month.first_day, vector=None, pairs={},
    )  # fmt: skip
    session.add_all((run, concern))
    session.flush()
    topic = HotTopicRow(
        id=new_id(), run_id=run.id, concern_id=concern.id, rank=1, label=_LABEL, words=_WORDS,
        people=_PEOPLE, messages=17, before=_BEFORE, spread={demo.SHANGYUAN: _PEOPLE},
        outside={"people": _PEOPLE // 10 * 10, "before": [None] * len(_BEFORE), "label": _LABEL,
                 "words": _WORDS[:2], "phrases": []},
    )  # fmt: skip
    session.add(topic)
    session.flush()
    session.add(
        HotTopicMessageRow(
            topic_id=topic.id, kind="issue", message_id=told["belt"].id, place=0, likeness=0.9
        )
    )
    return topic.id


def _acted(walk: Walk, topic_id: str) -> None:
    cmd = hot.AddHotTopicAction(
        id=topic_id,
        kind="campaign",
        ref="清楼道，保畅通",
        note="每周六上午楼组长带队清楼道，旧家具由物业集中拉走。",
        starts_at=walk.now,
    )
    hot_topics.add_action(walk.uow, cmd, SECRETARY, walk.now)


# -- plans ----------------------------------------------------------------------------------------


def _items(*rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "evidence": [{"kind": "site_visit", "on": "2026-03-02", "note": "居委会和业委会走看"}],
            "owner": {"kind": "committee"},
            **row,
        }
        for row in rows
    ]


class _Plan:
    """A plan that is being led on."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.id = ""
        self.version = 0
        self.keys: list[str] = []

    def drafted(self, title: str, summary: str, items: list[dict[str, Any]]) -> None:
        """Its first version, or the next one."""
        walk = self.walk
        fields = {"title": title, "summary": summary, "items": items}
        if self.id:
            changed = ops.UpdatePlan.model_validate(
                {**fields, "id": self.id, "version": self.version}
            )
            self._read(plans.update(walk.uow, changed, SECRETARY, walk.now))
        else:
            made = ops.CreatePlan.model_validate({**fields, "cid": demo.SHANGYUAN})
            self._read(plans.create(walk.uow, made, SECRETARY, walk.now))

    def led(self, to: str, reason: str | None = None, days: float = 0) -> None:
        """To another state; ``days`` is how long it takes comments."""
        walk = self.walk
        closes = walk.now + timedelta(days=days) if days else None
        cmd = ops.StepPlan.model_validate(
            {
                "id": self.id, "to": to, "version": self.version, "reason": reason,
                "closes_at": closes,
            }
        )  # fmt: skip
        self._read(plans.step(walk.uow, cmd, SECRETARY, walk.now))

    def done(self, item: int, note: str, state: str, yuan: int, photo: str = "") -> None:
        """How far an item is."""
        walk = self.walk
        photos = [walk.photo(photo, WANG)] if photo else []
        cmd = ops.RecordPlanProgress.model_validate(
            {
                "id": self.id, "item": self.keys[item], "note": note, "state": state,
                "spent_fen": yuan * 100, "attachments": photos,
            }
        )  # fmt: skip
        self._read(plans.record_progress(walk.uow, cmd, WANG, walk.files, walk.now))

    def said(self, who: Actor, body: str, answer: str = "", item: int | None = None) -> None:
        """A comment, and what the committee answers to it."""
        walk = self.walk
        key = None if item is None else self.keys[item]
        cmd = ops.CommentOnPlan(id=self.id, body=body, item=key)
        comment = plan_comments.comment(walk.uow, cmd, who, walk.now)
        if answer:
            reply = ops.AnswerPlanComment(id=comment.id, body=answer)
            plan_comments.answer(walk.uow, reply, SECRETARY, walk.now)

    def _read(self, plan: ops.Plan) -> None:
        self.id, self.version = plan.id, plan.version
        self.keys = [item.key for item in plan.content]


def _under_way(walk: Walk, now: datetime) -> Iterator[Step]:
    """One that was adopted and is half done."""
    plan, title = _Plan(walk), "宝月尚园今年要办的三件事"
    items = _items(
        {
            "title": "清空楼道，腾出生命通道",
            "text": "逐幢清理楼道堆物，旧家具由物业每周六集中拉走。",
            "owner": {"kind": "person", "name": "各楼楼组长"},
            "budget": {"amount_fen": 600_000, "source": "public_revenue"},
        },
        {
            "title": "搭一处电瓶车充电棚",
            "text": "在二号门西侧搭棚，二十个充电位，带自动断电。",
            "owner": {"kind": "property"},
            "budget": {"amount_fen": 4_800_000, "source": "maintenance_fund"},
        },
        {
            "title": "疏通地下车库排水",
            "text": "雨季以前疏通三处排水口。",
            "owner": {"kind": "property"},
            "budget": {"amount_fen": 900_000, "source": "maintenance_fund"},
        },
    )

    def at(days: float) -> datetime:
        return now - timedelta(days=days)

    yield Step(at(80), lambda: plan.drafted(title, "走访和热点里说得最多的三件事，先办。", items))
    yield Step(at(79), lambda: plan.led("open", days=7))
    yield Step(
        at(77),
        lambda: plan.said(
            neighbour(17),
            "充电棚离窗户远一点，怕吵。",
            "离最近的窗户二十米，夜里十点断电。",
            item=1,
        ),
    )
    yield Step(at(71), lambda: plan.led("adopted"))
    yield Step(at(70), lambda: plan.led("in_progress"))
    yield Step(at(40), lambda: plan.done(0, "十二幢楼已清完六幢。", "doing", 2_400))
    yield Step(at(20), lambda: plan.done(0, "全部清完，共拉走旧家具四车。", "done", 5_200))
    yield Step(at(9), lambda: plan.done(1, "棚已搭好，正在接电。", "doing", 31_000, "shed"))


def _open(walk: Walk, now: datetime) -> Iterator[Step]:
    """One that lies open for comments, in its second version."""
    plan, title = _Plan(walk), "中心花园怎么改"
    bench = {
        "title": "加十张带靠背的长椅",
        "text": "沿步道每三十米一张，老人走累了能坐。",
        "budget": {"amount_fen": 1_500_000, "source": "public_revenue"},
    }
    sand = {
        "title": "把旧沙坑改成平地",
        "text": "铺透水砖，给孩子骑车和老人打拳用。",
        "budget": {"amount_fen": 2_600_000, "source": "public_revenue"},
    }

    def at(days: float) -> datetime:
        return now - timedelta(days=days)

    def again() -> None:
        keyed = [dict(bench, key=plan.keys[0]), dict(sand, key=plan.keys[1])]
        keyed[1] |= {"title": "把旧沙坑改成半沙半地", "text": "留一半沙坑给小小孩，一半铺透水砖。"}
        lamp = {"title": "步道加地灯", "text": "低矮的地灯，不照窗户。",
                "budget": {"amount_fen": 800_000, "source": "public_revenue"}}  # fmt: skip
        plan.drafted(title, "按大家的意见改了沙坑，加了地灯。", _items(*keyed, lamp))

    yield Step(at(14), lambda: plan.drafted(title, "花园旧了，想请大家说说。", _items(bench, sand)))
    yield Step(at(13), lambda: plan.led("open", days=20))
    yield Step(at(12), lambda: plan.said(neighbour(19), "沙坑留着吧，孩子最喜欢。", item=1))
    yield Step(at(6), lambda: plan.led("draft", "按意见修改，再请大家看。"))
    yield Step(at(5.9), again)
    yield Step(at(5.8), lambda: plan.led("open", days=16))
    yield Step(
        at(3),
        lambda: plan.said(
            LU, "长椅最好有扶手，起身省力。", "好，已写进采购要求：两头都带扶手。", item=0
        ),
    )
    yield Step(at(1), lambda: plan.said(SUN, "地灯会不会太亮，睡觉照到窗户？", item=2))
