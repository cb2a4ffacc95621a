"""The token of an operator's command: of a service, nowhere in the tree, by the private key."""

import json

import pytest
from joserfc.jwk import KeySet

from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from services.contracts.operations import BY_ID
from services.kit.service_token import NoKey, ServiceToken
from services.kit.tokens import TokenVerifier
from tests.support.keys import Signer

pytestmark = pytest.mark.unit


@pytest.fixture
def signer(tmp_path):
    return Signer(tmp_path)


@pytest.fixture
def key_file(signer, tmp_path):
    path = tmp_path / "token.jwk.json"
    path.write_text(json.dumps(KeySet([signer.key]).as_dict(private=True)))
    return path


def test_it_is_believed_as_a_service_that_covers_no_place(signer, key_file):
    actor = TokenVerifier(signer.jwks_file).verify(ServiceToken(key_file, "rebuild").text())
    assert actor.roles == {Role.SERVICE} and actor.person_id == "service-rebuild"
    assert not actor.holds(frozenset(Role), "demo")
    BY_ID["listMemberCards"].permit(actor)
    with pytest.raises(Forbidden):
        BY_ID["listMembershipRequests"].permit(actor)


def test_it_is_signed_anew_only_when_it_grows_old(key_file, monkeypatch):
    times = iter((100.0, 100.0, 399.0, 401.0, 401.0))
    monkeypatch.setattr("services.kit.service_token.time.monotonic", lambda: next(times))
    token = ServiceToken(key_file, "rebuild")
    first = token.text()
    assert token.text() is first
    assert token.text() is not first


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"keys": []}', '{"keys": [{}]}'])
def test_without_a_private_key_nothing_is_signed(tmp_path, content):
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NoKey):
        ServiceToken(path, "rebuild")


def test_a_public_key_signs_nothing(signer):
    with pytest.raises(NoKey, match="public"):
        ServiceToken(signer.jwks_file, "rebuild")
