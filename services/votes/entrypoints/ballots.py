"""Ballots, the bulletin, receipts."""

from services.contracts.operations.votes import ledger as ledger_ops
from services.contracts.operations.votes import polls as ops
from services.kit.chassis import Chassis
from services.kit.service import Call, JsonText, rpc
from services.votes.handlers import bulletin, casting, exports


class BallotCalls:
    """Ballots, the bulletin, receipts."""

    chassis: Chassis

    @rpc
    def cast_ballot(self, call: Call, cmd: ops.CastBallot) -> ops.Receipt:
        return casting.cast_one(call.uow, cmd, call.caller, call.settings.public_url)

    @rpc
    def cast_ballots(self, call: Call, cmd: ops.CastBallots) -> ops.BallotAnswers:
        verify, url = self.chassis.verifier.verify, call.settings.public_url
        return casting.cast(call.uow, cmd, verify, call.actor, url)

    @rpc
    def get_bulletin(self, call: Call, cmd: ledger_ops.GetBulletin) -> ledger_ops.Bulletin:
        return bulletin.get_bulletin(call.uow, cmd, call.now)

    @rpc
    def check_receipt(self, call: Call, cmd: ledger_ops.CheckReceipt) -> ledger_ops.ReceiptFound:
        return bulletin.check_receipt(call.uow, cmd)

    @rpc
    def export_poll(self, call: Call, cmd: ops.OfPoll) -> JsonText:
        return exports.whole(call.uow, cmd.id, "public", None, call.now)

    @rpc
    def audit_poll(self, call: Call, cmd: ops.OfPoll) -> JsonText:
        return exports.whole(call.uow, cmd.id, "auditor", call.caller, call.now)

    @rpc
    def export_poll_part(self, call: Call, cmd: ledger_ops.ExportPart) -> ledger_ops.ExportPiece:
        return exports.part(call.uow, cmd, call.actor, call.now)
