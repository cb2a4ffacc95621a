"""Comments and likes."""

from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty
from services.feed.entrypoints.parts import uploads
from services.feed.handlers import comments, likes
from services.kit.service import Call, JsonText, rpc


class CommentCalls:
    """Comments and likes."""

    @rpc
    def create_comment(self, call: Call, cmd: ops.CreateComment) -> JsonText:
        return comments.create_comment(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def list_comments(self, call: Call, cmd: ops.ListComments) -> JsonText:
        return comments.list_comments(call.uow, cmd, call.caller, call.now)

    @rpc
    def delete_comment(self, call: Call, cmd: ops.OfComment) -> Empty:
        return comments.delete_comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def pin_comment(self, call: Call, cmd: ops.OfComment) -> JsonText:
        return comments.pin_comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def unpin_comment(self, call: Call, cmd: ops.OfComment) -> JsonText:
        return comments.unpin_comment(call.uow, cmd, call.caller)

    @rpc
    def like(self, call: Call, cmd: ops.OfPost) -> ops.Likes:
        return likes.like(call.uow, cmd, call.caller, call.now)

    @rpc
    def unlike(self, call: Call, cmd: ops.OfPost) -> ops.Likes:
        return likes.unlike(call.uow, cmd, call.caller)

    @rpc
    def like_comment(self, call: Call, cmd: ops.OfComment) -> ops.Likes:
        return likes.like_comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def unlike_comment(self, call: Call, cmd: ops.OfComment) -> ops.Likes:
        return likes.unlike_comment(call.uow, cmd, call.caller)
