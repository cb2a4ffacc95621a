"""Clients that are generated from the document: they compile, and they work.

What was generated and compiled is kept in var/ under the hash of the document.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy import bootstrap, clients
from deploy.clients import __main__ as making
from deploy.demo.people import CODE, PHONES
from services.contracts import demo
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SMOKE = Path(__file__).with_name("clients")
TSC = ("--strict", "--target", "es2022", "--module", "nodenext", "--outDir", "built")


@pytest.fixture(scope="module")
def document(platform: Platform) -> Path:
    """The document of the running system, in a folder of its own hash."""
    text = requests.get(f"{platform.api}/openapi.json", timeout=30).content
    made_of = [*Path(clients.__file__).parent.iterdir(), *SMOKE.iterdir()]
    digest = hashlib.sha256(text)
    for part in sorted(part for part in made_of if part.is_file()):
        digest.update(part.read_bytes())
    folder = bootstrap.VAR / "clients" / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.json").write_bytes(text)
    return folder / "openapi.json"


def run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout[-3_000:]}{done.stderr[-3_000:]}"
    return done.stdout


def judge(said: str) -> None:
    told: dict[str, Any] = json.loads(said)
    assert told.pop("issue")
    assert told.pop("told").startswith("/")
    assert told == {
        "pages": True,
        "post": "路灯修好了",
        "again": [True, "true"],
        "other_body": "request.idempotency_key_reused",
        "wrong": ["request.invalid", ["body", "title"]],
        "receipt": "votes.bad_receipt",
        "likes": 1,
    }


def words(platform: Platform) -> list[str]:
    return [platform.url, PHONES["老陆"], "13800000021", CODE, demo.SHANGYUAN]


def test_typescript(platform: Platform, document: Path) -> None:
    folder = document.parent / "typescript"
    npm = bootstrap.npm_command()
    if not (folder / "built" / "smoke.js").exists():
        making.typescript(document, document.parent)
        shutil.copy(SMOKE / "smoke.ts", folder)
        run([*npm, "exec", "--offline", "--", "tsc", *TSC, "smoke.ts"], folder)
    node = npm[0] if len(npm) == 2 else "node"

    judge(run([node, "built/smoke.js", *words(platform)], folder))


def test_python(platform: Platform, document: Path) -> None:
    folder = document.parent / "python"
    program = making.python_tools() / "bin" / "python"
    if not (folder / "checked").exists():
        making.python(document, document.parent)
        shutil.copy(SMOKE / "smoke.py", folder)
        # silent: of the generated modules two have a field of their own name, which mypy minds
        mypy = ["-m", "mypy", "--follow-imports=silent", "--config-file", os.devnull]
        mypy += ["--python-executable", str(program)]
        run([sys.executable, *mypy, "smoke.py"], folder)
        (folder / "checked").touch()

    judge(run([str(program), "smoke.py", *words(platform)], folder))
