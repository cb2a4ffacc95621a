"""Feed's threads: two levels, what is deleted, answers on top, likes of comments. Needs: db."""

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Invalid, ObserverReadOnly
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.directory.queries import NotAMember
from services.feed.domain import comments as rules
from services.feed.domain import posts
from services.feed.handlers import moderation
from services.feed.models import Comment, Post
from services.feed.repository import comments as repository
from services.kit.pages import BadCursor
from tests.support.feed_street import (
    LU,
    OBSERVER,
    PATH,
    SHI,
    STRANGER,
    SUN,
    WANG,
    ZHAO,
    Street,
    actor,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db) -> Street:
    return Street(db("feed"))


@pytest.fixture
def post(street) -> str:
    return str(street.post(module="mutual_aid")["id"])


def said(page) -> list[str]:
    return [one["body"] for one in page["items"]]


def walk(street: Street, post: str, **fields) -> list[str]:
    """What all pages say, one after the other."""
    found: list[str] = []
    cursor = None
    while True:
        page = street.comments(post, cursor=cursor, **fields)
        found += said(page)
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def move(street: Street, comment_id: str, becomes: str) -> None:
    """As a moderator's decision does it."""
    with street.units() as uow:
        head = repository.comment_head(uow.session, comment_id)
        repository.lock_thread(uow.session, head.post_id)
        assert repository.change_state(uow.session, head, becomes, by="wang", now=street.now)
        uow.commit()


# -- two levels


def test_a_reply_to_a_reply_belongs_to_the_same_root(street, post):
    root = street.comment(post, LU, "几点？")
    reply = street.comment(post, SUN, "八点", reply_to=root["id"])
    deeper = street.comment(post, LU, "好的", reply_to=reply["id"])
    assert (root["root_id"], reply["root_id"], deeper["root_id"]) == (None, root["id"], root["id"])
    assert (deeper["reply_to"], deeper["reply_to_name"]) == (reply["id"], "孙奶奶")
    counts = {one["body"]: one["reply_count"] for one in street.comments(post)["items"]}
    assert counts == {"几点？": 2, "八点": 0, "好的": 0}
    assert street.drift() == []


def test_the_first_level_comes_with_its_first_two_replies(street, post):
    first, second = street.comment(post, LU, "一"), street.comment(post, LU, "二")
    for number in range(4):
        street.comment(post, SUN, f"一之{number}", reply_to=first["id"])
    page = street.comments(post, under="roots")
    assert said(page) == ["一", "二"]
    for one in page["items"]:
        ops.Comment.model_validate(one)
    assert [one["body"] for one in page["items"][0]["replies"]] == ["一之0", "一之1"]
    assert (page["items"][0]["reply_count"], page["items"][1]["replies"]) == (4, [])
    assert walk(street, post, under=first["id"], limit=3) == [f"一之{n}" for n in range(4)]
    assert street.comments(post, under=second["id"])["items"] == []


def test_a_thread_is_read_newest_first_too(street, post):
    root = street.comment(post, body="一")["id"]
    for body in "二三":
        street.comment(post, body=body)
    for body in "甲乙":
        street.comment(post, body=body, reply_to=root)
    assert walk(street, post, order="newest", limit=2) == ["乙", "甲", "三", "二", "一"]
    assert walk(street, post, order="newest", under="roots", limit=1) == ["三", "二", "一"]
    assert walk(street, post, order="newest", under=root) == ["乙", "甲"]


def test_a_page_may_begin_with_a_comment_or_with_the_one_that_it_stands_beneath(street, post):
    roots = {body: street.comment(post, LU, body)["id"] for body in "一二三"}
    replies = [street.comment(post, body=b, reply_to=roots["二"])["id"] for b in "甲乙丙"]
    assert said(street.comments(post, under="roots", at=roots["二"])) == ["二", "三"]
    assert said(street.comments(post, under="roots", at=replies[2])) == ["二", "三"]
    assert said(street.comments(post, under="roots", at=replies[2], order="newest")) == ["二", "一"]
    assert said(street.comments(post, under=roots["二"], at=replies[1])) == ["乙", "丙"]
    assert said(street.comments(post, at=roots["三"])) == ["三", "甲", "乙", "丙"]
    first = street.comments(post, under="roots", at=roots["一"], limit=1)
    assert said(street.comments(post, under="roots", cursor=first["next_cursor"])) == ["二", "三"]


def test_a_page_begins_at_one_place_of_its_own_thread(street, post):
    root, elsewhere = street.comment(post)["id"], street.comment(street.post()["id"])["id"]
    for at, under in ((elsewhere, None), (new_id(), "roots"), (root, root)):
        with pytest.raises(rules.CommentNotFound):
            street.comments(post, at=at, under=under)
    street.comment(post)
    cursor = street.comments(post, limit=1)["next_cursor"]
    with pytest.raises(Invalid) as refused:
        street.comments(post, at=root, cursor=cursor)
    assert refused.value.errors[0].field == "at"


def test_a_comment_carries_its_authors_own_files_and_they_go_with_its_words(street, post):
    mine, hers = street.shelf.put("lu"), street.shelf.put("sun")
    comment = street.comment(post, LU, "看这里", attachments=[mine])
    assert [one["id"] for one in comment["attachments"]] == [mine]
    with pytest.raises(Invalid) as refused:
        street.comment(post, LU, attachments=[mine, hers])
    assert refused.value.errors[0].field == "attachments.1"
    assert len(street.comments(post)["items"]) == 1
    street.delete_comment(comment["id"], LU)
    assert street.comments(post)["items"][0]["attachments"] == []


def test_replies_are_asked_for_of_a_root_of_this_post(street, post):
    reply = street.comment(post, reply_to=street.comment(post)["id"])["id"]
    elsewhere = street.comment(street.post()["id"])["id"]
    for wrong in (reply, elsewhere, new_id()):
        with pytest.raises(rules.CommentNotFound):
            street.comments(post, under=wrong)


def test_answers_in_office_are_asked_for_alone(street, post):
    root = street.comment(post, LU, "谁来管？")["id"]
    street.comment(post, WANG, "我们来", reply_to=root)
    street.comment(post, LU, "好")
    street.comment(post, SHI, "明天就去")
    assert walk(street, post, official=True, limit=1) == ["我们来", "明天就去"]
    assert walk(street, post, official=True, order="newest") == ["明天就去", "我们来"]
    with pytest.raises(Invalid) as refused:
        street.comments(post, official=True, under="roots")
    assert refused.value.errors[0].field == "under"


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_a_tampered_cursor_is_refused_in_every_list(street, post, order):
    for fields in ({"under": "roots"}, {"official": True}):
        with pytest.raises(BadCursor):
            street.comments(post, cursor="x", order=order, **fields)


def test_the_first_level_costs_the_same_however_much_stands_beneath(street, post):
    def ask():
        return street.comments(post, under="roots", limit=50)

    street.comment(post)
    few = street.statements(ask)
    for _ in range(6):
        root = street.comment(post, LU)["id"]
        for _ in range(4):
            street.comment(post, SUN, reply_to=root)
    many = street.statements(ask)
    assert len(ask()["items"]) == 7
    assert len(few) == len(many)
    of_comments = sum("feed_comments" in statement for statement in many)
    assert of_comments == 2, "the page, and whether something of it is the reader's own"


# -- what is deleted


def test_what_is_deleted_keeps_its_place_without_words_and_name(street, post):
    root = street.comment(post, LU, "不该说的")["id"]
    street.comment(post, SUN, "你说什么？", reply_to=root)
    street.delete_comment(root, LU)
    for reader in (SUN, LU, WANG, OBSERVER):
        line, reply = street.comments(post, reader)["items"]
        ops.Comment.model_validate(line)
        assert (line["state"], line["body"], line["attachments"]) == ("deleted", "", [])
        assert (line["author"]["id"], line["author"]["display_name"]) == (None, "邻居")
        assert line["author"]["building_label"] == ""
        assert (reply["body"], reply["reply_to_name"]) == ("你说什么？", None)
    assert street.get(post)["comment_count"] == 1
    assert street.comments(post, under="roots")["items"][0]["reply_count"] == 1
    assert street.drift() == []
    assert street.types()[-1] == "post.changed.v1"


def test_a_deleted_reply_is_not_counted(street, post):
    root = street.comment(post, LU)["id"]
    reply = street.comment(post, SUN, reply_to=root)["id"]
    street.delete_comment(reply)
    (line,) = street.comments(post, under="roots")["items"]
    assert (line["reply_count"], line["replies"][0]["state"]) == (0, "deleted")
    assert street.drift() == []


def test_what_is_deleted_is_not_deleted_liked_pinned_or_answered_again(street, post):
    gone = street.comment(post, WANG)["id"]
    street.delete_comment(gone, WANG)
    acts = (street.delete_comment, street.like_comment, street.unlike_comment, street.pin)
    for act in acts:
        with pytest.raises(rules.CommentNotFound):
            act(gone, WANG)
    with pytest.raises(Invalid) as refused:
        street.comment(post, reply_to=gone)
    assert refused.value.errors[0].field == "reply_to"
    assert street.get(post)["comment_count"] == 0
    assert street.drift() == []


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (SUN, rules.NotTheCommentsAuthor),
        (WANG, rules.NotTheCommentsAuthor),  # moderators take down, with a reason
        (STRANGER, rules.CommentNotFound),
        (ZHAO, rules.CommentNotFound),
        (OBSERVER, ObserverReadOnly),
    ],
)
def test_nobody_else_deletes_a_comment(street, post, who, refusal):
    comment = street.comment(post, LU, "我的话")["id"]
    with pytest.raises(refusal):
        street.delete_comment(comment, who)
    assert said(street.comments(post)) == ["我的话"]


def test_whoever_moved_away_takes_her_words_back(street, post):
    hers, other = street.comment(post, SUN, "我的话")["id"], street.comment(post, LU)["id"]
    street.card("sun", standing="ended", display_name="孙奶奶")
    with pytest.raises(rules.CommentNotFound):
        street.delete_comment(other, SUN)
    street.delete_comment(hers, SUN)
    assert said(street.comments(post, LU)) == ["", "嗯"]
    assert (street.types()[-1], street.drift()) == ("post.changed.v1", [])


def test_what_waits_is_taken_back_and_leaves_no_line(street, post):
    waits = street.comment(post, LU, "兼职招人，刷单返利，当天结账")
    told = street.types()
    assert waits["state"] == "waiting"
    with pytest.raises(rules.CommentNotFound):
        street.delete_comment(waits["id"], SUN)
    street.delete_comment(waits["id"], LU)
    with pytest.raises(rules.CommentNotFound):
        street.delete_comment(waits["id"], LU)
    for reader in (SUN, LU, WANG):
        assert street.comments(post, reader)["items"] == []
    assert (street.types(), street.drift()) == (told, []), "nobody had heard of it"


def test_what_was_shown_and_waits_again_leaves_its_line(street, post):
    root = street.comment(post, LU)["id"]
    street.comment(post, SUN, "你说什么？", reply_to=root)
    with street.units() as uow:
        thread = uow.session.get_one(Post, post)
        content = moderation.Content(thread, uow.session.get_one(Comment, root))
        case = moderation.open_case(uow, content, "report", street.now, was_shown=True, held=False)
        moderation.hold(uow, content, case, street.now)
        uow.commit()
    assert said(street.comments(post)) == ["你说什么？"]
    street.delete_comment(root, LU)
    assert said(street.comments(post)) == ["", "你说什么？"]
    assert street.drift() == []


def test_words_are_taken_back_also_where_the_post_is_held(street, post):
    hers = street.comment(post, LU)["id"]
    with street.units() as uow:
        uow.session.execute(text("UPDATE feed_posts SET state = 'taken_down'"))
        uow.commit()
    street.delete_comment(hers, LU)
    assert street.drift() == []


def test_comments_end_with_their_post(street, post):
    comment = street.comment(post, WANG)["id"]
    street.delete(post)
    for act in (street.delete_comment, street.like_comment, street.pin):
        with pytest.raises(rules.CommentNotFound):
            act(comment, WANG)
    with pytest.raises(rules.CommentNotFound):
        street.delete_comment(new_id())


# -- what a moderator decides


def test_what_was_taken_down_is_read_by_its_author_and_moderators_alone(street, post):
    comment = street.comment(post, LU, "骂人的话")["id"]
    street.like_comment(comment)
    move(street, comment, "taken_down")
    for reader, words in ((SUN, ""), (LU, "骂人的话"), (WANG, "骂人的话"), (OBSERVER, "")):
        (line,) = street.comments(post, reader)["items"]
        assert (line["state"], line["body"]) == ("taken_down", words)
    assert street.drift() == []
    move(street, comment, "shown")
    assert said(street.comments(post)) == ["骂人的话"]
    assert street.get(post)["comment_count"] == 1
    assert street.drift() == []


def test_what_was_never_shown_has_no_place(street, post):
    comment = street.comment(post, LU, "等人看")["id"]
    move(street, comment, "waiting")
    assert street.comments(post)["items"] == street.comments(post, under="roots")["items"] == []
    assert said(street.comments(post, LU)) == said(street.comments(post, WANG)) == ["等人看"]
    with pytest.raises(Invalid):
        street.comment(post, SUN, reply_to=comment)
    with pytest.raises(rules.CommentNotFound):
        street.like_comment(comment, LU)


# -- on top


def test_answers_stand_with_the_post_pinned_ones_first(street, post):
    answers = []
    for body in ("一", "二", "三", "四"):
        street.later(minutes=1)
        answers.append(street.comment(post, WANG, body)["id"])
        street.comment(post, LU, f"{body}？")
    assert [one["body"] for one in street.get(post)["answers"]] == ["四", "三", "二"]
    street.later(minutes=1)
    assert street.pin(answers[1])["pinned"] is True
    street.later(minutes=1)
    street.pin(answers[0])
    street.pin(answers[1])  # keeps its place
    top = street.get(post, LU)["answers"]
    assert [one["body"] for one in top] == ["一", "二", "四"]
    assert [one["pinned"] for one in top] == [True, True, False]
    for one in top:
        ops.Comment.model_validate(one)
        assert one["author"]["role_badges"] == ["committee_staff"]
        assert one == next(c for c in street.comments(post, LU)["items"] if c["id"] == one["id"])
    assert street.posts()["items"][0]["answers"] == []
    assert street.unpin(answers[0])["pinned"] is False
    assert [one["body"] for one in street.get(post)["answers"]] == ["二", "四", "三"]
    street.delete_comment(answers[1], WANG)
    assert [one["body"] for one in street.get(post)["answers"]] == ["四", "三", "一"]


def test_only_answers_stand_on_top(street, post):
    talk = street.comment(post, LU)["id"]
    with pytest.raises(rules.OnlyAnswersArePinned):
        street.pin(talk)
    assert street.get(post)["answers"] == []


def test_only_moderators_pin(street, post):
    answer = street.comment(post, WANG)["id"]
    far = actor("far", (Role.COMMITTEE_STAFF, "demo.luodian"))
    for who, refusal in (
        (SUN, posts.NotAModerator),
        (OBSERVER, ObserverReadOnly),
        (far, rules.CommentNotFound),
        (actor("town", (Role.COMMITTEE_STAFF, PATH)), NotAMember),
    ):
        for act in (street.pin, street.unpin):
            with pytest.raises(refusal):
                act(answer, who)
    assert street.comments(post)["items"][0]["pinned"] is False


# -- likes of comments


def test_a_like_of_a_comment_counts_once(street, post):
    comment = street.comment(post, LU)["id"]
    assert street.like_comment(comment) == ops.Likes(like_count=1, liked_by_me=True)
    assert street.like_comment(comment) == ops.Likes(like_count=1, liked_by_me=True)
    assert street.like_comment(comment, LU).like_count == 2
    (mine,), (other,) = street.comments(post)["items"], street.comments(post, WANG)["items"]
    assert (mine["like_count"], mine["liked_by_me"]) == (2, True)
    assert (other["like_count"], other["liked_by_me"]) == (2, False)
    assert street.unlike_comment(comment) == ops.Likes(like_count=1, liked_by_me=False)
    assert street.unlike_comment(comment) == ops.Likes(like_count=1, liked_by_me=False)
    told = [body["like_count"] for kind, body in street.emitted() if kind == "reaction.changed.v1"]
    assert told == [0, 0, 0], "each change is told once, with the likes of the post"
    assert street.get(post)["like_count"] == 0
    assert street.drift() == []


def test_likes_of_comments_are_for_neighbours(street, post):
    comment = street.comment(post, LU)["id"]
    for who, refusal in (
        (STRANGER, rules.CommentNotFound),
        (ZHAO, rules.CommentNotFound),
        (OBSERVER, ObserverReadOnly),
    ):
        with pytest.raises(refusal):
            street.like_comment(comment, who)
    assert street.comments(post)["items"][0]["like_count"] == 0


# -- the hidden author


def test_no_list_names_a_hidden_author(street):
    post = street.post(hide_name=True)
    root = street.comment(post["id"], SUN, "我来补充")["id"]
    reply = street.comment(post["id"], LU, "收到", reply_to=root)["id"]
    street.comment(post["id"], SUN, "谢谢", reply_to=reply)
    lists = [{}, {"under": "roots"}, {"under": root}, {"order": "newest"}]
    for reader, seen in ((LU, False), (WANG, False), (OBSERVER, False), (SUN, True)):
        for fields in lists:
            told = str(street.comments(post["id"], reader, **fields))
            assert ("孙奶奶" in told, "'sun'" in told, "3号楼" in told) == (seen, seen, seen)
            assert "匿名邻居" in told or seen
