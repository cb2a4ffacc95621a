"""Anybody counts a poll again from its export, and whatever was altered is found. Needs: db."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.contracts.actor import Role
from services.contracts.events import PersonDeleted
from services.contracts.operations.votes import Bar, Entitled, Quorum, RuleSet, Threshold
from services.contracts.operations.votes.ledger import ExportPart
from services.votes import copies, verify
from services.votes.crypto import keys
from services.votes.domain import ledger as chain
from services.votes.domain import merkle
from services.votes.domain.paper import Act
from services.votes.handlers import exports, leaving
from services.votes.handlers.duties import DUTIES
from tests.support.bridge import LU, SHI, SUN, actor, refused
from tests.support.votes import AUDITOR, MA, RULES
from tests.support.votes_paper import Desk, Store
from tests.support.votes_polls import Polls

pytestmark = pytest.mark.db

HALF = Bar(at="1/2", above=True)
OWNERS_VOTE = RuleSet(
    base="owners_ordinary",
    electorate=Entitled(who="owners", tenants=False),
    weight="dual",
    quorum=Quorum(kind="dual", area=Bar(at="2/3"), heads=Bar(at="2/3")),
    threshold=Threshold(area=HALF, heads=HALF),
    secrecy="named_to_auditors",
)
ELSEWHERE = actor("p-auditor-2", (Role.AUDITOR, "elsewhere"))


@pytest.fixture
def votes(emptied):
    return Polls(emptied("votes"))


def exported(votes, poll, audience="public", who=None) -> str:
    return str(votes.do(exports.whole, poll, audience, who, votes.now))


def said(text: str, key: str | None = None) -> list[str]:
    """What the verifier says; it raises when something is wrong."""
    lines: list[str] = []
    verify.verify(text, key, lines.append)
    return lines


def spelt(export: Any) -> str:
    return json.dumps(export, separators=(",", ":"), ensure_ascii=False) + "\n"


def desk_of(votes, poll) -> Desk:
    desk = Desk.__new__(Desk)
    desk.votes, desk.store, desk.poll, desk.codes = votes, Store(), poll, {}
    return desk


def secret_with_papers(votes) -> str:
    """Seven online, one of them changed; six papers, one of which says nothing."""
    rules = RULES.model_copy(
        update={"change_of_vote": True, "quorum": Quorum(kind="fraction", entries=HALF)}
    )
    people = [votes.voter(number) for number in range(7)]
    poll = votes.opened(rules, voters=people, without_account=8)
    kept = [votes.booth.cast(poll, person) for person in people]
    votes.booth.cast(poll, people[0], "against", receipt=kept[0])
    desk = desk_of(votes, poll)
    free = votes.rows("SELECT code FROM roll_entries WHERE state = 'free' ORDER BY code")
    papers = desk.issue(*(code for (code,) in free[:6]))
    for number in papers:
        desk.settle(Act.RETURN, number)
    votes.pass_time(days=7)
    votes.do_duties()
    sheet = {"issued": 6, "returned": 6, "for": 3, "against": 1, "abstain": 1, "invalid": 1}
    desk.counted(desk.counts("3号楼", **sheet))
    votes.until(minutes=15)
    return poll


def owners(votes, secrecy: str) -> str:
    """Three units of two owners, who vote by name."""
    rules = OWNERS_VOTE.model_copy(update={"secrecy": secrecy})
    poll = votes.announced(rules, voters=())
    for person, area in ((SUN, 8_950), (SUN, 10_001), (LU, 9_999), (MA, 7_000)):
        votes.entry(poll, person, kind="unit", area=area)
    votes.until(days=7)
    subjects = [one.subject_id for one in votes.get(poll).my_subjects]
    votes.booth.cast(poll, SUN, subject_id=subjects[0])
    votes.booth.cast(poll, SUN, "abstain", subject_id=subjects[1])
    votes.booth.cast(poll, LU)
    votes.until(days=7)
    return poll


def test_a_secret_poll_is_counted_again_by_somebody_who_knows_nothing_of_us(votes, tmp_path):
    poll = secret_with_papers(votes)
    assert votes.row(poll).state == "published", votes.row(poll).held
    text = exported(votes, poll)
    lines = said(text)
    assert any("for 6, against 1, abstain 0" in line for line in lines), lines
    assert any("1 sheets, for 3, against 1, abstain 1, invalid 1" in line for line in lines)
    assert any("was opened truthfully" in line for line in lines), "it says what it cannot show"
    key = json.loads(text)["heads"][0]["public_key"]
    assert not any("(--key)" in line for line in said(text, key))
    with pytest.raises(verify.Wrong, match="not the one you named"):
        said(text, "00" * 32)
    file = tmp_path / "export.json"
    file.write_text(text, encoding="utf-8", newline="")
    copied = tmp_path / "verify.py"
    copied.write_bytes(Path(verify.__file__).read_bytes())
    command = [sys.executable, "-I", str(copied), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "everything that can be checked agrees" in done.stdout
    file.write_text(text.replace("电动车", "自行车"), encoding="utf-8", newline="")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "WRONG" in done.stdout
    file.write_bytes(b"\xff")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_who_may_have_which_export_and_when(votes):
    poll = votes.opened(OWNERS_VOTE, voters=())
    assert refused(exported, votes, "nothing") == "votes.poll_not_found"
    announced = votes.announced()
    assert refused(exported, votes, announced) == "votes.ledger_not_found"
    poll = votes.opened()
    assert refused(exported, votes, poll) == "votes.not_closed"
    poll = owners(votes, "named_to_auditors")
    for who, code in (
        (None, "auth.token_required"),
        (SHI, "auth.forbidden"),
        (ELSEWHERE, "auth.forbidden"),
    ):
        assert refused(exported, votes, poll, "auditor", who) == code
    public, whole = exported(votes, poll), exported(votes, poll, "auditor", AUDITOR)
    assert json.loads(public)["ballots"] == []
    assert {len(line) for line in json.loads(public)["roll"]} == {3}
    assert any("single ones are for auditors" in line for line in said(public))
    assert len(json.loads(whole)["ballots"]) == 3
    assert any("each ballot is the one that was cast" in line for line in said(whole))
    assert votes.rows("SELECT poll_id, person_id FROM poll_audits") == [(poll, "p-auditor")]
    assert votes.timeline(poll)[-1][0] == "poll_audited"
    held = votes.do(copies.held_about, AUDITOR.person_id)["polls_audited"]["items"]
    assert [one["poll_id"] for one in held] == [poll]
    votes.do(leaving.follow, PersonDeleted(person_id=AUDITOR.person_id), votes.now)
    assert votes.rows("SELECT person_id FROM poll_audits") == []


def test_a_poll_that_was_voided_is_never_opened(votes):
    poll = votes.opened()
    votes.booth.cast(poll, SUN)
    votes.void(poll)
    assert votes.rows("SELECT count(*) FROM sealed_ballots") == [(0,)]
    assert votes.rows("SELECT private FROM poll_boxes") == [(None,)]
    assert any("unopened" in line for line in said(exported(votes, poll)))


def leaves(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a JSON tree."""
    items = thing.items() if isinstance(thing, dict) else enumerate(thing)
    for name, held in items:
        if isinstance(held, dict | list) and held:
            yield from leaves(held, (*path, name))
        else:
            yield (*path, name)


def holder(export: Any, path: tuple[Any, ...]) -> Any:
    for name in path[:-1]:
        export = export[name]
    return export


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("0" if value[-1:] != "0" else "1")
    return "x" if value is None or not value else None


def mutants(export: Any) -> Iterator[tuple[str, Any]]:
    """Each value changed, left out, and put in another's place."""
    paths = list(leaves(export))
    for number, path in enumerate(paths):
        for what in ("changed", "left out", "swapped"):
            copy = deepcopy(export)
            here = holder(copy, path)
            if what == "changed":
                here[path[-1]] = changed(here[path[-1]])
            elif what == "left out":
                del here[path[-1]]
            else:
                other = paths[(number + 1) % len(paths)]
                there = holder(copy, other)
                if here[path[-1]] == there[other[-1]]:
                    continue
                here[path[-1]], there[other[-1]] = there[other[-1]], here[path[-1]]
            yield f"{path} {what}", copy


@pytest.mark.parametrize("kind", ["secret", "named", "auditor"])
def test_whatever_is_altered_in_an_export_is_found(votes, monkeypatch, tmp_path, kind):
    """The program ends with 1 for every one of them, whatever it is that it meets."""
    monkeypatch.setattr(verify, "signed_by", lru_cache(maxsize=None)(verify.signed_by))
    if kind == "secret":
        text = exported(votes, secret_with_papers(votes))
    elif kind == "named":
        text = exported(votes, owners(votes, "named"))
    else:
        poll = owners(votes, "named_to_auditors")
        text = exported(votes, poll, "auditor", AUDITOR)
    said(text)
    file = tmp_path / "export.json"

    def passes(altered: str) -> bool:
        file.write_text(altered, encoding="utf-8", newline="")
        return verify.main([str(file)]) == 0

    export = json.loads(text)
    found = [what for what, mutant in mutants(export) if passes(spelt(mutant))]
    assert found == []
    dice = random.Random(7)
    for at in dice.sample(range(len(text)), 300):
        byte = text[at]
        other = dice.choice([sign for sign in '0a," }]' if sign != byte])
        assert not passes(text[:at] + other + text[at + 1 :]), (at, byte, other)
        assert not passes(text[:at] + text[at + 1 :]), (at, byte)


def resealed(export: Any, sign: Ed25519PrivateKey) -> Any:
    """The export as somebody with a key of her own would make it up: chain, roots, signatures."""
    before, leaves, poll_id = chain.first(export["poll_id"]), [], export["poll_id"]
    public = sign.public_key().public_bytes_raw().hex()
    heads = {head["seq"]: head for head in export["heads"]}
    for number, entry in enumerate(export["entries"], 1):
        entry["seq"], payload = number, entry["payload"]
        before = chain.link(before, number, entry["kind"], chain.canonical(payload))
        entry["hash"] = before.hex()
        if entry["kind"] == "leaves":
            leaves += [merkle.leaf(bytes.fromhex(leaf)) for leaf in payload["leaves"]]
        if number in heads:
            told = number, entry["hash"], len(leaves), merkle.root(leaves).hex(), "2026-11-26"
            text = chain.head_text(poll_id, *told)
            signed = {"key_id": keys.key_id(public), "public_key": public}
            heads[number].update(
                zip(("seq", "hash", "leaves", "root", "at"), told, strict=True),
                **signed,
                signature=sign.sign(text).hex(),
            )
    return export


def test_what_cannot_be_is_found_though_whoever_made_it_up_signed_all_of_it(
    votes, tmp_path, capsys
):
    """A key of one's own makes every hash and signature right; the figures have to agree still."""
    text = exported(votes, secret_with_papers(votes))
    sign = Ed25519PrivateKey.generate()
    file = tmp_path / "export.json"

    def ends(altered: str, *arguments: str) -> tuple[int, str]:
        file.write_text(altered, encoding="utf-8", newline="")
        return verify.main([str(file), *arguments]), capsys.readouterr().out

    genuine = json.loads(text)["heads"][0]["public_key"]
    assert ends(text, "--key", genuine)[1].endswith("everything that can be checked agrees\n")
    forged = spelt(resealed(json.loads(text), sign))
    code, told = ends(forged)
    assert code == 0 and "if that is the key: whoever has another" in told.splitlines()[-1]
    assert ends(forged, "--key", genuine)[0] == 1, "only the known key tells a whole forgery"

    def entry(export: Any, kind: str) -> Any:
        return next(one for one in export["entries"] if one["kind"] == kind)

    def twice_gone(export: Any) -> None:
        entry(export, "superseded")["payload"]["leaves"] *= 2

    def doubled(export: Any) -> None:
        export["roll"].insert(0, export["roll"][0])

    def renamed_and_doubled(export: Any) -> None:
        code, *rest = export["roll"][0]
        export["roll"].insert(0, [code[:-1], *rest])

    def below_nought(export: Any) -> None:
        sheet = entry(export, "paper")["payload"]
        sheet["votes"] |= {"for": 8, "against": -4}

    def line_more(export: Any) -> None:
        sheet = entry(export, "paper")["payload"]
        sheet["votes"] |= {"for": 0, "other": 3}

    def marks(export: Any) -> None:
        entry(export, "closed")["payload"]["marks"] += 1

    def after(kind: str, payload: Any) -> Any:
        def follows(export: Any) -> None:
            export["entries"].append({"seq": 0, "kind": kind, "hash": "", "payload": payload})

        return follows

    def early(export: Any) -> None:
        at = next(n for n, one in enumerate(export["entries"]) if one["kind"] == "closed")
        export["entries"][at : at + 2] = export["entries"][at : at + 2][::-1]

    nobodys = {
        **dict.fromkeys(("issued", "returned", "spoiled", "unreturned"), 0),
        "votes": dict.fromkeys((*verify.CHOICES, "invalid"), 0),
        "weights": {}, "buildings": [], "photos": [], "sheet": 99,
    }  # fmt: skip
    for alter in (
        twice_gone, doubled, renamed_and_doubled, below_nought, line_more, marks, early,
        after("paper", nobodys), after("extended", {"closes_at": "2027-01-01", "times": 9}),
    ):  # fmt: skip
        export = json.loads(text)
        alter(export)
        code, told = ends(spelt(resealed(export, sign)))
        assert code == 1 and "WRONG" in told, alter.__name__
    for before, instead in (
        ('"format":', '"format":"shequtong.poll/1","format":'),
        ('"seq":1,', '"seq":NaN,'),
        ('"seq":1,', '"seq":1' + "0" * 5_000 + ","),
        ('"seq":1,', '"seq":1e9999,'),
        ('"poll_id":', '"poll_id":' + "[" * 100_000),
        ('"for"', '"\\ud800"'),
    ):
        assert before in text
        assert ends(text.replace(before, instead, 1))[0] == 1, instead[:20]


def test_each_byte_has_one_spelling_and_numbers_have_an_end(votes, monkeypatch):
    monkeypatch.setattr(verify, "signed_by", lru_cache(maxsize=None)(verify.signed_by))
    public = json.loads(exported(votes, owners(votes, "named_to_auditors")))
    one, other = (line[2] for line in public["roll"][:2])
    for path, value in {
        ("heads", 0, "signature"): public["heads"][0]["signature"].upper(),
        ("heads", 1, "signature"): public["heads"][1]["signature"] + " ",
        ("roll", 0, 2): one.upper(),
    }.items():
        altered = deepcopy(public)
        holder(altered, path)[path[-1]] = value
        with pytest.raises(verify.Wrong, match="bytes as hex"):
            said(spelt(altered))
    altered = deepcopy(public)
    altered["roll"][0][2], altered["roll"][1][2] = one + other[:2], other[2:]
    with pytest.raises(verify.Wrong, match="bytes as hex"):
        said(spelt(altered))
    whole = json.loads(exported(votes, public["poll_id"], "auditor", AUDITOR))
    whole["roll"][0][4] = "1e99999999"
    with pytest.raises(verify.Wrong, match="not a number"):
        said(spelt(whole))


def test_a_named_polls_roll_is_open_and_a_voided_one_is_looked_at_too(votes):
    named = json.loads(exported(votes, owners(votes, "named")))
    for number, (code, state, kind, area, heads, salt) in enumerate(named["roll"]):
        hashed = sha256(b"\x00" + f"{salt}|{code}|{kind}|{area}|{heads}".encode()).hexdigest()
        named["roll"][number] = [code, state, hashed]
    with pytest.raises(verify.Wrong, match="is not open"):
        said(spelt(named))
    poll = votes.opened()
    votes.booth.cast(poll, SUN)
    votes.void(poll)
    export = json.loads(exported(votes, poll))
    assert any("held fast by nothing" in line for line in said(spelt(export)))
    export["roll"][0][2] = "0" * 64
    with pytest.raises(verify.Wrong, match="not the one that was frozen"):
        said(spelt(export))


def test_an_export_that_was_begun_before_the_result_has_no_certificate(votes):
    """The result came while somebody read on: what she has in hand agrees with itself."""
    people = [votes.voter(number) for number in range(3)]
    poll = votes.opened(voters=people)
    for person in people:
        votes.booth.cast(poll, person)
    votes.pass_time(days=7)
    later = votes.now + timedelta(minutes=15)
    votes.do_duties({**DUTIES, "poll.publish": lambda *_: later})
    assert votes.row(poll).state == "closed"
    first = votes.do(exports.part, ExportPart(id=poll), None, votes.now)
    texts, cursor = [first.text], first.next_cursor
    votes.until(minutes=15)
    assert votes.row(poll).state == "published"
    while cursor is not None:
        piece = votes.do(exports.part, ExportPart(id=poll, cursor=cursor), None, votes.now)
        texts.append(piece.text)
        cursor = piece.next_cursor
    text = "".join(texts)
    assert json.loads(text)["certificate"] is None
    assert any("no result yet" in line for line in said(text))


@pytest.mark.parametrize("secrecy", ["named", "named_to_auditors"])
def test_named_papers_are_held_against_the_roll_one_by_one(votes, secrecy):
    people = [votes.voter(number) for number in range(3)]
    rules = RULES.model_copy(update={"secrecy": secrecy})
    poll = votes.opened(rules, voters=people, without_account=3)
    for person in people:
        votes.booth.cast(poll, person)
    desk = desk_of(votes, poll)
    free = votes.rows("SELECT code FROM roll_entries WHERE state = 'free' ORDER BY code")
    codes, open_to_all = [code for (code,) in free], secrecy == "named"
    for number in desk.issue(*codes[:2]):
        desk.settle(Act.RETURN, number)
    votes.pass_time(days=7)
    votes.do_duties()
    listed = [{"subject_id": code, "choice": "against"} for code in codes[:2]]
    sheet = {"issued": 2, "returned": 2, "for": 0, "against": 2, "abstain": 0, "invalid": 0}
    desk.counted(desk.counts("3号楼", **sheet, ballots=listed))
    votes.until(minutes=15)
    public = json.loads(exported(votes, poll))
    assert public["papers"] == [] and said(spelt(public))
    who = () if open_to_all else ("auditor", AUDITOR)
    export = json.loads(exported(votes, poll, *who))
    assert any("1 sheets, for 0, against 2" in line for line in said(spelt(export)))
    paper = next(one for one in export["entries"] if one["kind"] == "paper")
    forged = {codes[0]: "against", codes[2]: "against"}
    if open_to_all:
        paper["payload"]["ballots"] = forged
    else:
        assert codes[0] not in json.dumps(paper), "names are for auditors"
        assert export["papers"][0][2] == dict.fromkeys(codes[:2], "against")
        dropped, swapped = {**export, "papers": []}, deepcopy(export)
        swapped["papers"][0][2] = forged
        for altered, why in ((dropped, "are missing"), (swapped, "names were altered")):
            with pytest.raises(verify.Wrong, match=why):
                said(spelt(altered))
        export["papers"][0][2] = forged
        paper["payload"]["names"] = chain.list_hash([export["papers"][0][1], forged])
    with pytest.raises(verify.Wrong, match="others than those who voted so"):
        said(spelt(resealed(export, Ed25519PrivateKey.generate())))
