"""The district's catalogue of 8+X problems: our default, never an official list.

::

    8 core slots  S1 … S8   the eight acts that 《上海市住宅物业管理规定》 art. 56 (1)–(8) forbids
    X extensions  X1 … X9   what the same districts complain of besides; a district edits these

No published list of "8+X" could be found, so nothing here may be shown as a city's own list:
:data:`NOTICE` goes wherever the catalogue is shown. Article 56 was chosen for the eight because it
names exactly eight acts and can be cited.

Every slot names the nearest matter of GB/T 47678.5-2026. Where the standard has none (inside the
estate it has hardly any) the slot carries a code of the range that the standard leaves to each
district, counted down from 999 and marked 自定义.

Limits and department codes are ours too and meant to be edited: the standard states no limits,
and the real 18-digit codes of the departments differ from district to district.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.grid_bridge.domain import codes
from services.grid_bridge.domain.catalogues import CORE_SLOTS, Department, Limits, Slot, Version
from services.grid_bridge.domain.codes import FIRST_LOCAL_MINOR, LOCAL_MARK

__all__ = [
    "BUILT_IN",
    "CORE_SLOTS",
    "FIRST_LOCAL_MINOR",
    "LOCAL_MARK",
    "MATTERS_SOURCE",
    "NOTICE",
    "SLOTS",
    "VERSION",
    "Slot",
    "describe",
    "note_of",
]

VERSION: Final = "district-default-2026.1"
"""Version of this catalogue; a work order keeps the one it was opened with."""

NOTICE: Final = "平台默认目录，供各区参照修改，并非任何城市公布的官方“8+X”清单。"
"""What people are told wherever the catalogue is shown."""

MATTERS_SOURCE: Final = (
    "GB/T 47678.5-2026 大类 06–10 共 97 项，据第三方转录整理，未与标准文本核对；"
    "正式引用前请核对原文。"
)
"""How sure the matter codes are."""

OF_PROPERTY: Final = "《上海市住宅物业管理规定》"


HOUSING: Final = Department("housing", "房屋管理部门")
ENFORCEMENT: Final = Department("urban-enforcement", "城管执法部门")
FIRE: Final = Department("fire-rescue", "消防救援机构")
ENVIRONMENT: Final = Department("ecology-environment", "生态环境部门")
GREENERY: Final = Department("greenery-sanitation", "绿化市容部门")
TRAFFIC_POLICE: Final = Department("traffic-police", "公安交警部门")
POLICE: Final = Department("public-security", "公安机关")
MARKET: Final = Department("market-regulation", "市场监管部门")


def _standard(code: str) -> codes.Code:
    return codes.matters()[code]


def _local(major: str, minor: int, name: str) -> codes.Code:
    return codes.Code(codes.STANDARD, "matter", f"{major}{minor:03d}", name + LOCAL_MARK)


_ALL: Final[tuple[Slot, ...]] = (
    Slot(
        "S1", "破坏承重结构",
        "拆改承重墙、梁、柱、楼板，掏挖地基", "不涉及结构的装修扰民（S8）",
        f"{OF_PROPERTY}第五十六条第（一）项", True, HOUSING,
        _local("06", 999, "损坏房屋承重结构"), Limits(1, 7, 60),
    ),
    Slot(
        "S2", "违法搭建",
        "私搭乱建、加层、圈地扩建、违法建房", "摆摊占道（X4）、占用楼道堆物（S4）",
        f"{OF_PROPERTY}第五十六条第（二）项", True, ENFORCEMENT,
        _standard("06001"), Limits(1, 7, 20),
    ),
    Slot(
        "S3", "破坏房屋外貌",
        "擅自改变外立面、外墙打孔、外凸防盗网", "外墙自然脱落（属处置）",
        f"{OF_PROPERTY}第五十六条第（三）项", True, ENFORCEMENT,
        _standard("06004"), Limits(2, 10, 30),
    ),
    Slot(
        "S4", "擅自占用共用部分",
        "占用楼道、架空层、天台、公共用房", "占用消防车通道停车（X5）",
        f"{OF_PROPERTY}第五十六条第（四）项", True, HOUSING,
        _local("06", 998, "擅自改建占用物业共用部分"), Limits(2, 10, 20),
    ),
    Slot(
        "S5", "损坏或擅自占用、移装共用设施",
        "拆改公用管线、私装地锁、毁坏健身器材", "设施自然损坏（属处置）",
        f"{OF_PROPERTY}第五十六条第（五）项", True, HOUSING,
        _local("06", 997, "损坏或者擅自占用移装共用设施"), Limits(2, 10),
    ),
    Slot(
        "S6", "存放危险品、超荷用电、违规充电",
        "飞线充电、电动车进楼、存放气瓶油料", "已着火漏气，先拨 119",
        f"{OF_PROPERTY}第五十六条第（六）项", True, FIRE,
        _local("06", 996, "存放危险品及违规充电"), Limits(1, 3),
    ),
    Slot(
        "S7", "排放有毒有害物质",
        "油烟、异味、粉尘、污水、黑烟", "垃圾倾倒（X9）",
        f"{OF_PROPERTY}第五十六条第（七）项", True, ENVIRONMENT,
        _standard("06027"), Limits(1, 10),
    ),
    Slot(
        "S8", "噪声扰民",
        "施工、装修、广场舞、机器、可指明来源的交通噪声", "犬只吠叫（X8）",
        f"{OF_PROPERTY}第五十六条第（八）项", True, ENVIRONMENT,
        _standard("06028"), Limits(1, 7),
    ),
    Slot(
        "X1", "擅自改变房屋使用性质",
        "居改非、住改商、民宿日租、小区内开店", "群租（X2）",
        f"{OF_PROPERTY}第五十八条；《民法典》第二百七十九条", True, HOUSING,
        _local("06", 995, "擅自改变物业使用性质"), Limits(2, 15, 30),
    ),
    Slot(
        "X2", "群租",
        "分隔搭建后按间、按床位出租", "民宿日租（X1）",
        "《商品房屋租赁管理办法》第八条", False, HOUSING,
        _local("06", 994, "群租"), Limits(2, 15),
    ),
    Slot(
        "X3", "毁绿占绿",
        "砍伐移走树木、侵占绿地、毁绿种菜", "绿化枯死无人养护（属处置）",
        "《城市绿化条例》第十八条至第二十条", False, GREENERY,
        _standard("06045"), Limits(2, 10, 30),
    ),
    Slot(
        "X4", "乱设摊、占道经营",
        "无照设摊、跨门经营、占道夜市", "店铺油烟（S7）、店铺噪声（S8）",
        "《上海市城市网格化管理办法》第二条", True, ENFORCEMENT,
        _standard("09006"), Limits(1, 3),
    ),
    Slot(
        "X5", "乱停车、堵塞消防通道",
        "占用消防车通道、人行道停车、僵尸车", "车位不足、停车收费（属处置）",
        "《中华人民共和国消防法》第二十八条、第六十条", False, TRAFFIC_POLICE,
        _standard("09012"), Limits(1, 3),
    ),
    Slot(
        "X6", "高空抛物",
        "从建筑物中抛掷物品", "外墙瓷砖自然脱落（属处置）",
        "《民法典》第一千二百五十四条；《刑法》第二百九十一条之二", False, POLICE,
        _local("06", 993, "高空抛物"), Limits(1, 7),
    ),
    Slot(
        "X7", "无证或有害经营",
        "传销、赌博、黑诊所、无证餐饮、黑车", "有证商户的消费纠纷（属处置）",
        "《无证无照经营查处办法》第二条、第五条", False, MARKET,
        _standard("09015"), Limits(2, 15),
    ),
    Slot(
        "X8", "不文明养犬",
        "不牵绳、犬吠、伤人、饲养家禽", "请求收容流浪动物的建议（属建议）",
        "《上海市养犬管理条例》", False, POLICE,
        _standard("06038"), Limits(1, 7),
    ),
    Slot(
        "X9", "乱倒垃圾",
        "偷倒建筑垃圾、渣土、生活垃圾", "垃圾清运不及时（属处置）",
        "《中华人民共和国固体废物污染环境防治法》第四十九条", False, GREENERY,
        _standard("06011"), Limits(1, 3),
    ),
)  # fmt: skip

SLOTS: Final[Mapping[str, Slot]] = MappingProxyType({slot.key: slot for slot in _ALL})
"""The slots by key, core first."""

BUILT_IN: Final = Version(VERSION, 0, SLOTS)
"""The catalogue of a district that has published none of its own."""


def note_of(slot: Slot) -> str:
    """How sure the built-in list is of a slot, for people."""
    law = "法条已读原文" if slot.law_sure else "法条未与原文核对，引用前请核对"
    return f"{law}；{'标准中无对应事项，采用地方自定义代码' if slot.is_local else MATTERS_SOURCE}"


def describe(code: codes.Code) -> str:
    """A code as one line of text, with its standard and kind: a bare code is ambiguous."""
    kind = {"matter": "事项", "component": "部件"}.get(code.kind, code.kind)
    return f"{code.standard} {kind} {code.code} {code.name}"
