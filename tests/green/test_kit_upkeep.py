"""What goes on beside the calls: old rows are dropped, gauges tell the truth. Needs: db."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text

from services.kit import db, metrics, upkeep

pytestmark = pytest.mark.db

OLD = "clock_timestamp() - interval '40 days'"


@pytest.fixture
def engine(probe_database):
    made = db.make_engine(probe_database, pool=2)
    yield made
    made.dispose()


def count(engine, table):
    with engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


def fill(engine, rows):
    with engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO kit_inbox SELECT 'q', 'old' || n, {OLD} "
                f"FROM generate_series(1, {rows}) n"
            )
        )
        connection.execute(text("INSERT INTO kit_inbox VALUES ('q', 'fresh')"))
        connection.execute(
            text(
                "INSERT INTO kit_answer VALUES "
                f"('p', 'k:old', 'o', '', '', '1', {OLD}), "
                "('p', 'k:new', 'o', '', '', '1', clock_timestamp())"
            )
        )
        connection.execute(
            text(
                "INSERT INTO kit_outbox (event_id, exchange, routing_key, type, source, subject, "
                "subject_version, body, occurred_at, published_at) VALUES "
                f"('told', 'x', 'k', 't', 's', 'a', 1, '{{}}', {OLD}, {OLD}), "
                f"('waiting', 'x', 'k', 't', 's', 'a', 2, '{{}}', {OLD}, NULL)"
            )
        )


def test_what_is_too_old_is_dropped_and_what_waits_is_kept(engine):
    fill(engine, 3)
    upkeep.purge(engine)
    assert count(engine, "kit_inbox") == 1
    assert count(engine, "kit_answer") == 1
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT event_id FROM kit_outbox")) == "waiting"


def test_a_backlog_too_big_for_one_statement_is_dropped_piece_by_piece(engine, monkeypatch):
    fill(engine, 25)
    monkeypatch.setattr(upkeep, "PIECE", 10)
    upkeep.purge(engine)
    assert count(engine, "kit_inbox") == 1


def test_a_process_that_gave_up_the_relay_reports_no_waiting_events(engine):
    metrics.OUTBOX_WAITING.set(7)
    metrics.OUTBOX_LAG.set(99)
    relay = SimpleNamespace(active=False, published=0, refused=0)
    upkeep.observe(SimpleNamespace(engine=engine, relay=relay))
    assert metrics.OUTBOX_WAITING._value.get() == 0
    assert metrics.OUTBOX_LAG._value.get() == 0
