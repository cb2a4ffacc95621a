"""Debian packages the system leans on: found, or installed when that is allowed, or named.

Standard library only: this runs under the system's python before any environment exists.

Installing `rabbitmq-server` would start a broker on 5672. We bring our own node, so while apt
works a temporary `policy-rc.d` forbids the start of any service, and is taken away afterwards.
A system broker that is there already is neither restarted nor stopped.
"""

from __future__ import annotations  # an older python must get as far as being refused

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

RABBITMQ_BIN = Path("/usr/lib/rabbitmq/bin")
POLICY = Path("/usr/sbin/policy-rc.d")
SAVED_POLICY = Path("/usr/sbin/policy-rc.d.before-shequtong")
POLICY_MARK = "# temporary, written by shequtong's set-up"
DENIED = 101  # policy-rc.d's word for "not allowed"


class MissingPart(Exception):
    """Something that only the operator can bring; the message says exactly what to do."""


@dataclass(frozen=True)
class Package:
    """A Debian package, how to see that it is there, and what to say when it is not."""

    name: str
    present: Callable[[], bool]
    without: str
    """What the operator should do when we may not install it."""


def _rabbitmq_present() -> bool:
    return (RABBITMQ_BIN / "rabbitmq-server").exists() or bool(os.environ.get("SHEQU_RABBITMQ_BIN"))


def _cjk_font_present() -> bool:
    folders = (Path("/usr/share/fonts"), Path.home() / ".local/share/fonts", Path("/Library/Fonts"))
    names = ("*CJK*.tt[cf]", "*CJK*.otf", "*[Ww]qy*.tt[cf]", "PingFang*", "SourceHan*.ot[cf]")
    return any(next(f.rglob(n), None) for f in folders if f.is_dir() for n in names)


def chromium() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("SHEQU_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def redis_server() -> str | None:
    """The path of a Redis server, or None."""
    return os.environ.get("SHEQU_REDIS_SERVER") or shutil.which("redis-server")


RABBITMQ = Package(
    "rabbitmq-server",
    _rabbitmq_present,
    "RabbitMQ (3.10 or newer) is needed and was not found. One of:\n"
    "  - Debian/Ubuntu:  sudo apt-get install --no-install-recommends rabbitmq-server\n"
    "  - any broker:     SHEQU_AMQP_URL=amqp://user:password@host:5672/vhost make up\n"
    "  - Docker:         docker run -d --name shequ-rabbitmq -p 127.0.0.1:5672:5672 "
    "rabbitmq:3.13\n"
    "                    SHEQU_AMQP_URL=amqp://guest:guest@127.0.0.1:5672/ make up\n"
    "  - a folder with rabbitmq-server and rabbitmqctl in it:  SHEQU_RABBITMQ_BIN=/path make up",
)
CJK_FONTS = Package(
    "fonts-noto-cjk",
    _cjk_font_present,
    "No Chinese font was found: posters, PDFs and pictures would show empty boxes.\n"
    "  - Debian/Ubuntu:  sudo apt-get install fonts-noto-cjk",
)
CHROMIUM = Package(
    "chromium",
    lambda: chromium() is not None,
    "Chromium is needed by the browser test and was not found.\n"
    "  - Debian/Ubuntu:  sudo apt-get install chromium\n"
    "  - elsewhere:      SHEQU_CHROMIUM=/path/to/chrome",
)
REDIS = Package(
    "redis-server",
    lambda: redis_server() is not None,
    "Redis is needed by the tests of several gateways that count together, and was not found.\n"
    "  - Debian/Ubuntu:  sudo apt-get install redis-server\n"
    "  - elsewhere:      SHEQU_REDIS_SERVER=/path/to/redis-server",
)
VENV = Package(
    "python{}.{}-venv".format(*sys.version_info),
    lambda: find_spec("ensurepip") is not None,
    "Neither uv nor python's own venv is there.\n"
    "  - Debian/Ubuntu:  sudo apt-get install python3-venv\n"
    "  - or uv:          see its installation page",
)


def why_not_installable() -> str | None:
    """The reason why packages cannot be installed here, or None when they can."""
    if os.environ.get("SHEQU_NO_APT"):
        return "SHEQU_NO_APT is set"
    if not shutil.which("apt-get"):
        return "this is not a Debian or Ubuntu system"
    if os.geteuid() != 0:
        return "installing needs root"
    return None


def _policy_denies() -> bool:
    """Whether the policy that is in force already forbids starting services."""
    if not os.access(POLICY, os.X_OK):
        return False
    answer = subprocess.run([str(POLICY), "rabbitmq-server", "start"], capture_output=True)
    return answer.returncode == DENIED


def _put_policy_back() -> None:
    if POLICY.is_file() and POLICY_MARK in POLICY.read_text(errors="replace"):
        POLICY.unlink()
    if SAVED_POLICY.exists():
        SAVED_POLICY.rename(POLICY)


@contextmanager
def no_service_starts() -> Iterator[None]:
    """Forbid apt to start services for the time of the block.

    A policy of the machine's owner is set aside and put back, also after a run that was killed
    half way: the next one finds the mark and clears up first.
    """
    _put_policy_back()
    if _policy_denies():
        yield
        return
    if POLICY.exists():
        POLICY.rename(SAVED_POLICY)
    try:
        POLICY.write_text(f"#!/bin/sh\n{POLICY_MARK}\nexit {DENIED}\n")
        POLICY.chmod(0o755)
        yield
    finally:
        _put_policy_back()


def _apt(*args: str, log: Path) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", *args]
    with log.open("ab") as out:
        out.write(f"$ {' '.join(command)}\n".encode())
        out.flush()
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment
        ).returncode


def install(packages: list[Package], log: Path) -> None:
    """Install what is missing of `packages`; raise MissingPart with advice when that fails."""
    missing = [package for package in packages if not package.present()]
    if not missing:
        return
    advice = "\n".join(package.without for package in missing)
    if reason := why_not_installable():
        raise MissingPart(f"{advice}\n(not installed by itself: {reason})")
    log.parent.mkdir(parents=True, exist_ok=True)
    names = [package.name for package in missing]
    with no_service_starts():
        # The package lists of a fresh image are empty or stale: fetch them only if needed.
        for refresh in (False, True):
            if refresh:
                _apt("update", log=log)
            if _apt("install", "--no-install-recommends", *names, log=log) == 0:
                break
    still = [package for package in missing if not package.present()]
    if still:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        words = "\n".join(package.without for package in still)
        raise MissingPart(f"{words}\n(apt-get did not succeed; the end of {log}:\n{tail})")


def main() -> int:
    """Install the packages that the command line names."""
    known = {package.name: package for package in (RABBITMQ, CJK_FONTS, CHROMIUM, REDIS, VENV)}
    wanted = [known[name] for name in sys.argv[1:] if name in known]
    started = time.monotonic()
    try:
        install(wanted, Path("var/log/setup.log"))
    except MissingPart as missing:
        print(missing, file=sys.stderr)
        return 1
    print(f"present: {', '.join(p.name for p in wanted)} ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
