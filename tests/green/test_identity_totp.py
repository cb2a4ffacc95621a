"""The second factor: enrolled, asked for, used up, guessed at, given up. Needs: db."""

import base64
import json
from datetime import UTC, datetime

import pyotp
import pytest

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity.domain.attempts import Locked
from services.identity.domain.login import CodeWrong, SessionEnded
from services.identity.domain.totp import (
    TotpCodeInvalid,
    TotpEnrolled,
    TotpNotEnrolled,
    TotpRequired,
    TotpWrong,
    step_of,
)
from services.identity.handlers import login, me, sessions, totp
from tests.support.identity_world import HOME, World, actor, aside

pytestmark = pytest.mark.db
PHONE = "13800000001"


def digits(world: World, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(world.clock.timestamp()) + 30 * steps)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def enrol(world: World, who) -> op.TotpSecret:
    return world.do(totp.enrol_totp, world.vault, who, world.clock)


def confirm(world: World, who, code: str) -> list[str]:
    cmd = op.ConfirmTotp(code=code)
    return world.do(totp.confirm_totp, cmd, world.vault, who, world.clock).codes


def remove(world: World, who, code: str) -> None:
    world.do(totp.remove_totp, op.RemoveTotp(code=code), world.vault, who, world.clock)


def enrolled(world: World, *roles) -> tuple[object, str, list[str]]:
    """Somebody at PHONE with a factor, its secret, and her recovery codes."""
    who = world.person(PHONE, *roles)
    secret = enrol(world, who).secret
    codes = confirm(world, who, digits(world, secret))
    world.later(seconds=30)
    return who, secret, codes


def log_in(world: World, code: str | None = None) -> op.Tokens:
    more = {} if code is None else {"totp": code}
    return world.log_in(PHONE, "246810", demo=True, **more)


def grants(tokens: op.Tokens) -> list[list[str]]:
    body = tokens.access_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["g"]


# -- enrolling ---------------------------------------------------------------------------------


def test_enrolling_gives_a_secret_that_counts_once_confirmed(world):
    who = world.person(PHONE)
    made = enrol(world, who)
    assert pyotp.parse_uri(made.otpauth_url).secret == made.secret
    assert log_in(world).access_token, "not confirmed, not asked for"
    with pytest.raises(TotpCodeInvalid):
        confirm(world, who, wrong(digits(world, made.secret)))
    codes = confirm(world, who, digits(world, made.secret))
    assert len(set(codes)) == 10 and {len(code) for code in codes} == {19}
    with pytest.raises(TotpRequired):
        log_in(world)


def test_a_secret_that_was_not_confirmed_is_replaced_and_a_confirmed_one_is_not(world):
    who = world.person(PHONE)
    old, new = enrol(world, who).secret, enrol(world, who).secret
    with pytest.raises(TotpCodeInvalid):
        confirm(world, who, digits(world, old))
    confirm(world, who, digits(world, new))
    with pytest.raises(TotpEnrolled):
        enrol(world, who)
    with pytest.raises(TotpEnrolled):
        confirm(world, who, digits(world, new, 1))


def test_without_a_secret_there_is_nothing_to_confirm_or_to_give_up(world):
    who = world.person(PHONE)
    with pytest.raises(TotpNotEnrolled):
        confirm(world, who, "000000")
    enrol(world, who)
    with pytest.raises(TotpNotEnrolled):
        remove(world, who, "000000")


def test_confirming_ends_the_sessions_that_never_showed_the_factor(world):
    world.person(PHONE)
    mine, other = log_in(world), log_in(world)
    (session, _) = world.rows("SELECT id, person_id FROM sessions ORDER BY id")
    who = actor(session.person_id, session_id=session.id)
    confirm(world, who, digits(world, enrol(world, who).secret))
    assert len(world.events("session.revoked.v1")) == 1
    alive = [tokens for tokens in (mine, other) if _refreshes(world, tokens)]
    assert len(alive) == 1


def _refreshes(world: World, tokens: op.Tokens) -> bool:
    cmd = op.RefreshToken(refresh_token=tokens.refresh_token)
    try:
        world.do(sessions.refresh_token, cmd, world.desk)
    except SessionEnded:
        return False
    return True


def test_neither_secret_nor_recovery_codes_lie_open_in_the_database(world):
    _, secret, codes = enrolled(world)
    (row,) = world.rows("SELECT * FROM totp_factors")
    kept = str(tuple(row))
    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


# -- logging in --------------------------------------------------------------------------------


def test_a_right_code_is_not_used_up_as_long_as_the_factor_is_missing_or_wrong(world):
    _, secret, _ = enrolled(world)
    code = world.sent_code(PHONE)
    with pytest.raises(TotpRequired):
        world.log_in(PHONE, code)
    with pytest.raises(TotpWrong):
        world.log_in(PHONE, code, totp=wrong(digits(world, secret)))
    assert world.log_in(PHONE, code, totp=digits(world, secret)).access_token


def test_whoever_does_not_hold_the_phone_does_not_learn_of_the_factor(world):
    enrolled(world)
    code = world.sent_code(PHONE)
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, wrong(code), totp="000000")
    assert not world.rows("SELECT subject FROM attempt_locks")


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_one_step_of_drift_is_taken(world, steps):
    _, secret, _ = enrolled(world)
    world.later(seconds=60)
    assert log_in(world, digits(world, secret, steps)).access_token


@pytest.mark.parametrize("steps", [-2, 2])
def test_two_steps_are_not(world, steps):
    _, secret, _ = enrolled(world)
    world.later(seconds=120)
    with pytest.raises(TotpWrong):
        log_in(world, digits(world, secret, steps))


def test_each_step_counts_once_and_none_before_it(world):
    _, secret, _ = enrolled(world)
    world.later(seconds=60)
    log_in(world, digits(world, secret))
    for steps in (0, -1):
        with pytest.raises(TotpWrong):
            log_in(world, digits(world, secret, steps))
    world.later(seconds=30)
    assert log_in(world, digits(world, secret)).access_token


def test_the_same_digits_at_once_log_in_once(world):
    _, secret, _ = enrolled(world)
    code = digits(world, secret)
    tries = [aside(lambda: log_in(world, code)) for _ in range(6)]
    outcomes = [t.exception(20) for t in tries]
    assert sum(outcome is None for outcome in outcomes) == 1


def test_a_recovery_code_works_once_however_it_is_typed(world):
    _, _, codes = enrolled(world)
    assert log_in(world, codes[3].lower().replace("-", " ")).access_token
    with pytest.raises(TotpWrong):
        log_in(world, codes[3])
    assert log_in(world, codes[4]).access_token


def test_the_recovery_codes_of_one_person_open_no_other_account(world):
    enrolled(world)
    other = world.person("13800000002")
    codes = confirm(world, other, digits(world, enrol(world, other).secret))
    with pytest.raises(TotpWrong):
        log_in(world, codes[0])


# -- guessing ----------------------------------------------------------------------------------


def test_five_wrong_ones_lock_even_the_right_one_out_and_time_unlocks(world):
    _, secret, codes = enrolled(world)
    for _ in range(4):
        with pytest.raises(TotpWrong):
            log_in(world, wrong(digits(world, secret)))
    with pytest.raises(Locked) as caught:
        log_in(world, wrong(digits(world, secret)))
    assert (caught.value.status, caught.value.retry_after) == (429, 900)
    world.later(minutes=14)
    with pytest.raises(Locked) as caught:
        log_in(world, codes[0])
    assert "1 分钟" in caught.value.to_wire()["zh"]
    world.later(minutes=1)
    assert log_in(world, codes[0]).access_token


def test_a_right_one_forgets_the_failures_before_it(world):
    _, secret, _ = enrolled(world)
    for _ in range(3):
        for _ in range(3):
            with pytest.raises(TotpWrong):
                log_in(world, wrong(digits(world, secret)))
        log_in(world, digits(world, secret))
        world.later(seconds=30)
    assert not world.rows("SELECT subject FROM attempt_locks")


def test_guesses_at_once_are_no_more_than_five(world):
    _, secret, _ = enrolled(world)
    guess = wrong(digits(world, secret))
    tries = [aside(lambda: log_in(world, guess)) for _ in range(12)]
    outcomes = [type(t.exception(20)) for t in tries]
    assert sorted(kind.__name__ for kind in outcomes) == ["Locked"] * 8 + ["TotpWrong"] * 4
    (row,) = world.rows("SELECT failures, locked_until FROM attempt_locks")
    assert row.failures == 5 and row.locked_until is not None


def test_failures_that_nobody_needs_any_more_are_swept(world):
    _, secret, _ = enrolled(world)
    with pytest.raises(TotpWrong):
        log_in(world, wrong(digits(world, secret)))
    world.do(login.sweep, world.clock)
    assert world.rows("SELECT subject FROM attempt_locks")
    world.later(days=2)
    world.do(login.sweep, world.clock)
    assert not world.rows("SELECT subject FROM attempt_locks")


# -- giving up ---------------------------------------------------------------------------------


def test_the_factor_is_given_up_with_its_digits_or_a_recovery_code(world):
    who, secret, codes = enrolled(world)
    with pytest.raises(TotpCodeInvalid):
        remove(world, who, wrong(digits(world, secret)))
    remove(world, who, codes[0])
    assert log_in(world).access_token
    assert not world.rows("SELECT person_id FROM totp_factors")


# -- offices -----------------------------------------------------------------------------------


def test_where_it_is_required_an_office_waits_for_the_factor(world):
    world.staff_totp = True
    who = world.person(PHONE, (Role.SECRETARY, HOME), (Role.PARTY_MEMBER, HOME))
    first = log_in(world)
    assert first.totp_needed and grants(first) == [["party_member", HOME]]
    secret = enrol(world, who).secret
    (session,) = world.rows("SELECT id FROM sessions")
    mine = actor(who.person_id, session_id=session.id)
    confirm(world, mine, digits(world, secret))
    cmd = op.RefreshToken(refresh_token=first.refresh_token)
    second = world.do(sessions.refresh_token, cmd, world.desk)
    assert not second.totp_needed and ["secretary", HOME] in grants(second)


@pytest.mark.parametrize(
    "role", [Role.OWNER, Role.PARTY_MEMBER, Role.VOLUNTEER, Role.GROUP_REPRESENTATIVE]
)
def test_what_is_no_office_waits_for_nothing(world, role):
    world.staff_totp = True
    world.person(PHONE, (role, HOME))
    tokens = log_in(world)
    assert not tokens.totp_needed and grants(tokens) == [[role.value, HOME]]


def test_an_observer_without_a_factor_stays_one_and_watches_nowhere(world):
    world.staff_totp = True
    world.person(PHONE, (Role.OBSERVER, "d.t"))
    tokens = log_in(world)
    assert tokens.totp_needed and grants(tokens) == [["observer", "-"]]


def test_where_it_is_optional_an_office_waits_for_nothing(world):
    world.person(PHONE, (Role.SECRETARY, HOME))
    tokens = log_in(world)
    assert not tokens.totp_needed and grants(tokens) == [["secretary", HOME]]


def test_my_page_says_whether_the_factor_is_there_and_asked_for(world):
    who = world.person(PHONE, (Role.SECRETARY, HOME))
    states = [
        world.do(me.get_me, who, world.now, read=True, staff_totp=asked).totp
        for asked in (False, True)
    ]
    assert [(s.enrolled, s.required) for s in states] == [(False, False), (False, True)]
    confirm(world, who, digits(world, enrol(world, who).secret))
    state = world.do(me.get_me, who, world.now, read=True, staff_totp=True).totp
    assert (state.enrolled, state.required) == (True, True)


def test_the_digits_are_those_of_rfc_6238():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # appendix B's, in base32; its last six digits
    for seconds, code in ((59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert step_of(secret, code, at, 0) == seconds // 30
