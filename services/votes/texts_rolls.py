"""What the timeline says of a roll, without naming anybody."""

from datetime import datetime
from typing import Final

from services.votes.texts_polls import moment

LOST: Final = "名册快照已过期，需撤回公示后重新公示"
TOO_LARGE: Final = "表决人数超过上限，无法生成名册，需撤回公示"
CHANGES: Final = {
    "added": "表决人名册增补一项（第{number}次更正）",
    "struck": "表决人名册删除一项（第{number}次更正）",
    "restored": "表决人名册恢复一项（第{number}次更正）",
}


def published(size: int, drawn_at: datetime | None) -> str:
    """The roll can be looked at, and of which moment of the register it is."""
    told = f"公布表决人名册，共{size}项"
    return told if drawn_at is None else f"{told}（{moment(drawn_at)}的居民登记）"
