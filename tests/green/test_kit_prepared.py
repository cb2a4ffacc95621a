"""Marked statements are planned once a connection, and mean the same as ever. Needs: db, broker."""

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from services.kit import db as kit_db
from services.kit import prepared as kit_prepared
from services.kit.prepared import prepared
from services.kit.service import rpc
from tests.support import probe
from tests.support.green_caller import Caller

pytestmark = [pytest.mark.db, pytest.mark.broker]

NAN, NO_NUMBER = float("nan"), Decimal("NaN")
AT = datetime(2026, 3, 2, 4, 0, 0, 5, tzinfo=UTC)
KEPT = text("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'kit%' ORDER BY 1")


@pytest.fixture
def engine(probe_database):
    made = kit_db.make_engine(probe_database, pool=1)
    yield made
    made.dispose()


@contextmanager
def sent(engine):
    """What the server is sent while this lasts."""
    words = []

    def after(_conn, cursor, *_rest):
        words.append(cursor.query.decode())

    event.listen(engine, "after_cursor_execute", after)
    yield words
    event.remove(engine, "after_cursor_execute", after)


def kept(engine):
    """How many statements the session of the pool's connection has prepared."""
    with engine.connect() as connection:
        return len(connection.scalars(KEPT).all())


def test_a_marked_statement_is_prepared_once_and_executed_from_then_on(engine):
    marked = prepared("SELECT thing FROM note WHERE author = :who AND thing LIKE '%' || :end")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note (thing, author) VALUES ('tree', 'a')"))
    with sent(engine) as words:
        for _ in range(3):
            with engine.connect() as connection:
                assert connection.scalars(marked, {"who": "a", "end": "ee"}).all() == ["tree"]
                assert connection.scalars(marked, {"who": "a", "end": "x"}).all() == []
    assert len(words) == 6 and all(each.startswith("EXECUTE kit_") for each in words)
    assert kept(engine) == 1


def test_what_is_not_marked_runs_as_it_stands(engine):
    with sent(engine) as words, engine.connect() as connection:
        connection.execute(text("SELECT thing FROM note WHERE author = :who"), {"who": "a"})
    assert words == ["SELECT thing FROM note WHERE author = 'a'"]
    assert kept(engine) == 0


def test_an_engine_that_may_not_keep_anything_keeps_nothing(probe_database):
    engine = kit_db.make_engine(probe_database, pool=1, prepare=False)
    with sent(engine) as words, engine.connect() as connection:
        assert connection.scalar(prepared("SELECT 1 + :n"), {"n": 2}) == 3
    assert words == ["SELECT 1 + 2"]
    assert kept(engine) == 0
    engine.dispose()


def end_session(url, pid):
    """Let the server end a session, as it does when it is stopped."""
    other = kit_db.make_engine(url.render_as_string(hide_password=False), pool=1)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.dispose()


TYPED = [
    (True, "boolean"),
    (0, "integer"),
    (-5, "integer"),
    (2**31 - 1, "integer"),
    (2**31, "bigint"),
    (-(2**63), "bigint"),
    (2**70, "numeric"),
    (1.5, "numeric"),
    (1e300, "numeric"),
    (NAN, "double precision"),
    (Decimal("1.10"), "numeric"),
    (NO_NUMBER, "numeric"),
    (AT, "timestamp with time zone"),
    (AT.replace(tzinfo=None), "timestamp without time zone"),
    (date(2026, 3, 2), "date"),
    (timedelta(days=1, seconds=2), "interval"),
    (b"\x00\xff", "bytea"),
    (["a", "b'c", None, "100% \\ $1 %(x)s"], "text[]"),
    ([1, 2], "integer[]"),
    ([1, 2**40], "bigint[]"),
    ([True, False], "boolean[]"),
    ([Decimal("1.5"), Decimal(2)], "numeric[]"),
    ([AT, None], "timestamp with time zone[]"),
    ((1, 2), "record"),
]
AS_THEY_STAND = [2**70, NAN, NO_NUMBER, (1, 2)]


@pytest.mark.parametrize(("value", "kind"), TYPED, ids=repr)
def test_a_value_has_the_type_that_it_has_as_text(probe_database, value, kind):
    marked = prepared("SELECT pg_typeof(:value)::text, (:value)::text")
    told = []
    for prepare in (True, False):
        engine = kit_db.make_engine(probe_database, pool=1, prepare=prepare)
        with engine.connect() as connection:
            told.append(connection.execute(marked, {"value": value}).one())
        assert kept(engine) == (1 if prepare and value not in AS_THEY_STAND else 0)
        engine.dispose()
    assert told[0] == told[1]
    assert told[0][0] == kind


@pytest.mark.parametrize("value", ["it's 100% \\ «引号» $1 %(x)s", "", None, [], [None]], ids=repr)
def test_what_stands_in_quotes_gets_its_type_from_its_place(engine, value):
    marked = prepared("SELECT cast(:value AS text), cast(:value AS text) IS NULL, 7 % 4")
    with engine.connect() as connection:
        said, missing, rest = connection.execute(marked, {"value": value}).one()
    assert said == {"[]": "{}", "[None]": "{NULL}"}.get(repr(value), value)
    assert (missing, rest) == (value is None, 3)
    assert kept(engine) == 1


def test_one_value_has_another_type_at_each_place(engine):
    marked = prepared(
        "SELECT cast(:key AS timestamptz) + interval '1 day', :key || '!', "
        "length(:key), :size + 1, cast(:size AS text) || 'x'"
    )
    values = {"key": "2026-03-02T04:00:00+00:00", "size": 4}
    with engine.connect() as connection:
        at, said, length, size, shown = connection.execute(marked, values).one()
    assert at == datetime(2026, 3, 3, 4, tzinfo=UTC)
    assert (said, length, size, shown) == (f"{values['key']}!", 25, 5, "4x")
    assert kept(engine) == 1


def test_values_of_another_type_have_a_plan_of_their_own(engine):
    marked = prepared("SELECT :n + 1, cardinality(:words ::text[])")
    with engine.connect() as connection:
        for n, words in ((1, []), (2**40, ["a"]), (Decimal("1.5"), ["a", "b"]), (2, [])):
            assert connection.execute(marked, {"n": n, "words": words}).one() == (n + 1, len(words))
    assert kept(engine) == 3


def test_what_the_server_does_not_prepare_costs_the_transaction_nothing(engine):
    marked = prepared("SELECT CASE WHEN :nothing IS NULL THEN 'none' ELSE 'some' END")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note (thing, author) VALUES ('before', 'a')"))
        assert connection.scalar(marked, {"nothing": None}) == "none"
        assert connection.scalar(marked, {"nothing": "x"}) == "some"
    assert kept(engine) == 0
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT thing FROM note")) == "before"


def test_what_is_refused_is_not_tried_again(engine):
    marked = prepared("SELECT :nothing IS NULL")
    with capture_logs() as lines:
        for _ in range(3):
            with engine.connect() as connection:
                assert connection.scalar(marked, {"nothing": None}) is True
            engine.dispose()  # nor by another connection
    assert [line["event"] for line in lines] == ["statement not prepared"]


def test_a_wrong_statement_is_as_wrong_as_ever(engine):
    marked = prepared("SELECT thing FROM not_there WHERE author = :who")
    with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
        connection.execute(marked, {"who": "a"})
    assert kit_db.sqlstate(raised.value) == "42P01"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE not_there (thing text, author text)"))
    with engine.connect() as connection:
        assert connection.scalars(marked, {"who": "a"}).all() == []
    assert kept(engine) == 1


def test_what_is_prepared_outlives_a_transaction_that_is_rolled_back(engine):
    marked = prepared("INSERT INTO note (thing, author) VALUES (:thing, 'a') RETURNING thing")
    with engine.connect() as connection:
        assert connection.scalar(marked, {"thing": "never"}) == "never"
    with engine.begin() as connection, pytest.raises(DBAPIError):
        connection.execute(marked, {"thing": None})
    with sent(engine) as words, engine.begin() as connection:
        assert connection.scalar(marked, {"thing": "kept"}) == "kept"
    assert words[0].startswith("EXECUTE")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT thing FROM note")).all() == ["kept"]
    assert kept(engine) == 1


def test_in_a_transaction_that_has_failed_it_says_so(engine):
    with engine.connect() as connection:
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1/0"))
        with pytest.raises(DBAPIError) as raised:
            connection.execute(prepared("SELECT 5 + :n"), {"n": 1})
    assert kit_db.sqlstate(raised.value) == "25P02"
    with engine.connect() as connection:
        assert connection.scalar(prepared("SELECT 5 + :n"), {"n": 1}) == 6
    assert kept(engine) == 1


def test_a_connection_that_commits_by_itself_prepares_too(engine):
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        for number in (1, 2):
            assert alone.scalar(prepared("SELECT 6 + :n"), {"n": number}) == 6 + number
        assert alone.scalar(prepared("SELECT :nothing IS NOT NULL"), {"nothing": "x"}) is True
    assert kept(engine) == 1


def test_a_connection_that_replaces_a_dead_one_prepares_anew(engine):
    marked = prepared("SELECT 7 + :n")
    with engine.connect() as connection:
        assert connection.scalar(marked, {"n": 1}) == 8
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    end_session(engine.url, pid)
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.scalar(marked, {"n": 2})
    assert kit_db.worth_repeating(raised.value)
    with engine.connect() as connection:
        assert connection.scalar(marked, {"n": 2}) == 9
    assert kept(engine) == 1


def test_a_session_dropped_while_preparing_is_a_dead_connection(engine):
    with engine.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    end_session(engine.url, pid)
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.scalar(prepared("SELECT 8 + :n"), {"n": 2})
    assert kit_db.worth_repeating(raised.value)


def test_a_connection_keeps_so_many_and_the_latest_used(engine, monkeypatch):
    monkeypatch.setattr(kit_prepared, "MOST", 3)
    with engine.connect() as connection:
        for number in (1, 2, 3, 1, 4, 5):
            assert connection.scalar(prepared(f"SELECT {number} + :n"), {"n": 1}) == number + 1
        words = connection.scalars(KEPT).all()
    assert sorted(word.split(" AS SELECT ")[1][0] for word in words) == ["1", "4", "5"]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE note ALTER COLUMN author TYPE varchar(80)",
        "ALTER TABLE note ADD COLUMN more integer",
        "DEALLOCATE ALL",
    ],
)
def test_what_is_outdated_is_prepared_anew_by_every_connection(probe_database, change):
    engine = kit_db.make_engine(probe_database, pool=2)
    marked = prepared("SELECT * FROM note WHERE thing = :thing")
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            assert connection.execute(marked, {"thing": "x"}).all() == []
            connection.rollback()
        one.execute(text(change))
        one.commit()
        with pytest.raises(DBAPIError) as raised:
            one.execute(marked, {"thing": "x"})
        assert kit_db.worth_repeating(raised.value) and not one.invalidated
        one.rollback()
        for connection in (one, two):
            assert connection.execute(marked, {"thing": "x"}).all() == []
    engine.dispose()


def test_outside_of_a_transaction_what_is_outdated_shows_to_nobody(engine):
    marked = prepared("SELECT * FROM note WHERE thing = :thing")
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        assert alone.execute(marked, {"thing": "x"}).all() == []
        alone.execute(text("ALTER TABLE note ADD COLUMN more integer"))
        assert alone.execute(marked, {"thing": "x"}).all() == []
        assert alone.execute(marked, {"thing": "x"}).all() == []


class Reading(probe.ProbeService):
    """A probe that reads with a marked statement."""

    @rpc
    def probe_read(self, call: probe.Call, cmd: probe.Echo) -> probe.Echoed:
        """How many columns a note has."""
        rows = call.uow.session.execute(prepared("SELECT * FROM note WHERE thing <> :w"), {"w": ""})
        return probe.Echoed(word=str(len(rows.keys())))


def test_a_call_after_a_migration_is_answered_as_if_nothing_had_been(
    start, probe_database, amqp_url
):
    start(Reading, probe.Settings, probe_database, amqp_url)
    caller = Caller(amqp_url)

    def columns():
        replies = [caller.call("probe", "probe_read", word="x") for _ in range(8)]
        return {json.loads(reply["json"])["word"] for reply in replies}

    assert columns() == {"3"}
    engine = kit_db.make_engine(probe_database, pool=1)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE note ADD COLUMN more integer"))
    engine.dispose()
    assert columns() == {"4"}
    caller.close()


def test_the_servers_choice_of_a_plan_is_kept(engine):
    marked = prepared("SELECT thing FROM note WHERE author = :who")
    plans = text("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
    with engine.connect() as connection:
        connection.execute(text("SET plan_cache_mode = force_custom_plan"))
        for _ in range(8):
            connection.execute(marked, {"who": "a"})
        assert connection.execute(plans).one() == (0, 8)
        connection.execute(text("SET plan_cache_mode = force_generic_plan"))
        connection.execute(marked, {"who": "a"})
        assert connection.execute(plans).one() == (1, 8)
