"""Collects the figures and writes them with machine, versions and method beside them."""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "nameko",
    "eventlet",
    "kombu",
    "amqp",
    "aio-pika",
    "SQLAlchemy",
    "psycopg2-binary",
    "fastapi",
    "uvicorn",
)
Say = Callable[[str], None]


@dataclass
class Family:
    """One family of figures: a table with the words that explain it."""

    title: str
    method: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    reading: str = ""

    def markdown(self) -> str:
        """The family as a section of the page."""
        lines = [f"## {self.title}", "", self.method, "", "| " + " | ".join(self.columns) + " |"]
        lines.append("|" + "---|" * len(self.columns))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        if self.reading:
            lines += ["", self.reading]
        return "\n".join(lines) + "\n"


def median(values: list[float]) -> float:
    """The median of the runs."""
    return statistics.median(values)


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """What this ran on, in one line."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor() or "unknown CPU",
    )
    return (
        f"{os.cpu_count()} × {cpu}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def write(path: Path, families: list[Family], servers: str) -> None:
    """Write the page."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    head = [
        "# Benchmarks",
        "",
        "Written by `make bench`; rerun it and compare the ratios, not the absolute figures: "
        "load generator, broker, database and services share one small machine.",
        "",
        f"- when: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit or 'unknown'}",
        f"- machine: {machine()}; load average before the run {os.getloadavg()[0]:.1f}",
        f"- servers: {servers}",
        "- versions: " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(head) + "\n" + "\n".join(family.markdown() for family in families))
