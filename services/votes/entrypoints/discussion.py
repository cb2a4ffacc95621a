"""Discussion, proposal, objections."""

from services.contracts.operations.base import Page
from services.contracts.operations.votes import discussion as ops
from services.contracts.operations.votes import objections as objecting
from services.contracts.operations.votes import proposals as drafting
from services.contracts.operations.votes.topics import Topic
from services.kit.service import Call, rpc
from services.votes.handlers import (
    discussion,
    discussion_views,
    moderation,
    objections,
    proposals,
)


class DiscussionCalls:
    """What neighbours say of a topic, and who leads them."""

    @rpc
    def discuss_topic(self, call: Call, cmd: ops.DiscussTopic) -> ops.Opinion:
        return discussion.discuss(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_opinions(self, call: Call, cmd: ops.ListOpinions) -> Page[ops.Opinion]:
        return discussion_views.list_opinions(call.uow, cmd, call.caller)

    @rpc
    def get_discussion(self, call: Call, cmd: ops.OfDiscussion) -> ops.Discussion:
        return discussion_views.get_discussion(call.uow, cmd, call.caller, call.now)

    @rpc
    def correct_opinion(self, call: Call, cmd: ops.CorrectOpinion) -> ops.Opinion:
        return discussion.correct(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_opinion(self, call: Call, cmd: ops.OfOpinion) -> ops.Opinion:
        return discussion.withdraw(call.uow, cmd, call.caller)

    @rpc
    def decide_opinion(self, call: Call, cmd: ops.DecideOpinion) -> ops.Opinion:
        return moderation.decide(call.uow, cmd, call.caller, call.now)

    @rpc
    def appeal_opinion(self, call: Call, cmd: ops.AppealOpinion) -> ops.Opinion:
        return moderation.appeal(call.uow, cmd, call.caller, call.now)

    @rpc
    def moderate_topic(self, call: Call, cmd: ops.ModerateTopic) -> ops.Opinion:
        return moderation.speak(call.uow, cmd, call.caller, call.now)

    @rpc
    def appoint_moderator(self, call: Call, cmd: ops.OfModerator) -> ops.Discussion:
        return moderation.appoint(call.uow, cmd, call.caller, call.now)

    @rpc
    def end_moderation(self, call: Call, cmd: ops.OfModerator) -> ops.Discussion:
        return moderation.end(call.uow, cmd, call.caller, call.now)


class ProposalCalls:
    """The text that is voted on."""

    @rpc
    def put_proposal(self, call: Call, cmd: drafting.PutProposal) -> Topic:
        return proposals.put(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_proposal_versions(
        self, call: Call, cmd: drafting.ListProposalVersions
    ) -> Page[drafting.ProposalSummary]:
        return proposals.list_versions(call.uow, cmd, call.caller)

    @rpc
    def get_proposal_version(
        self, call: Call, cmd: drafting.GetProposalVersion
    ) -> drafting.ProposalVersion:
        return proposals.get_version(call.uow, cmd, call.caller)

    @rpc
    def compare_proposal_versions(
        self, call: Call, cmd: drafting.CompareProposalVersions
    ) -> drafting.ProposalDifferences:
        return proposals.compare(call.uow, cmd, call.caller)


class ObjectionCalls:
    """Objections and their answers."""

    @rpc
    def object(self, call: Call, cmd: objecting.FileObjection) -> objecting.Objection:
        return objections.file(call.uow, cmd, call.caller)

    @rpc
    def list_objections(
        self, call: Call, cmd: objecting.ListObjections
    ) -> Page[objecting.Objection]:
        return objections.list_objections(call.uow, cmd, call.caller)

    @rpc
    def get_objection(self, call: Call, cmd: objecting.OfObjection) -> objecting.Objection:
        return objections.get_objection(call.uow, cmd, call.caller)

    @rpc
    def answer_objection(self, call: Call, cmd: objecting.AnswerObjection) -> objecting.Objection:
        return objections.answer(call.uow, cmd, call.caller, call.now)

    @rpc
    def reply_to_objection(
        self, call: Call, cmd: objecting.ReplyToObjection
    ) -> objecting.Objection:
        return objections.reply(call.uow, cmd, call.caller)

    @rpc
    def mark_objection(self, call: Call, cmd: objecting.MarkObjection) -> objecting.Objection:
        return objections.mark(call.uow, cmd, call.caller)

    @rpc
    def withdraw_objection(self, call: Call, cmd: objecting.OfObjection) -> objecting.Objection:
        return objections.withdraw(call.uow, cmd, call.caller)
