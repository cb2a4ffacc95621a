"""Asking the copy: what a community is, who somebody is there, who may read or take part."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.contracts.actor import GUESTS, Actor, covers
from services.contracts.errors import Forbidden, NotFound, ObserverReadOnly, ShequError
from services.kit import copies
from services.kit.prepared import prepared
from services.kit.uow import UnitOfWork

PRESENT = frozenset({"active", "staff", "child"})
UNKNOWN = (403, 404)  # identity's answers that mean: not there, or not to be known


class CommunityNotFound(NotFound):
    """There is no such community, or it is not the actor's to see."""

    code = "identity.community_not_found"
    zh, en = "没有找到这个社区", "There is no such community"


class NotAMember(Forbidden):
    """Only verified members of the community may do this."""

    code = "identity.not_a_member"
    zh, en = "只有本社区认证居民才能操作", "Only verified members of this community may do this"


@dataclass(frozen=True, slots=True)
class Community:
    """A community (居村) with its place in the territory."""

    id: str
    path: str
    name: str
    kind: str
    code12: str
    district_id: str
    district_name: str
    town_id: str
    town_name: str
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """How somebody appears to one community; see ``MemberCardChanged``."""

    person_id: str
    community_id: str
    path: str
    standing: str
    display_name: str
    building_label: str = ""
    badge_shown: bool = False
    role_badges: tuple[str, ...] = ()
    residence: str = "local"
    home: str = ""

    @property
    def present(self) -> bool:
        """Whether the person belongs here now, as a resident or as staff."""
        return self.standing in PRESENT


_COMMUNITY = "id, path, name, kind, code12, district_id, district_name, town_id, town_name, modules"
_CARD = (
    "person_id, community_id, path, standing, display_name, building_label, badge_shown, "
    "role_badges, residence, home"
)


def community(uow: UnitOfWork, community_id: str) -> Community:
    """The community, from the copy or, when it has not arrived yet, from identity.

    What only reads asks for it once: all of it is in one snapshot.

    Raises:
        CommunityNotFound: there is none.
    """
    if not uow.read_only:
        return _community(uow, community_id)
    kept: dict[str, Community] = uow.session.info.setdefault("directory.communities", {})
    if community_id not in kept:
        kept[community_id] = _community(uow, community_id)
    return kept[community_id]


def _community(uow: UnitOfWork, community_id: str) -> Community:
    row = uow.session.execute(
        prepared(f"SELECT {_COMMUNITY} FROM directory_communities WHERE id = :id"),  # noqa: S608
        {"id": community_id},
    ).first()
    if row is not None:
        return Community(**{**row._mapping, "modules": tuple(row.modules)})
    try:
        told = uow.ask("identity", "get_community", community_id=community_id)
    except ShequError as error:
        if error.status in UNKNOWN:
            raise CommunityNotFound() from None
        raise  # identity is away: nobody knows
    return Community(
        id=told["community_id"],
        modules=tuple(told.get("modules") or ()),
        **{name: told[name] for name in Community.__slots__ if name not in ("id", "modules")},
    )


def card(uow: UnitOfWork, person_id: str, community_id: str) -> Card | None:
    """Somebody's card in a community, as the copy has it."""
    return cards(uow, [person_id], community_id).get(person_id)


def cards(uow: UnitOfWork, person_ids: Iterable[str], community_id: str) -> dict[str, Card]:
    """Several people's cards in one query, by person."""
    wanted = sorted(set(person_ids))
    if not wanted:
        return {}
    rows = uow.session.execute(
        prepared(
            f"SELECT {_CARD} FROM directory_cards "  # noqa: S608
            "WHERE community_id = :community AND person_id = ANY(:people)"
        ),
        {"community": community_id, "people": wanted},
    )
    return {
        row.person_id: Card(**{**row._mapping, "role_badges": tuple(row.role_badges)})
        for row in rows
    }


def held_about(uow: UnitOfWork, person_id: str) -> copies.Section:
    """What the copy holds about somebody, for her copy of her data: her cards."""
    return copies.section(
        uow.session,
        f"SELECT {_CARD} FROM directory_cards "  # noqa: S608
        "WHERE person_id = :person ORDER BY community_id",
        person=person_id,
    )


def require_member(uow: UnitOfWork, actor: Actor, community_id: str) -> Card:
    """The actor's card, when she belongs to the community now.

    A helper's token names the homes that she may act for; belonging elsewhere is not enough.

    Raises:
        ObserverReadOnly: observers take no part, anywhere.
        NotAMember: she does not belong here; identity was asked before saying so.
    """
    if actor.is_observer:
        raise ObserverReadOnly()
    if actor.acted_by and not _named(actor, community(uow, community_id)):
        raise NotAMember()
    found = present(uow, actor.person_id, community_id)
    if found is None:
        raise NotAMember()
    return found


def present(uow: UnitOfWork, person_id: str, community_id: str) -> Card | None:
    """The card of somebody who belongs to the community now; identity was asked before None."""
    found = card(uow, person_id, community_id)
    if found is None or not found.present:
        found = _ask_identity(uow, person_id, community_id)
    return found if found is not None and found.present else None


def require_reader(uow: UnitOfWork, actor: Actor, community_id: str) -> Community:
    """The community, when the actor may read it: by a grant that covers it, or by belonging.

    A guest's grant opens nothing: what she was invited to, the service knows that invited her.
    Belonging does not count in assisted mode: a helper reads where her token says.

    Raises:
        CommunityNotFound: it does not exist or is not hers to see.
    """
    found = community(uow, community_id)
    if _named(actor, found):
        return found
    if actor.acted_by:
        raise CommunityNotFound()
    if present(uow, actor.person_id, community_id) is None:
        raise CommunityNotFound()
    return found


def _named(actor: Actor, community: Community) -> bool:
    """Whether the actor's token reaches the community."""
    return any(
        grant.role not in GUESTS and covers(grant.path, community.path) for grant in actor.grants
    )


def _ask_identity(uow: UnitOfWork, person_id: str, community_id: str) -> Card | None:
    try:
        told: dict[str, Any] | None = uow.ask(
            "identity",
            "get_member_card",
            person_id=person_id,
            community_id=community_id,
        )
    except ShequError as error:
        if error.status in UNKNOWN:
            return None
        raise
    if not told or not told.get("person_id"):
        return None
    return Card(
        role_badges=tuple(told.get("role_badges") or ()),
        **{
            name: told[name]
            for name in ("person_id", "community_id", "path", "standing", "display_name")
        },
        building_label=told.get("building_label") or "",
        badge_shown=bool(told.get("badge_shown")),
        residence=told.get("residence") or "local",
        home=told.get("home") or "",
    )
