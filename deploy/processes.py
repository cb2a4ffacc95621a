"""THE service table: every process of the system, once.

The local launcher, the compose file, the image and the monitoring are made from it; a test holds
them together. To add a service, add its row here, then `python -m deploy.compose`.

    postgres ─▶ migrate-* ─┬▶ services      (demo only: migrate-* ─▶ seed-*)
    rabbitmq ─▶ topology ──┴▶ services, grid_platform, gateway
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What sort of thing a process is."""

    SERVICE = "service"
    """A nameko service: replicas compete on its queues."""
    GATEWAY = "gateway"
    """The one door: HTTP."""
    CONSUMER = "consumer"
    """A foreign system's side of the wire."""
    JOB = "job"
    """Runs to its end before the others start."""


@dataclass(frozen=True)
class Process:
    """One row: what runs, what it must know, what it waits for, how it is watched."""

    name: str
    module: str
    """Started as `python -m <module> <arguments>`."""
    kind: Kind
    environment: tuple[str, ...]
    """Every variable it reads; it is given these `SHEQU_*` names and no others."""
    arguments: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    """Names of rows, or of `INFRASTRUCTURE`."""
    health_path: str = "/readyz"
    port: str | None = None
    """The variable that holds the port it shows to the world, if it does; its health is there."""
    storage: bool = False
    """Whether it reads and writes uploaded files."""
    most: int | None = None
    """The largest number of replicas on one machine; None: any number."""
    memory_mb: int = 160
    """A hint for limits: three times what it takes at rest."""
    stop_seconds: int = 15
    """How long it may take to finish its work after SIGTERM."""
    demo_only: bool = False
    only_with: str = ""
    """The variable without which it does not run; empty: it always does."""
    instead_of: str = ""
    """The row that does not run where this one does: both would take the same messages."""
    databases: tuple[str, ...] = field(default=())
    """The services whose databases it opens: never more than its own."""

    @property
    def command(self) -> tuple[str, ...]:
        """The words after `python`."""
        return ("-m", self.module, *self.arguments)


INFRASTRUCTURE = ("postgres", "rabbitmq")
SERVICES = ("identity", "feed", "votes", "grid_bridge", "notify")


def database_variable(service: str) -> str:
    """The variable with a service's database URL."""
    return f"SHEQU_{service.upper()}_DATABASE_URL"


LOGGING = ("SHEQU_ENV", "SHEQU_LOG_LEVEL", "SHEQU_LOG_FORMAT")
COMMON = (
    *LOGGING,
    "SHEQU_DEMO",
    "SHEQU_VAR",
    "SHEQU_AMQP_URL",
    "SHEQU_JWKS_FILE",
    "SHEQU_PUBLIC_URL",
)
HEALTH = ("SHEQU_HEALTH_HOST", "SHEQU_HEALTH_PORT")
STORAGE = "SHEQU_STORAGE_URL"
FILES = (
    STORAGE,
    "SHEQU_STORAGE_ENDPOINT",
    "SHEQU_STORAGE_REGION",
    "SHEQU_STORAGE_STYLE",
    "SHEQU_STORAGE_CREDENTIALS_FILE",
)
MODELS = "SHEQU_MODEL_DIR"
UPLOADS = ("SHEQU_UPLOAD_SECRET_FILE", *FILES)
VOTES_KEYS = "SHEQU_VOTES_KEYS_FILE"
IDENTITY_KEYS = ("SHEQU_TOKEN_KEY_FILE", "SHEQU_DATA_KEYS_FILE")
SMS = (
    "SHEQU_SMS_PROVIDER",
    "SHEQU_SMS_URL",
    "SHEQU_SMS_SECRET",
    "SHEQU_SMS_SECRET_ID",
    "SHEQU_SMS_APP_ID",
    "SHEQU_SMS_SIGN",
    "SHEQU_SMS_REGION",
    "SHEQU_SMS_TEMPLATES",
)
OPEN311 = (
    "SHEQU_OPEN311_URL",
    "SHEQU_OPEN311_API_KEY",
    "SHEQU_OPEN311_JURISDICTION",
    "SHEQU_OPEN311_FORMAT",
    "SHEQU_OPEN311_SERVICES",
    "SHEQU_OPEN311_WORDS",
    "SHEQU_OPEN311_POLL_SECONDS",
    "SHEQU_OPEN311_DATABASE_FILE",
)
VAPID = "SHEQU_NOTIFY_VAPID_FILE"
PUSH_HOSTS = "SHEQU_NOTIFY_PUSH_HOSTS"
PROVIDERS = (
    "SHEQU_NOTIFY_SMS_URL",
    "SHEQU_NOTIFY_WECHAT_URL",
    "SHEQU_NOTIFY_MAIL_URL",
    "SHEQU_NOTIFY_DINGTALK_URL",
)
WECHAT = ("SHEQU_WECHAT_URL", "SHEQU_WECHAT_APP_ID", "SHEQU_WECHAT_SECRET")


def _migrations(service: str) -> Process:
    return Process(
        name=f"migrate-{service.replace('_', '-')}",
        module="services.kit.migrate",
        arguments=(service,),
        kind=Kind.JOB,
        environment=(*LOGGING, database_variable(service)),
        depends_on=("postgres",),
        databases=(service,),
    )


def _service(name: str, *extra: str, after: tuple[str, ...] = (), memory_mb: int = 240) -> Process:
    return Process(
        name=name,
        module=f"services.{name}",
        kind=Kind.SERVICE,
        environment=(*COMMON, *HEALTH, database_variable(name), "SHEQU_RETRY_SCALE", *extra),
        depends_on=(f"migrate-{name.replace('_', '-')}", "topology", *after),
        memory_mb=memory_mb,
        storage=STORAGE in extra,
        databases=(name,),
    )


def _seed(service: str, *extra: str) -> Process:
    return Process(
        name=f"seed-{service.replace('_', '-')}",
        module=f"services.{service}.seed",
        kind=Kind.JOB,
        environment=(*COMMON, database_variable(service), *extra),
        depends_on=(f"migrate-{service.replace('_', '-')}",),
        demo_only=True,
        storage=STORAGE in extra,
        databases=(service,),
    )


JOBS: tuple[Process, ...] = (
    *map(_migrations, SERVICES),
    Process(
        name="topology",
        module="services.kit.topology",
        arguments=("declare",),
        kind=Kind.JOB,
        environment=(*LOGGING, "SHEQU_AMQP_URL", "SHEQU_RETRY_SCALE"),
        depends_on=("rabbitmq",),
    ),
    Process(
        name="classifier",
        module="services.grid_bridge.classifier.train",
        kind=Kind.JOB,
        environment=(*LOGGING, MODELS),
        memory_mb=1200,  # measured 900: the solver keeps ten steps of two million weights
    ),
    _seed("identity", *IDENTITY_KEYS),
    _seed("feed", *FILES),
    _seed("votes", VOTES_KEYS, *FILES),
    _seed("grid_bridge", *UPLOADS),
)

PROCESSES: tuple[Process, ...] = (
    _service(
        "identity",
        *IDENTITY_KEYS,
        *SMS,
        *WECHAT,
        "SHEQU_STAFF_TOTP",
        *("SHEQU_VERIFIER_URL", "SHEQU_VERIFIER_SECRET"),
    ),
    _service("feed", *FILES, "SHEQU_LEXICON_FILE", "SHEQU_EVIDENCE_DAYS"),
    _service("votes", VOTES_KEYS, *FILES),
    _service("grid_bridge", *UPLOADS, MODELS, after=("classifier",), memory_mb=400),
    _service("notify", PUSH_HOSTS, "SHEQU_EMERGENCY_KEPT_DAYS"),
    Process(
        name="notify_sender",
        module="services.notify.sender",
        kind=Kind.SERVICE,
        environment=(
            *COMMON,
            *HEALTH,
            database_variable("notify"),
            "SHEQU_RETRY_SCALE",
            VAPID,
            PUSH_HOSTS,
            *PROVIDERS,
        ),
        depends_on=("migrate-notify", "topology"),
        memory_mb=400,  # apprise knows a hundred ways and loads them all
        databases=("notify",),
    ),
    Process(
        name="grid_classifier",
        module="services.grid_bridge.reader",
        kind=Kind.SERVICE,
        environment=(
            *COMMON,
            *HEALTH,
            database_variable("grid_bridge"),
            "SHEQU_RETRY_SCALE",
            MODELS,
        ),
        depends_on=("migrate-grid-bridge", "topology", "classifier"),
        memory_mb=2600,  # 600 of its own; a refit from 5,000 labels takes 2 GB for two minutes
        databases=("grid_bridge",),
    ),
    Process(
        name="grid_platform",
        module="deploy.grid_platform",
        kind=Kind.CONSUMER,
        environment=(
            *LOGGING,
            "SHEQU_HEALTH_PORT",  # it answers on 127.0.0.1 alone
            "SHEQU_GRID_AMQP_URL",
            "SHEQU_GRID_STEP_SECONDS",
            "SHEQU_GRID_FAULTS",
            "SHEQU_GRID_DATABASE_FILE",
        ),
        depends_on=("topology",),
        most=1,  # its state is one SQLite file
    ),
    Process(
        name="open311_adapter",
        module="deploy.open311_adapter",
        kind=Kind.CONSUMER,
        environment=(
            *LOGGING,
            "SHEQU_HEALTH_PORT",
            "SHEQU_GRID_AMQP_URL",
            *OPEN311,
        ),
        depends_on=("topology",),
        most=1,  # its state is one SQLite file
        only_with="SHEQU_OPEN311_URL",
        instead_of="grid_platform",
    ),
    Process(
        name="gateway",
        module="gateway",
        kind=Kind.GATEWAY,
        environment=(
            *COMMON,
            *UPLOADS,
            "SHEQU_HOST",
            "SHEQU_PORT",
            "SHEQU_RATE_LIMITS",
            "SHEQU_FONT",
            "SHEQU_CORS_ORIGINS",
            "SHEQU_TRUSTED_PROXIES",
            "SHEQU_GRID_KEY_FILE",
        ),
        depends_on=("topology",),
        port="SHEQU_PORT",
        storage=True,
        most=1,  # one process holds the port; more stand behind a load balancer
        memory_mb=1200,  # two pictures at a time may take 400 each
    ),
)

BY_NAME = {process.name: process for process in (*JOBS, *PROCESSES)}


def switched_off(environment: Mapping[str, str]) -> dict[str, int]:
    """The rows that do not run by themselves in this environment, as numbers of replicas."""
    chosen = [row for row in PROCESSES if row.only_with and environment.get(row.only_with)]
    off = {row.name for row in PROCESSES if row.only_with and row not in chosen}
    return dict.fromkeys(off | {row.instead_of for row in chosen if row.instead_of}, 0)
