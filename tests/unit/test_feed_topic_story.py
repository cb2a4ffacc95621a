"""How a post is told what became of the question that came from it. Needs: nothing."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from services.contracts import events as e
from services.contracts.operations.votes import Convener, TopicState
from services.feed import topic_story
from tests.support.neighbourhood import say

pytestmark = pytest.mark.unit
DUE = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)  # 17:30 in China


def advanced(**facts) -> e.TopicAdvanced:
    return say(e.TopicAdvanced, **{"was": "raised", "state": "screened", "convener": OWN, **facts})


OWN, OWNERS = "residents_committee", "owners_committee"


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            say(e.TopicRaised, title="电动车不进楼", convener=OWNERS),
            "【提出议题】由本帖提出问题“电动车不进楼”，由业委会筛选。",
        ),
        (
            advanced(deadline_at=DUE),
            "【议题进展】问题通过初审，将作为议题发布。期限 2026年3月4日 17:30。",
        ),
        (
            advanced(state="refused", reason="不属于社区事务", outcome="refused"),
            "【议题进展】问题未予受理。不属于社区事务。",
        ),
        (
            advanced(state="closed", outcome="merged", reason="同一件事"),
            "【议题进展】议题已并入另一条相近的议题。同一件事。",
        ),
        (
            advanced(state="raised", step="returned", reason="请写明地点"),
            "【议题进展】问题退回提出人修改。请写明地点。",
        ),
        (
            advanced(state="raised", step="handed_over", convener=OWNERS, reason="属于共有部分"),
            "【议题进展】议题移交业委会办理。属于共有部分。",
        ),
        (
            say(e.CovenantAdopted, title="停车公约", change="amended"),
            "【公约】由本帖引出的公约《停车公约》已修订。",
        ),
        (
            say(e.CovenantAdopted, title="《尚园公约》议事规则", change="amended"),
            "【公约】由本帖引出的公约《〈尚园公约〉议事规则》已修订。",
        ),
    ],
)  # fmt: skip
def test_each_step_has_its_sentence(event, text):
    entry = topic_story.entry_for(event)
    assert entry is not None
    assert entry.text == text


def test_every_state_and_both_bodies_have_their_words():
    assert set(topic_story.STATES) == set(get_args(TopicState)) - {"raised"}
    assert set(topic_story.BODIES) == set(topic_story.ROLES) == set(get_args(Convener))


def test_what_matters_only_to_the_topic_is_not_told_on_the_post():
    for step in ("amended", "seconded"):
        assert topic_story.entry_for(advanced(state="raised", step=step)) is None
