"""What the timeline says of a roll, without naming anybody."""

from typing import Final

PUBLISHED: Final = "公布表决人名册，共{size}项"
LOST: Final = "名册快照已过期，需撤回公示后重新公示"
CHANGES: Final = {
    "added": "表决人名册增补一项（第{number}次更正）",
    "struck": "表决人名册删除一项（第{number}次更正）",
    "restored": "表决人名册恢复一项（第{number}次更正）",
}
