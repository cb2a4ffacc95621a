"""A producer whose database came back from a backup is heard again. Needs: db, broker."""

from datetime import UTC, datetime

import pytest
from kombu import Connection, Exchange, Queue
from sqlalchemy import text

from services.contracts import events as e
from services.kit import db as kit_db
from services.kit import kept, restored, wire
from services.kit.relay import Relay
from services.kit.uow import UnitOfWorkFactory
from tests.support.probe import ProbeTold

pytestmark = [pytest.mark.db, pytest.mark.broker]
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.fixture
def units(probe_database):
    engine = kit_db.make_engine(probe_database, pool=2)
    yield UnitOfWorkFactory(engine, "probe")
    engine.dispose()


@pytest.fixture
def told(units, amqp_url):
    """``told()``: the epoch and version in the headers of an event emitted and relayed now."""
    connection = Connection(amqp_url)
    channel = connection.channel()
    exchange = Exchange("probe.events", "topic", durable=True)
    Queue("listener", exchange, routing_key="#", durable=True, channel=channel).declare()
    url = units.engine.url.render_as_string(hide_password=False)
    relay = Relay(url, amqp_url, "probe")
    relay.connect()

    def tell():
        with units() as uow:
            uow.emit(ProbeTold(thing="a"))
            uow.commit()
        relay.publish_batch()
        headers = channel.basic_get("listener", no_ack=True).headers
        return int(headers["shequ-epoch"]), headers["subject_version"]

    yield tell
    relay.close()
    connection.release()


def seen(units, epoch, version):
    with units() as uow:
        newest = kept.is_newest(uow.session, "probe.reactions", "a", epoch, version)
        uow.commit()
        return newest


def test_after_a_restore_a_lower_version_is_newer_than_all_before(units, told):
    assert [told(), told(), told()] == [(0, 1), (0, 2), (0, 3)]
    assert seen(units, 0, 3)
    with units.engine.begin() as connection:  # the backup was made after the first event
        connection.execute(text("UPDATE kit_subject SET version = 1"))
    assert not seen(units, 0, 2), "without a word about the restore it is taken for an old one"
    url = units.engine.url.render_as_string(hide_password=False)
    assert restored.main(["probe"], {"SHEQU_PROBE_DATABASE_URL": url}) == 0
    epoch, version = told()
    assert epoch > 0
    assert version == 2
    assert seen(units, epoch, version)
    assert not seen(units, 0, 4), "what comes late from before the restore is old"


def test_a_database_without_an_address_is_named(capsys):
    assert restored.main([], {}) == 2
    assert restored.main(["feed"], {}) == 2
    assert "SHEQU_FEED_DATABASE_URL is not set" in capsys.readouterr().err


def test_the_epoch_survives_the_wire():
    event = ProbeTold(thing="a")
    sent = e.Envelope("e-1", "probe", ProbeTold.TYPE, "a", 7, NOON, epoch=1_790_000_000)
    read = wire.read_envelope(event.model_dump(), wire.event_headers(sent))
    assert (read.epoch, read.subject_version) == (1_790_000_000, 7)
