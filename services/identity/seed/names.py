"""Believable names for people who do not exist."""

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
    age = YEAR - birth_year
    generation = "old" if age >= 62 else "middle" if age >= 38 else "young"
    return dice.choice(GIVEN[generation, sex])


def called(name: str, birth_year: int, sex: str) -> str:
    """How neighbours call somebody: 孙奶奶, 周叔叔, 小陈."""
    age, family = YEAR - birth_year, name[0]
    if age < 30:
        return f"小{family}"
    for least, titles in ((70, ("爷爷", "奶奶")), (48, ("叔叔", "阿姨")), (0, ("先生", "女士"))):
        if age >= least:
            return family + titles[sex == "female"]
    raise AssertionError("no age is below 0")
