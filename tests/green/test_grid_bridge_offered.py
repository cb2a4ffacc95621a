"""Ordinary posts as the bridge's classifier reads them. Needs: db."""

import pytest

from services.contracts.events import IssueSuggested, PostOffered
from services.contracts.ids import new_id
from services.grid_bridge import advice
from services.grid_bridge.handlers import offered
from tests.support.bridge import SHANGYUAN, Bridge

pytestmark = pytest.mark.db


@pytest.fixture(scope="module", autouse=True)
def model():
    advice.prepare()  # as the service does: it may have to be built, which takes seconds


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def offer(bridge, title, body, post_id=None) -> None:
    event = PostOffered(
        post_id=post_id or new_id(),
        community_id=SHANGYUAN,
        path="demo.yuepu.shangyuan",
        module="nearby",
        post_version=3,
        title=title,
        body=body,
    )
    with bridge.units() as uow:
        offered.suggest(uow, event, advice.likelihood, advice.suggest)
        uow.commit()


def test_a_problem_is_seen_with_its_kind_and_the_words_that_say_so(bridge):
    offer(bridge, "商铺占了绿化带", "门口那家店把绿化带围起来堆货，进出都要绕，劝过两次不听。")
    (said,) = bridge.told(IssueSuggested)
    assert said.problem > 0.5
    assert said.category in {"8x", "dispose"}
    assert said.reasons
    assert said.post_version == 3


def test_thanks_are_no_problem(bridge):
    offer(bridge, "谢谢保洁阿姨", "下雨天一早就把门口的水扫干净了，辛苦，点个赞！")
    (said,) = bridge.told(IssueSuggested)
    assert said.problem < 0.5


def test_danger_is_told_whatever_else_is_said(bridge):
    offer(bridge, "着火了", "三号楼二楼窗口正在冒烟着火，快来人！")
    (said,) = bridge.told(IssueSuggested)
    assert said.urgent


def test_a_post_that_is_an_issue_already_is_left_alone(bridge):
    receipt = bridge.report()
    offer(bridge, "路灯坏了", "还没修", post_id=receipt.post_id)
    assert bridge.told(IssueSuggested) == []
