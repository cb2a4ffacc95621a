"""The words of an emergency; what a drill says begins with 演练 wherever it is shown.

The staff's own words stand in the title and the body. A call for help names neither person nor
door: the title travels, and shows on locked screens.
"""

from typing import Final

from services.notify.domain.news import Kind
from services.notify.domain.templates import Wording, say

NEEDS: Final = {
    "medical": ("医疗急救", "medical help"),
    "trapped": ("被困", "somebody is trapped"),
    "supplies": ("药品或食物", "medicine or food"),
    "alone": ("老人或儿童独处", "an old person or a child alone"),
    "other": ("其他", "other"),
}
_MARKS: Final = {
    Kind.EMERGENCY: ("【紧急】", "EMERGENCY: "),
    Kind.EMERGENCY_DRILL: ("【演练】", "DRILL: "),
}


def _told(kind: Kind, zh: str, en: str) -> Wording:
    mark = _MARKS[kind]
    return say(f"{mark[0]}{zh}{{headline}}", f"{mark[1]}{en}{{headline}}", "{text}", "{text}")


def _help(kind: Kind, need: tuple[str, str]) -> Wording:
    mark = _MARKS[kind]
    return say(
        f"{mark[0]}{{place}}有人求助：{need[0]}",
        f"{mark[1]}help is needed at {{place}}: {need[1]}",
        "住址和情况请在应急名单中查看。",
        "The door and the details stand in the list of doors.",
    )


EMERGENCY_WORDS: Final[dict[tuple[Kind, str], Wording]] = {
    **{(kind, "call"): _told(kind, "", "") for kind in _MARKS},
    **{(kind, "update"): _told(kind, "最新情况：", "update: ") for kind in _MARKS},
    **{(kind, "all_clear"): _told(kind, "已解除：", "all clear: ") for kind in _MARKS},
    **{
        (kind, f"help_{name}"): _help(kind, need) for kind in _MARKS for name, need in NEEDS.items()
    },
}


def kind_of(*, drill: bool) -> Kind:
    """An emergency passes mutes and quiet hours; a drill is ordinary news and wakes nobody."""
    return Kind.EMERGENCY_DRILL if drill else Kind.EMERGENCY
