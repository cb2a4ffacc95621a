"""Moderation on a real database: waiting, reports, decisions, appeals, the log. Needs: db."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.contracts.errors import ShequError
from services.contracts.operations.feed import moderation as ops
from services.feed.domain import comments as comment_rules
from services.feed.domain import lexicon, moderation, posts
from services.feed.handlers import decisions
from tests.support.feed_moderators import AUDITOR, POLICE, TOWN, WatchedStreet, at_once
from tests.support.feed_street import CID, LU, OBSERVER, SHI, STRANGER, SUN, WANG, ZHAO

pytestmark = pytest.mark.db
BAD = "兼职招人，刷单返利，当天结账"


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


# -- before something is shown


def test_what_the_lexicon_holds_waits_and_nobody_hears_of_it(street):
    post = street.post(SUN, body=BAD)
    assert post["state"] == "waiting"
    assert street.get(post["id"], SUN)["state"] == "waiting"
    assert street.seen_by() == []
    with pytest.raises(posts.PostNotFound):
        street.get(post["id"], LU)
    assert street.types() == ["content.reported.v1"]
    (case,) = street.cases()
    assert (case["opened_by"], case["hits"], case["held"]) == ("lexicon", ["fraud"], True)


def test_what_is_kept_is_shown_and_told_once(street):
    post = street.post(SUN, body=BAD)
    (case,) = street.cases()
    street.decide(case["id"], "keep")
    assert street.seen_by() == [post["id"]]
    assert street.types() == ["content.reported.v1", "post.published.v1", "content.decided.v1"]
    assert street.cases() == []


def test_what_is_refused_at_once_names_the_field_and_no_word(street):
    with pytest.raises(lexicon.WordsRefused) as refused:
        street.post(SUN, title="出售大麻", body="你好")
    assert [error.field for error in refused.value.errors] == ["title"]
    assert "大麻" not in json.dumps(refused.value.to_wire(), ensure_ascii=False)
    assert (street.types(), street.cases()) == ([], [])


def test_an_id_number_is_not_published_not_even_by_an_office(street):
    for who in (SUN, WANG):
        with pytest.raises(lexicon.WordsRefused):
            street.post(who, body="他的身份证是 310113199003071236")


def test_what_is_only_noted_is_shown_and_looked_at(street):
    post = street.post(SUN, body="你这个人真是臭不要脸")
    assert post["state"] == "shown"
    assert street.seen_by() == [post["id"]]
    (case,) = street.cases()
    assert (case["opened_by"], case["held"], case["hits"]) == ("lexicon", False, ["insults"])


def test_an_office_may_warn_in_these_words(street):
    assert street.post(WANG, module="announcements", body="警惕" + BAD)["state"] == "shown"
    assert street.cases() == []


def test_a_module_that_is_looked_at_before_lets_neighbours_wait_and_its_moderators_not(street):
    street.module("neighbours", '{"moderation": "pre"}')
    waits, shown = street.post(SUN), street.post(WANG)
    assert (waits["state"], shown["state"]) == ("waiting", "shown")
    comment = street.comment(shown["id"], SUN)
    assert comment["state"] == "waiting"
    assert {case["opened_by"] for case in street.cases()} == {"module"}


def test_a_waiting_comment_is_neither_counted_nor_told_until_it_is_kept(street):
    post = street.post(SUN)["id"]
    root = street.comment(post, SUN)["id"]
    comment = street.comment(post, LU, body=BAD, reply_to=root)
    assert comment["state"] == "waiting"
    assert street.get(post)["comment_count"] == 1
    assert [c["id"] for c in street.comments(post, SUN)["items"]] == [root]
    (case,) = street.cases()
    assert (case["target"], case["target_id"]) == ("comment", comment["id"])
    street.decide(case["id"], "keep")
    assert street.get(post)["comment_count"] == 2
    told = [body for kind, body in street.emitted() if kind == "comment.published.v1"]
    assert (told[-1]["comment_id"], told[-1]["reply_to_author_id"]) == (comment["id"], "sun")
    assert street.comments(post, SUN)["items"][0]["reply_count"] == 1
    assert street.drift() == []


def test_an_edit_is_looked_at_like_a_new_post_and_keeps_what_was_there(street):
    post = street.post(SUN)["id"]
    street.update(post, SUN, body=BAD)
    assert (street.get(post, SUN)["state"], street.seen_by()) == ("waiting", [])
    assert street.types()[-1] == "post.removed.v1"
    street.update(post, SUN, body="改好了")
    (case,) = street.cases()
    evidence = street.case(case["id"])["evidence"]
    assert evidence["body"] == "改好了"
    assert [earlier["body"] for earlier in evidence["before"]] == [BAD]
    street.decide(case["id"], "keep")
    assert street.types().count("post.published.v1") == 1, "nobody is told twice"
    assert "post.changed.v1" in street.types()


def test_what_was_taken_down_is_not_edited(street):
    post = street.post(SUN)["id"]
    street.decide(street.report(post).id)
    with pytest.raises(moderation.NotShown):
        street.update(post, SUN, body="改好了")


# -- decisions


def test_taking_down_keeps_the_evidence_and_tells_the_author_why(street):
    upload = street.shelf.put("sun")
    post = street.post(SUN, body="你们都是坏人", attachments=[upload])["id"]
    case_id = street.report(post).id
    street.decide(case_id, reason="对邻居的辱骂")
    assert street.seen_by() == []
    assert street.get(post, SUN)["state"] == "taken_down"
    evidence = street.case(case_id)["evidence"]
    ops.ModerationCase.model_validate(street.case(case_id))
    assert (evidence["body"], evidence["attachments"][0]["sha256"]) == ("你们都是坏人", "ab" * 32)
    assert evidence["attachments"][0]["id"] == upload
    (mine,) = street.my_cases(SUN)
    ops.MyCase.model_validate(mine)
    assert (mine["decision"], mine["reason"]) == ("take_down", "对邻居的辱骂")
    assert mine["appeal_until"] is not None
    desk = street.case(case_id)
    assert (desk["excerpt"], desk["appeal_until"]) == ("你们都是坏人", mine["appeal_until"])
    assert street.types()[-2:] == ["post.removed.v1", "content.decided.v1"]


def test_a_comment_taken_down_leaves_its_line_and_the_counters_right(street):
    post = street.post(SUN)["id"]
    root = street.comment(post, LU)["id"]
    reply = street.comment(post, SUN, reply_to=root)["id"]
    street.decide(street.report_comment(reply).id)
    lines = street.comments(post, LU)["items"]
    assert [(line["state"], line["body"]) for line in lines] == [
        ("shown", "嗯"),
        ("taken_down", ""),
    ]
    assert (street.get(post)["comment_count"], lines[0]["reply_count"]) == (1, 0)
    with pytest.raises(comment_rules.CommentNotFound):
        street.report_comment(reply)


def test_two_moderators_decide_at_once_and_one_decision_stands(street):
    post = street.post(SUN)["id"]
    case_id = street.report(post).id
    found = at_once(
        [
            lambda who=who, what=what: street.decide(case_id, what, who)
            for who, what in [(WANG, "keep"), (SHI, "take_down")] * 3
        ]
    )
    refused = [answer for answer in found if isinstance(answer, ShequError)]
    assert (len(refused), {type(error) for error in refused}) == (5, {moderation.CaseDecided})
    (stands,) = [answer for answer in found if not isinstance(answer, ShequError)]
    shown = "shown" if stands["decision"] == "keep" else "taken_down"
    assert street.get(post, SUN)["state"] == shown
    assert [line["action"] for line in street.log()].count("decided") == 1


def test_nobody_decides_about_her_own_words_or_what_she_reported(street):
    own = street.report(street.post(WANG)["id"], LU).id
    reported = street.report(street.post(SUN)["id"], WANG).id
    for case_id in (own, reported):
        with pytest.raises(moderation.NotImpartial):
            street.decide(case_id, "keep", WANG)
        assert street.case(case_id, SHI)["may_decide"] is True
    assert street.case(reported, WANG)["may_decide"] is False


def test_who_does_not_moderate_sees_no_cases(street):
    case_id = street.report(street.post(SUN)["id"]).id
    for who in (SUN, LU, ZHAO, OBSERVER, POLICE, STRANGER):
        with pytest.raises(moderation.CaseNotFound):
            street.case(case_id, who)
        with pytest.raises(moderation.CaseNotFound):
            street.decide(case_id, "keep", who)
    for who in (SUN, OBSERVER):
        with pytest.raises(posts.NotAModerator):
            street.cases(who)


def test_the_keeper_of_a_corner_sees_the_cases_of_her_corner_alone(street):
    street.community(CID, "demo.yuepu.shangyuan", "urban", ["neighbours", "police"])
    street.card("police", standing="staff", display_name="张警官")
    corner = street.post(POLICE, module="police")["id"]
    comment = street.comment(corner, SUN)["id"]
    hers = street.report_comment(comment, LU).id
    street.report(street.post(SUN)["id"])
    assert [case["id"] for case in street.cases(POLICE)] == [hers]
    assert street.decide(hers, "take_down", POLICE)["decided_by"]["display_name"] == "张警官"


def test_where_nobody_in_office_is_impartial_the_town_decides(street):
    case_id = street.report(street.post(WANG)["id"], LU).id
    assert street.emitted()[-1][1]["for_town"] is False
    with pytest.raises(posts.NotAModerator):
        street.decide(case_id, "keep", TOWN)
    street.report(street.post(SUN)["id"], SHI)
    assert street.emitted()[-1][1]["for_town"] is False, "Wang is left"
    street.card("shi", standing="ended", display_name="石书记", role_badges=["secretary"])
    for author, reporter in ((WANG, LU), (SUN, WANG)):
        told = street.report(street.post(author)["id"], reporter)
        kind, body = street.emitted()[-1]
        assert (kind, body["for_town"]) == ("content.reported.v1", True)
        with pytest.raises(moderation.NotImpartial):
            street.decide(told.id, "take_down", WANG)
        assert street.decide(told.id, "take_down", TOWN)["decided_by"]["id"] == "town"
        assert street.log()[0]["actor_role"] == "town_admin"
    assert street.decide(case_id, "take_down", TOWN)["state"] == "decided"


def test_a_deleted_post_stays_deleted_whatever_is_decided(street):
    post = street.post(SUN)["id"]
    case_id = street.report(post).id
    street.delete(post, SUN)
    assert street.decide(case_id, "keep")["content_state"] == "deleted"
    assert "post.changed.v1" not in street.types()


def test_who_moderates_takes_down_by_a_case_with_evidence_and_appeal(street):
    post = street.post(SUN, body="居委会收了钱")["id"]
    comment = street.comment(post, LU, "有照片")["id"]
    said = street.take_down(post, comment=comment)
    case = street.take_down(post, reason="没有依据")
    assert (case["opened_by"], case["state"], case["decision"], case["reason"]) == (
        "staff", "decided", "take_down", "没有依据",
    )  # fmt: skip
    assert case["evidence"]["body"] == "居委会收了钱"
    assert (said["target"], said["content_state"]) == ("comment", "taken_down")
    assert street.seen_by() == []
    assert [(line["action"], line["actor"]["id"]) for line in street.log()] == [
        ("decided", "wang"), ("case_opened", "wang"), ("decided", "wang"), ("case_opened", "wang"),
    ]  # fmt: skip
    assert "content.reported.v1" not in street.types(), "nobody is asked for what is decided"
    assert [kind for kind in street.types() if kind.startswith("content")] == [
        "content.decided.v1"
    ] * 2
    (mine,) = street.my_cases(SUN)
    assert (mine["reason"], mine["content_state"]) == ("没有依据", "taken_down")
    with pytest.raises(moderation.CaseDecided):
        street.take_down(post, SHI)
    street.appeal(case["id"])
    with pytest.raises(moderation.AnotherPersonDecides):
        street.decide_appeal(case["id"], "keep", WANG)
    street.decide_appeal(case["id"], "keep", SHI)
    assert street.seen_by() == [post]
    assert street.drift() == []


def test_a_takedown_decides_the_case_that_waits_and_not_ones_own(street):
    post = street.post(SUN)["id"]
    waiting = street.report(post, LU).id
    with pytest.raises(posts.NotAModerator):
        street.take_down(post, LU)
    assert street.take_down(post, SHI)["id"] == waiting
    own, reported = street.post(WANG)["id"], street.post(SUN)["id"]
    street.report(reported, WANG)
    for which in (own, reported):
        with pytest.raises(moderation.NotImpartial):
            street.take_down(which, WANG)
        assert street.get(which)["state"] == "shown"
    assert len(street.cases()) == 1


# -- appeals


@pytest.fixture
def taken_down(street) -> tuple[str, str]:
    """A post of Sun's that Wang has taken down, and the case."""
    post = street.post(SUN)["id"]
    case_id = street.report(post).id
    street.decide(case_id)
    return post, case_id


def test_an_appeal_is_decided_by_another_person_and_brings_the_post_back(street, taken_down):
    post, case_id = taken_down
    assert street.appeal(case_id)["state"] == "appealed"
    assert street.emitted()[-1][1]["appealed"] is True
    assert street.emitted()[-1][1]["for_town"] is False
    assert street.case(case_id)["appeal_until"] is None
    with pytest.raises(moderation.AnotherPersonDecides):
        street.decide_appeal(case_id, "keep", WANG)
    with pytest.raises(moderation.AnotherPersonDecides):
        street.decide_appeal(case_id, "keep", TOWN)
    street.decide_appeal(case_id, "keep", SHI)
    assert street.seen_by() == [post]
    assert street.types().count("post.published.v1") == 1
    kind, told = street.emitted()[-1]
    assert (kind, told["final"], told["decision"]) == ("content.decided.v1", True, "keep")
    with pytest.raises(moderation.CaseDecided):
        street.decide_appeal(case_id, "take_down", SHI)


def test_a_refused_post_that_is_kept_on_appeal_is_told_of_for_the_first_time(street):
    post = street.post(SUN, body=BAD)["id"]
    case_id = street.cases()[0]["id"]
    street.decide(case_id)
    assert street.get(post, SUN)["state"] == "refused"
    assert "post.removed.v1" not in street.types(), "nobody had seen it"
    street.appeal(case_id)
    street.decide_appeal(case_id)
    assert street.types().count("post.published.v1") == 1


def test_only_the_author_appeals_once_and_in_time(street, taken_down):
    _, case_id = taken_down
    with pytest.raises(moderation.CaseNotFound):
        street.appeal(case_id, LU)
    street.later(days=14)
    street.appeal(case_id)
    with pytest.raises(moderation.NothingToAppeal):
        street.appeal(case_id)


def test_after_fourteen_days_it_is_too_late(street, taken_down):
    _, case_id = taken_down
    street.later(days=14, seconds=1)
    assert street.my_cases(SUN)[0]["appeal_until"] is None
    with pytest.raises(moderation.AppealTooLate):
        street.appeal(case_id)


def test_where_nobody_else_is_left_the_town_decides(street, taken_down):
    _, case_id = taken_down
    street.appeal(case_id)
    street.card("shi", standing="ended", display_name="石书记", role_badges=["secretary"])
    assert street.decide_appeal(case_id, "keep", TOWN)["final_by"]["id"] == "town"
    assert street.log()[0]["actor_role"] == "town_admin"


def test_an_appeal_that_only_the_town_can_decide_says_so(street, taken_down):
    _, case_id = taken_down
    street.card("shi", standing="ended", display_name="石书记", role_badges=["secretary"])
    street.appeal(case_id)
    kind, told = street.emitted()[-1]
    assert (kind, told["appealed"], told["for_town"]) == ("content.reported.v1", True, True)


def test_the_database_itself_refuses_the_same_person_twice(street, taken_down):
    _, case_id = taken_down
    with pytest.raises(DBAPIError, match="feed_moderation_cases_two_people"), street.units() as uow:
        uow.session.execute(
            text("UPDATE feed_moderation_cases SET final_by = decided_by WHERE id = :id"),
            {"id": case_id},
        )


# -- the log


def test_the_log_tells_everything_to_committee_and_auditor_alone(street, taken_down):
    _, case_id = taken_down
    street.appeal(case_id)
    street.decide_appeal(case_id)
    lines = street.log(AUDITOR)
    assert [line["action"] for line in lines] == [
        "appeal_decided",
        "appealed",
        "decided",
        "reported",
        "case_opened",
    ]
    assert lines == street.log(WANG)
    ops.LogLine.model_validate(lines[0])
    for who in (SUN, POLICE):
        with pytest.raises(ShequError):
            street.log(who)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE feed_moderation_log SET reason = 'nothing happened'",
        "DELETE FROM feed_moderation_log",
        "TRUNCATE feed_moderation_log",
    ],
)
def test_the_log_is_not_rewritten_not_even_by_the_service(street, taken_down, statement):
    before = street.log()
    with pytest.raises(DBAPIError, match="moderation log is not changed"), street.units() as uow:
        uow.session.execute(text(statement))
    assert street.log() == before


# -- time


def test_the_words_of_decided_cases_are_dropped_in_time_and_the_log_stays(street, taken_down):
    _, case_id = taken_down
    open_case = street.report(street.post(SUN)["id"]).id
    log = street.log()
    street.later(days=182)
    assert street.run(decisions.forget_evidence, street.now, 183) == 0
    street.later(days=2)
    assert street.run(decisions.forget_evidence, street.now, 183) == 1
    case = street.case(case_id)
    assert (case["evidence"], case["reported"][0]["reason"]) == ({}, "")
    assert (case["decision"], case["reason"]) == ("take_down", "违反公约")
    assert case["forgotten_at"] is not None
    assert street.case(open_case)["evidence"]["body"] == "大家好"
    assert street.log() == log
    assert street.run(decisions.forget_evidence, street.now, 183) == 0


# -- pages


def test_queue_and_log_cost_the_same_however_long_they_are(street):
    def look():
        street.cases(limit=50)
        street.log()
        street.my_cases(SUN)

    street.decide(street.report(street.post(SUN)["id"]).id)
    few = street.statements(look)
    for _ in range(5):
        street.report(street.post(SUN)["id"])
    assert len(street.statements(look)) == len(few)


def test_a_queue_is_read_page_by_page_the_oldest_first(street):
    wanted = []
    for _ in range(5):
        wanted.append(street.report(street.post(SUN)["id"]).id)
        street.now += timedelta(seconds=1)
    read, cursor = [], None
    while True:
        cmd = ops.ListModerationCases(cid=CID, limit=2, cursor=cursor)
        page = street.run(decisions.list_cases, cmd, WANG, read_only=True)
        ops.CaseSummary.model_validate(page["items"][0])
        read += [case["id"] for case in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert read == wanted
