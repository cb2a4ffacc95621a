"""The demo's past of votes: walked through once, by the use-cases, and told nobody. Needs: db."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from services.contracts import demo
from services.contracts.operations.votes import ListPolls, ListTopics, OfPoll
from services.contracts.operations.votes.covenants import GetCovenant, ListCovenants
from services.contracts.operations.votes.discussion import ListOpinions
from services.contracts.operations.votes.surveys import ListSurveys
from services.contracts.operations.votes.topics import OfTopic
from services.identity.seed import plan
from services.identity.seed.store import NEWCOMERS_OF_EACH_KIND
from services.votes import repository
from services.votes.crypto import keys
from services.votes.handlers import (
    covenant_views,
    discussion_views,
    poll_views,
    results,
    survey_views,
    topics,
)
from services.votes.seed import seed
from services.votes.seed_past import Past, resident
from tests.support.folder_store import store_in
from tests.support.votes_keys import votes_keys_file

pytestmark = pytest.mark.db
SUN = resident(demo.GRANNY_SUN)


def assert_who_joins_later_has_a_free_entry(uow, running):
    """The rolls are of identity's register: accounts on their own rows, newcomers on free ones."""
    district = plan.build()
    rows = {
        entry.ref: entry
        for entry in repository.rolls.find(
            uow.session, running.id, building=None, place=None, code=None, after=None, limit=2_000
        )
    }
    register = [one for one in district.register if one.flat.community.id == demo.SHANGYUAN]
    assert rows.keys() == {one.id for one in register}
    for one in register:
        if one.account:
            account = demo.PERSON_BY_PHONE[f"138{one.account:08d}"]
            (mine,) = repository.rolls.known(uow.session, running.id, account)
            assert mine.ref == one.id
    ids = {one.id_number: one.id for one in register}
    guide = islice(plan.newcomers_on_register(district), NEWCOMERS_OF_EACH_KIND)
    assert {rows[ids[one.id_number]].state for one in guide} == {"free"}


def assert_neighbours_were_asked_and_led(uow, found, now):
    """Surveys that run and are over; a discussion with a moderator; a text in two versions."""
    listed = survey_views.list_surveys(uow, ListSurveys(cid=demo.SHANGYUAN), SUN).items
    assert {(one.state, one.anonymous, one.answers, one.answered) for one in listed} == {
        ("open", True, 7, False), ("closed", True, 12, False), ("open", False, 9, True),
    }  # fmt: skip
    led = next(one for one in found if one.title.startswith("快递柜"))
    opinions = discussion_views.list_opinions(uow, ListOpinions(id=led.id), SUN).items
    assert [one.moderator for one in opinions].count(True) == 1
    assert [one.hidden.appealed_at is not None for one in opinions if one.hidden] == [True]
    drafted = next(one for one in found if one.title.startswith("楼道灯"))
    assert len(topics.get_topic(uow, OfTopic(id=drafted.id), SUN, now).versions) == 2


def test_the_demo_has_a_topic_in_each_interesting_state_and_the_article_s_vote(db, tmp_path):
    units = db("votes")
    keys.use(votes_keys_file())
    files, now = store_in(tmp_path), datetime.now(UTC)

    def walked():
        with Past(units.engine, "votes") as past:
            new = seed(past, files, now)
            past.commit()
            return new

    assert walked()
    with Past(units.engine, "votes") as uow:
        legal = repository.clock.legal_now(uow.session)
        assert abs((legal - datetime.now(UTC)).total_seconds()) < 60, "the clock is as it was"
        found = topics.list_topics(uow, ListTopics(cid=demo.SHANGYUAN), SUN, now).items
        assert {one.state for one in found} == {
            "raised", "discussion", "proposal", "notice", "voting", "publicity", "adopted",
            "refused",
        }  # fmt: skip
        page = poll_views.list_polls(uow, ListPolls(cid=demo.SHANGYUAN), SUN, now, "zh-CN").items
        running = next(one for one in page if one.state == "open")
        assert (running.roll_size, running.my_state, running.turnout.online) == (1560, "free", 214)
        assert_neighbours_were_asked_and_led(uow, found, now)
        covenant = covenant_views.list_covenants(uow, ListCovenants(cid=demo.SHANGYUAN), SUN)
        assert [(one.title, one.agreed, one.my_agreement) for one in covenant.items] == [
            ("《宝月尚园社区居民自治公约》议事规则", 18, None)
        ]
        kept = covenant_views.get_covenant(uow, GetCovenant(id=covenant.items[0].id), SUN)
        assert [one.breaches.settled for one in kept.articles] == [1, 0, 0, 0, 0]
        adopted = next(one for one in found if one.state == "adopted")
        poll = repository.topics.topic(uow.session, adopted.id).poll_id
        result = results.get_result(uow, OfPoll(id=poll), SUN, now)
        assert (result.roll, result.taken_part.entries, result.passed) == (1560, 986, True)
        assert (result.online.for_, result.paper.for_, result.unreturned) == (794, 95, 6)
        assert [(one.kind, one.stands) for one in result.objections] == [
            ("publicity_period", True),
            ("mechanism", False),
        ]
        assert_who_joins_later_has_a_free_entry(uow, running)
    assert not walked(), "a second run finds it"
    with units() as uow:
        assert (
            uow.session.connection().exec_driver_sql("SELECT count(*) FROM kit_outbox").scalar()
            == 0
        )
