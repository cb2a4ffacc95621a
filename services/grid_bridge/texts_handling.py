"""What the timeline says of referrals, merges, cases taken in, and the committee's own work."""

from datetime import date, datetime

from services.contracts.events.grid_bridge import MergeStanding
from services.grid_bridge.texts import day, joined

SOURCES = {"phone": "来电", "visit": "来访", "letter": "来信"}
PARTIES: dict[str, str] = {
    "property": "物业",
    "owners_committee": "业委会",
    "department": "责任部门",
}
RESULTS: dict[str, str] = {
    "answered": "居委会已答复",
    "fixed": "已处理完毕",
    "refused": "暂不受理",
    "unresolvable": "联合会商后暂无法解决",
    "solved": "已自治解决",
    "grid_closed": "网格工单已结案",
    "grid_refused": "网格平台未予立案",
    "cancelled": "网格工单已作废",
}
_MERGES: dict[tuple[str, MergeStanding], str] = {
    ("merged", "asked"): "居委会建议将本问题并入「{title}」，已征求反映人意见",
    ("merged", "agreed"): "本问题已并入「{title}」，办理结果在此一并告知",
    ("merged", "refused"): "反映人不同意并入「{title}」，本问题单独办理",
    ("merged", "undone"): "居委会已撤销与「{title}」的合并，本问题单独办理",
    ("into", "asked"): "居委会建议将「{title}」并入本问题，已征求其反映人意见",
    ("into", "agreed"): "「{title}」已并入本问题",
    ("into", "refused"): "「{title}」的反映人不同意合并，仍单独办理",
    ("into", "undone"): "居委会已撤销「{title}」与本问题的合并",
}


def party(to: str, department: str | None) -> str:
    """To whom it was referred."""
    return department or PARTIES[to]


def referred(to: str, department: str | None, note: str) -> str:
    """Another party is asked to act."""
    return joined(f"已转请{party(to, department)}办理，承诺期限不变", note)


def referral_settled(state: str, to: str, department: str | None, words: str) -> str:
    """The party has done it, declined, or was told that it need not."""
    name = party(to, department)
    heads = {
        "done": f"{name}答复：已办理",
        "declined": f"{name}不予办理，退回居委会",
        "withdrawn": f"居委会撤回对{name}的转办",
    }
    return joined(heads[state], words)


def merge(side: str, standing: MergeStanding, other_title: str, reason: str | None) -> str:
    """What was asked or decided about a merge, on either thread."""
    return joined(_MERGES[side, standing].format(title=other_title), reason or "")


def shared_outcome(title: str, text: str) -> str:
    """The outcome of the issue that this one was merged into."""
    return f"已并入的「{title}」有了结果——{text}"


def shared_reopening(title: str, reason: str) -> str:
    """The issue that this one was merged into was opened again."""
    return joined(f"已并入的「{title}」被要求重办", reason)


def taken_in(source: str, *, anonymous: bool) -> str:
    """The first line of a case that came by phone, visit or letter."""
    return f"居委会登记{SOURCES[source]}{'（匿名）' if anonymous else ''}，办理过程在此公布"


def assigned(name: str, cover: str | None, before: str | None) -> str:
    """Who handles it, and who did before."""
    now = f"{name}（不在岗，由{cover}代办）" if cover else name
    return f"由{before}移交{now}办理" if before else f"交由{now}办理"


def unassigned(name: str) -> str:
    """It is everybody's again."""
    return f"{name}不再承办，由居委会另行安排"


def away(name: str, cover: str, first: date, last: date) -> str:
    """Somebody is away, and who stands in."""
    return f"{name}{_day(first)}至{_day(last)}不在岗，由{cover}代办"


def back(name: str) -> str:
    """She is back."""
    return f"{name}已返岗，恢复办理"


def _day(when: date) -> str:
    return f"{when.month}月{when.day}日"


def spent(minutes: int, note: str) -> str:
    """Time spent on it."""
    return joined(f"用时 {minutes} 分钟", note)


def confirmed(*, solved: bool, comment: str) -> str:
    """The reporter's word."""
    return joined("反映人确认已解决" if solved else "反映人表示尚未解决", comment)


def reminder(due_at: datetime) -> str:
    """The date of an undertaking has come."""
    return f"承诺整改期限 {day(due_at)} 已到，请复查"
