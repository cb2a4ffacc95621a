"""SM4-GCM, SM3 and their places in vault and envelope; vectors of the standards."""

import secrets

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from services.identity.crypto import BrokenSeal, Vault
from services.identity.crypto.algorithms import (
    A256GCM,
    CIPHERS,
    HMAC_SHA256,
    HMAC_SM3,
    MACS,
    SM4GCM,
    Sm4Gcm,
)
from services.identity.crypto.vault import IndexKey

pytestmark = pytest.mark.unit


def key(size: int = 32) -> bytes:
    return secrets.token_bytes(size)


MIXED = Vault(
    "sm",
    {"aes": key(), "sm": key(16)},
    key(),
    algorithms={"sm": SM4GCM},
    index_algorithm=HMAC_SM3,
)


# -- vectors -----------------------------------------------------------------------------------


def test_sm4_is_the_cipher_of_gb_t_32907():
    """GB/T 32907-2016, annex A.1."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    cipher = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()
    assert cipher.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


RFC_8998_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
RFC_8998_NONCE = bytes.fromhex("00001234567800000000abcd")
RFC_8998_AAD = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
RFC_8998_TEXT = bytes.fromhex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
)
RFC_8998_SEALED = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)


def test_sm4_gcm_agrees_with_rfc_8998():
    """RFC 8998, appendix A.1."""
    cipher = Sm4Gcm(RFC_8998_KEY)
    assert cipher.encrypt(RFC_8998_NONCE, RFC_8998_TEXT, RFC_8998_AAD) == RFC_8998_SEALED
    assert cipher.decrypt(RFC_8998_NONCE, RFC_8998_SEALED, RFC_8998_AAD) == RFC_8998_TEXT


@pytest.mark.parametrize("aad", [RFC_8998_AAD[:-1], b"", None])
def test_sm4_gcm_opens_for_its_associated_data_alone(aad):
    with pytest.raises(InvalidTag):
        Sm4Gcm(RFC_8998_KEY).decrypt(RFC_8998_NONCE, RFC_8998_SEALED, aad)


def sm3(message: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(message)
    return digest.finalize()


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_agrees_with_gb_t_32905(message, digest):
    """GB/T 32905-2016, annex A."""
    assert sm3(message).hex() == digest


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_hmac_sm3_is_hmac_as_gb_t_15852_2_defines_it(index_key, message):
    padded = index_key.ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in padded) + message)
    assert MACS[HMAC_SM3](index_key)(message) == sm3(bytes(b ^ 0x5C for b in padded) + inner)


def test_hmac_sha_256_agrees_with_rfc_4231():
    """RFC 4231, test case 1."""
    mac = MACS[HMAC_SHA256](b"\x0b" * 20)(b"Hi There")
    assert mac.hex() == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"


# -- in the vault --------------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_what_sm4_sealed_opens_again(text):
    envelope = MIXED.seal(text, purpose="a.b", owner="p-1")
    assert envelope.startswith("SM4GCM.sm.")
    assert MIXED.open(envelope, purpose="a.b", owner="p-1") == text
    for purpose, owner in (("a.c", "p-1"), ("a.b", "p-2")):
        with pytest.raises(BrokenSeal):
            MIXED.open(envelope, purpose=purpose, owner=owner)


def test_envelopes_of_both_algorithms_stand_side_by_side():
    older = Vault("aes", {"aes": MIXED.keys["aes"]}, MIXED.index_key)
    envelope = older.seal("x", purpose="a", owner="o")
    assert envelope.startswith("A256GCM.aes.")
    assert MIXED.open(envelope, purpose="a", owner="o") == "x"


def test_a_key_opens_nothing_under_the_name_of_another_algorithm():
    _, kid, body = MIXED.seal("x", purpose="a", owner="o").split(".")
    for algorithm in (A256GCM, "NONE"):
        with pytest.raises(BrokenSeal):
            MIXED.open(f"{algorithm}.{kid}.{body}", purpose="a", owner="o")


@pytest.mark.parametrize("cut", range(0, 29, 4))
def test_a_cut_envelope_does_not_open(cut):
    envelope = MIXED.seal("", purpose="a", owner="o")
    with pytest.raises(BrokenSeal):
        MIXED.open(envelope[: len("SM4GCM.sm.") + cut], purpose="a", owner="o")


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"keys": {"k": key(16)}}, "32 bytes"),
        ({"algorithms": {"k": SM4GCM}}, "16 bytes"),
        ({"algorithms": {"k": "ROT13"}}, "ROT13"),
        ({"index_algorithm": "MD5"}, "MD5"),
        ({"index_key": b"short"}, "32 bytes"),
        ({"earlier_index_keys": (IndexKey(b"short"),)}, "32 bytes"),
        ({"active": "gone"}, "gone"),
    ],
)
def test_a_vault_with_a_wrong_key_is_refused_and_does_not_show_it(over, said):
    usual = {"active": "k", "keys": {"k": key()}, "index_key": key()}
    with pytest.raises(ValueError, match=said) as refused:
        Vault(**{**usual, **over})
    assert "short" not in str(refused.value)


def test_every_cipher_has_a_key_of_the_length_of_its_standard():
    assert {name: kind.key_bytes for name, kind in CIPHERS.items()} == {A256GCM: 32, SM4GCM: 16}


# -- index keys one over the other -----------------------------------------------------------------


def with_another_index_key(vault: Vault, algorithm: str = HMAC_SM3) -> Vault:
    return Vault(
        vault.active,
        vault.keys,
        key(),
        algorithms=vault.algorithms,
        index_algorithm=algorithm,
        earlier_index_keys=vault.index_keys,
    )


OLDER = Vault("k", {"k": key()}, key())
NEWER = with_another_index_key(OLDER)
NEWEST = with_another_index_key(NEWER, HMAC_SHA256)


@given(st.text(max_size=30), st.text(max_size=30))
def test_an_index_is_brought_through_later_keys_without_its_value(purpose, value):
    index = OLDER.index(purpose, value)
    assert NEWER.index_after(1, index) == NEWER.index(purpose, value)
    assert NEWEST.index_after(1, index) == NEWEST.index(purpose, value)
    assert NEWEST.index_after(2, NEWER.index(purpose, value)) == NEWEST.index(purpose, value)
    assert len({index, NEWER.index(purpose, value), NEWEST.index(purpose, value)}) == 3


def test_what_hangs_on_notice_boards_outlives_another_index_key():
    assert NEWEST.mac("qr", b"id") == NEWER.mac("qr", b"id") == OLDER.mac("qr", b"id")


def test_a_fingerprint_tells_runs_of_index_keys_apart():
    assert OLDER.fingerprint(1) == NEWEST.fingerprint(1)
    assert NEWER.fingerprint(2) == NEWEST.fingerprint(2)
    assert len({NEWEST.fingerprint(n) for n in (1, 2, 3)}) == 3
    assert Vault("k", OLDER.keys, key()).fingerprint(1) != OLDER.fingerprint(1)
