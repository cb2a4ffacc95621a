"""What use-cases of things that posts carry begin with: the post, and who takes part."""

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.feed.domain import posts
from services.feed.handlers.common import readable
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork


def acted_on(uow: UnitOfWork, post_id: str, actor: Actor) -> tuple[PostHead, directory.Card]:
    """The head of a post that a member acts upon, and her card; what is not shown is left alone.

    Raises:
        PostNotFound: no such post, not hers to see, or not shown.
        NotAMember, ObserverReadOnly: she takes no part here.
    """
    head = readable(uow, post_id, actor)
    card = directory.require_member(uow, actor, head.community_id)
    if head.state != "shown":
        raise posts.PostNotFound()
    return head, card


def why_no_part(uow: UnitOfWork, actor: Actor, community_id: str) -> ShequError | None:
    """Why somebody who may read takes no part in a community; None: she does.

    Also because nobody can tell at the moment (identity is away): reading goes on.
    """
    try:
        directory.require_member(uow, actor, community_id)
    except ShequError as no:
        return no
    return None
