"""Covenants: article by article from vote to vote, in force when they say so. Needs: db."""

from datetime import datetime, timedelta

import pytest

from services.contracts.events import CovenantAdopted, CovenantReviewDue, PersonDeleted
from services.contracts.operations.votes import breaches as breach_ops
from services.contracts.operations.votes import covenants as ops
from services.contracts.operations.votes import proposals as proposing
from services.votes import copies
from services.votes.handlers import breaches, covenant_views, covenants, leaving, proposals
from tests.support.bridge import LU, NEXT_DOOR, NOW, OBSERVER, SHI, STRANGER, SUN, refused
from tests.support.explained import statements
from tests.support.votes import MA
from tests.support.votes_covenants import adopt, covenant, decided, read, reported

pytestmark = pytest.mark.db


def listed(votes, who=SUN, **asked):
    cmd = ops.ListCovenants(cid="c-shangyuan", **asked)
    return votes.do(covenant_views.list_covenants, cmd, who)


def timeline(votes, topic_id):
    return [
        text
        for (text,) in votes.rows(
            "SELECT text FROM topic_steps WHERE topic_id = :topic ORDER BY id", topic=topic_id
        )
    ]


def test_articles_keep_their_keys_and_say_which_vote_gave_them_their_words(votes):
    first = decided(votes, "电动车不进楼", "晚十点后不装修", "狗要牵绳")
    covenant_id = adopt(votes, first)
    votes.pass_time(days=30)
    second = decided(
        votes, ("a3", "狗要牵绳"), ("a1", "电动车、电池都不进楼"), ("a4", "垃圾分类"),
        aim="amend", covenant_id=covenant_id, on=1,
    )  # fmt: skip
    assert adopt(votes, second) == covenant_id
    found = read(votes, covenant_id)
    assert [(one.number, one.key, one.text) for one in found.articles] == [
        (1, "a3", "狗要牵绳"),
        (2, "a1", "电动车、电池都不进楼"),
        (3, "a4", "垃圾分类"),
    ]
    assert [one.since.topic_id for one in found.articles] == [first, second, second]
    assert found.articles[0].since.adopted_at == NOW
    assert [(one.key, one.kind, one.was, one.number) for one in found.changes] == [
        ("a1", "changed", 1, 2),
        ("a4", "added", None, 3),
        ("a2", "removed", 2, None),
    ]
    changed = found.changes[0]
    assert "".join(w.text for w in changed.text if w.kind != "added") == "电动车不进楼"
    assert "".join(w.text for w in changed.text if w.kind != "removed") == "电动车、电池都不进楼"
    was = read(votes, covenant_id, version=1)
    assert (was.shown, was.version, was.change) == (1, 2, "new")
    assert [one.text for one in was.articles] == ["电动车不进楼", "晚十点后不装修", "狗要牵绳"]
    history = votes.do(covenant_views.list_versions, ops.OfCovenant(id=covenant_id), SUN)
    assert [(one.version, one.change, one.topic_id) for one in history.items] == [
        (2, "amended", second),
        (1, "new", first),
    ]
    compared = votes.do(
        covenant_views.compare,
        ops.CompareCovenantVersions(id=covenant_id, older=2, newer=1),
        SUN,
    )
    assert {one.key: one.kind for one in compared.changes} == {
        "a1": "changed",
        "a2": "added",
        "a3": "moved",
        "a4": "removed",
    }
    assert [(e.change, e.version) for e in votes.told(CovenantAdopted)] == [
        ("new", 1),
        ("amended", 2),
    ]
    assert timeline(votes, second) == ["修订公约《文明公约》，2026年4月1日起生效"]


def test_two_amendments_of_the_same_version_never_give_one_key_two_meanings(votes):
    covenant_id = covenant(votes, "一", "二")
    here = {"aim": "amend", "covenant_id": covenant_id, "on": 1}
    one = decided(votes, ("a1", "一"), ("a2", "二"), ("a3", "甲"), **here)
    other = decided(votes, ("a1", "一"), ("a2", "贰"), ("a3", "乙"), ("a4", "丙"), **here)
    adopt(votes, one)
    adopt(votes, other)
    found = read(votes, covenant_id)
    assert [(a.key, a.text, a.since.version) for a in found.articles] == [
        ("a1", "一", 1),
        ("a2", "贰", 3),
        ("a5", "乙", 3),
        ("a4", "丙", 3),
    ]
    assert {change.key for change in found.changes if change.kind == "removed"} == {"a3"}
    adopt(votes, decided(votes, ("a6", "丁"), **{**here, "on": 3}))
    assert [a.key for a in read(votes, covenant_id).articles] == ["a6"]


def test_it_takes_effect_expires_and_is_reviewed_by_the_clock(votes):
    topic = decided(
        votes, "一", effective_at=NOW + timedelta(days=10), expires_at=NOW + timedelta(days=900)
    )
    covenant_id = adopt(votes, topic)
    assert [one.state for one in listed(votes).items] == ["not_yet"]
    assert listed(votes, to_agree=True).items == []
    votes.pass_time(days=10)
    assert votes.do_duties() == 1
    assert read(votes, covenant_id).state == "in_force"
    assert [one.id for one in listed(votes, to_agree=True).items] == [covenant_id]
    votes.pass_time(days=366)
    assert votes.do_duties() == 1
    assert [e.title for e in votes.told(CovenantReviewDue)] == ["文明公约"]
    due = read(votes, covenant_id).review_at
    assert due == datetime.fromisoformat("2028-03-13T04:00:00+00:00")
    votes.pass_time(days=900)
    votes.do_duties()
    assert len(votes.told(CovenantReviewDue)) == 2
    found = read(votes, covenant_id)
    assert (found.state, found.review_at) == ("expired", None)
    assert timeline(votes, topic)[1:] == [
        "公约开始生效",
        "公约定期复评：请邻居们看看它是否还合适",
        "公约定期复评：请邻居们看看它是否还合适",
        "公约期满失效",
    ]
    assert votes.do_duties() == 0


def test_who_looked_again_may_leave_it_as_it_is_and_is_reminded_anew_from_then(votes):
    topic = decided(votes, "一")
    covenant_id = adopt(votes, topic)
    votes.pass_time(days=300)
    stays = ops.KeepCovenant(id=covenant_id, version=1, reason="大家都守得住")
    assert refused(votes.do, covenants.keep, stays, MA, votes.now) == "auth.forbidden"
    found = votes.do(covenants.keep, stays, SHI, votes.now)
    assert found.review_at > votes.now + timedelta(days=364)
    assert timeline(votes, topic)[-1] == "公约已复评，继续施行"
    votes.pass_time(days=300)
    assert votes.told(CovenantReviewDue) == [] and votes.do_duties() == 0
    votes.pass_time(days=67)
    assert votes.do_duties() == 1
    another = stays.model_copy(update={"version": 2})
    assert (
        refused(votes.do, covenants.keep, another, SHI, votes.now) == "votes.covenant_not_in_force"
    )


def test_an_amendment_that_is_to_come_leaves_the_old_words_in_force_and_a_repeal_ends_them(votes):
    covenant_id = covenant(votes, "旧")
    here = {"aim": "amend", "covenant_id": covenant_id, "on": 1}
    adopt(votes, decided(votes, ("a1", "新"), effective_at=NOW + timedelta(days=5), **here))
    found = read(votes, covenant_id)
    assert (found.version, found.newest, found.articles[0].text) == (1, 2, "旧")
    assert read(votes, covenant_id, version=2).articles[0].text == "新"
    end = decided(votes, ("a1", "新"), aim="repeal", covenant_id=covenant_id, on=2,
                  effective_at=NOW + timedelta(days=9))  # fmt: skip
    adopt(votes, end)
    votes.pass_time(days=5)
    votes.do_duties()
    assert read(votes, covenant_id).articles[0].text == "新"
    votes.pass_time(days=4)
    votes.do_duties()
    found = read(votes, covenant_id)
    assert (found.state, found.version, found.articles, found.size) == ("repealed", 3, [], 0)
    assert [change.kind for change in found.changes] == ["removed"]
    assert timeline(votes, end)[-1] == "公约废止生效"
    assert refused(agree, votes, covenant_id, 3) == "votes.not_to_agree"
    assert [one.id for one in listed(votes, state="repealed").items] == [covenant_id]


def agree(votes, covenant_id, version, who=SUN, **more):
    cmd = ops.AgreeToCovenant(id=covenant_id, version=version, **more)
    return votes.do(covenants.agree, cmd, who, votes.now)


def test_who_has_read_it_agrees_to_a_version_is_counted_and_named_only_if_she_wants(votes):
    covenant_id = covenant(votes)
    assert agree(votes, covenant_id, 1).agreed == 1
    assert agree(votes, covenant_id, 1).agreed == 1, "once"
    assert agree(votes, covenant_id, 1, LU, named=True).agreed == 2
    found = read(votes, covenant_id, MA)
    assert (found.agreed, [one.person_id for one in found.agreed_by]) == (2, ["p-lu"])
    assert (found.my_agreement, read(votes, covenant_id, SUN).my_agreement) == (None, 1)
    adopt(votes, decided(votes, ("a1", "新"), aim="amend", covenant_id=covenant_id, on=1))
    now = read(votes, covenant_id, SUN)
    assert (now.agreed, now.my_agreement, now.version) == (0, 1, 2), "asked anew"
    assert [one.id for one in listed(votes, SUN, to_agree=True).items] == [covenant_id]
    assert refused(agree, votes, covenant_id, 1) == "votes.not_to_agree"
    assert [read(votes, covenant_id, version=one).may_agree for one in (1, 2)] == [False, True]
    assert agree(votes, covenant_id, 2).agreed == 1
    gone = votes.do(covenants.withdraw, ops.OfCovenant(id=covenant_id), SUN)
    assert (gone.agreed, gone.version) == (0, None)
    votes.settle(MA, standing="child")
    assert refused(agree, votes, covenant_id, 2, MA) == "votes.not_for_children"
    for who, code in (
        (OBSERVER, "auth.observer_read_only"),
        (NEXT_DOOR, "votes.covenant_not_found"),
        (STRANGER, "votes.covenant_not_found"),
    ):
        assert refused(agree, votes, covenant_id, 2, who) == code
    assert refused(read, votes, covenant_id, STRANGER) == "votes.covenant_not_found"
    assert refused(read, votes, covenant_id, version=7) == "votes.covenant_version_not_found"


def test_a_list_is_one_statement_page_by_page(votes):
    ids = [covenant(votes) for _ in range(3)]
    page, seen = statements(votes.engine, lambda: listed(votes, limit=2))
    assert sum("covenants" in one for one, _ in seen) == 1
    rest = listed(votes, limit=2, cursor=page.next_cursor)
    assert [one.id for one in (*page.items, *rest.items)] == ids[::-1]
    assert rest.next_cursor is None


def test_a_proposal_says_from_when_until_when_it_will_hold(votes):
    topic_id = votes.topic("proposal")

    def put(**more):
        opens = votes.now + timedelta(days=8)
        cmd = proposing.PutProposal(
            id=topic_id,
            articles=["狗要牵绳"],
            rule_set="residents_assembly",
            opens_at=opens,
            closes_at=opens + timedelta(days=7),
            **more,
        )
        return votes.do(proposals.put, cmd, SHI, votes.now)

    day = timedelta(days=1)
    for wrong in (
        {"effective_at": NOW + 14 * day},
        {"expires_at": NOW + 15 * day},
        {"effective_at": NOW + 20 * day, "expires_at": NOW + 20 * day},
    ):
        assert refused(put, **wrong) == "votes.bad_effect"
    put(effective_at=NOW + 20 * day, expires_at=NOW + 90 * day)
    asked = proposing.GetProposalVersion(id=topic_id, version=1)
    found = votes.do(proposals.get_version, asked, SUN)
    assert (found.effective_at, found.expires_at) == (NOW + 20 * day, NOW + 90 * day)
    put(effective_at=NOW + 30 * day)
    compared = proposing.CompareProposalVersions(id=topic_id, older=1, newer=2)
    rules = votes.do(proposals.compare, compared, SUN).rules
    assert [one.field for one in rules] == ["effective_at", "expires_at"]


def test_her_copy_holds_it_and_whoever_leaves_for_good_takes_her_words_along(votes):
    votes.judge()
    covenant_id = covenant(votes)
    agree(votes, covenant_id, 1, named=True)
    breach = reported(votes, covenant_id, place="门口", building="3号楼")
    say = breach_ops.ReplyToBreach(id=breach.id, body="请处理")
    votes.do(breaches.reply, say, SUN, votes.now)
    bring = breach_ops.BringIntoBreach(id=breach.id, person_id="p-lu")
    votes.do(breaches.bring_in, bring, SHI, votes.now)
    desks = breach_ops.ReplyToBreach(id=breach.id, body="已上门", talk="failed")
    votes.do(breaches.reply, desks, SHI, votes.now)
    held = votes.do(copies.held_about, "p-sun")
    sizes = {name: len(one["items"]) for name, one in held.items() if one["items"]}
    assert (sizes["covenant_agreements"], sizes["breaches"], sizes["breach_notes"]) == (1, 1, 2)
    assert len(votes.do(copies.held_about, "p-lu")["breaches_concerning"]["items"]) == 1
    for person_id in ("p-sun", "p-lu", "p-shi"):
        votes.do(leaving.follow, PersonDeleted(person_id=person_id), votes.now)
    tables = ("covenant_breaches", "breach_notes", "breach_people", "covenant_agreements")
    kept = [row for table in tables for row in votes.rows(f"SELECT * FROM {table}")]
    for told in ("p-sun", "p-lu", "p-shi", "请处理", "门口", "3号楼"):
        assert told not in str(kept)
    assert "已上门" in str(kept), "what the desk said, the desk said"
    assert read(votes, covenant_id, MA).breaches.open == 1
