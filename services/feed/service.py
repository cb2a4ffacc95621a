"""Feed: what neighbours share.

Its entrypoints stand in :mod:`services.feed.entrypoints`, a class for each of their families.
"""

from typing import Any, cast

from sqlalchemy import Engine

from services import directory
from services.contracts.events import Envelope, Event
from services.contracts.events.grid_bridge import IssueEvent
from services.contracts.topology import ISSUE_STORY, ORDER_STEERING, TERRITORY, TOPIC_STORY
from services.feed import copies, threads, topic_threads
from services.feed.entrypoints.aid import AidCalls
from services.feed.entrypoints.comments import CommentCalls
from services.feed.entrypoints.ledgers import LedgerCalls
from services.feed.entrypoints.moderation import ModerationCalls
from services.feed.entrypoints.modules import ModuleCalls
from services.feed.entrypoints.party import PartyCalls
from services.feed.entrypoints.posts import PostCalls
from services.feed.entrypoints.projects import ProjectCalls
from services.feed.entrypoints.sign_ups import SignUpCalls
from services.feed.entrypoints.suggestions import SuggestionCalls
from services.feed.handlers import leaving, readers
from services.feed.lexicon import WORDS
from services.feed.settings import Settings
from services.feed.topic_threads import TopicEvent
from services.kit.service import Call, Service, on
from services.kit.settings import ServiceSettings


class FeedService(
    LedgerCalls,
    AidCalls,
    ModuleCalls,
    PostCalls,
    CommentCalls,
    ModerationCalls,
    ProjectCalls,
    PartyCalls,
    SignUpCalls,
    SuggestionCalls,
    Service,
):
    """Modules, posts, comments, likes, and the story of each issue."""

    name = "feed"
    looks_at_uploads = True

    @classmethod
    def connecting(cls, engine: Engine, settings: ServiceSettings) -> None:  # noqa: ARG003
        """The operator's words are looked for from the first call on."""
        WORDS.follow(cast(Settings, settings).lexicon_file)

    def personal_data(self, call: Call) -> dict[str, Any]:
        return copies.held_about(call.uow, call.caller.person_id)

    @on(*TERRITORY, queue="feed.territory", latest=True)
    def keep_directory(self, call: Call, event: Event) -> None:
        directory.project(call.uow, event)
        leaving.follow(call.uow, event, call.now)
        readers.follow(call.uow, event)

    @on(*ISSUE_STORY, *ORDER_STEERING, queue="feed.issue_threads")
    def tell_issue_story(self, call: Call, event: IssueEvent) -> None:
        envelope = cast(Envelope, call.envelope)
        threads.tell_issue_story(call.uow, event, envelope.event_id, envelope.time)

    @on(*TOPIC_STORY, queue="feed.topic_threads")
    def tell_topic_story(self, call: Call, event: TopicEvent) -> None:
        envelope = cast(Envelope, call.envelope)
        topic_threads.tell_topic_story(call.uow, event, envelope.event_id, envelope.time)
