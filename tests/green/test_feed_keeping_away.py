"""Mutes, blocks and silences on a real database. Needs: db."""

import json
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, ShequError
from services.contracts.operations.feed import keeping_away as ops
from services.feed.domain import distances, silences
from services.feed.handlers import keeping_away
from tests.support.explained import analyze, rows_read
from tests.support.feed_moderators import WatchedStreet, at_once
from tests.support.feed_street import CID, LU, PATH, SHI, SUN, VILLAGE, WANG, ZHAO, actor

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


def listed(street, who=SUN, **fields) -> set[str]:
    return {post["id"] for post in street.posts(who, **fields)["items"]}


def lines(street, post, who=SUN) -> list[tuple[str, bool]]:
    return [(c["body"], c["muted"]) for c in street.comments(post, who)["items"]]


# -- mute


def test_a_mute_hides_posts_and_leaves_an_empty_line_for_comments(street):
    his, mine = street.post(LU)["id"], street.post(SUN)["id"]
    root = street.comment(mine, LU, body="说几句")["id"]
    street.comment(mine, WANG, body="居委会答复", reply_to=root)
    street.keep_from("lu")
    assert listed(street) == {mine}
    assert listed(street, module="neighbours") == {mine}
    assert lines(street, mine) == [("", True), ("居委会答复", False)]
    assert street.comments(mine, SUN)["items"][0]["author"]["id"] is None
    assert lines(street, mine, LU) == [("说几句", False), ("居委会答复", False)]
    assert listed(street, LU) == {his, mine}, "it is mine alone"
    street.come_near("lu")
    assert listed(street) == {his, mine}


def test_an_office_is_heard_by_all(street):
    official = street.post(WANG, module="announcements")["id"]
    private = street.post(WANG, hide_name=True)["id"]
    answer = street.comment(official, WANG, body="请看通知")["id"]
    street.keep_from("wang")
    assert official in listed(street)
    assert private in listed(street), "without her name she is somebody else"
    assert lines(street, official) == [("请看通知", False)]
    for what, which in (("post", official), ("comment", answer)):
        with pytest.raises(distances.OfficialVoice):
            street.keep_from(which, what=what)


def test_muting_by_name_does_not_tell_who_hides_her_name(street):
    named, hidden = street.post(LU)["id"], street.post(LU, hide_name=True)["id"]
    street.comment(hidden, LU, body="是我写的")
    street.keep_from("lu")
    assert listed(street) == {hidden}
    assert lines(street, hidden) == [("是我写的", False)]
    assert named not in listed(street)


def test_who_hides_her_name_is_muted_without_being_uncovered(street):
    named, hidden = street.post(LU)["id"], street.post(LU, hide_name=True)["id"]
    street.comment(named, LU, body="我是老陆")
    distance = street.keep_from(hidden, what="post")
    ops.Distance.model_validate(distance)
    assert (distance["person"]["id"], distance["person"]["anonymous"]) == (None, True)
    assert listed(street) == {named}
    assert lines(street, named) == [("我是老陆", False)]
    told = json.dumps([distance, street.distances()], ensure_ascii=False)
    assert '"lu"' not in told
    assert "老陆" not in told
    street.keep_from("lu", kind="block")
    assert len(street.distances()) == 2, "two people, as far as I know"
    street.come_near("lu")
    assert listed(street) == {named}, "what I know by name is dropped by name"
    street.come_near(distance["id"])
    assert listed(street) == {named, hidden}


def test_two_unnamed_posts_that_are_muted_do_not_say_that_one_person_wrote_them(street):
    one, other = (street.post(LU, hide_name=True)["id"] for _ in range(2))
    words = street.comment(one, LU)["id"]
    first, second = (street.keep_from(post, what="post") for post in (one, other))
    assert first["id"] != second["id"]
    assert (first["post_id"], second["post_id"]) == (one, other)
    for again in (street.keep_from(one, what="post"), street.keep_from(words, what="comment")):
        assert again == first, "met in the same thread, she is known to be the same"
    assert [line["post_id"] for line in street.distances()] == [other, one]
    street.keep_from(other, kind="block", what="post")
    assert [line["kind"] for line in street.distances()] == ["block", "mute"]
    street.come_near(second["id"])
    assert [line["id"] for line in street.distances()] == [first["id"]]
    street.come_near(first["id"])
    assert listed(street) == {one, other}


def test_nobody_keeps_away_from_herself_or_from_whom_she_cannot_know(street):
    own = street.post(SUN, hide_name=True)["id"]
    with pytest.raises(distances.NotFromOneself):
        street.keep_from("sun")
    with pytest.raises(distances.NotFromOneself):
        street.keep_from(own, what="post")
    for stranger in ("zhao", "nobody"):
        with pytest.raises(distances.PersonNotFound):
            street.keep_from(stranger)
    assert street.distances() == []


# -- block


@pytest.fixture
def blocked(street) -> str:
    """A post of Sun's, who has blocked Lu."""
    street.keep_from("lu", kind="block")
    return str(street.post(SUN)["id"])


def test_a_block_keeps_somebody_from_what_i_say(street, blocked):
    comment = street.comment(street.post(WANG)["id"], SUN)
    for use in (
        lambda: street.comment(blocked, LU),
        lambda: street.like(blocked, LU),
        lambda: street.comment(comment["post_id"], LU, reply_to=comment["id"]),
    ):
        with pytest.raises(distances.KeptAway):
            use()
    assert street.comment(comment["post_id"], LU)["state"] == "shown"
    assert street.unlike(blocked, LU).liked_by_me is False
    assert street.get(blocked, LU)["id"] == blocked, "he may still read it"
    street.keep_from("lu", kind="mute")
    assert street.like(blocked, LU).like_count == 1


def praise(street, who, whom="sun", **fields):
    extra = {"kind": "praise"}
    return street.post(who, module="nearby", extra=extra, praised_id=whom, **fields)


def test_who_is_blocked_does_not_praise_by_name(street, blocked):
    told = street.types()
    with pytest.raises(distances.KeptAway):
        praise(street, LU)
    assert street.types() == told
    assert praise(street, LU, "wang")["praised"]["id"] == "wang"
    hidden = praise(street, LU, hide_name=True)
    assert hidden["praised"]["id"] == "sun", "else she learns who hides her name"
    street.keep_from(hidden["id"], kind="block", what="post")
    with pytest.raises(distances.KeptAway):
        praise(street, LU, hide_name=True)
    street.keep_from("wang", kind="block")
    assert praise(street, WANG)["official"] is True, "an office is heard by all"


def test_an_office_answers_also_those_who_blocked_the_officer(street):
    street.keep_from("wang", kind="block")
    post = street.post(SUN)["id"]
    assert street.comment(post, WANG, body="居委会答复")["official"] is True


KEEPER = actor("keeper", (Role.PROPERTY_MANAGER, PATH))


def test_outside_its_own_modules_a_small_office_is_a_neighbour(street):
    street.community(CID, PATH, "urban", ["neighbours", "property"])
    street.card("keeper", standing="staff", display_name="物业小李")
    corner = street.post(KEEPER, module="property")
    assert corner["author_role"] == "property_manager"
    street.post(WANG, module="property", title="物业评分")
    said = street.post(KEEPER)
    assert (said["official"], said["author_role"]) == (False, None)
    mine = street.post(SUN)["id"]
    assert street.comment(mine, KEEPER)["official"] is False
    street.keep_from("keeper", kind="block")
    assert said["id"] not in listed(street)
    assert corner["id"] in listed(street), "there it is the office that speaks"
    with pytest.raises(distances.KeptAway):
        street.comment(mine, KEEPER)
    assert street.post(KEEPER, body="兼职招人，刷单返利，当天结账")["state"] == "waiting"
    for who in street.neighbours(5):
        street.report(said["id"], who)
    assert street.get(said["id"], KEEPER)["state"] == "waiting"
    street.silence("keeper")
    with pytest.raises(silences.Silenced):
        street.comment(street.post(LU)["id"], KEEPER)
    assert street.post(KEEPER, module="property")["official"] is True
    assert street.comment(corner["id"], KEEPER)["official"] is True


def test_nobody_is_kept_from_what_an_office_says(street):
    street.keep_from("sun", who=WANG, kind="block")
    notice = street.post(WANG, module="announcements")["id"]
    assert street.comment(notice, SUN)["state"] == "shown"
    assert street.like(notice, SUN).liked_by_me


def test_a_refusal_does_not_tell_who_hides_her_name(street, blocked):
    hidden = street.post(SUN, hide_name=True)["id"]
    assert street.comment(hidden, LU)["state"] == "shown"
    assert street.like(hidden, LU).liked_by_me


def test_who_is_pestered_where_she_hides_her_name_keeps_him_away_there(street):
    hidden, named = street.post(SUN, hide_name=True)["id"], street.post(SUN)["id"]
    pest = street.comment(hidden, LU, body="我知道你是谁")["id"]
    street.keep_from(pest, what="comment", kind="block")
    with pytest.raises(distances.KeptAway):
        street.comment(hidden, LU)
    assert street.comment(named, LU)["state"] == "shown", "else he would know who she is"


# -- what is told of it


def told(street) -> list[tuple[list[str], list[str]]]:
    return [
        (body["named"], body["hidden"])
        for kind, body in street.emitted()
        if kind == "distances.changed.v1" and body["person_id"] == "sun"
    ]


def test_each_change_tells_from_whom_somebody_keeps_away_by_now(street):
    hidden = street.post(LU, hide_name=True)["id"]
    street.keep_from("wang")
    street.keep_from(hidden, what="post")
    street.keep_from("lu", kind="block")
    street.come_near("wang")
    assert told(street) == [
        (["wang"], []), (["wang"], ["lu"]), (["lu", "wang"], ["lu"]), (["lu"], ["lu"]),
    ]  # fmt: skip


def test_of_two_changes_at_once_the_one_that_is_told_last_tells_both(street):
    others = ("lu", "wang", "shi")
    at_once([lambda other=other: street.keep_from(other) for other in others])
    assert told(street)[-1] == (sorted(others), [])


def test_what_there_was_before_it_was_told_is_told_by_the_migration(street):
    hidden = street.post(LU, hide_name=True)["id"]
    street.keep_from(hidden, what="post")
    street.keep_from("lu")
    before = told(street)
    with street.units() as uow:
        uow.session.execute(text("DELETE FROM kit_outbox"))
        uow.session.execute(
            text(import_module("services.feed.migrations.0008_distances_told").TELL)
        )
        uow.commit()
    assert told(street) == before[-1:]


# -- what it costs


def test_a_list_goes_on_by_its_index_and_asks_for_distances_once(street):
    with street.units() as uow:
        uow.session.execute(
            text(
                "INSERT INTO feed_posts (id, community_id, path, module, author_id, title, body, "
                "created_at) SELECT 'p' || n, :cid, 'demo.yuepu.shangyuan', 'neighbours', "
                "'n' || n % 300, 't', 'b', cast(:now AS timestamptz) - n * interval '1 minute' "
                "FROM generate_series(1, 5000) n"
            ),
            {"cid": CID, "now": street.now},
        )
        uow.session.execute(
            text(
                "INSERT INTO feed_distances (person_id, other_id, hidden, veiled, id, kind, since)"
                " SELECT 'sun', 'n' || n, false, false, 'd' || n, 'mute', now() "
                "FROM generate_series(0, 99) n"
            )
        )
        uow.commit()
    engine = street.units.engine
    analyze(engine, "feed_posts", "feed_distances")
    read: dict[str, float] = {}
    for who in (LU, SUN):
        look = lambda who=who: street.posts(who, limit=50, module="neighbours")  # noqa: E731
        page, read[who.person_id] = rows_read(engine, "feed_posts", look)
        assert len(page["items"]) == 50
        _, distances_read = rows_read(engine, "feed_distances", look)
        assert distances_read <= 4 * 100, "not once a row"
        asked = [one for one in street.statements(look) if "feed_distances" in one]
        assert len(asked) == 2, "the list, and whether its reader keeps away from anybody"
    assert read["sun"] - read["lu"] < 150, "only what is passed over, not all there is"


# -- silences


def test_who_is_silenced_is_told_why_and_until_when(street):
    street.silence("sun", days=3)
    kind, told = street.emitted()[-1]
    assert (kind, told["person_id"]) == ("silence.changed.v1", "sun")
    with pytest.raises(silences.Silenced) as refused:
        street.post(SUN)
    assert (refused.value.code, refused.value.status) == ("feed.silenced", 403)
    assert "2026-03-05 12:00" in (refused.value.detail or "")
    (mine,) = street.run(
        keeping_away.list_my_silences, ops.ListCommand(), SUN, street.now, read_only=True
    )["items"]
    ops.Silence.model_validate(mine)
    assert (mine["reason"], mine["ended_at"]) == ("多次辱骂邻居", None)


def test_a_silence_ends_speech_and_leaves_rights(street):
    own, other = street.post(SUN)["id"], street.post(LU)["id"]
    street.silence("sun")
    for use in (
        lambda: street.comment(other, SUN),
        lambda: street.update(own, SUN, body="改一改"),
    ):
        with pytest.raises(silences.Silenced):
            use()
    assert street.report(other, SUN).kind == "insult"
    assert street.like(other, SUN).liked_by_me
    street.decide(street.report(own, LU).id)
    assert street.appeal(street.my_cases(SUN)[0]["id"])["state"] == "appealed"
    street.delete(own, SUN)
    assert street.posts(SUN)["items"][0]["id"] == other


def test_a_silence_is_of_one_community(street):
    street.card("sun", cid=VILLAGE, path="demo.luodian.haixing", display_name="孙奶奶")
    street.silence("sun")
    assert street.post(SUN, cid=VILLAGE)["state"] == "shown"


def test_a_silence_ends_by_itself_and_says_so_once(street):
    street.silence("sun", days=1)
    street.later(days=1, seconds=1)
    assert street.post(SUN)["state"] == "shown", "time alone is enough"
    assert street.run(keeping_away.end_silences, street.now) == 1
    assert street.run(keeping_away.end_silences, street.now) == 0
    assert street.emitted()[-1][1]["until"] is None
    assert [line["action"] for line in street.log()] == ["silence_ended", "silenced"]


def test_a_new_silence_may_follow_one_whose_time_is_over(street):
    street.silence("sun", days=1)
    with pytest.raises(silences.AlreadySilenced):
        street.silence("sun", SHI)
    street.later(days=2)
    assert street.silence("sun", SHI)["ended_at"] is None


def test_a_silence_is_lifted_by_the_committee_and_only_once(street):
    silence = street.silence("sun")
    for who in (LU, ZHAO, actor("far")):
        with pytest.raises(silences.SilenceNotFound):
            street.lift(silence["id"], who)
    assert street.lift(silence["id"])["ended_at"] is not None
    with pytest.raises(silences.SilenceNotFound):
        street.lift(silence["id"])
    assert street.post(SUN)["state"] == "shown"


def test_two_of_the_committee_silence_at_once_and_one_silence_stands(street):
    def silence(who):
        try:
            return street.silence("sun", who)
        except silences.AlreadySilenced as error:
            return error

    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(silence, [WANG, SHI] * 4))
    assert sum(not isinstance(answer, ShequError) for answer in found) == 1
    assert street.types() == ["silence.changed.v1"]


@pytest.mark.parametrize(
    ("person", "who", "days", "refusal"),
    [
        ("shi", WANG, 3, silences.InOffice),
        ("wang", WANG, 3, ShequError),
        ("nobody", WANG, 3, distances.PersonNotFound),
        ("zhao", WANG, 3, distances.PersonNotFound),
        ("sun", LU, 3, Forbidden),
        ("sun", WANG, 31, Invalid),
        ("sun", WANG, -1, Invalid),
    ],
)
def test_what_is_no_silence_is_refused_and_nothing_kept(street, person, who, days, refusal):
    with pytest.raises(refusal):
        street.silence(person, who, days)
    assert (street.types(), street.log()) == ([], [])


def test_the_list_of_silences_is_the_committees(street):
    street.silence("sun")
    cmd = ops.ListSilences(cid=CID)
    page = street.run(keeping_away.list_silences, cmd, WANG, street.now, read_only=True)
    assert [item["display_name"] for item in page["items"]] == ["孙奶奶"]
    with pytest.raises(Forbidden):
        street.run(keeping_away.list_silences, cmd, SUN, street.now, read_only=True)
