"""The hot ten: read, acted upon, asked for anew; and the reader's part, reckoning it."""

from services.contracts.operations.base import Empty
from services.contracts.operations.grid_bridge.hot_topics import (
    AddHotTopicAction,
    CommunityHotTopics,
    FinishHotTopicAction,
    GetHotTopic,
    GetHotTopicRun,
    HotTopicAction,
    HotTopicDetail,
    HotTopicList,
    HotTopicRun,
    HotTopics,
    RemoveHotTopicAction,
    StartHotTopicRun,
    TownHotTopics,
)
from services.grid_bridge.handlers import hot_runs, hot_topics
from services.kit.aside import aside
from services.kit.service import Call, rpc, timer


class HotTopicCalls:
    """The hot ten, and what is done about them."""

    @rpc
    def hot_topics(self, call: Call, cmd: HotTopics) -> HotTopicList:
        return hot_topics.of_district(call.uow, cmd, call.caller, call.now)

    @rpc
    def town_hot_topics(self, call: Call, cmd: TownHotTopics) -> HotTopicList:
        return hot_topics.of_town(call.uow, cmd, call.caller, call.now)

    @rpc
    def community_hot_topics(self, call: Call, cmd: CommunityHotTopics) -> HotTopicList:
        return hot_topics.of_community(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_hot_topic(self, call: Call, cmd: GetHotTopic) -> HotTopicDetail:
        return hot_topics.get(call.uow, cmd, call.caller, call.now)

    @rpc
    def add_hot_topic_action(self, call: Call, cmd: AddHotTopicAction) -> HotTopicAction:
        return hot_topics.add_action(call.uow, cmd, call.caller, call.now)

    @rpc
    def finish_hot_topic_action(self, call: Call, cmd: FinishHotTopicAction) -> HotTopicAction:
        return hot_topics.finish_action(call.uow, cmd, call.caller, call.now)

    @rpc
    def remove_hot_topic_action(self, call: Call, cmd: RemoveHotTopicAction) -> Empty:
        return hot_topics.remove_action(call.uow, cmd, call.caller, call.now)

    @rpc
    def start_hot_topic_run(self, call: Call, cmd: StartHotTopicRun) -> HotTopicRun:
        return hot_runs.start(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_hot_topic_run(self, call: Call, cmd: GetHotTopicRun) -> HotTopicRun:
        return hot_runs.get(call.uow, cmd, call.caller)


class HotTopicWork:
    """The reader's part: what the clock wants is asked for, what was asked for is reckoned."""

    @timer(every=60.0)
    def ask_for_hot_topics(self, call: Call) -> None:
        hot_runs.ask_by_clock(call.uow, call.now)

    @timer(every=5.0)
    def reckon_hot_topics(self, call: Call) -> int:
        return hot_runs.run_next(call.uow, aside, call.now)
