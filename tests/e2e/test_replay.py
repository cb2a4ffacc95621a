"""`make replay` against the running system, with messages of our own."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from deploy.client import Client
from deploy.local.layout import ROOT
from deploy.replay.messages import fingerprint, read
from services.contracts import demo
from tests.support.platform import Platform

pytestmark = pytest.mark.e2e
MESSAGES = Path(__file__).with_name("messages.jsonl")
COUNT = 40


def replay(platform: Platform, *options: str) -> tuple[int, str]:
    """Exit code and output."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.replay", "--url", platform.url, *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def told(output: str, name: str) -> str:
    """The cell beside a name in the report."""
    found = re.search(rf"│\s+{name}\s+│\s+(.*?)\s+│", output)
    assert found is not None, output
    return found.group(1)


@pytest.fixture(scope="module")
def first(platform: Platform) -> tuple[int, str]:
    return replay(platform, "--file", str(MESSAGES), "--escalate", "0.3", "--fresh")


def test_every_message_is_there_once(first: tuple[int, str], secretary: Client) -> None:
    code, output = first
    assert code == 0, output
    assert told(output, "accepted") == str(COUNT)
    assert [told(output, name) for name in ("lost", "twice", "threads lost")] == ["0"] * 3
    listed = Counter(
        fingerprint(issue.title, issue.body) for issue in secretary.issues(demo.SHANGYUAN)
    )
    sent = Counter(message.text for message in read(MESSAGES, COUNT))
    assert sent.total() == COUNT
    assert {text: listed[text] for text in sent} == sent


def test_report_says_how_fast_what_kind_and_how_many_orders(first: tuple[int, str]) -> None:
    _, output = first
    assert float(told(output, "throughput").split()[0]) > 1
    kinds = re.findall(r"│\s+suggested\s+│\s+(\d+) (\w+)", output)
    assert sum(int(count) for count, _ in kinds) == COUNT
    assert len(kinds) > 1
    assert int(told(output, "work orders").split()[0]) >= 1


def test_posts_come_from_different_residents(first: tuple[int, str], secretary: Client) -> None:
    texts = {message.text for message in read(MESSAGES, COUNT)}
    reporters = {
        issue.reporter.person_id
        for issue in secretary.issues(demo.SHANGYUAN)
        if issue.reporter and fingerprint(issue.title, issue.body) in texts
    }
    assert len(reporters) > 5


def test_replaying_again_finds_what_is_there(platform: Platform, first: tuple[int, str]) -> None:
    ours = ("--file", str(MESSAGES), "--count", "10", "--escalate", "0")
    assert replay(platform, *ours)[0] == 0
    code, output = replay(platform, *ours)
    assert code == 0, output
    assert told(output, "accepted") == "10 (10 of them were there already)"


def test_wrong_file_is_a_word_and_exit_2(platform: Platform, tmp_path: Path) -> None:
    code, output = replay(platform, "--file", str(tmp_path / "none.jsonl"))
    assert code == 2
    assert "Traceback" not in output
    assert "none.jsonl" in output.replace("\n", "")


def test_nothing_there_is_a_word_and_exit_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.replay", "--url", "http://127.0.0.1:9", "--file", MESSAGES],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 1
    assert "nothing is ready" in done.stdout
