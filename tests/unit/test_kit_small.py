"""The kit's small parts: cursors, settings, logs, ids, envelopes, topology."""

import base64
import io
import json
import logging
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.contracts import ids
from services.contracts.events import Envelope, PostPublished
from services.kit import logs, pages, settings, topology, wire

pytestmark = pytest.mark.unit
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


# -- cursors -----------------------------------------------------------------------------------


@given(st.lists(ANYTHING, min_size=1, max_size=3))
def test_a_cursor_gives_back_what_went_in(values):
    cursor = pages.encode_cursor(*values)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert pages.decode_cursor(cursor, len(values)) == tuple(values)


@given(st.text())
def test_any_other_text_is_a_bad_cursor_or_well_formed(text):
    try:
        values = pages.decode_cursor(text, 2)
    except pages.BadCursor:
        return
    assert len(values) == 2
    assert all(isinstance(value, str) for value in values)


def test_a_cursor_of_another_list_is_bad():
    with pytest.raises(pages.BadCursor):
        pages.decode_cursor(pages.encode_cursor("a"), 2)


@pytest.mark.parametrize("value", ["\x00", "a\ud800", "\udfff\ud800"])
def test_a_cursor_that_the_database_could_not_read_is_bad(value):
    raw = base64.urlsafe_b64encode(json.dumps(["a", value]).encode()).decode().rstrip("=")
    with pytest.raises(pages.BadCursor):
        pages.decode_cursor(raw, 2)


@pytest.mark.parametrize("value", ["", "-1", "1.0", " 1", "１", "²", "1000"])
def test_a_number_in_a_cursor_has_digits_alone_and_no_more_than_the_column_holds(value):
    assert pages.whole_number("999", digits=3) == 999
    with pytest.raises(pages.BadCursor):
        pages.whole_number(value, digits=3)


def test_the_moment_in_a_cursor_comes_back_as_it_was():
    moment = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert pages.decode_moment(pages.encode_cursor(moment.isoformat(), "a")) == (moment, "a")


@pytest.mark.parametrize(
    "moment",
    ["", "soon", "2026-03-02T01:30", "2026-03-02T01:30+23:59", "0001-01-01T00:00+00:00"],
)
def test_a_moment_that_the_database_does_not_keep_is_a_bad_cursor(moment):
    with pytest.raises(pages.BadCursor):
        pages.decode_moment(pages.encode_cursor(moment, "a"))


# -- settings ----------------------------------------------------------------------------------

SAFE = {
    "env": "production",
    "amqp_url": "amqp://shequ:long-and-random@broker/",
    "public_url": "https://shequ.example.org",
}


class Settings(settings.ServiceSettings):
    SERVICE = "feed"


def test_production_takes_safe_settings():
    assert settings.KitSettings(**SAFE).env == "production"


@pytest.mark.parametrize(
    "change",
    [
        {"demo": True},
        {"amqp_url": "amqp://guest:guest@broker/"},
        {"public_url": "http://shequ.example.org"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_production_refuses_what_is_unsafe(change):
    with pytest.raises(ValueError):
        settings.KitSettings(**{**SAFE, **change})


def test_production_refuses_a_default_database_password():
    with pytest.raises(ValueError):
        Settings(**SAFE, database_url="postgresql+psycopg2://postgres:postgres@db/feed")


def test_a_service_finds_its_own_database(monkeypatch):
    monkeypatch.setenv("SHEQU_FEED_DATABASE_URL", "postgresql+psycopg2://u:secret@db/feed")
    monkeypatch.setenv("SHEQU_VOTES_DATABASE_URL", "postgresql+psycopg2://u:secret@db/votes")
    assert Settings().database_url.endswith("/feed")


def test_without_a_database_the_name_of_the_variable_is_said(monkeypatch):
    monkeypatch.delenv("SHEQU_FEED_DATABASE_URL", raising=False)
    with pytest.raises(ValueError, match="SHEQU_FEED_DATABASE_URL"):
        Settings()


# -- logs --------------------------------------------------------------------------------------


@pytest.fixture
def written(monkeypatch):
    """What the logs of this process say, as parsed lines."""
    root = logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    logs.configure("probe")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.configure(**configured)
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_says_service_request_and_trace(written):
    logs.bind(request_id="r-1", trace="abc", operation="")
    logs.get("x").info("said", number=1)
    line = written()[-1]
    assert (line["service"], line["request_id"], line["trace"]) == ("probe", "r-1", "abc")
    assert (line["event"], line["number"]) == ("said", 1)
    assert "operation" not in line


def test_a_line_that_is_logged_often_says_what_any_line_says(written):
    often = logs.Often("x", "said", route="/{a}", number=1)
    told = {"ms": 0.5, "request_id": 'r"小\n\x1b', "trace": "abc"}
    logs.bind(request_id=told["request_id"], trace="abc")
    logs.get("x").info("said", route="/{a}", number=1, ms=0.5)
    often.info(**told)
    usual, short = written()
    for line in (usual, short):
        assert datetime.fromisoformat(line.pop("timestamp")).tzinfo is UTC
    assert short == usual
    logging.getLogger().setLevel("WARNING")
    often.info(**told)
    assert len(written()) == 2
    with capture_logs() as lines:  # somebody else listens
        logging.getLogger().handlers.append(logging.NullHandler())
        often.info(**told)
    assert lines == [{"event": "said", "route": "/{a}", "number": 1, "log_level": "info", **told}]


def test_a_traceback_quotes_no_values_of_a_row(written):
    try:
        raise ValueError("duplicate key\nDETAIL: Key (phone)=(13800000001) already exists.")
    except ValueError:
        logs.get("x").exception("failed")
    line = written()[-1]
    assert "duplicate key" in line["exception"]
    assert "13800000001" not in json.dumps(line)


def test_a_trace_goes_on_with_a_new_span():
    first = logs.new_traceparent()
    second = logs.new_traceparent(first)
    assert first.split("-")[1] == second.split("-")[1]
    assert first.split("-")[2] != second.split("-")[2]
    assert logs.new_traceparent("nonsense").split("-")[1] != first.split("-")[1]


# -- ids ---------------------------------------------------------------------------------------


def test_ids_made_later_sort_later():
    assert ids.new_id(1_000) < ids.new_id(2_000)
    made = [ids.new_id() for _ in range(100)]
    assert len(set(made)) == 100
    assert all(ids.is_id(each) and each[14] == "7" for each in made)


# -- envelopes ---------------------------------------------------------------------------------

EVENT = PostPublished(
    post_id="p", community_id="c", path="demo.a.b", module="nearby", author_id="a", title="t"
)


def test_an_envelope_survives_the_wire():
    sent = Envelope(
        ids.new_id(), "feed", EVENT.TYPE, "p", 3, datetime(2026, 3, 2, tzinfo=UTC), 77, "00-a-b-01"
    )
    got = wire.read_envelope(json.loads(EVENT.model_dump_json()), wire.event_headers(sent))
    assert got == sent
    assert got.event == EVENT


@given(
    st.dictionaries(
        st.sampled_from(
            ["cloudEvents:type", "cloudEvents:id", "cloudEvents:time", "subject_version", wire.XID]
        ),
        ANYTHING | st.integers() | st.none(),
    ),
    st.dictionaries(ANYTHING, ANYTHING) | st.lists(st.integers()) | st.none() | ANYTHING,
)
def test_no_message_whatever_makes_the_reader_stumble(headers, body):
    try:
        wire.read_envelope(body, headers)
    except ValueError:  # pydantic's ValidationError is one
        return


# -- topology ----------------------------------------------------------------------------------


def test_the_exported_definitions_hang_together():
    made = topology.definitions()
    exchanges = {exchange["name"] for exchange in made["exchanges"]}
    queues = {queue["name"] for queue in made["queues"]}
    for binding in made["bindings"]:
        assert binding["source"] in exchanges
        assert binding["destination"] in queues
    for queue in made["queues"]:
        target = queue["arguments"].get("x-dead-letter-exchange")
        assert target is None or target in exchanges


def test_every_queue_that_may_retry_has_a_way_home():
    made = topology.definitions()
    home = {b["routing_key"] for b in made["bindings"] if b["source"] == topology.HOME}
    dead = {b["routing_key"] for b in made["bindings"] if b["source"] == topology.DLX}
    assert home == dead == {row.name for row in topology.table.QUEUES}


def test_every_rung_of_the_ladder_stands():
    assert set(topology.LADDER) == {rung for rung, _ in topology.RUNGS}


def test_requests_carry_tokens_so_they_are_never_dead_lettered():
    assert "x-dead-letter-exchange" not in topology.rpc_arguments()
