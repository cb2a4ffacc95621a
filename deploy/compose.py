"""Writes `deploy/compose.yaml` from the service table.

    python -m deploy.compose               write it (and what Prometheus should watch)
    python -m deploy.compose --check       say whether it is what the table gives
    python -m deploy.make_secrets          make the secret files it names

    docker compose -f deploy/compose.yaml --profile infra --profile app up --scale votes=3

Profiles: `infra` (database and broker; leave it out when you have your own), `app` (jobs, services,
gateway, the reference grid platform), `demo` (the demo district), `obs` (Prometheus and Grafana).
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from deploy.processes import (
    INFRASTRUCTURE,
    JOBS,
    MODELS,
    PROCESSES,
    PROVIDERS,
    SERVICES,
    Kind,
    Process,
    database_variable,
)

FOLDER = Path(__file__).resolve().parent
COMPOSE_FILE = FOLDER / "compose.yaml"
PROMETHEUS_FILE = FOLDER / "observability" / "prometheus.yaml"
HEADER = "# Made by `python -m deploy.compose` from deploy/processes.py; not to be edited.\n"

HEALTH_PORT = 9100
GATEWAY_PORT = 8080
VAR = "/app/var"

# Read by the entrypoint into the variable of the same name: they carry passwords.
SECRET_VARIABLES = (
    "SHEQU_AMQP_URL",
    "SHEQU_GRID_AMQP_URL",
    "SHEQU_OPEN311_API_KEY",
    "SHEQU_SMS_SECRET",
    "SHEQU_WECHAT_SECRET",
    "SHEQU_VERIFIER_SECRET",
    *PROVIDERS,
    *map(database_variable, SERVICES),
)
# Variables that name a file, and the secret that the file is.
SECRET_FILES = {
    "SHEQU_TOKEN_KEY_FILE": "token.jwk.json",
    "SHEQU_JWKS_FILE": "jwks.json",
    "SHEQU_DATA_KEYS_FILE": "data.keys.json",
    "SHEQU_VOTES_KEYS_FILE": "votes.keys.json",
    "SHEQU_NOTIFY_VAPID_FILE": "push.key",
    "SHEQU_UPLOAD_SECRET_FILE": "upload.secret",
    "SHEQU_GRID_KEY_FILE": "grid.key",
    "SHEQU_STORAGE_CREDENTIALS_FILE": "storage.credentials",
}
# Variables that name what is kept, and the volume that it is kept on.
VOLUMES = {
    MODELS: f"models:{VAR}/model",
    "SHEQU_GRID_DATABASE_FILE": f"grid_platform:{VAR}/grid_platform",
    "SHEQU_OPEN311_DATABASE_FILE": f"open311_adapter:{VAR}/open311_adapter",
}
# Secrets of the database and broker themselves.
SERVER_SECRETS = ("postgres.password", "postgres.sql", "rabbitmq.definitions.json")

VALUES = {
    "SHEQU_ENV": "${SHEQU_ENV:-development}",
    "SHEQU_DEMO": "${SHEQU_DEMO:-0}",
    "SHEQU_LOG_LEVEL": "${SHEQU_LOG_LEVEL:-INFO}",
    "SHEQU_LOG_FORMAT": "json",
    "SHEQU_VAR": VAR,
    "SHEQU_PUBLIC_URL": "${SHEQU_PUBLIC_URL:-http://127.0.0.1:8080}",
    "SHEQU_STORAGE_URL": f"${{SHEQU_STORAGE_URL:-file://{VAR}/uploads}}",
    "SHEQU_STORAGE_ENDPOINT": "${SHEQU_STORAGE_ENDPOINT:-}",
    "SHEQU_STORAGE_REGION": "${SHEQU_STORAGE_REGION:-us-east-1}",
    "SHEQU_STORAGE_STYLE": "${SHEQU_STORAGE_STYLE:-path}",
    "SHEQU_MODEL_DIR": f"{VAR}/model",
    "SHEQU_HOST": "0.0.0.0",
    "SHEQU_PORT": str(GATEWAY_PORT),
    "SHEQU_HEALTH_HOST": "0.0.0.0",
    "SHEQU_HEALTH_PORT": str(HEALTH_PORT),
    "SHEQU_RATE_LIMITS": "${SHEQU_RATE_LIMITS:-auto}",
    "SHEQU_FONT": "${SHEQU_FONT:-}",
    "SHEQU_CORS_ORIGINS": "${SHEQU_CORS_ORIGINS:-}",
    "SHEQU_TRUSTED_PROXIES": "${SHEQU_TRUSTED_PROXIES:-}",
    "SHEQU_SMS_PROVIDER": "${SHEQU_SMS_PROVIDER:-}",
    "SHEQU_SMS_URL": "${SHEQU_SMS_URL:-}",
    "SHEQU_SMS_SECRET_ID": "${SHEQU_SMS_SECRET_ID:-}",
    "SHEQU_SMS_APP_ID": "${SHEQU_SMS_APP_ID:-}",
    "SHEQU_SMS_SIGN": "${SHEQU_SMS_SIGN:-}",
    "SHEQU_SMS_REGION": "${SHEQU_SMS_REGION:-ap-guangzhou}",
    "SHEQU_SMS_TEMPLATES": "${SHEQU_SMS_TEMPLATES:-}",
    "SHEQU_WECHAT_URL": "${SHEQU_WECHAT_URL:-https://api.weixin.qq.com}",
    "SHEQU_WECHAT_APP_ID": "${SHEQU_WECHAT_APP_ID:-}",
    "SHEQU_NOTIFY_PUSH_HOSTS": "${SHEQU_NOTIFY_PUSH_HOSTS:-}",
    "SHEQU_EMERGENCY_KEPT_DAYS": "${SHEQU_EMERGENCY_KEPT_DAYS:-30}",
    "SHEQU_STAFF_TOTP": "${SHEQU_STAFF_TOTP:-}",
    "SHEQU_VERIFIER_URL": "${SHEQU_VERIFIER_URL:-}",
    "SHEQU_LEXICON_FILE": "${SHEQU_LEXICON_FILE:-}",
    "SHEQU_EVIDENCE_DAYS": "${SHEQU_EVIDENCE_DAYS:-183}",
    "SHEQU_RETRY_SCALE": "${SHEQU_RETRY_SCALE:-1}",
    "SHEQU_GRID_STEP_SECONDS": "${SHEQU_GRID_STEP_SECONDS:-manual}",
    "SHEQU_GRID_FAULTS": "${SHEQU_GRID_FAULTS:-}",
    "SHEQU_GRID_DATABASE_FILE": f"{VAR}/grid_platform/state.sqlite3",
    "SHEQU_OPEN311_URL": "${SHEQU_OPEN311_URL:-}",
    "SHEQU_OPEN311_JURISDICTION": "${SHEQU_OPEN311_JURISDICTION:-}",
    "SHEQU_OPEN311_FORMAT": "${SHEQU_OPEN311_FORMAT:-json}",
    "SHEQU_OPEN311_SERVICES": "${SHEQU_OPEN311_SERVICES:-}",
    "SHEQU_OPEN311_WORDS": "${SHEQU_OPEN311_WORDS:-0}",
    "SHEQU_OPEN311_POLL_SECONDS": "${SHEQU_OPEN311_POLL_SECONDS:-60}",
    "SHEQU_OPEN311_DATABASE_FILE": f"{VAR}/open311_adapter/state.sqlite3",
    **{variable: f"/run/secrets/{name}" for variable, name in SECRET_FILES.items()},
}


def compose() -> dict[str, Any]:
    """The whole compose file."""
    services: dict[str, Any] = {"postgres": _postgres(), "rabbitmq": _rabbitmq()}
    services |= {row.name: _container(row) for row in (*JOBS, *PROCESSES)}
    services |= {"prometheus": _prometheus(), "grafana": _grafana()}
    names = (*SERVER_SECRETS, *SECRET_FILES.values(), *SECRET_VARIABLES)
    kept = [volume.partition(":")[0] for volume in VOLUMES.values()]
    return {
        "name": "shequtong",
        "services": services,
        "volumes": {name: {} for name in ("postgres", "rabbitmq", "uploads", *kept, "prometheus")},
        "secrets": {_secret(name): {"file": f"./secrets/{name}"} for name in names},
        "configs": {
            "rabbitmq.conf": {"content": RABBITMQ_CONF},
            "prometheus.yaml": {"file": "./observability/prometheus.yaml"},
            "grafana-datasource.yaml": {"content": GRAFANA_DATASOURCE},
        },
    }


def _container(row: Process) -> dict[str, Any]:
    """One row of the table as a compose service."""
    job = row.kind is Kind.JOB
    plain = {name: VALUES[name] for name in row.environment if name in VALUES}
    secrets = [
        {"source": _secret(name), "target": name}
        for name in row.environment
        if name in SECRET_VARIABLES
    ]
    secrets += [
        {"source": _secret(SECRET_FILES[name]), "target": SECRET_FILES[name]}
        for name in row.environment
        if name in SECRET_FILES
    ]
    container: dict[str, Any] = {
        "profiles": ["demo"] if row.demo_only else ["open311" if row.only_with else "app"],
        "image": "${SHEQU_IMAGE:-shequtong:latest}",
        "build": {"context": "..", "dockerfile": "deploy/Dockerfile"},
        "command": ["python", *row.command],
        "environment": plain,
        "secrets": secrets,
        "depends_on": {name: _condition(name) for name in row.depends_on},
        "init": True,
        "read_only": True,
        "tmpfs": ["/tmp", f"{VAR}/run"],  # noqa: S108 (inside the container)
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "deploy": {"resources": {"limits": {"memory": f"{row.memory_mb}M"}}},
    }
    volumes = [f"uploads:{VAR}/uploads"] if row.storage else []
    volumes += [volume for name, volume in VOLUMES.items() if name in row.environment]
    if volumes:
        container["volumes"] = volumes
    if job:
        return {**container, "restart": "no"}
    port = GATEWAY_PORT if row.port else HEALTH_PORT
    container |= {
        "restart": "unless-stopped",
        "stop_grace_period": f"{row.stop_seconds + 5}s",
        "healthcheck": {
            "test": _probe(f"http://127.0.0.1:{port}{row.health_path}"),
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "60s",
            "start_interval": "1s",
        },
        "expose": [str(port)],
    }
    if row.port:
        # A range (8080-8083) lets several gateways stand side by side.
        published = "${SHEQU_PUBLISH:-8080}"
        container["ports"] = [
            {"target": port, "published": published, "host_ip": "127.0.0.1", "protocol": "tcp"}
        ]
    return container


def _condition(name: str) -> dict[str, Any]:
    """What waiting for another one means; database and broker may stand elsewhere."""
    if name in INFRASTRUCTURE:
        return {"condition": "service_healthy", "required": False}
    jobs = {job.name for job in JOBS}
    return {"condition": "service_completed_successfully" if name in jobs else "service_healthy"}


def _probe(url: str) -> list[str]:
    return ["CMD", "python", "-m", "deploy.probe", url]


def _secret(name: str) -> str:
    """The compose name of a secret file; dots and capitals are not welcome there."""
    return name.lower().replace(".", "_")


def _postgres() -> dict[str, Any]:
    return {
        "profiles": ["infra"],
        "image": "pgvector/pgvector:pg18",
        "command": ["postgres", "-c", "max_connections=400"],
        "environment": {"POSTGRES_PASSWORD_FILE": "/run/secrets/postgres.password"},
        "secrets": [
            {"source": "postgres_password", "target": "postgres.password"},
            {
                "source": "postgres_sql",
                "target": "/docker-entrypoint-initdb.d/10-services.sql",
            },
        ],
        "volumes": ["postgres:/var/lib/postgresql"],
        "shm_size": "256m",
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "healthcheck": {
            # The server that runs the first-time scripts listens on its socket alone.
            "test": ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"],
            "interval": "5s",
            "timeout": "5s",
            "retries": 12,
            "start_period": "60s",
            "start_interval": "1s",
        },
    }


RABBITMQ_CONF = """\
load_definitions = /run/secrets/rabbitmq.definitions.json
vm_memory_high_watermark.relative = 0.6
disk_free_limit.absolute = 1GB
heartbeat = 30
"""


def _rabbitmq() -> dict[str, Any]:
    return {
        "profiles": ["infra"],
        "image": "rabbitmq:3.13-management",
        "hostname": "rabbitmq",  # the node's data is filed under its name
        "secrets": [{"source": "rabbitmq_definitions_json", "target": "rabbitmq.definitions.json"}],
        "configs": [
            {"source": "rabbitmq.conf", "target": "/etc/rabbitmq/conf.d/20-shequtong.conf"}
        ],
        "volumes": ["rabbitmq:/var/lib/rabbitmq"],
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "healthcheck": {
            "test": ["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"],
            "interval": "10s",
            "timeout": "10s",
            "retries": 6,
            "start_period": "90s",
            "start_interval": "3s",
        },
    }


def _prometheus() -> dict[str, Any]:
    return {
        "profiles": ["obs"],
        "image": "prom/prometheus:v3.5.0",
        "configs": [{"source": "prometheus.yaml", "target": "/etc/prometheus/prometheus.yml"}],
        "volumes": ["prometheus:/prometheus"],
        "restart": "unless-stopped",
        "expose": ["9090"],
    }


GRAFANA_DATASOURCE = """\
apiVersion: 1
datasources:
  - name: Prometheus
    uid: prometheus
    type: prometheus
    url: http://prometheus:9090
    isDefault: true
"""


def _grafana() -> dict[str, Any]:
    return {
        "profiles": ["obs"],
        "image": "grafana/grafana:12.1.0",
        "configs": [
            {
                "source": "grafana-datasource.yaml",
                "target": "/etc/grafana/provisioning/datasources/shequtong.yaml",
            }
        ],
        "depends_on": {"prometheus": {"condition": "service_started"}},
        "restart": "unless-stopped",
        "ports": [
            {
                "target": 3000,
                "published": "${SHEQU_GRAFANA_PUBLISH:-3000}",
                "host_ip": "127.0.0.1",
                "protocol": "tcp",
            }
        ],
    }


def prometheus() -> dict[str, Any]:
    """What Prometheus watches: every replica, found by name."""
    watched = [row for row in PROCESSES if row.kind in (Kind.SERVICE, Kind.GATEWAY)]
    jobs = [
        {
            "job_name": row.name,
            "dns_sd_configs": [
                {
                    "names": [row.name],
                    "type": "A",
                    "port": GATEWAY_PORT if row.port else HEALTH_PORT,
                }
            ],
        }
        for row in watched
    ]
    jobs.append(
        {
            "job_name": "rabbitmq",
            "metrics_path": "/metrics/per-object",
            "static_configs": [{"targets": ["rabbitmq:15692"]}],
        }
    )
    return {"global": {"scrape_interval": "15s"}, "scrape_configs": jobs}


class _Dumper(yaml.SafeDumper):
    """Writes every value in full: anchors would make differences hard to read."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(node: _Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return node.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def render(content: dict[str, Any]) -> str:
    """The text of a generated file."""
    return HEADER + yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def files() -> dict[Path, str]:
    """Every generated file and its text."""
    return {COMPOSE_FILE: render(compose()), PROMETHEUS_FILE: render(prometheus())}


def main(argv: list[str] | None = None) -> int:
    """Write the files, or with `--check` say which of them is not what the table gives."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args(argv).check:
        for path, text in files().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [
        path.relative_to(FOLDER.parent).as_posix()
        for path, text in files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for name in stale:
        print(f"{name} is not what deploy/processes.py gives: run `python -m deploy.compose`")
    return 1 if stale or not docker_accepts() else 0


def docker_accepts() -> bool:
    """Whether `docker compose config` takes the file; true where there is no such program."""
    try:
        there = subprocess.run(["docker", "compose", "version"], capture_output=True)
    except OSError:
        return True
    if there.returncode != 0:
        return True
    profiles = [f"--profile={name}" for name in ("infra", "app", "demo", "obs")]
    words = ["docker", "compose", "-f", str(COMPOSE_FILE), *profiles, "config", "--quiet"]
    return subprocess.run(words).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
