"""What each process is told on this machine: the value of every variable in the service table."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local import keys
from deploy.local.layout import Layout
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import GRID_USER, RabbitMQ
from deploy.local.system import secret_file
from deploy.processes import BY_NAME, PROVIDERS, SERVICES, Process, database_variable

VHOST = "shequtong"
CONNECTIONS_PER_PROCESS = 24  # a service's pool, its relay and its timers
TABLE_NAMES = frozenset(name for process in BY_NAME.values() for name in process.environment)


@dataclass(frozen=True)
class Plan:
    """Which servers are ours to start, and what the processes are told."""

    layout: Layout
    outside: Mapping[str, str]
    """The environment of the launcher: what is set there wins."""

    @property
    def demo(self) -> bool:
        """Demo district and demo codes: on, unless switched off or in production."""
        if self.outside.get("SHEQU_ENV") == "production":
            return False
        return self.outside.get("SHEQU_DEMO", "1") not in ("0", "false", "no", "")

    @property
    def own_broker(self) -> bool:
        """Whether the private RabbitMQ is needed."""
        return not self.outside.get("SHEQU_AMQP_URL")

    @property
    def own_databases(self) -> tuple[str, ...]:
        """The services whose database is ours to bring."""
        return tuple(s for s in SERVICES if not self.outside.get(database_variable(s)))

    def postgres(self, processes: int) -> Postgres:
        """The private PostgreSQL, with room for so many processes."""
        room = 60 + CONNECTIONS_PER_PROCESS * processes
        return Postgres(self.layout.var / "pg", self.layout.ports.postgres, max_connections=room)

    @property
    def rabbitmq(self) -> RabbitMQ:
        """The private RabbitMQ node."""
        ports = self.layout.ports
        return RabbitMQ(self.layout.var / "rabbitmq", ports.amqp, ports.distribution, ports.epmd)

    def database_password(self, service: str) -> str:
        """The generated password of a service's role."""
        return secret_file(self.layout.keys / f"pg.{service}")

    def ensure_databases(self, server: Postgres) -> None:
        """Each service's own database and role on the private server."""
        for service in self.own_databases:
            role = f"shequ_{service}"
            server.ensure_role(role, self.database_password(service))
            server.ensure_database(role, owner=role)

    def values(self) -> dict[str, str]:
        """Every variable of the table, except each process's own SHEQU_HEALTH_PORT."""
        layout, ports = self.layout, self.layout.ports
        host = self.outside.get("SHEQU_HOST") or "127.0.0.1"
        values = {
            "SHEQU_ENV": "development",
            "SHEQU_LOG_LEVEL": "INFO",
            "SHEQU_LOG_FORMAT": "json",
            "SHEQU_VAR": str(layout.var),
            "SHEQU_JWKS_FILE": str(layout.keys / keys.PUBLIC_KEYS),
            "SHEQU_TOKEN_KEY_FILE": str(layout.keys / keys.TOKEN_KEY),
            "SHEQU_DATA_KEYS_FILE": str(layout.keys / keys.DATA_KEYS),
            "SHEQU_VOTES_KEYS_FILE": str(layout.keys / keys.VOTES_KEYS),
            "SHEQU_NOTIFY_VAPID_FILE": str(layout.keys / keys.PUSH_KEY),
            "SHEQU_UPLOAD_SECRET_FILE": str(layout.keys / keys.UPLOAD_SECRET),
            "SHEQU_GRID_KEY_FILE": str(layout.keys / keys.GRID_KEY),
            "SHEQU_STORAGE_URL": (layout.var / "uploads").as_uri(),
            "SHEQU_STORAGE_ENDPOINT": "",
            "SHEQU_STORAGE_REGION": "us-east-1",
            "SHEQU_STORAGE_STYLE": "path",
            "SHEQU_STORAGE_CREDENTIALS_FILE": "",
            "SHEQU_HOST": host,
            "SHEQU_PORT": str(ports.gateway),
            "SHEQU_PUBLIC_URL": f"http://127.0.0.1:{ports.gateway}",
            "SHEQU_RATE_LIMITS": "auto",
            "SHEQU_FONT": "",
            "SHEQU_CORS_ORIGINS": "",
            "SHEQU_TRUSTED_PROXIES": "",
            "SHEQU_LEXICON_FILE": "",
            "SHEQU_EVIDENCE_DAYS": "183",
            "SHEQU_SMS_PROVIDER": "",
            "SHEQU_SMS_URL": "",
            "SHEQU_SMS_SECRET": "",
            "SHEQU_SMS_SECRET_ID": "",
            "SHEQU_SMS_APP_ID": "",
            "SHEQU_SMS_SIGN": "",
            "SHEQU_SMS_REGION": "ap-guangzhou",
            "SHEQU_SMS_TEMPLATES": "",
            "SHEQU_WECHAT_URL": "https://api.weixin.qq.com",
            "SHEQU_WECHAT_APP_ID": "",
            "SHEQU_WECHAT_SECRET": "",
            "SHEQU_NOTIFY_PUSH_HOSTS": "",
            **dict.fromkeys(PROVIDERS, ""),
            "SHEQU_EMERGENCY_KEPT_DAYS": "30",
            "SHEQU_STAFF_TOTP": "",
            "SHEQU_VERIFIER_URL": "",
            "SHEQU_VERIFIER_SECRET": "",
            "SHEQU_MODEL_DIR": str(layout.var / "model"),
            "SHEQU_RETRY_SCALE": "1",
            "SHEQU_HEALTH_HOST": "127.0.0.1",
            # by itself it works in demonstrations only; in production it refuses to
            "SHEQU_GRID_STEP_SECONDS": "1" if self.demo else "manual",
            "SHEQU_GRID_FAULTS": "",
            "SHEQU_GRID_DATABASE_FILE": str(layout.var / "grid_platform" / "state.sqlite3"),
            "SHEQU_OPEN311_URL": "",
            "SHEQU_OPEN311_API_KEY": "",
            "SHEQU_OPEN311_JURISDICTION": "",
            "SHEQU_OPEN311_FORMAT": "json",
            "SHEQU_OPEN311_SERVICES": "",
            "SHEQU_OPEN311_WORDS": "0",
            "SHEQU_OPEN311_POLL_SECONDS": "60",
            "SHEQU_OPEN311_DATABASE_FILE": str(layout.var / "open311_adapter" / "state.sqlite3"),
        }
        for service in self.own_databases:
            role = f"shequ_{service}"
            values[database_variable(service)] = Postgres(layout.var / "pg", ports.postgres).url(
                role, user=role, password=self.database_password(service)
            )
        if self.own_broker:
            values["SHEQU_AMQP_URL"] = self.rabbitmq.url(VHOST)
            values["SHEQU_GRID_AMQP_URL"] = self.rabbitmq.url(VHOST, GRID_USER)
        else:
            # Unless SHEQU_GRID_AMQP_URL names its own user, the one there is has to do.
            values["SHEQU_GRID_AMQP_URL"] = self.outside["SHEQU_AMQP_URL"]
        chosen = {name: text for name, text in self.outside.items() if name in TABLE_NAMES and text}
        chosen.pop("SHEQU_VAR", None)  # keys, logs and assets of this checkout lie in its own
        return {**values, **chosen, "SHEQU_DEMO": "1" if self.demo else "0"}

    def environment(self, process: Process, health_port: int | None = None) -> dict[str, str]:
        """The whole environment of one process: of our names only those in its row."""
        values = self.values()
        if health_port is not None:
            values["SHEQU_HEALTH_PORT"] = str(health_port)
        foreign = {name: text for name, text in self.outside.items() if name not in TABLE_NAMES}
        own = {name: values[name] for name in process.environment if name in values}
        return {**foreign, **own, "PYTHONUNBUFFERED": "1"}
