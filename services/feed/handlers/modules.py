"""The modules of a community: listed, read by their editors, changed, given up."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import ModuleChanged
from services.contracts.operations.base import Empty
from services.contracts.operations.feed import modules as ops
from services.contracts.operations.feed.common import OfCommunity
from services.directory import Community
from services.feed.domain import definitions, own_modules, speaking
from services.feed.domain.modules import BY_KEY, Module
from services.feed.handlers import readers
from services.feed.handlers.common import catalogue
from services.feed.models import CommunityModule
from services.feed.repository import modules as repository
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def list_modules(uow: UnitOfWork, cmd: OfCommunity, actor: Actor, now: datetime) -> JsonText:
    """The modules of a community, with what the actor may do in each."""
    community = directory.require_reader(uow, actor, cmd.cid)
    card = directory.card(uow, actor.person_id, cmd.cid)
    member = card is not None and card.present and not (actor.is_observer or actor.acted_by)
    here = catalogue(uow, cmd.cid)
    modules = ops.Modules(
        items=[
            ops.Module(
                **_settings(module),
                key=module.key,
                own=module.key in here.own,
                may_post=member and speaking.allows(module.post, actor, community.path),
                may_comment=member and speaking.allows(module.comment, actor, community.path),
                shows_membership=member
                and speaking.shows_membership(module.post, actor, community.path),
                may_moderate=member and speaking.may_moderate(module, actor, community.path),
            )
            for module in here.switched_on(community.kind, community.modules)
        ]
    )
    return readers.said(uow, modules.model_dump_json(), actor, community, (), now)


def get_module(uow: UnitOfWork, cmd: ops.OfModule, actor: Actor) -> ops.ModuleDefinition:
    """How a module works here.

    Raises:
        ModuleNotFound: neither built in nor the community's own.
    """
    community = _edited(uow, cmd, actor)
    row = repository.module_row(uow.session, community.id, cmd.key)
    if row is None and cmd.key not in BY_KEY:
        raise own_modules.ModuleNotFound()
    return _alone(uow, community, cmd.key, row)


def list_module_definitions(
    uow: UnitOfWork, cmd: OfCommunity, actor: Actor
) -> ops.ModuleDefinitions:
    """How every module works here: those that are on in their order, then those that are off."""
    community = _edited(uow, cmd, actor)
    here = catalogue(uow, community.id)
    on = [module.key for module in here.switched_on(community.kind, community.modules)]
    rows = repository.module_rows(uow.session, community.id)
    posts = repository.posts_by_module(uow.session, community.id)
    return ops.ModuleDefinitions(
        items=[
            _definition(uow, community, key, rows.get(key), on=key in on, posts=posts.get(key, 0))
            for key in [*on, *(key for key in here.by_key if key not in on)]
        ],
        writers=sorted(definitions.SPEAKERS),
        moderators=sorted(definitions.KEEPERS),
        most_own=own_modules.MOST_OWN,
    )


def put_module(
    uow: UnitOfWork, cmd: ops.PutModule, actor: Actor, now: datetime
) -> ops.ModuleDefinition:
    """Say how a module works here; what the command does not name is as built in, or as usual.

    Raises:
        ModuleChangedMeanwhile: it has another version than the one that was read.
        TooManyModules: the community has added enough.
        Invalid: a setting is not right; it is named.
    """
    community = _edited(uow, cmd, actor)
    repository.lock_modules(uow.session, community.id)
    row = repository.module_row(uow.session, community.id, cmd.key)
    if cmd.version != (row.version if row else 0):
        raise own_modules.ModuleChangedMeanwhile()
    own = cmd.key not in BY_KEY
    here = catalogue(uow, community.id)
    if own and row is None and len(here.own) >= own_modules.MOST_OWN:
        raise own_modules.TooManyModules()
    beneath = own_modules.blank(cmd.key) if own else BY_KEY[cmd.key]
    said = definitions.cleaned(
        cmd.model_dump(
            mode="json", exclude_none=True, exclude={"cid", "key", "version", "switched_on"}
        )
    )
    definitions.check(said, beneath, own=own, now=here.by_key.get(cmd.key))
    if not own:
        definitions.check_switch(cmd.switched_on, on=_is_on(uow, community, cmd.key))
    if row is None:
        row = CommunityModule(community_id=community.id, key=cmd.key, version=0)
        uow.session.add(row)
    row.path = community.path
    row.definition = definitions.difference(beneath, said)
    row.switched_on = cmd.switched_on is not False
    row.version += 1
    row.changed_by, row.changed_at = actor.person_id, now
    _tell(uow, community, cmd.key)
    return _alone(uow, community, cmd.key, row)


def delete_module(uow: UnitOfWork, cmd: ops.DeleteModule, actor: Actor) -> Empty:
    """Give up a module of the community's own; its posts stay readable, nobody adds to them.

    Raises:
        BuiltIn: it can be switched off.
        ModuleNotFound: there is none.
        ModuleChangedMeanwhile: it has another version than the one that was read.
    """
    community = _edited(uow, cmd, actor)
    if cmd.key in BY_KEY:
        raise own_modules.BuiltIn()
    repository.lock_modules(uow.session, community.id)
    row = repository.module_row(uow.session, community.id, cmd.key)
    if row is None:
        raise own_modules.ModuleNotFound()
    if row.version != cmd.version:
        raise own_modules.ModuleChangedMeanwhile()
    uow.session.delete(row)
    _tell(uow, community, cmd.key)
    return Empty()


def _edited(uow: UnitOfWork, cmd: OfCommunity, actor: Actor) -> Community:
    community = directory.require_reader(uow, actor, cmd.cid)
    actor.require(ops.EDITORS, community.path)
    return community


def _tell(uow: UnitOfWork, community: Community, key: str) -> None:
    uow.session.flush()
    uow.session.info.pop("feed.catalogues", None)
    uow.emit(ModuleChanged(community_id=community.id, path=community.path, key=key))


def _is_on(uow: UnitOfWork, community: Community, key: str) -> bool:
    here = catalogue(uow, community.id)
    return any(m.key == key for m in here.switched_on(community.kind, community.modules))


def _alone(
    uow: UnitOfWork, community: Community, key: str, row: CommunityModule | None
) -> ops.ModuleDefinition:
    posts = repository.posts_by_module(uow.session, community.id, key).get(key, 0)
    return _definition(uow, community, key, row, on=_is_on(uow, community, key), posts=posts)


def _definition(
    uow: UnitOfWork,
    community: Community,
    key: str,
    row: CommunityModule | None,
    *,
    on: bool,
    posts: int,
) -> ops.ModuleDefinition:
    module = catalogue(uow, community.id).of(key)
    said = definitions.said(module)
    return ops.ModuleDefinition(
        **_settings(module),
        key=key,
        own=key not in BY_KEY,
        switched_on=on,
        version=row.version if row else 0,
        changed_at=row.changed_at if row else None,
        changed=sorted(row.definition) if row else [],
        post=said["post"],
        comment=said["comment"],
        moderate=said["moderate"],
        posts=posts,
    )


def _settings(module: Module) -> dict[str, object]:
    """What a module says of itself to everybody."""
    said = definitions.said(module)
    names = ("name", "name_en", "official", "order", "moderation", "works", "fields")
    return {name: said[name] for name in names}
