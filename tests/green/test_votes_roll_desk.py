"""The desk finds entries and corrects the roll until it is frozen; all may read how. Needs: db."""

import pytest

from services.contracts.operations.votes import Bar, Entitled, Threshold
from services.contracts.operations.votes import rolls as ops
from services.contracts.operations.votes.polls import OfPoll
from services.votes import repository
from services.votes.handlers import roll_desk, rolls
from services.votes.models import ObjectionRow
from tests.support.bridge import LU, NEXT_DOOR, SHI, SUN, refused
from tests.support.votes import AUDITOR, OWNERS, RULES, Votes
from tests.support.votes_register import Register

pytestmark = pytest.mark.db
HALF = Bar(at="1/2", above=True)
BY_OWNERS = RULES.model_copy(
    update={
        "base": "owners_ordinary",
        "electorate": Entitled(who="owners"),
        "weight": "dual",
        "threshold": Threshold(heads=HALF, area=HALF),
    }
)


@pytest.fixture
def register(votes, shared_db) -> Register:
    return Register(votes, shared_db("identity"))


def drawn(votes: Votes, rules=RULES) -> str:
    """A poll whose roll is published."""
    poll_id = votes.poll("announced", rules, voters=(), roll_state="drawing")

    def draw(uow):
        rolls.draw(uow, repository.polls.poll(uow.session, poll_id), votes.now)

    votes.do(draw)
    votes.do_duties()
    return poll_id


def find(votes: Votes, poll_id: str, who=SHI, **asked):
    cmd = ops.FindOnRoll(id=poll_id, **asked)
    return votes.do(roll_desk.find, cmd, who)


def strike(votes: Votes, poll_id: str, code: str, who=SHI, **more):
    cmd = ops.StrikeRollEntry(id=poll_id, subject_id=code, reason="已迁出本社区", **more)
    return votes.do(roll_desk.strike, cmd, who, votes.now)


def add(votes: Votes, poll_id: str, ref: str, who=SHI, **more):
    cmd = ops.AddRollEntry(id=poll_id, ref=ref, reason="登记时遗漏", **more)
    return votes.do(roll_desk.add, cmd, who, votes.now)


def roll(votes: Votes, poll_id: str, who=SUN) -> ops.Roll:
    return votes.do(roll_desk.list_roll, OfPoll(id=poll_id), who)


def test_the_desk_finds_by_address_code_and_name_with_the_state_of_each(votes, register):
    for number in range(3):
        register.person(str(101 + number))
    register.person("201", name="李四")
    child = register.person("101", name="孙小明", birth_year=2020)
    poll_id = drawn(votes)
    page = find(votes, poll_id, building="2号楼", limit=2)
    assert [(one.place, one.state, one.names) for one in page.items] == [
        ("101", "free", ["孙**"]),
        ("102", "free", ["孙**"]),
    ]
    rest = find(votes, poll_id, building="2号楼", limit=2, cursor=page.next_cursor)
    assert [one.place for one in rest.items] == ["103", "201"] and rest.next_cursor is None
    (li,) = find(votes, poll_id, name="李四").items
    assert (li.place, li.birth_years) == ("201", [1950])
    votes.do(lambda uow: repository.rolls.take(
        uow.session, poll_id, [li.subject_id], "free", "paper_out"
    ))  # fmt: skip
    (again,) = find(votes, poll_id, code=li.subject_id).items
    assert again.state == "paper_out"
    (absent,) = find(votes, poll_id, name="孙小明").items
    assert (absent.subject_id, absent.ref, absent.state) == (None, child, "absent")
    assert find(votes, poll_id, name="赵六").items == []
    looks = register.world.rows("SELECT DISTINCT actor_id, purpose FROM access_log")
    assert looks == [("p-shi", "核对表决人名册")]
    turnout = votes.do(roll_desk.get_turnout, OfPoll(id=poll_id), SHI)
    assert [one.model_dump() for one in turnout.buildings] == [
        {"building": "样例苑 2号楼", "roll": 4, "voted": 0, "paper_out": 1}
    ]
    register.away = True
    assert [one.names for one in find(votes, poll_id, place="201").items] == [[]]
    assert refused(find, votes, poll_id, name="李四") == "server.unavailable"


def test_only_the_convening_body_works_at_the_desk(votes, register):
    register.person("101")
    poll_id = drawn(votes)
    (code,) = (one.subject_id for one in find(votes, poll_id).items)
    for who, why in (
        (SUN, "auth.forbidden"),
        (LU, "auth.forbidden"),
        (AUDITOR, "auth.forbidden"),
        (OWNERS, "votes.not_your_step"),
        (NEXT_DOOR, "votes.poll_not_found"),
    ):
        assert refused(find, votes, poll_id, who) == why
        assert refused(strike, votes, poll_id, code, who) == why
        assert refused(add, votes, poll_id, "r", who) == why
        assert refused(votes.do, roll_desk.get_turnout, OfPoll(id=poll_id), who) == why
    assert refused(roll, votes, poll_id, NEXT_DOOR) == "votes.poll_not_found"


def test_corrections_are_counted_told_without_a_name_and_change_the_hash(votes, register):
    first = register.person("101")
    register.person("102")
    poll_id = drawn(votes)
    before = roll(votes, poll_id)
    late = register.person("301", name="周五")
    assert add(votes, poll_id, late).kind == "added"
    after = roll(votes, poll_id)
    assert (after.size, len({before.hash, after.hash})) == (3, 2)
    codes = {one.ref: one.subject_id for one in find(votes, poll_id).items}
    assert strike(votes, poll_id, codes[first]).kind == "struck"
    assert refused(strike, votes, poll_id, codes[first]) == "votes.already_struck"
    assert refused(strike, votes, poll_id, "NOBODY") == "votes.subject_not_found"
    assert refused(add, votes, poll_id, late) == "votes.already_on_roll"
    assert refused(add, votes, poll_id, "nobody") == "votes.subject_unknown"
    assert roll(votes, poll_id).size == 2
    assert add(votes, poll_id, first).kind == "restored"
    told = roll(votes, poll_id)
    assert [(one.kind, one.reason) for one in told.changes] == [
        ("added", "登记时遗漏"), ("struck", "已迁出本社区"), ("restored", "登记时遗漏"),
    ]  # fmt: skip
    assert told.size == 3
    lines = votes.rows(
        "SELECT text, reason, ref::text FROM topic_steps WHERE kind = 'roll_changed' ORDER BY id"
    )
    assert [row.text for row in lines] == [
        "表决人名册增补一项（第1次更正）",
        "表决人名册删除一项（第2次更正）",
        "表决人名册恢复一项（第3次更正）",
    ]
    assert not any(code in row.ref for row in lines for code in codes.values())
    votes.do(lambda uow: rolls.freeze(uow, repository.polls.poll(uow.session, poll_id)))
    frozen = roll(votes, poll_id)
    assert (frozen.state, frozen.hash) == ("frozen", told.hash)
    assert refused(strike, votes, poll_id, codes[first]) == "votes.roll_frozen"
    assert refused(add, votes, poll_id, register.person("401")) == "votes.roll_frozen"


def test_a_correction_may_answer_an_objection_on_this_topic(votes, register):
    ref = register.person("101")
    register.person("102")
    poll_id = drawn(votes)
    code = next(one.subject_id for one in find(votes, poll_id).items if one.ref == ref)
    assert refused(strike, votes, poll_id, code, objection_id="none") == (
        "votes.objection_not_found"
    )
    (topic_id,) = votes.rows("SELECT topic_id FROM polls WHERE id = :p", p=poll_id)[0]
    for objection_id, topic in (("o-1", topic_id), ("o-2", votes.topic("notice"))):
        votes.do(
            lambda uow, o=objection_id, t=topic: uow.session.add(
                ObjectionRow(
                    id=o, topic_id=t, poll_id=poll_id, period="notice", kind="roll",
                    body="有人不该在名册上", objector_id=SUN.person_id, filed_at=votes.now,
                    owed=True, asked_again=False, answers=0, replies=0,
                )
            )
        )  # fmt: skip
    assert refused(strike, votes, poll_id, code, objection_id="o-2") == (
        "votes.objection_not_found"
    )
    assert strike(votes, poll_id, code, objection_id="o-1").objection_id == "o-1"
    assert roll(votes, poll_id).changes[0].objection_id == "o-1"


def test_the_head_of_an_owner_is_shared_among_those_of_her_units_that_are_on_the_roll(
    votes, register
):
    for number in ("101", "102", "103"):
        register.person(number, room_id=register.room(number, "50"), id_index="sun")
    poll_id = drawn(votes, BY_OWNERS)

    def heads() -> dict[str, str]:
        return {one.place: one.heads for one in find(votes, poll_id).items if one.state == "free"}

    assert heads() == {"101": "1/3", "102": "1/3", "103": "1/3"}
    assert (roll(votes, poll_id).heads, roll(votes, poll_id).area) == ("1/1", "150/1")
    by_place = {one.place: one for one in find(votes, poll_id).items}
    strike(votes, poll_id, by_place["103"].subject_id)
    assert heads() == {"101": "1/2", "102": "1/2"}
    assert (roll(votes, poll_id).heads, roll(votes, poll_id).area) == ("1/1", "100/1")
    add(votes, poll_id, by_place["103"].ref)
    assert heads() == {"101": "1/3", "102": "1/3", "103": "1/3"}
    late = register.room("104", "50")
    register.person("104", room_id=late, id_index="sun")
    add(votes, poll_id, late)
    assert set(heads().values()) == {"1/4"}
    assert roll(votes, poll_id).heads == "1/1"


def test_when_everybody_is_struck_off_voting_cannot_begin(votes, register):
    register.person("101")
    poll_id = drawn(votes)
    (one,) = find(votes, poll_id).items
    strike(votes, poll_id, one.subject_id)
    assert (
        refused(
            votes.do, lambda uow: rolls.freeze(uow, repository.polls.poll(uow.session, poll_id))
        )
        == "votes.empty_roll"
    )
