"""What somebody chose, and which threads she muted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.notify.domain import preferences as rules
from services.notify.domain.preferences import Preferences

# What holds for a person, in a statement that joined her row `p` of preferences, or found none:
# the same as `rules.DEFAULTS` and `rules.day_begins`, `is_quiet` and `goes_out_at` say. The
# parameters are `parameters(now)`.
CHANNELS: Final = "coalesce(p.channels, :default_channels)"
BUDGET: Final = "coalesce(p.daily_budget, :default_budget)"
DIGEST: Final = "coalesce(p.digest, :default_digest)"
_FROM: Final = "CASE WHEN p.person_id IS NULL THEN :default_from ELSE p.quiet_from END"
_UNTIL: Final = "CASE WHEN p.person_id IS NULL THEN :default_until ELSE p.quiet_until END"
DAY_BEGINS: Final = (
    "cast(:this_minute AS timestamptz)"
    f" - make_interval(mins => mod(:minute - coalesce({_FROM}, 0) + 1440, 1440))"
)
IS_QUIET: Final = (
    f"coalesce(mod(:minute - {_FROM} + 1440, 1440) < mod({_UNTIL} - {_FROM} + 1440, 1440), false)"
)
NIGHT_ENDS: Final = (
    "cast(:this_minute AS timestamptz)"
    f" + make_interval(mins => mod({_UNTIL} - :minute + 1440, 1440))"
)
# What may be said of a notice `n`: whether somebody may mute it, and whether it takes of a budget.
# The same as `rules.may_mute` and `rules.is_budgeted` say; the parameters are `NEWS`.
MUTABLE: Final = "n.lane = 'ordinary' AND n.kind <> ALL (:about_oneself)"
BUDGETED: Final = "n.lane = 'ordinary' AND n.kind <> ALL (:unbudgeted)"
NEWS: Final = {
    "about_oneself": sorted(rules.ABOUT_ONESELF),
    "unbudgeted": sorted(rules.UNBUDGETED),
}
_CHOSEN: Final = text(
    """
    SELECT channels, quiet_from, quiet_until, muted_kinds, daily_budget, digest, language
    FROM preferences WHERE person_id = :person
    """
)


def muted_thread_of(person: str) -> str:
    """SQL: whether the person in the column ``person`` muted the thread of a notice ``n``."""
    return (
        "EXISTS (SELECT FROM muted_threads m "
        f"WHERE m.post_id = n.post_id AND m.person_id = {person})"
    )


def muted_by(person: str, kinds: str) -> str:
    """SQL: whether she muted a notice ``n``: its kind, among those in ``kinds``, or its thread."""
    return f"({MUTABLE} AND (coalesce(n.kind = ANY ({kinds}), false) OR {muted_thread_of(person)}))"


def parameters(now: datetime) -> dict[str, Any]:
    """What the pieces of SQL above need."""
    return {
        **NEWS,
        "this_minute": now.replace(second=0, microsecond=0),
        "minute": rules.minute_in_china(now),
        "default_channels": list(rules.DEFAULTS.channels),
        "default_from": rules.DEFAULTS.quiet_from,
        "default_until": rules.DEFAULTS.quiet_until,
        "default_budget": rules.DEFAULTS.daily_budget,
        "default_digest": rules.DEFAULTS.digest,
    }


def of_row(row: Row[Any]) -> Preferences:
    """The preferences of a row that has the table's columns, all NULL for who never chose."""
    if row.channels is None:
        return rules.DEFAULTS
    return Preferences(
        channels=tuple(row.channels),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        muted_kinds=tuple(row.muted_kinds),
        daily_budget=row.daily_budget,
        digest=row.digest,
        language=row.language,
    )


def chosen(session: Session, person_id: str) -> Preferences | None:
    """What somebody chose; None: she never did."""
    row = session.execute(_CHOSEN, {"person": person_id}).one_or_none()
    return None if row is None else of_row(row)


def of_person(session: Session, person_id: str) -> Preferences:
    """What holds for somebody."""
    return chosen(session, person_id) or rules.DEFAULTS


def put(session: Session, person_id: str, wishes: Preferences, now: datetime) -> None:
    """Keep what somebody chose, in place of all that she chose before.

    Of who left for good nothing is kept any more.
    """
    session.execute(
        text(
            """
            INSERT INTO preferences (person_id, channels, quiet_from, quiet_until, muted_kinds,
                                     daily_budget, digest, language, changed_at)
            SELECT :person, :channels, :quiet_from, :quiet_until, cast(:muted AS text[]), :budget,
                   :digest, :language, :now
            WHERE NOT EXISTS (SELECT 1 FROM departed WHERE person_id = :person)
            ON CONFLICT (person_id) DO UPDATE SET
                channels = excluded.channels, quiet_from = excluded.quiet_from,
                quiet_until = excluded.quiet_until, muted_kinds = excluded.muted_kinds,
                daily_budget = excluded.daily_budget, digest = excluded.digest,
                language = excluded.language, changed_at = excluded.changed_at
            """
        ),
        {
            "person": person_id,
            "channels": list(wishes.channels),
            "quiet_from": wishes.quiet_from,
            "quiet_until": wishes.quiet_until,
            "muted": list(wishes.muted_kinds),
            "budget": wishes.daily_budget,
            "digest": wishes.digest,
            "language": wishes.language,
            "now": now,
        },
    )


def add_channel(session: Session, person_id: str, channel: str, now: datetime) -> None:
    """She may be reached by this way, too: to ask for a push on a phone is to choose it.

    What else holds for her stays as it is.
    """
    default = rules.DEFAULTS
    session.execute(
        text(
            """
            INSERT INTO preferences AS p (person_id, channels, quiet_from, quiet_until,
                                          daily_budget, digest, language, changed_at)
            SELECT :person, cast(:channels AS text[]), :quiet_from, :quiet_until, :budget, :digest,
                   :language, :now
            WHERE NOT EXISTS (SELECT 1 FROM departed WHERE person_id = :person)
            ON CONFLICT (person_id) DO UPDATE
                SET channels = array_append(p.channels, :channel), changed_at = :now
                WHERE NOT p.channels @> ARRAY[:channel]
            """
        ),
        {
            "person": person_id,
            "channel": channel,
            "channels": [*default.channels, channel],
            "quiet_from": default.quiet_from,
            "quiet_until": default.quiet_until,
            "budget": default.daily_budget,
            "digest": default.digest,
            "language": default.language,
            "now": now,
        },
    )


# -- threads --------------------------------------------------------------------------------------

_MUTED = """
    SELECT m.post_id, m.muted_at, nullif(t.title, '') AS title,
           coalesce(t.removed, false) AS removed
    FROM muted_threads m LEFT JOIN threads t ON t.post_id = m.post_id
    WHERE m.person_id = :person
"""


def concerns(session: Session, person_id: str, post_id: str) -> bool:
    """Whether somebody takes part in a thread, has muted it, or was told of it."""
    found = session.scalar(
        text(
            """
            SELECT EXISTS (SELECT 1 FROM follows WHERE post_id = :post AND person_id = :person
                           AND (part IS NOT NULL OR chosen))
                OR EXISTS (SELECT 1 FROM muted_threads
                           WHERE post_id = :post AND person_id = :person)
                OR EXISTS (SELECT 1 FROM inbox i JOIN notices n ON n.id = i.notice_id
                           WHERE i.person_id = :person AND n.post_id = :post)
            """
        ),
        {"person": person_id, "post": post_id},
    )
    return bool(found)


def mute(session: Session, person_id: str, post_id: str, now: datetime) -> None:
    """She does not want to hear of it any more."""
    session.execute(
        text(
            """
            INSERT INTO muted_threads (post_id, person_id, muted_at)
            SELECT :post, :person, :now
            WHERE NOT EXISTS (SELECT 1 FROM departed WHERE person_id = :person)
            ON CONFLICT DO NOTHING
            """
        ),
        {"person": person_id, "post": post_id, "now": now},
    )


def unmute(session: Session, person_id: str, post_id: str) -> None:
    """She wants to hear of it again."""
    session.execute(
        text("DELETE FROM muted_threads WHERE post_id = :post AND person_id = :person"),
        {"person": person_id, "post": post_id},
    )


def muted_thread(session: Session, person_id: str, post_id: str) -> Row[Any] | None:
    """One that she muted."""
    found = session.execute(
        text(f"{_MUTED} AND m.post_id = :post"), {"person": person_id, "post": post_id}
    )
    return found.one_or_none()


def muted_threads(
    session: Session, person_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """At most ``limit`` of those that she muted, newest first."""
    at, post_id = before or (None, None)
    found = session.execute(
        text(
            f"""
            {_MUTED} AND (cast(:at AS timestamptz) IS NULL
                          OR (m.muted_at, m.post_id) < (cast(:at AS timestamptz), :post))
            ORDER BY m.muted_at DESC, m.post_id DESC LIMIT :limit
            """
        ),
        {"person": person_id, "at": at, "post": post_id, "limit": limit},
    )
    return found.all()
