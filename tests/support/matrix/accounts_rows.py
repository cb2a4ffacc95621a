"""Identity's operations about oneself: logging in, my page, my consents and copies, helpers."""

from datetime import date

import pyotp

from services.contracts.actor import Actor
from tests.support.identity_world import made_up_id
from tests.support.matrix.house import CODE, House
from tests.support.matrix.rows import Command, Row, place, public, self_, thing


def _refresh(h: House, _who: Actor) -> Command:
    tokens = h.ask(None, "createToken", phone=h.phone(), code=CODE)
    return {"refresh_token": tokens["refresh_token"]}


def _totp(h: House, who: Actor) -> Command:
    secret = h.ask(who, "enrolTotp")["secret"]
    return {"code": pyotp.TOTP(secret).now()}


def _recovery_code(h: House, who: Actor) -> Command:
    codes = h.ask(who, "confirmTotp", **_totp(h, who))["codes"]
    return {"code": codes[0]}


def _change_phone(h: House, _who: Actor) -> Command:
    return {"code": CODE, "new_phone": h.phone(), "new_code": CODE}


def _open_recovery(h: House, _who: Actor) -> Command:
    lost = h.neighbour().person_id
    return {
        "cid": "c-home",
        "person_id": lost,
        "new_phone": h.phone(),
        "new_code": CODE,
        "reason": "手机丢了",
    }


def _recovery(h: House, _who: Actor) -> Command:
    return {"id": h.ask(h.secretary, "openRecovery", **_open_recovery(h, _who))["id"]}


def _own_recovery(h: House, who: Actor) -> Command:
    """Nobody in office is recovered like that, so it was opened before she had one."""
    h.settle(who)
    command = {**_open_recovery(h, who), "person_id": who.person_id}
    with h.before_any_office(who):
        return {"id": h.ask(h.secretary, "openRecovery", **command)["id"]}


def _helper(h: House, _who: Actor) -> Command:
    return {"phone": h.phone(), "relationship": "女儿"}


def _assistance(h: House, who: Actor) -> Command:
    """The actor was named, and has acted."""
    made = {"assistance_id": _named(h, who)["assistance_id"]}
    h.ask(who, "createAssistedToken", **made)
    return {"id": made["assistance_id"]}


def _named(h: House, who: Actor) -> Command:
    """A neighbour has named the actor as helper."""
    phone = h.phone()
    index = h.vault.index("phone", f"+86{phone}")
    with h.units["identity"]() as uow:
        uow.session.connection().exec_driver_sql(
            "UPDATE persons SET phone_index = %s WHERE id = %s", (index, who.person_id)
        )
        uow.commit()
    named = h.ask(h.person(), "nameHelper", phone=phone, relationship="邻居")
    return {"assistance_id": named["id"]}


def _child(h: House, who: Actor) -> Command:
    home = h.settle(who)
    h.name(who)
    return {
        "membership_id": home,
        "display_name": "小明",
        "real_name": "张小明",
        "id_number": made_up_id(date(h.now.year - 8, 1, 1), h.number() % 900 + 2),
        "kinship": "parent",
        "consents": ["real_name", "address", "rules"],
    }


def _consent(h: House, who: Actor) -> Command:
    return {"id": h.ask(who, "giveConsent", purpose="grid_platform")["id"]}


def _correction(h: House, who: Actor) -> Command:
    h.settle(who)
    h.name(who)
    return {"field": "real_name", "value": "张三丰", "reason": "户口本上是张三丰"}


def _asked_correction(h: House, _who: Actor) -> Command:
    neighbour = h.person()
    made = h.ask(neighbour, "requestCorrection", **_correction(h, neighbour))
    return {"id": made["id"], "decision": "approve"}


def _filter(h: House, who: Actor) -> Command:
    kept = h.ask(who, "keepFilter", of="desk_issues", name=f"筛选{h.number()}", asked={"q": "灯"})
    return {"id": kept["id"]}


def _assessment(h: House, _who: Actor) -> Command:
    return {
        "did": "d",
        "title": "导入居民名册",
        "purpose": "核对住址",
        "data_kinds": ["姓名"],
        "risks": "泄露",
        "measures": "加密保存",
        "conclusion": "acceptable",
        "review_at": h.now.replace(year=h.now.year + 1, day=1).isoformat(),
    }


ROWS: dict[str, Row] = {
    "requestCode": public(lambda h, _who: {"phone": h.phone()}),
    "createToken": public(lambda h, _who: {"phone": h.phone(), "code": CODE}),
    "refreshToken": public(_refresh),
    "revokeToken": self_(),
    "enrolTotp": self_(),
    "confirmTotp": self_(_totp),
    "removeTotp": self_(_recovery_code),
    "loginByWechat": public(lambda _h, _who: {"code": "x"}, away=True),
    "unbindWechat": self_(),
    "changePhone": self_(_change_phone),
    "openRecovery": place(_open_recovery),
    "listRecoveries": place(lambda _h, _who: {"cid": "c-home"}),
    "confirmRecovery": place(_recovery),
    "cancelRecovery": thing(_own_recovery),
    "getMe": self_(),
    "updateMe": self_(lambda _h, _who: {"display_name": "新名字"}),
    "setPartyBadge": self_(lambda _h, _who: {"shown": False}),
    "nameHelper": self_(_helper),
    "registerChild": self_(_child),
    "listAssistances": self_(),
    "endAssistance": thing(_assistance),
    "createAssistedToken": thing(_named),
    "exportMyData": self_(),
    "exportPerson": self_(),
    "deleteMe": self_(lambda _h, _who: {"code": CODE}),
    "listMyAccessLog": self_(),
    "listMyConsents": self_(),
    "giveConsent": self_(lambda _h, _who: {"purpose": "grid_platform"}),
    "withdrawConsent": thing(_consent),
    "requestCorrection": self_(_correction),
    "listMyCorrections": self_(),
    "listCorrections": place(lambda _h, _who: {"cid": "c-home"}),
    "decideCorrection": place(_asked_correction),
    "recordAssessment": place(_assessment),
    "listAssessments": self_(),
    "listMyReads": self_(),
    "listCommunityReads": place(lambda _h, _who: {"cid": "c-home"}),
    "listKeptFilters": self_(),
    "keepFilter": self_(lambda _h, _who: {"of": "desk_issues", "name": "超时", "asked": {}}),
    "dropFilter": thing(_filter),
    "listObserverReads": place(lambda _h, _who: {"did": "d"}),
    "reporterForGrid": self_(lambda h, _who: {"person_id": h.resident.person_id}),
}
