"""Access tokens: whose they are, and every way in which they can be false."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from services.contracts.actor import Role
from services.contracts.errors import TokenExpired, Unauthenticated
from services.kit import tokens
from services.kit.tokens import TokenVerifier
from tests.support.keys import Signer

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return Signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def verifier(signer):
    return TokenVerifier(signer.jwks_file)


def encoded(part: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_the_claims_become_an_actor(signer, verifier):
    actor = verifier.verify(signer.token("p-1", [("committee_staff", "demo.a.b")], "s-9"))
    assert (actor.person_id, actor.session_id) == ("p-1", "s-9")
    assert actor.holds(frozenset({Role.COMMITTEE_STAFF}), "demo.a.b")
    assert not actor.holds(frozenset({Role.COMMITTEE_STAFF}), "demo.a")


def test_an_unknown_role_of_a_newer_identity_is_passed_over(signer, verifier):
    actor = verifier.verify(signer.token(grants=[("mayor", "demo"), ("resident", "demo.a.b")]))
    assert [grant.role for grant in actor.grants] == [Role.RESIDENT]


def test_at_most_twenty_grants_travel(signer, verifier):
    many = [("resident", f"demo.t.c{n}") for n in range(30)]
    assert len(verifier.verify(signer.token(grants=many)).grants) == tokens.MAX_GRANTS


def test_a_token_runs_out_even_when_it_is_remembered(signer, monkeypatch):
    verifier = TokenVerifier(signer.jwks_file)
    token = signer.token(age=tokens.LIFETIME_SECONDS - 60)
    verifier.verify(token)
    now = tokens.time.time()
    monkeypatch.setattr(tokens.time, "time", lambda: now + 120)
    with pytest.raises(TokenExpired):
        verifier.verify(token)


def test_an_ended_session_is_refused_at_once(signer, verifier):
    token = signer.token(session_id="s-1")
    verifier.verify(token)
    verifier.forget_session("s-1")
    with pytest.raises(TokenExpired):
        verifier.verify(token)


def test_a_forgotten_person_is_out_in_every_known_session(signer, verifier):
    mine = [signer.token("p-1", session_id=f"s-{n}") for n in range(3)]
    other = signer.token("p-2", session_id="s-other")
    for token in (*mine, other):
        verifier.verify(token)
    verifier.forget_person("p-1")
    for token in mine:
        with pytest.raises(TokenExpired):
            verifier.verify(token)
    assert verifier.verify(other).person_id == "p-2"


def test_a_token_refreshed_after_the_revocation_is_good_again(signer, verifier):
    verifier.verify(signer.token("p-1"))
    verifier.forget_person("p-1")
    assert verifier.verify(signer.token("p-1", age=-1)).person_id == "p-1"


def assisted(signer, helper: str, subject: str, age: float = 0) -> str:
    """What a helper is given to act for somebody: the helper's session, the subject's homes."""
    return signer.token(subject, session_id=f"s-{helper}", age=age, act={"sub": helper})


def test_a_helper_stands_in_the_act_claim(signer, verifier):
    actor = verifier.verify(assisted(signer, "lu", "sun"))
    assert (actor.person_id, actor.acted_by, actor.hand) == ("sun", "lu", "lu")
    alone = verifier.verify(signer.token("sun"))
    assert (alone.acted_by, alone.hand) == ("", "sun")


@pytest.mark.parametrize(
    "forget",
    [
        lambda v: v.forget_person("lu"),
        lambda v: v.forget_person("sun"),
        lambda v: v.forget_session("s-lu"),
        lambda v: v.forget_help("lu", "sun"),
    ],
    ids=["helper's role", "subject gone", "helper's session", "assistance ended"],
)
def test_whatever_ends_for_helper_or_subject_ends_the_help(signer, verifier, forget):
    token = assisted(signer, "lu", "sun")
    verifier.verify(token)
    forget(verifier)
    with pytest.raises(TokenExpired):
        verifier.verify(token)


def test_an_ended_help_ends_nothing_else(signer, verifier):
    good = [
        signer.token("lu", session_id="s-lu"),
        signer.token("sun", session_id="s-sun"),
        assisted(signer, "lu", "zhao"),
        assisted(signer, "wang", "sun"),
        assisted(signer, "lu", "sun", age=-1),  # agreed upon once more, afterwards
    ]
    verifier.forget_help("lu", "sun")
    for token in good:
        verifier.verify(token)


@pytest.mark.parametrize("act", ["lu", {}, ["lu"], None])
def test_an_act_claim_that_names_nobody_is_nobody(signer, verifier, act):
    with pytest.raises(Unauthenticated):
        verifier.verify(signer.token("sun", act=act))


def test_another_issuer_is_nobody(signer, verifier):
    with pytest.raises(Unauthenticated):
        verifier.verify(signer.token(iss="somebody"))


def test_alg_none_is_nobody(signer, verifier):
    claims = tokens.claims_for("p-1", "s-1", [("district_admin", "demo")])
    for alg in ("none", "None", "NONE"):
        with pytest.raises(Unauthenticated):
            verifier.verify(f"{encoded({'alg': alg})}.{encoded(claims)}.")


def test_the_public_key_is_not_taken_for_a_shared_secret(signer, verifier):
    """The old confusion: a token signed by HMAC with the public key as its secret."""
    secret = OctKey.import_key(signer.jwks_file.read_text())
    claims = tokens.claims_for("p-1", "s-1", [])
    forged = jwt.encode({"alg": "HS256", "kid": signer.key.kid}, claims, secret)
    with pytest.raises(Unauthenticated):
        verifier.verify(forged)


def test_another_key_under_our_name_is_nobody(signer, verifier, tmp_path):
    with pytest.raises(Unauthenticated):
        verifier.verify(Signer(tmp_path, kid=signer.key.kid).token())


def test_changed_claims_are_nobody(signer, verifier):
    head, _, signature = signer.token("p-1").split(".")
    claims = tokens.claims_for("p-1", "s-1", [("district_admin", "demo")])
    with pytest.raises(Unauthenticated):
        verifier.verify(f"{head}.{encoded(claims)}.{signature}")


@pytest.mark.parametrize("missing", ["sub", "sid", "g", "exp", "iss"])
def test_a_missing_claim_is_nobody(signer, verifier, missing):
    claims = tokens.claims_for("p-1", "s-1", [])
    del claims[missing]
    header = {"alg": tokens.ALGORITHM, "kid": signer.key.kid}
    token = jwt.encode(header, claims, signer.key, algorithms=[tokens.ALGORITHM])
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


@pytest.mark.parametrize("grants", ["resident", [["resident"]], [["resident", 1, 2]], [7], None])
def test_grants_of_another_shape_are_nobody(signer, verifier, grants):
    with pytest.raises(Unauthenticated):
        verifier.verify(signer.token(g=grants))


@given(st.text(max_size=300) | st.from_regex(r"[\w-]{5,40}\.[\w-]{5,40}\.[\w-]{0,40}"))
def test_no_text_whatever_makes_it_stumble(text):
    with pytest.raises(Unauthenticated):
        STUMBLER.verify(text)


def test_a_new_key_is_found_without_a_restart(signer, tmp_path, monkeypatch):
    old = Signer(tmp_path, kid="old")
    verifier = TokenVerifier(old.jwks_file)
    verifier.verify(old.token())
    new = OKPKey.generate_key("Ed25519", parameters={"kid": "new"})
    keys = [old.key.as_dict(private=False), new.as_dict(private=False)]
    old.jwks_file.write_text(json.dumps({"keys": keys}))
    later = tokens.time.monotonic() + 5
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    token = jwt.encode(
        {"alg": tokens.ALGORITHM, "kid": "new"},
        tokens.claims_for("p-1", "s-1", []),
        new,
        algorithms=[tokens.ALGORITHM],
    )
    assert verifier.verify(token).person_id == "p-1"


def _stumbler() -> TokenVerifier:
    import tempfile
    from pathlib import Path

    return TokenVerifier(Signer(Path(tempfile.mkdtemp(prefix="shequ-keys-"))).jwks_file)


STUMBLER = _stumbler()
