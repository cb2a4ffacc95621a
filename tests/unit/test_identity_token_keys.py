"""Rotating the keys of access tokens: nobody is logged out, and nothing false becomes true."""

import base64
import json
import os
import stat
import threading

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from typer.testing import CliRunner

from deploy.local.keys import PUBLIC_KEYS, TOKEN_KEY, make_keys
from services.contracts.errors import TokenExpired, Unauthenticated
from services.identity import token_keys
from services.identity.tokens import KeyFile, TokenIssuer
from services.kit import tokens as kit_tokens
from services.kit.tokens import ALGORITHM, TokenVerifier, claims_for

pytestmark = pytest.mark.unit
NOW = 1_800_000_000.0


class Ticks:
    """A monotonic clock that moves when it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def files(tmp_path):
    make_keys(tmp_path)
    return tmp_path / TOKEN_KEY, tmp_path / PUBLIC_KEYS


@pytest.fixture
def ticks(monkeypatch):
    ticks = Ticks()
    monkeypatch.setattr(kit_tokens.time, "monotonic", ticks)
    return ticks


def kids(path) -> list[str]:
    return [key["kid"] for key in json.loads(path.read_text())["keys"]]


def test_tokens_of_the_old_and_the_new_key_both_count_without_a_restart(files, ticks):
    private, public = files
    issuer, verifier = TokenIssuer(KeyFile(private, ticks)), TokenVerifier(public)
    old = issuer.access_token("p-1", "s-1", [])
    assert verifier.verify(old).person_id == "p-1"
    kid = token_keys.rotate(private, public, NOW)
    ticks.now += 1.5
    new = issuer.access_token("p-2", "s-2", [])
    assert json.loads(base64.urlsafe_b64decode(new.split(".")[0] + "=="))["kid"] == kid
    assert verifier.verify(new).person_id == "p-2"
    assert TokenVerifier(public).verify(old).person_id == "p-1"


def test_the_issuer_looks_at_its_file_once_a_second_at_most(files, ticks):
    private, public = files
    keys = KeyFile(private, ticks)
    first = keys.keys().keys[0].kid
    token_keys.rotate(private, public, NOW)
    ticks.now += 0.5
    assert keys.keys().keys[0].kid == first
    ticks.now += 0.6
    assert keys.keys().keys[0].kid == kids(private)[0] != first


@pytest.mark.parametrize(
    "content", ["", "{", '{"keys": [{"kty": "OKP"}]}', '{"keys": 7}', '{"keys": []}', "[]"]
)
def test_a_file_that_cannot_be_read_stops_nobody_from_logging_in(files, ticks, content):
    private, _ = files
    keys = KeyFile(private, ticks)
    before = keys.keys().keys[0].kid
    private.write_text(content)
    os.utime(private, ns=(1, 1))
    ticks.now += 2
    assert keys.keys().keys[0].kid == before


def test_an_old_key_stays_for_as_long_as_its_tokens_may_live(files):
    private, public = files
    (first,) = kids(private)
    second = token_keys.rotate(private, public, NOW)
    third = token_keys.rotate(private, public, NOW + 60)
    assert kids(private) == kids(public) == [third, second, first]
    assert token_keys.prune(private, public, NOW + token_keys.KEEP_SECONDS - 1) == []
    assert token_keys.prune(private, public, NOW + token_keys.KEEP_SECONDS) == [first]
    assert token_keys.prune(private, public, NOW + 1e6) == [second]
    assert token_keys.prune(private, public, NOW + 1e9) == [], "the one that signs stays"
    assert kids(private) == kids(public) == [third]
    assert token_keys.KEEP_SECONDS > kit_tokens.LIFETIME_SECONDS


def test_rotating_drops_what_is_long_out_of_use(files):
    private, public = files
    (first,) = kids(private)
    token_keys.rotate(private, public, NOW)
    token_keys.rotate(private, public, NOW + 1e6)
    assert first not in kids(private) + kids(public)


def test_what_is_published_has_no_private_half_and_modes_stay(files):
    private, public = files
    public.chmod(0o644)
    token_keys.rotate(private, public, NOW)
    published = json.loads(public.read_text())["keys"]
    assert {name for key in published for name in key} <= {"kty", "crv", "x", "kid", "use", "alg"}
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o644
    assert sorted(p.name for p in private.parent.iterdir() if ".new" in p.name) == []


def test_whoever_reads_meanwhile_reads_whole_sets_and_never_an_unpublished_key(files):
    private, public = files
    done, wrong = threading.Event(), []

    def watch() -> None:
        while not done.is_set():
            signing = kids(private)[0]
            if signing not in kids(public):
                wrong.append(signing)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for n in range(15):
        token_keys.rotate(private, public, NOW + n)
    done.set()
    watcher.join()
    assert wrong == []


def test_rotations_at_once_lose_no_key(files):
    private, public = files
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(token_keys.rotate(private, public, NOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(made) < set(kids(private)) and kids(private) == kids(public)


def test_the_command_says_what_it_did(files, monkeypatch):
    private, public = files
    monkeypatch.setenv("SHEQU_TOKEN_KEY_FILE", str(private))
    monkeypatch.setenv("SHEQU_JWKS_FILE", str(public))
    said = CliRunner().invoke(token_keys.app, ["rotate"])
    assert said.exit_code == 0 and kids(private)[0] in said.output and "2 keys" in said.output
    listed = CliRunner().invoke(token_keys.app, ["list"])
    assert "signs" in listed.output and "replaced 0 minutes ago" in listed.output
    assert "0 dropped" in CliRunner().invoke(token_keys.app, ["prune"]).output


# -- after a rotation, what is false stays false -----------------------------------------------


def encoded(part: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def forged(private, public, how: str) -> str:
    claims = claims_for("p-1", "s-1", [["district_admin", "demo"]])
    new, old = (OKPKey.import_key(key) for key in json.loads(private.read_text())["keys"])
    stranger = OKPKey.generate_key("Ed25519", {"kid": new.kid})
    shared = OctKey.import_key(public.read_text())

    def signed(key, header: dict, claims: dict = claims) -> str:
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    ours = {"alg": ALGORITHM, "kid": new.kid}
    return {
        "alg none": lambda: f"{encoded({'alg': 'none', 'kid': new.kid})}.{encoded(claims)}.",
        "hs256": lambda: signed(shared, {"alg": "HS256", "kid": new.kid}),
        "other key": lambda: signed(stranger, ours),
        "wrong kid": lambda: signed(new, {"alg": ALGORITHM, "kid": old.kid}),
        "unknown kid": lambda: signed(new, {"alg": ALGORITHM, "kid": "nobody"}),
        "other issuer": lambda: signed(new, ours, {**claims, "iss": "somebody"}),
    }[how]()


@pytest.mark.parametrize(
    "how", ["alg none", "hs256", "other key", "wrong kid", "unknown kid", "other issuer"]
)
def test_a_forged_token_is_nobody(files, how):
    private, public = files
    token_keys.rotate(private, public, NOW)
    with pytest.raises(Unauthenticated):
        TokenVerifier(public).verify(forged(private, public, how))


def test_an_expired_token_of_a_rotated_key_is_told_so(files):
    private, public = files
    issuer = TokenIssuer(KeyFile(private), clock=lambda: NOW - 1e9)
    old = issuer.access_token("p-1", "s-1", [])
    token_keys.rotate(private, public, NOW)
    with pytest.raises(TokenExpired):
        TokenVerifier(public).verify(old)


def test_a_key_that_was_taken_out_opens_nothing_more(files, ticks):
    private, public = files
    old = TokenIssuer(KeyFile(private)).access_token("p-1", "s-1", [])
    token_keys.rotate(private, public, NOW)
    token_keys.prune(private, public, NOW + 1e6)
    with pytest.raises(Unauthenticated):
        TokenVerifier(public).verify(old)
