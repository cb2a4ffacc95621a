"""A small district for identity's tests: two communities, a short register, people as needed."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, date, datetime, timedelta
from typing import Any

from joserfc.jwk import KeySet, OKPKey
from sqlalchemy import event, insert, select, text

from services.contracts.actor import Actor, Grant, Role
from services.contracts.ids import new_id
from services.contracts.operations import identity as op
from services.identity import register_rows
from services.identity.crypto import Vault
from services.identity.domain import id_number, names
from services.identity.domain.messages import Message
from services.identity.handlers import joining, login
from services.identity.handlers.joining import match_index
from services.identity.handlers.sessions import Desk
from services.identity.models import (
    GrantRow,
    Membership,
    PersonRow,
    QrToken,
    RegisterPerson,
    Territory,
)
from services.identity.qr_tokens import token_for
from services.identity.tokens import TokenIssuer
from services.kit.uow import UnitOfWork, UnitOfWorkFactory
from tests.support.on_database import OnDatabase, empty

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOME, OTHER = "d.t.home", "d.t.other"
C_HOME, C_OTHER, ESTATE, OTHER_ESTATE = "c-home", "c-other", "e-1", "e-2"
TREE = (
    ("d", "district", None, "d", "样例区"),
    ("t", "town", "d", "d.t", "样例镇"),
    (C_HOME, "community", "t", HOME, "样例居民区"),
    (C_OTHER, "community", "t", OTHER, "隔壁村"),
    (ESTATE, "estate", C_HOME, f"{HOME}.e1", "样例苑"),
    (OTHER_ESTATE, "estate", C_OTHER, f"{OTHER}.e2", "隔壁苑"),
    ("b-1", "building", ESTATE, f"{HOME}.e1.b1", "1号楼"),
    ("b-2", "building", ESTATE, f"{HOME}.e1.b2", "2号楼"),
    ("b-9", "building", OTHER_ESTATE, f"{OTHER}.e2.b9", "9号楼"),
    ("u-1", "unit", "b-1", f"{HOME}.e1.b1.u1", "1单元"),
    ("u-2", "unit", "b-1", f"{HOME}.e1.b1.u2", "2单元"),
)
QR = {ESTATE: new_id(1), OTHER_ESTATE: new_id(2)}


def random_vault() -> Vault:
    """A vault with fresh keys."""
    return Vault("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32))


def vault_file_content(vault: Vault) -> str:
    """The vault as the file that settings name."""
    return json.dumps(
        {
            "active": vault.active,
            "keys": {kid: base64.b64encode(key).decode() for kid, key in vault.keys.items()},
            "index_key": base64.b64encode(vault.index_key).decode(),
        }
    )


def made_up_id(birth: date = date(1949, 10, 1), sequence: int = 2) -> str:
    """A valid ID number that nobody has."""
    first17 = f"310199{birth:%Y%m%d}{sequence:03d}"
    return first17 + id_number.check_digit(first17)


class World(OnDatabase):
    """The district in one database, and short ways to act in it.

    ``now`` is the business time of the handlers, ``clock`` the real time of codes and sessions;
    both stand still until a test moves them.
    """

    def __init__(self, units: UnitOfWorkFactory, vault: Vault | None = None) -> None:
        self.units = units
        self.engine = units.engine
        self.vault = vault or random_vault()
        self.issuer = TokenIssuer(KeySet([OKPKey.generate_key("Ed25519", {"kid": "k"})]))
        self.now = self.clock = NOW
        self.staff_totp = False
        empty(units)
        with units() as uow:
            uow.session.execute(insert(Territory), [_node(i, *n) for i, n in enumerate(TREE)])
            uow.session.execute(
                insert(QrToken),
                [
                    {
                        "id": qr_id,
                        "community_id": C_HOME if estate == ESTATE else C_OTHER,
                        "estate_id": estate,
                        "created_at": NOW,
                    }
                    for estate, qr_id in QR.items()
                ],
            )
            uow.commit()

    # -- acting --------------------------------------------------------------------------------

    def do(self, handler: Callable[..., Any], *args: Any, read: bool = False, **kwargs: Any) -> Any:
        """Run a handler in a transaction of its own, as the kit would."""
        with self.units(read_only=read) as uow:
            result = handler(uow, *args, **kwargs)
            if not read:
                uow.commit()
            return result

    def statements(self, act: Callable[[], Any]) -> list[str]:
        """The SQL that ``act`` runs, without its values."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(self.units.engine, "before_cursor_execute", note)
        try:
            act()
        finally:
            event.remove(self.units.engine, "before_cursor_execute", note)
        return seen

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of the events of a type in the outbox, in order."""
        rows = self.rows("SELECT body FROM kit_outbox WHERE type = :t ORDER BY id", t=kind)
        return [json.loads(row.body) for row in rows]

    def later(self, **time: float) -> None:
        """Let time pass, on both clocks."""
        self.now += timedelta(**time)
        self.clock += timedelta(**time)

    # -- people --------------------------------------------------------------------------------

    def person(self, phone: str = "", *roles: tuple[Role, str]) -> Actor:
        """A person with an account, with these roles in the table and in the token."""
        phone = phone or f"139{secrets.randbelow(10**8):08d}"
        person_id = new_id()
        e164 = names.phone(phone)
        with self.units() as uow:
            uow.session.add(
                PersonRow(
                    id=person_id,
                    phone_sealed=self.vault.seal(e164, purpose="person.phone", owner=person_id),
                    phone_index=self.vault.index("phone", e164),
                    display_name=f"人{person_id[-4:]}",
                    created_at=self.now,
                )
            )
            uow.session.flush()
            paths = {node[3]: node[0] for node in TREE}
            for role, path in roles:
                uow.session.add(
                    GrantRow(
                        id=new_id(),
                        person_id=person_id,
                        role=role.value,
                        path=path,
                        territory_id=paths[path],
                        granted_at=self.now,
                    )
                )
            uow.commit()
        return actor(person_id, *roles)

    def grant(self, who: Actor, role: Role, path: str) -> None:
        """Give somebody a role, in the table alone."""
        node_id = next(node[0] for node in TREE if node[3] == path)
        with self.units() as uow:
            uow.session.add(
                GrantRow(
                    id=new_id(),
                    person_id=who.person_id,
                    role=role.value,
                    path=path,
                    territory_id=node_id,
                    granted_at=self.now,
                )
            )
            uow.commit()

    def staff(self, path: str = HOME) -> Actor:
        """Somebody of the residents' committee."""
        return self.person("", (Role.COMMITTEE_STAFF, path))

    def register(self, name: str, room: str, **known: Any) -> str:
        """Put a person on the register of the home community; the id of the entry."""
        entry_id = new_id()
        building = known.pop("building_id", "b-1")
        with self.units() as uow:
            uow.session.add(
                RegisterPerson(
                    id=entry_id,
                    community_id=C_HOME,
                    building_id=building,
                    name_sealed=self.vault.seal(name, purpose="register.name", owner=entry_id),
                    match_index=match_index(self.vault, building, room, name),
                    name_index=register_rows.name_index(self.vault, C_HOME, name),
                    room_key=names.room_key(room),
                    relation="owner",
                    **known,
                )
            )
            uow.commit()
        return entry_id

    def qr(self, estate: str = ESTATE) -> str:
        """The token on the notice board of an estate."""
        return token_for(self.vault, QR[estate])

    def request(self, **over: Any) -> op.RequestMembership:
        """A request to join, all right unless overridden."""
        usual = {
            "qr_token": self.qr(),
            "building": "1号楼",
            "unit": "1单元",
            "room": "402",
            "relation": "owner",
            "real_name": "孙桂芳",
            "id_number": made_up_id(),
            "consents": ["real_name"],
        }
        return op.RequestMembership.model_validate({**usual, **over})

    def join(self, who: Actor, **over: Any) -> op.MembershipState:
        """Ask to join."""
        return self.do(joining.request_membership, self.vault, self.request(**over), who, self.now)

    def membership(self, membership_id: str) -> Membership:
        """A membership as it is in the database."""
        with self.units() as uow:
            query = select(Membership).where(Membership.id == membership_id)
            return uow.session.scalars(query).one()

    @property
    def desk(self) -> Desk:
        """What giving out tokens takes, now."""
        return Desk(self.issuer, self.clock, self.now, self.staff_totp)

    def log_in(self, phone: str, code: str, *, demo: bool = False, **more: str) -> op.Tokens:
        """Log in with a code."""
        cmd = op.CreateToken(phone=phone, code=code, **more)
        return self.do(login.create_token, cmd, self.vault, self.desk, demo=demo)

    def sent_code(self, phone: str) -> str | None:
        """Ask for a code; the six digits of the message that goes out, if one does."""
        before = len(self.messages())
        self.do(login.request_code, op.RequestCode(phone=phone), self.vault, self.clock, demo=False)
        fresh = self.messages()[before:]
        return fresh[0][1].params[0] if fresh else None

    def messages(self) -> list[tuple[str, Message]]:
        """The text messages that wait, each with its phone, in the order of their making."""
        rows = self.rows("SELECT id, phone_sealed, text_sealed FROM sms_messages ORDER BY id")
        return [
            (
                self.vault.open(row.phone_sealed, purpose="sms.phone", owner=row.id),
                Message.load(self.vault.open(row.text_sealed, purpose="sms.text", owner=row.id)),
            )
            for row in rows
        ]


def actor(person_id: str, *roles: tuple[Role, str], session_id: str = "s") -> Actor:
    """Somebody with a verified token."""
    return Actor(person_id, session_id, tuple(Grant(role, path) for role, path in roles), 2**31)


def _node(
    position: int, node_id: str, kind: str, parent: str | None, path: str, name: str
) -> dict[str, Any]:
    kinds = {C_HOME: "urban", C_OTHER: "village"}
    return {
        "id": node_id,
        "kind": kind,
        "parent_id": parent,
        "path": path,
        "name": name,
        "position": position,
        "code12": "310199101001" if kind == "community" else None,
        "community_kind": kinds.get(node_id),
    }


# -- two at once -----------------------------------------------------------------------------------


def aside(fn: Callable[[], Any]) -> "Future[Any]":
    """Run ``fn`` in a thread of its own."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(fn())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def until_somebody_waits_for_a_lock(units: UnitOfWorkFactory, seconds: float = 5) -> None:
    """Wait till a transaction of this database is held up by another one."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with units.engine.connect() as connection:
            if connection.scalar(query):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waited")


def first_and_second(
    world: World,
    first: Callable[[UnitOfWork], Any],
    second: Callable[[], Any],
) -> tuple[Any, "Future[Any]"]:
    """``first`` done but not committed, ``second`` started and held up by it, then the commit."""
    with world.units() as uow:
        result = first(uow)
        uow.session.flush()
        other = aside(second)
        until_somebody_waits_for_a_lock(world.units)
        uow.commit()
    return result, other
