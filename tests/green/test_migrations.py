"""What the migrations make is what the models say, for every service. Needs: db."""

import importlib
import importlib.util

import eventlet
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from services.kit import migrate
from services.kit.topology import SERVICES

pytestmark = pytest.mark.db
OURS = [name for name in SERVICES if name != "probe"]
WITH_TABLES = [name for name in OURS if importlib.util.find_spec(f"services.{name}.models")]
BEFORE_RESIDENCE = {"feed": "0002", "grid_bridge": "0002", "votes": "0001", "notify": "0001"}
SHARED = ("kit_", "directory_")  # plain SQL in the kit and the directory, used through SQL


def is_own(name, kind, parents) -> bool:
    table = name if kind == "table" else parents.get("table_name")
    return not (table and table.startswith(SHARED))


@pytest.mark.parametrize("service", WITH_TABLES)
def test_models_and_migrations_agree(service, make_database):
    engine = create_engine(make_database(service))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": is_own, "compare_type": True}
        )
        models = importlib.import_module(f"services.{service}.models")
        assert compare_metadata(context, models.Base.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("service", OURS)
def test_migrating_again_changes_nothing(service, make_database):
    url = make_database(service)
    migrate.upgrade(service, url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM kit_alembic")) == migrate.head(
            service
        )
    engine.dispose()


def columns(engine, table):
    query = text(
        "SELECT column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_name = :table ORDER BY ordinal_position"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"table": table})]


@pytest.mark.parametrize("service", sorted(BEFORE_RESIDENCE))
def test_a_copy_of_the_territory_from_earlier_becomes_what_a_new_one_is(service, make_database):
    url = make_database(service)
    engine = create_engine(url)
    new = columns(engine, "directory_cards")
    assert "residence" in [name for name, *_ in new]
    with engine.begin() as connection:  # as the earlier revision left it
        for later in ("residence", "home"):
            connection.execute(text(f"ALTER TABLE directory_cards DROP COLUMN {later}"))
        connection.execute(
            text("INSERT INTO directory_cards VALUES ('sun', 'c-1', 'demo.a', 'active', '孙奶奶')")
        )
        connection.execute(
            text("UPDATE kit_alembic SET version_num = :v"), {"v": BEFORE_RESIDENCE[service]}
        )
    migrate.upgrade(service, url, "+1")
    assert columns(engine, "directory_cards") == new
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT display_name, residence FROM directory_cards"))
        assert [tuple(row) for row in kept] == [("孙奶奶", "local")]
    engine.dispose()


def test_notify_forgets_who_is_a_party_member(make_database):
    url = make_database("notify")
    engine = create_engine(url)
    with engine.begin() as connection:
        for n, role in enumerate(("party_member", "secretary")):
            connection.execute(
                text("INSERT INTO duties VALUES (:id, 'shi', :role, 'demo.a')"),
                {"id": f"g-{n}", "role": role},
            )
        connection.execute(text("UPDATE kit_alembic SET version_num = '0001'"))
    migrate.upgrade("notify", url, "+1")
    with engine.connect() as connection:
        assert list(connection.scalars(text("SELECT role FROM duties"))) == ["secretary"]
    engine.dispose()


@pytest.fixture
def held(make_database, monkeypatch):
    """A database one of whose tables somebody reads in a transaction that does not end."""
    monkeypatch.setattr(migrate, "LOCK_WAIT_MS", 200)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.5)
    url = make_database("notify")
    engine = create_engine(url)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM kit_seen"))
        yield url, engine, reader
    engine.dispose()


def test_nobody_waits_for_long_behind_a_migration_that_waits(held):
    url, engine, reader = held
    waiting = eventlet.spawn(migrate.upgrade, "notify", url)
    with engine.connect() as other:
        other.execute(text("SET statement_timeout = '2s'"))
        for _ in range(8):  # behind a lock that is waited for without a limit, the first would fail
            other.execute(text("SELECT count(*) FROM kit_seen"))
            other.rollback()
            eventlet.sleep(0.2)
    assert not waiting.dead, "it waits for the reader"
    reader.rollback()
    with eventlet.Timeout(20):
        waiting.wait()


def test_a_table_that_is_always_in_use_ends_the_migration(held, monkeypatch):
    url, engine, _ = held
    monkeypatch.setattr(migrate, "TRIES", 2)
    with pytest.raises(OperationalError, match="lock timeout"):
        migrate.upgrade("notify", url)
    held_here = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    with engine.connect() as other:
        assert other.scalar(held_here) == 0
