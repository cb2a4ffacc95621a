"""Deleting an account: who may, and what a deleted account is called.

An office is no reason to keep somebody's data (PIPL art. 47): a secretary leaves like everybody,
and the town appoints another. The last administrator of a district alone has to appoint a
successor first, for above a district nobody here could.
"""

from collections.abc import Iterable
from typing import Final

from services.contracts.errors import Conflict

DELETED_NAME: Final = "已注销用户"


class LastAdmin(Conflict):
    """Nobody could appoint anybody in the district any more."""

    code = "identity.last_admin"
    zh = "您是本区唯一的管理员，请先指定接任者再注销"
    en = "You are the district's only administrator: appoint a successor first"


def require_successors(person_id: str, admins: Iterable[tuple[str, str]]) -> None:
    """Raise :class:`LastAdmin` when a district would be left without an administrator.

    Args:
        admins: path and person of every live grant as district administrator.
    """
    by_path: dict[str, set[str]] = {}
    for path, holder in admins:
        by_path.setdefault(path, set()).add(holder)
    if any(holders == {person_id} for holders in by_path.values()):
        raise LastAdmin()
