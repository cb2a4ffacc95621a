"""Personal data taken out of a message before anything is learned from it (PIPL art. 6, 51).

::

    ID numbers, bank cards, phones, mail, number plates ─┐
    rooms (3号楼2单元501室), numbers of a street or lane ─┼─▶ 某
    names with a title (王阿姨), after 我叫, 联系人, 姓名 ─┘

Taken out is rather too much than too little: what a model learns from is the request, not who
makes it. A name without anything that gives it away is not found; it becomes a feature only when
several messages hold it.
"""

import re
from collections.abc import Iterable
from typing import Final

PUT_INSTEAD: Final = "某"

_GAP: Final = r"[ \-_.·*]?"
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董潘袁于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_TITLES: Final = (
    "先生|女士|小姐|太太|阿姨|阿婆|阿公|奶奶|爷爷|大爷|大妈|大姐|大哥|叔叔|师傅|老师|医生|律师|同志"
)
_FORMS: Final = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        rf"(?<![0-9])[1-9][0-9]{{5}}{_GAP}[0-9]{{8}}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9])",
        rf"(?<![0-9])(?:[0-9]{{4}}{_GAP}){{3,4}}[0-9]{{3,4}}(?![0-9])",
        rf"(?<![0-9])1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}(?![0-9])",
        r"(?<![0-9])0[0-9]{2,3}[- ]?[0-9]{7,8}(?![0-9])",
        r"(?:微信|QQ|qq|wx|WX)(?:号)?[：: ]*[A-Za-z0-9_-]{5,20}",
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·. ]?[A-Z0-9]{5,6}",
        r"[0-9A-Za-z一二三四五六七八九十]{1,4}(?:号楼|幢|栋|座)"
        r"(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?(?:[0-9]{1,2}楼)?(?:[0-9]{2,4}(?:室|房|号)?)?",
        r"[0-9一二三四五六七八九十]{1,3}单元(?:[0-9]{2,4}(?:室|房)?)?",
        r"[0-9]{1,5}弄(?:[0-9]{1,4}号)?(?:[0-9]{2,4}(?:室|房)?)?",
        r"[0-9]{2,4}(?:室|房)",
        r"(?<=[路街道巷里村])[0-9]{1,5}号",
        r"(?:(?<=我叫)|(?<=我是)|(?<=姓名)|(?<=联系人)|(?<=本人))[：: ]?"
        rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=[，。,.;； 、（(]|电话|手机|$)",
        rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?={_TITLES})",
        rf"[{_SURNAMES}](?={_TITLES})",
    )
)


def strip(text: str, names: Iterable[str] = ()) -> str:
    """The text without what names a person or her home; ``names`` are known ones (her own)."""
    for name in names:
        if len(name) > 1:
            text = text.replace(name, PUT_INSTEAD)
    for form in _FORMS:
        text = form.sub(PUT_INSTEAD, text)
    return text
