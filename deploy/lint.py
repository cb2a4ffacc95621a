"""`make lint`: everything that can be judged without running the system.

ruff check, ruff format    style and likely mistakes
mypy                       types; strict for kit, contracts and every domain
lint-imports               who may know whom
generated files            compose file, tables of the docs, exported events are what the code says
traces                     no path of somebody's machine, no download host, in any file

`make format` mends what can be mended, from the top: fix, format, renew; then it checks the same.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

TRACES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a path of one machine",
        re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work|workspace)/[\w.]"),
    ),
    (
        "a download host",
        re.compile(
            r"registry\.(?:npmjs\.org|npmmirror\.com|yarnpkg\.com)|files\.pythonhosted\.org"
            r"|pypi\.org/simple|mirrors?\.[\w.-]+/(?:pypi|npm|simple)|pypi\.[\w-]+\.(?:edu|com)"
        ),
    ),
    (
        "a download address in a lock file",
        re.compile(r'"resolve[d]":\s*"[\w+]+:|^--(?:extra-)?index-url'),
    ),
)


@dataclass(frozen=True)
class Check:
    """A command, and the one that mends what it finds, if there is one.

    What is promised to others (the exported events) has none: it is renewed on purpose.
    """

    name: str
    command: tuple[str, ...]
    mend: tuple[str, ...] = ()


def _tool(name: str, *words: str) -> tuple[str, ...]:
    return (str(BIN / name), *words)


CHECKS = (
    # What cannot be fixed may be gone after formatting: the check that follows has the last word.
    Check("ruff check", _tool("ruff", "check", "."), _tool("ruff", "check", "--fix-only", ".")),
    Check("ruff format", _tool("ruff", "format", "--check", "."), _tool("ruff", "format", ".")),
    Check("mypy", _tool("mypy")),
    Check("lint-imports", _tool("lint-imports")),
    Check(
        "compose file",
        (sys.executable, "-m", "deploy.compose", "--check"),
        (sys.executable, "-m", "deploy.compose"),
    ),
    Check(
        "tables of the docs",
        (sys.executable, "-m", "docs.tables", "--check"),
        (sys.executable, "-m", "docs.tables"),
    ),
    Check("exported events", (sys.executable, "-m", "deploy.lint", "--exports")),
    Check("traces", (sys.executable, "-m", "deploy.lint", "--traces")),
)


def main(argv: list[str] | None = None) -> int:
    """Run all checks, or mend and run those that can be mended; print those that fail in full."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mend", action="store_true", help="mend what can be mended, then check")
    parser.add_argument("--traces", action="store_true", help="only look for traces")
    parser.add_argument("--exports", action="store_true", help="only look at exported events")
    asked = parser.parse_args(argv)
    if asked.traces or asked.exports:
        found = list(traces(_files()) if asked.traces else stale_exports())
        print("\n".join(found))
        return 1 if found else 0
    console = Console(soft_wrap=True)
    checks = [check for check in CHECKS if check.mend or not asked.mend]
    failed: dict[Check, Result] = {}
    if asked.mend:
        for check in checks:  # one after the other: each works on what the one before has left
            result = _run(check.mend)
            if result.code:
                failed[check] = result  # it could not work at all, and has said why
            else:
                console.out(result.output, end="", highlight=False)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda check: failed.get(check) or _run(check.command), checks))
    for check, result in zip(checks, results, strict=True):
        sign = "[green]✓[/green]" if result.code == 0 else "[red]✗[/red]"
        console.print(f"  {sign} {check.name}  [dim]{result.seconds:.1f} s[/dim]", highlight=False)
        if result.code:
            console.out(result.output, highlight=False)
    return 1 if any(result.code for result in results) else 0


def stale_exports() -> Iterator[str]:
    """Files of the exported contract that are not what the events say, and what renews them."""
    from services.contracts import export  # here: the other checks work while it is broken

    folder = ROOT / export.FOLDER
    known = export.files()
    for name in sorted({*known, *(str(p.relative_to(folder)) for p in folder.rglob("*.json"))}):
        path = folder / name
        if name not in known:
            yield f"{export.FOLDER / name}: no event of ours is exported so: delete it"
        elif not path.exists() or path.read_text(encoding="utf-8") != known[name]:
            renew = ".venv/bin/python -m services.contracts.export"
            yield f"{export.FOLDER / name} is out of date: {renew}"


def traces(files: Iterable[Path]) -> Iterator[str]:
    """`path:line: what` for everything that ties the project to one machine or mirror."""
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue  # gone in this moment, or a picture
        for number, line in enumerate(lines, 1):
            for what, pattern in TRACES:
                if pattern.search(line):
                    yield f"{path.relative_to(ROOT)}:{number}: {what}: {line.strip()[:120]}"


def _files() -> Iterator[Path]:
    """What is or would be committed."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return (ROOT / name for name in listed.split("\0") if name)


class Result(NamedTuple):
    """How a command ended, what it said, how long it took."""

    code: int
    output: str
    seconds: float


def _run(command: Sequence[str]) -> Result:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return Result(done.returncode, done.stdout, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
