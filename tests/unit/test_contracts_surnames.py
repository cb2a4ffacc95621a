"""Observers are shown a building and a surname. Needs: unit."""

import pytest

from services.contracts.surnames import as_watched, surname

pytestmark = pytest.mark.unit

WATCHER = "p-watcher"


def author(**changes):
    return {
        "id": "p-sun",
        "display_name": "孙奶奶",
        "building_label": "3号楼",
        "role_badges": [],
        "anonymous": False,
        **changes,
    }


def shown(**answer):
    return as_watched(answer, WATCHER)


@pytest.mark.parametrize(
    ("name", "short"),
    [("孙奶奶", "孙"), ("老陆", "陆"), ("小", "小"), ("Ann Lee", "A"), (" 王 ", "王"), ("", "")],
)
def test_a_surname_is_taken_from_what_neighbours_say(name, short):
    assert surname(name) == short


def test_neighbours_are_a_building_and_a_surname_however_deep():
    page = shown(items=[{"author": author(), "replies": [{"author": author(display_name="老陆")}]}])
    (item,) = page["items"]
    assert item["author"] == author(display_name="孙")
    assert item["replies"][0]["author"]["display_name"] == "陆"


@pytest.mark.parametrize(
    "changes",
    [
        {"anonymous": True, "display_name": "匿名邻居"},
        {"role_badges": ["party_member", "committee_staff"]},
        {"id": WATCHER},
        {"building_label": ""},
    ],
    ids=["hidden already", "in office", "herself", "of no building"],
)
def test_who_is_no_neighbour_keeps_her_name(changes):
    assert shown(author=author(**changes))["author"] == author(**changes)


def test_a_flag_is_no_office():
    flagged = shown(author=author(role_badges=["party_member", "owner"]))
    assert flagged["author"]["display_name"] == "孙"


def test_who_answers_in_office_is_named_and_whom_she_answers_is_not():
    answer = shown(official=True, author=author(), replies=[{"author": author()}])
    assert answer["author"]["display_name"] == "孙奶奶"
    assert answer["replies"][0]["author"]["display_name"] == "孙"
    line = shown(actor_role="committee_staff", actor_name="小王")
    assert line["actor_name"] == "小王"


def test_names_that_stand_alone_and_helpers_are_surnames_too():
    topic = shown(
        author_name="孙奶奶",
        actor_role="resident",
        reply_to_name=None,
        assisted_by={"id": "p-lu", "display_name": "老陆"},
        assignee={"person_id": "p-w", "display_name": "居委小王"},
    )
    assert (topic["author_name"], topic["assisted_by"]["display_name"]) == ("孙", "陆")
    assert topic["assignee"]["display_name"] == "居委小王", "a colleague at the desk"
    assert topic["reply_to_name"] is None
