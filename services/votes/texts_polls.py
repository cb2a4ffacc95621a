"""What the timeline and the certificate say of polls and results, in the words of neighbours."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from services.votes.domain.days import CHINA
from services.votes.domain.polls import Hold, Span
from services.votes.domain.publicity import Awaits

HOLDS: Final[Mapping[Hold, str]] = {
    Hold.ROLL: "表决人名册还没有编制完成",
    Hold.EMPTY_ROLL: "表决人名册里没有人",
    Hold.OBJECTIONS: "公示期内的异议还没有全部得到说明理由的答复",
    Hold.TEXT: "提案文本与公示的不一致",
    Hold.PAPERS: "还有纸质票没有收回",
    Hold.SHEETS: "还有计票单没有录入或没有经第二人核对，或账目不符",
    Hold.TALLY: "计票数字与名册上的投票标记对不上，查明以前不能公布结果",
}
WAITS: Final[Mapping[Awaits, str]] = {
    Awaits.PERIOD: "公示期还没有结束",
    Awaits.OBJECTIONS: "公示期内的异议还没有全部得到说明理由的答复",
    Awaits.SIGN_OFF: "等待居务监督委员会确认",
    Awaits.REFUSED: "居务监督委员会没有确认",
}
OBJECTIONS: Final[Mapping[str, str]] = {
    "publicity_period": "公示时间",
    "mechanism": "表决方式",
    "text": "文本内容",
    "roll": "表决人名册",
    "other": "其他",
}
MARKS: Final[Mapping[str | None, str]] = {
    "satisfied": "提出人已满意",
    "stands": "提出人仍有异议",
    None: "提出人未表态",
}
PERIODS: Final[Mapping[str, str]] = {"notice": "提案公示", "publicity": "结果公示"}
EARLIER: Final = "此前中止的公示"
CONVENERS: Final[Mapping[str, str]] = {
    "residents_committee": "居民委员会",
    "owners_committee": "业主委员会",
}
LINES: Final[Mapping[str, str]] = {
    "issued": "发出",
    "returned": "收回",
    "spoiled": "作废",
    "unreturned": "未收回",
    "area": "面积（百分之一平方米）",
    "heads": "人数",
    "ballots": "记名票与已交回的相符",
    "sheet": "发出的纸质票",
}
"""The lines on which register and sheets are held against each other."""
CHOICES: Final[Mapping[str, str]] = {
    "for": "赞成",
    "against": "反对",
    "abstain": "弃权",
}
MEASURES: Final[Mapping[str, str]] = {
    "entries": "票数",
    "households": "户数",
    "heads": "人数",
    "area": "面积（平方米）",
}


def moment(at: datetime) -> str:
    """A moment as it is read here: ``2026年3月9日 12:00``."""
    here = at.astimezone(CHINA)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"


def announced(voting: Span, *, moved: bool) -> str:
    """A poll is announced; ``moved``: the notice needed more time than the text had named."""
    why = "（为满足公示天数，开始时间已顺延）" if moved else ""
    return f"公示提案，{_voting(voting.opens_at, voting.closes_at)}{why}"


def opened(closes_at: datetime, roll: int, *, moved: bool) -> str:
    """Voting begins; ``moved``: it began later than announced and lasts as much longer."""
    why = "（开始晚于公示，结束时间相应顺延）" if moved else ""
    return f"开始表决，名册共 {roll} 项，{moment(closes_at)}截止{why}"


def _voting(opens_at: datetime, closes_at: datetime) -> str:
    return f"{moment(opens_at)}开始表决，{moment(closes_at)}截止"


def held(what: str, missing: Iterable[Hold]) -> str:
    """Why something does not happen yet: ``what`` is 表决 or 结果."""
    verb = "暂不开始" if what == "表决" else "暂不公布"
    return f"{what}{verb}：{'；'.join(HOLDS[one] for one in missing)}"


def extended(closes_at: datetime, times: int) -> str:
    """Too few took part."""
    return f"参加表决的还不够，第 {times} 次延长，{moment(closes_at)}截止"


def closed() -> str:
    """No vote is taken any more."""
    return "表决截止，开始计票"


def voided() -> str:
    """A poll is stopped."""
    return "表决作废"


def published(ends_at: datetime | None) -> str:
    """The motion passed, and its result is in publicity."""
    return f"表决通过，结果公示至{moment(ends_at)}" if ends_at else "表决通过"


def failed(locked_until: datetime | None) -> str:
    """The motion failed, and may come back only later."""
    if locked_until is None:
        return "表决未通过"
    return f"表决未通过，{moment(locked_until)}前同一事项不再表决"


def waits(missing: Iterable[Awaits], by: datetime | None) -> str:
    """The result does not hold yet."""
    due = f"（应于{moment(by)}前）" if by else ""
    return f"结果暂未生效：{'；'.join(WAITS[one] for one in missing)}{due}"


def signed(decision: str) -> str:
    """The supervisors' word."""
    return "居务监督委员会确认结果" if decision == "sign" else "居务监督委员会不予确认"


def to_file(by: datetime) -> str:
    """What was adopted is to be filed."""
    return f"应于{moment(by)}前报街镇备案"


def filed(number: str, authority: str) -> str:
    """It is on file."""
    return f"已向{authority}备案，编号 {number}"


OVERDUE: Final = "备案已逾期，尚未完成"
UNSIGNED: Final = "居务监督委员会确认已逾期"
ANNULLED: Final = "结果作废"
REFUSED: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("void", "published"): (
        "结果已经公布：不能再作废表决，只能撤销结果",
        "There is a result: it can be taken back, the poll cannot be stopped",
    ),
    ("void", "void"): ("这次表决已经作废", "The poll was stopped already"),
    ("annul", "announced"): ("还没有结果可以撤销", "There is no result to take back"),
    ("annul", "open"): ("还没有结果可以撤销", "There is no result to take back"),
    ("annul", "closed"): ("还没有结果可以撤销", "There is no result to take back"),
    ("annul", "void"): ("这次表决已经作废", "The poll was stopped already"),
    ("annul", "published"): (
        "已经生效的决定不能撤销：要改，就提议修改或废止公约",
        "What holds is not taken back: the way is a topic that amends or repeals the covenant",
    ),
}
"""Why a poll in such a state refuses a step, in Chinese and in English."""
