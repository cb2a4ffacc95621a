"""Places, the register of persons, imports, figures, QR tokens."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Date,
    Double,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from services.identity.models.base import Base, maybe, to


class Ltree(UserDefinedType[str]):
    """PostgreSQL's tree paths, as text in Python."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return "LTREE"


ischema_names["ltree"] = Ltree  # so that comparing models and migrations knows it


class Territory(Base):
    """A node of the tree; ``modules`` and ``community_kind`` concern communities alone.

    ``tree`` is the path as ltree, for questions about whole subtrees; ``floor_area`` is a room's
    (m²); ``import_id`` is the import that made the node. ``lng`` and ``lat`` are degrees in WGS84.
    ``closed_at`` is when a community left the platform, or a place in it was closed: it takes
    nobody in any more.
    """

    __tablename__ = "territory"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('district','town','community','estate','building','unit','room')",
            name="territory_kind",
        ),
        CheckConstraint(
            "(kind = 'community') = (community_kind IS NOT NULL)",
            name="territory_community_kind",
        ),
        CheckConstraint("(lng IS NULL) = (lat IS NULL)", name="territory_point"),
        UniqueConstraint("path", name="territory_path_key"),
        UniqueConstraint("parent_id", "name", name="territory_sibling_names"),
        Index("territory_subtree", "path", postgresql_ops={"path": "text_pattern_ops"}),
        Index("territory_tree", "tree", postgresql_using="gist"),
        Index("territory_communities", "path", postgresql_where=text("kind = 'community'")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    parent_id: Mapped[str | None] = maybe("territory.id")
    path: Mapped[str]
    name: Mapped[str]
    position: Mapped[int]
    code12: Mapped[str | None]
    community_kind: Mapped[str | None]
    modules: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'")
    )
    floor_area: Mapped[Decimal | None]
    import_id: Mapped[str | None] = maybe("imports.id")
    closed_at: Mapped[datetime | None]
    lng: Mapped[float | None] = mapped_column(Double)
    lat: Mapped[float | None] = mapped_column(Double)
    tree: Mapped[str] = mapped_column(Ltree, Computed("path::ltree", persisted=True))


class CommunityFigures(Base):
    """What the community's office states: households, residents, adults, owners, floor area."""

    __tablename__ = "community_figures"

    community_id: Mapped[str] = mapped_column(ForeignKey("territory.id"), primary_key=True)
    households: Mapped[int | None]
    residents: Mapped[int | None]
    adults: Mapped[int | None]
    owners: Mapped[int | None]
    floor_area: Mapped[Decimal | None]
    as_of: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None]


class RegisterPerson(Base):
    """A person of the community's register, with or without an account, until ``ended_at``.

    ``match_index`` is the blind index of name, building and room, ``name_index`` that of the name
    within its community; ``room_key`` is the room in one spelling. What the register does not
    know (unit, birth year, ID number) is NULL.
    """

    __tablename__ = "register_persons"
    __table_args__ = (
        Index("register_persons_match", "match_index"),
        Index("register_persons_community", "community_id", "building_id", "id"),
        Index("register_persons_building", "building_id"),
        Index("register_persons_unit", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
        Index("register_persons_room", "room_id", postgresql_where=text("room_id IS NOT NULL")),
        Index("register_persons_name", "community_id", "name_index"),
        Index(
            "register_persons_household",
            "community_id",
            "building_id",
            "unit_id",
            "room_key",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "register_persons_person", "person_id", postgresql_where=text("person_id IS NOT NULL")
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str] = to("territory.id")
    building_id: Mapped[str] = to("territory.id")
    unit_id: Mapped[str | None] = maybe("territory.id")
    room_id: Mapped[str | None] = maybe("territory.id")
    name_sealed: Mapped[str]
    match_index: Mapped[str]
    name_index: Mapped[str | None]
    room_key: Mapped[str] = mapped_column(server_default=text("''"), default="")
    birth_year: Mapped[int | None]
    relation: Mapped[str]
    id_index: Mapped[str | None]
    person_id: Mapped[str | None] = maybe("persons.id")
    import_id: Mapped[str | None] = maybe("imports.id")
    ended_at: Mapped[datetime | None]


class RegisterDraftRow(Base):
    """A register's file between its upload and its import (:mod:`services.identity.domain.drafts`).

    The file is there as long as it is of use; ``report`` and ``fault`` say what came of it.
    """

    __tablename__ = "register_drafts"
    __table_args__ = (
        CheckConstraint(
            "state IN ('brought','ready','faulty','refused','confirmed','done','dropped')",
            name="register_drafts_state",
        ),
        Index("register_drafts_community", "community_id", "id"),
        Index(
            "register_drafts_waiting",
            "changed_at",
            "id",
            postgresql_where=text("state IN ('brought', 'confirmed')"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]  # it may be gone when its town was undone
    state: Mapped[str]
    filename: Mapped[str]
    replace: Mapped[bool]
    content_sealed: Mapped[str | None] = mapped_column(deferred=True)  # up to 20 MB
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fault: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    brought_by: Mapped[str]
    brought_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    changed_at: Mapped[datetime]
    due_at: Mapped[datetime]


class ImportRecord(Base):
    """A file that came in or went out: by whom, its hash, what came of it, when it was undone.

    A ``trial`` is a register that was read, with nothing written: a dry run, or rows were wrong.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('register', 'trial', 'territory', 'export', 'offboarding')",
            name="imports_kind",
        ),
        Index("imports_community", "community_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    community_id: Mapped[str | None]  # it may be gone when its import was undone
    file_sha256: Mapped[str]
    actor_id: Mapped[str | None]
    at: Mapped[datetime]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    undone_at: Mapped[datetime | None]


class QrToken(Base):
    """A QR token; its signature is computed, never kept. ``building_id`` NULL: the whole estate."""

    __tablename__ = "qr_tokens"
    __table_args__ = (Index("qr_tokens_community", "community_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str] = to("territory.id")
    estate_id: Mapped[str] = to("territory.id")
    building_id: Mapped[str | None] = maybe("territory.id")
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
