"""Open311: keys, what was sent in, and whose words are published."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base


class Open311KeyRow(Base):
    """A key of a sender of reports; ``hash`` is its SHA-256, ``hint`` how it begins."""

    __tablename__ = "open311_keys"
    __table_args__ = (
        Index("open311_keys_of_district", "district_id", "id"),
        CheckConstraint("per_minute > 0", name="open311_keys_per_minute_check"),
        CheckConstraint("per_day > 0", name="open311_keys_per_day_check"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[str]
    name: Mapped[str]
    hint: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    per_minute: Mapped[int]
    per_day: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]


class Open311CommunityRow(Base):
    """Whether the committee lets words be published that nobody's account stands behind."""

    __tablename__ = "open311_communities"

    community_id: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[bool]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]


class Open311RequestRow(Base):
    """A report as it came; ``fingerprint`` tells it from another, ``words`` is its own consent."""

    __tablename__ = "open311_requests"
    __table_args__ = (
        Index("open311_requests_of_key", "key_id", "at"),
        Index("open311_requests_alike", "key_id", "fingerprint"),
    )

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    key_id: Mapped[str] = mapped_column(ForeignKey("open311_keys.id"))
    fingerprint: Mapped[str]
    service_code: Mapped[str]
    words: Mapped[bool]
    media_url: Mapped[str | None]
    at: Mapped[datetime]


class IssuePublicationRow(Base):
    """A reporter's consent that her words are published; ``removed`` outlasts any consent."""

    __tablename__ = "issue_publications"
    __table_args__ = (
        Index(
            "issue_publications_of_person",
            "person_id",
            postgresql_where=text("person_id IS NOT NULL"),
        ),
    )

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str | None]
    words: Mapped[bool]
    removed: Mapped[bool] = mapped_column(server_default=text("false"))
    at: Mapped[datetime]
