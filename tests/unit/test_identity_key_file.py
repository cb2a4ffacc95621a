"""The file of the data keys: both its forms, and that a running process sees it change."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from services.identity.crypto import BrokenSeal, KeyFile, Vault
from services.identity.crypto.algorithms import HMAC_SM3
from services.identity.crypto.key_file import LOOK_EVERY_SECONDS, parse
from services.identity.crypto.vault import IndexKey

pytestmark = pytest.mark.unit

K1, K2, SM, INDEX, NEW_INDEX = (secrets.token_bytes(size) for size in (32, 32, 16, 32, 32))


def b64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def content(**over: Any) -> dict[str, Any]:
    return {"active": "k1", "keys": {"k1": b64(K1)}, "index_key": b64(INDEX), **over}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class File:
    """A key file that changes, and a process that reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.put(content())
        self.clock = Clock()
        self.reader = KeyFile(path, self.clock)

    def put(self, raw: object) -> None:
        """As an operator's tool does: written aside and moved into place."""
        aside = self.path.with_suffix(".new")
        aside.write_text(raw if isinstance(raw, str) else json.dumps(raw))
        os.replace(aside, self.path)


@pytest.fixture
def file(tmp_path) -> File:
    return File(tmp_path / "data.keys.json")


def test_the_old_form_and_the_new_are_read():
    both = content(
        active="sm",
        keys={"k1": b64(K1), "k2": {"key": b64(K2)}, "sm": {"alg": "SM4GCM", "key": b64(SM)}},
        index_key=b64(NEW_INDEX),
        index_alg="HMAC-SM3",
        earlier_index_keys=[{"alg": "HMAC-SHA-256", "key": b64(INDEX)}],
    )
    assert parse(json.dumps(content())) == Vault("k1", {"k1": K1}, INDEX)
    assert parse(json.dumps(both)) == Vault(
        "sm",
        {"k1": K1, "k2": K2, "sm": SM},
        NEW_INDEX,
        algorithms={"sm": "SM4GCM"},
        index_algorithm=HMAC_SM3,
        earlier_index_keys=(IndexKey(INDEX),),
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "form"),
        ("[]", "form"),
        ("{}", "keys"),
        (json.dumps(content(active="k9")), "k9"),
        (json.dumps(content(keys={"k1": "?" + b64(K1)})), "base64"),
        (json.dumps(content(keys={"k1": 7})), "form"),
        (json.dumps(content(keys={"k1": {"alg": "A256GCM"}})), "key"),
        (json.dumps(content(index_key=b64(K1[:5]))), "32 bytes"),
        (json.dumps(content(index_alg="MD5")), "MD5"),
        (json.dumps(content(active="2026.1", keys={"2026.1": b64(K1)})), "letters, digits"),
        (json.dumps(content(keys={"k1": b64(K1), "": b64(K2)})), "letters, digits"),
        (json.dumps(content(keys={"k1": b64(K1), "k2\n": b64(K2)})), "letters, digits"),
    ],
    ids=range(12),
)
def test_a_file_that_is_none_is_refused_in_words_that_quote_no_key(raw, said):
    with pytest.raises(ValueError, match=said) as refused:
        parse(raw)
    assert b64(K1) not in str(refused.value)


def test_a_changed_file_is_seen_within_a_second_without_a_restart(file):
    before = file.reader.vault()
    file.put(content(active="k2", keys={"k1": b64(K1), "k2": b64(K2)}))
    file.clock.seconds += LOOK_EVERY_SECONDS / 2
    assert file.reader.vault() is before
    file.clock.seconds += LOOK_EVERY_SECONDS / 2
    assert file.reader.vault().active == "k2"


def test_an_envelope_of_a_key_that_is_new_here_opens_at_once(file):
    mine = file.reader.vault()
    file.put(content(active="k2", keys={"k1": b64(K1), "k2": b64(K2)}))
    sealed_elsewhere = Vault("k2", {"k2": K2}, INDEX).seal("x", purpose="a", owner="o")
    assert mine.open(sealed_elsewhere, purpose="a", owner="o") == "x"
    assert file.reader.vault().active == "k2"


def test_a_key_that_is_nowhere_stays_unknown(file):
    lost = Vault("k2", {"k2": K2}, INDEX).seal("x", purpose="a", owner="o")
    with pytest.raises(BrokenSeal):
        file.reader.vault().open(lost, purpose="a", owner="o")


@pytest.mark.parametrize("broken", ["", "{", json.dumps(content(active="k9"))], ids=range(3))
def test_a_file_that_cannot_be_read_again_changes_nothing(file, broken):
    before = file.reader.vault()
    file.put(broken)
    file.clock.seconds += 5
    assert file.reader.vault() is before
    file.put(content(active="k2", keys={"k2": b64(K2)}))
    file.clock.seconds += 5
    assert file.reader.vault().active == "k2"


def test_a_file_that_is_gone_for_a_while_changes_nothing(file):
    before = file.reader.vault()
    file.path.unlink()
    file.clock.seconds += 5
    assert file.reader.vault() is before


def test_another_index_key_counts_from_the_next_start(file):
    file.put(
        content(
            active="k2",
            keys={"k2": b64(K2)},
            index_key=b64(NEW_INDEX),
            earlier_index_keys=[b64(INDEX)],
        )
    )
    file.clock.seconds += 5
    now = file.reader.vault()
    assert now.active == "k2"
    assert now.index("phone", "1") == Vault("k1", {"k1": K1}, INDEX).index("phone", "1")
    assert KeyFile(file.path).vault().index("phone", "1") != now.index("phone", "1")


def test_a_process_does_not_start_without_its_keys(tmp_path):
    with pytest.raises(OSError, match=r"data\.keys"):
        KeyFile(tmp_path / "data.keys.json")
