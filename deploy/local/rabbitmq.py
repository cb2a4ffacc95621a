"""A private RabbitMQ node: own name, own ports, own epmd, own cookie; no system broker involved.

    root/home            HOME of the node and of rabbitmqctl (.erlang.cookie, mode 400)
    root/mnesia, log     the node's data and logs
    root/node.json       its ports, so that another process can `attach` to it
    root/*.key           passwords (mode 600)
    root/epmd.json       the processes that we started (see `system.Identity`)

Everything that is asked of the node goes through `rabbitmqctl eval`, one call for as many wishes
as there are: a call costs 0.3 s, most of it the start of Erlang.

The programs are those of `/usr/lib/rabbitmq/bin`; the ones in /usr/sbin are wrappers that change
the user. `SHEQU_RABBITMQ_BIN` names another folder.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from deploy.debian import RABBITMQ, RABBITMQ_BIN, MissingPart
from deploy.local.system import (
    Identity,
    NotReady,
    PortBusy,
    accepts_connections,
    can_bind,
    let_go,
    secret_file,
    spawn,
    stop_processes,
    tail,
    wait_until,
)

ADMIN = "shequ"
GRID_USER = "gridplatform"
GRID_QUEUE = "gridplatform.workorders"
GRID_EXCHANGE = "grid.updates"
GRID_ROUTING_KEY = r"^workorder\.updated\.v1$"
START_LIMIT = 90.0  # seconds; 3.4 is usual, a loaded machine needs more


@dataclass(frozen=True)
class Permissions:
    """What a user may do in a vhost: three regular expressions over names of things."""

    user: str
    configure: str = ".*"
    write: str = ".*"
    read: str = ".*"


EVERYTHING = Permissions(ADMIN)
GRID_PLATFORM = Permissions(
    GRID_USER,
    configure="^$",
    write=f"^{GRID_EXCHANGE.replace('.', chr(92) + '.')}$",
    read=f"^{GRID_QUEUE.replace('.', chr(92) + '.')}$",
)
"""The grid-management platform reads its own queue and writes one exchange, nothing else."""


@dataclass(frozen=True)
class RabbitMQ:
    """One node in `root`. `memory` is its high watermark in MB (it slows publishers above)."""

    root: Path
    port: int
    dist_port: int
    epmd_port: int
    name: str = "shequ"
    memory: int = 512

    @classmethod
    def attach(cls, root: Path) -> Self:
        """The node that another process started in `root`."""
        raw = json.loads((root / "node.json").read_text())
        return cls(root=root, **raw)

    @property
    def node(self) -> str:
        """The Erlang node name; `@localhost` makes the machine's own name irrelevant."""
        return f"{self.name}@localhost"

    @property
    def log(self) -> Path:
        """What the start script and the node say."""
        return self.root / "log" / "node.log"

    def password(self, user: str = ADMIN) -> str:
        """The generated password of a user."""
        return secret_file(self.root / f"{user}.key")

    def url(self, vhost: str = "/", user: str = ADMIN) -> str:
        """An AMQP URL; the vhost `/` is written as %2F."""
        path = vhost.replace("/", "%2F")
        return f"amqp://{user}:{self.password(user)}@127.0.0.1:{self.port}/{path}"

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the node and return when it takes connections and knows our users."""
        self.start_async()
        self.await_ready()

    def start_async(self) -> None:
        """Begin the start (3–4 s); a node of ours that survived the launcher is taken over."""
        for folder in ("home", "mnesia", "log"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        cookie = self.root / "home" / ".erlang.cookie"
        secret_file(cookie)
        cookie.chmod(0o400)
        node = self._node_process()
        if node and node.alive and accepts_connections(self.port):
            return
        self.stop()
        self._require_ports()
        self._write_configuration()
        self._start_epmd()
        process = spawn(
            [str(_programs() / "rabbitmq-server")],
            log=self.log,
            env=self._environment,
            cwd=self.root,
        )
        if identity := let_go(process):
            identity.write(self.root / "server.json")

    def await_ready(
        self, vhosts: Iterable[str] = ("/",), go_on: Callable[[], bool] = lambda: True
    ) -> None:
        """Wait until the node listens, then make vhosts and users in one call.

        `shequ` may do everything in each vhost, `gridplatform` what `GRID_PLATFORM` says.
        """
        try:
            self._await_listening(go_on)
        except NotReady as error:
            raise NotReady(f"{error}\n{tail(self.log)}") from None
        self.eval(
            _user(ADMIN, self.password(ADMIN), "[administrator]"),
            _user(GRID_USER, self.password(GRID_USER), "[]"),
            *(word for vhost in vhosts for word in _vhost(vhost)),
        )

    def _await_listening(self, go_on: Callable[[], bool]) -> None:
        wait_until(
            lambda: accepts_connections(self.port),
            limit=START_LIMIT,
            what=f"RabbitMQ ({self.log})",
            alive=lambda: go_on() and self._starting(),
        )

    def stop(self, *, limit: float = 20) -> None:
        """Stop node and epmd: politely, past `limit` seconds by force."""
        recorded = (Identity.read(self.root / "server.json"), self._node_process())
        stop_processes([p for p in recorded if p], grace=limit)
        if epmd := Identity.read(self.root / "epmd.json"):
            stop_processes([epmd], grace=3)
        for name in ("server.json", "epmd.json", "pid"):
            (self.root / name).unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL the node, as a crash would; epmd stays. For tests of outages."""
        if node := self._node_process():
            os.kill(node.pid, signal.SIGKILL)
            stop_processes([node], grace=5)

    def destroy(self) -> None:
        """Stop and delete the whole folder; only for throw-away nodes."""
        self.stop(limit=3)
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def alive(self) -> bool:
        """Whether the node's process runs (it may not listen yet)."""
        return self._node_process() is not None

    @property
    def left_behind(self) -> bool:
        """Whether anything of ours runs, be it only the port mapper."""
        epmd = Identity.read(self.root / "epmd.json")
        return self.alive or bool(epmd and epmd.alive)

    @property
    def running(self) -> bool:
        """Whether the node runs and takes connections."""
        return self.alive and accepts_connections(self.port)

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

    def create_vhost(self, *names: str) -> None:
        """Make vhosts with the usual permissions; any number costs one call."""
        self.eval(*(word for name in names for word in _vhost(name)))

    def delete_vhost(self, *names: str) -> None:
        """Delete vhosts and everything in them; a vhost that is not there is no error."""
        self.eval(*map(_deletion, names))

    def exchange_vhosts(self, old: Iterable[str], new: Iterable[str]) -> None:
        """Make vhosts, and have others deleted while work goes on: two seconds each, by queues."""
        gone = ", ".join([*map(_deletion, old), "ok"])
        made = (word for name in new for word in _vhost(name))
        self.eval(f"spawn(fun() -> {gone} end)", *made)

    def settle(self) -> None:
        """Have the node write down which quorum queues it has.

        RabbitMQ 3.10 keeps that list in a file which it saves a second or two later. A node that
        is killed before knows the queue and not its data: it answers every use of it with a
        timeout, for ever. After the topology was declared, and before a test kills the node.
        """
        self.eval("[dets:sync(Table) || Table <- dets:all()]")

    def eval(self, *expressions: str) -> str:
        """Evaluate Erlang expressions on the node, in order; return what the last one gave."""
        # Through standard input: a command line with a password in it is anybody's to read.
        done = self._ctl("eval", stdin=",\n".join(expressions) + ".")
        if done.returncode != 0:
            raise NotReady(f"rabbitmqctl eval failed:\n{done.stdout}")
        return done.stdout.strip()

    def ctl(self, *args: str) -> str:
        """Run rabbitmqctl with these words and return its output."""
        done = self._ctl(*args)
        if done.returncode != 0:
            raise NotReady(f"rabbitmqctl {args[0]} failed:\n{done.stdout}")
        return done.stdout.strip()

    # -- inside -------------------------------------------------------------------------------

    def _ctl(self, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(_programs() / "rabbitmqctl"), "-q", "-n", self.node, *args],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
            cwd=self.root,
            start_new_session=True,
            timeout=120,
        )

    @cached_property
    def _environment(self) -> dict[str, str]:
        root = self.root
        schedulers = min(4, max(1, (os.cpu_count() or 2) // 2))
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(root / "home"),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_MNESIA_BASE": str(root / "mnesia"),
            "RABBITMQ_LOG_BASE": str(root / "log"),
            "RABBITMQ_PID_FILE": str(root / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(root / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(root / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(root / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(root / "none-env.conf"),
            # No busy waiting: on a small machine the node would eat what the services need.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                f"+sbwt none +sbwtdcpu none +sbwtdio none +S {schedulers}:{schedulers} "
                "-kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }

    def _write_configuration(self) -> None:
        files = {
            "rabbitmq.conf": (
                f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
                "log.console = false\n"
                "log.file.level = warning\n"
                f"vm_memory_high_watermark.absolute = {self.memory}MB\n"
                "disk_free_limit.absolute = 200MB\n"
                f"default_user = {ADMIN}\ndefault_pass = {self.password()}\n"
            ),
            "enabled_plugins": "[].\n",
            "advanced.config": "[].\n",
            "none-env.conf": "",
        }
        for name, text in files.items():
            path = self.root / name
            path.write_text(text)
            path.chmod(0o600)
        numbers = {k: v for k, v in asdict(self).items() if k != "root"}
        (self.root / "node.json").write_text(json.dumps(numbers))

    def _require_ports(self) -> None:
        wanted = {
            "SHEQU_AMQP_PORT": self.port,
            "SHEQU_AMQP_DIST_PORT": self.dist_port,
            "SHEQU_EPMD_PORT": self.epmd_port,
        }
        for setting, port in wanted.items():
            if not can_bind(port):
                raise PortBusy(
                    f"port {port} is busy: RabbitMQ cannot start. Choose another with {setting}."
                )

    def _start_epmd(self) -> None:
        """Erlang's port mapper as a child of ours: left to itself it would outlive the node."""
        program = shutil.which("epmd")
        if program is None:
            raise MissingPart("`epmd` was not found; it belongs to Erlang, which RabbitMQ needs")
        process = spawn(
            [program, "-port", str(self.epmd_port), "-address", "127.0.0.1"],
            log=self.root / "log" / "epmd.log",
            env=self._environment,
            cwd=self.root,
        )
        if identity := let_go(process):
            identity.write(self.root / "epmd.json")
        wait_until(lambda: accepts_connections(self.epmd_port), limit=10, what="epmd")

    def _starting(self) -> bool:
        server = Identity.read(self.root / "server.json")
        return bool(server and server.alive) or self._node_process() is not None

    def _node_process(self) -> Identity | None:
        """The Erlang machine itself, from the pid file, if its command names our folder."""
        try:
            pid = int((self.root / "pid").read_text())
        except (OSError, ValueError):
            pid = 0
        candidates = [pid] if pid else []
        server = Identity.read(self.root / "server.json")
        if server and server.alive:
            try:
                children = psutil.Process(server.pid).children(recursive=True)
                candidates += [child.pid for child in children if "beam" in child.name()]
            except psutil.Error:
                pass
        for number in candidates:
            found = Identity.of(number)
            if found and str(self.root / "home") in found.command:
                return found
        return None


def _programs() -> Path:
    folder = Path(os.environ.get("SHEQU_RABBITMQ_BIN") or RABBITMQ_BIN)
    if not (folder / "rabbitmq-server").exists():
        raise MissingPart(RABBITMQ.without)
    return folder


def _binary(text: str) -> str:
    """An Erlang binary literal of any text."""
    return "<<" + ",".join(str(byte) for byte in text.encode()) + ">>"


def _user(name: str, password: str, tags: str) -> str:
    """Expression: the user exists with this password and these tags."""
    user, word, actor = _binary(name), _binary(password), _binary(ADMIN)
    return (
        f"case rabbit_auth_backend_internal:exists({user}) of "
        f"true -> rabbit_auth_backend_internal:change_password({user}, {word}, {actor}); "
        f"false -> rabbit_auth_backend_internal:add_user({user}, {word}, {actor}) end, "
        f"rabbit_auth_backend_internal:set_tags({user}, {tags}, {actor})"
    )


def _deletion(vhost: str) -> str:
    return f"catch rabbit_vhost:delete({_binary(vhost)}, {_binary(ADMIN)})"


def _vhost(name: str) -> list[str]:
    """Expressions: the vhost exists and both users have their permissions in it."""
    vhost, actor = _binary(name), _binary(ADMIN)
    words = [f"rabbit_vhost:add({vhost}, {actor})"]
    # What the platform may say there: its updates, under their own name.
    words.append(
        f"rabbit_auth_backend_internal:set_topic_permissions({_binary(GRID_USER)}, {vhost}, "
        f"{_binary(GRID_EXCHANGE)}, {_binary(GRID_ROUTING_KEY)}, {_binary('^$')}, {actor})"
    )
    for who in (EVERYTHING, GRID_PLATFORM):
        rights = ", ".join(map(_binary, (who.configure, who.write, who.read)))
        words.append(
            f"rabbit_auth_backend_internal:set_permissions("
            f"{_binary(who.user)}, {vhost}, {rights}, {actor})"
        )
    return words
