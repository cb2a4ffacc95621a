"""A copy of everything about me (PIPL art. 45): identity's own part, and what the others hold.

Phone, name and number are in clear: they are the person's own. Hashes, seals and indexes stay
out; they are how data is guarded, and say nothing about anybody.
"""

from datetime import datetime
from typing import Any

from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.identity import PersonalData
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.domain import names
from services.kit import logs
from services.kit.copies import Section, section
from services.kit.topology import SERVICES
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

OTHERS = tuple(service for service in SERVICES if service != "identity")

_PLAIN: dict[str, str] = {
    "memberships": """
        SELECT m.id, community.name AS community, estate.name AS estate, building.name AS building,
               unit.name AS unit, m.room, m.relation, m.residence, m.status, m.finding,
               m.requested_at, m.requested_by, m.decided_at, m.reason, m.expires_at, m.ended_at,
               m.end_reason
        FROM memberships m
        JOIN territory community ON community.id = m.community_id
        JOIN territory estate ON estate.id = m.estate_id
        JOIN territory building ON building.id = m.building_id
        LEFT JOIN territory unit ON unit.id = m.unit_id
        WHERE m.person_id = :person ORDER BY m.requested_at DESC, m.id DESC
    """,
    "roles": """
        SELECT g.role, g.path, place.name AS place, g.granted_at, g.expires_at, g.revoked_at,
               g.reason
        FROM grants g JOIN territory place ON place.id = g.territory_id
        WHERE g.person_id = :person ORDER BY g.granted_at DESC, g.id DESC
    """,
    "party_badge": "SELECT shown, changed_at FROM party_badges WHERE person_id = :person",
    "consents": """
        SELECT id, purpose, notice, given_at, given_by, withdrawn_at
        FROM consents WHERE person_id = :person ORDER BY id DESC
    """,
    "sessions": """
        SELECT id, created_at, expires_at, revoked_at, revoked_why
        FROM sessions WHERE person_id = :person ORDER BY created_at DESC, id DESC
    """,
    "second_factor": "SELECT created_at, confirmed_at FROM totp_factors WHERE person_id = :person",
    "wechat": "SELECT bound_at FROM wechat_bindings WHERE person_id = :person",
    "contact_tickets": """
        SELECT channel, given_at FROM contact_tickets WHERE person_id = :person ORDER BY channel
    """,
    "access_log": """
        SELECT looked.at, looked.actor_id, who.display_name AS actor, looked.actor_role,
               looked.what, looked.purpose
        FROM access_log looked LEFT JOIN persons who ON who.id = looked.actor_id
        WHERE looked.person_id = :person OR looked.person_id IS NULL AND looked.register_id IN (
            SELECT id FROM register_persons WHERE person_id = :person)
        ORDER BY looked.id DESC
    """,
    "kept_filters": """
        SELECT of, name, asked, kept_at FROM kept_filters WHERE person_id = :person
        ORDER BY of, name
    """,
    "observer_reads": """
        SELECT day, service, operation, place, reads
        FROM observer_reads WHERE person_id = :person ORDER BY day DESC, id DESC
    """,
    "assistances": """
        SELECT a.id, a.kind, helper.display_name AS helper, subject.display_name AS subject,
               a.relationship, a.consent_means, a.consent_at, a.expires_at, a.ended_at,
               CASE WHEN a.subject_id = :person THEN a.consent_note END AS consent_note
        FROM assistances a
        LEFT JOIN persons helper ON helper.id = a.helper_id
        JOIN persons subject ON subject.id = a.subject_id
        WHERE :person IN (a.subject_id, a.helper_id) ORDER BY a.id DESC
    """,
}
_ACCOUNT = """
    SELECT id, display_name, created_at, made_by, guardian_id, phone_sealed AS phone
    FROM persons WHERE id = :person
"""
_CONTACTS = """
    SELECT id, channel, address_sealed AS address, kept_at
    FROM contacts WHERE person_id = :person ORDER BY channel
"""
_REAL_NAME = """
    SELECT person_id AS id, name_sealed AS name, id_number_sealed AS id_number, birth_year,
           given_at, verified_by, verified_at
    FROM real_names WHERE person_id = :person
"""
_REGISTER = """
    SELECT entry.id, community.name AS community, building.name AS building, unit.name AS unit,
           room.name AS room, entry.name_sealed AS name, entry.birth_year, entry.relation,
           entry.ended_at
    FROM register_persons entry
    JOIN territory community ON community.id = entry.community_id
    JOIN territory building ON building.id = entry.building_id
    LEFT JOIN territory unit ON unit.id = entry.unit_id
    LEFT JOIN territory room ON room.id = entry.room_id
    WHERE entry.person_id = :person ORDER BY entry.id
"""
_RECOVERIES = """
    SELECT id, state, new_phone_sealed AS new_phone, reason, opened_at, confirmed_at, effective_at,
           ended_at
    FROM phone_recoveries WHERE person_id = :person ORDER BY id DESC
"""
_CORRECTIONS = """
    SELECT id, field, new_sealed AS new, reason, status, requested_at, decided_at, answer
    FROM corrections WHERE person_id = :person ORDER BY id DESC
"""


def export_my_data(uow: UnitOfWork, vault: Vault, actor: Actor, now: datetime) -> PersonalData:
    """Everything about the actor; a service that does not answer is named as missing.

    Raises:
        PersonNotFound: the account was deleted.
    """
    repository.person(uow.session, actor.person_id)
    services: dict[str, Any] = {}
    missing: list[str] = []
    for service in OTHERS:
        try:
            services[service] = uow.ask(service, "export_person")
        except ShequError as error:
            log.warning("a part of somebody's data is missing", asked=service, code=error.code)
            missing.append(service)
    return PersonalData(
        made_at=now,
        person_id=actor.person_id,
        identity=held_about(uow, vault, actor.person_id),
        services=services,
        missing=missing,
    )


def held_about(uow: UnitOfWork, vault: Vault, person_id: str) -> dict[str, Any]:
    """All that identity holds about somebody, in JSON's own types."""
    session = uow.session
    found: dict[str, Any] = {
        name: section(session, query, person=person_id) for name, query in _PLAIN.items()
    }

    def opened(query: str, **purposes: str) -> Section:
        part = section(session, query, person=person_id)
        for row in part["items"]:
            for column, purpose in purposes.items():
                if row[column]:
                    row[column] = vault.open(row[column], purpose=purpose, owner=row["id"])
        return part

    found["account"] = opened(_ACCOUNT, phone="person.phone")
    found["real_name"] = opened(_REAL_NAME, name="real_name.name", id_number="real_name.id_number")
    found["contacts"] = opened(_CONTACTS, address="contact.address")
    found["register"] = opened(_REGISTER, name="register.name")
    found["corrections"] = opened(_CORRECTIONS, new="correction.new")
    found["recoveries"] = opened(_RECOVERIES, new_phone="recovery.phone")
    for row in found["recoveries"]["items"]:
        row["new_phone"] = names.mask_phone(row["new_phone"])  # perhaps a thief's, perhaps not
    return found
