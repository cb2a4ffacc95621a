"""What neighbours of the demo's community say: a discussion that is led, a text in two versions,
surveys that are running and that are over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts import demo
from services.contracts.actor import Actor
from services.contracts.operations.votes import discussion as talking
from services.contracts.operations.votes import surveys as ops
from services.seeding import Step
from services.votes import repository
from services.votes.handlers import moderation, surveys
from services.votes.seed_past import SECRETARY, Walk, resident
from services.votes.seed_stories import CHEN, LU, MA, SUN, ZHOU, Story

LEADER: Final = resident(demo.PERSON_BY_PHONE["13800000015"])
OTHERS: Final = tuple(resident(demo.PERSON_BY_PHONE[f"138{n:08d}"]) for n in range(16, 31))


def steps(walk: Walk, now: datetime) -> list[Step]:
    """Everything that was said, in no order."""
    topics, asked = (*_talk(walk, now), *_drafts(walk, now)), _surveys(walk, now)
    return [
        *(step for one in topics for step in one.steps),
        *(step for one in asked for step in one.steps),
    ]


# -- a discussion with somebody who leads it ------------------------------------------------------


@dataclass(slots=True)
class Talk(Story):
    """A topic whose discussion has a moderator."""

    def led_by(self, days: float, who: Actor) -> None:
        """She moderates from then on."""
        said = {"person_id": who.person_id}
        self.at(
            days,
            lambda: moderation.appoint(*self._with(talking.OfModerator, said, self.desk)),
        )

    def called_to_order(self, days: float, who: Actor, body: str) -> None:
        """A moderator's word."""
        said = {"body": body}
        self.at(days, lambda: moderation.speak(*self._with(talking.ModerateTopic, said, who)))

    def hidden(self, days: float, of: Actor, by: Actor, reason: str) -> None:
        """What somebody said last is hidden, and she asks to look again."""

        def hide() -> None:
            uow, now = self.walk.uow, self.walk.now
            found = repository.discussion.newest(uow.session, self.id, before=None, limit=20)
            opinion = next(one.id for one in found if one.author_id == of.person_id)
            decided = talking.DecideOpinion(id=opinion, decision="hide", reason=reason)
            moderation.decide(uow, decided, by, now)
            asked = talking.AppealOpinion(id=opinion, reason="话是重了些，可事情是真的。")
            moderation.appeal(uow, asked, of, now)

        self.at(days, hide)


def _talk(walk: Walk, now: datetime) -> Iterator[Story]:
    boxes = Talk(
        walk,
        now,
        "快递柜装在南门还是北门",
        "快递都堆在门卫室，丢过几次。想装一组快递柜，南门宽敞、北门离地铁近，大家定一定。",
        by=CHEN,
    )
    boxes.discussed(4)
    boxes.led_by(3.2, LEADER)
    boxes.said(3.1, LU, "for", "装南门：地方大，三轮车也停得下，不挡消防通道。")
    boxes.said(3.0, MA, "against", "南门离八号楼要走十分钟，老人取件太远。不如两个门各装一半。")
    boxes.said(2.9, SUN, "neutral", "装哪里都行，别占了晒太阳的长椅。")
    boxes.called_to_order(2.8, LEADER, "请大家围绕“装在哪里”说，收不收费另外提议题。")
    boxes.said(2.7, OTHERS[0], "for", "南门有监控，晚上取件放心。")
    boxes.said(2.6, OTHERS[1], "against", "北门上下班顺路，装了才有人用。")
    boxes.said(2.5, OTHERS[2], "against", "南门那家店就想独占，谁支持谁拿了好处。")
    boxes.hidden(2.4, OTHERS[2], LEADER, "猜测他人动机，不是在说这件事。")
    boxes.said(2.0, LU, "for", "听了大家的意见：南门装大的，北门装一组小的，我也赞成。")
    yield boxes


def _drafts(walk: Walk, now: datetime) -> Iterator[Story]:
    lights = Story(
        walk,
        now,
        "楼道灯改成感应灯",
        "楼道灯白天也亮着，电费大家摊。改成感应灯，人来才亮。",
        by=LU,
    )
    lights.drafted(19)
    lights.said(16, SUN, "for", "省电，也不用摸黑找开关。")
    lights.written(
        6,
        (
            "楼道灯由物业改成感应灯，费用从公共收益中支出。",
            "改装分两批进行，每批不超过30日。",
            "旧灯由物业统一回收。",
        ),
        opens=-9,
        closes=-16,
    )
    lights.written(
        3,
        (
            {
                "key": "a1",
                "text": "楼道灯由物业改成感应灯，费用从公共收益中支出，总额不超过2万元。",
            },
            {"key": "a2", "text": "改装分三批进行，每批不超过15日。"},
            "感应灯的亮灯时间不少于30秒，方便老人上下楼。",
        ),
        opens=-10,
        closes=-17,
    )
    yield lights


# -- surveys --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Asked:
    """A survey and its answers; times are days before now."""

    walk: Walk
    now: datetime
    facts: dict[str, Any]
    id: str = ""
    steps: list[Step] = field(default_factory=list)

    def at(self, days: float, do: Callable[[], object]) -> None:
        """So many days ago this was done."""
        self.steps.append(Step(self.now - timedelta(days=days), do))

    def opened(self, days: float, closes: float) -> None:
        """Asked from then on, until so many days before now."""

        def do() -> None:
            until = self.now - timedelta(days=closes)
            cmd = ops.CreateSurvey.model_validate(
                {"cid": demo.SHANGYUAN, "closes_at": until, **self.facts}
            )
            made = surveys.create(self.walk.uow, cmd, SECRETARY, self.walk.now)
            self.id = made.id

        self.at(days, do)

    def answered(self, days: float, who: Actor, *answers: Any) -> None:
        """What somebody answered."""

        def do() -> None:
            cmd = ops.AnswerSurvey(id=self.id, answers=list(answers))
            surveys.answer(self.walk.uow, cmd, who, self.walk.now)

        self.at(days, do)


_COURSES: Final = ["智能手机", "书法", "合唱", "急救知识", "做点心"]


def _surveys(walk: Walk, now: datetime) -> Iterator[Asked]:
    classes = Asked(
        walk,
        now,
        {
            "title": "冬天办什么兴趣班",
            "intro": "活动室周二、周四下午空着，想听听大家要学什么。",
            "questions": [
                {
                    "kind": "multiple",
                    "text": "您想参加哪些班？",
                    "choices": _COURSES,
                    "required": True,
                    "most": 3,
                },
                {
                    "kind": "single",
                    "text": "什么时间方便？",
                    "choices": ["上午", "下午", "晚上"],
                    "required": True,
                },
                {"kind": "scale", "text": "对去年的班满意吗？", "lowest": 1, "highest": 5},
                {"kind": "number", "text": "家里几个人想来？", "lowest": 1, "highest": 10},
                {"kind": "text", "text": "还有什么建议？", "longest": 200},
            ],
        },
    )
    classes.opened(3, closes=-6)
    for number, who in enumerate(OTHERS[:7]):
        classes.answered(2.5 - number / 10, who, [number % 5], number % 3, 3 + number % 3, 1, None)
    yield classes

    bins = Asked(
        walk,
        now,
        {
            "title": "垃圾箱房开门时间",
            "intro": "现在早晚各开两小时，试行了两个月。",
            "questions": [
                {
                    "kind": "single",
                    "text": "开门时间够不够？",
                    "choices": ["够了", "早上要早一点", "晚上要晚一点"],
                    "required": True,
                },
                {"kind": "scale", "text": "干净程度打几分？", "lowest": 1, "highest": 5},
                {"kind": "text", "text": "想说的话", "longest": 300},
            ],
            "texts": "public",
        },
    )
    bins.opened(20, closes=12)
    for number, who in enumerate(OTHERS[:12]):
        said = {2: "冬天早上五点半天还没亮，六点开就好。", 7: "晚上九点以后下班的人来不及扔。"}
        bins.answered(
            19 - number / 4, who, (0, 2, 1, 0)[number % 4], 2 + number % 4, said.get(number)
        )
    yield bins

    doors = Asked(
        walk,
        now,
        {
            "title": "楼栋门禁换不换刷脸",
            "intro": "记名问卷，住一楼的意见我们会上门再听。",
            "questions": [
                {
                    "kind": "single",
                    "text": "要不要换成刷脸？",
                    "choices": ["换", "不换，刷卡就好", "两样都留"],
                    "required": True,
                },
            ],
            "anonymous": False,
            "results": "live",
        },
    )
    doors.opened(2, closes=-5)
    for number, who in enumerate((LU, CHEN, ZHOU, *OTHERS[:5])):
        doors.answered(1.5 - number / 10, who, (2, 1, 2, 0)[number % 4])
    doors.answered(0.4, SUN, 2)
    yield doors
