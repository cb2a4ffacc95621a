"""What the classifier learns from, its versions, and how they came to use."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Numeric,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grid_bridge.models.base import Base, Json, Path


class LabelRow(Base):
    """What a human decided about an issue, beside the advice that stood there; the text is the
    issue's.

    ``slot`` is one that the classifier knows, else null. ``role`` is all that is said of who
    decided. Without advice its four columns are null.
    """

    __tablename__ = "classifier_labels"
    __table_args__ = (
        Index("classifier_labels_newest", "decided_at", "issue_id"),
        Index("classifier_labels_by_path", "path", "decided_at"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="classifier_labels_confidence_check"),
    )

    issue_id: Mapped[str] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(Path)
    category: Mapped[str]
    slot: Mapped[str | None]
    role: Mapped[str]
    decided_at: Mapped[datetime]
    advised_category: Mapped[str | None]
    advised_slot: Mapped[str | None]
    confidence: Mapped[float | None] = mapped_column(Numeric(5, 4))
    model_version: Mapped[str | None]


class LeftOutRow(Base):
    """Whose messages nothing is learned from: she has left, or withdrew a consent."""

    __tablename__ = "classifier_left_out"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class ModelRow(Base):
    """A version of the classifier; of the shipped one (``parent`` null) the files hold the model.

    ``base`` is the corpus and code that it was made from, ``made_at`` the moment at which its
    labels were read. At most one is in use.
    """

    __tablename__ = "classifier_models"
    __table_args__ = (
        Index(
            "classifier_models_in_use",
            text("(true)"),
            unique=True,
            postgresql_where=text("state = 'in_use'"),
        ),
        CheckConstraint(
            "state IN ('candidate', 'in_use', 'retired', 'refused')",
            name="classifier_models_state_check",
        ),
    )

    version: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[str]
    parent: Mapped[str | None]
    made_at: Mapped[datetime]
    labels: Mapped[int]
    labels_until: Mapped[datetime | None]
    figures: Mapped[Json]
    faults: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str]
    sha256: Mapped[str | None]
    bytes: Mapped[int]


class BlobRow(Base):
    """A version's model, packed (`classifier.packed`); apart, so that a list does not read it."""

    __tablename__ = "classifier_blobs"

    version: Mapped[str] = mapped_column(ForeignKey("classifier_models.version"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class UseRow(Base):
    """A version was put to use instead of another: by whom, why, against the guard's advice?"""

    __tablename__ = "classifier_uses"
    __table_args__ = (
        Index("classifier_uses_of_version", "version", "id"),
        Index("classifier_uses_by_actor", "actor_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    version: Mapped[str] = mapped_column(ForeignKey("classifier_models.version"))
    before: Mapped[str | None]
    at: Mapped[datetime]
    actor_id: Mapped[str | None]
    role: Mapped[str]
    reason: Mapped[str]
    forced: Mapped[bool]


class RefitRow(Base):
    """A refit that is wanted, done or was tried; at most one is open.

    Whoever does it holds it by ``lease`` until ``lease_until``.
    """

    __tablename__ = "classifier_refits"
    __table_args__ = (
        Index(
            "classifier_refits_open",
            text("(true)"),
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
        CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')",
            name="classifier_refits_state_check",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str | None]
    attempts: Mapped[int]
    lease: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    labels: Mapped[int | None]
    version: Mapped[str | None]
    error: Mapped[str | None]
