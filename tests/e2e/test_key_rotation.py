"""Another data key while identity serves: nobody waits, nobody is refused, nothing is lost.

add a key ─▶ make it active ─▶ rekey ─▶ 0 left ─▶ take the old key out
└────────────── people log in, join and are looked at all the time ──────────────┘
"""

import base64
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.client import Client
from deploy.local.keys import DATA_KEYS
from deploy.local.layout import ROOT
from deploy.processes import BY_NAME
from services.contracts import demo
from services.contracts.operations.identity import RegisterEntryView
from services.identity.models.sealed import sealed_columns
from tests.support import lives
from tests.support.lives import House
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

NEW = "rotated"
REGISTER = f"/communities/{demo.SHANGYUAN}/register"


@dataclass
class Work:
    """What people did meanwhile: how often, and what went wrong."""

    done: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def more(self) -> None:
        """Return when everybody has done her work twice from now on: so it was begun after now."""
        before = dict(self.done)
        until(
            lambda: (
                self.faults or all(self.done[name] >= count + 2 for name, count in before.items())
            ),
            what="everybody's next round",
            limit=20,
        )


@contextmanager
def at_work(**people: Callable[[], object]) -> Iterator[Work]:
    """Each of these again and again, in a thread of its own, until the block ends."""
    work, over = Work(dict.fromkeys(people, 0)), threading.Event()

    def keep_on(name: str, act: Callable[[], object]) -> None:
        while not over.is_set():
            try:
                act()
            except Exception as fault:  # whatever it is, it is told at the end
                work.faults.append(f"{name}: {fault!r}")
                return
            work.done[name] += 1

    threads = [threading.Thread(target=keep_on, args=one, daemon=True) for one in people.items()]
    for thread in threads:
        thread.start()
    try:
        yield work
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)


class KeyFile:
    """The file of the data keys, changed as an operator does: written aside, moved into place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def change(self, **changes: Any) -> None:
        content = {**json.loads(self._path.read_text()), **changes}
        aside = self._path.with_suffix(".new")
        aside.write_text(json.dumps(content))
        aside.chmod(0o600)
        aside.replace(self._path)

    @property
    def keys(self) -> dict[str, Any]:
        return dict(json.loads(self._path.read_text())["keys"])

    @property
    def active(self) -> str:
        return str(json.loads(self._path.read_text())["active"])


def rekey(platform: Platform) -> subprocess.CompletedProcess[str]:
    """The operator's command, in identity's environment."""
    return subprocess.run(
        [sys.executable, "-m", "services.identity.rekey"],
        cwd=ROOT,
        env={**platform.plan.environment(BY_NAME["identity"]), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def sealed_with(platform: Platform, key: str) -> int:
    """How many envelopes of a key stand in the database."""
    counts = [
        f"(SELECT count(*) FROM {each.table.name} "
        f"WHERE split_part({each.column.name}, '.', 2) = '{key}')"
        for each in sealed_columns()
    ]
    with lives.connected(platform, "identity") as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {' + '.join(counts)}")
        return int(cursor.fetchone()[0])


def test_the_data_key_is_changed_under_people_who_log_in_join_and_are_looked_at(
    platform: Platform, api: Client, secretary: Client
) -> None:
    house = lives.a_house(platform, api)
    file = KeyFile(platform.layout.keys / DATA_KEYS)
    old, before = file.active, on_register(secretary, house)
    waiting = list(secretary.membership_requests(demo.SHANGYUAN))
    assert sealed_with(platform, old) > len(before) > 20

    with at_work(
        newcomer=lambda: joins(api, house),
        committee=lambda: list(secretary.membership_requests(demo.SHANGYUAN)),
        register=lambda: on_register(secretary, house),
        resident=lambda: api.login("13800000001", lives.CODE).me(),
    ) as work:
        work.more()
        file.change(keys={**file.keys, NEW: key_of_sm4()})
        file.change(active=NEW)
        until(lambda: sealed_with(platform, NEW), what="something sealed with the new key")
        work.more()
        until(lambda: work.faults or rekey(platform).returncode == 0, what="0 left", limit=120)
        assert sealed_with(platform, old) == 0
        file.change(keys={NEW: file.keys[NEW]})
        work.more()

    assert work.faults == []
    assert sealed_with(platform, old) == 0
    after = {entry.id: entry for entry in on_register(secretary, house)}
    assert [after[entry.id] for entry in before] == before
    assert list(secretary.membership_requests(demo.SHANGYUAN)) == waiting
    print(f"\nmeanwhile: {work.done}; sealed anew: {sealed_with(platform, NEW)} envelopes")


def joins(api: Client, house: House) -> None:
    """Somebody new logs in, asks to join, reads her page and leaves nothing for others to find."""
    who = lives.somebody()
    me = lives.log_in(api, who)
    lives.join(me, house, who)
    assert me.me().memberships[0].room == who.room
    me.send("DELETE", "/me", json={"code": lives.CODE}, key=lives.key())


def on_register(staff: Client, house: House) -> list[RegisterEntryView]:
    """The building's entries: each name is opened to be masked."""
    return list(staff.each(RegisterEntryView, REGISTER, {"building": house.building.id}))


def key_of_sm4() -> dict[str, str]:
    return {"alg": "SM4GCM", "key": base64.b64encode(secrets.token_bytes(16)).decode()}
