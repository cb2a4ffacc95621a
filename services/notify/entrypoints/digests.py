"""Digests."""

from services.contracts.operations.base import Page
from services.contracts.operations.notify import digests as ops
from services.kit.service import Call, rpc
from services.notify import domain
from services.notify.handlers import digests


class DigestCalls:
    """What a person had not read, told together."""

    @rpc
    def list_digests(self, call: Call, cmd: ops.ListDigests) -> Page[ops.DigestSummary]:
        return digests.list_digests(call.uow, cmd, call.caller)

    @rpc
    def get_digest(self, call: Call, cmd: ops.GetDigest) -> ops.DigestPage:
        return digests.get_digest(call.uow, cmd, call.caller, domain.language_of(call.language))
