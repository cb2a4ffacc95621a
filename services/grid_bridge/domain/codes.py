"""Codes of the national standard for the things and matters of a city.

A code is never stored bare: components and matters reuse the same five digits, and the editions
renumbered (暴露垃圾 is 01-10 in GB/T 30428.2-2013 and 06010 in GB/T 47678.5-2026).

Source: the matters of majors 06–10 of GB/T 47678.5-2026 as transcribed by third parties; not
checked against the printed standard. Minors 080–999 are left to each district for its own.
"""

from dataclasses import dataclass
from functools import cache

from services.contracts.errors import Invalid

STANDARD = "GB/T 47678.5-2026"

FIRST_LOCAL_MINOR = 80
"""Minors from here to 999 belong to the district."""

LOCAL_MARK = "(自定义)"
"""How the standard wants a district's own class marked."""

_MATTERS: dict[tuple[str, str], str] = {
    ("06", "市容环境"): """
        001私搭乱建 002店面无证装修 003违章接坡 004建筑物外立面污损 005临街阳台屋顶脏乱差
        006擅自挂彩旗 007沿街晾挂 008擅自架设管线 009空调室外机低挂 010暴露垃圾 011积存垃圾渣土
        012道路不洁 013道路破损 014道路遗撒 015沙(河)滩不洁 016交通标线不清 017绿地脏乱 018绿化弃料
        019非装饰性吊挂 020焚烧垃圾树叶 021病虫害 022非法伐树 023堤岸破损 024水域秩序乱象
        025水域不洁 026河道污染 027油烟污染 028噪声扰民 029露天烧烤 030乱倒乱排污水 032非正规填埋场
        033乱丢医废 034废弃车辆 035废弃家具设备 036乱堆杂物 037动物尸体 038擅自饲养家禽家畜
        039违章开设道口 040私设地锁阻车桩 041垃圾未分类 042垃圾站(箱)满溢 043遮阳篷破损
        044节庆装饰破损 045非法占绿毁绿 046占用河道 047公园秩序 048边坡破损 049台阶破损
        050路缘石缺损 051盲道缺损 052无障碍坡道破损
    """,
    ("07", "宣传广告"): """
        001非法小广告 002街头散发广告 003违规户外广告 004广告文字不规范 006违规牌匾 007违规标语
        008公益宣传品缺损
    """,
    ("08", "施工管理"): """
        001施工扰民 002施工占道 003无证掘路 004工地扬尘 005施工废弃料 006物料乱堆 007围挡问题
        008道路未硬化 009出入口破损 010未场光地净 011渣土车未密闭 012车轮夹带 013违规高空悬吊
        014预埋件裸露 015公示牌污损 016无证建设
    """,
    ("09", "街面秩序"): """
        001无照经营游商 002早夜市 003流浪乞讨 004废品收购 005店外经营 006占道经营 008非法出版物
        009机动车乱停放 010非机动车乱停放 011共享单车 012占用消防通道 013临街屠宰 014畜力车
        015无证餐饮 016违规设停车场 017占用桥下 018履带车上路 019占用无障碍通道 020农贸市场秩序
        021占道洗车 022占道促销
    """,
    ("10", "其他"): """
        001道路积雪结冰 002架空线缆脱落
    """,
}


class UnknownCode(Invalid):
    """The standard has no such code."""

    code = "grid.unknown_code"
    zh, en = "没有这个标准代码", "The standard has no such code"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a standard; ``kind`` is matter 事项 or component 部件."""

    standard: str
    kind: str
    code: str
    name: str


@cache
def matters() -> dict[str, Code]:
    """The matters by their five-digit class code."""
    return {
        major + entry[:3]: Code(STANDARD, "matter", major + entry[:3], entry[3:])
        for (major, _), entries in _MATTERS.items()
        for entry in entries.split()
    }


def look_up(standard: str, kind: str, code: str) -> Code:
    """The code with its name.

    Raises:
        UnknownCode: another standard, another kind, or no such matter.
    """
    found = matters().get(code) if (standard, kind) == (STANDARD, "matter") else None
    if found is None:
        raise UnknownCode()
    return found


def group_of(code: str) -> str:
    """The name of the major class that a five-digit code belongs to; 其他 of one not known."""
    return dict(_MATTERS.keys()).get(code[:2], "其他")


def is_local(code: str) -> bool:
    """Whether a five-digit class code lies in the range that is left to the district."""
    return int(code[2:]) >= FIRST_LOCAL_MINOR


def local(standard: str, code: str, name: str) -> Code:
    """A district's own matter, with its name marked as such.

    Raises:
        UnknownCode: another standard, or no major of matters.
    """
    if standard != STANDARD or code[:2] not in {major for major, _ in _MATTERS}:
        raise UnknownCode()
    return Code(STANDARD, "matter", code, name.removesuffix(LOCAL_MARK) + LOCAL_MARK)
