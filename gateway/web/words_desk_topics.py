"""Words of the desk where topics are led: tasks, steps and why they cannot be taken, surveys.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`; what residents
read of topics, too, stands in :mod:`gateway.web.words_topics`.
"""

from collections.abc import Mapping
from typing import Final

from gateway.web import words_topics
from gateway.web.texts import N_

ROLE, STATE, STEP, BODY = (
    words_topics.ROLE, words_topics.STATE, words_topics.STEP, words_topics.BODY,
)  # fmt: skip
STANCE, OBJECTION, PERIOD, MARK = (
    words_topics.STANCE, words_topics.OBJECTION, words_topics.PERIOD, words_topics.MARK,
)  # fmt: skip
OUTCOME, LINE, AIM, TIME, SURVEY = (
    words_topics.OUTCOME, words_topics.LINE, words_topics.AIM, words_topics.TIME,
    words_topics.SURVEY,
)  # fmt: skip

COLUMN: Mapping[str, tuple[str, str]] = {
    "screen_question": (N_("筛选"), N_("没有等着筛选的问题")),
    "publish": (N_("发布"), N_("没有等着发布的议题")),
    "form_item": (N_("形成议题"), N_("没有讨论期满的")),
    "screen_item": (N_("二次筛选"), N_("没有等着第二次筛选的")),
    "prior_study": (N_("先行研究"), N_("没有等着研究的")),
    "draft_proposal": (N_("起草提案"), N_("没有等着起草的")),
}
"""A column of the board by what is to be done, and what stands in it when nothing is."""

GOING: Mapping[str, tuple[str, str]] = {
    "asked": (N_("等附议或修改"), N_("没有在等附议的")),
    "discussed": (N_("正在讨论"), N_("没有在讨论的")),
    "decided": (N_("公示和表决"), N_("没有在公示或表决的")),
}
"""What goes by itself for now: by its stage."""

TOGETHER: Mapping[str, tuple[str, str]] = {
    "screen_question": (N_("受理勾选的"), N_("受理了")),
    "publish": (N_("发布勾选的"), N_("发布了")),
    "screen_item": (N_("勾选的转为提案"), N_("通过了第二次筛选")),
}
"""What can be done to many at once, by their column, and what is said when it is done."""

DECISION: Mapping[str, str] = {
    "return": N_("退回修改"),
    "refuse": N_("不予受理"),
    "merge": N_("并入别的议题"),
}
ACCEPT: Mapping[str, str] = {"intake": N_("受理"), "proposal": N_("通过，转为提案")}
RETURNED: Mapping[str, str] = {"intake": N_("退回修改"), "proposal": N_("退回讨论")}
AFTER: Mapping[str, str] = {
    "intake": N_("受理以后由{body}发布，邻居们就能讨论；退回的，提出人 {amending} 天内可以改。"),
    "proposal": N_("通过以后：{next}。退回的，邻居们接着讨论。"),
}
"""Whose turn it is after each screening."""

ADVANCE: Mapping[tuple[str, str], str] = {
    ("raised", "closed"): N_("终止这个议题"),
    ("screened", "discussion"): N_("发布，开始讨论"),
    ("screened", "actionable"): N_("形成可操作议题"),
    ("screened", "closed"): N_("终止这个议题"),
    ("discussion", "actionable"): N_("形成可操作议题"),
    ("discussion", "closed"): N_("终止这个议题"),
    ("actionable", "closed"): N_("终止这个议题"),
    ("prior_study", "proposal"): N_("研究同意，转为提案"),
    ("prior_study", "actionable"): N_("研究后退回"),
    ("proposal", "notice"): N_("定稿并公示"),
    ("proposal", "actionable"): N_("退回重新形成议题"),
    ("proposal", "closed"): N_("终止这个议题"),
    ("notice", "proposal"): N_("撤回公示，修改文本"),
    ("notice", "closed"): N_("终止这个议题"),
    ("voting", "closed"): N_("让这次表决作废"),
    ("publicity", "closed"): N_("撤销这个结果"),
}
"""A step that is taken by hand, by where it leads from and to."""

FORWARD: Final = frozenset(
    {
        ("screened", "discussion"),
        ("screened", "actionable"),
        ("discussion", "actionable"),
        ("prior_study", "proposal"),
        ("proposal", "notice"),
    }
)
"""Those of them that lead on; the others lead back, or end the topic."""

MEANS: Mapping[tuple[str, str], str] = {
    ("screened", "discussion"): N_("发布以后邻居们就可以发言，讨论期从现在算起。"),
    ("discussion", "actionable"): N_("把大家的意见写成一件能办的事：谁来办，办什么，钱从哪来。"),
    ("screened", "actionable"): N_("把问题写成一件能办的事：谁来办，办什么，钱从哪来。"),
    ("prior_study", "proposal"): N_("研究意见就是理由，向大家公开。"),
    ("prior_study", "actionable"): N_("写明哪里不合法、不合政策；改好了再来。"),
    ("proposal", "notice"): N_("定稿以后一个字都不能改，名册同时公示，到时间自动开始表决。"),
    ("notice", "proposal"): N_("已经提的异议会留下来；改好了要重新公示。"),
    ("voting", "closed"): N_("已经投的票都作废，理由写进结果。"),
    ("publicity", "closed"): N_("结果不再生效，理由写进结果。"),
}
"""What comes of such a step."""

BARRED: Mapping[str, str] = {
    "screen": N_("筛选"),
    "study": N_("先行研究"),
    "form": N_("形成可操作议题"),
    "notice": N_("定稿并公示"),
    "write": N_("改提案文本"),
    "vote": N_("开始表决"),
    "hand": N_("移交"),
}
"""Something that cannot be done with a topic now."""

WHY: Mapping[str, str] = {
    "others": N_("这个议题由{body}召集，您不在其中；可以看，不能办。"),
    "seconders": N_("附议的人还不够，够了才能筛选。"),
    "party": N_("这一步由居民区党组织书记决定。"),
    "talk": N_("讨论期还没有满：{due} 以后才能形成议题。"),
    "text": N_("还没有提案文本，写好了才能公示。"),
    "not_yet": N_("第二次筛选通过以后才起草提案。"),
    "frozen": N_("已经定稿公示，文本不能再改。"),
    "covenant": N_("要修改、废止公约的，只能由原来召集的一方办理。"),
    "owed": N_("还有异议没有答复，答复以前不会开始表决。"),
    "ended": N_("这个议题到此结束了。"),
}
"""Why something cannot be done with a topic now."""

CHAIN_STEP: Mapping[str, tuple[str, str]] = {
    "seconding": (N_("先要有邻居附议"), N_("附议的人够了才筛选；关掉就直接筛选。")),
    "discussion": (N_("广泛讨论"), N_("发布以后大家发言；关掉就直接形成议题。")),
    "prior_study": (N_("党组织先行研究"), N_("表决以前由社区党组织研究，意见公开。")),
    "supervision": (N_("居务监督签字"), N_("监督委员会核过结果，公约才算数。")),
    "filing": (N_("报街镇备案"), N_("通过的公约报街道、镇备案；不影响生效。")),
}
"""A step that a community may leave out, and what it does."""

LIMIT: Mapping[str, tuple[str, str, int, int]] = {
    "seconders": (N_("附议人数"), N_("多少位邻居附议才筛选"), 1, 10_000),
    "seconding_days": (N_("等附议（天）"), N_("到期人数不够，问题失效"), 1, 366),
    "amending_days": (N_("等修改（天）"), N_("退回以后提出人多久不改，问题失效"), 1, 366),
    "screening_days": (N_("筛选和发布（天）"), N_("召集人筛选、发布、整理讨论各有这么久"), 1, 366),
    "discussion_days": (N_("讨论（天）"), N_("至少公开讨论这么久"), 1, 366),
    "actionable_days": (N_("二次筛选（天）"), N_("形成议题以后多久要有结论"), 1, 366),
    "study_days": (N_("先行研究（天）"), N_("党组织多久提出研究意见"), 1, 366),
    "drafting_days": (N_("起草（天）"), N_("多久写好提案、公示"), 1, 366),
    "speeches": (N_("发言次数"), N_("一个人在一个议题上最多说几次"), 1, 50),
    "speech_minutes": (N_("发言间隔（分钟）"), N_("说过一次，隔多久再说，让别人先说"), 0, 1_440),
    "supervision_days": (N_("监督签字（天）"), N_("监督委员会多久核好结果"), 1, 366),
    "filing_days": (N_("备案（天）"), N_("通过以后多久报备案"), 1, 366),
    "review_months": (N_("回头看（月）"), N_("公约生效多久以后问大家还合不合适"), 1, 120),
}
"""A limit of the chain: its name, what it means, and between what it lies."""

OF_STEP: Mapping[str, str] = {
    "seconders": "seconding",
    "seconding_days": "seconding",
    "discussion_days": "discussion",
    "study_days": "prior_study",
    "supervision_days": "supervision",
    "filing_days": "filing",
}
"""Limits that matter only while a step is taken."""

SOURCE: Mapping[str, str] = {
    "prior_study": N_("《城市居民委员会组织法》（2025 年修订，2026 年起施行）"),
    "filing": N_("居委会组织法第十五条、居委会条例第十三条"),
    "supervision": N_("居务监督委员会（2025 年修订的居委会组织法）"),
    "speeches": N_("议事规则（罗伯特规则）：限时限次，机会均等"),
    "speech_minutes": N_("议事规则（罗伯特规则）：限时限次，机会均等"),
}
"""Where a step or a limit comes from; the others are the community's own to set."""
OWN_SOURCE = N_("没写出处的，法律没有规定，由社区自己定。")

QUESTION: Mapping[str, str] = {
    "single": N_("选一项"),
    "multiple": N_("选几项"),
    "scale": N_("打分"),
    "number": N_("填数字"),
    "text": N_("写几句"),
}
ONE_PER: Mapping[str, str] = {"person": N_("每人一份"), "household": N_("每户一份")}
RESULTS: Mapping[str, str] = {
    "closed": N_("结束以后公布"),
    "live": N_("随时看得到（只能是记名的）"),
}
TEXTS: Mapping[str, str] = {"staff": N_("只给召集人看"), "public": N_("大家都看得到")}
RULES: Mapping[str, tuple[str, int, int]] = {
    "notice_days": (N_("公示提案（天）"), 0, 366),
    "objection_days": (N_("接受异议（天）"), 0, 366),
    "publicity_days": (N_("结果公示（天）"), 0, 366),
    "lock_days": (N_("没通过的，多久不再提（天）"), 0, 366),
}
"""Rules of a vote that are numbers, and between what they lie."""
SECRECY: Mapping[str, str] = {
    "secret": N_("不记名"),
    "named": N_("记名"),
    "named_to_auditors": N_("只有监督看得到谁投了什么"),
}
CHANNELS: Mapping[str, str] = {
    "online,paper": N_("手机、纸质都可以"),
    "online": N_("只用手机投"),
    "paper": N_("只收纸质票"),
}
PROXIES: Mapping[str, str] = {"none": N_("要本人投"), "written": N_("可以书面委托别人投")}
CHANGED: Mapping[str, tuple[str, str]] = {
    "added": (N_("新增"), "done"),
    "changed": (N_("改动"), "go"),
    "same": (N_("没有改"), "rest"),
}
"""What becomes of an article."""

SURE: Mapping[str, str] = {
    "read": N_("依据的法条已核对"),
    "older_text": N_("依据的是旧文本，新文本还没有核对"),
    "press": N_("依据的是报道里的做法"),
}
"""How sure a set of rules is."""
