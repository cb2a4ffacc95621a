"""Joining and leaving a community: QR codes, requests, decisions."""

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty, Page
from services.identity.entrypoints.parts import settings, vault
from services.identity.handlers import desk, joining, leaving, posters, qr
from services.kit.service import Call, rpc


class JoiningCalls:
    """Joining and leaving a community: QR codes, requests, decisions."""

    @rpc
    def resolve_qr(self, call: Call, cmd: op.ResolveQr) -> op.QrTarget:
        return qr.resolve_qr(call.uow, vault(call), cmd, call.now, call.actor)

    @rpc
    def request_membership(self, call: Call, cmd: op.RequestMembership) -> op.MembershipState:
        verifier = settings(call).verifier()
        return joining.request_membership(
            call.uow, vault(call), cmd, call.caller, call.now, verifier
        )

    @rpc
    def list_membership_requests(
        self, call: Call, cmd: op.ListMembershipRequests
    ) -> Page[op.MembershipRequest]:
        return desk.list_membership_requests(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def count_membership_requests(
        self, call: Call, cmd: op.CountMembershipRequests
    ) -> op.WaitingRequests:
        return desk.count_membership_requests(call.uow, cmd, call.caller)

    @rpc
    def decide_membership(self, call: Call, cmd: op.DecideMembership) -> op.MembershipState:
        return desk.decide_membership(call.uow, cmd, call.caller, call.now)

    @rpc
    def end_membership(self, call: Call, cmd: op.EndMembership) -> op.MembershipState:
        return leaving.end_membership(call.uow, cmd, call.caller, call.now)

    @rpc
    def extend_membership(self, call: Call, cmd: op.ExtendMembership) -> op.MembershipState:
        return leaving.extend_membership(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_qr(self, call: Call, cmd: op.ListQr) -> Page[op.QrView]:
        return qr.list_qr(call.uow, vault(call), cmd, call.caller, call.settings.public_url)

    @rpc
    def create_qr(self, call: Call, cmd: op.CreateQr) -> op.QrView:
        return qr.create_qr(
            call.uow, vault(call), cmd, call.caller, call.now, call.settings.public_url
        )

    @rpc
    def rotate_qr(self, call: Call, cmd: op.RotateQr) -> op.QrView:
        return qr.rotate_qr(
            call.uow, vault(call), cmd, call.caller, call.now, call.settings.public_url
        )

    @rpc
    def revoke_qr(self, call: Call, cmd: op.RevokeQr) -> Empty:
        return qr.revoke_qr(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def poster_of(self, call: Call, cmd: op.PosterOf) -> op.PosterContent:
        return posters.poster_of(
            call.uow, vault(call), cmd, call.caller, call.now, call.settings.public_url
        )
