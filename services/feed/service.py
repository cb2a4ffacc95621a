"""Entrypoints of feed."""

from typing import Any, cast

from services import directory
from services.contracts.events import Envelope, Event
from services.contracts.events.grid_bridge import IssueEvent
from services.contracts.operations import feed as ops
from services.contracts.operations.base import Empty
from services.contracts.topology import ISSUE_STORY, TERRITORY
from services.feed import copies, handlers, threads
from services.kit.blobs import BlobStore
from services.kit.service import Call, JsonText, Service, on, rpc


class FeedService(Service):
    """What neighbours share: modules, posts, comments, likes, and the story of each issue."""

    name = "feed"

    @rpc
    def list_modules(self, call: Call, cmd: ops.OfCommunity) -> ops.Modules:
        return handlers.list_modules(call.uow, cmd, call.caller)

    @rpc
    def create_post(self, call: Call, cmd: ops.CreatePost) -> JsonText:
        return handlers.create_post(call.uow, cmd, call.caller, call.now, BlobStore(call.settings))

    @rpc
    def list_posts(self, call: Call, cmd: ops.ListPosts) -> JsonText:
        return handlers.list_posts(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_post(self, call: Call, cmd: ops.OfPost) -> JsonText:
        return handlers.get_post(call.uow, cmd, call.caller)

    @rpc
    def update_post(self, call: Call, cmd: ops.UpdatePost) -> JsonText:
        return handlers.update_post(call.uow, cmd, call.caller, call.now, BlobStore(call.settings))

    @rpc
    def delete_post(self, call: Call, cmd: ops.OfPost) -> Empty:
        return handlers.delete_post(call.uow, cmd, call.caller, call.now)

    @rpc
    def create_comment(self, call: Call, cmd: ops.CreateComment) -> JsonText:
        return handlers.create_comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_comments(self, call: Call, cmd: ops.ListComments) -> JsonText:
        return handlers.list_comments(call.uow, cmd, call.caller)

    @rpc
    def like(self, call: Call, cmd: ops.OfPost) -> ops.Likes:
        return handlers.like(call.uow, cmd, call.caller, call.now)

    @rpc
    def unlike(self, call: Call, cmd: ops.OfPost) -> ops.Likes:
        return handlers.unlike(call.uow, cmd, call.caller)

    @rpc
    def get_thread_source(self, call: Call, cmd: ops.OfPost) -> ops.ThreadSource:
        return handlers.get_thread_source(call.uow, cmd, call.caller)

    def personal_data(self, call: Call) -> dict[str, Any]:
        return copies.held_about(call.uow, call.caller.person_id)

    @on(*TERRITORY, queue="feed.territory", latest=True)
    def keep_directory(self, call: Call, event: Event) -> None:
        directory.project(call.uow, event)

    @on(*ISSUE_STORY, queue="feed.issue_threads")
    def tell_issue_story(self, call: Call, event: IssueEvent) -> None:
        envelope = cast(Envelope, call.envelope)
        threads.tell_issue_story(call.uow, event, envelope.event_id, envelope.time)
