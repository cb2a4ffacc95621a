"""Whom those see who only watch: a building and a surname, and no name that one goes by.

Whoever holds an office and shows it, or answers in it, is called by her name: what the office does
is what is watched. A name that somebody writes into a text stays there.
"""

from typing import Any, Final

from services.contracts.actor import Role

_BEFORE: Final = "老小阿"
_NEIGHBOURS: Final = frozenset(
    {
        Role.RESIDENT,
        Role.OWNER,
        Role.PARTY_MEMBER,
        Role.VOLUNTEER,
        Role.GROUP_REPRESENTATIVE,
    }
)
"""What one may be without holding an office."""
_ALONE: Final = ("author_name", "actor_name", "assisted_by_name", "holder_name", "reply_to_name")
"""Fields of the contract that hold a neighbour's name and nothing else of her."""
_HELPER: Final = "assisted_by"


def surname(display_name: str) -> str:
    """The surname as far as the shown name tells it; of a nickname its first sign.

    >>> surname("孙奶奶"), surname("老陆"), surname("Ann Lee"), surname("")
    ('孙', '陆', 'A', '')
    """
    name = display_name.strip()
    return name[1] if len(name) > 1 and name[0] in _BEFORE else name[:1]


def as_watched(answer: Any, watcher: str, *, called: str = "", in_office: bool = False) -> Any:
    """An answer with every neighbour's name as a surname; ``answer`` itself is changed.

    Args:
        answer: what JSON holds.
        watcher: the id of who reads it; her own name stays.
        called: the field that ``answer`` stands in.
        in_office: whether the author spoke for an office there.
    """
    if isinstance(answer, list):
        for one in answer:
            as_watched(one, watcher, called=called, in_office=in_office)
    elif isinstance(answer, dict):
        spoke = bool(answer.get("official")) or _office(answer)
        if _is_neighbour(answer, watcher, called) and not (in_office and called == "author"):
            answer["display_name"] = surname(answer["display_name"])
        for name, value in answer.items():
            if name in _ALONE and isinstance(value, str) and not spoke:
                answer[name] = surname(value)
            elif isinstance(value, list | dict):
                as_watched(value, watcher, called=name, in_office=spoke)
    return answer


def _is_neighbour(who: dict[str, Any], watcher: str, called: str) -> bool:
    if not isinstance(who.get("display_name"), str) or who.get("anonymous"):
        return False
    if watcher in (who.get("id"), who.get("person_id")) or _offices(who.get("role_badges")):
        return False
    return bool(who.get("building_label")) or called == _HELPER


def _office(said: dict[str, Any]) -> bool:
    return bool(_offices([said.get("actor_role") or said.get("author_role")]))


def _offices(roles: Any) -> set[Any]:
    return {role for role in roles or () if role} - _NEIGHBOURS
