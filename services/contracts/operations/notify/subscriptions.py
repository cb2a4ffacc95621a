"""Threads that somebody follows: because she takes part in them, or because she chose to."""

from typing import Literal

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
)


class OfSubscription(Command):
    """Concerning my following of one thread: ``id`` is the post's or the topic's.

    Whoever takes part follows by herself. Whoever leaves hears nothing of it until she takes part
    again by an act of her own (a comment, an opinion, an objection, a second); what others do there
    does not bring her back. Replies to her, mentions, and what she is asked to do reach her in any
    case.
    """

    id: Id


class ListSubscriptions(ListCommand):
    """What I follow, the newest thread first; ``thread`` asks about one alone."""

    thread: Id | None = None


class Subscription(View):
    """A thread that I follow.

    ``part`` is how I take part in it, null when I only chose to follow (``chosen``); ``why`` says
    it in words. ``title`` is null when the thread was removed. What I ``muted`` I follow, and hear
    nothing of.
    """

    id: str
    kind: Literal["post", "topic"]
    title: str | None
    community_id: str | None
    link: str
    part: Literal["wrote", "objected", "spoke", "seconded"] | None
    chosen: bool
    why: str
    muted: bool


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listSubscriptions", "GET /me/subscriptions", service="notify", who=PERSON,
        command=ListSubscriptions, result=Page[Subscription], summary="Threads that I follow",
        own=True,
    ),
    Operation(
        "followThread", "PUT /me/subscriptions/{id}", service="notify", who=NEIGHBOUR,
        command=OfSubscription, result=Subscription,
        summary="Follow a post or a topic of my community; whoever takes part follows by herself",
    ),
    Operation(
        "unfollowThread", "DELETE /me/subscriptions/{id}", service="notify", who=PERSON,
        command=OfSubscription, result=Empty,
        summary="Leave a thread, until I take part in it again", own=True,
    ),
)  # fmt: skip
