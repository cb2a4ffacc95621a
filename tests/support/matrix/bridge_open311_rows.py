"""Operations of Open311: keys and consents, and what anybody may ask."""

from services.contracts.actor import Actor, Role
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE, _issue
from tests.support.matrix.rows import Command, Row, place, public, thing

DISTRICT: Command = {"did": "d"}
JURISDICTION: Command = {"jurisdiction_id": "c-home"}


def _key(h: House) -> Command:
    admin = h.person((Role.DISTRICT_ADMIN, "d"))
    return h.ask(admin, "createOpen311Key", **DISTRICT, name=f"随手拍{h.number()}")


def _hers(h: House, who: Actor) -> Command:
    h.settle(who)
    return {**_issue(h, who), "words": True}


def _report(h: House) -> Command:
    said = {"service_code": "X9", "address_string": "3号楼", "description": f"垃圾{h.number()}"}
    return {**JURISDICTION, **said, "api_key": _key(h)["api_key"]}


OPEN311: dict[str, Row] = {
    "createOpen311Key": place(lambda h, _who: {**DISTRICT, "name": "随手拍"}),
    "listOpen311Keys": place(lambda _h, _who: DISTRICT),
    "revokeOpen311Key": place(lambda h, _who: {**DISTRICT, "id": _key(h)["id"]}),
    "getOpen311Publication": place(lambda _h, _who: HERE),
    "putOpen311Publication": place(lambda _h, _who: {**HERE, "words": True}),
    # an observer who was a resident before may take her consent back; she has reported nothing here
    "putIssuePublication": thing(_hers, only=frozenset(Role) - {Role.OBSERVER}),
    "listOpen311Services": public(lambda _h, _who: JURISDICTION),
    "getOpen311Service": public(lambda _h, _who: {**JURISDICTION, "service_code": "X9"}),
    "createOpen311Request": public(lambda h, _who: _report(h)),
    "getOpen311Token": public(lambda h, _who: {**JURISDICTION, "token": _issue(h)["id"]}),
    "listOpen311Requests": public(lambda _h, _who: JURISDICTION),
    "getOpen311Request": public(
        lambda h, _who: {**JURISDICTION, "service_request_id": _issue(h)["id"]}
    ),
}
