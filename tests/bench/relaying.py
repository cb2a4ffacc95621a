"""Events a second through the relay: from the committed outbox to confirmed in a quorum queue."""

import time

from sqlalchemy import create_engine, text

from services.kit.relay import Relay
from services.kit.uow import UnitOfWorkFactory
from tests.bench.report import Family, Say, median
from tests.support.probe import ProbeTold

EVENTS = 20_000
ROUNDS = 3


def measure(database_url: str, amqp_url: str, say: Say) -> Family:
    """The family of figures."""
    engine = create_engine(database_url)
    units = UnitOfWorkFactory(engine, "probe")
    emitted: list[float] = []
    relayed: list[float] = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        for first in range(0, EVENTS, 1000):
            with units() as uow:
                for each in range(first, first + 1000):
                    uow.emit(ProbeTold(thing=f"{number}-{each}"))
                uow.commit()
        emitted.append(EVENTS / (time.perf_counter() - started))
        relay = Relay(database_url, amqp_url, f"bench{number}")
        relay.connect()
        started = time.perf_counter()
        while relay.publish_batch():
            pass
        relayed.append(EVENTS / (time.perf_counter() - started))
        relay.close()
        say(f"relay: {relayed[-1]:.0f} events/s")
        with engine.begin() as connection:
            waiting = connection.scalar(
                text("SELECT count(*) FROM kit_outbox WHERE published_at IS NULL")
            )
        if waiting:
            raise RuntimeError(f"{waiting} events were not published")
    engine.dispose()
    return Family(
        "Relay: outbox to broker",
        f"`tests/bench/relaying.py`: {EVENTS} events of as many subjects, committed in "
        f"transactions of 1,000, then published with confirms to a quorum queue; {ROUNDS} rounds, "
        "medians. Until the last row is marked published.",
        ("what", "events/s"),
        [
            ("emit (outbox row, subject lock, commit)", f"{median(emitted):.0f}"),
            ("relay (read, publish, confirm, mark)", f"{median(relayed):.0f}"),
        ],
        "Asked for: ≥ 10,000 events/s.",
    )
