"""Who may speak where: modules, offices, moderators."""

from collections.abc import Iterable
from typing import Final

from services.contracts.actor import COMMITTEE, SENSITIVE, Actor, Role, covers
from services.contracts.errors import FieldError, Forbidden, Invalid, RuleBroken
from services.feed.domain.modules import Module, Rule
from services.feed.domain.own_modules import Catalogue


class ModuleOff(RuleBroken):
    """The community does not have this module."""

    code = "feed.module_off"
    zh, en = "本社区没有开通这个栏目", "This community does not have this module"


class MayNotPost(Forbidden):
    """The module is for others to write in."""

    code = "feed.may_not_post"
    zh, en = "您不能在这个栏目发帖", "You may not post in this module"


class MayNotComment(Forbidden):
    """The module is not open for comments by this person."""

    code = "feed.may_not_comment"
    zh, en = "您不能在这个栏目评论", "You may not comment in this module"


# The offices that somebody may speak in, the first that fits; what they write is official.
OFFICES: Final[tuple[Role, ...]] = (
    Role.SECRETARY,
    Role.COMMITTEE_STAFF,
    Role.COMMUNITY_POLICE,
    Role.FAMILY_DOCTOR,
    Role.PROPERTY_MANAGER,
    Role.OWNERS_COMMITTEE,
)


def serves_in(actor: Actor, roles: Iterable[Role], path: str) -> bool:
    """Whether the actor holds one of ``roles`` for the community, above it, or in a part of it.

    A property manager's grant may name a single estate of the community at ``path``.
    """
    wanted = frozenset(roles)
    return any(
        g.role in wanted and (covers(g.path, path) or covers(path, g.path)) for g in actor.grants
    )


def office_of(actor: Actor, path: str) -> Role | None:
    """The first office that the actor holds in the community at ``path``, for a log."""
    return next((role for role in OFFICES if serves_in(actor, (role,), path)), None)


def office_in(module: Module, actor: Actor, path: str) -> Role | None:
    """The office in which the actor speaks in ``module`` of the community at ``path``, if any.

    The committee does everywhere, others where the module names them to write or to moderate;
    elsewhere who holds such an office is a neighbour like any other.
    """
    heard = COMMITTEE | module.post.roles | module.moderate
    return next(
        (role for role in OFFICES if role in heard and serves_in(actor, (role,), path)), None
    )


def allows(rule: Rule, actor: Actor, path: str) -> bool:
    """Whether ``rule`` lets a member of the community at ``path`` act."""
    return rule.members or serves_in(actor, rule.roles, path)


def shows_membership(rule: Rule, actor: Actor, path: str) -> bool:
    """Whether who acts by ``rule`` shows by it what she believes in, as nothing else lets her."""
    others = Rule(members=rule.members, roles=rule.roles - SENSITIVE)
    return allows(rule, actor, path) and not allows(others, actor, path)


def may_moderate(module: Module, actor: Actor, path: str) -> bool:
    """Whether the actor may pin, limit and remove posts of ``module``.

    The committee's grant must reach the whole community; the keeper of a corner may hold a part.
    """
    return actor.holds(COMMITTEE, path) or serves_in(actor, module.moderate - COMMITTEE, path)


def known_module(catalogue: Catalogue, key: str) -> Module:
    """The community's module called ``key``; :class:`Invalid` when it has none."""
    module = catalogue.by_key.get(key)
    if module is None:
        raise Invalid(errors=[FieldError("module", "没有这个栏目")])
    return module


def open_module(catalogue: Catalogue, kind: str, chosen: Iterable[str], key: str) -> Module:
    """The module called ``key`` of a community; :class:`ModuleOff` when it is switched off."""
    module = known_module(catalogue, key)
    if module not in catalogue.switched_on(kind, chosen):
        raise ModuleOff(errors=[FieldError("module", ModuleOff.zh)])
    return module
