"""The proposal: versions until the notice, none lost, compared word by word. Needs: db."""

import threading
from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.contracts.errors import ShequError
from services.contracts.ids import new_id
from services.contracts.operations.votes import proposals as ops
from services.votes.domain.proposals import ProposalVersionNotFound
from services.votes.handlers import proposals
from services.votes.models import CovenantRow, CovenantVersionRow
from services.votes.repository import topics
from tests.support.bridge import (
    LU,
    NEXT_DOOR,
    NOW,
    OBSERVER,
    SHANGYUAN,
    SHI,
    STRANGER,
    SUN,
    WANG,
    refused,
)
from tests.support.votes import HERE, OWNERS, Votes

pytestmark = pytest.mark.db
OPENS = NOW + timedelta(days=10)
LIGHT, PARK = "电动车不进楼。", {"title": "停车", "text": "车辆停在划线处，每月1500元。"}


class Drafters(Votes):
    """A votes service where proposals are written."""

    def put(self, topic, *articles, by=SHI, version=None, rules="residents_assembly", **times):
        cmd = ops.PutProposal(
            id=topic, articles=list(articles), rule_set=rules, version=version,
            opens_at=times.get("opens_at", OPENS),
            closes_at=times.get("closes_at", OPENS + timedelta(days=7)),
        )  # fmt: skip
        return self.do(proposals.put, cmd, by, self.now)

    def get(self, topic, version, who=SUN):
        return self.do(
            proposals.get_version, ops.GetProposalVersion(id=topic, version=version), who
        )

    def listed(self, topic, who=SUN, **how):
        return self.do(proposals.list_versions, ops.ListProposalVersions(id=topic, **how), who)

    def compare(self, topic, older, newer, who=SUN):
        cmd = ops.CompareProposalVersions(id=topic, older=older, newer=newer)
        return self.do(proposals.compare, cmd, who)

    def lead(self, topic, state) -> None:
        with self.units() as uow:
            topics.topic(uow.session, topic, lock=True).state = state
            uow.commit()

    def covenant(self, *texts, change="new", covenant_id=None, version=1) -> str:
        """A version of a covenant that was adopted; the covenant's id."""
        adopted, id_ = self.topic("adopted"), covenant_id or new_id()
        with self.units() as uow:
            if covenant_id is None:
                uow.session.add(
                    CovenantRow(
                        id=id_, community_id=SHANGYUAN, path=HERE, title="公约",
                        convener="residents_committee", state="in_force", version=1, newest=1,
                        fresh=len(texts) + 1, review_months=12, created_at=self.now,
                    )
                )  # fmt: skip
                uow.session.flush()
            uow.session.add(
                CovenantVersionRow(
                    id=new_id(), covenant_id=id_, version=version, change=change,
                    articles=[
                        {"key": f"a{n}", "number": n, "title": "", "text": text, "since": 1}
                        for n, text in enumerate(texts, 1)
                    ],
                    size=len(texts), topic_id=adopted, proposal=1, proposal_hash="",
                    adopted_at=self.now, effective_at=self.now,
                )
            )  # fmt: skip
            uow.commit()
        return id_


@pytest.fixture
def drafters(emptied) -> Drafters:
    return Drafters(emptied("votes"))


def test_each_writing_is_a_version_that_stays_as_it_was(drafters):
    topic = drafters.topic("proposal")
    first = drafters.put(topic, LIGHT, PARK)
    assert [(one.version, one.articles) for one in first.versions] == [(1, 2)]
    moved = {**PARK, "key": "a2", "text": "车辆停在划线处，每月200元。"}
    drafters.put(topic, moved, LIGHT, "夜间安静。", by=WANG, version=1)
    one, two = drafters.get(topic, 1), drafters.get(topic, 2, OBSERVER)
    assert [(a.number, a.key, a.title, a.text) for a in one.articles] == [
        (1, "a1", "", LIGHT), (2, "a2", "停车", PARK["text"])
    ]  # fmt: skip
    assert [a.key for a in two.articles] == ["a2", "a1", "a3"]
    assert (two.rules.base, two.written_role, two.frozen) == (
        "residents_assembly", "committee_staff", False
    )  # fmt: skip
    assert (two.opens_at, two.closes_at) == (OPENS, OPENS + timedelta(days=7))
    drafters.put(topic, LIGHT, PARK, version=2)
    assert drafters.get(topic, 3).hash == one.hash != two.hash
    pages = [drafters.listed(topic, limit=2)]
    pages.append(drafters.listed(topic, limit=2, cursor=pages[0].next_cursor))
    listed = [item for page in pages for item in page.items]
    assert [(item.version, item.articles) for item in listed] == [(3, 2), (2, 3), (1, 2)]
    assert pages[1].next_cursor is None
    assert drafters.rows("SELECT kind, text, ref FROM topic_steps ORDER BY id")[1] == (
        "proposal_written", "提案文本第2稿，共3条", {"proposal": 2}
    )  # fmt: skip
    for call in (drafters.get, drafters.compare):
        args = (topic, 4) if call == drafters.get else (topic, 1, 4)
        assert refused(call, *args) == "votes.proposal_version_not_found"
    assert refused(drafters.get, topic, 0) == "votes.proposal_version_not_found"
    assert refused(drafters.get, topic, 1, STRANGER) == "votes.topic_not_found"
    assert refused(drafters.listed, topic, NEXT_DOOR) == "votes.topic_not_found"


def test_only_the_convening_body_writes_and_only_until_the_notice(drafters):
    topic = drafters.topic("proposal")
    assert refused(drafters.put, topic, LIGHT, by=SUN) == "auth.forbidden"
    assert refused(drafters.put, topic, LIGHT, by=OBSERVER) == "auth.observer_read_only"
    assert refused(drafters.put, topic, LIGHT, by=OWNERS) == "votes.not_your_step"
    assert refused(drafters.put, topic, LIGHT, by=NEXT_DOOR) == "votes.topic_not_found"
    common = drafters.topic("proposal", convener="owners_committee")
    assert refused(drafters.put, common, LIGHT) == "votes.not_your_step"
    drafters.put(common, LIGHT, by=OWNERS)
    drafters.put(topic, LIGHT)
    for state in ("notice", "voting", "publicity", "adopted", "closed"):
        drafters.lead(topic, state)
        assert refused(drafters.put, topic, LIGHT) == "votes.text_frozen"
    assert drafters.get(topic, 1).frozen and drafters.listed(topic).items[0].frozen
    for state in ("raised", "discussion", "actionable", "prior_study"):
        assert refused(drafters.put, drafters.topic(state), LIGHT) == "votes.not_a_proposal_yet"


def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_stored(drafters):
    topic = drafters.topic("proposal")

    def fields(**said):
        with pytest.raises(ShequError) as caught:
            drafters.put(topic, *said.pop("articles", (LIGHT,)), **said)
        return caught.value.code, [error.field for error in caught.value.errors]

    assert fields(articles=()) == ("votes.bad_articles", ["articles"])
    assert fields(articles=[{"key": "a9", "text": "话"}]) == (
        "votes.bad_articles", ["articles.0.key"]
    )  # fmt: skip
    assert fields(opens_at=NOW + timedelta(days=6)) == ("votes.bad_voting_times", ["opens_at"])
    assert fields(closes_at=OPENS) == ("votes.bad_voting_times", ["closes_at"])
    code, wrong = fields(rules={"base": "residents_assembly", "quorum": {"kind": "nothing"}})
    assert code == "votes.bad_rules" and wrong[0].startswith("rule_set.quorum")
    assert drafters.rows("SELECT 1 FROM proposal_versions") == []
    assert drafters.rows("SELECT proposal FROM topics WHERE id = :id", id=topic) == [(0,)]
    with pytest.raises(ProposalVersionNotFound), drafters.units() as uow:
        proposals.current(uow, topics.topic(uow.session, topic))
    for articles in (["长" * 20_000] * 6, ["话"] * 201, [""], [{"title": "没有条文"}]):
        with pytest.raises(ValidationError):
            drafters.put(topic, *articles)


def test_of_two_who_write_on_the_same_version_one_does_and_the_other_reads_again(drafters):
    topic = drafters.topic("proposal")
    drafters.put(topic, LIGHT, version=0)
    assert refused(drafters.put, topic, LIGHT, version=0) == "votes.proposal_changed"
    start, told = threading.Barrier(2), []

    def write(who, text) -> None:
        start.wait(10)
        try:
            drafters.put(topic, text, by=who, version=1)
            told.append(text)
        except ShequError as error:
            told.append(error.code)

    threads = [
        threading.Thread(target=write, args=args) for args in ((SHI, "一稿"), (WANG, "另一稿"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert "votes.proposal_changed" in told
    (won,) = set(told) - {"votes.proposal_changed"}
    assert [(v, a[0]["text"]) for v, a in drafters.rows(
        "SELECT version, articles FROM proposal_versions ORDER BY version"
    )] == [(1, LIGHT), (2, won)]  # fmt: skip


def test_versions_are_compared_article_by_article_with_rules_and_times(drafters):
    topic = drafters.topic("proposal")
    drafters.put(topic, LIGHT, PARK, "夜间安静。")
    cheaper = {"key": "a2", "title": "停车", "text": "车辆停在划线处，每月200元。"}
    longer = {"base": "residents_assembly", "publicity_days": 15}
    drafters.put(
        topic, "夜间安静。", LIGHT, cheaper, rules=longer, opens_at=OPENS + timedelta(hours=1)
    )
    found = drafters.compare(topic, 1, 2, LU)
    assert [(one.key, one.kind, one.was, one.number) for one in found.articles] == [
        ("a3", "moved", 3, 1), ("a2", "changed", 2, 3)
    ]  # fmt: skip
    assert [(piece.kind, piece.text) for piece in found.articles[1].text] == [
        ("same", "车辆停在划线处，每月"), ("removed", "1500"), ("added", "200"), ("same", "元。")
    ]  # fmt: skip
    assert found.same == 2 and found.older_hash != found.newer_hash
    assert [(one.field, one.before, one.after) for one in found.rules] == [
        ("rule_set.publicity_days", "7", "15"),
        ("opens_at", "2026-03-12T04:00:00+00:00", "2026-03-12T05:00:00+00:00"),
    ]
    assert found.rules_in_words is not None
    said = [(one.kind, "15" in one.text) for one in found.rules_in_words.zh if one.kind != "same"]
    assert said == [("removed", False), ("added", True)]
    newer = drafters.do(
        proposals.get_version, ops.GetProposalVersion(id=topic, version=2), LU
    ).rules_in_words
    kept = [one.text for one in found.rules_in_words.en if one.kind != "removed"]
    assert newer is not None and kept == newer.en
    same = drafters.compare(topic, 2, 2)
    assert (same.articles, same.rules, same.same) == ([], [], 3)


def test_an_amendment_starts_from_the_covenant_as_it_was_when_it_was_written(drafters):
    covenant = drafters.covenant(LIGHT, "夜间安静。")
    topic = drafters.topic("proposal", aim="amend", covenant_id=covenant)
    base = drafters.get(topic, 0)
    assert [(one.key, one.text) for one in base.articles] == [("a1", LIGHT), ("a2", "夜间安静。")]
    assert (base.covenant_version, base.rules, base.written_at) == (1, None, None)
    drafters.put(topic, LIGHT, {"key": "a2", "text": "夜间十点后安静。"}, "不高空抛物。")
    drafters.covenant("全新的公约。", covenant_id=covenant, version=2, change="amended")
    found = drafters.compare(topic, 0, 1)
    assert [(one.key, one.kind) for one in found.articles] == [("a2", "changed"), ("a3", "added")]
    assert found.articles[0].text[1].text == "十点后" and found.rules == []
    drafters.put(topic, {"key": "a1", "text": LIGHT})
    drafters.put(topic, {"key": "a1", "text": LIGHT}, "又一条。")
    assert [one.key for one in drafters.get(topic, 3).articles] == ["a1", "a4"]
    assert drafters.get(topic, 1).covenant_version == 1
    assert drafters.get(topic, 3).covenant_version == 2


def test_a_repeal_is_of_the_whole_covenant_and_of_one_that_still_stands(drafters):
    covenant = drafters.covenant(LIGHT, "夜间安静。")
    topic = drafters.topic("proposal", aim="repeal", covenant_id=covenant)
    assert refused(drafters.put, topic, LIGHT) == "votes.bad_articles"
    drafters.put(topic)
    written = drafters.get(topic, 1)
    assert [one.text for one in written.articles] == [LIGHT, "夜间安静。"]
    assert written.hash == drafters.get(topic, 0).hash and written.aim == "repeal"
    assert drafters.compare(topic, 0, 1).articles == []
    drafters.covenant(covenant_id=covenant, version=2, change="repealed")
    assert refused(drafters.put, topic) == "votes.covenant_ended"
