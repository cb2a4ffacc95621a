"""A house where questions are raised and led along the chain, by asking as people do."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from services.contracts.actor import Actor, Role
from services.contracts.errors import NotFound
from services.contracts.operations.votes import chain, topics
from services.contracts.operations.votes.proposals import PutProposal
from services.kit.uow import UnitOfWorkFactory
from services.votes.handlers import advancing, chain_settings, proposals, screening, seconding
from services.votes.handlers import topics as topic_use
from tests.support.bridge import SHANGYUAN, SHI, SUN, actor
from tests.support.votes import HERE, Votes

POST = {
    "id": "post-1",
    "community_id": SHANGYUAN,
    "title": "楼道里的电动车",
    "state": "shown",
    "created_at": "2026-02-27T08:00:00+00:00",
}


class Chain(Votes):
    """Votes with the chain's use-cases; feed knows one post, and has nothing against any words."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        super().__init__(units)
        self.posts: dict[str, dict[str, Any]] = {"post-1": POST}
        self.answers["get_post"] = self._post
        self.judge()

    def _post(self, *, id: str) -> dict[str, Any]:
        if id not in self.posts:
            raise NotFound()
        return self.posts[id]

    def neighbours(self, count: int) -> list[Actor]:
        """So many residents of 尚园."""
        people = [actor(f"p-n{number}", (Role.RESIDENT, HERE)) for number in range(count)]
        for one in people:
            self.settle(one)
        return people

    def choose(self, who: Actor = SHI, version: int = 0, **facts: Any) -> chain.ChainVersion:
        """The secretary chooses the chain's settings."""
        asked = {"cid": SHANGYUAN, "version": version, "note": "议事规则", "settings": facts}
        cmd = chain.PutChainSettings.model_validate(asked)
        return self.do(chain_settings.put_settings, cmd, who, self.now)

    def raise_(self, who: Actor = SUN, **facts: Any) -> topics.Topic:
        """A question is raised."""
        asked = {"cid": SHANGYUAN, "title": "电动车不进楼", "body": "楼道里充电太危险", **facts}
        return self.do(
            topic_use.raise_topic, topics.RaiseTopic.model_validate(asked), who, self.now
        )

    def get(self, topic_id: str, who: Actor = SUN) -> topics.Topic:
        """The topic as somebody sees it."""
        return self.do(topic_use.get_topic, topics.OfTopic(id=topic_id), who, self.now)

    def listed(self, who: Actor = SUN, **asked: Any) -> list[topics.TopicSummary]:
        """The topics of 尚园 that somebody asks for."""
        cmd = topics.ListTopics.model_validate({"cid": SHANGYUAN, **asked})
        return self.do(topic_use.list_topics, cmd, who, self.now).items

    def second(self, topic_id: str, who: Actor) -> topics.Seconding:
        """Somebody seconds it."""
        return self.do(seconding.second, topics.OfTopic(id=topic_id), who, self.now)

    def withdraw(self, topic_id: str, who: Actor) -> topics.Seconding:
        """She takes that back."""
        return self.do(seconding.withdraw, topics.OfTopic(id=topic_id), who, self.now)

    def screen(
        self,
        topic_id: str,
        decision: str = "accept",
        stage: str = "intake",
        who: Actor = SHI,
        **more: Any,
    ) -> topics.Topic:
        """The desk screens it."""
        if decision != "accept":
            more.setdefault("reason", "理由如下")
        asked = {"id": topic_id, "stage": stage, "decision": decision, **more}
        cmd = topics.ScreenTopic.model_validate(asked)
        return self.do(screening.screen, cmd, who, self.now)

    def amend(self, topic_id: str, who: Actor = SUN, **facts: Any) -> topics.Topic:
        """The author words it anew."""
        asked = {"id": topic_id, "title": "电动车停放与充电", "body": "改到室外集中充电", **facts}
        return self.do(topic_use.amend, topics.AmendTopic.model_validate(asked), who, self.now)

    def advance(self, topic_id: str, to: str, who: Actor = SHI, **more: Any) -> topics.Topic:
        """Somebody leads it on."""
        cmd = topics.AdvanceTopic.model_validate({"id": topic_id, "to": to, **more})
        return self.do(advancing.advance, cmd, who, self.now)

    def hand(
        self, topic_id: str, to: str, who: Actor = SHI, reason: str = "属于共有部分"
    ) -> topics.Topic:
        """It goes to the other body."""
        cmd = topics.HandTopic.model_validate({"id": topic_id, "convener": to, "reason": reason})
        return self.do(topic_use.hand_over, cmd, who, self.now)

    def board(self, who: Actor = SHI, **asked: Any) -> list[tuple[str, str, bool]]:
        """What waits for somebody: topic, task, overdue."""
        cmd = topics.ListScreeningBoard.model_validate({"cid": SHANGYUAN, **asked})
        page = self.do(screening.board, cmd, who, self.now)
        return [(one.topic_id, one.task, one.overdue) for one in page.items]

    def alike(self, topic_id: str, who: Actor = SHI) -> list[topics.Alike]:
        """What reads like it."""
        return self.do(screening.alike, topics.OfTopic(id=topic_id), who).items

    def register(self, *voters: Actor) -> None:
        """Identity draws a roll of these residents."""
        entries = [
            {
                "ref": f"r-{who.person_id}",
                "kind": "person",
                "household": f"h-{who.person_id}",
                "building": "3号楼",
                "place": "101",
                "area": 0,
                "head_n": 1,
                "head_d": 1,
                "head_group": f"r-{who.person_id}",
                "doubt": "",
                "people": [who.person_id],
            }
            for who in voters
        ]
        drawn = {"ticket": "t" * 43, "size": len(entries)}
        self.answers["draw_electorate"] = lambda **_asked: drawn
        self.answers["page_electorate"] = lambda **_asked: {"items": entries, "after": None}
        self.answers["drop_electorate"] = lambda **_asked: {"dropped": True}
        self.answers["my_subjects"] = lambda **_asked: {"refs": []}

    def put_text(self, topic_id: str, who: Actor = SHI) -> topics.Topic:
        """The desk writes the proposal."""
        asked = {
            "id": topic_id,
            "articles": ["电动车不得在楼道内停放。", "小区设集中充电点。"],
            "rule_set": "residents_assembly",
            "opens_at": self.now + timedelta(days=10),
            "closes_at": self.now + timedelta(days=20),
        }
        cmd = PutProposal.model_validate(asked)
        return self.do(proposals.put, cmd, who, self.now)


def unbroken(topic: topics.Topic) -> bool:
    """Whether each line of the timeline begins where the one before it ended, up to now."""
    lines = topic.timeline
    return lines[-1].state == topic.state and all(
        line.was == before.state for before, line in pairwise(lines)
    )


def kinds(topic: topics.Topic) -> list[str]:
    """What the timeline tells of, in order."""
    return [line.kind for line in topic.timeline]
