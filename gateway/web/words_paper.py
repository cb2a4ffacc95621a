"""The paper desk: where an entry and a sheet stand, what is done there, and what to do when the
books refuse what was written down without a line."""

from collections.abc import Mapping

from gateway.web import words_polls
from gateway.web.texts import N_

POLL = words_polls.POLL
CONVENER = words_polls.CONVENER
ENTRY: Mapping[str, tuple[str, str, str]] = {
    "free": (N_("可以发票"), "go", "vote"),
    "online": (N_("已在手机上投票"), "rest", "phone"),
    "paper_out": (N_("纸质票在外"), "wait", "scroll"),
    "paper": (N_("票已交回"), "done", "done"),
    "proxy": (N_("受托人已投"), "rest", "users"),
    "struck": (N_("已从名册上划去"), "late", "no"),
    "absent": (N_("名册上没有"), "late", "no"),
}
"""Where an entry stands: in words, how it looks, its picture."""

NOTHING: Mapping[str, str] = {
    "free": N_("现在不发纸质票。"),
    "online": N_("这一票已经投过，不能再发纸质票。"),
    "paper_out": N_("现在不收纸质票。"),
    "paper": N_("这一票已经投过。"),
    "proxy": N_("受托人已经替这一户投过，不能再发纸质票。"),
    "struck": N_("不在这次表决的名册上，不能投票。"),
    "absent": N_("登记在册，但不在这次表决的名册上。表决开始以后名册不再更改。"),
}
"""Why nothing can be done for an entry."""

ACT: Mapping[str, tuple[str, str]] = {
    "issue": (N_("发票"), "vote"),
    "return": (N_("收票：核对回执，勾销"), "check"),
    "spoil": (N_("作废：票写坏了"), "no"),
    "take_back": (N_("退回：没有用过"), "again"),
    "reopen": (N_("改正：勾销错了，票还在外"), "back"),
}
DONE: Mapping[str, str] = {
    "out": N_("已发出"),
    "returned": N_("已收回，请本人投进票箱"),
    "spoiled": N_("已作废，可以另发一张"),
    "taken_back": N_("已退回，可以另投"),
}
"""What was just done with a paper, by where it is now."""

PAPER: Mapping[str, tuple[str, str]] = {
    "out": (N_("在外"), "wait"),
    "returned": (N_("已收回"), "done"),
    "spoiled": (N_("已作废"), "late"),
    "taken_back": (N_("已退回"), "rest"),
}
SHEET: Mapping[str, tuple[str, str]] = {
    "entered": (N_("等另一人录入"), "wait"),
    "recount": (N_("两人不一致，重新清点"), "late"),
    "confirmed": (N_("两人一致"), "done"),
    "replaced": (N_("已被更正"), "rest"),
    "dropped": (N_("已放弃"), "rest"),
}
CHOICE: Mapping[str, str] = {
    "for": N_("同意"),
    "against": N_("反对"),
    "abstain": N_("弃权"),
    "invalid": N_("废票"),
}
SLIPS: Mapping[str, str] = {
    "issued": N_("发出"),
    "returned": N_("收回"),
    "spoiled": N_("作废"),
    "unreturned": N_("没有收回"),
}
LINE: Mapping[str, str] = {
    **words_polls.PAPER_LINE,
    **CHOICE,
    "buildings": N_("楼栋"),
    "weights": N_("面积和人数"),
}
"""A line of a sheet, or of the reconciliation."""

WAITING: Mapping[str, str] = {
    "issue": N_("发票"),
    "return": N_("收票"),
    "spoil": N_("作废"),
    "take_back": N_("退回"),
    "reopen": N_("改正"),
}
"""What waits to be sent, in a word."""

ADVICE: Mapping[str, str] = {
    "votes.entry_taken": N_(
        "断网时这一户已在别处投票或领票。请找到发出的票，写上“作废”，不投进票箱。"
    ),
    "votes.paper_settled": N_("这张票已经登记过。请看一眼登记册：一样就划掉，不一样就到柜台改正。"),
    "votes.paper_too_late": N_("表决已经截止。发出的票不算；截止前收回的，到柜台写明收回时间。"),
    "votes.unknown_paper": N_("票号写错了。请看回执上的号码，改好再发。"),
    "votes.unknown_entry": N_("名册上没有这一户。请把发出的票收回来，写上“作废”。"),
    "votes.witnesses_needed": N_("这张票取代线上票，要两名见证人和照片：请到柜台办。"),
    "votes.counting_over": N_("结果已经公布，不能再登记。请告诉负责人。"),
    "votes.entry_changed": N_("同一条记录已按别的内容登记过。请看登记册，再到柜台办一次。"),
}
"""What to do with what the books did not take, by the code of the refusal."""

OTHERWISE = N_("请记下这一条，联网后在柜台上再办一次。")
"""The same for any other refusal."""
