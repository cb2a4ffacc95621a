"""Votes, covenants and breaches: the contract's keys in people's words, and how they look."""

from collections.abc import Mapping
from fractions import Fraction

from gateway.web import words_topics
from gateway.web.texts import N_

POLL: Mapping[str, tuple[str, str]] = {
    "announced": (N_("公示中"), "wait"),
    "open": (N_("正在表决"), "go"),
    "closed": (N_("正在计票"), "wait"),
    "published": (N_("结果已公布"), "done"),
    "void": (N_("已作废"), "late"),
}
CONVENER: Mapping[str, str] = {
    "residents_committee": N_("居民委员会"),
    "owners_committee": N_("业主委员会"),
}
CHOICE: Mapping[str, tuple[str, str]] = {
    "for": (N_("同意"), "jade"),
    "against": (N_("反对"), "red"),
    "abstain": (N_("弃权"), "sand"),
}
ENTRY: Mapping[str, tuple[str, str]] = {
    "free": (N_("还没有投"), "wait"),
    "online": (N_("已在手机上投"), "done"),
    "paper_out": (N_("纸质票已领"), "go"),
    "paper": (N_("已投纸质票"), "done"),
    "proxy": (N_("受托人已投"), "done"),
    "struck": (N_("已从名册上划去"), "late"),
}
SUBJECT: Mapping[str, str] = {
    "person": N_("按人"),
    "household": N_("按户"),
    "unit": N_("按房屋"),
}
DOUBT: Mapping[str, str] = {
    "age": N_("生日不全，先算在内"),
    "area": N_("面积没有登记，按零算"),
    "owner": N_("产权人没有登记，算一个业主"),
}
ROLL_CHANGE: Mapping[str, str] = {
    "added": N_("补入"),
    "struck": N_("划去"),
    "restored": N_("恢复"),
}
HOLD: Mapping[str, str] = {
    "roll": N_("名册还没有编完"),
    "empty_roll": N_("名册里没有人"),
    "objections": N_("异议还没有全部得到说明理由的答复"),
    "text": N_("文本与公示的不一致"),
    "papers": N_("还有纸质票没有收回"),
    "sheets": N_("计票单还没有录完、没有经第二人核对，或者账目不符"),
    "tally": N_("计票数字与名册上的标记对不上，正在查明"),
}
WAITS: Mapping[str, str] = {
    "period": N_("公示期还没有结束"),
    "objections": N_("公示期内的异议还没有全部得到答复"),
    "sign_off": N_("等居务监督委员会确认"),
    "sign_off_refused": N_("居务监督委员会没有确认"),
}
OBJECTION, PERIOD = words_topics.OBJECTION, words_topics.PERIOD
UNIT: Mapping[str, str] = {
    "entries": N_("票数"),
    "households": N_("户数"),
    "heads": N_("人数"),
    "area": N_("面积（平方米）"),
}
LINE: Mapping[str, str] = {
    "roll": N_("名册"),
    "quorum": N_("参加的人够不够"),
    "threshold": N_("同意的人够不够"),
}
PAPER_LINE: Mapping[str, str] = {
    "issued": N_("发出"),
    "returned": N_("收回"),
    "spoiled": N_("作废"),
    "unreturned": N_("没有收回"),
    "area": N_("面积（百分之一平方米）"),
    "heads": N_("人数"),
    "ballots": N_("记名票与交回的"),
    "sheet": N_("发出的纸质票"),
}
LEDGER: Mapping[str, tuple[str, str]] = {
    "opened": (N_("开始表决：规则和名册锁定"), "vote"),
    "leaves": (N_("收到选票"), "plus"),
    "superseded": (N_("旧票被替换"), "again"),
    "paper": (N_("纸质票计票单"), "scroll"),
    "counter": (N_("更正计票单"), "again"),
    "extended": (N_("延长表决"), "clock"),
    "closed": (N_("表决截止"), "lock"),
    "choices": (N_("开票"), "eye"),
    "result": (N_("公布结果"), "done"),
    "voided": (N_("表决作废"), "no"),
}
"""An entry of the bulletin, and its icon."""

COVENANT: Mapping[str, tuple[str, str]] = {
    "not_yet": (N_("还没有生效"), "wait"),
    "in_force": (N_("正在施行"), "done"),
    "expired": (N_("已到期"), "rest"),
    "repealed": (N_("已废止"), "late"),
}
CHANGE: Mapping[str, str] = {
    "new": N_("制定"),
    "amended": N_("修订"),
    "repealed": N_("废止"),
}
ARTICLE_CHANGE: Mapping[str, tuple[str, str]] = {
    "added": (N_("新增"), "done"),
    "removed": (N_("删去"), "late"),
    "changed": (N_("修改"), "wait"),
    "moved": (N_("只换了位置"), "rest"),
}
BREACH: Mapping[str, tuple[str, str]] = {
    "open": (N_("等召集人回应"), "wait"),
    "talking": (N_("正在沟通"), "go"),
    "settled": (N_("已谈妥"), "done"),
    "to_issue": (N_("已转为问题办理"), "go"),
    "closed": (N_("已结束"), "rest"),
}
BREACH_ROLE: Mapping[str, str] = {
    "desk": N_("召集人"),
    "reporter": N_("反映人"),
    "concerned": N_("被反映的一方"),
}
TALK: Mapping[str, tuple[str, str]] = {
    "agreed": (N_("谈妥了"), "done"),
    "failed": (N_("没有谈拢"), "late"),
}
FOLLOW_UP: Mapping[str, tuple[str, str]] = {
    "planned": (N_("打算做"), "rest"),
    "under_way": (N_("正在做"), "go"),
    "done": (N_("做完了"), "done"),
    "dropped": (N_("不做了"), "late"),
}


def plain(exact: str) -> str:
    """A number that is told as ``n/d``: whole, with two places where that is exact, or as it is."""
    value = Fraction(exact)
    if value.denominator == 1:
        return str(value.numerator)
    hundredths = value * 100
    if hundredths.denominator == 1:
        return f"{hundredths.numerator // 100}.{hundredths.numerator % 100:02}"
    return f"{value.numerator}/{value.denominator}"
