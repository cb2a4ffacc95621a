"""One problem and many hands: referrals, supporters, merges, look-alikes."""

from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    AnswerReferral,
    ConsentToMerge,
    FindLookAlikes,
    Issue,
    ListReferrals,
    LookAlikes,
    MergeIssue,
    MeToo,
    OfIssue,
    OfReferral,
    ReferIssue,
    Referral,
    Support,
    WithdrawReferral,
)
from services.grid_bridge.entrypoints.parts import files
from services.grid_bridge.handlers import duplicates, merging, referring, supporting
from services.kit.service import Call, rpc


class HandlingCalls:
    """One problem and many hands: referrals, supporters, merges, look-alikes."""

    @rpc
    def refer_issue(self, call: Call, cmd: ReferIssue) -> Referral:
        return referring.refer(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def list_referrals(self, call: Call, cmd: ListReferrals) -> Page[Referral]:
        return referring.list_referrals(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_referral(self, call: Call, cmd: OfReferral) -> Referral:
        return referring.get_referral(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_referral(self, call: Call, cmd: AnswerReferral) -> Referral:
        return referring.answer(call.uow, cmd, call.caller, files(call), call.now)

    @rpc
    def withdraw_referral(self, call: Call, cmd: WithdrawReferral) -> Referral:
        return referring.withdraw(call.uow, cmd, call.caller, call.now)

    @rpc
    def me_too(self, call: Call, cmd: MeToo) -> Support:
        return supporting.me_too(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_me_too(self, call: Call, cmd: OfIssue) -> Support:
        return supporting.withdraw(call.uow, cmd, call.caller)

    @rpc
    def merge_issue(self, call: Call, cmd: MergeIssue) -> Issue:
        return merging.ask(call.uow, cmd, call.caller, call.now)

    @rpc
    def undo_merge(self, call: Call, cmd: OfIssue) -> Issue:
        return merging.undo(call.uow, cmd, call.caller, call.now)

    @rpc
    def consent_to_merge(self, call: Call, cmd: ConsentToMerge) -> Issue:
        return merging.consent(call.uow, cmd, call.caller, call.now)

    @rpc
    def find_duplicates(self, call: Call, cmd: OfIssue) -> LookAlikes:
        return duplicates.find(call.uow, cmd, call.caller, call.now)

    @rpc
    def find_look_alikes(self, call: Call, cmd: FindLookAlikes) -> LookAlikes:
        return duplicates.before_reporting(call.uow, cmd, call.caller, call.now)
