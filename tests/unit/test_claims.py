"""Several processes share the files of a lane."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from deploy.local.layout import ROOT
from deploy.test import NO_TESTS

pytestmark = pytest.mark.unit

CONFTEST = """
import os, pathlib, pytest

def said(what):
    with open("said", "a") as out:
        out.write(f"{os.getpid()} {what}\\n")

@pytest.fixture(scope="session")
def whole():
    said("session begins")
    yield
    said("session ends")

@pytest.fixture(scope="module")
def part(request, whole):
    said(f"{request.path.stem} begins")
    yield
    said(f"{request.path.stem} ends")

@pytest.fixture(autouse=True)
def each(request, part):
    said(f"{request.path.stem}::{request.node.name}")
"""
TESTS = "import time\ndef test_a(): time.sleep(0.02)\ndef test_b(): pass\n"


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:pytest_nameko", *words]
    return subprocess.Popen(
        [*command, "-p", "tests.support.claims", f"--claims={folder / 'claims'}"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "claims").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for number in range(6):
        (tmp_path / f"test_{number}.py").write_text(TESTS + "#" * number)
    return tmp_path


def test_each_test_runs_once_and_fixtures_end_with_their_files(folder: Path) -> None:
    runs = [start(folder) for _ in range(3)]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert {run.returncode for run in runs} <= {0, NO_TESTS}, outputs  # one may come too late
    lines = [line.split(" ", 1) for line in (folder / "said").read_text().splitlines()]
    tests = Counter(what for _, what in lines if "::" in what)
    assert tests == {f"test_{n}::test_{one}": 1 for n in range(6) for one in "ab"}
    for process in {pid for pid, _ in lines}:
        mine = [what for pid, what in lines if pid == process]
        assert (mine[0], mine[-1]) == ("session begins", "session ends")
        assert mine.count("session begins") == 1
        parts = [what.split(" ")[0].split(":")[0] for what in mine[1:-1]]
        for at in range(0, len(parts), 4):
            assert len(set(parts[at : at + 4])) == 1, "begins, its two tests, ends"
            assert mine[1:-1][at + 3].endswith(" ends")


def test_the_largest_file_comes_first_and_what_is_claimed_already_is_left(folder: Path) -> None:
    (folder / "claims" / "test_5.py.claimed").touch()
    (folder / "test_5.py").write_text("raise SystemExit('nobody here has to read it')\n")
    said = start(folder, "-vv").communicate(timeout=60)[0]
    assert "10 passed" in said
    order = [line.split("::")[0] for line in said.splitlines() if "test_a PASSED" in line]
    assert order == [f"test_{n}.py" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("def test_a(): assert 0\n", "1 failed, 10 passed"),
        ("import nothing_there\n", "10 passed, 1 error"),
    ],
)
def test_what_fails_fails_the_process_and_the_other_files_run(
    folder: Path, text: str, outcome: str
) -> None:
    (folder / "test_0.py").write_text(text)
    run = start(folder)
    assert outcome in run.communicate(timeout=60)[0] and run.returncode == 1


def test_tests_that_are_left_out_are_left_out_of_each_file(folder: Path) -> None:
    assert "6 passed, 6 deselected" in start(folder, "-k", "test_b").communicate(timeout=60)[0]


def test_folders_without_tests_are_said_to_have_none(folder: Path) -> None:
    for path in folder.glob("test_*.py"):
        path.unlink()
    run = start(folder)
    assert run.communicate(timeout=60) and run.returncode == NO_TESTS


def test_files_of_several_folders_may_be_claimed_in_any_order(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.glob("test_*.py"))):
        package = folder / ("one", "other")[number % 2]
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
        path.rename(package / path.name)
    run = start(folder)
    said = run.communicate(timeout=60)[0]
    assert run.returncode == 0, said
    assert "12 passed" in said
