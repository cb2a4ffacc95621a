"""Whose district it is: who may read what its departments and administrators keep there."""

from services.contracts.actor import Actor, Role, covers
from services.grid_bridge import repository_districts as repository
from services.grid_bridge.repository_districts import District, DistrictNotFound
from services.kit.uow import UnitOfWork

ADMINS = frozenset({Role.DISTRICT_ADMIN})


def belonging(uow: UnitOfWork, actor: Actor, district_id: str) -> District:
    """The district, for everybody of it: by a grant above or within it, or by living there.

    Raises:
        DistrictNotFound: it does not exist or is not the actor's.
    """
    found = repository.district(uow.session, district_id)
    if not belongs(uow, actor, found.path):
        raise DistrictNotFound()
    return found


def belongs(uow: UnitOfWork, actor: Actor, path: str) -> bool:
    """Whether the actor is of a node: by a grant above or within it, or by living there."""
    return _touches(actor, path, frozenset(Role)) or (
        not actor.acted_by and repository.lives_in(uow.session, actor.person_id, path)
    )


def serving_in(uow: UnitOfWork, actor: Actor, district_id: str, roles: frozenset[Role]) -> District:
    """The district, for those who hold one of ``roles`` above or within it.

    Raises:
        DistrictNotFound: it does not exist or the actor serves elsewhere.
    """
    found = repository.district(uow.session, district_id)
    if not _touches(actor, found.path, roles):
        raise DistrictNotFound()
    return found


def administered(uow: UnitOfWork, actor: Actor, district_id: str) -> District:
    """The district, for its administrators.

    Raises:
        DistrictNotFound: there is none.
        Forbidden: the actor administers another.
    """
    found = repository.district(uow.session, district_id)
    actor.require(ADMINS, found.path)
    return found


def _touches(actor: Actor, path: str, roles: frozenset[Role]) -> bool:
    return any(
        covers(grant.path, path) or covers(path, grant.path)
        for grant in actor.grants
        if grant.role in roles
    )
