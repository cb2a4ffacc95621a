"""Believable names for people who do not exist."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
# The hundred most common surnames are not equally common: the first ones carry most people.
_WEIGHTS = tuple(1000 // (rank + 8) for rank in range(len(SURNAMES)))

GIVEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("old", "male"): (
        "建国", "国强", "志明", "德明", "福根", "金根", "永康", "根生", "文彬", "宝林", "长富",
        "阿毛", "耀祖", "振华", "家声", "荣根", "培德", "洪生", "伯年", "兴发",
    ),
    ("old", "female"): (
        "桂芳", "秀英", "玉兰", "月娥", "凤珍", "素珍", "惠芬", "美娟", "林妹", "阿珍", "彩娣",
        "雪珍", "根娣", "杏英", "巧云", "翠娥", "宝珠", "佩华", "淑贞", "金妹",
    ),
    ("middle", "male"): (
        "建华", "志刚", "卫东", "伟民", "海峰", "国平", "勇", "军", "永明", "建平", "晓东", "斌",
        "立新", "红卫", "正华", "继东", "伟国", "学军", "春雷", "志强",
    ),
    ("middle", "female"): (
        "丽华", "建英", "红", "卫红", "玉萍", "敏", "丽萍", "春燕", "海燕", "美华", "静芳", "群",
        "雅芳", "晓红", "文娟", "秋萍", "建芳", "爱华", "燕萍", "志红",
    ),
    ("young", "male"): (
        "浩然", "子轩", "宇航", "晨", "嘉伟", "俊杰", "鹏飞", "一鸣", "凯", "天宇", "文博", "超",
        "思远", "泽宇", "明轩", "旭东", "逸凡", "博文", "家豪", "煜",
    ),
    ("young", "female"): (
        "欣怡", "梦婷", "雨涵", "佳怡", "思琪", "晓雯", "静怡", "嘉欣", "倩", "雅婷", "诗涵", "悦",
        "若曦", "子涵", "琳", "梓萱", "依依", "晨曦", "文静", "雪莹",
    ),
}  # fmt: skip
YEAR = 2026  # ages are reckoned from here, so that they never change


def surname(dice: Random) -> str:
    """A surname, the common ones more often."""
    return dice.choices(SURNAMES, _WEIGHTS)[0]


def given_name(dice: Random, birth_year: int, sex: str) -> str:
    """A given name as parents chose them in that year."""
    return dice.choice(GIVEN[_generation(birth_year), sex])


def _generation(birth_year: int) -> str:
    age = YEAR - birth_year
    return "old" if age >= 62 else "middle" if age >= 38 else "young"


def called(name: str, birth_year: int, sex: str) -> str:
    """How neighbours call somebody: 孙奶奶, 周叔叔, 小陈."""
    age, family = YEAR - birth_year, name[0]
    if age < 30:
        return f"小{family}"
    for least, titles in ((70, ("爷爷", "奶奶")), (48, ("叔叔", "阿姨")), (0, ("先生", "女士"))):
        if age >= least:
            return family + titles[sex == "female"]
    raise AssertionError("no age is below 0")


# -- for a whole district: more names than twenty of a kind, and quickly --------------------------

# Two characters that parents of a generation put together, (generation, sex) -> first, second.
_PAIRS: dict[tuple[str, str], tuple[str, str]] = {
    ("old", "male"): (
        "国建志德福金永文宝荣培洪伯兴家振耀明忠庆根炳阿",
        "明德根康生林富祥华荣宝兴发良福昌年庆义海兰",
    ),
    ("old", "female"): (
        "桂秀玉月凤素惠美彩雪根杏巧翠佩淑金银宝阿菊兰",
        "芳英兰娥珍芬娟妹娣云宝华贞琴仙凤香珠弟花",
    ),
    ("middle", "male"): (
        "建志卫伟海国永晓立红正继学春振爱新文少俊亚",
        "华刚东民峰平明军新卫强雷勇斌良荣伟忠宏林",
    ),
    ("middle", "female"): (
        "丽建卫玉春海美静雅晓文秋爱燕志慧小亚红晨",
        "华英红萍敏燕芳娟珍琴霞勤蓉君洁梅妹群琳",
    ),
    ("young", "male"): (
        "浩子宇嘉俊鹏一天文思泽明旭逸博家子梓佳晨",
        "然轩航伟杰飞鸣宇博远明东凡文豪昊辰阳睿涛",
    ),
    ("young", "female"): (
        "欣梦雨佳思晓静嘉雅诗若子梓依晨文雪可语怡",
        "怡婷涵琪雯欣倩曦萱宁悦琳莹彤妍瑶洁佳颖菲",
    ),
}
_CUMULATED = tuple(accumulate(_WEIGHTS))
_NICKNAMES = (
    "荷塘月色", "静水流深", "云淡风轻", "知足常乐", "阳台种花", "早起的鸟", "小桥流水", "晒太阳",
    "平安是福", "弄堂里的猫", "快乐每一天", "老宝山人", "一路顺风", "向阳花", "爱喝茶", "江边散步",
)  # fmt: skip


def pick(dice: Random, words: Sequence[str]) -> str:
    """One of ``words``, each as likely; a fifth of the time that ``choice`` takes."""
    return words[int(dice.random() * len(words))]


def full_name(dice: Random, birth_year: int, sex: str, family: str = "") -> str:
    """Surname and given name of somebody born that year; ``family`` when the surname is known."""
    family = family or SURNAMES[bisect(_CUMULATED, dice.random() * _CUMULATED[-1])]
    kind = (_generation(birth_year), sex)
    if dice.random() < 0.2:
        return family + pick(dice, GIVEN[kind])
    first, second = _PAIRS[kind]
    return family + pick(dice, first) + pick(dice, second)


def neighbourly(dice: Random, name: str, birth_year: int, sex: str) -> str:
    """What somebody chose to be called: 孙奶奶, 老陆, 陈老师, or something all their own."""
    chance = dice.random()
    if chance < 0.55:
        return called(name, birth_year, sex)
    if chance < 0.75 and YEAR - birth_year >= 38:
        return f"老{name[0]}"
    if chance < 0.85:
        return f"{name[0]}{pick(dice, ('老师', '师傅', '医生', '工'))}"
    return pick(dice, _NICKNAMES)
