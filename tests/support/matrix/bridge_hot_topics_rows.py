"""Operations of the bridge about the hot ten."""

import json

from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge.hot_topics import HotTopicLevel
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, self_

MONTH = "2026-01"
_NODES: dict[HotTopicLevel, tuple[str, str]] = {
    "community": ("c-home", HOME),
    "town": ("t", "d.t"),
    "district": ("d", "d"),
}
_RUN = """
    INSERT INTO hot_topic_runs (id, level, node_id, path, month, version, kind, day, state,
                                asked_at, attempts, published_at, messages)
    VALUES (:id, :level, :node, :path, '2026-01-01', :version, 'again', '2026-02-01', 'published',
            now(), 1, now(), 12)
"""
_CONCERN = """
    INSERT INTO concerns (id, level, node_id, first_month, last_month, pairs)
    VALUES (:id, :level, :node, '2026-01-01', '2026-01-01', '{}')
"""
_TOPIC = """
    INSERT INTO hot_topics (id, run_id, concern_id, rank, label, words, people, messages, before,
                            spread, outside)
    VALUES (:id, :run, :concern, 1, '夜间施工', '[]', 12, 12, '[0, 0, 0]', '{"c-home": 12}',
            cast(:outside AS jsonb))
"""


def _published(h: House, level: HotTopicLevel = "community") -> dict[str, str]:
    """An edition with one topic; the ids of the run and of the topic."""
    node, path = _NODES[level]
    run, concern, topic = new_id(), new_id(), new_id()
    told = {"people": 10, "before": [None] * 3, "label": "夜间施工", "words": [], "phrases": []}
    where = {"level": level, "node": node}
    with h.units["grid_bridge"]() as uow:
        run_facts = {"id": run, "path": path, "version": h.number(), **where}
        uow.session.execute(text(_RUN), run_facts)
        uow.session.execute(text(_CONCERN), {"id": concern, **where})
        facts = {"id": topic, "run": run, "concern": concern, "outside": json.dumps(told)}
        uow.session.execute(text(_TOPIC), facts)
        uow.commit()
    return {"run": run, "topic": topic}


def _list(h: House, level: HotTopicLevel, key: str) -> Command:
    _published(h, level)
    return {key: _NODES[level][0], "month": MONTH}


def _action(h: House) -> Command:
    added = h.ask(h.secretary, "addHotTopicAction", id=_published(h)["topic"], kind="campaign")
    return {"id": added["id"]}


def _run(_h: House, _who: Actor) -> Command:
    return {"level": "community", "node": "c-home", "month": MONTH, "reason": "补录后重算"}


def _run_id(h: House, who: Actor) -> Command:
    admin = h.person((Role.TOWN_ADMIN, "d.t"))
    return {"id": h.ask(admin, "startHotTopicRun", **_run(h, who))["id"]}


HOT_TOPICS: dict[str, Row] = {
    "communityHotTopics": inside(lambda h, _who: _list(h, "community", "cid")),
    "townHotTopics": place(lambda h, _who: _list(h, "town", "tid")),
    # other communities are of the same district, and another district's people are refused
    "hotTopics": self_(lambda h, _who: _list(h, "district", "did")),
    "getHotTopic": inside(lambda h, _who: {"id": _published(h)["topic"]}),
    "addHotTopicAction": place(lambda h, _who: {"id": _published(h)["topic"], "kind": "project"}),
    "finishHotTopicAction": place(lambda h, _who: _action(h)),
    "removeHotTopicAction": place(lambda h, _who: {**_action(h), "reason": "关联错了"}),
    "startHotTopicRun": place(_run),
    "getHotTopicRun": place(_run_id),
}
