"""The demo district's fixed ids, so that the seeds of all services speak of the same people.

The ids have the form of all our ids (UUIDv7). Their time part is fixed and so are the bits that
are otherwise random: the same id on every machine, sorted by kind and number. Nothing outside of
the seeds, the demo and the tests may rely on them.
"""

from typing import Final

# 2017-02-01 00:00 UTC, the month in which the pilot of the article began
_EPOCH_MS: Final = 1_485_907_200_000


def demo_id(kind: int, number: int) -> str:
    """The fixed id number ``number`` of a ``kind`` (each kind has a block of a million)."""
    bits = (_EPOCH_MS + kind * 1_000_000 + number) << 80 | 0x7 << 76 | 0b10 << 62 | number
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


DISTRICT_ID: Final = "demo"

PATH_DISTRICT: Final = "demo"
PATH_YUEPU: Final = "demo.yuepu"
PATH_LUODIAN: Final = "demo.luodian"
PATH_SHANGYUAN: Final = "demo.yuepu.shangyuan"
PATH_JUYUAN: Final = "demo.yuepu.juyuan"
PATH_HAIXING: Final = "demo.luodian.haixing"

TOWN_YUEPU: Final = demo_id(1, 1)
TOWN_LUODIAN: Final = demo_id(1, 2)

SHANGYUAN: Final = demo_id(2, 1)
JUYUAN: Final = demo_id(2, 2)
HAIXING: Final = demo_id(2, 3)

# 13800000001 … 13800000040, the demo accounts of the contract's page, and two of the village
PERSON_BY_PHONE: Final[dict[str, str]] = {
    f"138{number:08d}": demo_id(3, number) for number in range(1, 43)
}

GRANNY_SUN: Final = PERSON_BY_PHONE["13800000001"]  # 孙奶奶
OLD_LU: Final = PERSON_BY_PHONE["13800000002"]  # 老陆, shows the Party badge
SECRETARY_SHI: Final = PERSON_BY_PHONE["13800000003"]  # 石书记
STAFF_WANG: Final = PERSON_BY_PHONE["13800000004"]  # 居委小王
OBSERVER: Final = PERSON_BY_PHONE["13800000005"]  # 镇干部
ANALYST: Final = PERSON_BY_PHONE["13800000006"]  # 区分析员
OWNERS_CHAIR: Final = PERSON_BY_PHONE["13800000007"]  # 业委会主任
DISTRICT_ADMIN: Final = PERSON_BY_PHONE["13800000008"]  # 区管理员
GRID_OPERATOR: Final = PERSON_BY_PHONE["13800000009"]  # 网格操作员
VILLAGER_ZHAO: Final = PERSON_BY_PHONE["13800000010"]  # 村民小赵
DEPARTMENT_OFFICER: Final = PERSON_BY_PHONE["13800000011"]  # 城管处置员
VILLAGE_CLERK: Final = PERSON_BY_PHONE["13800000041"]  # 村会计老周
VILLAGE_SUPERVISOR: Final = PERSON_BY_PHONE["13800000042"]  # 村务监督员阿梅
