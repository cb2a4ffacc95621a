"""The chassis around a call, on a real broker and database. Needs: db, broker."""

import eventlet
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from services.contracts.errors import ShequError
from services.kit import db, kept
from services.kit.uow import UnitOfWorkFactory
from tests.support.green_caller import Caller
from tests.support.keys import Signer
from tests.support.kit_bench import until
from tests.support.probe import ProbeService, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def running(start, probe_database, amqp_url):
    start(ProbeService, Settings, probe_database, amqp_url)
    caller = Caller(amqp_url)
    caller.engine = create_engine(probe_database)
    yield caller
    caller.close()
    caller.engine.dispose()


def count(running, table: str) -> int:
    with running.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


def test_a_call_is_answered(running):
    assert running.call("probe", "probe_echo", word="你好")["data"]["word"] == "你好"


def test_an_error_travels_with_its_code_and_nothing_is_stored(running, signer):
    token = signer.token("p-7", [("resident", "demo.a.b")])
    with pytest.raises(ShequError) as caught:
        running.call_as({"token": token}, "probe", "probe_note", thing="t", fail="rule")
    assert (caught.value.status, caught.value.code) == (409, "probe.tangled")
    assert caught.value.zh == "缠住了"
    assert count(running, "note") == 0
    assert count(running, "kit_outbox") == 0


def test_a_crash_is_answered_without_its_details(running, signer, capfd):
    with pytest.raises(ShequError) as caught:
        running.call_as({"token": signer.token()}, "probe", "probe_note", thing="t", fail="crash")
    assert (caught.value.status, caught.value.code) == (500, "server.error")
    assert "secret" not in str(caught.value.to_wire())
    assert count(running, "note") == 0


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [({}, "word"), ({"word": 7}, "word"), ({"word": "x" * 101}, "word"), ({"word": None}, "word")],
)
def test_a_wrong_shape_names_its_field(running, kwargs, field):
    with pytest.raises(ShequError) as caught:
        running.call("probe", "probe_echo", **kwargs)
    assert (caught.value.status, caught.value.errors[0].field) == (422, field)


def test_nobody_may_not_write(running):
    with pytest.raises(ShequError) as caught:
        running.call("probe", "probe_note", thing="t")
    assert caught.value.status == 401


def test_a_forged_token_is_nobody(running, tmp_path):
    forged = Signer(tmp_path, kid="test").token("p-1")
    with pytest.raises(ShequError) as caught:
        running.call_as({"token": forged}, "probe", "probe_note", thing="t")
    assert caught.value.status == 401


def test_an_expired_token_says_so(running, signer):
    with pytest.raises(ShequError) as caught:
        running.call_as({"token": signer.token(age=1000)}, "probe", "probe_note", thing="t")
    assert caught.value.code == "auth.token_expired"


def test_an_observer_may_not_write(running, signer):
    token = signer.token("p-5", [("observer", "demo.a")])
    with pytest.raises(ShequError) as caught:
        running.call_as({"token": token}, "probe", "probe_note", thing="t")
    assert caught.value.code == "auth.observer_read_only"


def test_the_same_key_and_body_replays_the_first_answer(running, signer):
    context = {"token": signer.token(), "idempotency_key": "k1", "body_hash": "h1"}
    first = running.call_as(context, "probe", "probe_note", thing="t")
    again = running.call_as(context, "probe", "probe_note", thing="t")
    assert again == {**first, "replayed": True}
    assert count(running, "note") == 1


def test_the_same_key_with_another_body_is_a_conflict(running, signer):
    context = {"token": signer.token(), "idempotency_key": "k1", "body_hash": "h1"}
    running.call_as(context, "probe", "probe_note", thing="t")
    with pytest.raises(ShequError) as caught:
        running.call_as({**context, "body_hash": "h2"}, "probe", "probe_note", thing="u")
    assert caught.value.code == "request.idempotency_key_reused"


def test_the_key_of_one_person_says_nothing_about_another(running, signer):
    context = {"idempotency_key": "k1", "body_hash": "h1"}
    for person in ("p-1", "p-2"):
        running.call_as(
            {**context, "token": signer.token(person)}, "probe", "probe_note", thing="t"
        )
    assert count(running, "note") == 2


def test_twins_at_the_same_time_have_one_effect(running, signer):
    context = {"token": signer.token(), "idempotency_key": "twin", "body_hash": "h"}
    sent = [running.send("probe", "probe_note", {"thing": "t"}, **context) for _ in range(8)]
    answers = [running.wait(correlation_id) for correlation_id in sent]
    assert all(answer["error"] is None for answer in answers)
    assert len({answer["result"]["json"] for answer in answers}) == 1
    assert count(running, "note") == 1


def test_a_request_delivered_twice_is_done_once(running, signer):
    """What a redelivery after a crash looks like: the same correlation id, by two workers."""
    context = {"token": signer.token()}
    first = running.wait(running.send("probe", "probe_note", {"thing": "t"}, "c-1", **context))
    again = running.wait(running.send("probe", "probe_note", {"thing": "t"}, "c-1", **context))
    assert first["result"]["json"] == again["result"]["json"]
    assert again["result"]["replayed"] is True
    assert count(running, "note") == 1


def test_a_public_write_delivered_twice_is_done_once_and_its_answer_is_not_kept(running):
    """Login and refresh are public: done again they would end the session they began."""
    first = running.wait(running.send("probe", "probe_slow", {"thing": "secret"}, "c-1"))
    again = running.wait(running.send("probe", "probe_slow", {"thing": "secret"}, "c-1"))
    assert first["error"] is None
    assert again["error"]["exc_args"][0]["code"] == "server.timed_out"
    assert count(running, "note") == 1
    with running.engine.connect() as connection:
        assert "secret" not in str(connection.execute(text("SELECT * FROM kit_answer")).all())


def test_the_snapshot_a_read_names_is_that_of_its_rows(running, monkeypatch):
    """A write that commits while a read is being answered is not said to be in it."""
    units = UnitOfWorkFactory(running.engine, "probe")
    meanwhile = []
    plain = kept.snapshot

    def later(session):
        with units() as other:
            other.session.execute(text("INSERT INTO note (thing, author) VALUES ('x', 'late')"))
            other.commit()
            meanwhile.append(other.xid)
        return plain(session)

    monkeypatch.setattr(kept, "snapshot", later)
    read = running.call("probe", "probe_read", word="x")
    assert read["data"]["by"] == ""
    assert read["xmin"] <= meanwhile[0]


def test_a_deadlock_is_worth_another_try_and_a_slow_statement_is_not(running):
    failed = []
    with running.engine.begin() as connection:
        connection.execute(text("INSERT INTO kit_state VALUES ('a', ''), ('b', '')"))
    locked = {name: eventlet.Event() for name in "ab"}

    def lock(first, second):
        try:
            with running.engine.begin() as connection:
                statement = text("UPDATE kit_state SET value = '1' WHERE key = :k")
                connection.execute(statement, {"k": first})
                locked[first].send()
                locked[second].wait()
                connection.execute(statement, {"k": second})
        except OperationalError as error:
            failed.append(db.worth_repeating(error))

    for thread in [eventlet.spawn(lock, "a", "b"), eventlet.spawn(lock, "b", "a")]:
        thread.wait()
    assert failed == [True]
    with running.engine.connect() as connection, pytest.raises(OperationalError) as slow:
        connection.execute(text("SET LOCAL statement_timeout = 10"))
        connection.execute(text("SELECT pg_sleep(10)"))
    assert not db.worth_repeating(slow.value)


def test_writes_and_reads_say_which_transaction_they_show(running, signer):
    wrote = running.call_as({"token": signer.token()}, "probe", "probe_note", thing="t")
    assert wrote["xid"] > 0
    # the oldest transaction of the whole server counts, another test's too
    until(lambda: running.call("probe", "probe_read", word="x")["xmin"] > wrote["xid"])


def test_the_clock_moves_in_the_demo_only(running):
    with pytest.raises(ShequError) as caught:
        running.call("probe", "advance_clock", advance_seconds=60)
    assert caught.value.status == 403


def test_in_the_demo_business_time_moves(start, probe_database, amqp_url):
    start(ProbeService, Settings, probe_database, amqp_url, demo=True)
    caller = Caller(amqp_url)
    try:
        caller.call("probe", "advance_clock", advance_seconds=60)
        assert caller.call("probe", "advance_clock", advance_seconds=30)["data"] == {
            "offset_seconds": 90.0
        }
    finally:
        caller.close()
    engine = create_engine(probe_database)
    with engine.connect() as connection:
        told = connection.execute(text("SELECT type, subject FROM kit_outbox ORDER BY id")).all()
    engine.dispose()
    assert told == [("clock.moved.v1", "probe")] * 2, "whoever keeps answers hears of it"


def test_calls_go_on_after_the_database_dropped_every_connection(running, signer):
    context = {"token": signer.token()}
    running.call_as(context, "probe", "probe_note", thing="before")
    with running.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'probe'"
            )
        )
    assert running.call("probe", "probe_read", word="before")["data"]["by"] == "p-1"
    running.call_as(context, "probe", "probe_note", thing="after")
    assert count(running, "note") == 2
