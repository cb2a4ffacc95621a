"""Identity's operations about a community: joining, places and register, roles, figures."""

import base64

from services.contracts.actor import Actor, Role
from services.contracts.operations.identity.common import ADMINS
from services.contracts.operations.identity.doors import CALLERS
from tests.support.identity_world import ESTATE, HOME
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place, public, self_, thing

HERE = {"cid": "c-home"}
OWNERS_ROLL: Command = {"community_id": "c-home", "salt": "poll", "who": "owners"}
FILE = "姓名,楼栋,室号,身份,出生年份\n李四,1号楼,301,业主,1960\n"


def _join(h: House, _who: Actor) -> Command:
    return {
        "qr_token": h.world.qr(),
        "building": "1号楼",
        "unit": "1单元",
        "room": str(h.number()),
        "relation": "owner",
        "real_name": "王五",
        "id_number": h.id_number(),
        "consents": ["real_name", "address", "rules"],
    }


def _waiting(h: House, who: Actor) -> Command:
    waiting = h.ask(h.person(), "requestMembership", **_join(h, who))
    assert waiting["status"] == "pending"
    return {"id": waiting["id"], "decision": "approve"}


def _qr(h: House, _who: Actor) -> Command:
    return {"token": h.ask(h.secretary, "createQr", cid="c-home", estate=ESTATE)["token"]}


def _tenant(h: House, _who: Actor) -> Command:
    return {"id": h.settle(h.person(), relation="tenant")}


def _register(h: House, who: Actor) -> Command:
    return {
        **HERE,
        "display_name": "阿婆",
        "real_name": "王五",
        "id_number": h.id_number(),
        "estate": ESTATE,
        "building": "1号楼",
        "room": str(h.number()),
        "relation": "owner",
        "consent_means": "spoken",
        "consent_note": "上门同意",
    }


def _ticket(h: House) -> str:
    return str(h.ask(h.secretary, "drawElectorate", **OWNERS_ROLL)["ticket"])


def _doors(h: House) -> str:
    return str(h.ask(h.secretary, "openDoors", community_id="c-home")["ticket"])


def _entry(h: House, **known: str) -> str:
    return h.world.register("李四", str(h.number()), **known)


def _link(h: House, _who: Actor) -> Command:
    return {"id": h.settle(h.person()), "register_id": _entry(h)}


def _change(_h: House, who: Actor) -> Command:
    """The name is an administrator's to change, what is switched on the committee's."""
    if who.roles & ADMINS:
        return {**HERE, "name": "样例居民区"}
    return {**HERE, "modules": ["neighbours"]}


def _new_place(h: House, who: Actor) -> Command:
    name = f"新{h.number()}"
    if who.roles & ADMINS:
        return {
            "parent": "t",
            "kind": "community",
            "name": name,
            "code12": f"3101991{h.number():05d}",
            "community_kind": "urban",
        }
    return {"parent": "c-home", "kind": "estate", "name": name}


def _rename(h: House, who: Actor) -> Command:
    """What lies in a community is the committee's, the community itself an administrator's."""
    if who.roles & ADMINS:
        return {"id": "c-home", "name": f"样例居民区{h.number()}"}
    made = h.ask(h.secretary, "createPlace", **_new_place(h, h.secretary))
    return {"id": made["id"], "name": f"新{h.number()}"}


def _grant(h: House, _who: Actor) -> Command:
    return {"person_id": h.person().person_id, "role": Role.VOLUNTEER.value, "scope": HOME}


def _granted(h: House, who: Actor) -> Command:
    return {"id": h.ask(h.secretary, "grantRole", **_grant(h, who))["id"]}


def _import(_h: House, _who: Actor) -> Command:
    content = base64.b64encode(FILE.encode()).decode()
    return {**HERE, "dry_run": True, "filename": "名册.csv", "content": content}


ROWS: dict[str, Row] = {
    "resolveQr": public(lambda h, _who: {"token": h.world.qr()}),
    "requestMembership": self_(_join),
    "listMembershipRequests": place(lambda _h, _who: HERE),
    "countMembershipRequests": place(lambda _h, _who: HERE),
    "decideMembership": place(_waiting),
    "endMembership": thing(lambda h, who: {"id": h.settle(who)}),
    "extendMembership": place(_tenant),
    "listQr": place(lambda _h, _who: HERE),
    "createQr": place(lambda _h, _who: {**HERE, "estate": ESTATE}),
    "rotateQr": place(_qr),
    "revokeQr": place(_qr),
    "posterOf": place(_qr),
    "listCommunities": self_(),
    "getCommunityProfile": place(lambda _h, _who: HERE),
    "updateCommunity": place(_change),
    "listPlaces": place(lambda _h, _who: {"id": "c-home"}),
    "getPlace": place(lambda _h, _who: {"id": "c-home"}),
    "createPlace": place(_new_place),
    "buildPlaces": place(lambda _h, _who: {"id": ESTATE, "first": 90, "last": 92, "dry_run": True}),
    "updatePlace": place(_rename),
    "importRegisterFile": place(_import),
    "listRegister": place(lambda _h, _who: HERE),
    "revealRegisterEntry": place(lambda h, _who: {"id": _entry(h), "purpose": "上门核对"}),
    "linkRegister": place(_link),
    "identityFigures": place(lambda _h, _who: {"did": "d", "town": "t", "level": "community"}),
    "getMemberCard": self_(
        lambda h, _who: {"person_id": h.resident.person_id, "community_id": "c-home"}
    ),
    "householdOf": self_(lambda _h, _who: {"community_id": "c-home", "matter": "s"}),
    "getCommunity": public(lambda _h, _who: {"community_id": "c-home"}),
    "listRevocations": public(),
    "countReads": public(lambda _h, _who: {"telling": "t-1", "reads": []}),
    "openDoors": place(lambda _h, _who: {"community_id": "c-home"}, only=CALLERS),
    "pageDoors": public(lambda h, _who: {"ticket": _doors(h)}),
    "drawElectorate": place(lambda _h, _who: OWNERS_ROLL),
    "pageElectorate": public(lambda h, _who: {"ticket": _ticket(h)}),
    "dropElectorate": public(lambda h, _who: {"ticket": _ticket(h)}),
    "mySubjects": self_(lambda _h, _who: OWNERS_ROLL),
    "showSubjects": place(lambda _h, _who: {**OWNERS_ROLL, "name": "孙桂芳"}),
    "listCommunityRecords": self_(),
    "listMemberCards": self_(lambda _h, _who: {"community_id": "c-home"}),
    "grantRole": place(_grant),
    "revokeRole": place(_granted),
    "confirmPartyMembers": place(
        lambda h, _who: {"community_id": "c-home", "person_ids": [h.resident.person_id]}
    ),
    "listRoles": place(lambda _h, _who: {"scope": HOME}),
    "assistRegistration": place(_register),
}
