"""Everything that identity holds about one community, as files in documented form.

::

    manifest.json     what this is, when, by whom, and the SHA-256 of every other file
    community.json    the community with its stated figures
    places.jsonl      every node below it · qr.jsonl  its codes · imports.jsonl
    people.jsonl      who lived or worked there · memberships.jsonl · roles.jsonl
    consents.jsonl · corrections.jsonl · assistances.jsonl · access-log.jsonl
    register.jsonl    the register of persons; register.csv for ``importRegister`` elsewhere

Without personal data people are ids alone: no name, phone, ID number or room, no free text, and
nothing of who is a Party member, which the branch knows (PIPL art. 28); that is a copy for figures
and for checking, not for moving. With them it is the whole, and whoever has left, or was refused,
is an id alone all the same: who she is and how to reach her is no matter of this community any
more. Whoever writes it to a disk encrypts it (PIPL art. 51). Every export is recorded; one with
personal data leaves a line in the access log of each person, who can read it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.contracts.actor import Role
from services.contracts.ids import new_id
from services.identity import exchange, repository
from services.identity.crypto import Vault
from services.identity.domain.consents import PARTY_BADGE
from services.identity.domain.roles import SHOWS_PARTY
from services.identity.handlers.access import OPERATOR
from services.identity.handlers.register_export import register_lines
from services.identity.models import ImportRecord, Territory
from services.kit import db
from services.kit.uow import UnitOfWork

FORMAT: Final = "shequtong.community/1"
WHAT: Final = "平台上关于您的全部资料（导出）"


@dataclass(frozen=True, slots=True)
class Section:
    """One file of JSON Lines.

    Args:
        query: of ``:community``, ``:path``, ``:below`` (a pattern of paths) and ``:personal``;
            each row has an ``id``.
        sealed: column -> what it was sealed for; opened, or left out without personal data.
        private: columns that are left out without personal data, too.
    """

    name: str
    query: str
    sealed: Mapping[str, str] = field(default_factory=dict)
    private: tuple[str, ...] = ()


_GRANTS = f"""
    grants WHERE (path = :path OR path LIKE :below)
    AND (:personal OR role <> '{Role.PARTY_MEMBER.value}')
"""
_PEOPLE = f"""
    SELECT person_id FROM memberships WHERE community_id = :community
    UNION SELECT person_id FROM {_GRANTS}
"""  # noqa: S608
# Whose every other line would tell, because nothing else ties them to the community.
_PARTY_ALONE = f"""
    SELECT person_id FROM grants WHERE (path = :path OR path LIKE :below)
    AND role = '{Role.PARTY_MEMBER.value}' EXCEPT ({_PEOPLE})
"""  # noqa: S608
_MEMBERS = """
    SELECT person_id FROM memberships
    WHERE community_id = :community AND status IN ('pending', 'active')
"""
_TIED = f"""
    {_MEMBERS} UNION SELECT person_id FROM {_GRANTS} AND revoked_at IS NULL
"""  # noqa: S608
SECTIONS: Final = (
    Section(
        "places",
        "SELECT id, kind, parent_id, path, name, position, floor_area FROM territory "
        "WHERE path LIKE :below ORDER BY path",
    ),
    Section(
        "qr",
        "SELECT id, estate_id, building_id, created_by, created_at, expires_at, revoked_at, "
        "revoked_by FROM qr_tokens WHERE community_id = :community ORDER BY id",
    ),
    Section(
        "imports",
        "SELECT id, kind, file_sha256, actor_id, at, undone_at FROM imports "
        "WHERE community_id = :community ORDER BY id",
    ),
    Section(
        "people",
        "SELECT somebody.id, p.display_name, p.created_at, p.made_by, somebody.deleted_at, "  # noqa: S608
        "p.phone_sealed AS phone, r.name_sealed AS real_name, r.id_number_sealed AS id_number, "
        "r.birth_year, r.verified_by, r.verified_at FROM persons somebody "
        f"LEFT JOIN persons p ON p.id = somebody.id AND p.id IN ({_TIED}) "
        f"LEFT JOIN real_names r ON r.person_id = p.id AND p.id IN ({_MEMBERS}) "
        f"WHERE somebody.id IN ({_PEOPLE}) ORDER BY somebody.id",
        sealed={
            "phone": "person.phone",
            "real_name": "real_name.name",
            "id_number": "real_name.id_number",
        },
        private=("display_name", "birth_year"),
    ),
    Section(
        "memberships",
        "SELECT id, person_id, estate_id, building_id, unit_id, room, relation, residence, "
        "status, finding, register_id, qr_id, requested_at, requested_by, decided_at, "
        "decided_by, reason, expires_at, ended_at, ended_by, end_reason "
        "FROM memberships WHERE community_id = :community ORDER BY id",
        private=("room", "reason", "end_reason"),
    ),
    Section(
        "roles",
        "SELECT id, person_id, role, path, granted_by, granted_at, expires_at, revoked_at, "  # noqa: S608
        f"revoked_by FROM {_GRANTS} ORDER BY id",
    ),
    Section(
        "consents",
        "SELECT id, person_id, membership_id, purpose, notice, given_at, given_by, "  # noqa: S608
        "withdrawn_at FROM consents WHERE (membership_id IN ("
        "SELECT id FROM memberships WHERE community_id = :community) "
        f"OR (membership_id IS NULL AND person_id IN ({_TIED}))) "
        f"AND (:personal OR purpose <> '{PARTY_BADGE}') ORDER BY id",
    ),
    Section(
        "corrections",
        "SELECT id, person_id, field, new_sealed AS new, reason, status, requested_at, "
        "decided_at, decided_by, answer FROM corrections WHERE community_id = :community "
        "ORDER BY id",
        sealed={"new": "correction.new"},
        private=("reason", "answer"),
    ),
    Section(
        "assistances",
        "SELECT id, kind, helper_id, subject_id, relationship, consent_means, consent_note, "
        "consent_at, recorded_by, expires_at, ended_at, ended_by FROM assistances "
        "WHERE community_id = :community ORDER BY id",
        private=("relationship", "consent_note"),
    ),
    Section(
        "access-log",
        "SELECT id, person_id, register_id, actor_id, actor_role, what, purpose, at "  # noqa: S608
        "FROM access_log WHERE community_id = :community AND (:personal OR ("
        f"what <> '{SHOWS_PARTY}' AND coalesce(person_id, '') NOT IN ({_PARTY_ALONE}))) "
        "ORDER BY id",
        private=("purpose",),
    ),
    Section(
        "register",
        "SELECT id, building_id, unit_id, room_id, room_key, name_sealed AS name, birth_year, "
        "relation, person_id, import_id, ended_at FROM register_persons "
        "WHERE community_id = :community ORDER BY id",
        sealed={"name": "register.name"},
        private=("room_id", "room_key", "birth_year"),
    ),
)


@dataclass(frozen=True, slots=True)
class Package:
    """An export: its files by name, and the record of it.

    ``manifest`` is the first file; its hash is what the record keeps.
    """

    export_id: str
    community: str
    personal: bool
    files: Mapping[str, bytes] = field(repr=False)
    counts: Mapping[str, int]


def export_community(
    uow: UnitOfWork,
    vault: Vault,
    community_id: str,
    by: str,
    now: datetime,
    *,
    personal: bool,
    purpose: str,
) -> Package:
    """All of a community in files, and the record that it was exported.

    Args:
        by: the operator who does it, as the record shall name them.
        personal: with names, phones, ID numbers, rooms and free text in clear.
        purpose: why, in words that the people concerned will read.

    Raises:
        CommunityNotFound: there is none.
    """
    session = uow.session
    community = repository.community(session, community_id)
    values = {
        "community": community.id,
        "path": community.path,
        "below": db.below(community.path),
        "personal": personal,
    }
    files: dict[str, bytes] = {"community.json": _json(_sheet(session, community))}
    counts: dict[str, int] = {}
    for section in SECTIONS:
        lines = list(_lines(session, vault, section, values, personal=personal))
        files[f"{section.name}.jsonl"] = b"".join(map(_json, lines))
        counts[section.name] = len(lines)
    if personal:
        everybody = list(register_lines(uow, vault, community))
        files["register.csv"] = exchange.REGISTER.write(everybody, "csv")
    export_id = new_id()
    manifest = {
        "format": FORMAT,
        "export_id": export_id,
        "community": {"id": community.id, "name": community.name, "path": community.path},
        "exported_at": now.isoformat(),
        "exported_by": by,
        "purpose": purpose,
        "personal_data": personal,
        "rows": counts,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    first = json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"
    session.add(
        ImportRecord(
            id=export_id,
            kind="export",
            community_id=community.id,
            file_sha256=hashlib.sha256(first).hexdigest(),
            actor_id=None,
            at=now,
            report={"by": by, "purpose": purpose, "personal_data": personal, "rows": counts},
        )
    )
    if personal:
        _write_down(session, values, purpose, now)
    session.flush()
    return Package(export_id, community.name, personal, {"manifest.json": first, **files}, counts)


def _sheet(session: Session, community: Territory) -> dict[str, Any]:
    figures = session.execute(
        text("SELECT * FROM community_figures WHERE community_id = :community"),
        {"community": community.id},
    ).mappings().first()  # fmt: skip
    return {
        "id": community.id,
        "path": community.path,
        "name": community.name,
        "kind": community.community_kind,
        "code12": community.code12,
        "modules": list(community.modules),
        "closed_at": community.closed_at,
        "figures": dict(figures) if figures else None,
    }


def _lines(
    session: Session,
    vault: Vault,
    section: Section,
    values: Mapping[str, Any],
    *,
    personal: bool,
) -> Iterator[dict[str, Any]]:
    for row in session.execute(text(section.query), dict(values)).mappings():
        line = dict(row)
        for column, purpose in section.sealed.items():
            if not personal:
                line.pop(column)
            elif line[column] is not None:
                line[column] = vault.open(line[column], purpose=purpose, owner=line["id"])
        if not personal:
            for column in section.private:
                line.pop(column)
        yield line


_WHO: Final = (
    (
        "person_id",
        f"SELECT id FROM persons WHERE deleted_at IS NULL AND id IN ({_PEOPLE})",  # noqa: S608
    ),
    (
        "register_id",
        "SELECT id FROM register_persons WHERE community_id = :community AND person_id IS NULL",
    ),
)


def _write_down(session: Session, values: Mapping[str, Any], purpose: str, now: datetime) -> None:
    """A line for everybody whose data leaves, and for the entries that have no account."""
    for column, query in _WHO:
        ids: Iterable[str] = session.scalars(text(query), dict(values)).all()
        rows = [
            {
                "id": new_id(), "who": who, "actor": OPERATOR, "community": values["community"],
                "what": WHAT, "purpose": purpose, "at": now,
            }
            for who in ids
        ]  # fmt: skip
        if rows:
            session.execute(
                text(
                    f"INSERT INTO access_log (id, {column}, actor_id, actor_role, community_id, "  # noqa: S608
                    "what, purpose, at) VALUES (:id, :who, :actor, :actor, :community, :what, "
                    ":purpose, :at)"
                ),
                rows,
            )


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
