"""What somebody watches over: the district, and the highest nodes that her grants name in it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from gateway.web.visit import Visit
from services.contracts.actor import COMMITTEE, UNOFFICIAL, covers
from services.contracts.errors import Forbidden

SPANS: Final = (30, 90, 365)
"""Days that figures are told of, from today back."""
LEVELS: Final = ("district", "town", "community")


@dataclass(slots=True)
class Reach:
    """What the visitor watches over.

    Attributes:
        did: the district that is looked at, ``district`` its name.
        communities: of it, as many as one call tells of.
        nodes: the highest nodes of her grants: level, id and name.
    """

    did: str
    district: str
    communities: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def towns(self) -> dict[str, str]:
        """The towns by id."""
        return {one["town_id"]: one["town_name"] for one in self.communities}

    def name(self, level: str, node: str) -> str:
        """A node's name; empty when it is not known here."""
        if level == "district":
            return self.district if node == self.did else ""
        if level == "town":
            return self.towns.get(node, "")
        return next((one["name"] for one in self.communities if one["id"] == node), "")


async def reach(visit: Visit) -> Reach:
    """What the visitor watches over.

    Raises:
        Forbidden: nothing.
    """
    page = await visit.call("listCommunities", limit=100)
    wanted = visit.query("d")
    items = page["items"]
    if not items:
        raise Forbidden()
    did = wanted if any(one["district_id"] == wanted for one in items) else items[0]["district_id"]
    here = [one for one in items if one["district_id"] == did]
    found = Reach(did, here[0]["district_name"], here)
    found.nodes = _nodes(visit, here)
    return found


def _nodes(visit: Visit, communities: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Each grant that watches names a node; those that lie below another one are left out."""
    paths = {g.path for g in visit.person.grants if g.role not in UNOFFICIAL | COMMITTEE}
    top = [p for p in sorted(paths) if not any(p != q and covers(q, p) for q in paths)]
    nodes: dict[str, tuple[str, str, str]] = {}
    for path in top:
        below = next((one for one in communities if covers(path, one["path"])), None)
        if below is None:
            continue
        depth = below["path"].count(".") - path.count(".")
        if depth == 0:
            nodes[path] = ("community", below["id"], below["name"])
        elif depth == 1:
            nodes[path] = ("town", below["town_id"], below["town_name"])
        else:
            nodes[path] = ("district", below["district_id"], below["district_name"])
    return list(nodes.values())


def days_of(first: date, last: date) -> dict[str, str]:
    """The first and the last day, as figures are asked for."""
    return {"from": first.isoformat(), "to": last.isoformat()}


async def span(visit: Visit) -> tuple[int, date, date]:
    """How many days figures are told of, the first and the last of them; on China's calendar."""
    asked = visit.query("days")
    days = int(asked) if asked in {str(one) for one in SPANS} else SPANS[0]
    today = await visit.today()
    return days, today - timedelta(days=days - 1), today
