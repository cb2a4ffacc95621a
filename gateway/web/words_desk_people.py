"""The desk's words for people: requests beside the register, the register, members, phones.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`.
"""

from collections.abc import Mapping

from gateway.web.texts import N_

VERDICT: Mapping[str, tuple[str, str]] = {
    "tied": (N_("已与名册对应"), "done"),
    "agrees": (N_("与名册一致"), "done"),
    "name": (N_("同名，但有出入"), "wait"),
    "surname": (N_("这一室有同姓的人"), "wait"),
    "others": (N_("这一室登记的是别人"), "late"),
    "nobody": (N_("名册里这一室没有人"), "late"),
    "unnamed": (N_("平台不留姓名，请当面核对"), "wait"),
}
"""How near the register comes to a request, in one word."""
LIKENESS: Mapping[str, str] = {
    "tied": N_("已对应"),
    "agrees": N_("一致"),
    "name": N_("同名"),
    "surname": N_("同姓"),
    "other": N_("不同姓名"),
}
DIFFERS: Mapping[str, str] = {
    "unit": N_("单元不同"),
    "birth_year": N_("出生年份不同"),
    "id_number": N_("证件号码不同"),
    "account": N_("已有另一个账号"),
    "relation": N_("关系不同"),
}
REFUSALS: Mapping[str, str] = {
    "proof": N_("名册里没有查到您住在这一室，请带房产证或租赁合同到居委会办理"),
    "name": N_("姓名与这一室登记的不一致，请核对后重新申请"),
    "room": N_("室号与登记的不符，请核对楼栋、单元、室号后重新申请"),
    "lease": N_("租约已经到期，请续签后再申请"),
    "twice": N_("您已用另一个手机号加入；换了手机请到居委会办理换号"),
}
"""Samples of what somebody who is refused is told; Chinese goes to her, whoever chose it."""
