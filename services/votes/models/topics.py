"""Topics, the steps they took, and the settings of the chain they take them by."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.votes.models.base import Base, Json, Path


class ChainSettingsRow(Base):
    """A version of a community's settings; there is no row while it has not chosen any."""

    __tablename__ = "chain_settings"

    community_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[Json]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None]
    note: Mapped[str | None]


class TopicRow(Base):
    """A topic as it stands; whoever leads it on holds its lock.

    ``settings`` is the copy of the chain's settings that it was raised under. ``deadline_at`` is
    that of its state, ``since`` when it came into it. ``covenant_id`` is set from the beginning
    where the topic is to amend or repeal (``aim``), and by adoption otherwise. ``proposal`` is the
    newest version of its text, 0 before the first. ``locked_until`` is until when the same may not
    come back after it was voted down. ``seconded_at`` is when enough had seconded it; ``again_of``
    the earlier topic that was voted down; ``assisted_by`` who raised it for the author. While it is
    ``held``, somebody has to look at its words before other neighbours read them. The counters are
    sums of their tables.
    """

    __tablename__ = "topics"
    __table_args__ = (
        CheckConstraint(
            "state IN ('raised', 'screened', 'discussion', 'actionable', 'prior_study', "
            "'proposal', 'notice', 'voting', 'publicity', 'adopted', 'refused', 'closed')",
            name="topics_state",
        ),
        CheckConstraint(
            "convener IN ('residents_committee', 'owners_committee')", name="topics_convener"
        ),
        CheckConstraint("aim IN ('new', 'amend', 'repeal')", name="topics_aim"),
        Index("topics_newest", "community_id", "id"),
        Index("topics_in_state", "community_id", "state", "id"),
        Index("topics_author", "author_id"),
        Index(
            "topics_waiting",
            "community_id",
            "deadline_at",
            "id",
            postgresql_where=text("deadline_at IS NOT NULL"),
        ),
        Index(
            "topics_from_post", "from_post_id", postgresql_where=text("from_post_id IS NOT NULL")
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str]
    path: Mapped[str] = mapped_column(Path)
    title: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    convener: Mapped[str]
    aim: Mapped[str] = mapped_column(server_default=text("'new'"), default="new")
    covenant_id: Mapped[str | None]
    author_id: Mapped[str]
    from_post_id: Mapped[str | None]
    settings: Mapped[Json]
    settings_version: Mapped[int]
    returned: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    accepted_at: Mapped[datetime | None]
    second_accepted_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    merged_into: Mapped[str | None]
    seconders: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    opinions_for: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    opinions_against: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    opinions_neutral: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    proposal: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    poll_id: Mapped[str | None]
    locked_until: Mapped[datetime | None]
    since: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seconded_at: Mapped[datetime | None]
    again_of: Mapped[str | None]
    assisted_by: Mapped[str | None]
    held: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class TopicWordingRow(Base):
    """How a question, or the item that came of it, was worded; the topic carries the newest.

    ``held``: somebody had to look at these words, and they were never accepted; what was sent back
    for them stays with the desk and its author, whatever replaced it.
    """

    __tablename__ = "topic_wordings"
    __table_args__ = (CheckConstraint("kind IN ('question', 'item')", name="topic_wordings_kind"),)

    topic_id: Mapped[str] = mapped_column(
        ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    written_by: Mapped[str | None]
    role: Mapped[str]
    at: Mapped[datetime]
    held: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class TopicStepRow(Base):
    """A line of a topic's public timeline. ``ref`` names what it tells of: ``{"poll_id": …}``.

    ``deadline_at`` is by when the next step was due, as it was told.
    """

    __tablename__ = "topic_steps"
    __table_args__ = (
        Index("topic_steps_of", "topic_id", "id"),
        Index("topic_steps_actor", "actor_id", postgresql_where=text("actor_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str]
    was: Mapped[str]
    state: Mapped[str]
    actor_id: Mapped[str | None]
    actor_role: Mapped[str]
    text: Mapped[str]
    reason: Mapped[str | None]
    ref: Mapped[Json | None]
    deadline_at: Mapped[datetime | None]


class SeconderRow(Base):
    """Somebody seconds a topic (附议)."""

    __tablename__ = "topic_seconders"
    __table_args__ = (Index("topic_seconders_person", "person_id"),)

    topic_id: Mapped[str] = mapped_column(
        ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
