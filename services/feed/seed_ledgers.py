"""The demo village's accounts of a quarter, a question with its answer, and one that waits."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.feed.domain.days import day_of
from services.feed.domain.questions import due_at
from services.feed.models import Ledger, LedgerLine, Question
from services.feed.seed_writing import put_post
from services.kit.uow import UnitOfWork

_POST, _QUESTION = 15, 16  # kinds of demo ids


@dataclass(frozen=True, slots=True)
class Written:
    """A line, so many days before the quarter's end."""

    section: str
    days: int
    subject: str
    amount: str
    party: str = ""
    note: str = ""


LINES: Final = (
    Written("income", 80, "鱼塘承包款（上半年）", "30000.00", "承包户", "合同分两期付"),
    Written("income", 71, "村口厂房租金", "18500.00", "租户"),
    Written("income", 44, "镇里的河道保洁补助", "6200.00", "镇政府"),
    Written("spending", 66, "东头水渠清淤", "8120.50", "村施工队", "收据 12 号"),
    Written("spending", 51, "路灯电费", "1306.80", "供电所"),
    Written("spending", 30, "老人活动室修屋顶", "4350.00", "村施工队", "收据 15 号"),
    Written("spending", 9, "保洁员工钱", "9600.00", "三位保洁员", "每月 3200 元"),
    Written("asset", 0, "村口厂房（一间）", "420000.00", note="2014 年建，按造价"),
    Written("asset", 0, "清淤船一条", "26000.00"),
    Written("liability", 0, "欠施工队尾款", "5000.00", "村施工队"),
)


def seed(uow: UnitOfWork, now: datetime) -> bool:
    """Write what is missing; whether anything was."""
    ends_on = day_of(now).replace(day=1) - timedelta(days=1)
    starts_on = (ends_on - timedelta(days=62)).replace(day=1)
    at = now - timedelta(days=5)
    post_id = demo_id(_POST, 1)
    missing = put_post(
        uow,
        post_id,
        at,
        community_id=demo.HAIXING,
        path=demo.PATH_HAIXING,
        module="village_affairs",
        author_id=demo.VILLAGE_CLERK,
        author_role=Role.COMMITTEE_STAFF.value,
        title="海星村集体收支公开（最近三个月）",
        body="三个月的收入、支出和家底都列在下面，每一笔写明用在哪里。"
        "看不懂、觉得不对的，直接在这里提问，七天之内答复。",
    )
    if not missing:
        return False
    uow.session.add(
        Ledger(
            post_id=post_id,
            community_id=demo.HAIXING,
            kind="collective",
            title="海星村集体收支",
            starts_on=starts_on,
            ends_on=ends_on,
            opening=Decimal("52310.40"),
            state="published",
            made_by=demo.VILLAGE_CLERK,
            made_at=at,
            published_by=demo.VILLAGE_CLERK,
            published_at=at,
            checked_by=demo.VILLAGE_SUPERVISOR,
            checked_at=at + timedelta(days=1),
            check_note="收据逐张对过，数目相符。",
        )
    )
    uow.session.flush()
    uow.session.add_all(
        LedgerLine(
            post_id=post_id,
            number=number,
            section=line.section,
            on_date=max(_before(ends_on, line.days), starts_on),
            subject=line.subject,
            amount=Decimal(line.amount),
            party=line.party,
            note=line.note,
            by=demo.VILLAGE_CLERK,
            at=at,
        )
        for number, line in enumerate(LINES, start=1)
    )
    asked_at = at + timedelta(days=2)
    uow.session.add(
        Question(
            id=demo_id(_QUESTION, 1),
            post_id=post_id,
            community_id=demo.HAIXING,
            path=demo.PATH_HAIXING,
            line=1,
            asker_id=demo.VILLAGER_ZHAO,
            body="鱼塘承包费去年一次付清，今年怎么只收了一半？",
            asked_at=asked_at,
            due_at=due_at(asked_at),
            answer="今年的合同改成两期付，第二期六月底到账，合同复印件贴在村务公开栏。",
            answered_by=demo.VILLAGE_CLERK,
            answered_role=Role.COMMITTEE_STAFF.value,
            answered_at=asked_at + timedelta(hours=20),
        )
    )
    since = now - timedelta(days=2)
    uow.session.add(
        Question(
            id=demo_id(_QUESTION, 2),
            post_id=post_id,
            community_id=demo.HAIXING,
            path=demo.PATH_HAIXING,
            line=6,
            asker_id=demo.VILLAGER_ZHAO,
            body="活动室屋顶修了四千多，是哪家施工队做的，有没有比过价？",
            asked_at=since,
            due_at=due_at(since),
        )
    )
    return True


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)
