"""Logging in: codes, sessions, second factor, WeChat; a phone changed or lost."""

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty, Page
from services.identity.entrypoints.parts import clock, sessions_desk, settings, vault
from services.identity.handlers import (
    login,
    phones,
    recoveries,
    revocations,
    sessions,
    totp,
    wechat,
)
from services.kit.service import Call, rpc


class LoginCalls:
    """Logging in: codes, sessions, second factor, WeChat; a phone changed or lost."""

    # -- logging in ------------------------------------------------------------------------------

    @rpc
    def request_code(self, call: Call, cmd: op.RequestCode) -> op.CodeSent:
        return login.request_code(call.uow, cmd, vault(call), clock(), demo=call.settings.demo)

    @rpc
    def create_token(self, call: Call, cmd: op.CreateToken) -> op.Tokens:
        return login.create_token(
            call.uow, cmd, vault(call), sessions_desk(call), demo=call.settings.demo
        )

    @rpc
    def refresh_token(self, call: Call, cmd: op.RefreshToken) -> op.Tokens:
        return sessions.refresh_token(call.uow, cmd, sessions_desk(call))

    @rpc
    def revoke_token(self, call: Call, cmd: op.RevokeToken) -> Empty:  # noqa: ARG002
        return sessions.revoke_token(call.uow, call.caller, clock())

    @rpc
    def list_revocations(
        self,
        call: Call,
        cmd: op.ListRevocations,  # noqa: ARG002
    ) -> op.Revocations:
        return revocations.list_revocations(call.uow)

    @rpc
    def enrol_totp(self, call: Call, cmd: op.EnrolTotp) -> op.TotpSecret:  # noqa: ARG002
        return totp.enrol_totp(call.uow, vault(call), call.caller, clock())

    @rpc
    def confirm_totp(self, call: Call, cmd: op.ConfirmTotp) -> op.RecoveryCodes:
        return totp.confirm_totp(call.uow, cmd, vault(call), call.caller, clock())

    @rpc
    def remove_totp(self, call: Call, cmd: op.RemoveTotp) -> Empty:
        return totp.remove_totp(call.uow, cmd, vault(call), call.caller, clock())

    @rpc
    def login_by_wechat(self, call: Call, cmd: op.LoginByWechat) -> op.WechatLogin:
        app = settings(call).wechat()
        return wechat.login_by_wechat(call.uow, cmd, vault(call), app, sessions_desk(call))

    @rpc
    def unbind_wechat(self, call: Call, cmd: op.UnbindWechat) -> Empty:  # noqa: ARG002
        return wechat.unbind_wechat(call.uow, call.caller)

    # -- a phone changed or lost -----------------------------------------------------------------

    @rpc
    def change_phone(self, call: Call, cmd: op.ChangePhone) -> Empty:
        return phones.change_phone(
            call.uow,
            cmd,
            vault(call),
            call.caller,
            clock(),
            call.now,
            demo=call.settings.demo,
        )

    @rpc
    def open_recovery(self, call: Call, cmd: op.OpenRecovery) -> op.Recovery:
        return recoveries.open_recovery(
            call.uow,
            cmd,
            vault(call),
            call.caller,
            clock(),
            call.now,
            demo=call.settings.demo,
        )

    @rpc
    def list_recoveries(self, call: Call, cmd: op.ListRecoveries) -> Page[op.Recovery]:
        return recoveries.list_recoveries(call.uow, cmd, vault(call), call.caller, call.now)

    @rpc
    def confirm_recovery(self, call: Call, cmd: op.ConfirmRecovery) -> op.Recovery:
        return recoveries.confirm_recovery(
            call.uow, cmd, vault(call), call.caller, clock(), call.now
        )

    @rpc
    def cancel_recovery(self, call: Call, cmd: op.CancelRecovery) -> Empty:
        return recoveries.cancel_recovery(call.uow, cmd, call.caller, call.now)
