"""The article's own case: the neighbourhood solves it by itself, no work order is needed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from deploy.client import Client, Problem
from deploy.demo import pictures
from services.contracts import demo
from services.contracts.operations.feed import Comment, Post
from services.contracts.operations.grid_bridge import Issue
from tests.e2e.conftest import Login
from tests.support.waiting import until

pytestmark = pytest.mark.e2e
STEPS = ["site_visit", "talk", "undertaking", "check"]


@dataclass
class Story:
    """What was seen on the way."""

    due_at: datetime
    promised: Issue
    no_proof: Problem
    solved: Issue
    post: Post
    thread: list[Comment]
    rated: Issue


@pytest.fixture(scope="module")
def story(granny_sun: Client, secretary: Client, login: Login) -> Story:
    """Walk the case once; the tests look at what was seen."""
    photo = granny_sun.upload(pictures.occupied())
    receipt = granny_sun.report_issue(
        demo.SHANGYUAN, "便利店占了花坛", "南门便利店把货架放在花坛里。", attachments=[photo.id]
    )
    secretary.triage(receipt.id, "8x", "X3")
    secretary.self_governance(receipt.id, "site_visit", "情况属实，货架压住了花坛")
    secretary.self_governance(receipt.id, "talk", "说明居民公约", spoke_with="便利店店主")
    due_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    promised = secretary.self_governance(
        receipt.id, "undertaking", "三天内恢复", spoke_with="便利店店主", due_at=due_at
    )
    with pytest.raises(Problem) as no_proof:
        secretary.self_governance(receipt.id, "check", "已恢复", outcome="solved")
    after = secretary.upload(pictures.restored())
    solved = secretary.self_governance(
        receipt.id, "check", "货架已清走，花草已补种", attachments=[after.id], outcome="solved"
    )
    until(
        lambda: "check" in [line.step for line in granny_sun.comments(receipt.post_id)],
        what="the story on the thread",
    )
    secretary.comment(receipt.post_id, "谢谢您的照片，绿地已经恢复。")
    granny_sun.comment(receipt.post_id, "说到做到，点赞！")
    login("13800000002").comment(receipt.post_id, "我路过看到了，种得很齐。")
    return Story(
        due_at=due_at,
        promised=promised,
        no_proof=no_proof.value,
        solved=solved,
        post=granny_sun.post_of(receipt.post_id),
        thread=granny_sun.comments(receipt.post_id),
        rated=granny_sun.rate(receipt.id, 5, solved=True, comment="解决得快"),
    )


def test_undertaking_with_a_date_stretches_the_promise(story: Story) -> None:
    assert story.promised.promise is not None
    assert story.promised.promise.due_at >= story.due_at
    assert story.promised.status == "self_governing"


def test_solved_needs_a_photo(story: Story) -> None:
    assert (story.no_proof.status, story.no_proof.code) == (422, "grid.proof_needed")


def test_solved_without_a_work_order(story: Story) -> None:
    assert story.solved.status == "solved"
    assert story.solved.work_order_no is None
    assert story.solved.promise is None
    kinds = [line.kind for line in story.solved.timeline if line.kind != "classified"]
    assert kinds == ["reported", "triaged", *STEPS]
    assert len(story.solved.timeline[-1].attachments) == 1


def test_story_and_conversation_stand_on_one_thread(story: Story) -> None:
    assert [line.step for line in story.thread if line.step] == ["triaged", *STEPS]
    spoken = [line for line in story.thread if line.step is None]
    assert [(line.author.display_name, line.official) for line in spoken] == [
        ("石书记", True),
        ("孙奶奶", False),
        ("老陆", False),
    ]
    assert story.post.comment_count == len(story.thread)
    assert story.post.issue_id == story.solved.id


def test_party_member_s_badge_shows(story: Story) -> None:
    old_lu = next(line for line in story.thread if line.author.display_name == "老陆")
    assert old_lu.author.badge_shown


def test_reporter_rates_what_the_neighbourhood_did(story: Story) -> None:
    assert (story.rated.score, story.rated.status) == (5, "solved")
