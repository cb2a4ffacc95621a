"""Events that one signs up for."""

from services.contracts.operations.feed import OfPost, Sheet
from services.contracts.operations.feed import sign_ups as ops
from services.feed.handlers import check_ins, sign_up_ends, sign_ups
from services.kit.service import Call, JsonText, rpc, timer


class SignUpCalls:
    """Events that one signs up for."""

    @rpc
    def put_sign_up_event(self, call: Call, cmd: ops.PutSignUpEvent) -> ops.SignUpEvent:
        return sign_ups.put_event(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_sign_up_event(self, call: Call, cmd: OfPost) -> ops.SignUpEvent:
        return sign_ups.get_event(call.uow, cmd, call.caller, call.now)

    @rpc
    def sign_up(self, call: Call, cmd: ops.PutSignUp) -> ops.SignUpEvent:
        return sign_ups.sign_up(call.uow, cmd, call.caller, call.now)

    @rpc
    def cancel_sign_up(self, call: Call, cmd: OfPost) -> ops.SignUpEvent:
        return sign_ups.cancel(call.uow, cmd, call.caller, call.now)

    @rpc
    def invite_to_sign_up(self, call: Call, cmd: ops.InviteToSignUp) -> ops.SignUpEvent:
        return sign_ups.invite(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_sign_up_code(self, call: Call, cmd: OfPost) -> ops.SignUpCode:
        return check_ins.get_code(call.uow, cmd, call.caller)

    @rpc
    def check_in(self, call: Call, cmd: ops.CheckIn) -> JsonText:
        return check_ins.check_in(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_sign_ups(self, call: Call, cmd: ops.ListSignUps) -> JsonText:
        return check_ins.list_sign_ups(call.uow, cmd, call.caller)

    @rpc
    def list_my_sign_ups(self, call: Call, cmd: ops.ListMySignUps) -> JsonText:  # noqa: ARG002
        return sign_ups.list_mine(call.uow, call.caller, call.now)

    @rpc
    def export_sign_ups(self, call: Call, cmd: ops.ExportSignUps) -> Sheet:
        return check_ins.export_sign_ups(call.uow, cmd, call.caller, call.language)

    @timer(every=15.0)
    def end_sign_ups(self, call: Call) -> int:
        return sign_up_ends.end_one_over(call.uow, call.now)
