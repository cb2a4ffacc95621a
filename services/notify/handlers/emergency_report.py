"""The report of an emergency: counts alone, of nobody's household."""

from datetime import datetime
from typing import Any, Final

from services.contracts.actor import Actor
from services.contracts.operations.documents import Document, DocumentBlock
from services.contracts.operations.notify import emergencies as ops
from services.kit.uow import UnitOfWork
from services.notify.domain import emergencies as rules
from services.notify.domain.emergency_words import NEEDS
from services.notify.domain.wording import CHINA
from services.notify.handlers import emergencies
from services.notify.models import Emergency
from services.notify.repository import emergencies as repository
from services.notify.repository import emergency_people

_COLUMNS: Final = ("楼栋", "户数", "人数", "平安", "求助", "无人应答", "已搬离", "未联系上")
_KINDS: Final = {"call": "发布", "update": "续报", "all_clear": "解除"}
_TO: Final = {"all": "全体", "silent": "未回复的住户"}


def report(
    uow: UnitOfWork, cmd: ops.OfEmergency, actor: Actor, now: datetime
) -> ops.EmergencyReport:
    """The report as it stands; while it is open, of this moment.

    Raises:
        EmergencyNotFound, Forbidden: it is not there, or not the actor's.
    """
    row = emergencies.readable(uow, cmd.id, actor)
    if row.report is not None:
        exact = ops.EmergencyReport.model_validate(row.report)
    else:
        exact = made(uow, row, now, final=False)
    counts = ops.BuildingCounts(total=exact.headcount, buildings=exact.buildings)
    told = emergencies.shown_to(actor, row, counts)
    more: dict[str, Any] = {"headcount": told.total, "buildings": told.buildings}
    if told.total.withheld:
        more |= {"needs": [], "heard_within": {}, "by_phone": 0, "at_the_door": 0, "late": 0}
    return exact.model_copy(update=more)


def made(uow: UnitOfWork, row: Emergency, now: datetime, *, final: bool) -> ops.EmergencyReport:
    """The report of what is known now."""
    counts = emergencies.counts(uow, row)
    story = emergency_people.story(uow.session, row.id)
    return ops.EmergencyReport(
        emergency=emergencies.view(row),
        as_of=now,
        final=final,
        headcount=counts.total,
        buildings=counts.buildings,
        needs=[
            ops.NeedCount(need=one.need, households=one.households)
            for one in emergency_people.needs(uow.session, row.id)
        ],
        heard_within={str(n): getattr(story, f"within_{n}") for n in rules.HEARD_WITHIN},
        by_phone=story.by_phone,
        at_the_door=story.at_the_door,
        late=story.late,
        broadcasts=[
            emergencies.broadcast_view(one) for one in repository.broadcasts(uow.session, row.id)
        ],
    )


def document(
    uow: UnitOfWork, cmd: ops.GetEmergencyReportFile, actor: Actor, now: datetime
) -> Document:
    """The report to keep on paper."""
    told = report(uow, ops.OfEmergency(id=cmd.id), actor, now)
    about, sums = told.emergency, told.headcount
    mark = "应急演练" if about.drill else "应急事件"
    lines = [
        f"范围：{about.place}",
        f"发布：{_moment(about.called_at)}，结束："
        f"{_moment(about.closed_at) if about.closed_at else '尚未结束'}",
        f"统计时间：{_moment(told.as_of)}",
    ]
    heard = "、".join(f"{minutes} 分钟内 {n} 户" for minutes, n in told.heard_within.items())
    situation = (
        f"共 {sums.households} 户 {sums.people} 人：平安 {sums.safe} 户，求助 {sums.help} 户，"
        f"无人应答 {sums.absent} 户，已搬离 {sums.moved} 户，未联系上 {sums.silent} 户。"
        f"手机回复 {told.by_phone} 户，上门核实 {told.at_the_door} 户；{heard}。"
        f"结束后仍求助 {told.late} 户。"
    )
    if sums.withheld:
        situation = f"共 {sums.households} 户 {sums.people} 人；户数过少，情况不予显示。"
    blocks = [
        DocumentBlock(kind="text", text=about.message),
        DocumentBlock(kind="heading", level=2, text="情况"),
        DocumentBlock(kind="text", text=situation),
        DocumentBlock(
            kind="table",
            columns=list(_COLUMNS),
            shares=[3, 1, 1, 1, 1, 1, 1, 1],
            rows=[
                [
                    one.building or "地址未登记",
                    *(
                        str(getattr(one, name))
                        for name in ("households", "people", "safe", "help", "absent", "moved")
                    ),
                    str(one.silent),
                ]
                for one in told.buildings
            ],
        ),
        DocumentBlock(kind="heading", level=2, text="求助"),
        DocumentBlock(
            kind="text",
            text="；".join(f"{NEEDS[one.need][0]} {one.households} 户" for one in told.needs)
            or ("不予显示。" if sums.withheld else "没有求助。"),
        ),
        DocumentBlock(kind="heading", level=2, text="通知"),
        *(
            DocumentBlock(
                kind="text",
                text=f"{_moment(one.at)} {_KINDS[one.kind]}（{_TO[one.to]}，"
                f"{one.told} 人）：{one.text}",
            )
            for one in told.broadcasts
        ),
        DocumentBlock(kind="remark", text="本报告只有统计数字，不含住户个人信息。"),
    ]
    return Document(title=f"{mark}报告：{about.title}", lines=lines, blocks=blocks)


def _moment(at: datetime) -> str:
    here = at.astimezone(CHINA)
    return f"{here.year}年{here.month}月{here.day}日{here:%H:%M}"
