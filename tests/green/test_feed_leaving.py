"""Somebody leaves, or deletes her account: what becomes of every row that names her. Needs: db."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Table, Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY, INT4MULTIRANGE, JSONB

from services.contracts import events as e
from services.contracts.ids import new_id
from services.feed.handlers import keeping_away, leaving
from services.feed.models import (
    AidPost,
    Base,
    Handshake,
    HandshakeStep,
    ModerationCase,
    Report,
    Silence,
)
from tests.support.feed_street import CID, NOON, PATH, Street, actor

pytestmark = pytest.mark.db

GOES = "the row goes"
STAYS = "the row stays; the id means nobody"

# Every column that names a person, and what becomes of a row that names her there when her account
# is deleted. What was said and done in public stays, under 已注销用户; what was between two, what
# is sensitive and what nobody needs any more goes.
FATE: dict[str, str] = {
    "feed_comment_likes.person_id": STAYS,
    "feed_comments.author_id": STAYS,
    "feed_comments.removed_by": STAYS,
    "feed_distances.other_id": GOES,
    "feed_distances.person_id": GOES,
    "feed_handshake_steps.by": STAYS,
    "feed_handshakes.asker_id": STAYS,
    "feed_handshakes.author_id": STAYS,
    "feed_handshakes.done_by": STAYS,
    "feed_handshakes.helper_id": STAYS,
    "feed_handshakes.missed_by": STAYS,
    "feed_ledger_lines.by": STAYS,
    "feed_ledgers.checked_by": STAYS,
    "feed_ledgers.made_by": STAYS,
    "feed_ledgers.published_by": STAYS,
    "feed_likes.person_id": STAYS,
    "feed_moderation_cases.author_id": STAYS,
    "feed_moderation_cases.decided_by": STAYS,
    "feed_moderation_cases.final_by": STAYS,
    "feed_moderation_log.actor_id": STAYS,
    "feed_modules.changed_by": STAYS,
    "feed_no_show_clearances.by": STAYS,
    "feed_no_show_clearances.person_id": GOES,
    "feed_party_check_ins.person_id": GOES,
    "feed_pledge_keepers.person_id": GOES,
    "feed_pledge_records.by": STAYS,
    "feed_pledge_witnesses.person_id": STAYS,
    "feed_post_versions.written_by": STAYS,
    "feed_posts.assisted_by": STAYS,
    "feed_posts.author_id": STAYS,
    "feed_posts.edited_by": STAYS,
    "feed_posts.praised_id": STAYS,
    "feed_posts.removed_by": STAYS,
    "feed_project_hours.confirmed_by": STAYS,
    "feed_project_hours.person_id": STAYS,
    "feed_project_money.by": STAYS,
    "feed_project_steps.actor_id": STAYS,
    "feed_questions.answered_by": STAYS,
    "feed_questions.asker_id": STAYS,
    "feed_reports.reporter_id": STAYS,
    "feed_sign_ups.assisted_by": STAYS,
    "feed_sign_ups.checked_in_by": STAYS,
    "feed_sign_ups.invited_by": STAYS,
    "feed_sign_ups.person_id": STAYS,
    "feed_silences.by": STAYS,
    "feed_silences.lifted_by": STAYS,
    "feed_silences.person_id": STAYS,
    "feed_study_completions.person_id": GOES,
    "feed_suggestions.decided_by": STAYS,
    "feed_volunteers.person_id": STAYS,
}
# Words that were hers alone or about her alone, and are emptied in the row that stays.
EMPTIED = (
    ("feed_handshakes", "asker_id", "note"),
    ("feed_handshakes", "asker_id", "thanks"),
    ("feed_reports", "reporter_id", "reason"),
    ("feed_sign_ups", "person_id", "note"),
    ("feed_silences", "person_id", "reason"),
)
NO_PERSON = {
    "case_id",
    "comment_id",
    "community_id",
    "issue_id",
    "opened_by",
    "place_id",
    "post_id",
    "target_id",
}
KEYS = {"case_id", "code", "id", "issue_id", "key", "place_id", "target_id"}
# What the database checks and a made-up value would not be.
SAID: dict[str, Any] = {
    "feed_aid_posts.community_id": CID,
    "feed_posts.community_id": CID,
    "feed_posts.path": PATH,
    "feed_aid_posts.kind": "offer",
    "feed_aid_posts.state": "open",
    "feed_comments.state": "shown",
    "feed_distances.kind": "mute",
    "feed_handshakes.kind": "offer",
    "feed_handshakes.state": "asked",
    "feed_handshakes.minors": False,
    "feed_ledgers.kind": "collective",
    "feed_questions.state": "shown",
    "feed_ledgers.state": "published",
    "feed_ledger_lines.section": "income",
    "feed_ledger_lines.cancels": None,
    "feed_moderation_cases.target": "post",
    "feed_moderation_cases.opened_by": "report",
    "feed_moderation_cases.state": "decided",
    "feed_moderation_cases.decision": "keep",
    "feed_moderation_cases.final_decision": None,
    "feed_moderation_cases.forgotten_at": None,
    "feed_party_check_ins.kind": "resident",
    "feed_posts.state": "shown",
    "feed_project_money.kind": "income",
    "feed_project_money.cancels": None,
    "feed_projects.state": "running",
    "feed_sign_up_events.unit": "person",
    "feed_sign_up_events.starts_at": None,
    "feed_sign_up_events.ends_at": None,
    "feed_sign_up_events.deadline": None,
    "feed_sign_ups.state": "in",
    "feed_silences.until": datetime(2026, 3, 9, 4, 0, tzinfo=NOON.tzinfo),
    "feed_silences.lifted_at": None,
    "feed_suggestions.state": "open",
    "feed_volunteers.left_at": None,
}


def named() -> dict[str, Column[Any]]:
    """Columns that can hold a person's id, by ``table.column``."""
    return {
        f"{table.name}.{column.name}": column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if (column.name == "by" or column.name.endswith(("_by", "_id")))
        and not column.foreign_keys
        and column.name not in NO_PERSON
    }


def made_up(column: Column[Any]) -> Any:
    """A value of the column's type."""
    kind = column.type
    if isinstance(kind, JSONB):
        return {}
    if isinstance(kind, ARRAY):
        return []
    if isinstance(kind, Text):
        return new_id() if column.name in KEYS else "字"
    python: dict[type, Any] = {
        int: 1,
        bool: True,
        datetime: NOON,
        date: NOON.date(),
        Decimal: Decimal(1),
    }
    return python[kind.python_type]


class Traces:
    """A row in every table for each column that can name her, so that she is named in all."""

    def __init__(self, street: Street, person: str) -> None:
        self.street, self.person = street, person

    def leave(self) -> None:
        """Write them, parents first."""
        with self.street.units() as uow:
            for table in Base.metadata.sorted_tables:
                people = [c.name for c in table.columns if f"{table.name}.{c.name}" in named()]
                for about in people:
                    uow.session.execute(table.insert().values(self._row(uow, table, about)))
            uow.commit()

    def _row(self, uow: Any, table: Table, about: str) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if name in named():
                row[column.name] = self.person if column.name == about else new_id()
            elif name in SAID:
                row[column.name] = SAID[name]
            elif column.foreign_keys:
                row[column.name] = self._parent(uow, column)
            elif not (column.identity or isinstance(column.type, INT4MULTIRANGE)):
                row[column.name] = made_up(column)
        return row

    def _parent(self, uow: Any, column: Column[Any]) -> Any:
        """A fresh row of the table that the column points to, named nobody we know; its key."""
        (key,) = column.foreign_keys
        parent = key.column.table
        if parent is column.table:
            return None
        row = self._row(uow, parent, "")
        uow.session.execute(parent.insert().values(row))
        return row[key.column.name]

    def count(self, column: Column[Any]) -> int:
        with self.street.units(read_only=True) as uow:
            found = select(func.count()).select_from(column.table).where(column == self.person)
            return int(uow.session.scalar(found) or 0)


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


def told(street: Street, event: e.Event) -> None:
    """What the queue of the territory brings, as ``keep_directory`` takes it."""
    street.told(event)
    street.run(leaving.follow, event, street.now)


def test_of_every_column_that_names_a_person_it_is_known_what_becomes_of_it():
    assert set(FATE) == set(named())


def test_each_row_that_names_a_deleted_account_goes_or_stays_as_the_table_says(street):
    traces = Traces(street, "sun")
    traces.leave()
    before = {name: traces.count(column) for name, column in named().items()}
    assert min(before.values()) >= 1
    told(street, e.PersonDeleted(person_id="sun"))
    after = {name: traces.count(column) for name, column in named().items()}
    assert {name for name, rows in after.items() if rows == 0} == {
        name for name, fate in FATE.items() if fate is GOES
    }
    assert {name for name in after if 0 < after[name] < before[name]} == set()


def test_words_of_a_deleted_account_that_were_private_are_emptied(street):
    Traces(street, "sun").leave()
    Traces(street, "lu").leave()
    told(street, e.PersonDeleted(person_id="sun"))
    for table_name, who, words in EMPTIED:
        table = Base.metadata.tables[table_name]
        with street.units(read_only=True) as uow:
            kept = {
                person: set(
                    uow.session.scalars(select(table.c[words]).where(table.c[who] == person))
                )
                for person in ("sun", "lu")
            }
        assert (table_name, words, kept["sun"]) == (table_name, words, {""})
        assert (table_name, words, kept["lu"]) == (table_name, words, {"字"}), "others' stay"


# -- what ends with somebody's belonging ---------------------------------------------------------


def offered(street: Street, author: str, asker: str, state: str, kind: str = "offer") -> str:
    """A handshake on a post of the author's; its id."""
    post = street.post(who=actor(author), module="idle" if kind == "idle" else "mutual_aid")
    shake = new_id()
    with street.units() as uow:
        thing = "reserved" if kind == "idle" else "open"
        uow.session.merge(
            AidPost(post_id=post["id"], community_id=CID, kind=kind, state=thing, flagged_at=NOON)
        )
        uow.session.flush()
        uow.session.add(
            Handshake(
                id=shake,
                post_id=post["id"],
                community_id=CID,
                kind=kind,
                author_id=author,
                asker_id=asker,
                helper_id=author,
                state=state,
                note="晚上方便",
                asked_at=NOON,
                changed_at=NOON,
            )
        )
        uow.session.flush()
        for by in (asker, author):
            uow.session.add(
                HandshakeStep(
                    id=new_id(), handshake_id=shake, state=state, by=by, note="好的", at=NOON
                )
            )
        uow.commit()
    return shake


def step_notes(street: Street, shake: str) -> dict[str, str]:
    """What was said with the steps of a handshake, by whom."""
    said = select(HandshakeStep.by, HandshakeStep.note).where(HandshakeStep.handshake_id == shake)
    with street.units(read_only=True) as uow:
        return {by: note for by, note in uow.session.execute(said) if by}


def shakes(street: Street, *ids: str) -> list[str]:
    with street.units(read_only=True) as uow:
        return [uow.session.get_one(Handshake, each).state for each in ids]


def moved_away(person: str) -> e.MemberCardChanged:
    return e.MemberCardChanged(
        person_id=person, community_id=CID, path=PATH, standing="ended", display_name=person
    )


@pytest.mark.parametrize("event", [moved_away("sun"), e.PersonDeleted(person_id="sun")])
def test_what_was_asked_or_agreed_ends_and_the_other_is_told(street, event):
    street.card("li", display_name="小李")
    open_ones = [
        offered(street, "sun", "lu", "asked"),
        offered(street, "lu", "sun", "agreed", "idle"),
    ]
    others = [offered(street, "lu", "li", "agreed"), offered(street, "sun", "lu", "thanked")]
    told(street, event)
    told(street, event)
    assert shakes(street, *open_ones) == ["cancelled", "cancelled"]
    assert shakes(street, *others) == ["agreed", "thanked"]
    ended = [body for kind, body in street.emitted() if kind == e.HandshakeChanged.TYPE]
    assert sorted((b["handshake_id"], b["state"], b["by"]) for b in ended) == sorted(
        (each, "cancelled", "sun") for each in open_ones
    )
    with street.units(read_only=True) as uow:
        found = uow.session.execute(
            select(Handshake.author_id, Handshake.kind, AidPost.state)
            .join(AidPost, AidPost.post_id == Handshake.post_id)
            .where(Handshake.id.in_([*open_ones, *others]))
        )
        assert sorted(tuple(row) for row in found) == [
            ("lu", "idle", "open"),  # is free for others again
            ("lu", "offer", "open"),
            ("sun", "offer", "closed"),
            ("sun", "offer", "closed"),
        ]


def test_who_moves_away_keeps_her_words_and_who_she_keeps_away_from(street):
    shake = offered(street, "lu", "sun", "thanked")
    Traces(street, "sun").leave()
    told(street, moved_away("sun"))
    with street.units(read_only=True) as uow:
        assert uow.session.get_one(Handshake, shake).note == "晚上方便"
        silences = select(Silence.reason).where(Silence.person_id == "sun")
        assert set(uow.session.scalars(silences)) == {"字"}
        for column in ("feed_distances.person_id", "feed_distances.other_id"):
            assert Traces(street, "sun").count(named()[column]) == 1


def test_of_what_two_said_to_each_other_only_the_words_of_who_is_gone_go(street):
    shake = offered(street, "lu", "sun", "thanked")
    told(street, e.PersonDeleted(person_id="sun"))
    assert step_notes(street, shake) == {"sun": "", "lu": "好的"}


def test_words_where_children_are_concerned_are_kept_for_who_looks_into_it(street):
    shake = offered(street, "lu", "sun", "no_show")
    with street.units() as uow:
        uow.session.get_one(Handshake, shake).minors = True
        uow.commit()
    told(street, e.PersonDeleted(person_id="sun"))
    with street.units(read_only=True) as uow:
        assert uow.session.get_one(Handshake, shake).note == "晚上方便"
    assert step_notes(street, shake) == {"sun": "好的", "lu": "好的"}


def test_a_report_that_waits_keeps_its_reason_until_somebody_has_decided(street):
    Traces(street, "sun").leave()
    with street.units() as uow:
        uow.session.execute(ModerationCase.__table__.update().values(state="open", decided_at=None))
        uow.commit()
    told(street, e.PersonDeleted(person_id="sun"))
    with street.units(read_only=True) as uow:
        reasons = select(Report.reason).where(Report.reporter_id == "sun")
        assert set(uow.session.scalars(reasons)) == {"字"}


def test_a_silence_ends_with_the_account_and_nobody_is_told_later(street):
    Traces(street, "sun").leave()
    told(street, e.PersonDeleted(person_id="sun"))
    street.later(days=30)
    assert street.run(keeping_away.end_silences, street.now) == 2  # of others
