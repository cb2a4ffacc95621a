"""The replay's own judgement: what it takes for a message, and when its proof fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.replay.messages import RESIDENTS, BadFile, Message, fingerprint, read
from deploy.replay.proof import Proof, prove
from services.contracts.operations.grid_bridge import IssueReceipt

pytestmark = pytest.mark.unit

MESSAGES = [Message("m1", "u1", "楼道堆物", "三楼"), Message("m2", "u2", "路灯不亮", "东侧")]
ACCEPTED = {
    "m1": IssueReceipt(id="i1", post_id="p1", status="reported"),
    "m2": IssueReceipt(id="i2", post_id="p2", status="reported"),
}
ISSUES = [("i2", MESSAGES[1].text), ("i1", MESSAGES[0].text), ("i0", ("早先的", "问题"))]


def proof(**changed: Any) -> Proof:
    facts: dict[str, Any] = {
        "messages": MESSAGES,
        "accepted": ACCEPTED,
        "issues": ISSUES,
        "posts": ["p2", "p1", "p0"],
        "before": frozenset({"i0"}),
    }
    return prove(**{**facts, **changed})


def test_proof_holds_when_each_message_is_there_once() -> None:
    assert proof() == Proof()
    assert proof().holds


def test_lost_message_is_found_out() -> None:
    found = proof(issues=ISSUES[1:])
    assert found.lost == ("m2",)
    assert not found.holds


def test_unacknowledged_double_is_found_out() -> None:
    found = proof(issues=[("i3", MESSAGES[0].text), *ISSUES])
    assert found.twice == ("i3",)
    assert not found.holds


def test_same_text_of_an_earlier_replay_is_no_double() -> None:
    earlier = ("i-9", MESSAGES[0].text)
    assert proof(issues=[*ISSUES, earlier], before=frozenset({"i0", "i-9"})).holds


def test_somebody_else_s_issue_is_no_double() -> None:
    assert proof(issues=[("i9", ("别人的", "新问题")), *ISSUES]).holds


def test_two_messages_with_one_receipt_are_found_out() -> None:
    found = proof(accepted={"m1": ACCEPTED["m1"], "m2": ACCEPTED["m1"]})
    assert found.twice[:2] == ("m1", "m2")


def test_listing_that_repeats_itself_is_found_out() -> None:
    assert proof(issues=[*ISSUES, ISSUES[0]]).twice == ("m2",)


@pytest.mark.parametrize(
    ("posts", "lost", "twice"),
    [(["p2"], ("m1",), ()), (["p1", "p2", "p2"], (), ("m2",))],
)
def test_threads_are_counted_too(
    posts: list[str], lost: tuple[str, ...], twice: tuple[str, ...]
) -> None:
    found = proof(posts=posts)
    assert (found.threads_lost, found.threads_twice) == (lost, twice)
    assert not found.holds


def test_fingerprint_does_not_mind_how_blanks_are_stored() -> None:
    assert fingerprint(" 标题 ", "一\n二  三") == fingerprint("标题", "一 二 三")


def written(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return path


def test_reads_as_many_as_asked(tmp_path: Path) -> None:
    path = written(tmp_path / "m", *({"id": n, "title": "t", "body": f"{n}"} for n in range(5)))
    assert [message.id for message in read(path, 3)] == ["0", "1", "2"]
    assert len(read(path, 99)) == 5


def test_fills_what_a_message_lacks(tmp_path: Path) -> None:
    path = written(
        tmp_path / "m", {"id": 1, "title": "", "body": "b" * 300}, {"id": 2, "title": "t"}
    )
    first, second = read(path, 9)
    assert (len(first.title), len(first.body)) == (200, 300)
    assert second.body == "t"


def test_user_is_always_the_same_resident() -> None:
    again = Message("m3", "u1", "x", "y")
    assert MESSAGES[0].resident == again.resident
    assert MESSAGES[0].resident in RESIDENTS
    speakers = {Message("m", f"user {n}", "t", "b").resident for n in range(500)}
    assert speakers == set(RESIDENTS)


@pytest.mark.parametrize("line", ["{", "[1]", '{"title": "x"}', '{"id": 1}', '"text"'])
def test_file_that_holds_something_else_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadFile):
        read(written(tmp_path / "m", {"id": 1, "title": "t"}, line), 9)


def test_missing_or_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        read(tmp_path / "none", 9)
    with pytest.raises(BadFile):
        read(written(tmp_path / "m", ""), 9)
