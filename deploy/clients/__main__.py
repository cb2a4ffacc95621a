"""`make clients`: a client in TypeScript and one in Python, generated into var/clients.

    python -m deploy.clients                                   both, from the checkout's document
    python -m deploy.clients --document openapi.json --into F  from another, into another folder

The generators are pinned: `deploy/clients/package-lock.json`, `requirements/clients.lock`.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy import bootstrap

HERE = Path(__file__).parent
TOOLS = bootstrap.VAR / "tools" / "clients"
DOCUMENT = bootstrap.ROOT / "tests" / "contracts" / "openapi.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Generate both clients."""
    parser = argparse.ArgumentParser(prog="deploy.clients", description="Generate clients.")
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    parser.add_argument("--into", type=Path, default=bootstrap.VAR / "clients")
    asked = parser.parse_args(argv)
    for make in (typescript, python):
        print(make(asked.document.resolve(), asked.into.resolve()))
    return 0


def typescript(document: Path, into: Path) -> Path:
    """`typescript/`: the types of the document (schema.ts), and a client of them (client.ts)."""
    target = _emptied(into / "typescript")
    tools = node_tools()
    command = [*bootstrap.npm_command(), "exec", "--offline", "--", "openapi-typescript"]
    optional = "--default-non-nullable=false"  # what has a default need not be sent
    _run([*command, str(document), optional, "-o", str(target / "schema.ts")], tools)
    shutil.copy(HERE / "client.ts", target)
    (target / "node_modules").symlink_to(tools / "node_modules")
    (target / "package.json").write_text('{"type": "module"}\n')
    return target


def python(document: Path, into: Path) -> Path:
    """`python/shequ_client/`: a module for each operation, a class for each model."""
    target = _emptied(into / "python")
    program = python_tools() / "bin" / "openapi-python-client"
    words = ["generate", "--meta", "none", "--config", str(HERE / "python.yaml")]
    words += ["--path", str(document), "--output-path", str(target / "shequ_client")]
    _run([str(program), *words], target)
    return target


def node_tools() -> Path:
    """Where the TypeScript tools are, by their lock; they are brought when it has changed."""
    home, lock = TOOLS / "node", HERE / "package-lock.json"
    stamp = home / "shequtong.json"
    want = {"lock": bootstrap.sha256(lock)}
    if bootstrap.read_stamp(stamp) != want:
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, home)
        _run([*bootstrap.npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], home)
        bootstrap.write_stamp(stamp, want)
    return home


def python_tools() -> Path:
    """The environment of the Python generator, by its lock."""
    home, lock = TOOLS / "python", bootstrap.ROOT / "requirements" / "clients.lock"
    stamp = home / "shequtong.json"
    want = {"lock": bootstrap.sha256(lock)}
    if bootstrap.read_stamp(stamp) != want:
        shutil.rmtree(home, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(home)], bootstrap.ROOT)
        install = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
        _run([*install, "-r", str(lock)], bootstrap.ROOT)
        bootstrap.write_stamp(stamp, want)
    return home


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _run(command: Sequence[str], folder: Path) -> None:
    """Run a generator; what it says is shown only when it fails.

    Raises:
        subprocess.CalledProcessError: it has failed.
    """
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        done.check_returncode()


if __name__ == "__main__":
    sys.exit(main())
