"""The classifier from the command line: start, rate and memory, by n-grams and with meaning.

Each run is a process of its own. Its rate is reckoned without its start, in wall time and in the
processor's time, which a busy machine changes less.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from services.grid_bridge.classifier import current_model
from tests.bench.posts import written
from tests.bench.report import Family, Say

FAST, BOTH = 3_000, 120
LEAST = 180
"""Characters of a body: real letters have about 200."""


@dataclass(frozen=True)
class Run:
    """One run of the command: seconds of wall and of processor, the most memory it took."""

    wall: float
    processor: float
    megabytes: float


def measure(say: Say) -> Family:
    """The family of figures."""
    current_model()
    lines = list(_lines(FAST))
    length = sum(len(json.loads(line)["body"]) for line in lines) / len(lines)
    family = Family(
        "Classifying from the command line",
        f"`python -m services.grid_bridge.classify`, bodies of {length:.0f} characters on average, "
        "one process, one thread; the rate is without the start.",
        ("advice from", "messages", "start s", "a second", "a second of processor", "memory MB"),
    )
    for name, arguments, count in (
        ("n-grams (`--fast`)", ("--fast",), FAST),
        ("n-grams, and meaning where they hesitate", (), BOTH),
    ):
        start, whole = _run(arguments, lines[:1]), _run(arguments, lines[:count])
        row = (
            name,
            str(count),
            f"{start.wall:.1f}",
            f"{count / max(whole.wall - start.wall, 1e-6):.0f}",
            f"{count / max(whole.processor - start.processor, 1e-6):.0f}",
            f"{whole.megabytes:.0f}",
        )
        say(" · ".join(row))
        family.rows.append(row)
    return family


def _lines(count: int) -> list[bytes]:
    texts = ((title, body) for title, body in written(count * 40) if len(body) >= LEAST)
    return [
        json.dumps({"id": at, "title": title, "body": body}, ensure_ascii=False).encode() + b"\n"
        for at, (title, body) in zip(range(count), texts, strict=False)
    ]


def _run(arguments: tuple[str, ...], lines: list[bytes]) -> Run:
    command = [sys.executable, "-m", "services.grid_bridge.classify", *arguments]
    begun = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(b"".join(lines))
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Run(time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
