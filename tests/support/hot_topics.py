"""Residents who write of a few concerns, with vectors made up for them; the hot ten of it."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import CommunityChanged, MemberCardChanged
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import hot_topics as ops
from services.grid_bridge.classifier import background
from services.grid_bridge.classifier.embedding import WIDTH
from services.grid_bridge.handlers import hot_runs, hot_topics
from services.grid_bridge.models import VectorRow
from tests.support.bridge import ADMIN, SHANGYUAN, Bridge, actor, card_told, community_told

CONCERNS = {
    "noise": ("夜间施工噪音扰民", "工地夜间施工到凌晨，噪音太大，老人孩子睡不着"),
    "lift": ("电梯三天两头坏", "电梯坏了没有人修，老人爬楼爬不动，电梯维修基金去哪了"),
    "parking": ("消防通道乱停车", "消防通道被私家车堵死，乱停车没有人管，出了事谁负责"),
    "water": ("自来水发黄有异味", "水龙头放出来的自来水是黄的，有异味，不敢喝"),
    "chat": ("今天天气真好", "晚上广场舞照旧，大家七点钟来，带上水杯，开开心心"),
    "dogs": ("遛狗不牵绳吓人", "早上遛狗不牵绳，大狗追着孩子跑，狗屎也不捡"),
}
_TURNS = ("请问怎么办", "盼回复", "已经很久了", "真的受不了", "请来看看", "希望重视", "麻烦了")


def vector(concern: str, seed: int) -> Any:
    """A vector of a sentence about a concern: what all have in common, its subject, its own."""
    towards = np.random.default_rng(sum(map(ord, concern))).normal(size=WIDTH)
    own = np.random.default_rng(seed).normal(size=WIDTH)
    made = background.background().mean + (towards * 0.3 + own * 0.2) / np.sqrt(WIDTH)
    return (made / np.linalg.norm(made)).astype(np.float32)


class Street:
    """A bridge with communities in two towns, and people in each of them."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.number = 0

    def community(self, community_id: str, town: str = "yuepu") -> str:
        """One more community; its path."""
        path = f"demo.{town}.{community_id}"
        facts = {"town_id": f"t-{town}", "town_name": f"{town}样例镇"}
        self._hear(community_told(community_id, path, 9).model_copy(update=facts))
        return path

    def member(self, person_id: str, community_id: str, path: str) -> Actor:
        """Somebody who belongs to a community, with a token that names no role."""
        facts = {"community_id": community_id, "path": path}
        self._hear(card_told(person_id, SHANGYUAN, "active").model_copy(update=facts))
        return actor(person_id)

    def write(
        self,
        community_id: str,
        path: str,
        concern: str,
        people: int,
        at: datetime,
        *,
        each: int = 1,
        prefix: str = "p",
        say: Callable[[int], str] = lambda _number: "",
        kind: str = "issue",
        embedded: bool = True,
    ) -> list[str]:
        """So many people write of a concern, each so often; the ids of what they wrote."""
        title, body = CONCERNS[concern]
        rows: list[dict[str, Any]] = []
        for one in range(people):
            for _ in range(each):
                self.number += 1
                turn = random.Random(self.number).choice(_TURNS)
                message = new_id()
                rows.append(
                    {
                        "kind": kind, "id": message, "post_id": message,
                        "community_id": community_id, "path": path, "module": "nearby",
                        "author_id": f"{prefix}-{community_id}-{one}",
                        "title": f"{title}{say(one)}", "body": f"{body}，{turn}", "digest": "d",
                        "model": "made up" if embedded else None,
                        "embedding": vector(concern, self.number) if embedded else None,
                        "written_at": at + timedelta(minutes=self.number),
                    }
                )  # fmt: skip
        with self.bridge.units() as uow:
            uow.session.execute(insert(VectorRow), rows)
            uow.commit()
        return [row["id"] for row in rows]

    # -- the clock, the reader, and people ----------------------------------------------------

    def ask_by_clock(self) -> int:
        """One turn of the timer that asks."""
        with self.bridge.units() as uow:
            asked = hot_runs.ask_by_clock(uow, self.bridge.now)
            uow.commit()
        return asked

    def reckon(self) -> int:
        """The reader's turns until nothing waits; how many there were."""
        turns = 0
        while True:
            with self.bridge.units() as uow:
                handled = hot_runs.run_next(uow, lambda work, *a: work(*a), self.bridge.now)
                uow.commit()
            if not handled:
                return turns
            turns += 1

    def again(self, level: str, node: str, month: str, by: Actor = ADMIN) -> ops.HotTopicRun:
        """Have a month reckoned anew."""
        cmd = ops.StartHotTopicRun(level=level, node=node, month=month, reason="补录后重算")
        return self.bridge._write(hot_runs.start, cmd, by)

    def ten(self, who: Actor, **query: Any) -> ops.HotTopicList:
        """Read a hot ten: cid=, tid= or did=."""
        kinds: dict[str, tuple[Any, Any]] = {
            "cid": (ops.CommunityHotTopics, hot_topics.of_community),
            "tid": (ops.TownHotTopics, hot_topics.of_town),
            "did": (ops.HotTopics, hot_topics.of_district),
        }
        (kind,) = kinds.keys() & query.keys()
        command, use_case = kinds[kind]
        return self.bridge._write(use_case, command(**query), who)

    def topic(self, topic_id: str, who: Actor) -> ops.HotTopicDetail:
        """Read a topic."""
        return self.bridge._write(hot_topics.get, ops.GetHotTopic(id=topic_id), who)

    def act(self, topic_id: str, by: Actor, **more: Any) -> ops.HotTopicAction:
        """Link an action."""
        cmd = ops.AddHotTopicAction(**{"id": topic_id, "kind": "campaign", **more})
        return self.bridge._write(hot_topics.add_action, cmd, by)

    def finish(self, action_id: str, by: Actor, **more: Any) -> ops.HotTopicAction:
        """Say that an action has ended."""
        cmd = ops.FinishHotTopicAction(id=action_id, **more)
        return self.bridge._write(hot_topics.finish_action, cmd, by)

    def remove(self, action_id: str, by: Actor) -> None:
        """Unlink an action."""
        cmd = ops.RemoveHotTopicAction(id=action_id, reason="关联错了")
        self.bridge._write(hot_topics.remove_action, cmd, by)

    def _hear(self, event: CommunityChanged | MemberCardChanged) -> None:
        """The directory learns it."""
        with self.bridge.units() as uow:
            directory.project(uow, event)
            uow.commit()
