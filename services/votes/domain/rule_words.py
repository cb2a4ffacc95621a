"""Rules in plain words, and as exact arithmetic: what a neighbour reads before she votes."""

from collections.abc import Callable, Iterator
from typing import Final

from services.contracts.operations.votes.rules import OWNERS, WEIGHED, Bar, Measure, RuleSet
from services.votes.domain import count_words as words
from services.votes.domain.count_words import Base, Language
from services.votes.domain.counting import MEASURES

UNVERIFIED: Final[dict[Language, str]] = {
    "zh": "未对照现行法律核实",
    "en": "not verified against the law in force",
}

_WHO: Final[dict[str, tuple[str, str]]] = {
    "residents18": ("年满十八周岁的居民", "residents from 18 years on"),
    "households": ("每户出一名代表", "one of each household"),
    "representatives": ("居民代表", "the residents' representatives"),
    "owners": ("全体业主", "all owners"),
    "affected_owners": ("受影响的业主", "the owners concerned"),
    "villagers": ("年满十八周岁的村民", "villagers from 18 years on"),
}
_WEIGHT: Final[dict[str, tuple[str, str]]] = {
    "person": ("一人一票。", "One person, one vote."),
    "household": ("一户一票。", "One household, one vote."),
    "floor_area": (
        "按房屋面积算票，面积大的分量重。",
        "Votes are weighed by floor area: the larger the home, the heavier the vote.",
    ),
    "dual": (
        "算两遍：一遍按房屋面积算，一遍按业主人数算，两遍都要过。一个人有几套房，人数只算一个。",
        "It is counted twice, by floor area and by owners, and both must be reached. Who owns "
        "several units is one owner.",
    ),
}
_SECRECY: Final[dict[str, tuple[str, str]]] = {
    "secret": (
        "无记名投票：谁投了票看得到，投的是什么没有人知道。",
        "Voting is secret: who voted can be seen, how nobody knows.",
    ),
    "named": (
        "记名投票：谁投了什么，结果公布后大家都看得到。",
        "Voting is by name: once published, everybody can read who voted how.",
    ),
    "named_to_auditors": (
        "记名投票，但谁投了什么只有监督人员核对时能看到，不对外公布。",
        "Voting is by name, but only auditors can read who voted how; it is not published.",
    ),
}


def in_words(rules: RuleSet, language: Language) -> list[str]:
    """The rules, sentence by sentence, for somebody who has never voted like this."""
    told = [
        *_who(rules),
        *_how_much(rules),
        *_how_it_is_voted(rules),
        *_when(rules),
        *_how_sure(rules),
    ]
    return [zh if language == "zh" else en for zh, en in told]


def arithmetic(rules: RuleSet, language: Language) -> list[str]:
    """The conditions as formulas: first those of the quorum, then those that carry the motion."""
    return [
        f"{_part(rules, measure, quorum, language)} ÷ {_whole(rules, measure, base, language)} "
        f"{'>' if bar.above else '≥'} {bar.at}{words.one_of(alternative, language)}"
        for measure, bar, base, quorum, alternative in _bars(rules)
    ] + [
        line
        for measure in WEIGHED[rules.weight]
        for line in _without_a_share(rules, measure, language)
    ]


# -- sentences -------------------------------------------------------------------------------------

_Sentences = Iterator[tuple[str, str]]


def _who(rules: RuleSet) -> _Sentences:
    who = rules.electorate
    zh, en = _WHO[who.who]
    among = [
        (who.tenants, "租户", "tenants"),
        (who.migrants, "外来人员", "people from elsewhere"),
        (who.away, "人在外地的", "those who are away"),
    ]
    if who.who in OWNERS:
        yield f"谁能投：{zh}，住在哪里都可以投。", f"Who may vote: {en}, wherever they live."
    else:
        ins, outs = (
            [(zh, en) for named, zh, en in among if named is wanted] for wanted in (True, False)
        )
        yield (
            f"谁能投：{zh}{_listed_zh('，包括', ins)}{_listed_zh('，不包括', outs)}。",
            f"Who may vote: {en}{_listed_en(', with ', ins)}{_listed_en(', without ', outs)}.",
        )
    if who.who in OWNERS and rules.weight == "person":
        yield (
            "一名业主一票，有几套房也只算一票。",
            "One owner, one vote, however many units she owns.",
        )
    else:
        yield _WEIGHT[rules.weight]


def _listed_zh(lead: str, names: list[tuple[str, str]]) -> str:
    return lead + "、".join(zh for zh, _ in names) if names else ""


def _listed_en(lead: str, names: list[tuple[str, str]]) -> str:
    return lead + ", ".join(en for _, en in names) if names else ""


def _how_much(rules: RuleSet) -> _Sentences:
    quorum, threshold = rules.quorum, rules.threshold
    if quorum.kind == "none":
        yield (
            "多少人参加才算数：没有最低要求。",
            "How many must take part: there is no minimum.",
        )
    else:
        zh, en = ("，或者", ", or ") if quorum.kind == "either" else ("，并且", ", and ")
        bars = list(_named(rules))
        told_zh = zh.join(words.condition(rules, "quorum", *one, "roll", "zh") for one in bars)
        told_en = en.join(words.condition(rules, "quorum", *one, "roll", "en") for one in bars)
        yield (
            f"多少人参加才算数：{told_zh}。不够就没有结果。",
            f"How many must take part: {told_en}. With fewer nothing is decided.",
        )
    say: Callable[[Measure, Language], str]
    if threshold.unanimous:
        say = lambda name, language: words.everybody(rules, name, threshold.base, language)  # noqa: E731
    else:
        say = lambda name, language: words.condition(  # noqa: E731
            rules, "threshold", name, getattr(threshold, name), threshold.base, language
        )
    weighed = WEIGHED[rules.weight]
    yield (
        f"多少人同意才通过：{'，并且'.join(say(name, 'zh') for name in weighed)}。",
        f"What carries it: {', and '.join(say(name, 'en') for name in weighed)}.",
    )
    yield "同意和反对一样多，就是没有通过。", "As many against as for: it is not carried."
    if rules.abstain_is_present:
        yield (
            "弃权（和看不清的废票）算参加了，但不算同意。",
            "An abstention (or a spoiled paper) is taking part, but not agreeing.",
        )
    else:
        yield (
            "弃权（和看不清的废票）不算参加。",
            "An abstention (or a spoiled paper) does not count as taking part.",
        )
    if rules.non_voters == "ignored":
        yield (
            "没有投票的人，不算同意，也不算反对。",
            "Who does not vote counts neither for nor against.",
        )
    else:
        yield (
            "没有投票的人，随多数一边计算，但不算参加人数。这要议事规则事先写明；"
            "《民法典》第二百七十八条没有这样规定，有的法院不认可。",
            "Who does not vote is counted with the larger side, but not as taking part. The rules "
            "of procedure must say so beforehand; Civil Code art. 278 does not, and some courts "
            "do not accept it.",
        )


def _how_it_is_voted(rules: RuleSet) -> _Sentences:
    if set(rules.channels) == {"online", "paper"}:
        zh, en = (
            ("先投的那一票算数", "the first counts")
            if rules.precedence == "first"
            else ("以纸质票为准", "the paper counts")
        )
        yield (
            f"怎么投：手机上投，或者投纸质票。一个人只算一票，两样都投了，{zh}。",
            f"How to vote: on the phone or on paper. Of two votes of the same voter {en}.",
        )
    elif rules.channels == ["online"]:
        yield "怎么投：在手机上投。", "How to vote: on the phone."
    else:
        yield "怎么投：投纸质票。", "How to vote: on paper."
    if rules.change_of_vote:
        yield (
            "手机上投的，截止前可以凭回执改。",
            "A vote on the phone can be changed until the close, with its receipt.",
        )
    else:
        yield "投出去就不能改。", "A vote cannot be changed."
    yield _SECRECY[rules.secrecy]
    if rules.proxies == "none":
        yield "不能请别人代投。", "Nobody can vote for somebody else."
    else:
        yield (
            f"可以书面委托别人代投，委托书写明同意还是反对；一个人最多替{rules.proxies_each}个人投。",
            "Somebody else may vote for you by a written authority that states your choice; "
            f"nobody votes for more than {rules.proxies_each}.",
        )


def _when(rules: RuleSet) -> _Sentences:
    yield (
        f"表决前公示{rules.notice_days}天，表决后公示{rules.publicity_days}天；"
        f"两次都有{rules.objection_days}天可以提异议，每条异议都要答复。",
        f"The text is shown for {rules.notice_days} days before the vote, the result for "
        f"{rules.publicity_days} days after it; each time objections can be raised for "
        f"{rules.objection_days} days, and each is answered.",
    )
    if rules.extension.times:
        yield (
            f"参加的人不够，可以延长{rules.extension.times}次，每次{rules.extension.days}天。",
            f"If too few take part, voting goes on {rules.extension.times} times at most, "
            f"{rules.extension.days} days each.",
        )
    if rules.lock_days:
        yield (
            f"没有通过的，{rules.lock_days}天内不能再提同一件事。",
            f"What was not carried may not come back for {rules.lock_days} days.",
        )


def _how_sure(rules: RuleSet) -> _Sentences:
    if rules.differs_from_source:
        names = "、".join(rules.differs_from_source)
        yield (
            f"注意：这些规则低于所依据的规定，或者规定没有这样写（{names}）。",
            "Take care: in this the rules are below their source, or it does not say so "
            f"({', '.join(rules.differs_from_source)}).",
        )
    if not rules.verified:
        yield f"注意：{UNVERIFIED['zh']}。", f"Take care: {UNVERIFIED['en']}."


# -- formulas --------------------------------------------------------------------------------------


def _named(rules: RuleSet) -> Iterator[tuple[Measure, Bar]]:
    for name in MEASURES:
        bar: Bar | None = getattr(rules.quorum, name)
        if bar is not None:
            yield name, bar


def _bars(rules: RuleSet) -> Iterator[tuple[Measure, Bar, Base, bool, bool]]:
    """Measure, bar, of what, whether it is the quorum's, whether it is one of several."""
    for name, bar in _named(rules):
        yield name, bar, "roll", True, rules.quorum.kind == "either"
    for name in WEIGHED[rules.weight]:
        needed: Bar | None = getattr(rules.threshold, name)
        if needed is not None:
            yield name, needed, rules.threshold.base, False, False


def _part(rules: RuleSet, measure: Measure, quorum: bool, language: Language) -> str:
    what = words.noun(rules, measure, language)
    if language == "zh":
        return f"{'参加表决' if quorum else '同意'}的{what}"
    return f"{what} {'taking part' if quorum else 'voting for'}"


def _whole(rules: RuleSet, measure: Measure, base: Base, language: Language) -> str:
    what, of = words.noun(rules, measure, language), words.whole(base, language)
    return f"{of}的{what}" if language == "zh" else f"{what} {of}"


def _without_a_share(rules: RuleSet, measure: Measure, language: Language) -> Iterator[str]:
    """What is not a share: unanimity, and more for than against."""
    yes = _part(rules, measure, False, language)
    if rules.threshold.unanimous:
        yield f"{yes} = {_whole(rules, measure, rules.threshold.base, language)}"
    what = words.noun(rules, measure, language)
    yield f"{yes} > " + (f"反对的{what}" if language == "zh" else f"{what} voting against")
