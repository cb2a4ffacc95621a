"""Who asks, and may they? Forged and expired tokens, silent observers, others' committees."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, OKPKey

from deploy.client import Client
from services.contracts import demo
from services.contracts.operations import HTTP
from services.contracts.operations.base import Operation
from services.kit.tokens import ALGORITHM, claims_for
from tests.e2e.conftest import Login
from tests.support.http_asks import UNKNOWN, assert_one_of, assert_problem, filled, send
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("nothing_is_stored")]

ISSUES = f"/communities/{demo.SHANGYUAN}/issues"
POSTS = f"/communities/{demo.SHANGYUAN}/posts"
GOOD = {"title": "楼道堆物", "body": "三楼堆满纸箱"}


# -- who asks ---------------------------------------------------------------------------------


def _unsigned(claims: dict[str, Any]) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


Forge = Callable[[OKPKey, dict[str, Any]], str]


def _signed(key: OKPKey, claims: dict[str, Any], **header: Any) -> str:
    head = {"alg": ALGORITHM, "kid": key.kid, **header}
    return jwt.encode(head, claims, key, algorithms=[ALGORITHM])


def _other_key(key: OKPKey, claims: dict[str, Any]) -> str:
    mine = OKPKey.generate_key("Ed25519", {"kid": key.kid})
    return _signed(mine, claims)


def _shared_secret(key: OKPKey, claims: dict[str, Any]) -> str:
    """The public key taken for the secret of an HMAC."""
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)).encode())
    return jwt.encode({"alg": "HS256", "kid": key.kid}, claims, public)


FORGED: dict[str, Forge] = {
    "alg none": lambda _key, claims: _unsigned(claims),
    "another key": _other_key,
    "another key, unknown id": lambda _key, claims: _signed(
        OKPKey.generate_key("Ed25519", {"kid": "mine"}), claims
    ),
    "HMAC with the public key": _shared_secret,
    "another issuer": lambda key, claims: _signed(key, {**claims, "iss": "somebody"}),
    "no person": lambda key, claims: _signed(key, {k: v for k, v in claims.items() if k != "sub"}),
    "grants of another form": lambda key, claims: _signed(key, {**claims, "g": "all"}),
    "end of another form": lambda key, claims: _signed(key, {**claims, "exp": "never"}),
    "not a token": lambda _key, _claims: "x.y.z",
    "other characters": lambda _key, _claims: "ÿÿ".encode("latin-1").decode("latin-1"),
}


@pytest.fixture(scope="module")
def signing_key(platform: Platform) -> OKPKey:
    """Identity's own key: what is signed with it is genuine but for what the test changes."""
    keys = KeySet.import_key_set(json.loads((platform.layout.keys / "token.jwk.json").read_text()))
    key = keys.keys[0]
    assert isinstance(key, OKPKey)
    return key


@pytest.fixture
def claims() -> dict[str, Any]:
    return claims_for(
        demo.SECRETARY_SHI, "session", [("committee_staff", demo.PATH_SHANGYUAN)], time.time()
    )


def test_key_of_these_tests_is_the_right_one(
    api: Client, signing_key: OKPKey, claims: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {_signed(signing_key, claims)}"}
    assert send(api, "GET", f"{ISSUES}", headers=headers).status_code == 200


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_forged_tokens(
    api: Client, signing_key: OKPKey, claims: dict[str, Any], forge: Forge
) -> None:
    token = forge(signing_key, claims).encode("latin-1")
    headers = {b"Authorization": b"Bearer " + token}
    for method, path in (("GET", "/me"), ("POST", ISSUES)):
        answer = api.http.request(method, f"/api/v1{path}", headers=headers)
        assert_problem(answer, 401, "auth.token_required")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_expired_token(api: Client, signing_key: OKPKey) -> None:
    old = claims_for(demo.SECRETARY_SHI, "session", [], time.time() - 3600)
    headers = {"Authorization": f"Bearer {_signed(signing_key, old)}"}
    assert_problem(send(api, "GET", "/me", headers=headers), 401, "auth.token_expired")
    answer = send(api, "POST", ISSUES, json=GOOD, headers=headers)
    assert_problem(answer, 401, "auth.token_expired")


@pytest.mark.parametrize("scheme", ["Basic eDp5", "Bearer", "bearer", "Token x"])
def test_other_schemes(api: Client, scheme: str) -> None:
    answer = send(api, "GET", "/me", headers={"Authorization": scheme})
    assert_problem(answer, 401, "auth.token_required")


def test_no_token(api: Client) -> None:
    assert_problem(send(api, "POST", ISSUES, json=GOOD), 401, "auth.token_required")


KNOWN, UNKNOWN_PHONE = "13800000001", "13900000001"
ROUNDS = 15
SAME_CLASS = 2.0  # a look-up of somebody, or a message sent, would be told apart by more


def _wrong_code(api: Client, phone: str, language: str = "zh-CN") -> httpx.Response:
    body = {"phone": phone, "code": "000000"}
    return send(api, "POST", "/auth/tokens", json=body, headers={"Accept-Language": language})


def _without_ids(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """The answer but for what differs from one request to the next."""
    told = assert_problem(answer, answer.status_code)
    request_id = told["request_id"]
    headers = {
        name: value.replace(request_id, "")
        for name, value in answer.headers.items()
        if name != "date"
    }
    return answer.status_code, answer.content.replace(request_id.encode(), b""), headers


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_wrong_code_and_unknown_phone_are_answered_byte_for_byte_alike(
    api: Client, language: str
) -> None:
    known, unknown = (_wrong_code(api, phone, language) for phone in (KNOWN, UNKNOWN_PHONE))
    assert_problem(known, 401, "identity.code_wrong")
    assert _without_ids(known) == _without_ids(unknown)


def test_wish_for_a_code_is_answered_alike_whoever_has_the_phone(api: Client) -> None:
    known, unknown = (
        send(api, "POST", "/auth/codes", json={"phone": phone}) for phone in (KNOWN, UNKNOWN_PHONE)
    )
    assert (known.status_code, known.content) == (202, unknown.content)
    assert known.status_code == unknown.status_code


def test_how_long_a_wrong_code_takes_does_not_tell_who_has_an_account(api: Client) -> None:
    """Of the same class: the quickest of many, taken in turn, so that the machine's moods meet
    both."""
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN_PHONE: []}
    for _ in range(ROUNDS):
        for phone, times in took.items():
            started = time.perf_counter()
            _wrong_code(api, phone)
            times.append(time.perf_counter() - started)
    known, unknown = (min(times) for times in took.values())
    assert 1 / SAME_CLASS < known / unknown < SAME_CLASS, took


# -- who may ----------------------------------------------------------------------------------

WRITES = [row for row in HTTP if row.write and not row.own and row.who.login]


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.id)
def test_observer_reads_and_never_writes(login: Login, row: Operation) -> None:
    observer = login("13800000005")
    answer = send(observer, row.method, filled(row), json={})
    assert_problem(answer, 403, "auth.observer_read_only")


def test_observer_reads(login: Login) -> None:
    observer = login("13800000005")
    assert send(observer, "GET", ISSUES).status_code == 200
    assert send(observer, "GET", POSTS).status_code == 200


JUYUAN = demo.JUYUAN


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/communities/{JUYUAN}/memberships", None),
        ("GET", f"/communities/{JUYUAN}/qr", None),
        ("POST", f"/communities/{JUYUAN}/qr", {"estate": UNKNOWN}),
        ("GET", f"/communities/{JUYUAN}/issues", None),
        ("GET", f"/communities/{JUYUAN}/posts", None),
        ("POST", f"/communities/{JUYUAN}/issues", GOOD),
        ("POST", f"/communities/{JUYUAN}/posts", {**GOOD, "module": "neighbours"}),
    ],
)
def test_another_community_s_committee(
    secretary: Client, method: str, path: str, body: Any
) -> None:
    answer = send(secretary, method, path, json=body)
    assert_one_of(answer, 403, 404)


@pytest.fixture(scope="module")
def village_issue(login: Login) -> str:
    """An issue of 海星村, where 尚园's committee has nothing to say."""
    villager = login("13800000010")
    receipt = villager.report_issue(demo.HAIXING, "村道积水", "雨后村道积水没过脚面。")
    until(
        lambda: any(post.id == receipt.post_id for post in villager.posts(demo.HAIXING)),
        what="its thread",
    )
    return receipt.id


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "/triage", {"category": "dispose"}),
        ("POST", "/answers", {"body": "x", "outcome": "answered"}),
        ("POST", "/self-governance", {"step": "talk", "note": "x"}),
        ("POST", "/escalate", {"reason": "x", "urgent": True}),
        ("POST", "/rating", {"score": 5, "solved": True, "comment": ""}),
        ("POST", "/reopen", {"reason": "x"}),
    ],
)
def test_another_community_s_issue_is_not_there(
    village_issue: str, secretary: Client, method: str, path: str, body: Any
) -> None:
    answer = send(secretary, method, f"/issues/{village_issue}{path}", json=body)
    assert_problem(answer, 404)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/communities/{demo.SHANGYUAN}/memberships", None),
        ("POST", f"/memberships/{UNKNOWN}/decision", {"decision": "approve"}),
        ("POST", f"/issues/{UNKNOWN}/triage", {"category": "consult"}),
        ("POST", f"/issues/{UNKNOWN}/escalate", {"reason": "x"}),
        ("POST", "/roles", {"person_id": UNKNOWN, "role": "secretary", "scope": "demo"}),
    ],
)
def test_resident_is_no_committee(granny_sun: Client, method: str, path: str, body: Any) -> None:
    assert_problem(send(granny_sun, method, path, json=body), 403, "auth.forbidden")
