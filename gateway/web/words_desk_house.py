"""The words of the committee's desk for places, posters, offices and modules.

Each table maps a key of the contract to a message, as in :mod:`gateway.web.words`; templates know
this module as ``known``.
"""

from collections.abc import Mapping

from gateway.web.texts import N_

PLACE: Mapping[str, tuple[str, str]] = {
    "district": (N_("区"), "globe"),
    "town": (N_("街镇"), "map"),
    "community": (N_("社区"), "home"),
    "estate": (N_("小区"), "map"),
    "building": (N_("楼栋"), "building"),
    "unit": (N_("单元"), "exit"),
    "room": (N_("室"), "key"),
}
"""What a place is, and its icon."""

CODE: Mapping[str, tuple[str, str]] = {
    "valid": (N_("能用"), "done"),
    "ending": (N_("就要到期"), "wait"),
    "expired": (N_("已到期"), "rest"),
    "revoked": (N_("已停用"), "rest"),
}
"""How a QR code stands, and the tone it is shown in."""

TERM: Mapping[str, str] = {
    "14": N_("两周"),
    "30": N_("一个月"),
    "90": N_("三个月"),
    "day": N_("到哪一天"),
    "open": N_("没有期限"),
}
"""How long an office is given for: days, or otherwise."""

ORDER: Mapping[str, str] = {
    "newest": N_("新帖在前"),
    "active": N_("最近有人说话的在前"),
    "title": N_("按标题排"),
}
MODERATION: Mapping[str, str] = {
    "post": N_("发出来就能看到，有问题再处理"),
    "pre": N_("居委会看过才公开"),
}
