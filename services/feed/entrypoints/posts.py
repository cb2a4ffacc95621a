"""Modules and posts."""

from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.feed import posts as post_ops
from services.feed.entrypoints.parts import uploads
from services.feed.handlers import between, history, posts, uncovering
from services.kit.service import Call, JsonText, rpc


class PostCalls:
    """Modules and posts."""

    @rpc
    def create_post(self, call: Call, cmd: ops.CreatePost) -> JsonText:
        return posts.create_post(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def list_posts(self, call: Call, cmd: ops.ListPosts) -> JsonText:
        return posts.list_posts(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_post(self, call: Call, cmd: ops.OfPost) -> JsonText:
        return posts.get_post(call.uow, cmd, call.caller, call.now)

    @rpc
    def update_post(self, call: Call, cmd: ops.UpdatePost) -> JsonText:
        return posts.update_post(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def list_post_versions(
        self, call: Call, cmd: post_ops.ListPostVersions
    ) -> Page[post_ops.PostVersion]:
        return history.list_post_versions(call.uow, cmd, call.caller)

    @rpc
    def uncover_author(self, call: Call, cmd: post_ops.UncoverAuthor) -> post_ops.UncoveredAuthor:
        return uncovering.uncover_author(call.uow, cmd, call.caller, call.now)

    @rpc
    def check_guide(self, call: Call, cmd: post_ops.CheckGuide) -> JsonText:
        return history.check_guide(call.uow, cmd, call.caller, call.now)

    @rpc
    def delete_post(self, call: Call, cmd: ops.OfPost) -> Empty:
        return posts.delete_post(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_thread_source(self, call: Call, cmd: ops.OfPost) -> ops.ThreadSource:
        return between.get_thread_source(call.uow, cmd, call.caller)
