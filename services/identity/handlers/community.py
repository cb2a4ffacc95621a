"""A community's sheet: its place, its figures, what its register holds."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.contracts.actor import COMMITTEE, Actor, covers
from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.identity import (
    BuildingOfEstate,
    CommunityProfile,
    CommunityView,
    Electorate,
    GetCommunityProfile,
    UpdateCommunity,
)
from services.contracts.operations.identity.common import ADMINS
from services.identity import register_rows, repository
from services.identity.handlers import places, territory
from services.identity.handlers.joining import CHINA
from services.identity.models import CommunityFigures, Territory
from services.kit.uow import UnitOfWork

_STATED = ("households", "residents", "adults", "owners", "floor_area", "as_of", "source")


def get_community_profile(
    uow: UnitOfWork, cmd: GetCommunityProfile, actor: Actor
) -> CommunityProfile:
    """The sheet, for those who live there, work there or watch over it.

    Raises:
        CommunityNotFound: there is none, or it is not the actor's to see.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    around = [g.path for g in repository.live_grants(session, actor.person_id)]
    near = any(covers(p, community.path) or covers(community.path, p) for p in around)
    if not near and community.path not in repository.member_paths(session, actor.person_id):
        raise repository.CommunityNotFound()
    return profile(session, community)


def update_community(
    uow: UnitOfWork, cmd: UpdateCommunity, actor: Actor, now: datetime
) -> CommunityProfile:
    """Change what is given: the name by an administrator, modules and figures by the committee.

    Raises:
        CommunityNotFound: there is none.
        Forbidden: one of the changes is not the actor's to make; then none is made.
        PlaceNameInvalid, PlaceNameTaken: it cannot be called that.
    """
    session = uow.session
    community = repository.community(session, cmd.cid)
    if cmd.name is not None:
        actor.require(ADMINS, community.path)
    if cmd.name is None or cmd.modules is not None or cmd.electorate is not None:
        actor.require(COMMITTEE, community.path)
    if cmd.electorate is not None:
        _state(session, community, cmd.electorate, actor, now)
    if cmd.modules is not None:
        _switch(uow, community, cmd.modules)
    if cmd.name is not None:
        territory.rename(uow, community, cmd.name, now)
    session.flush()
    return profile(session, community)


def profile(session: Session, community: Territory) -> CommunityProfile:
    """The sheet of a community."""
    record = places.records(session, [community])[0]
    stated = session.get(CommunityFigures, community.id, populate_existing=True)
    figures = {name: getattr(stated, name) for name in _STATED} if stated else {}
    persons, households = register_rows.count_live(session, community.id)
    estates = repository.children(session, [community.id], "estate")
    buildings = repository.children(session, [one.id for one in estates], "building")
    return CommunityProfile(
        community=CommunityView(
            id=record.community_id, **record.model_dump(exclude={"community_id"})
        ),
        electorate=Electorate(**figures),
        register_persons=persons,
        register_households=households,
        estates=[places.place(one) for one in estates],
        buildings=[
            BuildingOfEstate(id=one.id, name=one.name, estate=one.parent_id or "")
            for one in buildings
        ],
    )


def _switch(uow: UnitOfWork, community: Territory, modules: list[str]) -> None:
    if len(set(modules)) != len(modules):
        raise Invalid(errors=[FieldError("modules", "有重复的栏目")])
    if modules != list(community.modules):
        community.modules = modules
        uow.session.flush()
        territory.tell_communities(uow, [community])


def _state(
    session: Session, community: Territory, figures: Electorate, actor: Actor, now: datetime
) -> None:
    today = now.astimezone(CHINA).date()
    wrong = []
    if figures.as_of is not None and figures.as_of > today:
        wrong.append(FieldError("electorate.as_of", "不能晚于今天"))
    residents, adults = figures.residents, figures.adults
    if residents is not None and adults is not None and adults > residents:
        wrong.append(FieldError("electorate.adults", "不能多于居民总数"))
    if wrong:
        raise Invalid(errors=wrong)
    values = {
        **{name: getattr(figures, name) for name in _STATED},
        "changed_at": now,
        "changed_by": actor.person_id,
    }
    session.execute(
        insert(CommunityFigures)
        .values(community_id=community.id, **values)
        .on_conflict_do_update(index_elements=["community_id"], set_=values)
    )
