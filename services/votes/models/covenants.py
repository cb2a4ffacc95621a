"""Covenants in versions, who agreed to them, the conversations about breaches, follow-up."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json, Path


class CovenantRow(Base):
    """A covenant as it stands; whoever adds a version or lets one take effect holds its lock.

    ``state`` and ``version`` are what its versions and the time say
    (:func:`services.votes.domain.covenants.standing`), kept for lists. ``fresh`` is the number of
    the next new article's key.
    """

    __tablename__ = "covenants"
    __table_args__ = (
        CheckConstraint(
            "state IN ('not_yet', 'in_force', 'expired', 'repealed')", name="covenants_state"
        ),
        CheckConstraint(
            "convener IN ('residents_committee', 'owners_committee')", name="covenants_convener"
        ),
        Index("covenants_newest", "community_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    title: Mapped[str]
    convener: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    newest: Mapped[int]
    fresh: Mapped[int]
    review_months: Mapped[int]
    review_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class CovenantVersionRow(Base):
    """What a covenant says from one decision on.

    ``articles`` are ``{key, number, title, text, since}``; of a repeal none. ``id`` is what the
    clock's duties name. The topic, its proposal and the poll are where it came from.
    """

    __tablename__ = "covenant_versions"
    __table_args__ = (
        CheckConstraint(
            "change IN ('new', 'amended', 'repealed')", name="covenant_versions_change"
        ),
        UniqueConstraint("covenant_id", "version", name="covenant_versions_number"),
        UniqueConstraint("topic_id", name="covenant_versions_topic"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    covenant_id: Mapped[str] = mapped_column(ForeignKey("covenants.id"))
    version: Mapped[int]
    change: Mapped[str]
    articles: Mapped[list[Json]]
    size: Mapped[int]
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"))
    poll_id: Mapped[str | None]
    proposal: Mapped[int]
    proposal_hash: Mapped[str]
    adopted_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class AgreementRow(Base):
    """Somebody has read a version and agrees to keep it; ``named`` lets her name be shown."""

    __tablename__ = "covenant_agreements"
    __table_args__ = (Index("covenant_agreements_person", "person_id"),)

    covenant_id: Mapped[str] = mapped_column(ForeignKey("covenants.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    named: Mapped[bool]
    at: Mapped[datetime]


class BreachRow(Base):
    """A reported breach, a conversation; whoever says or ends something holds its lock.

    ``hidden`` keeps the reporter's name from the person concerned and from the owners' committee,
    who are neighbours; ``reporter_id`` is null once she has left for good.
    """

    __tablename__ = "covenant_breaches"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'talking', 'settled', 'to_issue', 'closed')",
            name="covenant_breaches_state",
        ),
        CheckConstraint(
            "(issue_id IS NOT NULL) = (state = 'to_issue')", name="covenant_breaches_issue"
        ),
        Index("covenant_breaches_newest", "community_id", "id"),
        Index("covenant_breaches_of", "covenant_id", "article", "state"),
        Index("covenant_breaches_reporter", "reporter_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    covenant_id: Mapped[str] = mapped_column(ForeignKey("covenants.id"))
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    convener: Mapped[str]
    version: Mapped[int]
    article: Mapped[str | None]
    state: Mapped[str]
    reporter_id: Mapped[str | None]
    assisted_by: Mapped[str | None]
    hidden: Mapped[bool]
    place: Mapped[str]
    building: Mapped[str]
    due_at: Mapped[datetime]
    reacted_at: Mapped[datetime | None]
    failed_talks: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    notes: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    reason: Mapped[str | None]
    issue_id: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class BreachNoteRow(Base):
    """What was said in it; the first is the report. ``waits``: the desk looks at the words first.

    ``part`` is what the author is in the conversation, ``role`` the desk's office.
    """

    __tablename__ = "breach_notes"
    __table_args__ = (
        CheckConstraint("part IN ('desk', 'reporter', 'concerned')", name="breach_notes_part"),
        CheckConstraint("talk IN ('agreed', 'failed')", name="breach_notes_talk"),
        Index("breach_notes_of", "breach_id", "id"),
        Index("breach_notes_author", "author_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    breach_id: Mapped[str] = mapped_column(ForeignKey("covenant_breaches.id", ondelete="CASCADE"))
    author_id: Mapped[str | None]
    part: Mapped[str]
    role: Mapped[str]
    body: Mapped[str]
    talk: Mapped[str | None]
    waits: Mapped[bool]
    at: Mapped[datetime]


class BreachPersonRow(Base):
    """Somebody whom a breach concerns, brought into the conversation by the desk."""

    __tablename__ = "breach_people"
    __table_args__ = (Index("breach_people_person", "person_id"),)

    breach_id: Mapped[str] = mapped_column(
        ForeignKey("covenant_breaches.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class BreachLookRow(Base):
    """On which day somebody of the committee saw who hides that she reported it."""

    __tablename__ = "breach_looks"

    breach_id: Mapped[str] = mapped_column(
        ForeignKey("covenant_breaches.id", ondelete="CASCADE"), primary_key=True
    )
    actor_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class FollowUpRow(Base):
    """Something that follows from a topic's end; how it went stands on the topic's timeline."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint(
            "state IN ('planned', 'under_way', 'done', 'dropped')", name="follow_ups_state"
        ),
        Index("follow_ups_newest", "community_id", "id"),
        Index("follow_ups_of", "topic_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"))
    community_id: Mapped[str]
    what: Mapped[str]
    who: Mapped[str]
    due_on: Mapped[date | None]
    state: Mapped[str]
    note: Mapped[str]
    attachments: Mapped[list[Json]]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str | None]
