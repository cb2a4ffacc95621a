"""What other services ask."""

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import Forbidden
from services.contracts.operations import feed as ops
from services.feed.handlers.common import readable
from services.feed.models import Post
from services.kit.uow import UnitOfWork


def get_thread_source(uow: UnitOfWork, cmd: ops.OfPost, actor: Actor) -> ops.ThreadSource:
    """A post for the committee's issue desk, author named; see ``ThreadSource``."""
    head = readable(uow, cmd.id, actor)
    if not actor.holds(COMMITTEE, head.path):
        raise Forbidden()
    post = uow.session.get_one(Post, head.id)
    return ops.ThreadSource(**{name: getattr(post, name) for name in ops.ThreadSource.model_fields})
