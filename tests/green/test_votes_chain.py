"""The chain from end to end, its settings, and what no walk along it can break. Needs: db."""

import random
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from services.contracts.errors import ShequError
from services.contracts.events import CovenantAdopted, TopicAdvanced
from services.contracts.operations.votes import chain
from services.votes.domain.chain import STEPS, State
from services.votes.handlers import chain_settings
from tests.support.bridge import (
    JUYUAN,
    LU,
    NEXT_DOOR,
    NOW,
    OBSERVER,
    SHANGYUAN,
    SHI,
    SUN,
    WANG,
    refused,
)
from tests.support.votes import MA, OWNERS
from tests.support.votes_ballots import Booth
from tests.support.votes_chain import Chain, kinds, unbroken

pytestmark = pytest.mark.db
ITEM = {"title": "设集中充电点", "body": "在小区北门设二十个充电位"}


@pytest.fixture
def votes(emptied) -> Chain:
    return Chain(emptied("votes"))


# -- the whole way --------------------------------------------------------------------------------


def test_one_unbroken_timeline_leads_from_the_post_to_the_covenant(votes):
    votes.choose(steps=["seconding", "discussion", "prior_study"], seconders=1)
    votes.register(SUN, LU, MA)
    topic = votes.raise_(from_post_id="post-1").id
    votes.second(topic, LU)
    votes.screen(topic, reason="属于社区公共事务")
    votes.advance(topic, "discussion", WANG)
    assert refused(votes.advance, topic, "actionable", **ITEM) == "votes.discussion_runs"
    assert votes.get(topic, SHI).next_steps[-2].not_before == NOW + timedelta(days=7)
    votes.pass_time(days=7)
    with pytest.raises(ShequError) as caught:
        votes.advance(topic, "actionable", title="只有标题")
    assert [error.field for error in caught.value.errors] == ["body"]
    formed = votes.advance(topic, "actionable", **ITEM)
    assert [(one.kind, one.title) for one in formed.wordings] == [
        ("question", "电动车不进楼"), ("item", "设集中充电点")
    ]  # fmt: skip
    assert refused(votes.advance, topic, "prior_study") == "votes.chain_refuses", "screened first"
    assert votes.screen(topic, stage="proposal").state == "prior_study"
    assert refused(votes.advance, topic, "proposal", WANG) == "votes.not_your_step"
    assert refused(votes.advance, topic, "proposal") == "votes.reason_needed"
    studied = votes.advance(topic, "proposal", reason="符合社区实际，同意提交表决")
    assert (studied.timeline[-1].reason, studied.timeline[-1].actor_role) == (
        "符合社区实际，同意提交表决", "secretary"
    )  # fmt: skip
    assert refused(votes.advance, topic, "notice") == "votes.no_proposal"
    votes.put_text(topic)
    noticed = votes.advance(topic, "notice", WANG)
    assert (noticed.state, noticed.poll_id is not None) == ("notice", True)
    assert noticed.deadline_at == votes.now + timedelta(days=10)
    assert refused(votes.put_text, topic) == "votes.text_frozen"
    assert refused(votes.advance, topic, "voting") == "votes.not_your_step", "it is the clock's"
    for _ in range(60):
        votes.pass_time(days=1)
        votes.do_duties()
        if votes.get(topic).state == "voting" and not votes.rows(
            "SELECT 1 FROM roll_entries WHERE state = 'online'"
        ):
            for who in (SUN, LU, MA):
                Booth(votes).cast(noticed.poll_id, who, "for")
        if votes.get(topic).state == "adopted":
            break
    adopted = votes.get(topic, LU)
    assert adopted.state == "adopted"
    assert unbroken(adopted)
    assert kinds(adopted)[0] == "post"
    walked = [line.state for line in adopted.timeline if line.kind == "advanced"]
    assert walked == [
        "screened", "discussion", "actionable", "prior_study", "proposal", "notice", "voting",
        "publicity", "adopted",
    ]  # fmt: skip
    assert all(event.from_post_id == "post-1" for event in votes.told(TopicAdvanced))
    assert [event.from_post_id for event in votes.told(CovenantAdopted)] == ["post-1"]


def test_who_leads_a_topic_on_where(votes):
    raised, screened = votes.raise_().id, votes.topic("screened")
    assert refused(votes.advance, raised, "closed", LU, reason="不要了") == "votes.not_your_step"
    assert refused(votes.advance, raised, "screened") == "votes.chain_refuses"
    assert refused(votes.advance, raised, "closed", OWNERS, reason="x") == "votes.not_your_step"
    assert refused(votes.advance, raised, "closed", NEXT_DOOR) == "votes.topic_not_found"
    assert refused(votes.advance, raised, "closed", OBSERVER) == "votes.not_your_step"
    gone = votes.advance(raised, "closed", SUN)
    assert (gone.outcome, gone.timeline[-1].text) == ("withdrawn", "提出人撤回")
    assert refused(votes.advance, screened, "closed") == "votes.reason_needed"
    stopped = votes.advance(screened, "closed", reason="已由物业解决")
    assert (stopped.outcome, stopped.timeline[-1].text) == ("stopped", "居委会终止议题")
    for state in ("discussion", "actionable", "proposal"):
        assert refused(votes.advance, votes.topic(state), "closed", SUN) == "votes.not_your_step"
    studied = votes.topic("prior_study")
    back = votes.advance(studied, "actionable", reason="请明确费用")
    assert (back.state, back.timeline[-1].text) == (
        "actionable", "社区党组织研究后退回，请修改可操作议题"
    )  # fmt: skip
    drafted = votes.topic("proposal")
    again = votes.advance(drafted, "actionable", reason="条文有争议", **ITEM)
    assert (again.title, again.timeline[-1].text) == (ITEM["title"], "提案退回，重新形成可操作议题")


def test_a_notice_that_is_taken_back_voids_its_poll(votes):
    votes.register(SUN, LU)
    topic = votes.topic("proposal")
    votes.put_text(topic)
    first = votes.advance(topic, "notice").poll_id
    assert refused(votes.advance, topic, "proposal") == "votes.reason_needed"
    back = votes.advance(topic, "proposal", reason="文本有误")
    assert (back.state, back.timeline[-1].text) == ("proposal", "撤回公示，修改提案")
    assert votes.rows("SELECT state FROM polls WHERE id = :id", id=first) == [("void",)]
    second = votes.advance(topic, "notice").poll_id
    assert second not in (None, first)
    assert unbroken(votes.get(topic))


# -- settings -------------------------------------------------------------------------------------


def test_settings_are_kept_in_versions_and_a_topic_keeps_the_one_it_was_raised_under(votes):
    def seen(who=LU):
        return votes.do(chain_settings.get_settings, chain.OfChain(cid=SHANGYUAN), who)

    assert (seen().version, seen().may_change, seen(SHI).may_change) == (0, False, True)
    old = votes.raise_().id
    first = votes.choose(steps=[], screening_days=3)
    assert (first.version, first.settings.screening_days, first.note) == (1, 3, "议事规则")
    assert refused(votes.choose) == "votes.settings_changed"
    assert refused(votes.choose, WANG, 1) == "auth.forbidden"
    new = votes.raise_().id
    assert (votes.get(old).settings_version, votes.get(new).settings_version) == (0, 1)
    assert votes.get(new).deadline_at == NOW + timedelta(days=3)
    votes.choose(version=1, steps=["discussion"])
    for topic, to in ((old, "discussion"), (new, "actionable")):
        votes.screen(topic)
        assert votes.advance(topic, to, **ITEM).state == to
    cmd = chain.ListChainVersions(cid=SHANGYUAN, limit=1)
    page = votes.do(chain_settings.list_versions, cmd, OBSERVER)
    rest = votes.do(
        chain_settings.list_versions, cmd.model_copy(update={"cursor": page.next_cursor}), LU
    )
    assert [one.version for one in (*page.items, *rest.items)] == [2, 1]
    assert page.items[0].changed_by_name is not None
    elsewhere = chain.OfChain(cid=JUYUAN)
    code = refused(votes.do, chain_settings.get_settings, elsewhere, LU)
    assert code == "identity.community_not_found"


def test_of_two_who_change_the_settings_at_once_one_is_told(votes):
    gate, came = threading.Barrier(2), []

    def change():
        gate.wait(10)
        try:
            came.append(votes.choose().version)
        except ShequError as error:
            came.append(error.code)

    threads = [threading.Thread(target=change) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert sorted(came, key=str) == [1, "votes.settings_changed"]


# -- whatever anybody does ------------------------------------------------------------------------


EVERYBODY = (SUN, LU, MA, SHI, WANG, OWNERS, NEXT_DOOR, OBSERVER)


@pytest.mark.parametrize("seed", [1, 5, 8])
def test_no_walk_breaks_the_timeline_or_says_no_without_a_reason(votes, seed):
    """Random people take what the page offers them, which is never refused, or try anything."""
    chance = random.Random(seed)
    votes.register(SUN, LU, MA)
    steps = chance.sample(["seconding", "discussion", "prior_study"], chance.randint(1, 3))
    votes.choose(steps=steps, seconders=2, seconding_days=9, discussion_days=2)
    topics = [
        votes.raise_(who, convener=convener).id
        for who in (SUN, LU)
        for convener in ("residents_committee", "owners_committee")
    ]
    for _ in range(140):
        topic = chance.choice(topics)
        if chance.random() < 0.7:
            _what_is_offered(votes, chance, topic)
        else:
            with suppress(ShequError):
                _anything(votes, chance, topic, chance.choice(EVERYBODY))
    (told,) = votes.rows("SELECT array_agg(DISTINCT state) FROM topic_steps")
    reached = set(told[0])
    for topic in map(votes.get, topics):
        assert topic.timeline[0].was == "raised"
        assert unbroken(topic)
        for line in topic.timeline:
            assert line.was == line.state or (State(line.was), State(line.state)) in STEPS
            assert line.reason or not _tells_somebody_no(topic, line), line
        assert topic.seconders == votes.rows(
            "SELECT count(*) FROM topic_seconders WHERE topic_id = :id", id=topic.id
        )[0][0]  # fmt: skip
        assert (topic.outcome is not None) == (topic.state in ("refused", "closed"))
        assert [one.version for one in topic.wordings] == [
            *range(1, len(topic.wordings) + 1)
        ]  # fmt: skip
    assert reached >= {"screened", "actionable", "proposal"}, "the walk went far"
    assert votes.rows("SELECT kind FROM due WHERE error IS NOT NULL") == []


def _tells_somebody_no(topic, line) -> bool:
    if line.was == line.state:
        return line.kind in ("returned", "handed_over", "merged_in")
    return line.state == "refused" or (line.state == "closed" and topic.outcome != "withdrawn")


def _what_is_offered(votes: Chain, chance: random.Random, topic: str) -> None:
    """Take one of the steps that somebody is shown; most who could end a topic do not."""
    who = chance.choice((SUN, LU, MA, SHI, SHI, OWNERS, OWNERS))
    if votes.get(topic).state == "proposal":
        with suppress(ShequError):
            votes.put_text(topic, who)
    offered = votes.get(topic, who).next_steps
    onwards = [
        step
        for step in offered
        if step.do == "screen" or (step.do == "advance" and step.to != "closed")
    ]
    if not offered:
        return
    step = chance.choice(onwards if onwards and chance.random() < 0.8 else offered)
    if step.to == "closed" and chance.random() < 0.8:
        return
    given = {"reason": "有理由"} if "reason" in step.needs else {}
    if step.not_before is not None and step.not_before > votes.now:
        votes.pass_time(days=2)
        votes.do_duties()
    match step.do:
        case "second":
            votes.second(topic, who)
        case "withdraw_second":
            votes.withdraw(topic, who)
        case "second_other":
            other = votes.get(step.topic_id, who)
            if "second" in [one.do for one in other.next_steps]:
                votes.second(other.id, who)
        case "amend":
            votes.amend(topic, who)
        case "screen":
            decision = chance.choice(["accept"] * 8 + ["return"] * (step.stage == "intake"))
            votes.screen(topic, decision, step.stage, who)
        case "hand_over":
            now_with = votes.get(topic).convener
            other = {"residents_committee": "owners_committee"}.get(now_with)
            votes.hand(topic, other or "residents_committee", who)
        case "advance" | "withdraw":
            item = ITEM if "wording" in step.needs else {}
            votes.advance(topic, step.to, who, **given, **item)


def _anything(votes: Chain, chance: random.Random, topic: str, who) -> None:
    """Something that may or may not be allowed."""
    reason = chance.choice([None, "有理由"])
    match chance.randrange(7):
        case 0:
            chance.choice([votes.second, votes.withdraw, votes.amend])(topic, who)
        case 1:
            decision = chance.choice(["accept", "return", "refuse", "merge"])
            into = chance.choice([topic, *(one.id for one in votes.listed())])
            stage = chance.choice(["intake", "proposal"])
            if decision in ("accept", "return") or chance.random() < 0.15:
                votes.screen(topic, decision, stage, who, reason=reason, into=into)
        case 2:
            to = chance.choice([state.value for state in State if state is not State.CLOSED])
            votes.advance(topic, to, who, reason=reason, **chance.choice([{}, ITEM]))
        case 3 | 4:
            for desk in (SHI, OWNERS):
                with suppress(ShequError):
                    votes.put_text(topic, desk)
        case 5:
            votes.hand(topic, chance.choice(["owners_committee", "residents_committee"]), who)
        case 6:
            votes.pass_time(hours=chance.choice([1, 12]))
            votes.do_duties()
