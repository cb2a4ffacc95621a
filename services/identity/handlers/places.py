"""The territory as others see it."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.identity import (
    CommunityKind,
    CommunityRecord,
    CommunityRef,
    CommunityView,
    GetCommunity,
    ListCommunities,
    Place,
)
from services.identity import repository
from services.identity.models import Territory
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork


def get_community(uow: UnitOfWork, cmd: GetCommunity) -> CommunityRecord:
    """A community for the copy that another service keeps."""
    found = repository.community(uow.session, cmd.community_id)
    return records(uow.session, [found])[0]


def list_communities(uow: UnitOfWork, cmd: ListCommunities, actor: Actor) -> Page[CommunityView]:
    """The communities that the actor lives in, works in or watches over, by path.

    Asks the tables, not the token: somebody approved a minute ago finds her community here. A
    helper finds those that her token names.
    """
    session = uow.session
    covered, lived_in = [], [grant.path for grant in actor.grants]
    if not actor.acted_by:
        covered = [g.path for g in repository.live_grants(session, actor.person_id)]
        lived_in = repository.member_paths(session, actor.person_id)
    exact = {p for path in covered for p in repository.ancestors_of(path)} | set(lived_in)
    query = select(Territory).where(
        Territory.kind == "community",
        Territory.closed_at.is_(None),
        or_(Territory.path.in_(exact), *(Territory.path.like(f"{_plain(p)}.%") for p in covered)),
    )
    if cmd.cursor:
        query = query.where(Territory.path > decode_cursor(cmd.cursor, 1)[0])
    rows = list(session.scalars(query.order_by(Territory.path).limit(cmd.limit + 1)))
    page = rows[: cmd.limit]
    return Page[CommunityView](
        items=[
            CommunityView(id=r.community_id, **r.model_dump(exclude={"community_id"}))
            for r in records(session, page)
        ],
        next_cursor=encode_cursor(page[-1].path) if len(rows) > cmd.limit else None,
    )


def records(session: Session, communities: Iterable[Territory]) -> list[CommunityRecord]:
    """Communities with their town and district, in two queries for any number."""
    wanted = list(communities)
    above = repository.nodes_at(
        session, {p for c in wanted for p in repository.ancestors_of(c.path)[:-1]}
    )
    return [_record(c, above) for c in wanted]


def _record(community: Territory, above: dict[str, Territory]) -> CommunityRecord:
    by_kind = {
        above[p].kind: above[p] for p in repository.ancestors_of(community.path)[:-1] if p in above
    }
    district, town = by_kind["district"], by_kind["town"]
    return CommunityRecord(
        community_id=community.id,
        path=community.path,
        name=community.name,
        kind=cast(CommunityKind, community.community_kind),
        code12=community.code12 or "",
        district_id=district.id,
        district_name=district.name,
        town_id=town.id,
        town_name=town.name,
        modules=list(community.modules),
    )


def community_ref(community: Territory) -> CommunityRef:
    """A community in short."""
    return CommunityRef(
        id=community.id,
        name=community.name,
        kind=cast(CommunityKind, community.community_kind),
    )


def place(node: Territory) -> Place:
    """A node in short."""
    return Place(id=node.id, name=node.name)


def _plain(path: str) -> str:
    return path.replace("\\", r"\\").replace("_", r"\_").replace("%", r"\%")
