"""Keys, boxes and receipts of votes: what they open, and what they refuse."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.keys import new_votes_keys
from services.votes import verify
from services.votes.crypto import box, keys
from services.votes.domain import ledger, receipts


def test_a_key_file_gives_its_pairs_and_says_what_is_wrong_without_quoting_a_key():
    text = new_votes_keys()
    ring = keys.parse(text)
    assert ring.now.id == ring.active and ring.now is ring.pair(ring.active)
    signature = bytes.fromhex(ring.now.signature(b"head"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(ring.now.public)).verify(signature, b"head")
    assert "sign=" not in repr(ring) and len(keys.key_id(ring.now.public)) == 16
    told = json.loads(text)
    name = told["active"]
    weak = base64.b64encode(bytes(32)).decode()
    short = base64.b64encode(b"0123456789").decode()
    for entry, words in (
        ({"sign": weak, "guard": told["keys"][name]["guard"]}, "random bytes"),
        ({"sign": told["keys"][name]["sign"], "guard": short}, "random bytes"),
        ({"sign": "?", "guard": weak}, "base64"),
        ({"guard": weak}, "sign"),
    ):
        with pytest.raises(ValueError, match=words) as caught:
            keys.parse(json.dumps({"active": name, "keys": {name: entry}}))
        assert told["keys"][name]["guard"] not in str(caught.value)
    for broken, words in (
        ("[]", "form"), ("nothing", "form"), ("{}", "'keys'"),
        (json.dumps({**told, "active": "other"}), "active"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            keys.parse(broken)


def test_a_process_without_keys_does_not_start_and_one_that_named_none_says_so(
    tmp_path, monkeypatch
):
    with pytest.raises(OSError, match="missing"):
        keys.use(tmp_path / "missing.json")
    monkeypatch.setattr(keys, "_ring", [])
    with pytest.raises(RuntimeError, match="no key file"):
        keys.ring()


def test_what_is_sealed_opens_with_its_own_box_for_its_own_poll_alone():
    private, public = box.new()
    texts = [f"ballot {number}".encode() for number in range(20)]
    sealed = [box.as_text(box.seal(public, "poll", text)) for text in texts]
    assert box.open_all(private, "poll", sealed) == texts
    assert len(set(sealed)) == 20
    other, _ = box.new()
    raw = bytearray(base64.b64decode(sealed[0]))
    raw[-1] ^= 1
    altered = base64.b64encode(raw).decode()
    for key, poll, one in ((other, "poll", sealed[0]), (private, "other", sealed[0]),
                           (private, "poll", altered)):  # fmt: skip
        with pytest.raises(ValueError, match="cannot be opened"):
            box.open_all(key, poll, [one])


@given(st.randoms(use_true_random=False))
def test_a_slip_of_the_pen_in_a_receipt_is_noticed(dice):
    receipt = receipts.new()
    shown = receipts.shown(receipt)
    assert [len(group) for group in shown.split("-")] == [5, 5, 5, 5]
    typed = shown.lower().replace("-", " ").replace("0", "o").replace("1", dice.choice("il"))
    assert receipts.read(typed) == receipt
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in shown.replace("-", "")) + "\u3000"
    assert receipts.read(wide) == receipt
    at = dice.randrange(20)
    wrong = dice.choice([sign for sign in receipts.SIGNS if sign != receipt[at]])
    for bad in (receipt[:at] + wrong + receipt[at + 1 :], receipt[1:], receipt + "0", "ü" * 20):
        with pytest.raises(receipts.BadReceipt):
            receipts.read(bad)


def test_the_signatures_of_rfc_8032_are_checked_in_plain_arithmetic():
    """Test vectors of section 7.1, and what is not a signature."""
    for public, text, signature in (
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
            "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
            "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
            "984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ):
        key, said, signed = (bytes.fromhex(one) for one in (public, text, signature))
        assert verify.signed_by(key, said, signed)
        assert not verify.signed_by(key, said + b"x", signed)
        assert not verify.signed_by(key, said, signed[:-1])
        assert not verify.signed_by(key, said, bytes(32) + signed[32:])
        assert not verify.signed_by(bytes(31) + b"\xff", said, signed)
        large = (int.from_bytes(signed[32:], "little") + verify.Q).to_bytes(32, "little")
        assert not verify.signed_by(key, said, signed[:32] + large), "one signature, one spelling"


def test_a_payload_has_one_spelling_and_a_float_has_none():
    assert ledger.canonical({"b": [1, "票", None], "a": True}) == '{"a":true,"b":[1,"票",null]}'
    for bad in (1.5, {"a": 0.1}, [{"b": object()}], {1: "x"}):
        with pytest.raises(TypeError):
            ledger.canonical(bad)
