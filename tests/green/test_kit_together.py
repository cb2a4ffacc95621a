"""Reads that came as one message are answered as if each had come alone. Needs: db, broker."""

import json

import pytest
from sqlalchemy import event, text

from services.contracts.errors import Invalid, NotFound
from services.kit import db as kit_db
from services.kit.service import rpc
from tests.support import probe
from tests.support.green_caller import Caller
from tests.support.kit_bench import chassis_of

pytestmark = [pytest.mark.db, pytest.mark.broker]
METHOD = ("probe", "probe_read")


class Reading(probe.ProbeService):
    """A probe whose read does what its word says."""

    @rpc
    def probe_read(self, call: probe.Call, cmd: probe.Echo) -> probe.Echoed:
        """Who wrote the thing, and who asks in which language."""
        session = call.uow.session
        if cmd.word == "refuse":
            raise NotFound()
        if cmd.word == "crash":
            raise RuntimeError("secret detail 13800000001")
        if cmd.word == "break":
            session.execute(text("SELECT 1/0"))
        if cmd.word == "ask":
            return probe.Echoed(word=str(call.uow.ask("probe", "probe_echo", word="asked")["word"]))
        found = session.scalar(
            text("SELECT author FROM note WHERE thing = :thing"), {"thing": cmd.word}
        )
        asks = f"{call.actor.person_id if call.actor else '-'} {call.language} {call.request_id}"
        return probe.Echoed(word=f"{found} {asks}")


@pytest.fixture
def container(start, probe_database, amqp_url):
    return start(Reading, probe.Settings, probe_database, amqp_url)


@pytest.fixture
def caller(container, probe_database, amqp_url):
    engine = kit_db.make_engine(probe_database, pool=1)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note (thing, author) VALUES ('tree', 'sun')"))
    engine.dispose()
    made = Caller(amqp_url)
    yield made
    made.close()


def together(caller, *calls, method=METHOD):
    """The answers to calls (word, context) that travel as one message."""
    sent = [{"kwargs": {"word": word}, "context": context} for word, context in calls]
    return caller.call_as({"together": "1"}, *method, calls=sent)["answers"]


def words(answers):
    """What was said in each, or the code of its error; empty for what is asked for alone."""
    said = []
    for answer in answers:
        if "error" in answer:
            assert answer["error"]["exc_type"] == "RpcFailure"
            said.append(answer["error"]["exc_args"][0]["code"])
        else:
            said.append(json.loads(answer["result"]["json"])["word"] if answer else "")
    return said


def test_each_is_answered_for_whoever_asks_and_all_show_one_snapshot(caller, signer):
    contexts = [
        {"token": signer.token("p-1"), "language": "en", "request_id": "r1"},
        {"token": signer.token("p-2"), "request_id": "r2"},
        {},
    ]
    answers = together(caller, *(("tree", context) for context in contexts))
    assert words(answers) == ["sun p-1 en r1", "sun p-2 zh-CN r2", "sun - zh-CN "]
    alone = caller.call_as(contexts[0], *METHOD, word="tree")
    assert answers[0]["result"].keys() == alone.keys() - {"data"}
    assert answers[0]["result"]["json"] == alone["json"]
    assert len({(a["result"]["xmin"], a["result"]["epoch"]) for a in answers}) == 1


def test_they_share_a_transaction_and_its_snapshot_is_asked_for_once(container, caller):
    engine = chassis_of(container).engine
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said))
    together(caller, *[("tree", {})] * 8)
    notes = [connection for connection, _, statement, *_ in asked if "FROM note" in statement]
    assert len(notes) == 8 and len({id(connection) for connection in notes}) == 1
    assert sum("pg_current_snapshot" in statement for _, _, statement, *_ in asked) == 1


def test_what_one_is_refused_is_no_matter_of_the_others(caller, signer):
    calls = [
        ("tree", {}),
        ("refuse", {}),
        ("x" * 101, {}),
        ("tree", {"token": "forged"}),
        ("tree", {"token": signer.token("p-1")}),
    ]
    assert words(together(caller, *calls)) == [
        "sun - zh-CN ",
        "request.not_found",
        "request.invalid",
        "auth.token_required",
        "sun p-1 zh-CN ",
    ]


def test_who_asks_another_service_or_crashes_is_asked_for_alone(caller, capfd):
    calls = [("ask", {}), ("tree", {}), ("crash", {}), ("tree", {})]
    assert words(together(caller, *calls)) == ["", "sun - zh-CN ", "", "sun - zh-CN "]
    assert "13800000001" not in "".join(capfd.readouterr())
    assert caller.call(*METHOD, word="ask")["data"]["word"] == "asked"


def test_what_comes_after_a_statement_that_failed_is_asked_for_alone(caller):
    calls = [("tree", {}), ("break", {}), ("tree", {}), ("refuse", {})]
    assert words(together(caller, *calls)) == ["sun - zh-CN ", "", "", "request.not_found"]
    assert words(together(caller, ("tree", {}))) == ["sun - zh-CN "]


def test_a_connection_that_died_costs_nobody_her_answer(container, caller, probe_database):
    together(caller, ("tree", {}))
    engine = kit_db.make_engine(probe_database, pool=1, application="other")
    with engine.connect() as connection:
        ended = connection.scalars(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE application_name = 'probe' AND datname = current_database()"
            )
        ).all()
    engine.dispose()
    assert True in ended
    answers = words(together(caller, ("tree", {}), ("tree", {})))
    assert set(answers) <= {"", "sun - zh-CN "}
    assert caller.call(*METHOD, word="tree")["data"]["word"] == "sun - zh-CN "


def test_reads_of_observers_are_counted_each(container, caller, signer):
    token = signer.token("p-7", [("observer", "demo.a")])
    together(caller, *[("tree", {"token": token})] * 3, ("refuse", {"token": token}))
    (told,) = chassis_of(container).watching._reads.telling().events
    assert told.person_id == "p-7"
    assert [(read.operation, read.place, read.count) for read in told.reads] == [
        ("probeRead", "", 3)
    ]


@pytest.mark.parametrize(
    "calls",
    [None, "tree", {}, [{"kwargs": {}, "context": {}}] * 101],
    ids=["nothing", "a text", "an object", "too many"],
)
def test_what_are_no_calls_is_refused(caller, calls):
    with pytest.raises(Invalid):
        caller.call_as({"together": "1"}, *METHOD, calls=calls)


@pytest.mark.parametrize(
    "call", [None, [], {}, {"kwargs": {"word": "tree"}}, {"kwargs": [], "context": {}}], ids=repr
)
def test_what_is_no_call_among_others_has_no_answer(caller, call):
    good = {"kwargs": {"word": "tree"}, "context": {}}
    answers = caller.call_as({"together": "1"}, *METHOD, calls=[call, good])["answers"]
    assert words(answers) == ["", "sun - zh-CN "]


@pytest.mark.parametrize("method", ["probe_echo", "probe_note", "probe_slow"])
def test_nothing_but_what_may_be_kept_goes_together(caller, signer, method):
    with pytest.raises(Invalid):
        together(caller, ("x", {"token": signer.token("p-1")}), method=("probe", method))


def test_a_message_within_a_message_is_an_ordinary_call(caller):
    assert words(together(caller, ("tree", {"together": "1"}))) == ["sun - zh-CN "]
