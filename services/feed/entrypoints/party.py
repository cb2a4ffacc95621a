"""The party garden: reporting, study, pledges."""

from services.contracts.operations.base import Empty
from services.contracts.operations.feed import OfCommunity, OfPost
from services.contracts.operations.feed import party as ops
from services.feed.entrypoints.parts import uploads
from services.feed.handlers import party, pledges
from services.kit.service import Call, JsonText, rpc


class PartyCalls:
    """The party garden: reporting, study, pledges."""

    @rpc
    def check_in_party(self, call: Call, cmd: ops.CheckInParty) -> JsonText:
        return party.check_in_party(call.uow, cmd, call.caller, call.now)

    @rpc
    def leave_party(self, call: Call, cmd: OfCommunity) -> Empty:
        return party.leave_party(call.uow, cmd, call.caller)

    @rpc
    def list_party_check_ins(self, call: Call, cmd: ops.ListOfGarden) -> JsonText:
        return party.list_party_check_ins(call.uow, cmd, call.caller)

    @rpc
    def complete_study(self, call: Call, cmd: ops.CompleteStudy) -> JsonText:
        return party.complete_study(call.uow, cmd, call.caller, call.now)

    @rpc
    def withdraw_completion(self, call: Call, cmd: OfPost) -> Empty:
        return party.withdraw_completion(call.uow, cmd, call.caller)

    @rpc
    def get_study_progress(self, call: Call, cmd: ops.ListOfItem) -> JsonText:
        return party.get_study_progress(call.uow, cmd, call.caller)

    @rpc
    def list_studies(self, call: Call, cmd: ops.ListOfGarden) -> JsonText:
        return party.list_studies(call.uow, cmd, call.caller)

    @rpc
    def name_keeper(self, call: Call, cmd: ops.OfKeeper) -> JsonText:
        return pledges.name_keeper(call.uow, cmd, call.caller, call.now)

    @rpc
    def remove_keeper(self, call: Call, cmd: ops.OfKeeper) -> JsonText:
        return pledges.remove_keeper(call.uow, cmd, call.caller)

    @rpc
    def list_pledges(self, call: Call, cmd: ops.ListPledges) -> JsonText:
        return pledges.list_pledges(call.uow, cmd, call.caller, call.now)

    @rpc
    def record_deed(self, call: Call, cmd: ops.RecordDeed) -> JsonText:
        return pledges.record_deed(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def list_deeds(self, call: Call, cmd: ops.ListOfItem) -> JsonText:
        return pledges.list_deeds(call.uow, cmd, call.caller, call.now)

    @rpc
    def witness_deed(self, call: Call, cmd: ops.WitnessDeed) -> JsonText:
        return pledges.witness_deed(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_witnesses(self, call: Call, cmd: ops.ListWitnesses) -> JsonText:
        return pledges.list_witnesses(call.uow, cmd, call.caller)
