"""What observers read is counted by whoever answers, and told. Needs: db, broker."""

import json

import pytest
from sqlalchemy import create_engine, text

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import ShequError
from services.contracts.events import AccessCounted
from services.contracts.operations import BY_ID
from services.contracts.operations.feed import ListPosts
from services.kit import watching
from services.kit.uow import UnitOfWork
from tests.support.green_caller import Caller
from tests.support.kit_bench import chassis_of
from tests.support.probe import NOON, ProbeService, Settings

pytestmark = [pytest.mark.db, pytest.mark.broker]

WATCHES = [("observer", "demo.b"), ("observer", "demo.a")]


def test_reads_of_observers_are_told_in_numbers_and_kept_until_they_are(
    start, probe_database, amqp_url, signer
):
    container = start(ProbeService, Settings, probe_database, amqp_url)
    chassis = chassis_of(container)
    caller, engine = Caller(amqp_url), create_engine(probe_database)
    watching = {"token": signer.token("p-7", WATCHES)}
    for word in ("13800000001", "王小明", "x"):
        caller.call_as(watching, "probe", "probe_echo", word=word)
    caller.call_as(watching, "probe", "probe_read", word="x")
    caller.call_as({"token": signer.token("p-8", [("resident", "demo")])}, "probe", "probe_echo",
                   word="x")  # fmt: skip
    caller.call("probe", "probe_echo", word="nobody")
    with pytest.raises(ShequError):
        caller.call_as(watching, "probe", "probe_echo", word="x" * 101)
    with pytest.raises(ShequError):
        caller.call_as(watching, "probe", "probe_note", thing="t")

    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE kit_outbox RENAME TO kit_outbox_away"))
    with pytest.raises(Exception, match="kit_outbox"):
        chassis.watching.tell()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE kit_outbox_away RENAME TO kit_outbox"))
    container.stop()  # what was counted is told at the end, too
    caller.close()

    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT type, subject, exchange, body FROM kit_outbox")
        ).all()
    engine.dispose()
    ((kind, subject, exchange, body),) = rows
    assert (kind, subject, exchange) == ("access.counted.v1", "probe:p-7", "services.events")
    told = AccessCounted.model_validate(json.loads(body))
    assert told.paths == ["demo.a", "demo.b"]
    assert [(read.operation, read.place, read.count) for read in told.reads] == [
        ("probeEcho", "", 3),
        ("probeRead", "", 1),
    ]
    assert "13800000001" not in body and "王小明" not in body


def test_it_is_told_when_a_minute_is_over(db, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])
    units = db("feed")
    counts = watching.Watching(units, "feed")
    who = Actor("p", "s", (Grant(Role.OBSERVER, "demo"),), 2**40)

    def told() -> list[str]:
        with units(read_only=True) as uow:
            return list(uow.session.scalars(text("SELECT body FROM kit_outbox ORDER BY id")))

    counts.note(who, BY_ID["listPosts"], ListPosts(cid="c1"), NOON)
    counts.tell_when_due()
    assert told() == []
    clock[0] += 60
    counts.tell_when_due()
    (body,) = told()
    assert json.loads(body)["reads"] == [{"operation": "listPosts", "place": "c1", "count": 1}]
    assert json.loads(body)["day"] == "2026-03-02"
    clock[0] += 60
    counts.tell_when_due()
    assert len(told()) == 1


def test_a_telling_whose_commit_got_no_answer_counts_once(db, monkeypatch):
    """The connection breaks after the commit, and what is read meanwhile is told with the next."""
    units = db("feed")
    counts = watching.Watching(units, "feed")
    who = Actor("p", "s", (Grant(Role.OBSERVER, "demo"),), 2**40)
    commit = UnitOfWork.commit

    def broken(uow: UnitOfWork) -> None:
        commit(uow)
        raise OSError("no answer")

    counts.note(who, BY_ID["listPosts"], ListPosts(cid="c1"), NOON)
    monkeypatch.setattr(UnitOfWork, "commit", broken)
    with pytest.raises(OSError, match="no answer"):
        counts.tell()
    counts.note(who, BY_ID["listPosts"], ListPosts(cid="c2"), NOON)
    monkeypatch.setattr(UnitOfWork, "commit", commit)
    counts.tell()
    counts.tell()
    with units(read_only=True) as uow:
        bodies = uow.session.scalars(text("SELECT body FROM kit_outbox ORDER BY id"))
        reads = [json.loads(body)["reads"] for body in bodies]
    assert reads == [
        [{"operation": "listPosts", "place": place, "count": 1}] for place in ("c1", "c2")
    ]
