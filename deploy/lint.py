"""`make lint`: everything that can be judged without running the system.

ruff check, ruff format    style and likely mistakes
mypy                       types; strict for kit, contracts and every domain
lint-imports               who may know whom
generated files            compose file and contracts are what their sources give
traces                     no path of somebody's machine, no download host, in any file
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

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
    ("a download address in a lock file", re.compile(r'"resolve[d]":|^--(?:extra-)?index-url')),
)


@dataclass(frozen=True)
class Check:
    """A command, and the one that mends what it finds, if there is one."""

    name: str
    command: tuple[str, ...]
    mend: tuple[str, ...] = ()


def _tool(name: str, *words: str) -> tuple[str, ...]:
    return (str(BIN / name), *words)


CHECKS = (
    Check("ruff check", _tool("ruff", "check", "."), _tool("ruff", "check", "--fix", ".")),
    Check("ruff format", _tool("ruff", "format", "--check", "."), _tool("ruff", "format", ".")),
    Check("mypy", _tool("mypy")),
    Check("lint-imports", _tool("lint-imports")),
    Check(
        "compose file",
        (sys.executable, "-m", "deploy.compose", "--check"),
        (sys.executable, "-m", "deploy.compose"),
    ),
    Check("traces", (sys.executable, "-m", "deploy.lint", "--traces")),
)


def main(argv: list[str] | None = None) -> int:
    """Run all checks; print those that fail in full."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mend", action="store_true", help="mend what can be mended")
    parser.add_argument("--traces", action="store_true", help="only look for traces")
    asked = parser.parse_args(argv)
    if asked.traces:
        found = list(traces(_files()))
        print("\n".join(found))
        return 1 if found else 0
    console = Console(soft_wrap=True)
    if asked.mend:
        return max(
            subprocess.run(check.mend, cwd=ROOT).returncode for check in CHECKS if check.mend
        )
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(_run, CHECKS))
    for check, (code, output, seconds) in zip(CHECKS, results, strict=True):
        sign = "[green]✓[/green]" if code == 0 else "[red]✗[/red]"
        console.print(f"  {sign} {check.name}  [dim]{seconds:.1f} s[/dim]", highlight=False)
        if code != 0:
            console.out(output, highlight=False)
    return 1 if any(code for code, _, _ in results) else 0


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


def _run(check: Check) -> tuple[int, str, float]:
    began = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stdout, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
