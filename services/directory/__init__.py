"""The copy of territory and member cards that every service keeps for itself.

Identity owns both and tells of every change (``community.changed``, ``community.closed``,
``member.card_changed``, ``person.deleted``). With its own copy a service answers without asking
identity, and goes on while identity is away. Four services need the same copy and the same three
questions — who is this to the community, may she read it, may she take part — so they stand here
once (ADR 0012), above contracts and kit and below the services.

The copy is a moment behind. Before somebody is refused, identity is asked: a resident who was
approved a second ago must not be told that she is a stranger.
"""

from services.directory.projection import project
from services.directory.queries import (
    Card,
    Community,
    NotAMember,
    card,
    cards,
    community,
    held_about,
    present,
    require_member,
    require_reader,
)

__all__ = [
    "Card",
    "Community",
    "NotAMember",
    "card",
    "cards",
    "community",
    "held_about",
    "present",
    "project",
    "require_member",
    "require_reader",
]
