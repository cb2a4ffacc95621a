"""A resident's report becomes a tracked work order and comes back: the whole path over HTTP."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from deploy.client import Client, Problem
from deploy.demo import newcomer, pictures
from deploy.demo.people import CODE
from services.contracts import demo
from services.contracts.operations.feed import Comment
from services.contracts.operations.grid_bridge import Issue, WorkOrder
from services.contracts.operations.identity import Me, MembershipRequest, QrTarget
from services.contracts.operations.notify.inbox import Notification
from services.contracts.operations.ops import Uploaded
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

COMMITTEE_STEPS = ["triaged", "site_visit", "talk", "escalated"]
GRID_STEPS = [
    "accepted",
    "verifying",
    "registered",
    "dispatched",
    "disposing",
    "disposed",
    "checking",
    "closed",
]


@dataclass
class Story:
    """What was seen on the way."""

    resident: Client
    target: QrTarget
    request: MembershipRequest
    me_waiting: Me
    me_joined: Me
    photo: Uploaded
    reported: Issue
    suggested: Issue
    suggested_after: float
    too_early: Problem
    order: WorkOrder
    closed: Issue
    grid_seconds: float
    thread: list[Comment]
    news: dict[str, Notification]
    rated: Issue
    evaluated: WorkOrder
    live: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(platform: Platform, api: Client, secretary: Client) -> Story:
    """Walk the path once; the tests look at what was seen."""
    person = newcomer.make()
    api.request_code(person.phone)
    resident = api.login(person.phone, CODE)

    token = next(qr["token"] for qr in platform.demo["qr"] if qr["community_id"] == demo.SHANGYUAN)
    target = api.resolve_qr(token)
    asked = resident.request_membership(
        qr_token=token,
        building=target.buildings[2].id,
        unit=target.buildings[2].units[0].id,
        room="301",
        relation="tenant",
        real_name=person.real_name,
        id_number=person.id_number,
        consents=["real_name"],
    )
    me_waiting = resident.me()
    waiting = {request.id: request for request in secretary.membership_requests(demo.SHANGYUAN)}
    secretary.decide_membership(asked.id, "approve")
    me_joined = resident.me()

    with listening(resident) as live:
        photo = resident.upload(pictures.occupied())
        receipt = resident.report_issue(
            demo.SHANGYUAN,
            "商铺占用绿化带",
            "南门餐饮店把桌椅摆进绿化带，草坪已被踩坏，行人只能走机动车道。",
            attachments=[photo.id],
            location={"address": "南门东侧", "lng": 121.4243, "lat": 31.4177, "crs": "WGS84"},
        )
        began = time.monotonic()
        reported = resident.issue(receipt.id)
        suggested = until(
            lambda: with_suggestion(secretary, receipt.id), what="the suggestion", limit=10
        )
        suggested_after = time.monotonic() - began
        secretary.triage(receipt.id, "8x", "X3")
        with pytest.raises(Problem) as too_early:
            secretary.escalate(receipt.id, "商户不听劝")
        secretary.self_governance(receipt.id, "site_visit", "情况属实")
        secretary.self_governance(
            receipt.id, "talk", "商户拒绝", spoke_with="餐饮店店主", outcome="failed"
        )
        order = secretary.escalate(receipt.id, "约谈无效")
        began = time.monotonic()
        closed = until(lambda: when_closed(resident, receipt.id), what="the closure", limit=30)
        grid_seconds = time.monotonic() - began
        thread = until(
            # a step that was put off stands in its place, but comes later than the end
            lambda: when_told(resident, receipt.post_id, *GRID_STEPS, "issue_closed"),
            what="the thread with its end",
        )
        until(lambda: "issue_closed" in news_about(resident, receipt.id), what="the news of it")
        news = news_about(resident, receipt.id)
        until(
            lambda: any(told["id"] == news["issue_closed"].id for told in live),
            what="the news on the live stream",
        )
    rated = resident.rate(receipt.id, 5, solved=True, comment="绿化带恢复了")
    evaluated = until(
        lambda: when_evaluated(secretary, order.no), what="the order's evaluation", limit=15
    )
    return Story(
        resident=resident,
        target=target,
        request=waiting[asked.id],
        me_waiting=me_waiting,
        me_joined=me_joined,
        photo=photo,
        reported=reported,
        suggested=suggested,
        suggested_after=suggested_after,
        too_early=too_early.value,
        order=order,
        closed=closed,
        grid_seconds=grid_seconds,
        thread=thread,
        news=news,
        rated=rated,
        evaluated=evaluated,
        live=live,
    )


def with_suggestion(staff: Client, issue_id: str) -> Issue | None:
    issue = staff.issue(issue_id)
    return issue if issue.suggestion else None


def when_closed(reader: Client, issue_id: str) -> Issue | None:
    issue = reader.issue(issue_id)
    return issue if issue.status == "closed" else None


def when_told(reader: Client, post_id: str, *steps: str) -> list[Comment] | None:
    thread = reader.comments(post_id)
    return thread if {line.step for line in thread} >= set(steps) else None


def when_evaluated(reader: Client, no: str) -> WorkOrder | None:
    order = reader.work_order(no)
    return order if order.state == "evaluated" else None


def news_about(person: Client, issue_id: str) -> dict[str, Notification]:
    """The inbox's entries about an issue, by kind."""
    return {news.kind: news for news in person.news().items if issue_id in news.link}


@contextmanager
def listening(person: Client) -> Iterator[list[dict[str, Any]]]:
    """What comes on somebody's live stream during the block."""
    heard: list[dict[str, Any]] = []
    opened, done = threading.Event(), threading.Event()
    token = person.session.tokens.access_token if person.session else ""

    def listen() -> None:
        with httpx.stream(
            "GET",
            f"{person.url}/api/v1/me/stream",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        ) as answer:
            opened.set()
            for line in answer.iter_lines():
                if line.startswith("data: {") and '"id"' in line:
                    heard.append(json.loads(line.removeprefix("data: ")))
                if done.is_set():
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert opened.wait(10)
    try:
        yield heard
    finally:
        done.set()  # the stream's next beat, at the latest, wakes the thread


def test_qr_code_leads_to_the_estate(story: Story) -> None:
    assert story.target.community.id == demo.SHANGYUAN
    assert story.target.community.name == "尚园居民区"
    assert "tenant" in story.target.relations


def test_newcomer_waits_until_the_committee_approves(story: Story) -> None:
    assert [m.status for m in story.me_waiting.memberships] == ["pending"]
    assert [m.status for m in story.me_joined.memberships] == ["active"]
    assert story.me_joined.memberships[0].community.id == demo.SHANGYUAN


def test_committee_sees_personal_data_masked(story: Story) -> None:
    assert story.request.finding == "not_on_register"
    assert story.request.id_number.count("*") >= 15
    assert "*" in story.request.phone
    assert "*" in story.request.real_name


def test_photo_comes_back_as_it_was_stored(story: Story) -> None:
    (attached,) = story.reported.attachments
    token = story.resident.session.tokens.access_token if story.resident.session else ""
    file = httpx.get(
        story.resident.url + attached.url, headers={"Authorization": f"Bearer {token}"}
    )
    assert file.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(file.content).hexdigest() == attached.sha256


def test_suggestion_comes_with_reasons_within_ten_seconds(story: Story) -> None:
    assert story.suggested_after < 10
    suggestion = story.suggested.suggestion
    assert suggestion is not None
    assert (suggestion.category, suggestion.slot) == ("8x", "X3")
    assert suggestion.reasons
    assert 0 < suggestion.confidence <= 1


def test_suggestion_is_the_committee_s_alone(story: Story) -> None:
    assert story.closed.suggestion is None
    assert "classified" not in [line.kind for line in story.closed.timeline]
    assert "classified" in [line.kind for line in story.suggested.timeline]


def test_neighbourhood_has_to_try_first(story: Story) -> None:
    assert (story.too_early.status, story.too_early.code) == (422, "grid.self_governance_first")


def test_work_order_says_who_is_responsible(story: Story) -> None:
    assert story.order.state == "reported"
    assert story.order.catalogue.slot == "X3"
    assert story.order.department.name
    assert story.order.code.code == "06045"
    assert story.order.library_entry_no


def test_grid_platform_closes_within_thirty_seconds(story: Story) -> None:
    assert story.grid_seconds < 30
    assert [step.state for step in story.evaluated.steps][: len(GRID_STEPS)] == GRID_STEPS
    assert story.closed.work_order_no == story.order.no
    assert story.closed.outcome == "grid_closed"


def test_each_step_is_on_the_issue_s_timeline(story: Story) -> None:
    kinds = [line.kind for line in story.closed.timeline]
    assert kinds[:5] == ["reported", *COMMITTEE_STEPS]
    assert [kind for kind in kinds if kind in GRID_STEPS] == GRID_STEPS
    assert all(line.text for line in story.closed.timeline)
    times = [line.at for line in story.closed.timeline]
    assert times == sorted(times)


def test_each_step_is_told_on_the_thread_once(story: Story) -> None:
    told = [line.step for line in story.thread]
    assert told == [*COMMITTEE_STEPS, *GRID_STEPS, "issue_closed"]
    assert all(line.official for line in story.thread)


def test_resident_is_told_of_what_matters(story: Story) -> None:
    assert {"issue_triaged", "issue_self_governance", "issue_escalated", "issue_closed"} <= set(
        story.news
    )
    assert story.news["issue_closed"].why
    assert story.news["issue_closed"].link == f"/issues/{story.closed.id}"


def test_news_comes_live_as_well(story: Story) -> None:
    assert {told["kind"] for told in story.live} >= {"issue_triaged", "issue_closed"}


def test_rating_ends_issue_and_order(story: Story) -> None:
    assert (story.rated.score, story.rated.status) == (5, "closed")
    assert story.evaluated.state == "evaluated"


def test_second_rating_is_refused(story: Story) -> None:
    with pytest.raises(Problem) as no:
        story.resident.rate(story.closed.id, 1, solved=False)
    assert (no.value.status, no.value.code) == (409, "grid.already_rated")


def test_reporter_sees_the_order_reduced(story: Story) -> None:
    reduced = story.resident.work_order(story.order.no)
    assert reduced.state == "evaluated"
    assert reduced.reason is None
    assert not any(step.note for step in reduced.steps)
