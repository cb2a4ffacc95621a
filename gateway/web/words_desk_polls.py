"""Words of the desk where votes are convened: what is to be done, steps, rules, the roll.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`; what residents
read of votes, too, stands in :mod:`gateway.web.words_polls`.
"""

from collections.abc import Mapping

from gateway.web import words_polls
from gateway.web.texts import N_

POLL, CONVENER, CHOICE, ENTRY, SUBJECT, DOUBT, ROLL_CHANGE, HOLD, WAITS, OBJECTION, PERIOD = (
    words_polls.POLL, words_polls.CONVENER, words_polls.CHOICE, words_polls.ENTRY,
    words_polls.SUBJECT, words_polls.DOUBT, words_polls.ROLL_CHANGE, words_polls.HOLD,
    words_polls.WAITS, words_polls.OBJECTION, words_polls.PERIOD,
)  # fmt: skip
UNIT, LINE, PAPER_LINE, COVENANT, CHANGE, ARTICLE_CHANGE, BREACH, BREACH_ROLE, TALK, FOLLOW_UP = (
    words_polls.UNIT, words_polls.LINE, words_polls.PAPER_LINE, words_polls.COVENANT,
    words_polls.CHANGE, words_polls.ARTICLE_CHANGE, words_polls.BREACH, words_polls.BREACH_ROLE,
    words_polls.TALK, words_polls.FOLLOW_UP,
)  # fmt: skip
plain = words_polls.plain

TASK: Mapping[str, tuple[str, str]] = {
    "draft": (N_("起草，定规则和时间"), N_("{at} 前写好")),
    "roll": (N_("正在编名册"), N_("{at} 开始表决")),
    "notice": (N_("公示文本和名册"), N_("{at} 开始表决")),
    "answer": (N_("有异议等答复"), N_("原定 {at}")),
    "voting": (N_("正在表决"), N_("{at} 截止")),
    "counting": (N_("计票"), N_("{at} 前收齐纸质票")),
    "publicity": (N_("公示结果"), N_("公示到 {at}")),
    "sign": (N_("等监督委员会确认"), N_("{at} 前确认")),
    "file": (N_("报备案"), N_("{at} 前报备")),
    "done": (N_("办完了"), ""),
}
"""What comes next with a poll, and how its day is told."""

DO: Mapping[str, str] = {
    "answer": N_("先把异议逐条答复：说明理由，答复公开。"),
    "roll": N_("系统正在按登记的住户编名册，编好自动公示。"),
    "notice": N_("公示期里看名册、答异议；到时间自动锁定名册，开始表决。"),
    "voting": N_("截止以前只看得到有多少人投，投了什么谁也看不到。"),
    "counting": N_("纸质票收回、两人分别清点，对上了自动公布结果。"),
    "publicity": N_("结果公示中，有异议的逐条答复；期满自动生效。"),
    "sign": N_("居务监督委员会核对以后确认，确认了才生效。"),
    "file": N_("已经生效；报街镇备案以后在这里登记。"),
    "done": N_("没有要办的了。"),
}
"""What the desk does while a poll stands there."""

STAGES: tuple[tuple[str, str], ...] = (
    ("roll", N_("编名册")),
    ("notice", N_("公示")),
    ("voting", N_("表决")),
    ("counting", N_("计票")),
    ("publicity", N_("公示结果")),
    ("sign", N_("监督确认")),
    ("file", N_("备案")),
)
"""The way of a poll; whether it is signed and filed, its community's chain says."""

STEP: Mapping[str, tuple[str, str]] = {
    "text": (N_("文本"), N_("表决什么，一条一条写")),
    "rules": (N_("规则"), N_("依据哪一条法律")),
    "terms": (N_("办法"), N_("记名不记名、怎么投、公示几天")),
    "times": (N_("时间"), N_("什么时候开始，什么时候截止")),
    "look": (N_("再看一遍"), N_("都对了，就公示")),
}
"""The pages on which a vote is prepared, one for each step."""

SURE: Mapping[str, tuple[str, str]] = {
    "read": (N_("现行法律已核对"), "done"),
    "older_text": (N_("只读到旧文本"), "wait"),
    "press": (N_("来自报道，是我们的理解"), "wait"),
}
"""How sure a rule set is."""

WHO: Mapping[str, str] = {
    "residents18": N_("年满十八周岁的居民"),
    "households": N_("每户一票"),
    "representatives": N_("居民代表"),
    "owners": N_("全体业主"),
    "affected_owners": N_("受影响的业主"),
    "villagers": N_("村民"),
}
SECRECY: Mapping[str, str] = {
    "secret": N_("不记名：谁也看不出谁投了什么"),
    "named": N_("记名：大家都看得到"),
    "named_to_auditors": N_("只有审计人员看得到"),
}
CHANNEL: Mapping[str, str] = {
    "online,paper": N_("手机和纸质都可以"),
    "online": N_("只用手机"),
    "paper": N_("只用纸质票"),
}
PROXY: Mapping[str, str] = {
    "none": N_("不能代投"),
    "written": N_("可以书面委托"),
}
DAYS: Mapping[str, tuple[str, str]] = {
    "notice_days": (N_("公示文本和名册（天）"), N_("开始表决以前")),
    "objection_days": (N_("收异议（天）"), N_("不能比公示长")),
    "publicity_days": (N_("公示结果（天）"), N_("期满才生效")),
    "lock_days": (N_("没通过的，多少天内不再提"), N_("0 表示不限")),
    "extension_times": (N_("人不够时延长几次"), N_("0 表示不延长")),
    "extension_days": (N_("每次延长几天"), ""),
}
"""Rules that are numbers, and what they mean."""

TIME: Mapping[str, tuple[str, str]] = {
    "opens_at": (N_("什么时候开始表决"), N_("从公示那天起，要留够公示的天数")),
    "closes_at": (N_("什么时候截止"), N_("给上班的人留出周末")),
    "effective_at": (N_("什么时候生效（可不填）"), N_("不填，公示结果期满就生效")),
    "expires_at": (N_("什么时候失效（可不填）"), N_("不填就一直有效")),
}
MEASURE: Mapping[str, str] = {
    "entries": N_("票"),
    "households": N_("户"),
    "heads": N_("人"),
    "area": N_("平方米"),
}
"""In what a bar is told."""

NOT_YET: Mapping[str, str] = {
    "raised": N_("还在筛选：受理、讨论、形成议题以后才能起草。"),
    "screened": N_("还没有发布：发布、讨论、形成议题以后才能起草。"),
    "discussion": N_("正在讨论：讨论满了，形成议题、再筛选一次才能起草。"),
    "actionable": N_("等第二次筛选：通过了才能起草。"),
    "prior_study": N_("社区党组织正在研究：同意以后才能起草。"),
    "notice": N_("已经公示，文本和规则都不能再改。"),
    "voting": N_("正在表决，文本和规则都不能再改。"),
    "publicity": N_("结果正在公示，文本和规则都不能再改。"),
    "adopted": N_("已经生效。要改，就提议修改公约。"),
    "refused": N_("这个问题没有受理。"),
    "closed": N_("这个议题已经结束。"),
}
"""Why a text is not written in this state."""

LISTS: Mapping[str, str] = {
    "open": N_("等回应"),
    "talking": N_("沟通中"),
    "settled": N_("谈妥的"),
    "to_issue": N_("转为问题的"),
    "closed": N_("结束的"),
}
"""Lists of breaches."""
