"""Makes the secret files that `deploy/compose.yaml` names: `python -m deploy.make_secrets`.

Everything goes to `deploy/secrets/` (mode 700, not in git) and is made once: what is there stays.
To use a database or broker of your own, write its address into the file of that name.
Inside that folder the files can be read by every user: containers run under users of their own.
"""

import base64
import hashlib
import json
import secrets
from functools import partial
from pathlib import Path

from deploy.compose import SECRET_VARIABLES
from deploy.local.environment import VHOST
from deploy.local.keys import make_keys
from deploy.local.postgres import EXTENSIONS
from deploy.local.rabbitmq import (
    ADMIN,
    EVERYTHING,
    GRID_EXCHANGE,
    GRID_PLATFORM,
    GRID_ROUTING_KEY,
    GRID_USER,
)
from deploy.local.system import secret_file
from deploy.processes import PROVIDERS, SERVICES, database_variable
from services.kit import topology

FOLDER = Path(__file__).resolve().parent / "secrets"


def make_secrets(folder: Path) -> None:
    """Make every missing secret; passwords agree between the servers' files and the addresses."""
    make_keys(folder)
    passwords = {
        name: secret_file(folder / f"password.{name}") for name in (ADMIN, GRID_USER, *SERVICES)
    }
    secret_file(folder / "postgres.password")
    secret_file(folder / "storage.credentials", str)  # the bucket's; a folder needs none
    secret_file(folder / "postgres.sql", lambda: _sql(passwords))
    secret_file(folder / "rabbitmq.definitions.json", lambda: _definitions(passwords))
    addresses = {
        "SHEQU_AMQP_URL": _amqp(ADMIN, passwords[ADMIN]),
        "SHEQU_GRID_AMQP_URL": _amqp(GRID_USER, passwords[GRID_USER]),
    }
    addresses["SHEQU_OPEN311_API_KEY"] = ""  # of the city's server, where there is one
    addresses["SHEQU_SMS_SECRET"] = ""  # the operator's own; nothing is sent without
    addresses["SHEQU_WECHAT_SECRET"] = ""  # likewise; needed with SHEQU_WECHAT_APP_ID
    addresses["SHEQU_VERIFIER_SECRET"] = ""  # likewise; nobody is asked without
    addresses |= dict.fromkeys(PROVIDERS, "")  # likewise; such a channel is not offered
    for service in SERVICES:
        role = f"shequ_{service}"
        addresses[database_variable(service)] = (
            f"postgresql+psycopg2://{role}:{passwords[service]}@postgres:5432/{role}"
        )
    for name in SECRET_VARIABLES:
        secret_file(folder / name, partial(addresses.__getitem__, name))
    for path in folder.iterdir():
        path.chmod(0o600 if path.name.startswith("password.") else 0o644)
    folder.chmod(0o700)


def _amqp(user: str, password: str) -> str:
    return f"amqp://{user}:{password}@rabbitmq:5672/{VHOST}"


def _sql(passwords: dict[str, str]) -> str:
    """A role and a database for each service; nobody enters another's."""
    lines = []
    for service in SERVICES:
        role = f"shequ_{service}"
        lines += [
            f"CREATE ROLE {role} LOGIN PASSWORD '{passwords[service]}';",
            f"CREATE DATABASE {role} OWNER {role};",
            f"REVOKE CONNECT, TEMPORARY ON DATABASE {role} FROM PUBLIC;",
            f"\\connect {role}",
            *(f"CREATE EXTENSION IF NOT EXISTS {extension};" for extension in EXTENSIONS),
        ]
    return "\n".join([*lines, ""])


def _definitions(passwords: dict[str, str]) -> str:
    """The broker's topology with its users and what each may do."""
    users = [
        {
            "name": name,
            "password_hash": _password_hash(passwords[name]),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": tags,
        }
        for name, tags in ((ADMIN, ["administrator"]), (GRID_USER, []))
    ]
    permissions = [
        {
            "user": who.user,
            "vhost": VHOST,
            "configure": who.configure,
            "write": who.write,
            "read": who.read,
        }
        for who in (EVERYTHING, GRID_PLATFORM)
    ]
    topic = {
        "user": GRID_USER,
        "vhost": VHOST,
        "exchange": GRID_EXCHANGE,
        "write": GRID_ROUTING_KEY,
        "read": "^$",
    }
    content = {
        "users": users,
        "permissions": permissions,
        "topic_permissions": [topic],
        **topology.definitions(VHOST),
    }
    return json.dumps(content, indent=1)


def _password_hash(password: str) -> str:
    """RabbitMQ's own form: base64 of a 4-byte salt and the SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


if __name__ == "__main__":
    make_secrets(FOLDER)
    print(f"{len(list(FOLDER.iterdir()))} files in {FOLDER.parent.name}/{FOLDER.name}")
