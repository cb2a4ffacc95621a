"""Every sealed column, and what its envelopes are bound to: a purpose, and their row's key.

Both are part of the encryption: what sealing code says and what stands here must be the same, or
``identity.rekey`` cannot open what it finds. Tests hold the two, and the columns whose names end
in ``_sealed``, together.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Column, Table

from services.identity.models.base import Base


class Purpose(StrEnum):
    """What an envelope is for."""

    PERSON_PHONE = "person.phone"
    REAL_NAME = "real_name.name"
    ID_NUMBER = "real_name.id_number"
    REGISTER_NAME = "register.name"
    SMS_PHONE = "sms.phone"
    SMS_TEXT = "sms.text"
    TOTP_SECRET = "totp.secret"  # noqa: S105 - the name of a purpose
    RECOVERY_PHONE = "recovery.phone"
    CORRECTION = "correction.new"
    HELPER_PHONE = "assistance.phone"
    CONTACT = "contact.address"
    ROBOT = "contact.robot"
    REGISTER_DRAFT = "register_draft.content"
    MAIL_ADDRESS = "mail_code.address"
    MAIL_CODE = "mail_code.code"


SEALED: dict[str, Purpose] = {
    "persons.phone_sealed": Purpose.PERSON_PHONE,
    "real_names.name_sealed": Purpose.REAL_NAME,
    "real_names.id_number_sealed": Purpose.ID_NUMBER,
    "register_persons.name_sealed": Purpose.REGISTER_NAME,
    "sms_messages.phone_sealed": Purpose.SMS_PHONE,
    "sms_messages.text_sealed": Purpose.SMS_TEXT,
    "totp_factors.secret_sealed": Purpose.TOTP_SECRET,
    "phone_recoveries.new_phone_sealed": Purpose.RECOVERY_PHONE,
    "corrections.new_sealed": Purpose.CORRECTION,
    "assistances.phone_sealed": Purpose.HELPER_PHONE,
    "contacts.address_sealed": Purpose.CONTACT,
    "contact_tickets.robot_sealed": Purpose.ROBOT,
    "register_drafts.content_sealed": Purpose.REGISTER_DRAFT,
    "mail_codes.address_sealed": Purpose.MAIL_ADDRESS,
    "mail_codes.code_sealed": Purpose.MAIL_CODE,
}


class SealedColumn(NamedTuple):
    """A sealed column; ``key`` is its table's primary key, which owns the envelopes."""

    table: Table
    key: Column[Any]
    column: Column[Any]
    purpose: Purpose

    @property
    def name(self) -> str:
        """``persons.phone_sealed``."""
        return f"{self.table.name}.{self.column.name}"


def sealed_columns() -> list[SealedColumn]:
    """Every column of the models whose name ends in ``_sealed``.

    Raises:
        KeyError: one is missing in :data:`SEALED`.
    """
    found = []
    for column in _columns("_sealed"):
        (key,) = column.table.primary_key
        found.append(SealedColumn(column.table, key, column, SEALED[str(column)]))
    return found


def index_columns() -> list[Column[Any]]:
    """Every column of the models that holds blind indexes: its name ends in ``_index``."""
    return _columns("_index")


def _columns(ending: str) -> list[Column[Any]]:
    tables = Base.metadata.sorted_tables
    return [c for table in tables for c in table.columns if c.name.endswith(ending)]
