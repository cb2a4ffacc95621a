"""`make demo` tells both stories to their end, and says so when one breaks."""

import os
import subprocess
import sys

import pytest

from deploy.local.layout import ROOT
from tests.support.platform import Platform

pytestmark = pytest.mark.e2e


def demo(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--url", url],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "140"},
        timeout=120,
    )


def test_both_stories_are_told_to_the_end(platform: Platform) -> None:
    done = demo(platform.url)
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("请先记录居民自治", "已结案", "评价 5 分", "evaluated", "solved", "点赞"):
        assert word in done.stdout
    assert done.stdout.index("evaluated") < done.stdout.index("二、")


def test_demo_without_a_system_says_so(tmp_path: object) -> None:
    done = demo("http://127.0.0.1:9")
    assert done.returncode == 1
    assert "nothing is ready at http://127.0.0.1:9" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
