"""What residents wrote is read beside the bridge, once, by its reader. Needs: db, broker."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from services.contracts import events as e
from services.contracts.operations.grid_bridge import Suggestion
from services.grid_bridge import copies, repository_vectors
from services.grid_bridge.classifier import embedding
from services.grid_bridge.handlers import opinions, supporting, vectors
from services.grid_bridge.reader.service import GridClassifierService
from services.grid_bridge.reader.settings import Settings
from services.grid_bridge.service import GridBridgeService
from services.grid_bridge.settings import Settings as BridgeSettings
from services.kit.uow import UnitOfWorkFactory
from tests.support.bridge import PATHS, SHANGYUAN, SHI, SUGGESTION, Bridge
from tests.support.kit_bench import chassis_of
from tests.support.waiting import until

pytestmark = [pytest.mark.db, pytest.mark.broker]

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PLACE: dict[str, Any] = {"community_id": SHANGYUAN, "path": PATHS[SHANGYUAN]}


class Broken(Exception):
    """The process dies here."""


def offered(post_id: str, title: str, body: str = "", **more: Any) -> e.PostOffered:
    facts = {"module": "hall", "post_version": 1, "author_id": "p-lu", **PLACE, **more}
    return e.PostOffered(post_id=post_id, title=title, body=body, **facts)


def reported(issue_id: str, post_id: str, title: str, body: str, **more: Any) -> e.IssueReported:
    facts = {"reporter_id": "p-sun", "reported_at": NOW, **PLACE, **more}
    return e.IssueReported(issue_id=issue_id, post_id=post_id, title=title, body=body, **facts)


class Reading:
    """The reader's use-cases on a real database; every method is one transaction."""

    def __init__(self, units: Any) -> None:
        self.units = units
        self.embedded: list[str] = []

    def embed(self, words: str) -> Any:
        self.embedded.append(words)
        return np.eye(embedding.WIDTH, dtype=np.float32)[len(self.embedded)]

    def keep(self, *events: e.Event) -> None:
        with self.units() as uow:
            for event in events:
                vectors.keep(uow, event, NOW)
            uow.commit()

    def reckon(self) -> int:
        with self.units() as uow:
            count = len(vectors.reckon(uow, self.embed, NOW))
            uow.commit()
        return count

    def rows(self) -> list[Any]:
        with self.units() as uow:
            return list(uow.session.execute(text(
                "SELECT kind, id, post_id, module, author_id, model, "
                "embedding::text AS vector, written_at FROM vectors ORDER BY id"
            )))  # fmt: skip


@pytest.fixture
def reading(db: Callable[[str], UnitOfWorkFactory]) -> Reading:
    return Reading(db("grid_bridge"))


def test_each_text_gets_its_vector_once_and_again_when_its_words_change(reading: Reading) -> None:
    reading.keep(offered("p-1", "电梯坏了", "三号楼"), offered("p-1", "电梯坏了", "三号楼"))
    reading.keep(offered("p-2", "谁有梯子", module="mutual_aid", asks=False))
    assert reading.reckon() == 2
    assert reading.reckon() == 0
    assert sorted(reading.embedded) == ["电梯坏了。三号楼", "谁有梯子"]
    first, second = reading.rows()
    assert (first.author_id, first.model, second.module) == ("p-lu", embedding.MODEL, "mutual_aid")

    # only the version of the post is another one
    reading.keep(offered("p-1", "电梯坏了", "三号楼", post_version=2))
    assert reading.reckon() == 0
    assert reading.rows()[0] == first
    reading.keep(offered("p-1", "电梯又坏了", "三号楼", post_version=3))
    assert reading.rows()[0].vector is None
    assert reading.reckon() == 1
    assert reading.rows()[0].vector not in (None, first.vector)

    with reading.units() as uow:  # another model: all of it anew
        uow.session.execute(text("UPDATE vectors SET model = 'an-older-one' WHERE id = 'p-2'"))
        assert repository_vectors.forget_other_models(uow.session) == 1
        uow.commit()
    assert reading.reckon() == 1


def test_a_post_that_became_an_issue_is_one_text_and_a_removed_one_none(reading: Reading) -> None:
    reading.keep(offered("p-1", "电梯坏了", "三号楼"))
    reading.reckon()
    (post,) = reading.rows()
    reading.keep(reported("i-1", "p-1", "电梯坏了", "三号楼", from_post=True))
    reading.keep(offered("p-1", "电梯坏了", "三号楼"))  # told before, heard late
    (issue,) = reading.rows()
    assert (issue.kind, issue.id, issue.post_id) == ("issue", "i-1", "p-1")
    assert (issue.vector, issue.written_at) == (post.vector, post.written_at)
    assert reading.reckon() == 0

    with reading.units() as uow:  # hers, until she leaves
        (kept,) = copies.held_about(uow, "p-sun")["read"]["items"]
        assert (kept["id"], kept["title"]) == ("i-1", "电梯坏了")
        supporting.forget(uow, "p-sun")
        assert copies.held_about(uow, "p-sun")["read"]["items"] == []
        uow.commit()
    assert reading.rows()[0].author_id is None
    reading.keep(e.PostRemoved(post_id="p-1", module="nearby", **PLACE))
    assert reading.rows() == []


def test_what_was_interrupted_waits_and_two_readers_share_the_work(reading: Reading) -> None:
    reading.keep(*(offered(f"p-{n}", f"路灯不亮 {n}") for n in range(6)))

    def dies(words: str) -> Any:
        if len(reading.embedded) == 2:
            raise Broken
        return reading.embed(words)

    with reading.units() as uow, pytest.raises(Broken):
        vectors.reckon(uow, dies, NOW)
    assert [row.vector for row in reading.rows()] == [None] * 6

    reading.embedded.clear()
    with reading.units() as one:
        vectors.reckon(one, reading.embed, NOW)
        assert reading.reckon() == 2  # while the other four are held
        one.commit()
    assert len(set(reading.embedded)) == len(reading.embedded) == 6
    assert reading.reckon() == 0


BETTER = SUGGESTION.model_copy(
    update={"category": "dispose", "slot": None, "confidence": 0.95, "model_version": "test+vector"}
)


def test_a_better_advice_comes_while_the_issue_waits_and_never_after_a_human_decided(
    db: Callable[[str], UnitOfWorkFactory], tmp_path: Path
) -> None:
    bridge = Bridge(db("grid_bridge"), tmp_path)
    reading = Reading(bridge.units)
    near = np.eye(embedding.WIDTH, dtype=np.float32)

    def read(advice: Suggestion | None = BETTER) -> None:
        reading.keep(*bridge.told(e.IssueReported))
        with bridge.units() as uow:
            found = vectors.reckon(uow, lambda _words: near[0], bridge.now)
            opinions.reconsider(uow, found, lambda *_text: advice, bridge.now)
            uow.commit()

    def seen(issue_id: str) -> tuple[str, list[str], int]:
        issue = bridge.issue(issue_id, SHI)
        assert issue.suggestion is not None
        told = [one for one in bridge.told(e.IssueClassified) if one.issue_id == issue_id]
        kept = [line.kind for line in issue.timeline]
        return issue.suggestion.category, [one.category for one in told], kept.count("classified")

    first = bridge.report().id
    bridge.classify(first)
    assert seen(first) == ("8x", ["8x"], 1)
    read()
    assert seen(first) == ("dispose", ["8x", "dispose"], 2)

    # the reader may be faster, and the n-grams then have nothing to add
    second = bridge.report(title="有人在草地上圈地", body="种了葱和蒜").id
    read()
    bridge.classify(second)
    assert seen(second) == ("dispose", ["dispose"], 1)
    # unlike in every character, and one in meaning
    pairs = bridge.rows("SELECT other_id, similarity FROM issue_look_alikes WHERE issue_id = :i",
                        i=second)  # fmt: skip
    assert [(other, float(share)) for other, share in pairs] == [(first, 1.0)]
    assert [one.id for one in bridge.issues(SHI, has_duplicates=True).items] == [second, first]

    third = bridge.report(title="第三件").id
    bridge.classify(third)
    bridge.triage(third)
    read()
    assert seen(third)[0] == "8x" and seen(third)[2] == 1

    fourth = bridge.report(title="第四件").id
    bridge.classify(fourth)
    read(None)  # the n-grams were sure
    assert seen(fourth)[1:] == (["8x"], 1)


@pytest.fixture
def running(start: Callable[..., Any], make_database: Any, amqp_url: str) -> Iterator[Any]:
    url = make_database("grid_bridge")
    engine = create_engine(url)
    yield url, amqp_url, engine, start
    engine.dispose()


def test_the_running_reader_leaves_the_telling_to_the_bridge_s_relay(running: Any) -> None:
    url, amqp_url, engine, start = running
    reader = start(GridClassifierService, Settings, url, amqp_url)
    units = UnitOfWorkFactory(engine, "grid_classifier")
    with units() as uow:
        uow.emit(reported("i-1", "p-1", "电梯坏了", "三号楼电梯停了三天"))
        uow.commit()

    def scalar(sql: str) -> Any:
        with engine.connect() as connection:
            return connection.scalar(text(sql))

    waits = "SELECT count(*) FROM kit_outbox WHERE published_at IS NULL"
    relays = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%.relay' "
        "AND datname = current_database()"
    )
    chassis = chassis_of(reader)
    assert (chassis._relaying, scalar(waits), scalar(relays)) == (None, 1, 0)

    start(GridBridgeService, BridgeSettings, url, amqp_url)
    until(lambda: scalar(waits) == 0, what="the bridge tells it", limit=30)
    assert scalar(relays) == 1
    found = "SELECT count(*) FROM vectors WHERE embedding IS NOT NULL"
    until(lambda: scalar(found) == 1, what="the reader finds a vector", limit=30)
    assert chassis.health.facts() == {"consumer": True, "database": True}
