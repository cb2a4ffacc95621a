"""Polls and their results."""

from services.contracts.operations.base import Page
from services.contracts.operations.documents import Document
from services.contracts.operations.votes import polls as ops
from services.contracts.operations.votes import results as results_ops
from services.kit.service import Call, rpc
from services.votes.handlers import poll_views, polls, publicity, results


class PollCalls:
    """Polls, what comes of them, and the publicity of it."""

    @rpc
    def list_polls(self, call: Call, cmd: ops.ListPolls) -> Page[ops.Poll]:
        return poll_views.list_polls(call.uow, cmd, call.caller, call.now, call.language)

    @rpc
    def get_poll(self, call: Call, cmd: ops.OfPoll) -> ops.Poll:
        return poll_views.get_poll(call.uow, cmd, call.caller, call.now, call.language)

    @rpc
    def void_poll(self, call: Call, cmd: ops.VoidPoll) -> ops.Poll:
        row = polls.void(call.uow, cmd, call.caller, call.now)
        return poll_views.of(call.uow, row, call.caller, call.now, call.language)

    @rpc
    def get_result(self, call: Call, cmd: ops.OfPoll) -> results_ops.Result:
        return results.get_result(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_certificate(self, call: Call, cmd: results_ops.GetCertificate) -> Document:
        return results.get_certificate(call.uow, cmd, call.caller, call.settings.public_url)

    @rpc
    def sign_off_result(self, call: Call, cmd: results_ops.SignOff) -> results_ops.Result:
        row = publicity.sign_off(call.uow, cmd, call.caller, call.now)
        return results.shown(call.uow, row, call.now)

    @rpc
    def record_filing(self, call: Call, cmd: results_ops.RecordFiling) -> results_ops.Result:
        row = publicity.file(call.uow, cmd, call.caller, call.now)
        return results.shown(call.uow, row, call.now)

    @rpc
    def annul_result(self, call: Call, cmd: results_ops.AnnulResult) -> results_ops.Result:
        row = publicity.annul(call.uow, cmd, call.caller, call.now)
        return results.shown(call.uow, row, call.now)

    @rpc
    def list_publicity(
        self, call: Call, cmd: results_ops.ListPublicity
    ) -> Page[results_ops.Publicity]:
        return results.list_publicity(call.uow, cmd, call.caller)
