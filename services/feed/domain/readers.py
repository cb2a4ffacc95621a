"""Kinds of readers: who of a community is told the same of what is nobody's own.

What somebody may do in a module depends on her belonging and on those of her roles that some
module names; readers who have the same of both are of one kind, and read the same.
"""

from services.contracts.actor import COMMITTEE, UNOFFICIAL, Actor
from services.feed.domain.own_modules import Catalogue
from services.feed.domain.speaking import serves_in

MEMBER = "member"


def kind_of(catalogue: Catalogue, actor: Actor, path: str) -> str:
    """The kind of a reader who belongs to the community at ``path``.

    Empty for who is told more than her neighbours or may be (moderators, offices, observers), and
    for who reads in another's name: they are answered each by herself.
    """
    if actor.acted_by or not actor.roles <= UNOFFICIAL:
        return ""
    modules = catalogue.by_key.values()
    moderates = COMMITTEE.union(*(module.moderate for module in modules))
    if serves_in(actor, moderates, path):
        return ""
    named = frozenset[str]().union(*(m.post.roles | m.comment.roles for m in modules))
    held = sorted(role for role in actor.roles & named if serves_in(actor, (role,), path))
    return "+".join((MEMBER, *held))
