"""Districts, as the copy of the territory knows them: by the communities that they have."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.contracts.errors import NotFound


class DistrictNotFound(NotFound):
    """There is no such district, or it is not the actor's to see."""

    code = "grid.district_not_found"
    zh, en = "没有找到这个区", "There is no such district"


@dataclass(frozen=True, slots=True)
class District:
    """A district (区) with its place in the tree; towns and communities are the levels beneath."""

    id: str
    path: str


_DISTRICT = text("SELECT path FROM directory_communities WHERE district_id = :district LIMIT 1")
_NODE = text(
    "SELECT path FROM directory_communities WHERE district_id = :district "
    "AND (town_id = :town OR id = :community) LIMIT 1"
)
_LIVES_IN = text(
    """
    SELECT EXISTS (
        SELECT FROM directory_cards AS card
        JOIN directory_communities AS here ON here.id = card.community_id
        WHERE card.person_id = :person
          AND (here.path = :path OR starts_with(here.path, :path || '.'))
          AND card.standing IN ('active', 'staff', 'child'))
    """
)
_OF_PATH = text(
    """
    SELECT district_id FROM directory_communities
    WHERE path COLLATE "C" = :path
       OR (path COLLATE "C" > :path || '.' AND path COLLATE "C" < :path || '/')
    ORDER BY path COLLATE "C" LIMIT 1
    """
)


def district(session: Session, district_id: str) -> District:
    """The district; :class:`DistrictNotFound` when none of its communities is known here."""
    path = session.scalar(_DISTRICT, {"district": district_id})
    if path is None:
        raise DistrictNotFound()
    return District(district_id, path.rsplit(".", 2)[0])


def node(
    session: Session, district_id: str, *, town: str | None = None, community: str | None = None
) -> str:
    """The path of a district, or of a town or community in it.

    Raises:
        DistrictNotFound: there is no such district, or it has no such town or community.
    """
    if town is None and community is None:
        return district(session, district_id).path
    asked = {"district": district_id, "town": town, "community": community}
    path: str | None = session.scalar(_NODE, asked)
    if path is None:
        raise DistrictNotFound()
    return path.rpartition(".")[0] if town else path


def lives_in(session: Session, person_id: str, path: str) -> bool:
    """Whether somebody belongs to one of a node's communities now."""
    return bool(session.scalar(_LIVES_IN, {"person": person_id, "path": path}))


def district_of_path(session: Session, path: str) -> str | None:
    """The id of the district in which a node, or what is beneath it, lies."""
    found: str | None = session.scalar(_OF_PATH, {"path": path})
    return found


_COMMUNITIES = text(
    """
    SELECT id, path, name, town_id, town_name, district_name FROM directory_communities
    WHERE district_id = :district ORDER BY path COLLATE "C"
    """
)


def communities(session: Session, district_id: str) -> list[Row[Any]]:
    """The communities of a district with their towns, in the order of the tree."""
    return list(session.execute(_COMMUNITIES, {"district": district_id}))
