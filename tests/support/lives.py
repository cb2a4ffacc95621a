"""What people live through with identity over HTTP, one step each, and what marks their traces.

A person is made up anew each time, with signs that stand in no text of the demo: whatever of hers
is found somewhere was written there because of her.
"""

import csv
import io
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg2
import pyotp
from sqlalchemy.engine import make_url

from deploy.client import Client
from deploy.demo import newcomer
from deploy.demo.people import CODE
from services.contracts import demo
from services.contracts.operations.identity import (
    Assisted,
    AssistedToken,
    BuildingView,
    ImportReport,
    MembershipState,
    RecoveryCodes,
    Tokens,
    TotpSecret,
)
from services.contracts.operations.identity import Recovery as RecoveryView
from tests.support.platform import Platform

RARE = "彧璟翀曦琬钰珩霁昉祎"  # together in no text of the demo
HEADING = ("小区", "楼栋", "单元", "室号", "姓名", "出生年份", "身份", "证件号码")


def rare(count: int) -> str:
    """So many rare signs."""
    return "".join(secrets.choice(RARE) for _ in range(count))


def key() -> str:
    """An Idempotency-Key: with one, the answer is kept for repeats, where it may be."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Somebody:
    """A person as she would tell the system about herself."""

    display_name: str
    phone: str
    real_name: str
    id_number: str
    room: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may find anywhere in clear but where she lives."""
        return self.phone, self.real_name, self.id_number, self.room

    @property
    def birth_year(self) -> int:
        """As her ID number has it."""
        return int(self.id_number[6:10])


def somebody() -> Somebody:
    """Somebody new."""
    made = newcomer.make()
    return Somebody(f"标记{rare(6)}", made.phone, f"欧阳{rare(4)}", made.id_number, f"室{rare(5)}")


@dataclass(frozen=True)
class House:
    """A building of 尚园 and the code that hangs at its door."""

    token: str
    estate: str
    building: BuildingView

    @property
    def unit(self) -> str:
        """The first unit's name."""
        return self.building.units[0].name


def a_house(platform: Platform, api: Client) -> House:
    """The third building behind the first code of 尚园."""
    token = next(qr["token"] for qr in platform.demo["qr"] if qr["community_id"] == demo.SHANGYUAN)
    target = api.resolve_qr(token)
    return House(token, target.estate.name, target.buildings[2])


# -- the account -------------------------------------------------------------------------------


def log_in(api: Client, who: Somebody, **more: str) -> Client:
    """Her client, with a name that the neighbours see."""
    api.request_code(who.phone)
    told = {"phone": who.phone, "code": CODE, **more}
    me = api.speaking_as(Tokens.model_validate(api.send("POST", "/auth/tokens", json=told).json()))
    me.send("PATCH", "/me", json={"display_name": who.display_name}, key=key())
    return me


def join(
    me: Client, house: House, who: Somebody, relation: str = "tenant", **over: Any
) -> MembershipState:
    """She asks to join."""
    told = {
        "qr_token": house.token,
        "building": house.building.id,
        "unit": house.unit,
        "room": who.room,
        "relation": relation,
        "real_name": who.real_name,
        "id_number": who.id_number,
        "consents": ["real_name", "address", "rules"],
        **over,
    }
    return me.post(MembershipState, "/memberships", told, key=key())


def use_second_factor(me: Client) -> tuple[str, list[str]]:
    """She enrols an authenticator: its secret, and the codes for when it is lost."""
    secret = me.post(TotpSecret, "/me/totp", {}, key=key()).secret
    digits = {"code": pyotp.TOTP(secret).now()}
    return secret, me.post(RecoveryCodes, "/me/totp/confirmation", digits, key=key()).codes


def change_phone(me: Client, new_phone: str) -> None:
    """With the codes of both phones."""
    me.request_code(new_phone)
    told = {"code": CODE, "new_phone": new_phone, "new_code": CODE}
    me.send("PUT", "/me/phone", json=told, key=key())


def lose_phone(staff: Client, person_id: str, new_phone: str) -> RecoveryView:
    """One of the staff says that she has lost it; the new one shows its code at the desk."""
    told = {"person_id": person_id, "new_phone": new_phone, "new_code": CODE, "reason": "手机丢失"}
    path = f"/communities/{demo.SHANGYUAN}/phone-recoveries"
    return staff.post(RecoveryView, path, told, key=key())


def let_a_day_pass(platform: Platform, recovery: RecoveryView) -> None:
    """The 24 hours of this recovery are over; the clock of everybody else stands where it was."""
    statement = "UPDATE phone_recoveries SET effective_at = now() WHERE id = %s AND state = %s"
    with connected(platform, "identity") as connection, connection.cursor() as cursor:
        cursor.execute(statement, (recovery.id, "waiting"))
        assert cursor.rowcount == 1


def connected(platform: Platform, service: str) -> Any:
    """A connection to a service's database; as a context, one transaction."""
    url = make_url(platform.database_url(service))
    return psycopg2.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
    )


# -- the register and the desk -------------------------------------------------------------------


def register_file(house: House, people: Iterable[Somebody]) -> bytes:
    """The committee's spreadsheet, as CSV: everybody lives in ``house``."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADING)
    for one in people:
        home = (house.estate, house.building.name, house.unit, one.room)
        writer.writerow((*home, one.real_name, one.birth_year, "业主", one.id_number))
    return out.getvalue().encode()


def import_register(staff: Client, file: bytes, *, dry_run: bool = False) -> ImportReport:
    """The committee uploads the register of 尚园."""
    answer = staff.send(
        "POST",
        f"/communities/{demo.SHANGYUAN}/register:import",
        params={"dry_run": "true"} if dry_run else None,
        files={"file": ("register.csv", file, "text/csv")},
        key=key(),
    )
    return ImportReport.model_validate(answer.json())


def register_for(staff: Client, house: House, who: Somebody, **more: str) -> Assisted:
    """Staff register somebody on her behalf."""
    told = {
        "display_name": who.display_name,
        "real_name": who.real_name,
        "id_number": who.id_number,
        "estate": house.estate,
        "building": house.building.name,
        "unit": house.unit,
        "room": who.room,
        "relation": "tenant",
        "consent_means": "spoken",
        "consent_note": "在居委会当面口头同意",
        **more,
    }
    path = f"/communities/{demo.SHANGYUAN}/assisted-registrations"
    return staff.post(Assisted, path, told, key=key())


def acting(helper: Client, assistance_id: str) -> Client:
    """The helper's client in the name of whom she helps."""
    told = {"assistance_id": assistance_id}
    got = helper.post(AssistedToken, "/auth/assisted-tokens", told, key=key())
    pair = Tokens(
        access_token=got.access_token,
        refresh_token="",
        expires_in=got.expires_in,
        person=got.person,
    )
    return helper.speaking_as(pair)
