"""Who may sit at the committee's desk, and for which community."""

from typing import Any, Final

from gateway.web.visit import Visit
from services.contracts.actor import COMMITTEE, Role
from services.contracts.errors import Forbidden
from services.contracts.operations.votes.common import DESK

Desk = tuple[list[dict[str, Any]], str]
"""The communities that somebody serves, and the one that is looked at."""

CONVENERS: Final[frozenset[Role]] = DESK.roles
"""Who screens, convenes and counts: the owners' committee, too, for its matters."""


async def desk(visit: Visit) -> Desk:
    """The communities whose committee the visitor serves on, and the one that is looked at.

    Raises:
        Forbidden: there is none.
    """
    return await _served(visit, COMMITTEE)


async def convening(visit: Visit) -> Desk:
    """As :func:`desk`, for what either body convenes: the residents' committee or the owners'.

    Raises:
        Forbidden: the visitor belongs to none.
    """
    return await _served(visit, CONVENERS)


def require_convener(visit: Visit) -> None:
    """Let those in who belong to a convening body; of which, the operations ask.

    Raises:
        Forbidden: she belongs to none anywhere.
    """
    if not visit.person.roles & CONVENERS:
        raise Forbidden()


async def _served(visit: Visit, offices: frozenset[Role]) -> Desk:
    if not visit.person.roles & offices:
        raise Forbidden()
    me = await visit.call("getMe")
    served = {
        role["community"]["id"]: role["community"]
        for role in me["roles"]
        if role["role"] in offices and role["community"]
    }
    if not served:
        raise Forbidden()
    wanted = visit.query("c") or visit.form.text("c")
    return list(served.values()), wanted if wanted in served else next(iter(served))
