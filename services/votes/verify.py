"""Counts a poll again: ``python -m services.votes.verify export.json [--key HEX]``.

One file, the standard library, nothing of the service: read it in ten minutes, copy it anywhere.
``--key`` is the public key you know from elsewhere (notice board, certificate, an earlier poll);
without it a whole export made up by somebody with another key would pass, and the output says so.

The export (``GET /polls/{id}/export``) is one JSON object without spaces, ended by a newline::

    format       "shequtong.poll/1"
    poll_id
    entries      the ledger: [{seq, kind, hash, payload}], a chain:
                 hash = SHA-256(hash before ‖ seq as 8 bytes ‖ kind ‖ 0x00 ‖ canonical payload),
                 before the first: SHA-256("shequtong ledger 1\\n" ‖ poll_id); canonical is JSON
                 with sorted keys, no spaces, UTF-8
                   opened      rules, sums and hash of the roll, times
                   leaves      ballots, from number `first` on, as hashes
                   superseded  numbers of ballots that others (or papers) replaced
                   paper       a tally sheet · counter: one that `replaces` another ·
                                `names`, where auditors know them: the hash of the canonical
                                [salt, ballots] of `papers`
                   closed      how many ballots there are · choices: what they said together
                   result      the counts, the certificate's hash, the hash of the roll's marks
                   extended · voided
    heads        after opened, closed, choices, result and voided: [{seq, hash, leaves, root, at,
                 key_id, public_key, signature}]; the signature (Ed25519, RFC 8032) is of the
                 canonical {poll_id, seq, hash, leaves, root, at}; root is that of the Merkle tree
                 (RFC 6962) over the leaves so far
    choices      of a secret poll, in the order of chance
    ballots      of a named poll: [number, choice, area, heads, code, salt]; the leaf is SHA-256 of
                 the canonical [choice, area, heads, code, salt]
    roll         by code: [code, state, hash], or where nothing has to stay hidden
                 [code, state, kind, area, heads, salt]; hash = SHA-256(0x00 ‖ "salt|code|kind|area|
                 heads"), and the roll's hash is the root of the tree over these
    papers       to auditors: [sheet, salt, ballots], choices by code
    certificate  as published; null before

Areas are in hundredths of a square metre; the certificate's are in m², exact as n/d.
Exit: 0 all is well, 1 something is wrong, 2 it cannot be read.
"""

import hashlib
import io
import json
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Json = Any
Sides = dict[str, Any]
Point = tuple[int, int, int, int]
CHOICES = ("for", "against", "abstain")
SIGNED = ("opened", "closed", "choices", "result", "voided")
AFTER = {"choices": "closed", "result": "choices"}
KINDS = (*SIGNED, "leaves", "superseded", "paper", "counter", "extended")
VOTED = ("online", "proxy", "paper")
EXACT = re.compile(r"[0-9]{1,40}([./][0-9]{1,40})?")
WEIGHED = {
    "person": ("heads",),
    "household": ("heads",),
    "floor_area": ("area",),
    "dual": ("area", "heads"),
}


class Wrong(Exception):
    """Something in the export does not agree with something else."""


def need(holds: object, what: str) -> None:
    """Say what is wrong, unless it holds."""
    if not holds:
        raise Wrong(what)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def no_float(text: str) -> None:
    raise Wrong(f"a number is no whole one: {text}")


def raw(text: Any, size: int) -> bytes:
    """So many bytes, as hex: each has one spelling, so none can be moved, or spelt otherwise."""
    found = bytes.fromhex(text)
    need(len(found) == size and found.hex() == text, f"not {size} bytes as hex: {text[:200]!r}")
    return found


def exact(value: Any) -> Fraction:
    """A number of at most forty digits, never below nought: whole, ``n/d`` or with a point."""
    if type(value) is str:
        need(EXACT.fullmatch(value), f"not a number: {value[:50]!r}")
        return Fraction(value)
    return Fraction(whole(value))


def whole(value: Any) -> int:
    need(type(value) is int and 0 <= value < 10**40, "a number is no whole one, or below nought")
    return int(value)


def fields(thing: Any, *names: str) -> list[Any]:
    need(isinstance(thing, dict) and set(thing) == set(names), f"fields are not {', '.join(names)}")
    return [thing[name] for name in names]


# -- the tree of RFC 6962, the signatures of RFC 8032 ----------------------------------------------


def tree_root(hashes: list[bytes]) -> bytes:
    level = list(hashes)
    while len(level) > 1:
        pairs = [sha(b"\x01" + a + b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[2 * len(pairs) :]
    return level[0] if level else sha(b"")


P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_times(s: int, p: Point) -> Point:
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = point_add(q, p)
        p, s = point_add(p, p), s >> 1
    return q


def point_of(raw: bytes) -> Point | None:
    """The point in 32 bytes, or None."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if len(raw) != 32 or y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P or (not x and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of(((4 * pow(5, P - 2, P)) % P).to_bytes(32, "little"))


def signed_by(public: bytes, text: bytes, signature: bytes) -> bool:
    """RFC 8032, section 5.1.7."""
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or BASE is None or len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    left, right = point_times(s, BASE), point_add(r, point_times(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# -- the ledger ------------------------------------------------------------------------------------


class Ledger:
    """The chain followed from its beginning, and what its entries say."""

    def __init__(self, poll_id: str, entries: Json) -> None:
        self.poll_id = poll_id
        self.leaves: list[bytes] = []
        self.gone: set[int] = set()
        self.sheets: dict[int, Json] = {}
        self.names: dict[int, str] = {}
        self.said: dict[str, Json] = {}
        self.after: dict[int, str] = {}
        self.counts: dict[int, int] = {}
        self.signed: list[int] = []
        before = sha(b"shequtong ledger 1\n" + self.poll_id.encode())
        for number, entry in enumerate(entries, 1):
            seq, kind, told, payload = fields(entry, "seq", "kind", "hash", "payload")
            need(type(seq) is int and seq == number, f"entry {number} has the number {seq!r}")
            need(kind in KINDS, f"entry {seq} is of an unknown kind")
            text = before + seq.to_bytes(8, "big") + kind.encode() + b"\x00" + canonical(payload)
            before = sha(text)
            need(told == before.hex(), f"entry {seq} ({kind}) was altered, or the chain before it")
            need((kind == "opened") == (seq == 1), "the chain does not begin with its opening")
            self.read(seq, kind, payload)
            self.after[seq], self.counts[seq] = told, len(self.leaves)
            self.signed += [seq] if kind in SIGNED else []
        need("opened" in self.said, "there is no opening")
        self.opened = self.said["opened"]
        need(self.opened["poll_id"] == self.poll_id, "the opening is another poll's")
        self.rules = self.opened["rules"]
        hashed = sha(canonical(self.rules)).hex()
        need(self.opened["rules_hash"] == hashed, "the rules are not those that were hashed")
        need(self.rules["secrecy"] == self.opened["secrecy"], "the rules name another secrecy")

    def read(self, seq: int, kind: str, payload: Json) -> None:
        if kind in SIGNED:
            need(kind not in self.said, f"there are two entries of the kind {kind}")
        need("voided" not in self.said, f"entry {seq} follows on the voiding")
        need("result" not in self.said or kind == "voided", f"entry {seq} follows on the result")
        need(AFTER.get(kind, "opened") in {*self.said, kind}, f"entry {seq} ({kind}) is too early")
        if kind in ("leaves", "superseded", "extended"):
            need("closed" not in self.said, f"entry {seq} ({kind}) came after the close")
        if kind == "leaves":
            need(payload["first"] == len(self.leaves), f"ballots are missing before entry {seq}")
            self.leaves += [raw(leaf, 32) for leaf in payload["leaves"]]
        elif kind == "superseded":
            for number in payload["leaves"]:
                need(whole(number) < len(self.leaves), "a ballot was replaced that there is not")
                need(number not in self.gone, "a ballot was replaced twice")
                self.gone.add(number)
        elif kind in ("paper", "counter"):
            if kind == "counter":
                need(payload["replaces"] in self.sheets, "a sheet replaces one that there is not")
                del self.sheets[payload["replaces"]]
            need(whole(payload["sheet"]) not in self.sheets, "a sheet was entered twice")
            self.sheets[payload["sheet"]] = payload
            if "names" in payload:
                self.names[payload["sheet"]] = payload["names"]
        else:
            self.said[kind] = payload

    def check_heads(self, heads: Json, known: str | None) -> str:
        need([head["seq"] for head in heads] == self.signed, "a signed head is missing")
        roots = {}
        for head in heads:
            seq, told, count, root, at, key_id, public, signature = fields(
                head, "seq", "hash", "leaves", "root", "at", "key_id", "public_key", "signature"
            )
            need(public == heads[0]["public_key"], "heads are signed with different keys")
            need(known is None or public == known.lower(), "the key is not the one you named")
            need(key_id == sha(raw(public, 32)).hex()[:16], "the key's id is not its own")
            need(told == self.after[seq], f"the head after entry {seq} is of another chain")
            need(count == self.counts[seq], f"the head after entry {seq} counts other ballots")
            if count not in roots:
                hashes = [sha(b"\x00" + leaf) for leaf in self.leaves[:count]]
                roots[count] = tree_root(hashes).hex()
            need(root == roots[count], f"the tree after entry {seq} has another root")
            head_told = {"poll_id": self.poll_id, "seq": seq, "hash": told}
            text = canonical({**head_told, "leaves": count, "root": root, "at": at})
            right = signed_by(raw(public, 32), text, raw(signature, 64))
            need(right, f"the signature after entry {seq} is false")
        return str(heads[0]["public_key"])


# -- ballots, roll, paper --------------------------------------------------------------------------


def nothing() -> Sides:
    return {choice: {"entries": 0, "area": 0, "heads": Fraction(0)} for choice in CHOICES}


def check_ballots(ledger: Ledger, choices: Json, ballots: Json) -> tuple[Sides, bool]:
    """What was voted online, by choice; and whether each ballot was shown to be in its leaf."""
    told = ledger.said["choices"]
    counting = [number for number in range(len(ledger.leaves)) if number not in ledger.gone]
    need(told["count"] == len(counting), "not as many choices as ballots that count")
    sums: Sides = {
        choice: {
            "entries": whole(one["entries"]),
            "area": whole(one["area"]),
            "heads": exact(one["heads"]),
        }
        for choice, one in told["totals"].items()
    }
    need(set(sums) == set(CHOICES), "the totals are not of the three choices")
    need(sum(one["entries"] for one in sums.values()) == told["count"], "the totals do not add up")
    if ledger.rules["secrecy"] == "secret":
        need(not ballots, "a secret poll names ballots")
        need(told["hash"] == sha(canonical(choices)).hex(), "the choices are not those opened")
        for choice in CHOICES:
            need(choices.count(choice) == sums[choice]["entries"], f"{choice} is miscounted")
        return sums, False
    need(not choices, "a named poll has choices without names")
    if not ballots:
        need(ledger.rules["secrecy"] == "named_to_auditors" or not counting, "ballots are missing")
        return sums, False
    need(told["hash"] == sha(canonical(ballots)).hex(), "the ballots are not those opened")
    need([ballot[0] for ballot in ballots] == counting, "ballots are not those that count")
    found = nothing()
    for number, choice, area, heads, code, salt in ballots:
        leaf = sha(canonical([choice, area, heads, code, salt]))
        need(leaf == ledger.leaves[number], f"ballot {number} is not what was cast")
        add(found[choice], whole(area), exact(heads))
    need(found == sums, "the ballots come to other totals")
    return sums, True


def add(side: Json, area: int, heads: Fraction) -> None:
    side["entries"] += 1
    side["area"] += area
    side["heads"] += heads


def check_roll(ledger: Ledger, roll: Json, ballots: Json) -> tuple[Json, Json]:
    """The roll against its hash, the marks against the ballots; entries, where they are open."""
    codes = [line[0] for line in roll]
    need(codes == sorted(set(codes)), "the roll is not in its order, or names an entry twice")
    told, hashes, entries = ledger.opened["roll"], [], {}
    for line in roll:
        if len(line) == 3:
            hashes.append(raw(line[2], 32))
            continue
        code, state, kind, area, heads, salt = line
        hashes.append(sha(b"\x00" + f"{salt}|{code}|{kind}|{area}|{heads}".encode()))
        entries[code] = {"state": state, "area": whole(area), "heads": exact(heads)}
    need(len(roll) == told["entries"], "the roll has not as many entries as at the opening")
    need(tree_root(hashes).hex() == told["hash"], "the roll is not the one that was frozen")
    if entries:
        need(len(entries) == len(roll), "the roll is open in parts")
        area, heads = (sum(one[by] for one in entries.values()) for by in ("area", "heads"))
        need(area == told["area"] and heads == exact(told["heads"]), "the roll's sums differ")
    named = ledger.rules["secrecy"] == "named" or ballots
    need(entries or not named or not roll, "the roll of a named poll is not open")
    marks = [[code, state] for code, state, *_ in roll]
    online = sum(state in ("online", "proxy") for _, state in marks)
    if "closed" in ledger.said:
        counting = len(ledger.leaves) - len(ledger.gone)
        need(online == counting, "not as many marks on the roll as ballots")
        need(ledger.said["closed"]["marks"] == counting, "the close counted other marks")
    if "result" in ledger.said:
        hashed = sha(canonical(marks)).hex()
        need(ledger.said["result"]["marks"] == hashed, "marks of the roll were altered")
    check_named(ledger, dict(marks), entries, ballots)
    return marks, entries


def by_units(rules: Json) -> bool:
    """Whether entries are units, each with its area and its share of its owner's head."""
    return rules["electorate"]["who"] in ("owners", "affected_owners")


def check_named(ledger: Ledger, states: Json, entries: Json, ballots: Json) -> None:
    seen = set()
    weighs = by_units(ledger.rules)
    for number, _, area, heads, code, _ in ballots:
        need(states.get(code) in ("online", "proxy"), f"ballot {number} is of nobody who voted")
        need(code not in seen, f"two ballots of one entry count (number {number})")
        seen.add(code)
        own = entries[code] if weighs else {"area": 0, "heads": 1}
        need((area, exact(heads)) == (own["area"], own["heads"]), f"ballot {number} weighs more")


def check_names(ledger: Ledger, papers: Json, ballots: Json) -> dict[int, Json]:
    """Who voted how on each sheet, where auditors are told."""
    found: dict[int, Json] = {}
    for number, salt, chosen in papers:
        hashed = sha(canonical([salt, chosen])).hex()
        need(number not in found and ledger.names.get(number) == hashed, "names were altered")
        found[number] = chosen
    need(not (papers or ballots) or set(found) == set(ledger.names), "names of a sheet are missing")
    return found


def check_paper(
    ledger: Ledger, marks: Json, entries: Json, names: dict[int, Json]
) -> tuple[Sides, int, bool]:
    """What the sheets that stand come to, by choice, and how many say nothing; whether weighed."""
    found, invalid, weighed, listed = nothing(), 0, True, list[str]()
    weighs = by_units(ledger.rules)
    for sheet in ledger.sheets.values():
        number, votes = sheet["sheet"], sheet["votes"]
        parts = sum(whole(sheet[part]) for part in ("returned", "spoiled", "unreturned"))
        need(sheet["issued"] == parts, f"sheet {number}: issued is not returned + spoiled + out")
        need(set(votes) == {*CHOICES, "invalid"}, f"sheet {number} has other lines")
        cast = sum(map(whole, votes.values()))
        need(cast == sheet["returned"], f"sheet {number}: votes are not returned")
        invalid += votes["invalid"]
        by_name = sheet.get("ballots") or names.get(number) or {}
        listed += by_name
        for choice in CHOICES:
            side, weight = found[choice], sheet["weights"].get(choice)
            side["entries"] += votes[choice]
            codes = [code for code, chosen in by_name.items() if chosen == choice]
            if weight is not None:
                side["area"] += whole(weight["area"])
                side["heads"] += exact(weight["heads"])
            elif not weighs:
                side["heads"] += votes[choice]
            elif len(codes) == votes[choice] and all(code in entries for code in codes):
                for code in codes:
                    side["area"] += entries[code]["area"]
                    side["heads"] += entries[code]["heads"]
            else:
                weighed = False
    if "result" in ledger.said:
        back = sum(sheet["returned"] for sheet in ledger.sheets.values())
        papers = [code for code, state in marks if state == "paper"]
        need(back == len(papers), "not as many papers on sheets as marks on the roll")
        if ledger.rules["secrecy"] == "named" or names:
            need(sorted(listed) == papers, "papers are listed of others than those who voted so")
    return found, invalid, weighed


# -- the count by the rules ------------------------------------------------------------------------


def reaches(part: Fraction, whole: Fraction, bar: Json) -> bool:
    share = exact(bar["at"])
    return bool(whole) and (part > whole * share if bar["above"] else part >= whole * share)


def outcome(rules: Json, roll: Json, taken: Json, votes: Sides) -> tuple[bool, bool] | None:
    """Whether it is passed and the quorum reached; None where something is not known."""
    cast = {by: votes["for"][by] + votes["against"][by] for by in ("entries", "area", "heads")}
    present = taken if rules["abstain_is_present"] else cast
    bars = {by: rules["quorum"][by] for by in ("entries", "households", "area", "heads")}
    bars = {by: bar for by, bar in bars.items() if bar is not None}
    if any(by not in present for by in bars):
        return None
    held = [reaches(present[by], roll[by], bar) for by, bar in bars.items()]
    either = rules["quorum"]["kind"] == "either"
    quorum = roll["entries"] > 0 and (any(held) if either else all(held))
    passed, measures = quorum, WEIGHED[rules["weight"]]
    yes, no = ({by: votes[side][by] for by in measures} for side in ("for", "against"))
    added = dict.fromkeys(measures, 0)
    if rules["non_voters"] == "with_majority":
        away = {by: roll[by] - taken[by] for by in measures}
        for side, other in ((yes, no), (no, yes)):
            if all(side[by] > other[by] for by in measures):
                added = away
                side.update({by: side[by] + away[by] for by in measures})
                break
    threshold = rules["threshold"]
    for by in measures:
        whole = {
            "cast": yes[by] + no[by],
            "present": present[by] + added[by],
            "roll": roll[by],
        }[threshold["base"]]
        bar = threshold[by]
        enough = yes[by] == whole > 0 if bar is None else reaches(yes[by], whole, bar)
        passed = passed and enough and yes[by] > no[by]
    return passed, quorum


def check_result(
    ledger: Ledger,
    certificate: Json,
    online: Sides,
    paper: Sides,
    invalid: int,
    weighed: bool,
    marks: Json,
    entries: Json,
) -> list[str]:
    """The result against certificate and count; what could not be reckoned."""
    result, opened, rules = ledger.said["result"], ledger.opened, ledger.rules
    need(certificate is not None, "the certificate is missing")
    hashed = sha(canonical(certificate)).hex()
    need(hashed == result["certificate"], "the certificate is not the one that was published")
    for name in ("poll_id", "topic_id", "title", "text_hash", "rules", "rules_hash"):
        need(certificate[name] == opened[name], f"the certificate has another {name}")
    need(certificate["roll_hash"] == opened["roll"]["hash"], "the certificate has another roll")
    figures, missing = certificate["figures"], []
    for channel, sides in (("online", online), ("paper", paper)):
        for told in (figures[channel], result[channel]):
            same = all(told[choice] == sides[choice]["entries"] for choice in CHOICES)
            need(same, f"the result counts {channel} votes otherwise")
    need(figures["paper"]["invalid"] == invalid, "the result counts other invalid papers")
    votes = {
        choice: {by: online[choice][by] + paper[choice][by] for by in online[choice]}
        for choice in CHOICES
    }
    told_roll, came = figures["roll"], figures["taken_part"]
    roll, taken = (
        {
            "entries": whole(one["entries"]),
            "households": whole(one["households"]),
            "area": exact(one["area"]) * 100,
            "heads": exact(one["heads"]),
        }
        for one in (told_roll, came)
    )
    for by in roll:
        need(roll[by] == exact(opened["roll"][by]), f"the roll's {by} are not those frozen")
    voted = [code for code, state in marks if state in VOTED]
    need(taken["entries"] == len(voted), "not as many took part as have marks on the roll")
    if entries:
        for by in ("area", "heads"):
            need(taken[by] == sum(entries[code][by] for code in voted), f"other {by} took part")
    elif by_units(rules):
        missing.append("areas and heads of those who took part: single ones are for auditors")
    if rules["quorum"]["households"]:
        missing.append("which entries are one household: taken from the certificate")
    if not weighed:
        missing.append("what papers weigh: whose they are is for auditors, or nobody")
        return missing
    for by in WEIGHED[rules["weight"]]:
        for choice in CHOICES:
            unit = 100 if by == "area" else 1
            told = exact(figures["weights"][by][choice]) * unit
            need(told == votes[choice][by], f"{choice} weighs otherwise by {by}")
    counted = outcome(rules, roll, taken, votes)
    if counted is None:
        missing.append("a quorum by households of those for and against alone")
        return missing
    told = figures["passed"], figures["quorum_reached"]
    need(counted == told and result["passed"] == told[0], "the rules come to another result")
    lines = figures["arithmetic"]
    held = [line["holds"] for line in lines if line["of"] != "quorum" or not line["alternative"]]
    one_of = [line["holds"] for line in lines if line["of"] == "quorum" and line["alternative"]]
    need((all(held) and (any(one_of) or not one_of)) == told[0], "lines of the result disagree")
    return missing


# -- all of it -------------------------------------------------------------------------------------


def verify(text: str, known: str | None = None, say: Callable[[str], None] = print) -> None:
    """Check an export; the text it was read from counts to the last byte.

    Raises:
        Wrong: what does not agree.
    """
    export = json.loads(text, parse_float=no_float, parse_constant=no_float)
    spelt = json.dumps(export, separators=(",", ":"), ensure_ascii=False) + "\n"
    need(spelt == text, "the file is not spelt as it was exported")
    form, poll_id, entries, heads, choices, ballots, roll, papers, certificate = fields(
        export,
        *("format", "poll_id", "entries", "heads", "choices"),
        *("ballots", "roll", "papers", "certificate"),
    )
    need(form == "shequtong.poll/1", "the format is not shequtong.poll/1")
    ledger = Ledger(poll_id, entries)
    say(f"ok  账本首尾相连 / the chain: {len(entries)} entries, {len(ledger.leaves)} ballots")
    key = ledger.check_heads(heads, known)
    say(f"ok  签名与默克尔根 / signatures and roots: {len(heads)} heads, key {key}")
    if known is None:
        say("??  未核对公钥 / is this the key? Compare it with one you know (--key)")
    if "choices" not in ledger.said:
        need("voided" in ledger.said, "the poll has no choices, and was not voided")
        need(
            not (choices or ballots or papers or certificate),
            "a poll that was voided open has choices",
        )
        check_roll(ledger, roll, [])
        say(f"ok  名册 / the roll: {len(roll)} entries; its marks are held fast by nothing")
        say("!!  表决作废，未开箱 / the poll was voided with its box unopened: nothing to count")
        return
    closed = ledger.said["closed"]
    need(closed["leaves"] == len(ledger.leaves), "the close counted other ballots")
    need(closed["superseded"] == len(ledger.gone), "the close counted other replaced ballots")
    online, shown = check_ballots(ledger, choices, ballots)
    say(f"ok  线上票 / ballots: {tally(online)}")
    say(
        "ok  每张票与账本相符 / each ballot is the one that was cast"
        if shown
        else "--  无法逐张核对密封票 / not shown: that each sealed ballot was opened truthfully; "
        "how many there are is shown"
    )
    marks, open_roll = check_roll(ledger, roll, ballots)
    say(f"ok  名册与标记 / the roll: {len(roll)} entries, as many marks as ballots")
    names = check_names(ledger, papers, ballots)
    paper, invalid, weighed = check_paper(ledger, marks, open_roll, names)
    say(f"ok  纸质票 / papers: {len(ledger.sheets)} sheets, {tally(paper)}, invalid {invalid}")
    if "result" not in ledger.said:
        need(certificate is None, "a certificate without a result")
        say("--  尚无结果 / there is no result yet: marks and papers are only signed with it")
        return
    missing = check_result(ledger, certificate, online, paper, invalid, weighed, marks, open_roll)
    passed = ledger.said["result"]["passed"]
    say(f"ok  结果 / the result: {'通过 / passed' if passed else '未通过 / not passed'}")
    for what in missing:
        say(f"--  无法核对 / not checked: {what}")
    if "voided" in ledger.said:
        say(f"!!  结果已作废 / the result was annulled: {ledger.said['voided']['reason']!r}")


def tally(sides: Sides) -> str:
    return ", ".join(f"{choice} {sides[choice]['entries']}" for choice in CHOICES)


def main(arguments: list[str]) -> int:
    known = None
    if "--key" in arguments[:-1]:
        at = arguments.index("--key")
        known = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2 :]
    if len(arguments) != 1:
        print("python -m services.votes.verify export.json [--key HEX]")
        return 2
    try:
        with open(arguments[0], encoding="utf-8", newline="") as file:
            text = file.read()
    except (OSError, ValueError) as error:
        print(f"不能读取 / cannot be read: {error}")
        return 2
    try:
        verify(text, known)
    except Wrong as error:
        print(f"XX  有问题 / WRONG: {error}")
        return 1
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        ZeroDivisionError,
        OverflowError,
        RecursionError,
    ) as error:
        print(f"XX  有问题 / WRONG: a field is missing or of another form ({error!r})")
        return 1
    print("一切相符 / everything that can be checked agrees", end="" if known is None else "\n")
    if known is None:
        print("，但公钥未经核对 / if that is the key: whoever has another can make up all of it")
    return 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console may know no Chinese
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
