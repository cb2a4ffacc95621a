"""Sealed envelopes, blind indexes, QR tokens and access tokens."""

import base64
import json
import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import KeySet, OKPKey

from services.contracts.actor import Grant, Role
from services.contracts.errors import TokenExpired, Unauthenticated
from services.contracts.ids import new_id
from services.identity import qr_tokens
from services.identity.crypto import BrokenSeal, Vault
from services.identity.tokens import TokenIssuer, new_refresh_token, refresh_hash
from services.kit.tokens import TokenVerifier

pytestmark = pytest.mark.unit


def key() -> bytes:
    return secrets.token_bytes(32)


VAULT = Vault("k2", {"k1": key(), "k2": key()}, key())


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again(text):
    envelope = VAULT.seal(text, purpose="a.b", owner="p-1")
    assert VAULT.open(envelope, purpose="a.b", owner="p-1") == text


def test_an_envelope_does_not_show_what_is_in_it():
    envelope = VAULT.seal("310113199003071236", purpose="a.b", owner="p-1")
    raw = base64.urlsafe_b64decode(envelope.split(".")[2] + "==")
    assert "310113" not in envelope and b"310113" not in raw


def test_the_envelope_names_algorithm_and_key_and_never_repeats():
    one, two = (VAULT.seal("x", purpose="a", owner="o") for _ in range(2))
    assert one.split(".")[:2] == ["A256GCM", "k2"]
    assert one != two


def test_an_older_key_still_opens_and_a_lost_one_does_not():
    old = Vault("k1", VAULT.keys, VAULT.index_key)
    envelope = old.seal("x", purpose="a", owner="o")
    assert envelope.startswith("A256GCM.k1.")
    assert VAULT.open(envelope, purpose="a", owner="o") == "x"
    without = Vault("k2", {"k2": VAULT.keys["k2"]}, VAULT.index_key)
    with pytest.raises(BrokenSeal):
        without.open(envelope, purpose="a", owner="o")


@pytest.mark.parametrize(("purpose", "owner"), [("b", "o"), ("a", "p")])
def test_an_envelope_of_another_column_or_row_does_not_open(purpose, owner):
    with pytest.raises(BrokenSeal):
        VAULT.open(VAULT.seal("x", purpose="a", owner="o"), purpose=purpose, owner=owner)


@given(st.data())
def test_an_altered_envelope_does_not_open(data):
    raw = bytearray(
        base64.urlsafe_b64decode(VAULT.seal("秘密", purpose="a", owner="o").split(".")[2] + "==")
    )
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    altered = "A256GCM.k2." + base64.urlsafe_b64encode(bytes(raw)).decode()
    with pytest.raises(BrokenSeal):
        VAULT.open(altered, purpose="a", owner="o")


@pytest.mark.parametrize(
    "envelope", ["", "x", "A256GCM.k2", "A256GCM.k2.", "NONE.k2.AAAA", "...", "A256GCM.k2.é"]
)
def test_no_envelope_at_all(envelope):
    with pytest.raises(BrokenSeal):
        VAULT.open(envelope, purpose="a", owner="o")


def test_an_index_depends_on_value_purpose_and_key():
    other = Vault("k2", VAULT.keys, key())
    indexes = {
        VAULT.index("phone", "1"),
        VAULT.index("phone", "2"),
        VAULT.index("id_number", "1"),
        other.index("phone", "1"),
    }
    assert len(indexes) == 4
    assert VAULT.index("phone", "1") == VAULT.index("phone", "1")


def test_a_vault_does_not_show_its_keys():
    assert repr(VAULT) == "Vault(active='k2')"


@given(st.one_of(st.text(max_size=6), st.from_regex(r"[A-Za-z0-9._-]{1,6}", fullmatch=True)))
def test_whatever_a_key_is_called_the_vault_is_refused_or_opens_what_it_seals(kid):
    try:
        vault = Vault(kid, {kid: VAULT.keys["k1"]}, VAULT.index_key)
    except ValueError:
        return
    assert vault.open(vault.seal("x", purpose="a", owner="o"), purpose="a", owner="o") == "x"


def test_a_cipher_that_does_not_open_what_it_seals_is_refused(monkeypatch):
    monkeypatch.setattr(Vault, "_cipher", lambda _self, kid, _algorithm: {}[kid])
    with pytest.raises(ValueError, match="does not open"):
        Vault("k1", VAULT.keys, VAULT.index_key)


# -- QR tokens ---------------------------------------------------------------------------------


def test_a_qr_token_stands_for_its_id():
    qr_id = new_id()
    token = qr_tokens.token_for(VAULT, qr_id)
    assert qr_tokens.read(VAULT, token) == qr_id
    assert len(token) == 38


def test_every_change_of_one_character_is_a_forgery():
    token = qr_tokens.token_for(VAULT, new_id())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for position, character in enumerate(token):
        for other in alphabet.replace(character, ""):
            with pytest.raises(qr_tokens.QrUnknown):
                qr_tokens.read(VAULT, token[:position] + other + token[position + 1 :])


def test_a_token_of_another_installation_is_unknown():
    other = Vault("k2", VAULT.keys, key())
    with pytest.raises(qr_tokens.QrUnknown):
        qr_tokens.read(VAULT, qr_tokens.token_for(other, new_id()))


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[A-Za-z0-9_-]{30,45}", fullmatch=True)))
def test_any_other_text_is_unknown(text):
    with pytest.raises(qr_tokens.QrUnknown):
        qr_tokens.read(VAULT, text)


def test_an_unsigned_id_is_unknown():
    bare = base64.urlsafe_b64encode(uuid.uuid4().bytes + bytes(12)).decode()
    with pytest.raises(qr_tokens.QrUnknown):
        qr_tokens.read(VAULT, bare)


# -- access tokens -----------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path):
    pair = [OKPKey.generate_key("Ed25519", {"kid": kid}) for kid in ("new", "old")]
    public = {"keys": [k.as_dict(private=False) for k in pair]}
    (tmp_path / "jwks.json").write_text(json.dumps(public))
    return pair, TokenVerifier(tmp_path / "jwks.json")


def test_an_issued_token_is_verified_with_its_grants(keys):
    pair, verifier = keys
    issuer = TokenIssuer(KeySet(pair))
    actor = verifier.verify(issuer.access_token("p-1", "s-1", [("secretary", "d.t.a")]))
    assert (actor.person_id, actor.session_id) == ("p-1", "s-1")
    assert actor.grants == (Grant(Role.SECRETARY, "d.t.a"),)


def test_the_first_key_signs_and_tokens_of_the_older_one_still_count(keys):
    pair, verifier = keys
    fresh = TokenIssuer(KeySet(pair)).access_token("p", "s", [])
    header = json.loads(base64.urlsafe_b64decode(fresh.split(".")[0] + "=="))
    assert header["kid"] == "new" and header["alg"] == "Ed25519"
    assert verifier.verify(TokenIssuer(KeySet(pair[1:])).access_token("p", "s", []))


def test_a_token_ends_after_fifteen_minutes_and_a_strangers_key_never_counts(keys):
    import time

    pair, verifier = keys
    old = TokenIssuer(KeySet(pair), clock=lambda: time.time() - 901)
    with pytest.raises(TokenExpired):
        verifier.verify(old.access_token("p", "s", []))
    stranger = OKPKey.generate_key("Ed25519", {"kid": "new"})
    with pytest.raises(Unauthenticated):
        verifier.verify(TokenIssuer(KeySet([stranger])).access_token("p", "s", []))


def test_refresh_tokens_are_random_and_kept_hashed():
    one, two = new_refresh_token(), new_refresh_token()
    assert one != two and len(one) >= 43
    assert one not in refresh_hash(one) and len(refresh_hash(one)) == 64
