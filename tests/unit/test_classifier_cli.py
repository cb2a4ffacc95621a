"""Classifying from the command line. Needs: nothing."""

import json
import subprocess
import sys

import pytest

from services.grid_bridge import classify
from services.grid_bridge.classifier import current_model, examples, train

pytestmark = pytest.mark.unit


def run(*lines: bytes) -> list[dict]:
    return [json.loads(line) for line in classify.answers(current_model(), lines)]


@pytest.mark.parametrize("given", [7, "7", 7.5, None, True, [1, "a"], {"n": 1}, 10**30])
def test_the_id_comes_back_with_its_type(given):
    line = json.dumps({"id": given, "title": "夜里施工", "body": "吵得睡不着"}).encode()
    (row,) = run(line)
    assert row["id"] == given and type(row["id"]) is type(given)
    assert row["category"] == "8x" and row["slot"] == "S8"


def test_a_line_says_all_that_was_promised():
    (row,) = run('{"id": 1, "title": "油烟", "body": "饭店油烟直排"}'.encode())
    promised = {"id", "category", "slot", "confidence", "candidates", "reasons"}
    assert promised < set(row)
    assert row["candidates"][0] == {
        "category": "8x", "slot": "S7", "confidence": row["candidates"][0]["confidence"],
    }  # fmt: skip
    assert row["reasons"] and row["code"].startswith("GB/T 47678.5-2026 事项 06027")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"not json\n",
        b'{"id": 3, "title": "half\n',
        b"\xff\xfe\x00",
        b"[1, 2]\n",
        b'"text"\n',
        b"null\n",
        b'{"id": NaN, "title": "a", "body": "b"}\n',
        b"[" * 100_000,
        b'{"id": ' + b"9" * 5_000 + b', "title": "a", "body": "b"}',
    ],
)
def test_a_line_that_is_no_message_gets_an_error_without_id(line):
    (row,) = run(line)
    assert row["id"] is None
    assert row["error"]
    assert set(row) == {"id", "error"}


@pytest.mark.parametrize(
    "row",
    [
        {"id": 9, "title": "a", "body": 5},
        {"id": 9, "title": ["a"], "body": "b"},
        {"id": 9},
        {"id": 9, "title": "", "body": " \n"},
        {"id": 9, "title": None, "body": None},
    ],
)
def test_a_message_without_text_gets_an_error_with_its_id(row):
    (answer,) = run(json.dumps(row).encode())
    assert answer["id"] == 9
    assert answer["error"]


def test_one_line_out_for_each_line_in_and_in_order():
    lines = [
        b'{"id": 1, "title": "a", "body": "b"}\n',
        b"broken\n",
        b"\n",
        b'{"id": 2, "title": "a", "body": "b"}',
    ]
    assert [row["id"] for row in run(*lines)] == [1, None, None, 2]


def test_a_missing_title_or_body_is_fine():
    rows = run(
        '{"id": 1, "body": "工地夜里打桩"}'.encode(), '{"id": 2, "title": "工地夜里打桩"}'.encode()
    )
    assert [row["category"] for row in rows] == ["8x", "8x"]


def test_a_lone_surrogate_does_not_stop_the_rest():
    rows = run(b'{"id": "\\ud800", "title": "a", "body": "\\udfff b"}', b'{"id": 2, "body": "b"}')
    assert rows[0]["id"] == "\ud800"
    assert rows[1]["id"] == 2


def test_the_command_reads_standard_input():
    current_model()  # so that the command finds it built
    given = '{"id": "x", "title": "狗不牵绳", "body": "遛狗不拴绳，孩子被吓哭"}\noops\n'
    done = subprocess.run(
        [sys.executable, "-m", "services.grid_bridge.classify"],
        input=given.encode(),
        capture_output=True,
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, b"")
    assert (first["id"], first["slot"]) == ("x", "X8")
    assert second["error"]


def test_a_reader_who_leaves_early_is_no_error():
    line = '{"id": 1, "title": "夜里施工", "body": "吵得睡不着"}\n'.encode()
    with subprocess.Popen(
        [sys.executable, "-m", "services.grid_bridge.classify"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        running.stdout.close()
        _, errors = running.communicate(line * 100, timeout=60)
    assert (running.returncode, errors) == (0, b"")


def test_learning_from_a_file_comes_first(tmp_path, monkeypatch):
    few = examples.training()[::5]
    monkeypatch.setattr(train.examples, "training", lambda: few)
    file = tmp_path / "labelled.jsonl"
    row = {"id": 1, "title": "咕噜桥", "body": "咕噜桥咕噜咕噜", "label": "advise", "slot": None}
    file.write_text((json.dumps(row) + "\n") * 15, encoding="utf-8")
    model = classify._learned(file)
    assert model.version.endswith("+15")
    assert model.classify("咕噜桥", "咕噜咕噜").category == "advise"


@pytest.mark.parametrize("content", ["{}", "not json", '{"label": "other", "body": "b"}'])
def test_a_file_to_learn_from_that_is_wrong_stops_the_command(tmp_path, capsys, content):
    file = tmp_path / "labelled.jsonl"
    file.write_text(content, encoding="utf-8")
    assert classify.main(["--learn", str(file)]) == 2
    assert "labelled.jsonl:1" in capsys.readouterr().err
    assert classify.main(["--learn", str(tmp_path / "none.jsonl")]) == 2
