"""An S3-compatible server for tests: moto's, in a process of its own, asking for credentials.

It checks signatures and policies once the first four calls are done, which make a user, her key,
the bucket and her policy, which is the one that `docs/operations.md` gives.
"""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from deploy.local.system import free_port
from tests.support.waiting import until

BUCKET, USER, REGION = "shequ-photos", "shequ", "us-east-1"
_SET_UP_CALLS = "4"
_ANYBODY = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{}/aws4_request, Signature=a"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@dataclass(frozen=True)
class S3:
    """A server with one private bucket and the credentials of who may use it."""

    endpoint: str
    credentials_file: Path
    bucket: str = BUCKET

    def settings(self, prefix: str = "", **other: Any) -> dict[str, Any]:
        """What a process has to be told to keep its files here."""
        return {
            "storage_url": f"s3://{self.bucket}/{prefix}",
            "storage_endpoint": self.endpoint,
            "storage_credentials_file": self.credentials_file,
            **other,
        }


def credentials(file: Path, key_id: str, secret: str) -> Path:
    """A credentials file as the server's owner would hand it over."""
    file.write_text(f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n")
    return file


@contextmanager
def server(folder: Path) -> Iterator[S3]:
    """A running server with its bucket; it ends with the block."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": _SET_UP_CALLS},
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: _answers(port), what="the S3 server", limit=60)
        yield S3(endpoint, _set_up(endpoint, folder / "s3.credentials"))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def nobody() -> str:
    """An address at which nothing listens."""
    return f"http://127.0.0.1:{free_port()}"


def _set_up(endpoint: str, file: Path) -> Path:
    _iam(endpoint, Action="CreateUser", UserName=USER)
    key = _iam(endpoint, Action="CreateAccessKey", UserName=USER)
    _iam(
        endpoint,
        Action="PutUserPolicy",
        UserName=USER,
        PolicyName="uploads",
        PolicyDocument=_policy(),
    )
    _ask(f"{endpoint}/{BUCKET}", "PUT", "s3")
    return credentials(file, _said(key, "AccessKeyId"), _said(key, "SecretAccessKey"))


def _policy() -> str:
    """The page's policy, for our bucket and every prefix in it (each test has its own)."""
    page = PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(r"```\n(\{\"Version\".+?)```", page, re.DOTALL)
    policy: str = json.dumps(json.loads(found))
    return policy.replace("PREFIX/*", "*").replace("BUCKET", BUCKET)


def _iam(endpoint: str, **words: str) -> str:
    return _ask(f"{endpoint}/", "POST", "iam", urlencode(words).encode())


def _ask(url: str, method: str, service: str, data: bytes | None = None) -> str:
    headers = {"Authorization": _ANYBODY.format(service)}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def _said(document: str, name: str) -> str:
    found = re.search(f"<{name}>(.+?)</{name}>", document)
    assert found, f"the server said no {name}"
    return found[1]


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
