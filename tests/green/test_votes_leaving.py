"""What votes holds about somebody, and what becomes of it when she leaves. Needs: db."""

import pytest

from services.contracts.actor import Role
from services.contracts.events import PersonDeleted
from services.contracts.operations.votes import discussion as ops
from services.contracts.operations.votes import objections as objecting
from services.votes import copies
from services.votes.handlers import discussion, discussion_views, leaving, moderation, objections
from tests.support.bridge import JUYUAN, LU, SHANGYUAN, SHI, SUN, WANG, actor, card_told, refused
from tests.support.votes import HERE, MA, Votes

pytestmark = pytest.mark.db
SAID = ("opinions", "moderations", "objections", "objection_notes", "assisted")


@pytest.fixture
def votes(emptied) -> Votes:
    votes = Votes(emptied("votes"))
    votes.judge()
    return votes


def say(votes, topic, who, body="我的看法"):
    cmd = ops.DiscussTopic(id=topic, stance="for", body=body)
    return votes.do(discussion.discuss, cmd, who, votes.now)


def moderate(votes, topic, who):
    cmd = ops.OfModerator(id=topic, person_id=who.person_id)
    return votes.do(moderation.appoint, cmd, SHI, votes.now)


def read(votes, topic, who):
    return votes.do(discussion_views.list_opinions, ops.ListOpinions(id=topic), who).items


def test_her_copy_holds_what_she_said_and_her_account_goes_with_what_only_she_could_read(votes):
    topic = votes.topic("discussion")
    said = say(votes, topic, LU)
    votes.do(discussion.correct, ops.CorrectOpinion(id=said.id, body="更好的话"), LU, votes.now)
    votes.pass_time(minutes=10)
    hidden = say(votes, topic, LU, "骂人")
    votes.do(
        moderation.decide,
        ops.DecideOpinion(id=hidden.id, decision="hide", reason="人身攻击"),
        WANG,
        votes.now,
    )
    votes.pass_time(minutes=10)
    votes.judge(held=True)
    say(votes, topic, LU, "要看一下")
    helped = actor("p-sun", (Role.RESIDENT, HERE), acted_by="p-lu")
    say(votes, topic, helped)
    led = votes.topic("discussion")
    moderate(votes, led, LU)
    poll = votes.poll("announced")
    ((notice,),) = votes.rows("SELECT topic_id FROM polls WHERE id = :id", id=poll)
    cmd = objecting.FileObjection(id=notice, kind="text", body="第三条写错了")
    filed = votes.do(objections.file, cmd, LU)
    answer = objecting.AnswerObjection(id=filed.id, body="第三条已按草案核对，没有错误。")
    votes.do(objections.answer, answer, WANG, votes.now)
    reply = objecting.ReplyToObjection(id=filed.id, body="请再看一遍")
    votes.do(objections.reply, reply, LU)

    held = votes.do(copies.held_about, LU.person_id)
    assert {name: len(held[name]["items"]) for name in SAID} == {
        "opinions": 3, "moderations": 1, "objections": 1, "objection_notes": 1, "assisted": 1
    }  # fmt: skip
    assert held["opinions"]["items"][-1]["earlier"][0]["body"] == "我的看法"
    office = votes.do(copies.held_about, WANG.person_id)
    assert len(office["opinions_decided"]["items"]) == len(office["objection_notes"]["items"]) == 1

    votes.do(leaving.follow, PersonDeleted(person_id=LU.person_id), votes.now)
    left = votes.do(copies.held_about, LU.person_id)
    assert [left[name]["items"] for name in SAID] == [[]] * len(SAID)
    assert votes.rows("SELECT body, state FROM opinions WHERE stance = 'for' ORDER BY id") == [
        ("更好的话", "shown"), ("", "hidden"), ("", "withdrawn"), ("我的看法", "waiting")
    ]  # fmt: skip
    assert [(one.author, one.earlier) for one in read(votes, topic, SUN)] == [(None, [])] * 2
    stays = votes.do(objections.get_objection, objecting.OfObjection(id=filed.id), SUN)
    assert (stays.objector, stays.body, stays.owed) == (None, "第三条写错了", True)
    again = objecting.AnswerObjection(id=filed.id, body="再次核对了第三条，文字无误。")
    assert not votes.do(objections.answer, again, WANG, votes.now).owed
    rows = votes.rows("SELECT * FROM opinions, objections, objection_notes, topic_moderators")
    assert rows and "p-lu" not in str(rows)


def test_who_moves_away_moderates_no_longer_there_but_goes_on_elsewhere(votes):
    topic = votes.topic("discussion")
    moderate(votes, topic, MA)
    for where in (JUYUAN, SHANGYUAN):
        assert votes.rows("SELECT ended_at FROM topic_moderators") == [(None,)]
        gone = card_told(MA.person_id, where, "ended")
        votes.do(leaving.follow, gone, votes.now)
    assert votes.rows("SELECT ended_at FROM topic_moderators") == [(votes.now,)]
    word = ops.ModerateTopic(id=topic, body="请安静")
    assert refused(votes.do, moderation.speak, word, MA, votes.now) == "votes.not_moderating"
