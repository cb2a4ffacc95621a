"""What the timeline says of the way of a question, in the words of neighbours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.votes.domain.chain import State
from services.votes.texts_polls import moment

BODIES: Final[Mapping[str, str]] = {
    "residents_committee": "居委会",
    "owners_committee": "业委会",
}
WITHHELD: Final = "（内容待居委会查看）"
FROM_POST: Final = "源自居民帖子“{title}”"
RAISED: Final[Mapping[str, str]] = {
    "residents_committee": "提出问题，由居委会筛选",
    "owners_committee": "提出问题，属业主共同决定的事项，由业委会筛选和召集，并告知居委会",
}
AGAIN: Final = "同一事项再次提出"
WANTS_SECONDERS: Final = "，满 {wanted} 人附议后进入筛选"
SECONDED: Final = "已有 {count} 人附议，进入筛选"
RETURNED: Final = "退回提出人修改"
AMENDED: Final = "提出人已修改，重新筛选"
RETURNED_ITEM: Final = "退回继续讨论"
REFUSED_LOCKED: Final = "不予受理：同一事项表决未通过，仍在锁定期内"
MERGED: Final = "并入议题“{title}”；附议不自动转移，附议人可自行附议该议题"
MERGED_IN: Final = "议题“{title}”并入本议题；其附议不自动计入"
WITHDRAWN: Final = "提出人撤回"
AUTHOR_LEFT: Final = "提出人已注销账号，内容未公开的问题随之撤回"
STOPPED: Final = "{body}终止议题"
LAPSED_SECONDERS: Final = "期限内附议人数不足，议题失效"
LAPSED_SECONDERS_WHY: Final = "需要 {wanted} 人附议，期限届满时为 {count} 人"
LAPSED_AUTHOR: Final = "退回后逾期未修改，议题失效"
LAPSED_AUTHOR_WHY: Final = "提出人未在期限内修改退回的问题"
HANDED: Final = "由{was}移交{to}办理，已告知双方"
OVERDUE: Final[Mapping[State, str]] = {
    State.RAISED: "{body}逾期未筛选",
    State.SCREENED: "{body}逾期未发布议题",
    State.DISCUSSION: "{body}逾期未形成可操作议题",
    State.ACTIONABLE: "{body}逾期未完成第二次筛选",
    State.PRIOR_STUDY: "社区党组织逾期未提出研究意见",
    State.PROPOSAL: "{body}逾期未公示提案",
}
STUDIED: Final[Mapping[State, str]] = {
    State.PROPOSAL: "社区党组织研究同意，转化为提案",
    State.ACTIONABLE: "社区党组织研究后退回，请修改可操作议题",
}
BACK_TO_ITEM: Final = "提案退回，重新形成可操作议题"
BACK_TO_PROPOSAL: Final = "撤回公示，修改提案"


def discussed(body: str, until: datetime) -> str:
    """The days of a discussion are over; by when the body forms the item."""
    return f"讨论期满，由{body}在{moment(until)}前形成可操作议题"
