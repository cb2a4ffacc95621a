"""Who may sit at the committee's desk, and for which community."""

from typing import Any, Final

from gateway.web.visit import Visit
from services.contracts.actor import COMMITTEE
from services.contracts.errors import Forbidden

OFFICES: Final = frozenset(role.value for role in COMMITTEE)


async def desk(visit: Visit) -> tuple[list[dict[str, Any]], str]:
    """The communities whose committee the visitor serves on, and the one that is looked at.

    Raises:
        Forbidden: there is none.
    """
    if not visit.is_staff:
        raise Forbidden()
    me = await visit.call("getMe")
    served = {
        role["community"]["id"]: role["community"]
        for role in me["roles"]
        if role["role"] in OFFICES and role["community"]
    }
    if not served:
        raise Forbidden()
    wanted = visit.query("c") or visit.form.text("c")
    return list(served.values()), wanted if wanted in served else next(iter(served))
