"""Places that sound like the north of Shanghai and are nowhere: towns, estates, lanes, villages."""

from random import Random

TOWNS = (
    "锦泾参照镇", "柳塘参照镇", "云浦参照镇", "沙浜参照镇", "荻港参照镇", "塘湾参照镇",
    "石泾参照镇", "北渡参照镇", "枫桥浜参照镇", "桃溪参照街道", "江岸参照街道", "临海参照街道",
)  # fmt: skip
RURAL_TOWNS = 9  # the first of them have villages
_FIRST = "锦华宝嘉和景翠金银紫丹秋春晴云海江河湖泾塘柳枫桃杏荷竹松柏梧"
_SECOND = "秋盛林欣悦苑泰康宁安平乐福祥瑞庭园源泉溪浦湾岸桥阳霞月星辰澜"
_ESTATES = ("苑", "花园", "新村", "公寓", "家园", "名邸", "小区", "佳苑")
_ORDINALS = "一二三四五六七八九十"


def stems(dice: Random, count: int) -> list[str]:
    """``count`` names of two characters, no two the same; 第二, 第三 … when they run out."""
    pairs = [a + b for a in _FIRST for b in _SECOND if a != b]
    dice.shuffle(pairs)
    rounds = (f"第{ordinal(n + 1)}" if n else "" for n in range(count // len(pairs) + 1))
    return [pair + which for which in rounds for pair in pairs][:count]


def community(stem: str, *, village: bool) -> str:
    """The name of a residents' community or of a village."""
    return f"{stem}村" if village else f"{stem}居民区"


def estate(dice: Random, stem: str, number: int) -> str:
    """The name of a community's estate ``number`` (from 0) with its lane, as on the gate."""
    lane = dice.randrange(1, 400) * 2 + number % 2
    return f"{stem[:2]}{_ESTATES[number % len(_ESTATES)]}（{stem[:2]}路{lane}弄）"


def ordinal(number: int) -> str:
    """1 to 99 in Chinese: 三, 十, 十二, 四十五."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _ORDINALS[ones - 1]
    return (_ORDINALS[tens - 1] if tens > 1 else "") + "十" + (_ORDINALS[ones - 1] if ones else "")
