"""`python -m tests.bench [family …]`: measures and writes docs/benchmarks.md."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from sqlalchemy import create_engine, text

from deploy.local.devinfra import DevInfra
from services.kit import schema, topology
from tests.bench import (
    bridge,
    classifying,
    feed,
    gateway,
    hot_topics,
    identity,
    journey,
    notify,
    notify_digests,
    notify_emergencies,
    notify_sending,
    pages,
    register,
    relaying,
    rpc,
    streams,
    votes,
)
from tests.bench.report import Family, write
from tests.support import infra, probe
from tests.support.keys import Signer

PAGE = Path("docs/benchmarks.md")
console = Console()


def main(wanted: list[str]) -> None:
    """Run the wanted families and print them; all of them, when none is named, make the page."""
    with tempfile.TemporaryDirectory(prefix="shequ-bench-") as folder:
        servers = DevInfra.at(Path(folder) / "infra", durable=True)
        servers.start()
        try:
            os.environ.update(servers.environment)
            families = _families(Path(folder), wanted)
        finally:
            servers.stop()
    if wanted:  # a part of the figures does not replace the page
        console.print("\n".join(family.markdown() for family in families))
        return
    write(PAGE, families, "PostgreSQL 18 (embedded, fsync on), RabbitMQ one node, all on loopback")
    console.print(f"[bold]{PAGE}[/]")


def _families(folder: Path, wanted: list[str]) -> list[Family]:
    families: list[Family] = []
    say = console.print
    if not wanted or {"rpc", "relay"} & set(wanted):
        with infra.database(None) as database, infra.vhost() as amqp_url:
            _prepare(database)
            topology.declare(amqp_url)
            environment = {
                "SHEQU_PROBE_DATABASE_URL": database,
                "SHEQU_AMQP_URL": amqp_url,
                "SHEQU_JWKS_FILE": str(Signer(folder).jwks_file),
                "SHEQU_ENV": "test",
                "SHEQU_LOG_LEVEL": "WARNING",
            }
            if not wanted or "rpc" in wanted:
                with (
                    rpc.process("tests.bench.plain_service", environment),
                    rpc.process("tests.bench.probe_service", environment),
                ):
                    families.append(asyncio.run(rpc.compare(amqp_url, say)))
            if not wanted or "relay" in wanted:
                families.append(relaying.measure(database, amqp_url, say))
    if not wanted or "identity" in wanted:
        families += identity.measure(folder, say)
    if not wanted or "register" in wanted:
        families.append(register.measure(say))
    if not wanted or "feed" in wanted:
        families += feed.measure(say)
    if not wanted or "gateway" in wanted:
        families += gateway.measure(folder, say)
    if not wanted or "hot" in wanted:
        families.append(hot_topics.measure(say))
    if not wanted or "classifier" in wanted:
        families.append(classifying.measure(say))
    if not wanted or "bridge" in wanted:
        families += bridge.measure(say)
    if not wanted or "notify" in wanted:
        families.append(notify_digests.measure(say))
        families.append(notify_sending.measure(say))
    if not wanted or "votes" in wanted:
        families += votes.measure(folder, say)
    if not wanted or "notify" in wanted:
        families += notify.measure(say)
        families += notify_emergencies.measure(say)
    if not wanted or "streams" in wanted:
        families.append(streams.measure(folder, say))
    if not wanted or "journey" in wanted:
        families.append(journey.measure(folder, say))
    if not wanted or "pages" in wanted:
        families += pages.measure(folder, say)
    return families


def _prepare(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        for statement in (*schema.DDL, *probe.DDL):
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO note (thing, author) VALUES ('note', 'p-1')"))
        connection.execute(text("CREATE INDEX ON note (thing)"))
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
