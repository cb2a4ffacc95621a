"""Open311 GeoReport v2: keys and consents, and what the gateway asks for."""

from services.contracts.events import PostRemoved
from services.contracts.operations.grid_bridge import open311 as ops
from services.grid_bridge import repository_open311
from services.grid_bridge.handlers import open311, open311_keys
from services.kit.service import Call, on, rpc


class Open311Calls:
    """Open311 GeoReport v2: keys and consents, and what the gateway asks for."""

    @rpc
    def create_open311_key(self, call: Call, cmd: ops.CreateOpen311Key) -> ops.NewOpen311Key:
        return open311_keys.create(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_open311_keys(self, call: Call, cmd: ops.ListOpen311Keys) -> ops.Open311Keys:
        return open311_keys.list_keys(call.uow, cmd, call.caller)

    @rpc
    def revoke_open311_key(self, call: Call, cmd: ops.RevokeOpen311Key) -> ops.Open311Key:
        return open311_keys.revoke(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_open311_publication(
        self, call: Call, cmd: ops.GetOpen311Publication
    ) -> ops.Open311Publication:
        return open311_keys.get_publication(call.uow, cmd, call.caller)

    @rpc
    def put_open311_publication(
        self, call: Call, cmd: ops.PutOpen311Publication
    ) -> ops.Open311Publication:
        return open311_keys.put_publication(call.uow, cmd, call.caller, call.now)

    @rpc
    def put_issue_publication(
        self, call: Call, cmd: ops.PutIssuePublication
    ) -> ops.Open311Publication:
        return open311_keys.put_consent(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_open311_services(
        self, call: Call, cmd: ops.ListOpen311Services
    ) -> ops.Open311Services:
        return open311.list_services(call.uow, cmd)

    @rpc
    def get_open311_service(self, call: Call, cmd: ops.GetOpen311Service) -> ops.Open311Definition:
        return open311.get_service(call.uow, cmd)

    @rpc
    def create_open311_request(
        self, call: Call, cmd: ops.CreateOpen311Request
    ) -> ops.Open311Receipt:
        return open311.create_request(call.uow, cmd, call.now)

    @rpc
    def get_open311_token(self, call: Call, cmd: ops.GetOpen311Token) -> ops.Open311Token:
        return open311.get_token(call.uow, cmd)

    @rpc
    def list_open311_requests(
        self, call: Call, cmd: ops.ListOpen311Requests
    ) -> ops.Open311Requests:
        return open311.list_requests(call.uow, cmd, call.now)

    @rpc
    def get_open311_request(self, call: Call, cmd: ops.GetOpen311Request) -> ops.Open311Requests:
        return open311.get_request(call.uow, cmd)

    @on(PostRemoved, queue="grid_bridge.removed_posts")
    def publish_no_more(self, call: Call, event: PostRemoved) -> None:
        repository_open311.remove(call.uow.session, event.post_id, call.now)
