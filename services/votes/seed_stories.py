"""What was raised, argued, voted on and decided in the demo's community, each in its own state.

The first is the article's case: the rules by which 宝月尚园 decides (议事规则 of its covenant), on
a roll of 1,560, nearly a thousand votes over both channels, and a neighbour who objected to the
period of publicity and to the way of voting. What it says beyond that is ours.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts import demo
from services.contracts.actor import Actor
from services.contracts.operations.votes import discussion, objections, paper, paper_sheets
from services.contracts.operations.votes import polls as poll_ops
from services.contracts.operations.votes import proposals as proposal_ops
from services.contracts.operations.votes import topics as ops
from services.seeding import Step
from services.votes import repository
from services.votes.domain.paper import Act
from services.votes.handlers import advancing, casting, proposals, screening, topics
from services.votes.handlers import discussion as discussing
from services.votes.handlers import objections as objecting
from services.votes.handlers import paper as desk
from services.votes.handlers import paper_sheets as sheets
from services.votes.seed_past import (
    HOUSES,
    OWNERS,
    SECRETARY,
    STAFF,
    Walk,
    codes_by_voter,
    resident,
    voter,
)

MA: Final = resident(demo.PERSON_BY_PHONE["13800000012"])  # 马先生 of the article
SUN, LU = resident(demo.GRANNY_SUN), resident(demo.OLD_LU)
CHEN: Final = resident(demo.PERSON_BY_PHONE["13800000013"])
ZHOU: Final = resident(demo.PERSON_BY_PHONE["13800000014"])
_BATCH: Final = 200
_VERIFY: Final = "https://shequtong.example"


@dataclass(slots=True)
class Story:
    """A topic on its way; times are days before now."""

    walk: Walk
    now: datetime
    title: str
    body: str
    by: Actor = SUN
    desk: Actor = SECRETARY
    convener: str = "residents_committee"
    id: str = ""
    steps: list[Step] = field(default_factory=list)

    def at(self, days: float, do: Callable[[], object]) -> None:
        """So many days ago this was done."""
        self.steps.append(Step(self.now - timedelta(days=days), do))

    # -- the chain -------------------------------------------------------------------------------

    def raised(self, days: float) -> None:
        """The question."""

        def do() -> None:
            cmd = ops.RaiseTopic.model_validate(
                {
                    "cid": demo.SHANGYUAN,
                    "title": self.title,
                    "body": self.body,
                    "convener": self.convener,
                }
            )
            self.id = topics.raise_topic(self.walk.uow, cmd, self.by, self.walk.now).id

        self.at(days, do)

    def screened(
        self, days: float, stage: str = "intake", decision: str = "accept", reason: str = ""
    ) -> None:
        """The desk's decision."""
        said = {"stage": stage, "decision": decision, "reason": reason or None}
        self.at(days, lambda: screening.screen(*self._with(ops.ScreenTopic, said, self.desk)))

    def led(self, days: float, to: str, who: Actor | None = None, **more: str) -> None:
        """Led on to the next state."""
        said = {"to": to, **more}
        self.at(
            days,
            lambda: advancing.advance(*self._with(ops.AdvanceTopic, said, who or self.desk)),
        )

    def _with(self, shape: Any, said: dict[str, Any], who: Actor) -> tuple[Any, ...]:
        return (
            self.walk.uow,
            shape.model_validate({"id": self.id, **said}),
            who,
            self.walk.now,
        )

    def said(self, days: float, who: Actor, stance: str, body: str) -> None:
        """An opinion."""
        said = {"stance": stance, "body": body}
        self.at(days, lambda: discussing.discuss(*self._with(discussion.DiscussTopic, said, who)))

    def discussed(self, days: float) -> None:
        """Raised so long ago, taken up, and open for discussion since."""
        self.raised(days)
        self.screened(days - 0.5)
        self.led(days - 0.6, "discussion")

    def drafted(self, days: float) -> None:
        """Discussed for more than a week, then formed, screened again, studied."""
        self.discussed(days)
        self.led(days - 9, "actionable", title=self.title, body=self.body)
        self.screened(days - 9.2, "proposal")
        self.led(
            days - 10, "proposal", SECRETARY, reason="支部先行研究：符合法律和政策，同意提交表决。"
        )

    def written(
        self,
        days: float,
        articles: Sequence[str | dict[str, str]],
        opens: float,
        closes: float,
    ) -> None:
        """The text, to be voted on from ``opens`` to ``closes``; an article may name its key."""
        said = {
            "articles": list(articles),
            "rule_set": "article_2017",
            "opens_at": self.now - timedelta(days=opens),
            "closes_at": self.now - timedelta(days=closes),
        }
        self.at(days, lambda: proposals.put(*self._with(proposal_ops.PutProposal, said, self.desk)))

    # -- the vote --------------------------------------------------------------------------------

    def objected(self, days: float, kind: str, body: str, answer: str = "", mark: str = "") -> None:
        """An objection of 马先生; answered the next day, and marked, where so."""
        kept: list[str] = []

        def file() -> None:
            cmd = objections.FileObjection.model_validate(
                {"id": self.id, "kind": kind, "body": body}
            )
            kept.append(objecting.file(self.walk.uow, cmd, MA).id)

        def reply() -> None:
            cmd = objections.AnswerObjection(id=kept[0], body=answer)
            objecting.answer(self.walk.uow, cmd, self.desk, self.walk.now)

        def say() -> None:
            cmd = objections.MarkObjection.model_validate({"id": kept[0], "mark": mark})
            objecting.mark(self.walk.uow, cmd, MA)

        self.at(days, file)
        if answer:
            self.at(days - 1, reply)
        if mark:
            self.at(days - 2, say)

    def voted(self, days: float, first: int, counts: dict[str, int]) -> None:
        """Online ballots of the roll's entries from ``first`` on, so many of each choice."""
        choices = [choice for choice, count in counts.items() for _ in range(count)]
        for start in range(0, len(choices), _BATCH):
            piece = choices[start : start + _BATCH]
            self.at(days - start / 10_000, _Batch(self, first + start, piece).cast)

    @property
    def poll(self) -> str:
        """The poll that was announced on it."""
        return repository.topics.topic(self.walk.uow.session, self.id).poll_id or ""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Ballots that came together."""

    story: Story
    first: int
    choices: Sequence[str]

    def cast(self) -> None:
        """Cast them, as the gateway would."""
        uow, poll_id = self.story.walk.uow, self.story.poll
        people = {
            f"t{number}": voter(number)
            for number in range(self.first, self.first + len(self.choices))
        }
        ballots = [
            poll_ops.SentBallot(
                token=token,
                idempotency_key=f"demo-{poll_id}-{person}",
                body_hash=choice,
                ballot={"choice": choice},
            )
            for (token, person), choice in zip(people.items(), self.choices, strict=True)
        ]
        answers = casting.cast(
            uow,
            poll_ops.CastBallots(id=poll_id, ballots=ballots),
            lambda token: resident(people[token]),
            None,
            _VERIFY,
        ).answers
        refused = next((one.error for one in answers if one.error), None)
        if refused:
            raise RuntimeError(f"a ballot of the demo was refused: {refused['code']}")


@dataclass(slots=True)
class Urn:
    """Papers that were handed out at the doors, came back, and were counted by two."""

    story: Story
    first: int
    counts: dict[str, int]
    invalid: int
    unreturned: int
    papers: list[str] = field(default_factory=list)

    @property
    def returned(self) -> int:
        """How many lay in the urn."""
        return sum(self.counts.values()) + self.invalid

    def hand_out(self) -> None:
        """A round of visits."""
        uow, poll_id = self.story.walk.uow, self.story.poll
        numbers = range(self.first, self.first + self.returned + self.unreturned)
        found = codes_by_voter(uow, poll_id, [voter(number) for number in numbers])
        codes = list(found.values())
        for start in range(0, len(codes), _BATCH):
            cmd = paper.IssuePaper(id=poll_id, subject_ids=codes[start : start + _BATCH])
            issued, _ = desk.issue(uow, cmd, STAFF)
            self.papers += [one.paper for one in issued.papers]

    def collect(self) -> None:
        """All but a few come back."""
        for number in self.papers[: self.returned]:
            cmd = paper.ReturnPaper(id=self.story.poll, paper=number)
            desk.settle(self.story.walk.uow, cmd, STAFF, Act.RETURN, self.story.walk.files)

    @property
    def read(self) -> dict[str, Any]:
        """What is found in it: one sheet of all houses."""
        houses = [f"{house}号楼" for house in range(1, HOUSES + 1)]
        slips = {"issued": self.returned + self.unreturned, "unreturned": self.unreturned}
        found = {"returned": self.returned, "spoiled": 0, "invalid": self.invalid, **self.counts}
        return {"buildings": houses, **slips, **found}

    def enter(self) -> str:
        """One person reads it; the sheet waits for another one."""
        walk, photo = self.story.walk, self.story.walk.photo(STAFF)
        entered = paper_sheets.EnterPaper.model_validate(
            {"id": self.story.poll, "photo_ids": [photo], **self.read}
        )
        return sheets.enter(walk.uow, entered, STAFF, walk.files)[0].id

    def count(self) -> None:
        """Two people read it alike."""
        again = paper_sheets.ConfirmPaper.model_validate({"id": self.enter(), **self.read})
        sheets.confirm(self.story.walk.uow, again, SECRETARY)


def steps(walk: Walk, now: datetime) -> list[Step]:
    """Everything that happened, in no order."""
    return [step for story in _stories(walk, now) for step in story.steps]


def _stories(walk: Walk, now: datetime) -> Iterator[Story]:
    def story(title: str, body: str, **more: Any) -> Story:
        return Story(walk, now, title, body, **more)

    rules = story(
        "《宝月尚园社区居民自治公约》议事规则",
        "大家的事怎么提、怎么议、怎么定，先把规矩定下来：谁提的都算数，谁都有权投票，结果都公开。",
    )
    rules.drafted(66)
    rules.said(63, LU, "for", "有了议事规则，以后定什么都有章可循，我赞成。")
    rules.said(62, MA, "against", "公示时间太短，很多上班的人根本看不到。")
    rules.said(61, CHEN, "for", "赞成。线上线下都能投，老人也方便。")
    rules.said(60, ZHOU, "neutral", "先试一年，明年再看要不要改。")
    rules.written(
        55,
        (
            "居民都可以提出议题。居委会七日内筛选，不予受理的说明理由并公开。",
            "议题发布后至少讨论七日，形成可操作议题，经再次筛选转化为提案。",
            "提案公示不少于七日。公示期内的异议，召集人逐条说明理由答复。",
            "年满十八周岁的居民线上或者纸质投票，一人一票。过半数参加、参加者过半数同意的通过。",
            "表决结果公示七日，通过的议案成为公约，大家共同遵守、互相监督。",
        ),
        opens=45,
        closes=38,
    )
    rules.led(54, "notice")
    rules.objected(
        53,
        "publicity_period",
        "只公示七天，出差的人回来已经投完了，应该更长。",
        "公示期加表决期一共十七天，手机上随时能看能投；出差的邻居不受影响。明年回头看时再议是否延长。",
        "stands",
    )
    rules.objected(
        52.5,
        "mechanism",
        "线上线下一起投，怎么保证一个人不投两次？",
        "纸质票发出时名册上就占住这一票，线上不能再投；名册和账本公开，收据可以自己查。",
        "satisfied",
    )
    rules.voted(44, 0, {"for": 794, "against": 49, "abstain": 35})
    urn = Urn(rules, 900, {"for": 95, "against": 7, "abstain": 4}, invalid=2, unreturned=6)
    rules.at(43, urn.hand_out)
    rules.at(39, urn.collect)
    rules.at(37.9, urn.count)
    yield rules

    bikes = story(
        "电动自行车不进楼、不飞线充电",
        "去年楼道里起过一次火。车棚已经装了四十个充电口，希望大家约定：车和电池都不进楼。",
        by=LU,
    )
    bikes.drafted(24)
    bikes.said(21, SUN, "for", "我住一楼，天天闻到充电的味道，害怕。")
    bikes.said(20, ZHOU, "against", "车棚离我家太远，下雨天怎么办？")
    bikes.written(
        10,
        ("电动自行车及其电池不进楼道、电梯和住宅。", "车棚充电价格每季度公布一次。"),
        opens=1,
        closes=-6,
    )
    bikes.led(9, "notice")
    bikes.voted(0.5, 40, {"for": 171, "against": 30, "abstain": 13})
    yield bikes

    quiet = story(
        "晚十点到早七点不装修", "楼上装修到半夜，孩子没法睡。约定一个时间，急修除外。", by=CHEN
    )
    quiet.drafted(40)
    quiet.written(
        25,
        ("每日二十二时至次日七时不进行有噪声的装修，漏水等急修除外。",),
        opens=13,
        closes=3,
    )
    quiet.led(24, "notice")
    quiet.voted(8, 40, {"for": 766, "against": 61, "abstain": 23})
    yield quiet

    parking = story(
        "访客车辆临停怎么收费",
        "地面车位属于全体业主。访客停车收不收费、收来的钱怎么用，由业主决定。",
        by=ZHOU,
        desk=OWNERS,
        convener="owners_committee",
    )
    parking.drafted(18)
    yield parking

    noticed = story(
        "楼组长每年由本楼居民推选", "楼组长一直没换过，希望每年推选一次，愿意干的都能报名。"
    )
    noticed.drafted(17)
    noticed.written(
        4,
        ("楼组长每年十二月由本楼居民推选，可以连任。",),
        opens=-6,
        closes=-13,
    )
    noticed.led(3, "notice")
    noticed.objected(2, "text", "没有写清楚推选时谁来计票，容易说不清。")
    yield noticed

    racks = story("楼下晾衣架要不要统一", "有的晾在绿化带上，有的拉绳子挡路，想统一装几排。")
    racks.discussed(5)
    racks.said(4, LU, "for", "统一装好，绿化带也不会被踩坏。")
    racks.said(3.5, CHEN, "against", "装在楼下挡一楼的光，要选好位置。")
    racks.said(3, SUN, "neutral", "先在两栋楼试试看。")
    yield racks

    slide = story("儿童滑梯旁边加一段护栏", "滑梯紧挨着车道，孩子跑出来很危险。", by=CHEN)
    slide.raised(0.8)
    yield slide

    dogs = story("小区里一律不许养狗", "狗叫、狗粪，太烦了，干脆都不许养。", by=ZHOU)
    dogs.raised(14)
    dogs.screened(
        12,
        decision="refuse",
        reason="依法登记的犬只可以饲养，公约不能与法律相抵触；牵绳和清理粪便可以另提议题。",
    )
    yield dogs
