"""From a neighbour's post to a covenant and what became of it, asked of running services.

Votes, feed and identity run as they do in a town and talk over the broker; what a caller sends and
gets is JSON. Time goes on by the demo's clock. Needs: db, broker.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from services import directory
from services.contracts import events as e
from services.contracts.actor import Actor, Role
from services.feed.service import FeedService
from services.feed.settings import Settings as FeedSettings
from services.kit.uow import UnitOfWorkFactory
from services.votes.service import VotesService
from services.votes.settings import Settings as VotesSettings
from tests.support.green_caller import Caller
from tests.support.identity_world import C_HOME, HOME, World
from tests.support.keys import Signer
from tests.support.neighbourhood import say

pytestmark = [pytest.mark.db, pytest.mark.broker]
PATIENCE = 15
RULES = {"base": "residents_assembly", "objection_days": 3, "publicity_days": 3}


class Town:
    """The services of one town, its people, and the clock."""

    def __init__(
        self, units: dict[str, UnitOfWorkFactory], world: World, amqp_url: str, signer: Signer
    ) -> None:
        self.units, self.world, self.signer = units, world, signer
        self.caller = Caller(amqp_url)
        self.passed = timedelta()

    def ask(self, who: Actor, method: str, /, *, of: str = "votes", **asked: Any) -> Any:
        """What a service answers; ``asked`` travels as JSON."""
        grants = [(grant.role.value, grant.path) for grant in who.grants]
        token = self.signer.token(who.person_id, grants, f"s-{who.person_id}")
        sent = json.loads(json.dumps(asked, default=datetime.isoformat))
        return self.caller.call_as({"token": token}, of, method, PATIENCE, **sent)["data"]

    def topic(self, topic_id: str, who: Actor) -> Any:
        return self.ask(who, "get_topic", id=topic_id)

    def in_days(self, days: float) -> datetime:
        """So many days after what the clock of the services shows."""
        return datetime.now(UTC) + self.passed + timedelta(days=days)

    def pass_days(self, days: float) -> None:
        self.passed += timedelta(days=days)
        self.caller.call("votes", "advance_clock", PATIENCE, advance_seconds=int(days * 86_400))

    def eventually(self, look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
        """What is seen as soon as it is as wanted: the clock of the services does its part."""
        limit = time.monotonic() + PATIENCE
        while not wanted(seen := look()):
            assert time.monotonic() < limit, f"did not happen in time: {seen}"
            time.sleep(0.05)
        return seen

    def comes_to(self, topic_id: str, who: Actor, state: str) -> Any:
        return self.eventually(lambda: self.topic(topic_id, who), lambda one: one["state"] == state)

    def cast(self, poll_id: str, who: Actor, choice: str) -> str:
        """A ballot as the gateway sends it on; the receipt's code."""
        token = self.signer.token(who.person_id, [("resident", HOME)], f"s-{who.person_id}")
        sent = {
            "token": token,
            "idempotency_key": secrets.token_hex(16),
            "body_hash": "ab" * 32,
            "ballot": {"choice": choice},
        }
        told = self.caller.call("votes", "cast_ballots", PATIENCE, id=poll_id, ballots=[sent])
        (answer,) = told["data"]["answers"]
        assert answer["error"] is None, answer
        return str(answer["receipt"]["receipt"])


@pytest.fixture
def town(
    db: Callable[..., Any],
    start: Callable[..., Any],
    start_identity: Callable[..., Any],
    amqp_url: str,
    signer: Signer,
    tmp_path: Any,
) -> Iterator[Town]:
    units = {name: db(name) for name in ("identity", "feed", "votes")}
    world = World(units["identity"])
    start_identity(units["identity"], world.vault)
    started = ((FeedService, FeedSettings, "feed"), (VotesService, VotesSettings, "votes"))
    for service, settings, name in started:
        url = units[name].engine.url.render_as_string(hide_password=False)
        start(service, settings, url, amqp_url, demo=True, var=tmp_path)
    town = Town(units, world, amqp_url, signer)
    yield town
    town.caller.close()


def settle(town: Town, who: Actor, standing: str, room: str = "") -> Actor:
    """Somebody belongs to the community, and to its register where she has a room."""
    if room:
        town.world.register("孙桂芳", room, birth_year=1960, person_id=who.person_id)
    card = say(
        e.MemberCardChanged,
        person_id=who.person_id, community_id=C_HOME, path=HOME, standing=standing,
    )  # fmt: skip
    here = say(e.CommunityChanged, community_id=C_HOME, path=HOME)
    for service in ("feed", "votes"):
        with town.units[service]() as uow:
            directory.project(uow, here)
            directory.project(uow, card)
            uow.commit()
    return who


def test_a_post_becomes_a_covenant_and_everybody_can_follow_it(town):
    resident = (Role.RESIDENT, HOME)
    sun, lu, ma, ke = (
        settle(town, town.world.person("", resident), "active", room)
        for room in ("101", "102", "103", "")
    )
    shi = town.world.person("", (Role.COMMITTEE_STAFF, HOME), (Role.SECRETARY, HOME))
    settle(town, shi, "staff")
    chosen = town.ask(
        shi, "put_chain_settings", cid=C_HOME, version=0, note="议事规则",
        settings={
            "steps": ["seconding", "discussion", "prior_study", "filing"], "seconders": 1,
            "discussion_days": 3,
        },
    )  # fmt: skip
    assert (chosen["version"], chosen["settings"]["discussion_days"]) == (1, 3)

    # the question
    post = town.ask(
        sun, "create_post", of="feed", cid=C_HOME, module="nearby", title="楼道里的电动车",
        body="充电太危险了",
    )  # fmt: skip
    topic = town.ask(
        sun, "raise_topic", cid=C_HOME, title="电动车不进楼", body="楼道里充电太危险了",
        from_post_id=post["id"],
    )["id"]  # fmt: skip
    assert town.ask(lu, "second_topic", id=topic) == {
        "seconders": 1, "seconders_wanted": 1, "my_second": True
    }  # fmt: skip
    assert [
        (one["topic_id"], one["task"])
        for one in town.ask(shi, "list_screening_board", cid=C_HOME)["items"]
    ] == [(topic, "screen_question")]
    town.ask(shi, "screen_topic", id=topic, stage="intake", decision="accept", reason="属公共事务")

    # the discussion, and the item that comes of it
    town.ask(shi, "advance_topic", id=topic, to="discussion")
    for who, stance in ((sun, "for"), (lu, "for"), (ma, "against")):
        town.ask(who, "discuss_topic", id=topic, stance=stance, body="我的看法是这样的")
    opinions = town.ask(ke, "list_opinions", id=topic)["items"]
    assert [one["stance"] for one in opinions] == ["for", "against", "for"], "the sides in turn"
    town.pass_days(3.1)
    item = {"title": "设集中充电点", "body": "在小区北门设二十个充电位"}
    town.ask(shi, "advance_topic", id=topic, to="actionable", **item)
    town.ask(shi, "screen_topic", id=topic, stage="proposal", decision="accept", reason="可行")
    town.ask(shi, "advance_topic", id=topic, to="proposal", reason="党组织研究，同意提交表决")

    # the text, frozen by the notice
    opens, closes = town.in_days(16), town.in_days(20)
    written = town.ask(
        shi, "put_proposal", id=topic, version=0, rule_set=RULES,
        articles=["电动车不得在楼道内停放。", {"title": "充电", "text": "小区设集中充电点。"}],
        opens_at=opens, closes_at=closes, effective_at=town.in_days(30),
    )  # fmt: skip
    assert datetime.fromisoformat(written["versions"][0]["opens_at"]) == opens
    town.ask(shi, "advance_topic", id=topic, to="notice")
    objection = town.ask(ma, "object", id=topic, kind="publicity_period", body="太短了")
    assert (objection["owed"], objection["period"]) == (True, "notice")
    poll_id = town.topic(topic, sun)["poll_id"]
    poll = town.eventually(
        lambda: town.ask(sun, "get_poll", id=poll_id),
        lambda one: one["roll_state"] == "published",
    )
    assert (poll["roll_size"], len(poll["my_subjects"]), poll["my_state"]) == (3, 1, "free")
    town.pass_days(16.1)
    held = town.eventually(lambda: town.ask(sun, "get_poll", id=poll_id), lambda one: one["held"])
    assert [one["what"] for one in held["held"]] == ["objections"], "no vote without an answer"
    town.ask(shi, "answer_objection", id=objection["id"], body="公示十六天，长于规则要求的期限。")
    town.ask(ma, "mark_objection", id=objection["id"], mark="stands")

    # the vote
    town.comes_to(topic, sun, "voting")
    receipts = {
        who.person_id: town.cast(poll_id, who, choice)
        for who, choice in ((sun, "for"), (lu, "for"), (ma, "against"))
    }
    assert town.ask(ke, "check_receipt", code=receipts[sun.person_id])["poll_id"] == poll_id
    assert town.ask(sun, "get_poll", id=poll_id)["turnout"]["online"] == 3
    town.pass_days(4.1)
    town.comes_to(topic, sun, "publicity")
    result = town.ask(ke, "get_result", id=poll_id)
    assert (result["passed"], result["online"]["for"], result["online"]["against"]) == (True, 2, 1)
    assert [one["stands"] for one in result["objections"]] == [True]
    assert (result["roll"], Fraction(result["roll_sums"]["heads"])) == (3, 3)

    # the covenant
    town.pass_days(3.1)
    adopted = town.comes_to(topic, ke, "adopted")
    assert "生效" not in next(
        one["text"] for one in adopted["timeline"] if one["state"] == "adopted"
    ), "it holds later"
    covenant = town.ask(ke, "get_covenant", id=adopted["covenant_id"])
    assert covenant["state"] == "not_yet"
    assert [one["text"] for one in covenant["articles"]] == [
        "电动车不得在楼道内停放。", "小区设集中充电点。"
    ]  # fmt: skip
    assert {one["since"]["poll_id"] for one in covenant["articles"]} == {poll_id}
    assert town.ask(lu, "agree_to_covenant", id=covenant["id"], version=1)["agreed"] == 1

    # what became of it
    town.pass_days(8)
    town.eventually(
        lambda: town.ask(ke, "get_covenant", id=covenant["id"])["state"],
        lambda state: state == "in_force",
    )
    breach = town.ask(
        sun, "report_breach", id=covenant["id"], article="a1", body="三楼又停了一辆", hide_me=True
    )["id"]
    told = town.ask(shi, "reply_to_breach", id=breach, body="已上门沟通", talk="agreed")
    assert (told["state"], told["reporter"]["person_id"]) == ("talking", sun.person_id)
    assert town.ask(sun, "settle_breach", id=breach, state="settled", reason="已挪走")["ended_at"]
    follow = town.ask(
        shi, "add_follow_up", id=topic, what="安装充电桩", who="物业", due_on=str(
            town.in_days(30).date()
        ),
    )["id"]  # fmt: skip
    town.ask(shi, "update_follow_up", id=follow, note="已安装二十个充电位", state="done")

    # one line from the post to what became of it, there and on the post's own thread
    line = town.topic(topic, ke)["timeline"]
    assert [one["kind"] for one in (line[0], line[-1])] == ["post", "follow_up"]
    assert line[0]["ref"] == {"post_id": post["id"]}
    assert all(after["was"] == before["state"] for before, after in pairwise(line))
    assert [one["state"] for one in line if one["kind"] == "advanced"] == [
        "screened", "discussion", "actionable", "prior_study", "proposal", "notice", "voting",
        "publicity", "adopted",
    ]  # fmt: skip
    thread = town.eventually(
        lambda: town.ask(ke, "list_comments", of="feed", id=post["id"], limit=100)["items"],
        lambda items: any(one["step"] == "covenant_adopted" for one in items),
    )
    steps = [one["step"] for one in thread]
    assert steps[0] == "topic_raised"
    assert steps[-2:] == ["topic_adopted", "covenant_adopted"]
    held_about = town.ask(sun, "export_person")
    assert len(held_about["topics"]["items"]) == len(held_about["breaches"]["items"]) == 1
