"""Follows a page of ``docs/how-to`` to the letter, in a copy of the checkout.

A page is text with steps. A step is a line that says where, followed by a block of code::

    New file `path`:
    At the end of `path`:
    In `path`, after the line `some line`:          (also: before, instead of)

A block marked ``console`` holds commands; they must end well. ``make test args=…`` becomes the
pytest that it would run, on the servers that this run has; ``make format`` becomes ruff on the
files that the page has touched. Blocks without such a line before them are only read. Nothing is
written outside of the copy.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.test import choose

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "how-to"
COPIED = ("services", "gateway", "deploy", "tests", "docs")
SINGLE = ("pyproject.toml", "README.md", "Makefile")
# Compiled modules go along, as their sources keep their times; pytest's own name other paths.
NOT_COPIED = shutil.ignore_patterns("secrets", "*-pytest-*.pyc")
COMMAND_LIMIT = 180.0  # seconds

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(
    r"^(?P<verb>New file|At the end of|In) `(?P<path>[^`]+)`"
    r"(?:, (?P<where>after|before|instead of) the line `(?P<anchor>[^`]+)`)?:$"
)
_REVISION = re.compile(r"(?P<folder>.*/migrations)/(?P<number>\d{4})_(?P<name>\w+\.py)")


class CannotFollow(AssertionError):
    """The page says something that does not work; the message says what."""


@dataclass(frozen=True)
class Edit:
    """Text to be put somewhere: ``where`` is new, end, after, before or instead of ``anchor``."""

    path: str
    where: str
    anchor: str
    text: str

    def apply(self, root: Path) -> str:
        """Make the change below ``root``; the path that was written."""
        path, text = _next_revision(root, self.path, self.text)
        target = root / path
        if self.where == "new":
            if target.exists():
                raise CannotFollow(f"{path} is there already")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            return path
        if not target.exists():
            raise CannotFollow(f"there is no {path}")
        before = target.read_text(encoding="utf-8")
        target.write_text(self._changed(before, text), encoding="utf-8")
        return path

    def _changed(self, before: str, text: str) -> str:
        if self.where == "end":
            return before + ("\n" if text.startswith(" ") else "\n\n") + text
        lines = before.splitlines(keepends=True)
        found = [n for n, line in enumerate(lines) if line.strip() == self.anchor.strip()]
        if len(found) != 1:
            raise CannotFollow(f"{self.path} has the line {self.anchor!r} {len(found)} times")
        here = found[0]
        start, end = {
            "after": (here + 1, here + 1),
            "before": (here, here),
            "instead of": (here, here + 1),
        }[self.where]
        return "".join([*lines[:start], text, *lines[end:]])


@dataclass(frozen=True)
class Command:
    """A line that the reader types."""

    line: str

    def run(self, root: Path, touched: Sequence[str]) -> str:
        """Its output; CannotFollow with all of it when it fails."""
        said = ""
        for words in self.words(touched):
            done = subprocess.run(
                ["bash", "-c", words],
                cwd=root,
                env=_environment(root),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=COMMAND_LIMIT,
            )
            said += done.stdout
            if done.returncode != 0:
                raise CannotFollow(f"$ {self.line}\nends with {done.returncode}:\n{said}")
        return said

    def words(self, touched: Sequence[str]) -> list[str]:
        """What is really run: this environment's programs, never a set-up."""
        programs = Path(sys.executable).parent
        if not self.line.startswith("make "):
            return [self.line.replace(".venv/bin/", f"{shlex.quote(str(programs))}/")]
        if self.line == "make format":
            ruff, files = str(programs / "ruff"), [f for f in touched if f.endswith(".py")]
            steps = (("check", "--fix-only"), ("format",), ("check",))
            return [shlex.join([ruff, *step, *files]) for step in steps]
        asked = dict(word.partition("=")[::2] for word in shlex.split(self.line)[2:])
        if not self.line.startswith("make test ") or set(asked) != {"args"}:
            raise CannotFollow(f"{self.line!r} cannot be followed")
        return [
            shlex.join([sys.executable, "-m", "pytest", "-q", *lane.options, *words])
            for lane, words in choose("", shlex.split(asked["args"]))
        ]


def read(page: str) -> list[Edit | Command]:
    """The steps in the text of a page, in order."""
    steps: list[Edit | Command] = []
    for block in _BLOCK.finditer(page):
        kind, text = block.groups()
        if kind == "console":
            lines = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
            steps += [Command(line) for line in lines]
            continue
        said = page[: block.start()].rstrip().splitlines()
        place = _PLACE.match(said[-1]) if said else None
        if place is None:
            continue
        verb, where, anchor = place["verb"], place["where"], place["anchor"] or ""
        if (verb == "In") != bool(where):
            raise CannotFollow(f"what does {said[-1]!r} mean?")
        kinds = {"New file": "new", "At the end of": "end", "In": where}
        steps.append(Edit(place["path"], kinds[verb], anchor, text))
    return steps


def copy_checkout(root: Path) -> None:
    """The project as it stands, without what running it makes."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, root / folder, ignore=NOT_COPIED)
    for name in SINGLE:
        shutil.copy2(ROOT / name, root / name)
    (root / "var").mkdir()
    if (ROOT / "var" / "assets").exists():
        shutil.copytree(ROOT / "var" / "assets", root / "var" / "assets")


def follow(page: str, root: Path) -> list[str]:
    """Follow ``docs/how-to/<page>.md`` in a copy below ``root``; what its commands said.

    Raises:
        CannotFollow: a step does not fit, or a command fails.
    """
    steps = read((PAGES / f"{page}.md").read_text(encoding="utf-8"))
    copy_checkout(root)
    said: list[str] = []
    touched: list[str] = []
    for step in steps:
        if isinstance(step, Edit):
            touched.append(step.apply(root))
        else:
            said.append(step.run(root, touched))
    return said


def _next_revision(root: Path, path: str, text: str) -> tuple[str, str]:
    """A migration takes the next free number, as the page says, whatever number it shows."""
    shown = _REVISION.fullmatch(path)
    if shown is None or not (root / shown["folder"]).is_dir():
        return path, text
    numbers = [int(p.name[:4]) for p in (root / shown["folder"]).glob("[0-9]*_*.py")]
    last = max(numbers, default=0)
    text = re.sub(r'(?m)^revision = "\d{4}"', f'revision = "{last + 1:04d}"', text)
    text = re.sub(r'(?m)^down_revision = "\d{4}"', f'down_revision = "{last:04d}"', text)
    return f"{shown['folder']}/{last + 1:04d}_{shown['name']}", text


def _environment(root: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return {**kept, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
