"""Covenants, breaches of them, and what became of decisions."""

from services.contracts.operations.base import Page
from services.contracts.operations.votes import breaches as breach_ops
from services.contracts.operations.votes import covenants as ops
from services.contracts.operations.votes import follow_ups as follow_up_ops
from services.kit.service import Call, rpc
from services.kit.uploads import Uploads
from services.votes.handlers import (
    breach_views,
    breaches,
    covenant_views,
    covenants,
    follow_ups,
)


class CovenantCalls:
    """Covenants, breaches of them, and what became of decisions."""

    @rpc
    def list_covenants(self, call: Call, cmd: ops.ListCovenants) -> Page[ops.CovenantSummary]:
        return covenant_views.list_covenants(call.uow, cmd, call.caller)

    @rpc
    def get_covenant(self, call: Call, cmd: ops.GetCovenant) -> ops.Covenant:
        return covenant_views.get_covenant(call.uow, cmd, call.caller)

    @rpc
    def list_covenant_versions(self, call: Call, cmd: ops.OfCovenant) -> ops.CovenantVersions:
        return covenant_views.list_versions(call.uow, cmd, call.caller)

    @rpc
    def compare_covenant_versions(
        self, call: Call, cmd: ops.CompareCovenantVersions
    ) -> ops.CovenantDifferences:
        return covenant_views.compare(call.uow, cmd, call.caller)

    @rpc
    def agree_to_covenant(self, call: Call, cmd: ops.AgreeToCovenant) -> ops.Agreement:
        return covenants.agree(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_agreement(self, call: Call, cmd: ops.OfCovenant) -> ops.Agreement:
        return covenants.withdraw(call.uow, cmd, call.caller)

    @rpc
    def keep_covenant(self, call: Call, cmd: ops.KeepCovenant) -> ops.Covenant:
        return covenants.keep(call.uow, cmd, call.caller, call.now)

    @rpc
    def report_breach(self, call: Call, cmd: breach_ops.ReportBreach) -> breach_ops.Breach:
        return breaches.report(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_breaches(
        self, call: Call, cmd: breach_ops.ListBreaches
    ) -> Page[breach_ops.BreachSummary]:
        return breach_views.list_breaches(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_breach(self, call: Call, cmd: breach_ops.OfBreach) -> breach_ops.Breach:
        return breach_views.get_breach(call.uow, cmd, call.caller, call.now)

    @rpc
    def reply_to_breach(self, call: Call, cmd: breach_ops.ReplyToBreach) -> breach_ops.Breach:
        return breaches.reply(call.uow, cmd, call.caller, call.now)

    @rpc
    def bring_into_breach(self, call: Call, cmd: breach_ops.BringIntoBreach) -> breach_ops.Breach:
        return breaches.bring_in(call.uow, cmd, call.caller, call.now)

    @rpc
    def show_breach_note(self, call: Call, cmd: breach_ops.ShowBreachNote) -> breach_ops.Breach:
        return breaches.show_note(call.uow, cmd, call.caller, call.now)

    @rpc
    def settle_breach(self, call: Call, cmd: breach_ops.SettleBreach) -> breach_ops.Breach:
        return breaches.settle(call.uow, cmd, call.caller, call.now)

    @rpc
    def add_follow_up(self, call: Call, cmd: follow_up_ops.AddFollowUp) -> follow_up_ops.FollowUp:
        return follow_ups.add(call.uow, cmd, call.caller, call.now)

    @rpc
    def update_follow_up(
        self, call: Call, cmd: follow_up_ops.UpdateFollowUp
    ) -> follow_up_ops.FollowUp:
        return follow_ups.update(call.uow, cmd, call.caller, Uploads(call.settings), call.now)

    @rpc
    def list_follow_ups(
        self, call: Call, cmd: follow_up_ops.ListFollowUps
    ) -> Page[follow_up_ops.FollowUp]:
        return follow_ups.list_follow_ups(call.uow, cmd, call.caller, call.now)
