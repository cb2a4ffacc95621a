"""The private PostgreSQL and RabbitMQ: their life, and the rights in them."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
import pika.exceptions
import psutil
import psycopg2
import psycopg2.errors
import pytest

from deploy.local import devinfra
from deploy.local.devinfra import DevInfra
from deploy.local.postgres import Postgres, programs
from deploy.local.rabbitmq import GRID_EXCHANGE, GRID_QUEUE, GRID_USER, RabbitMQ
from deploy.local.system import PortBusy, accepts_connections, free_port, wait_until
from deploy.make_secrets import make_secrets

refused = pika.exceptions.ChannelClosedByBroker

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevInfra]:
    """A pair of our own: these tests kill it."""
    infra = DevInfra.at(tmp_path_factory.mktemp("servers"))
    try:
        infra.start()
        yield infra
    finally:
        infra.stop()


def connect(postgres: Postgres, database: str, user: str, password: str) -> None:
    psycopg2.connect(
        host="127.0.0.1", port=postgres.port, dbname=database, user=user, password=password
    ).close()


@contextmanager
def channel(url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        yield connection.channel()


# -- PostgreSQL -----------------------------------------------------------------------------------


def test_role_enters_its_own_database_and_no_other(servers: DevInfra) -> None:
    postgres = servers.postgres
    for name in ("a", "b"):
        postgres.ensure_role(f"role_{name}", f"it's {name}")
        postgres.ensure_database(f"base_{name}", owner=f"role_{name}")
        postgres.ensure_database(f"base_{name}", owner=f"role_{name}")  # twice is no error
    connect(postgres, "base_a", "role_a", "it's a")
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        connect(postgres, "base_b", "role_a", "it's a")
    with pytest.raises(psycopg2.OperationalError, match="password"):
        connect(postgres, "base_a", "role_a", "wrong")


def test_clone_holds_what_its_template_holds(servers: DevInfra) -> None:
    postgres = servers.postgres
    postgres.create_database("model")
    postgres.execute("CREATE TABLE t AS SELECT 7 AS x", database="model")
    postgres.create_database("copy", template="model")
    assert postgres.execute("SELECT x FROM t", database="copy") == [(7,)]
    postgres.drop_database("copy")
    assert postgres.execute("SELECT 1 FROM pg_database WHERE datname = 'copy'") == []


def test_database_killed_outright_starts_again_with_its_data(servers: DevInfra) -> None:
    postgres = servers.postgres
    postgres.execute("CREATE TABLE kept AS SELECT 1 AS x")
    pid = int((postgres.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not postgres.alive, limit=10, what="the end of the database")
    postgres.start()
    assert postgres.execute("SELECT x FROM kept") == [(1,)]


def test_lock_file_that_names_a_stranger_does_not_keep_the_database_down(
    servers: DevInfra,
) -> None:
    postgres = servers.postgres
    lock = postgres.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    postgres.stop()
    # The same user's process, as after a reboot that gave the number away again.
    owner = postgres.data.stat().st_uid
    sleeper = subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None)
    try:
        lock.write_text("\n".join([str(sleeper.pid), *lines[1:], ""]))
        os.chown(lock, owner, -1)
        assert not postgres.alive
        postgres.start()
        assert postgres.alive
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_database_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(PortBusy, match="SHEQU_PG_PORT"):
            Postgres(tmp_path / "pg", held.getsockname()[1], durable=False).start()


def test_database_runs_as_nobody_of_importance(servers: DevInfra) -> None:
    pid = int((servers.postgres.data / "postmaster.pid").read_text().splitlines()[0])
    assert psutil.Process(pid).uids().effective == servers.postgres.data.stat().st_uid != 0
    (listening,) = {c.laddr.ip for c in psutil.Process(pid).net_connections() if not c.raddr}
    assert listening == "127.0.0.1"


def test_compose_s_first_time_script_makes_roles_and_databases(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    with Postgres(tmp_path / "pg", free_port(), durable=False) as postgres:
        done = subprocess.run(
            [str(programs() / "psql"), "-v", "ON_ERROR_STOP=1", "-q", "-f",
             str(tmp_path / "secrets" / "postgres.sql"),
             f"postgresql://postgres:{postgres.password}@127.0.0.1:{postgres.port}/postgres"],
            capture_output=True, text=True, env={"LD_LIBRARY_PATH": ""},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        url = (tmp_path / "secrets" / "SHEQU_GRID_BRIDGE_DATABASE_URL").read_text()
        password = url.split(":")[2].split("@")[0]
        connect(postgres, "shequ_grid_bridge", "shequ_grid_bridge", password)


# -- RabbitMQ -------------------------------------------------------------------------------------


def test_vhosts_are_apart_and_can_be_deleted(servers: DevInfra) -> None:
    broker = servers.rabbitmq
    broker.create_vhost("one", "two")
    with channel(broker.url("one")) as ours:
        ours.queue_declare("q")
    with channel(broker.url("two")) as other, pytest.raises(refused, match="NOT_FOUND"):
        other.queue_declare("q", passive=True)
    broker.delete_vhost("one", "two", "never was")
    assert not {"one", "two"} & set(broker.ctl("list_vhosts").split())


def test_grid_platform_reads_its_queue_writes_its_exchange_and_nothing_else(
    servers: DevInfra,
) -> None:
    broker = servers.rabbitmq
    broker.create_vhost("border")
    with channel(broker.url("border")) as ours:
        ours.queue_declare(GRID_QUEUE)
        ours.queue_declare("feed.territory")
        for exchange in (GRID_EXCHANGE, "nameko-rpc"):
            ours.exchange_declare(exchange, "topic", durable=True)
    theirs = broker.url("border", GRID_USER)

    def publish(exchange: str, key: str) -> None:
        with channel(theirs) as speaker:
            speaker.confirm_delivery()
            speaker.basic_publish(exchange, key, b"{}")

    with channel(theirs) as listener:
        assert listener.basic_get(GRID_QUEUE) == (None, None, None)
    publish(GRID_EXCHANGE, "workorder.updated.v1")
    for exchange, key in (
        ("nameko-rpc", "identity.grant_role"),
        (GRID_EXCHANGE, "anything.else"),
        ("", "feed.territory"),
    ):
        with pytest.raises(refused, match="ACCESS_REFUSED"):
            publish(exchange, key)
    for forbidden in (
        lambda listener: listener.basic_get("feed.territory"),
        lambda listener: listener.queue_declare("mine"),
        lambda listener: listener.queue_bind(GRID_QUEUE, "nameko-rpc", "#"),
    ):
        with channel(theirs) as listener, pytest.raises(refused, match="ACCESS_REFUSED"):
            forbidden(listener)


def test_compose_s_definitions_are_taken_by_a_broker(servers: DevInfra, tmp_path: Path) -> None:
    broker = servers.rabbitmq
    make_secrets(tmp_path)
    broker.ctl("import_definitions", str(tmp_path / "rabbitmq.definitions.json"))
    try:
        for name, queue in (("SHEQU_AMQP_URL", "feed.territory"), ("SHEQU_GRID_AMQP_URL", "")):
            written = pika.URLParameters((tmp_path / name).read_text())
            written.host, written.port = "127.0.0.1", broker.port
            with pika.BlockingConnection(written) as connection:
                connection.channel().basic_get(queue or GRID_QUEUE)
    finally:
        broker.await_ready()  # our own passwords again


def test_broker_killed_outright_starts_again_with_its_messages(servers: DevInfra) -> None:
    broker = servers.rabbitmq
    with channel(broker.url()) as speaker:
        speaker.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        speaker.confirm_delivery()
        speaker.basic_publish("", "kept", b"still here", pika.BasicProperties(delivery_mode=2))
    broker.settle()
    broker.kill()
    assert not broker.alive
    broker.start()
    with channel(broker.url()) as listener:
        assert listener.basic_get("kept", auto_ack=True)[2] == b"still here"


def test_running_broker_is_taken_over_not_started_twice(servers: DevInfra) -> None:
    before = servers.rabbitmq._node_process()
    again = RabbitMQ.attach(servers.rabbitmq.root)
    again.start()
    assert again._node_process() == before


def test_files_in_memory_go_with_the_servers_and_with_a_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    memory.chmod(0o755)
    monkeypatch.setattr(devinfra, "MEMORY", memory)
    monkeypatch.setattr(devinfra, "ROOM", 0)
    homes = [tmp_path / name for name in ("killed", "alive")]
    killed, alive = (DevInfra.at(home) for home in homes)
    assert killed.postgres.root.parent == alive.postgres.root.parent == memory
    assert DevInfra.at(homes[0]).postgres.root == killed.postgres.root
    killed.start_postgres()
    killed.postgres.stop()
    assert (killed.postgres.root / "data").is_dir()
    shutil.rmtree(homes[0])  # as whoever clears `var/` after a crash
    alive.start_postgres()
    assert not killed.postgres.root.exists()
    alive.stop()
    assert list(memory.iterdir()) == []
    assert DevInfra.at(tmp_path / "lasting", durable=True).postgres.root.parent != memory
    monkeypatch.setattr(devinfra, "ROOM", 1 << 62)
    cramped = DevInfra.at(tmp_path / "cramped").postgres.root
    assert cramped.parent != memory
    monkeypatch.setattr(devinfra, "ROOM", 0)
    assert DevInfra.at(tmp_path / "cramped").postgres.root == cramped, "it stays where it began"


def test_stop_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    broker = DevInfra.at(tmp_path).rabbitmq
    with broker:
        ports = (broker.port, broker.dist_port, broker.epmd_port)
        assert all(map(accepts_connections, ports))
        listening = {
            c.laddr.ip for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port in ports
        }
        assert listening <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert not any(map(accepts_connections, ports))
    ours = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(p.info["cmdline"])]
    assert ours == []
