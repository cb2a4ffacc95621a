"""Topics, and the settings of their chain."""

from services.contracts.operations.base import Page
from services.contracts.operations.votes import chain
from services.contracts.operations.votes import topics as ops
from services.kit.service import Call, rpc
from services.votes.handlers import advancing, chain_settings, screening, seconding, topics


class TopicCalls:
    """From a neighbour's question to what is put to the vote."""

    @rpc
    def raise_topic(self, call: Call, cmd: ops.RaiseTopic) -> ops.Topic:
        return topics.raise_topic(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_topics(self, call: Call, cmd: ops.ListTopics) -> ops.TopicPage:
        return topics.list_topics(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_topic(self, call: Call, cmd: ops.OfTopic) -> ops.Topic:
        return topics.get_topic(call.uow, cmd, call.caller, call.now)

    @rpc
    def amend_topic(self, call: Call, cmd: ops.AmendTopic) -> ops.Topic:
        return topics.amend(call.uow, cmd, call.caller, call.now)

    @rpc
    def second_topic(self, call: Call, cmd: ops.OfTopic) -> ops.Seconding:
        return seconding.second(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_second(self, call: Call, cmd: ops.OfTopic) -> ops.Seconding:
        return seconding.withdraw(call.uow, cmd, call.caller, call.now)

    @rpc
    def screen_topic(self, call: Call, cmd: ops.ScreenTopic) -> ops.Topic:
        return screening.screen(call.uow, cmd, call.caller, call.now)

    @rpc
    def advance_topic(self, call: Call, cmd: ops.AdvanceTopic) -> ops.Topic:
        return advancing.advance(call.uow, cmd, call.caller, call.now)

    @rpc
    def hand_topic(self, call: Call, cmd: ops.HandTopic) -> ops.Topic:
        return topics.hand_over(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_screening_board(self, call: Call, cmd: ops.ListScreeningBoard) -> Page[ops.BoardTask]:
        return screening.board(call.uow, cmd, call.caller, call.now)

    @rpc
    def find_alike_topics(self, call: Call, cmd: ops.OfTopic) -> ops.AlikeThings:
        return screening.alike(call.uow, cmd, call.caller)

    @rpc
    def get_chain_settings(self, call: Call, cmd: chain.OfChain) -> chain.ChainVersion:
        return chain_settings.get_settings(call.uow, cmd, call.caller)

    @rpc
    def put_chain_settings(self, call: Call, cmd: chain.PutChainSettings) -> chain.ChainVersion:
        return chain_settings.put_settings(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_chain_versions(
        self, call: Call, cmd: chain.ListChainVersions
    ) -> Page[chain.ChainVersion]:
        return chain_settings.list_versions(call.uow, cmd, call.caller)
