"""A bridge that speaks Open311: keys, reports, and the public list; each method a transaction."""

from typing import Any

from services.contracts.actor import Actor
from services.contracts.operations.grid_bridge import open311 as ops
from services.grid_bridge.handlers import open311, open311_keys
from tests.support.bridge import ADMIN, SHANGYUAN, SHI, SUN, Bridge

REPORT = {
    "jurisdiction_id": SHANGYUAN,
    "service_code": "X9",
    "lat": "31.45213",
    "long": "121.43127",
    "address_string": "尚园3号楼502室门口",
    "description": "楼下堆了建筑垃圾，联系 13812345678",
}


class Counter(Bridge):
    """One bridge, as the city's apps and its committees use it."""

    def key(self, by: Actor = ADMIN, **more: Any) -> ops.NewOpen311Key:
        """A new key of the district."""
        cmd = ops.CreateOpen311Key(**{"did": "demo", "name": "随手拍", **more})
        return self._write(open311_keys.create, cmd, by)

    def revoke(self, key_id: str) -> ops.Open311Key:
        """Take a key back."""
        cmd = ops.RevokeOpen311Key(did="demo", id=key_id)
        return self._write(open311_keys.revoke, cmd, ADMIN)

    def send(self, api_key: str, **changes: Any) -> str:
        """Send a report in; its request id."""
        cmd = ops.CreateOpen311Request(**{**REPORT, "api_key": api_key, **changes})
        with self.units() as uow:
            receipt = open311.create_request(uow, cmd, self.now)
            uow.commit()
        return receipt.service_request_id

    def services(self, **query: Any) -> dict[str, ops.Open311Service]:
        """What can be reported, by code."""
        with self.units(read_only=True) as uow:
            found = open311.list_services(uow, ops.ListOpen311Services(**query))
        return {one.service_code: one for one in found.items}

    def definition(self, code: str, **query: Any) -> dict[str, ops.Open311Attribute]:
        """The attributes of a service, by code."""
        with self.units(read_only=True) as uow:
            cmd = ops.GetOpen311Service(service_code=code, **query)
            found = open311.get_service(uow, cmd)
        return {one.code: one for one in found.attributes}

    def requests(self, **query: Any) -> list[ops.Open311Request]:
        """The public list."""
        with self.units(read_only=True) as uow:
            return open311.list_requests(uow, ops.ListOpen311Requests(**query), self.now).items

    def request(self, request_id: str, **query: Any) -> ops.Open311Request:
        """One request."""
        cmd = ops.GetOpen311Request(service_request_id=request_id, **query)
        with self.units(read_only=True) as uow:
            (found,) = open311.get_request(uow, cmd).items
        return found

    def agree(self, issue_id: str, words: bool = True, by: Actor = SUN) -> None:
        """The reporter's own consent."""
        self._write(open311_keys.put_consent, ops.PutIssuePublication(id=issue_id, words=words), by)

    def let_words(self, words: bool = True, by: Actor = SHI) -> None:
        """The committee's decision for what is nobody's."""
        cmd = ops.PutOpen311Publication(cid=SHANGYUAN, words=words)
        self._write(open311_keys.put_publication, cmd, by)
