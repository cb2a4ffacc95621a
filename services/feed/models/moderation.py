"""Moderation: cases with their evidence, reports, the log, and who keeps away from whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.feed.models.base import Base


class ModerationCase(Base):
    """What is to be decided about a post, a comment or a question; states in ``domain.moderation``.

    ``evidence`` is the content as it was (words, files with their hashes, hits of the lexicon);
    it stays when the content is taken down (网络安全法: stop, remove, keep the record) and is
    emptied when its time is over (``forgotten_at``). ``was_shown`` says whether the neighbours had
    seen the content before, ``held`` whether the case ever kept it from them: only then does its
    author have to know of it.
    """

    __tablename__ = "feed_moderation_cases"

    id: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str]
    target_id: Mapped[str]
    post_id: Mapped[str] = mapped_column(ForeignKey("feed_posts.id"))
    community_id: Mapped[str]
    path: Mapped[str]
    module: Mapped[str]
    author_id: Mapped[str]
    opened_by: Mapped[str]
    state: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    hits: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    reports: Mapped[int] = mapped_column(server_default=text("0"))
    was_shown: Mapped[bool]
    held: Mapped[bool]
    opened_at: Mapped[datetime]
    decision: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(server_default="")
    appealed_at: Mapped[datetime | None]
    final_decision: Mapped[str | None]
    final_reason: Mapped[str] = mapped_column(server_default="")
    final_by: Mapped[str | None]
    final_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "target IN ('post', 'comment', 'question')", name="feed_moderation_cases_target"
        ),
        CheckConstraint(
            "opened_by IN ('module', 'lexicon', 'report', 'staff')",
            name="feed_moderation_cases_opened_by",
        ),
        CheckConstraint(
            "state IN ('open', 'decided', 'appealed', 'final')", name="feed_moderation_cases_state"
        ),
        CheckConstraint(
            "decision IN ('keep', 'take_down') AND final_decision IN ('keep', 'take_down')",
            name="feed_moderation_cases_decision",
        ),
        CheckConstraint("final_by <> decided_by", name="feed_moderation_cases_two_people"),
        Index(
            "feed_moderation_cases_one",
            "target",
            "target_id",
            unique=True,
            postgresql_where=text("state IN ('open', 'appealed')"),
        ),
        Index(
            "feed_moderation_cases_queue",
            "community_id",
            "opened_at",
            "id",
            postgresql_where=text("state IN ('open', 'appealed')"),
        ),
        Index("feed_moderation_cases_of", "community_id", "opened_at", "id"),
        Index("feed_moderation_cases_target", "target", "target_id"),
        Index(
            "feed_moderation_cases_forget",
            "decided_at",
            postgresql_where=text("decided_at IS NOT NULL AND forgotten_at IS NULL"),
        ),
        Index("feed_moderation_cases_author", "author_id", "opened_at", "id"),
        Index("feed_moderation_cases_post", "post_id"),
    )


class Report(Base):
    """Somebody reported a post or comment; each person once per case.

    ``reporter_role`` is the office in which it was done, or empty: then nobody is told who it was.
    """

    __tablename__ = "feed_reports"

    case_id: Mapped[str] = mapped_column(ForeignKey("feed_moderation_cases.id"), primary_key=True)
    reporter_id: Mapped[str] = mapped_column(primary_key=True)
    reporter_role: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("feed_reports_reporter", "reporter_id"),)


class LogEntry(Base):
    """The moderation log: who did what to what, and why. Rows are added, never changed."""

    __tablename__ = "feed_moderation_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[str | None]
    actor_role: Mapped[str] = mapped_column(server_default="")
    action: Mapped[str]
    target: Mapped[str]
    target_id: Mapped[str]
    community_id: Mapped[str]
    path: Mapped[str]
    case_id: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))

    __table_args__ = (
        Index("feed_moderation_log_of", "community_id", "id"),
        Index("feed_moderation_log_target", "target", "target_id"),
    )


class Distance(Base):
    """Somebody keeps away from somebody: ``mute`` (屏蔽) hides, ``block`` (拉黑) also refuses.

    Who hides her name is another person to the neighbours than she is with it, and stays one: a
    row with ``hidden`` concerns what the other says without her name, a row with ``veiled`` what I
    say without mine (see :mod:`services.feed.domain.distances`). ``post_id`` or ``comment_id`` is
    where I met somebody who was hidden. ``met_in`` is the post of hers in whose thread that was, as
    each is a row of its own: one row for two posts would say that the same person wrote them.
    """

    __tablename__ = "feed_distances"

    person_id: Mapped[str] = mapped_column(primary_key=True)
    other_id: Mapped[str] = mapped_column(primary_key=True)
    hidden: Mapped[bool] = mapped_column(primary_key=True)
    veiled: Mapped[bool] = mapped_column(primary_key=True)
    met_in: Mapped[str] = mapped_column(primary_key=True, server_default="")
    id: Mapped[str]
    kind: Mapped[str]
    post_id: Mapped[str | None]
    comment_id: Mapped[str | None]
    since: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('mute', 'block')", name="feed_distances_kind"),
        CheckConstraint("person_id <> other_id", name="feed_distances_others"),
        Index("feed_distances_id", "id", unique=True),
        Index("feed_distances_other", "other_id"),
    )


class Silence(Base):
    """Somebody may not write in a community until a time (禁言), with a reason told to her.

    ``lifted_at`` is when it ended, by somebody (``lifted_by``) or by time.
    """

    __tablename__ = "feed_silences"

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str]
    person_id: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("since < until", name="feed_silences_times"),
        Index(
            "feed_silences_of",
            "community_id",
            "person_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
        Index("feed_silences_due", "until", postgresql_where=text("lifted_at IS NULL")),
        Index("feed_silences_newest", "community_id", "since", "id"),
        Index("feed_silences_person", "person_id"),
    )
