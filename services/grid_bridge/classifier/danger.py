"""Immediate danger to life in a message: gas, fire, collapse, a live wire, a trapped person.

A flag, not a class: any category can be urgent, and the flag only puts the message in front of
people at once together with the emergency number. It is a table of patterns and not a learned
head, because the few real cases must not depend on how many were written down for training, and
because staff can read why.

    sentence ── a pattern of a kind? ──► speaks of the past, of "if", of a plan? ──► dropped
                                                   │ (unless it also says "now")
                                                   └────────────────────────────────► urgent
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of danger. ``needs_now``: the words alone are as often history as news."""

    name: str
    pattern: re.Pattern[str]
    needs_now: bool = False


KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "燃气泄漏",
        re.compile(
            r"(燃气|煤气|天然气|液化气|瓦斯)[^，。！？；]{0,6}(泄漏|泄露|漏气|在漏|漏了|外泄)|漏(煤|燃)气"
            r"|(?<!轮胎)(?<!车胎)漏气|(?<!有股)(浓|重|大|有|闻到|都是)[^，。！？；]{0,6}(煤气|燃气|天然气|液化气)味"
            r"|(煤气|燃气|天然气|液化气)味[^，。！？；]{0,5}(很|好|特别|非常|越来越)(浓|重|大)"
        ),
    ),
    Kind(
        "电线带电或打火",
        re.compile(
            r"漏电|触电|(电线|电缆|高压线|线路)[^，。！？；]{0,6}(断了|掉下|掉在|掉到|垂到地|打火|冒火|裸露在地)"
            r"|(刮断|断落|掉落)的?(电线|高压线)|打火花|冒火花|冒火星|被电(麻|倒|到|死)"
        ),
    ),
    Kind(
        "起火",
        re.compile(
            r"(着|起|失)火了|正在(着火|燃烧|冒烟)|冒(着)?浓烟|爆燃|(要|快)爆炸"
            r"|(插座|电箱|电表|变压器|电瓶|电池|充电桩|空调外机)[^，。！？；]{0,6}(冒烟|冒火|起火|着火|烧着|烧起来)"
        ),
        needs_now=True,
    ),
    Kind(
        "坍塌滑坡",
        re.compile(
            r"(快要?|马上要?|随时(都)?(会|可能|要)?|眼看(就)?要|要)(坍塌|倒塌|垮塌|塌了|塌下|倒下|倒了|垮了)"
            r"|(正在|开始|一直在|还在)(坍塌|沉降|下沉|倾斜|滑坡|垮塌)|(墙|楼|房子|房屋|柱子|堤|坝)[^，。！？；]{0,4}(塌了|倒了|垮了)"
            r"|往下滑(泥|坡)|决堤|溃坝|管涌|(承重|柱|梁|墙|楼板)[^，。！？；]{0,14}(咔咔|咯吱|嘎吱|正在开裂|越裂越)"
        ),
    ),
    Kind(
        "房屋结构正被破坏",
        re.compile(
            r"(砸|拆|凿|挖|敲|切|打|掏)[^，。！？；]{0,8}(承重|剪力墙|柱子|承重柱|大梁|地梁|地基)"
            r"|(承重|剪力墙|柱子|承重柱|大梁|地梁|地基)[^，。！？；]{0,8}(砸|拆|凿|挖|敲掉|切|打掉|打穿|掏)"
        ),
        needs_now=True,
    ),
    Kind(
        "有人被困或落水",
        re.compile(
            r"(被困|困在|关在|卡在)[^，。！？；]{0,6}(电梯|里面|井|火|水)|电梯[^，。！？；]{0,8}(困人|关人|困住)"
            r"|(掉进|坠入|落入|掉到)[^，。！？；]{0,5}(井|河|塘|水里|坑)|溺水|落水"
        ),
        needs_now=True,
    ),
    Kind(
        "人身安全",
        re.compile(
            r"(要|想|准备|正在)(跳楼|自杀|轻生)|不省人事|生命危险|人快不行|(拿着?|举着?|持)(菜)?刀[^，。！？；]{0,8}(追|砍|威胁|冲)"
            r"|不想活|(孩子|老人|儿子|女儿|小孩)[^，。！？；]{0,12}(走失|失踪|不见了)|家暴|打得[^，。！？；]{0,6}(昏|晕|头破)"
        ),
    ),
)

_NOW: Final = re.compile(
    r"现在|正在|马上(来|派|到|断)|赶紧|赶快|立即|立刻|紧急|火急|快来|今天|今早|今晚|昨晚|昨夜|昨天|前天|刚才|刚刚|"
    r"此刻|还在|还没|救命|求救|随时|越来越|一直|半个?小时|分钟了|快点|急！"
)
_PRESSING: Final = re.compile(
    r"现在|正在|马上|赶紧|赶快|立即|立刻|紧急|火急|快来|今早|今晚|昨晚|刚才|刚刚|此刻|还在|求救|救命[！!啊]|越来越|随时"
)
_NOT_NOW: Final = re.compile(
    r"等(到)?[^，]{0,6}(了)?再|去年|前年|前几年|几年前|上个?月|上周|上次|以前|曾经?|之前|当年|如果|万一|要是|假如|一旦|真要|真的要|怕|担心|"
    r"避免|防止|预防|容易|难免|迟早|建议|宣传|演练|培训|知识|讲座|课程|保险|预案|应急柜|改造|已经修好|修好了|感谢|表扬|"
    r"后来|事故频发|典型|案例|请问|咨询|想问|了解|标准|规定|政策"
)
_SENTENCE: Final = re.compile(r"[。！？!?；;\n]+")


def reasons(title: str, body: str) -> list[str]:
    """Why a message looks urgent: kind and the words that say so; empty when it doesn't.

    Sentences are judged one by one, the title as one of them; a word like "赶快" anywhere in the
    body counts as pressing for the sentence before and after it.
    """
    text = unicodedata.normalize("NFKC", f"{title}。{body}").replace(",", "，")
    sentences = [one for one in _SENTENCE.split(text) if one]
    found: dict[str, str] = {}
    for at, sentence in enumerate(sentences):
        around = "。".join(sentences[max(at - 1, 0) : at + 2])
        for kind in KINDS:
            hit = kind.pattern.search(sentence)
            if hit is None or kind.name in found or not _is_now(kind, sentence, around):
                continue
            found[kind.name] = hit.group()
    return [f"{name}：{words}" for name, words in found.items()]


def _is_now(kind: Kind, sentence: str, around: str) -> bool:
    pressing = _PRESSING.search(around) is not None
    if kind.needs_now and not (pressing or _NOW.search(sentence)):
        return False
    return pressing or _NOT_NOW.search(sentence) is None
