"""Fresh databases and vhosts for tests, on the servers that `make test` started.

Three variables name them: `SHEQU_TEST_PG_URL` (a superuser's URL), `SHEQU_TEST_AMQP_URL` (an
administrator's, default vhost) and `SHEQU_TEST_RABBITMQCTL` (the folder of the private node).
Outside `make test`:

    eval "$(.venv/bin/python -m deploy.local.devinfra start --dir /tmp/shequ-dev)"

A service's database is a clone (34 ms) of a template that was migrated once per run, or once per
state of the migrations on a server that lives longer. Vhosts come in batches, because one call to
the node costs 0.3 s whether it makes one or eight.
"""

import hashlib
import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy.engine import URL, make_url

from deploy.local.postgres import EXTENSIONS
from deploy.local.rabbitmq import RabbitMQ

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"
VHOST_BATCH = 6
_LOCK = 0x5EC0  # advisory lock that guards the making of templates


class InfraMissing(Exception):
    """The servers for tests were not named; the message says how to get them."""


def _required(name: str) -> str:
    if value := os.environ.get(name):
        return value
    raise InfraMissing(
        f"{name} is not set. Run `make test`, or start servers for yourself: "
        'eval "$(.venv/bin/python -m deploy.local.devinfra start --dir /tmp/shequ-dev)"'
    )


# -- databases ------------------------------------------------------------------------------------


def postgres_url(database: str | None = None) -> URL:
    """The superuser's URL, for another database when one is named."""
    url = make_url(_required("SHEQU_TEST_PG_URL"))
    return url.set(database=database) if database else url


@contextmanager
def _superuser(database: str | None = None) -> Iterator[Any]:
    url = postgres_url(database)
    connection = psycopg2.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database
    )
    try:
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def create_database(service: str | None = None) -> str:
    """A fresh database, migrated for `service` when one is named; return its URL."""
    name = f"t_{service or 'empty'}_{secrets.token_hex(5)}"
    template = _template(service) if service else None
    with _superuser() as cursor:
        words = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:  # as files: half the time and a third of the work of copying by the log
            words += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        cursor.execute(words)
    if service is None:
        _add_extensions(name)
    return postgres_url(name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    """Delete a database made by `create_database`, ending whoever is still in it."""
    name = make_url(url).database or ""
    with _superuser() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@contextmanager
def database(service: str | None = None) -> Iterator[str]:
    """A fresh database for the time of the block."""
    url = create_database(service)
    try:
        yield url
    finally:
        drop_database(url)


@cache
def _template(service: str) -> str:
    """The migrated template of a service; made once, also when several processes ask at once."""
    from services.kit import migrate

    name = f"template_{service}_{_migrations_hash(service)}"
    with _superuser() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        cursor.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", (name,))
        found = cursor.fetchone()
        if found and found[0]:
            return name
        quoted = sql.Identifier(name)
        # An unmarked one is what a killed run left half way.
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
        _add_extensions(name)
        migrate.upgrade(service, postgres_url(name).render_as_string(hide_password=False))
        cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(quoted))
        # A clone is refused while anybody is connected to its template.
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(quoted))
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
    return name


def _add_extensions(name: str) -> None:
    with _superuser(name) as cursor:
        for extension in EXTENSIONS:
            cursor.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
            )


def _migrations_hash(service: str) -> str:
    """A short hash of everything a service's schema is made from."""
    digest = hashlib.sha256()
    folders = (SERVICES / service / "migrations", SERVICES / "kit", SERVICES / "directory")
    for path in sorted(itertools.chain.from_iterable(f.rglob("*.py") for f in folders)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


# -- vhosts ---------------------------------------------------------------------------------------


@cache
def rabbitmq() -> RabbitMQ:
    """The private node of this run."""
    return RabbitMQ.attach(Path(_required("SHEQU_TEST_RABBITMQCTL")))


class Vhosts:
    """Fresh vhosts, made in batches; those given back are deleted when the next batch is made.

    A declared topology costs the node some 5 MB a vhost: kept until the end, a long run would
    raise its memory alarm, and a broker under alarm takes no more messages.
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._back: list[str] = []
        self._spare: list[str] = []

    def fresh(self) -> str:
        """The name of a vhost that nobody has used."""
        if not self._spare:
            stem = f"t{os.getpid()}-{secrets.token_hex(3)}"
            self._spare = [f"{stem}-{number}" for number in range(VHOST_BATCH)]
            rabbitmq().exchange_vhosts(self._back, self._spare)
            self._back = []
        name = self._spare.pop()
        self._given.add(name)
        return name

    def give_back(self, name: str) -> None:
        """The vhost is no longer used."""
        self._given.discard(name)
        self._back.append(name)

    def close(self) -> None:
        """Delete every vhost that is left, on a node that outlives the run."""
        left = [*self._given, *self._back, *self._spare]
        if left and not os.environ.get("SHEQU_TEST_THROWAWAY"):
            rabbitmq().delete_vhost(*left)
        self._given, self._back, self._spare = set(), [], []


def amqp_url(vhost: str, user: str | None = None) -> str:
    """The URL of a vhost for the administrator, or for another user of the node."""
    return rabbitmq().url(vhost, user) if user else rabbitmq().url(vhost)


@contextmanager
def vhost() -> Iterator[str]:
    """A fresh vhost for the time of the block; gives its URL. Costs two calls (0.6 s)."""
    name = f"t{os.getpid()}-{secrets.token_hex(5)}"
    rabbitmq().create_vhost(name)
    try:
        yield amqp_url(name)
    finally:
        rabbitmq().delete_vhost(name)
