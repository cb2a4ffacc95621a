"""What stands on the papers that the desk prints."""

from collections.abc import Mapping
from typing import Final

CHOICES: Final[Mapping[str, str]] = {
    "for": "同意",
    "against": "反对",
    "abstain": "弃权",
    "invalid": "废票",
}
LINES: Final[Mapping[str, str]] = {
    "issued": "发出（不含未使用退回的）",
    "returned": "收回",
    "spoiled": "作废（写坏退回的）",
    "unreturned": "未收回",
}
PAPERS: Final[Mapping[str, str]] = {
    "out": "已领取",
    "returned": "已交回",
    "spoiled": "写坏作废",
    "taken_back": "未用退回",
}
MARKS: Final[Mapping[str, str]] = {
    "free": "",
    "online": "已在线投票",
    "proxy": "已委托投票",
    "paper_out": "已领纸质票",
    "paper": "纸质票已交回",
}
SECRECY: Final[Mapping[str, str]] = {
    "secret": "无记名投票",
    "named": "记名投票，结果公开到户（人）",
    "named_to_auditors": "记名投票，姓名只供核查",
}

UNSIGNED: Final = (
    "在一个方框内打“√”，只选一项；不选、多选或看不清的为废票。请不要写姓名、不要作记号。"
)
SIGNED: Final = "在一个方框内打“√”，只选一项，并在下面签名；不选、多选或看不清的为废票。"
TWO_ACTS: Final = (
    "交票分两步：一、工作人员核对回执上的号码，在名册上登记“已交回”；"
    "二、选票不写号码、不登记，由投票人自己投入票箱。名册只知道谁投了票，不知道投了什么。"
)
SLIP: Final = "回执（由工作人员留存，不投入票箱）"
SLIP_NOTE: Final = (
    "交回选票时请带上本回执。写坏了可以换一张；没有使用请一并退回，退回后仍可在线投票。"
)
SHEET_NOTE: Final = (
    "两名计票人分别录入，互不看对方的数字；两次录入一致才算数。不公开姓名的票不足 5 张的票箱，"
    "须与其他楼栋并箱计票。签名后拍照上传。"
)
REGISTER_NOTE: Final = (
    "本册只登记谁领了票、谁交了票，不记任何人投了什么。用后请妥善保管，不得公示。"
)
