"""The modules of a community."""

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations import feed as ops
from services.feed.domain import modules, speaking
from services.kit.uow import UnitOfWork


def list_modules(uow: UnitOfWork, cmd: ops.OfCommunity, actor: Actor) -> ops.Modules:
    """The modules of a community, with what the actor may do in each."""
    community = directory.require_reader(uow, actor, cmd.cid)
    card = directory.card(uow, actor.person_id, cmd.cid)
    member = card is not None and card.present and not (actor.is_observer or actor.acted_by)
    return ops.Modules(
        items=[
            _module_view(module, actor, community.path, member)
            for module in modules.switched_on(community.kind, community.modules)
        ]
    )


def _module_view(module: modules.Module, actor: Actor, path: str, member: bool) -> ops.Module:
    return ops.Module(
        key=module.key,
        name=module.name,
        name_en=module.name_en,
        official=module.official,
        order=module.order,
        fields=[
            ops.ExtraField(
                key=field.key,
                kind=field.kind,
                name=field.name,
                name_en=field.name_en,
                choices=[
                    ops.Choice(key=c.key, name=c.name, name_en=c.name_en) for c in field.choices
                ],
            )
            for field in module.extra
        ],
        may_post=member and speaking.allows(module.post, actor, path),
        may_comment=member and speaking.allows(module.comment, actor, path),
        may_moderate=member and speaking.may_moderate(module, actor, path),
    )
