"""Putting the plan into identity's database, and telling the others through the outbox."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import ARRAY, Text, bindparam, insert, inspect, select, text

from services.contracts.actor import SENSITIVE, Role
from services.contracts.demo import demo_id
from services.contracts.events import (
    CommunityChanged,
    PersonRegistered,
    RoleGranted,
)
from services.contracts.operations.identity import Relation
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import names, tenure
from services.identity.handlers import badge, cards, places
from services.identity.handlers.joining import match_index
from services.identity.handlers.qr import url_of
from services.identity.models import (
    Base,
    CommunityFigures,
    GrantRow,
    Membership,
    PersonRow,
    QrToken,
    RealName,
    RegisterPerson,
    Territory,
)
from services.identity.qr_tokens import token_for
from services.identity.register_rows import name_index
from services.identity.seed import plan as planned
from services.identity.seed.district import Account
from services.identity.seed.plan import Newcomer, Plan, Resident
from services.kit.uow import UnitOfWork

SEEDED_AT = datetime(2026, 9, 1, tzinfo=UTC)
NEWCOMERS_OF_EACH_KIND = 10
_PHONES_OF_NEWCOMERS = 13900000001


def put(uow: UnitOfWork, vault: Vault, plan: Plan) -> dict[str, int]:
    """Add what is missing of the plan; how many rows of each kind were added."""
    uow.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('identity.seed'))"))
    added = {
        "places": _places(uow, plan),
        "accounts": _accounts(uow, vault, plan.accounts),
        "register": _register(uow, vault, plan),
        "qr": _qr_tokens(uow, plan),
        "figures": _figures(uow, plan),
    }
    added["memberships"] = _memberships(uow, vault, plan)
    added["roles"] = _grants(uow, plan.accounts)
    return added


def _missing(uow: UnitOfWork, table: type[Base], ids: Iterable[str]) -> set[str]:
    """Which of ``ids`` the table does not have."""
    wanted = list(ids)
    (key,) = inspect(table).primary_key
    there = uow.session.scalars(
        select(key).where(key == bindparam("ids", wanted, type_=ARRAY(Text)).any_())
    )
    return set(wanted) - set(there)


def _add(uow: UnitOfWork, table: type[Base], rows: list[dict[str, Any]]) -> int:
    if rows:
        uow.session.execute(insert(table), rows)
    return len(rows)


def _places(uow: UnitOfWork, plan: Plan) -> int:
    missing = _missing(uow, Territory, (n.id for n in plan.nodes))
    fresh = [n for n in plan.nodes if n.id in missing]
    columns = ("id", "kind", "parent_id", "path", "name", "position", "code12", "community_kind")
    _add(uow, Territory, [{c: getattr(n, c) for c in columns} for n in fresh])
    for node in fresh:
        if node.kind == "community":
            community = repository.community(uow.session, node.id)
            record = places.records(uow.session, [community])[0]
            uow.emit(CommunityChanged(**record.model_dump()))
    return len(fresh)


def _accounts(uow: UnitOfWork, vault: Vault, accounts: Iterable[Account]) -> int:
    by_id = {a.person_id: a for a in accounts}
    missing = _missing(uow, PersonRow, by_id)
    rows = []
    for person_id in sorted(missing):
        account = by_id[person_id]
        phone = names.phone(account.phone)
        rows.append(
            {
                "id": person_id,
                "phone_sealed": vault.seal(phone, purpose="person.phone", owner=person_id),
                "phone_index": vault.index("phone", phone),
                "display_name": account.display_name,
                "created_at": SEEDED_AT,
            }
        )
        uow.emit(PersonRegistered(person_id=person_id))
    return _add(uow, PersonRow, rows)


def _register(uow: UnitOfWork, vault: Vault, plan: Plan) -> int:
    missing = _missing(uow, RegisterPerson, (p.id for p in plan.register))
    by_number = {a.number: a.person_id for a in plan.accounts}
    return _add(
        uow,
        RegisterPerson,
        [
            {
                "id": p.id,
                "community_id": p.flat.community.id,
                "building_id": p.flat.building.id,
                "unit_id": p.flat.unit.id if p.flat.unit else None,
                "room_id": p.flat.room.id,
                "name_sealed": vault.seal(p.name, purpose="register.name", owner=p.id),
                "match_index": match_index(vault, p.flat.building.id, p.flat.room.name, p.name),
                "name_index": name_index(vault, p.flat.community.id, p.name),
                "room_key": names.room_key(p.flat.room.name),
                "birth_year": p.birth.year,
                "relation": p.relation,
                "person_id": by_number[p.account] if p.account else None,
            }
            for p in plan.register
            if p.id in missing
        ],
    )


def _qr_tokens(uow: UnitOfWork, plan: Plan) -> int:
    estates = {demo_id(planned.QR, i + 1): e for i, e in enumerate(plan.estates)}
    missing = _missing(uow, QrToken, estates)
    return _add(
        uow,
        QrToken,
        [
            {
                "id": qr_id,
                "community_id": estates[qr_id].parent_id,
                "estate_id": estates[qr_id].id,
                "created_at": SEEDED_AT,
            }
            for qr_id in sorted(missing)
        ],
    )


def _figures(uow: UnitOfWork, plan: Plan) -> int:
    """What a community's office would state of it: here, what its register says."""
    people: dict[str, list[Resident]] = {}
    for person in plan.register:
        people.setdefault(person.flat.community.id, []).append(person)
    missing = _missing(uow, CommunityFigures, people)
    rows = [
        {
            "community_id": community_id,
            "households": len({p.flat.room.id for p in people[community_id]}),
            "adults": len(people[community_id]),
            "owners": sum(p.relation == "owner" for p in people[community_id]),
            "as_of": SEEDED_AT.date(),
            "source": "样例数据",
            "changed_at": SEEDED_AT,
        }
        for community_id in sorted(missing)
    ]
    return _add(uow, CommunityFigures, rows)


def _memberships(uow: UnitOfWork, vault: Vault, plan: Plan) -> int:
    people = {p.account: p for p in plan.register if p.account}
    accounts = {demo_id(planned.MEMBERSHIP, a.number): a for a in plan.accounts if a.home}
    missing = sorted(_missing(uow, Membership, accounts))
    _add(
        uow,
        RealName,
        [_real_name(vault, accounts[m], people[accounts[m].number]) for m in missing],
    )
    rows = [_membership(m, accounts[m], people[accounts[m].number]) for m in missing]
    added = _add(uow, Membership, rows)
    for membership_id in missing:
        account = accounts[membership_id]
        community_id = people[account.number].flat.community.id
        community = repository.community(uow.session, community_id)
        if not account.roles:  # with roles the card follows below
            cards.announce(uow, account.person_id, community, SEEDED_AT)
    return added


def _real_name(vault: Vault, account: Account, person: Resident) -> dict[str, Any]:
    owner = account.person_id
    return {
        "person_id": owner,
        "name_sealed": vault.seal(person.name, purpose="real_name.name", owner=owner),
        "id_number_sealed": vault.seal(
            person.id_number, purpose="real_name.id_number", owner=owner
        ),
        "id_index": vault.index("id_number", person.id_number),
        "birth_year": person.birth.year,
        "given_at": SEEDED_AT,
    }


def _membership(membership_id: str, account: Account, person: Resident) -> dict[str, Any]:
    flat = person.flat
    relation = cast(Relation, account.relation)
    return {
        "id": membership_id,
        "person_id": account.person_id,
        "community_id": flat.community.id,
        "estate_id": flat.estate.id,
        "building_id": flat.building.id,
        "unit_id": flat.unit.id if flat.unit else None,
        "room": flat.room.name,
        "room_key": names.room_key(flat.room.name),
        "relation": relation,
        "residence": tenure.residence(flat.community.kind, relation, None),
        "status": "active",
        "finding": "match",
        "register_id": person.id,
        "requested_at": SEEDED_AT,
        "decided_at": SEEDED_AT,
    }


def _grants(uow: UnitOfWork, accounts: Iterable[Account]) -> int:
    session = uow.session
    wanted = {
        demo_id(planned.GRANT, a.number * 10 + i): (a, role, path)
        for a in accounts
        for i, (role, path) in enumerate(a.roles)
    }
    missing = sorted(_missing(uow, GrantRow, wanted))
    around = repository.nodes_at(session, (path for _, _, path in wanted.values()))
    rows = []
    for grant_id in missing:
        account, role, path = wanted[grant_id]
        rows.append(
            {
                "id": grant_id,
                "person_id": account.person_id,
                "role": role.value,
                "path": path,
                "territory_id": around[path].id,
                "granted_at": SEEDED_AT,
            }
        )
        if role not in SENSITIVE:
            person_id = account.person_id
            told = RoleGranted(grant_id=grant_id, person_id=person_id, role=role.value, path=path)
            uow.emit(told)
    _add(uow, GrantRow, rows)
    concerned = {wanted[g][0].person_id: wanted[g] for g in missing}
    for person_id, (account, _, _) in concerned.items():
        if account.shows_badge and any(role is Role.PARTY_MEMBER for role, _ in account.roles):
            badge.show(uow, person_id, SEEDED_AT)
        cards.announce_everywhere(uow, person_id, SEEDED_AT)
    return len(rows)


# -- what people and tests need to know ------------------------------------------------------------


def guide(uow: UnitOfWork, vault: Vault, plan: Plan, public_url: str) -> dict[str, Any]:
    """QR addresses, and people who have no account yet (never the same one twice)."""
    communities = {n.id: n for n in plan.nodes if n.kind == "community"}
    codes = []
    for i, estate in enumerate(plan.estates):
        token = token_for(vault, demo_id(planned.QR, i + 1))
        codes.append(
            {
                "community_id": estate.parent_id,
                "community": communities[estate.parent_id or ""].name,
                "estate_id": estate.id,
                "estate": estate.name,
                "token": token,
                "url": url_of(public_url, token),
            }
        )
    tokens = {code["estate_id"]: code["token"] for code in codes}
    phones = _free_phones(uow, vault)
    people = [
        *_unused(uow, vault, planned.newcomers_on_register(plan)),
        *_unused(uow, vault, planned.newcomers_unknown(plan)),
    ]
    return {
        "qr": codes,
        "newcomers": [
            {
                "phone": next(phones),
                "community_id": p.flat.community.id,
                "community": p.flat.community.name,
                "estate": p.flat.estate.name,
                "qr_token": tokens[p.flat.estate.id],
                "building": p.flat.building.name,
                "unit": p.flat.unit.name if p.flat.unit else None,
                "room": p.flat.room.name,
                "real_name": p.name,
                "id_number": p.id_number,
                "relation": p.relation,
                "on_register": p.on_register,
            }
            for p in people
        ],
    }


def _unused(uow: UnitOfWork, vault: Vault, people: Iterator[Newcomer]) -> list[Newcomer]:
    used = set(uow.session.scalars(select(RealName.id_index)))
    fresh = (p for p in people if vault.index("id_number", p.id_number) not in used)
    return list(islice(fresh, NEWCOMERS_OF_EACH_KIND))


def _free_phones(uow: UnitOfWork, vault: Vault) -> Iterator[str]:
    used = set(uow.session.scalars(select(PersonRow.phone_index)))
    number = _PHONES_OF_NEWCOMERS
    while True:
        if vault.index("phone", names.phone(str(number))) not in used:
            yield str(number)
        number += 1
