"""Codes, sessions and their abuse, on a real database. Needs: db."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.contracts.operations import identity as op
from services.identity.domain.login import CodeWrong, RefreshTokenReused, SessionEnded
from services.identity.domain.messages import Message
from services.identity.handlers import login, messages, sessions
from services.identity.sms import FileSink
from tests.support.identity_world import World, actor, aside, first_and_second

pytestmark = pytest.mark.db
PHONE = "13800000001"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def refresh(world: World, token: str) -> op.Tokens:
    return world.do(
        sessions.refresh_token,
        op.RefreshToken(refresh_token=token),
        world.desk,
    )


# -- codes -------------------------------------------------------------------------------------


def test_the_first_log_in_registers_the_person_and_the_second_finds_her(world):
    first = world.log_in(PHONE, world.sent_code(PHONE))
    world.later(seconds=61)
    second = world.log_in("+86 138 0000 0001", world.sent_code(PHONE))
    assert first.person.id == second.person.id
    assert world.events("person.registered.v1") == [{"person_id": first.person.id}]


def test_a_code_works_once(world):
    code = world.sent_code(PHONE)
    world.log_in(PHONE, code)
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, code)


def test_a_code_runs_out_after_five_minutes(world):
    code = world.sent_code(PHONE)
    world.later(minutes=5)
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, code)


def test_five_wrong_tries_use_a_code_up_even_for_its_owner(world):
    code = world.sent_code(PHONE)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            world.log_in(PHONE, wrong(code))
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, code)


def test_four_wrong_tries_leave_the_fifth(world):
    code = world.sent_code(PHONE)
    for _ in range(4):
        with pytest.raises(CodeWrong):
            world.log_in(PHONE, wrong(code))
    assert world.log_in(PHONE, code).person.id


def test_many_tries_at_once_are_no_more_than_five(world):
    code = world.sent_code(PHONE)
    tries = [aside(lambda: world.log_in(PHONE, wrong(code))) for _ in range(12)]
    assert all(isinstance(t.exception(10), CodeWrong) for t in tries)
    assert world.rows("SELECT tries FROM login_codes")[0].tries == 5


def test_the_code_of_one_phone_opens_no_other(world):
    code = world.sent_code(PHONE)
    world.sent_code("13800000002")
    with pytest.raises(CodeWrong):
        world.log_in("13800000002", wrong(wrong(code)) if code == "000000" else code)


def test_without_a_code_nobody_gets_in_and_nobody_is_registered(world):
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, "000000")
    assert not world.rows("SELECT id FROM persons")


def test_a_second_wish_within_a_minute_sends_nothing_and_answers_the_same(world):
    code = world.sent_code(PHONE)
    assert world.sent_code(PHONE) is None
    world.later(seconds=60)
    fresh = world.sent_code(PHONE)
    assert fresh is not None
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, code if code != fresh else wrong(fresh))
    assert world.log_in(PHONE, fresh).person.id


def test_ten_codes_a_day_go_to_one_phone_and_the_answer_stays_the_same(world):
    answers = set()
    for _ in range(12):
        ask = op.RequestCode(phone=PHONE)
        answer = world.do(login.request_code, ask, world.vault, world.clock, demo=False)
        answers.add(answer.expires_in)
        world.later(seconds=61)
    assert answers == {300} and len(world.messages()) == 10
    assert world.sent_code("13800000002") is not None, "another phone is not concerned"
    world.later(minutes=50)
    assert world.do(login.sweep, world.clock) >= 0
    assert world.sent_code(PHONE) is None, "the sweep forgets no count of the same day"


def test_whoever_only_knows_a_number_does_not_keep_its_owner_out_for_the_day(world):
    for _ in range(12):
        world.sent_code(PHONE)
        world.later(seconds=61)
    for _ in range(3):
        world.later(hours=1)
        code = world.sent_code(PHONE)
        assert code is not None
        world.later(seconds=61)
        assert world.sent_code(PHONE) is None, "one an hour"
    assert world.log_in(PHONE, code).person.id


def test_codes_that_logged_their_owner_in_do_not_count(world):
    for _ in range(15):
        code = world.sent_code(PHONE)
        assert world.log_in(PHONE, code).person.id
    for _ in range(10):
        assert world.sent_code(PHONE)
        world.later(seconds=61)
    assert world.sent_code(PHONE) is None


def test_the_count_of_a_day_ends_at_midnight_in_china(world):
    world.clock = world.clock.replace(hour=15, minute=40)  # 23:40 in China
    for _ in range(10):
        assert world.sent_code(PHONE)
        world.later(seconds=61)
    assert world.sent_code(PHONE) is None
    world.clock = world.clock.replace(hour=16, minute=0)
    assert world.sent_code(PHONE) is not None


def test_too_many_wishes_are_logged_without_the_number(world):
    assert world.sent_code(PHONE)
    with capture_logs() as lines:
        assert world.sent_code(PHONE) is None
    assert [line["event"] for line in lines] == ["login code not sent: too soon, or too many today"]
    assert "13800000001" not in str(lines)


def test_a_day_of_guessing_is_170_guesses(world):
    """Whoever asks for every code and tries each as often as possible gets no further."""
    world.clock = world.clock.replace(hour=16, minute=0)  # midnight in China
    guesses, midnight = 0, world.clock + timedelta(days=1)
    for _ in range(15 + 24 * 6):
        if world.clock >= midnight:
            break
        code = world.sent_code(PHONE)
        for _ in range(8):
            with pytest.raises(CodeWrong):
                world.log_in(PHONE, wrong(code or "000000"))
        guesses += world.rows("SELECT tries FROM login_codes")[0].tries if code else 0
        world.later(seconds=61 if len(world.messages()) < 10 else 600)
    assert 160 <= guesses <= 170


def test_known_and_unknown_phones_are_the_same_work(world):
    """Asking for a code looks nobody up; a wrong code is refused before anybody is."""
    world.person("13800000009")
    known, unknown = (
        world.statements(lambda phone=phone: _ask_and_fail(world, phone))
        for phone in ("13800000009", "13800000008")
    )
    assert known == unknown
    assert not [statement for statement in known if "persons" in statement]


def _ask_and_fail(world: World, phone: str) -> None:
    code = world.sent_code(phone)
    with pytest.raises(CodeWrong):
        world.log_in(phone, wrong(code))


def test_the_answer_does_not_tell_whether_a_phone_is_known(world):
    world.person("13800000009")
    answers = [
        world.do(
            login.request_code, op.RequestCode(phone=phone), world.vault, world.clock, demo=False
        )
        for phone in ("13800000009", "13800000008", "13800000009")
    ]
    assert answers[0] == answers[1] == answers[2]


def test_two_wishes_at_once_send_one_message(world):
    ask = op.RequestCode(phone=PHONE)
    _, other = first_and_second(
        world,
        lambda uow: login.request_code(uow, ask, world.vault, world.clock, demo=False),
        lambda: world.do(login.request_code, ask, world.vault, world.clock, demo=False),
    )
    assert other.result(5).expires_in == 300
    assert len(world.rows("SELECT id FROM sms_messages")) == 1


def test_two_first_log_ins_at_once_register_one_person(world):
    def log_in(uow):
        cmd = op.CreateToken(phone=PHONE, code="246810")
        return login.create_token(uow, cmd, world.vault, world.desk, demo=True)

    first, other = first_and_second(world, log_in, lambda: world.do(log_in))
    assert first.person.id == other.result(5).person.id
    assert len(world.events("person.registered.v1")) == 1


def test_neither_phone_nor_code_lies_open_in_the_database(world):
    code = world.sent_code(PHONE)
    tables = ("login_codes", "sms_messages", "persons", "kit_outbox")
    world.log_in(PHONE, code)
    world.later(seconds=61)
    world.sent_code(PHONE)
    dump = "".join(str(tuple(r)) for t in tables for r in world.rows(f"SELECT * FROM {t}"))
    assert "13800000001" not in dump
    assert code not in dump.replace("-", "").split("T")


# -- the demo's code ---------------------------------------------------------------------------


def test_in_the_demo_one_code_works_always_and_without_asking(world):
    people = {world.log_in(PHONE, "246810", demo=True).person.id for _ in range(7)}
    assert len(people) == 1
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, "246811", demo=True)


def test_outside_of_the_demo_it_does_not(world):
    with pytest.raises(CodeWrong):
        world.log_in(PHONE, "246810")


# -- messages ----------------------------------------------------------------------------------


class Provider:
    """Delivers, or refuses as often as told."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals, self.sent = refusals, []

    def send(self, phone: str, message: Message, key: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("refused")
        self.sent.append((phone, message.text, key))


def send(world: World, sink) -> int:
    return world.do(messages.send_message, world.vault, sink, world.clock)


def test_a_message_is_sent_once_and_forgotten(world, tmp_path):
    code = world.sent_code(PHONE)
    sink = FileSink(tmp_path / "sms.jsonl")
    assert [send(world, sink), send(world, sink)] == [1, 0]
    assert code in sink.path.read_text()
    assert not world.rows("SELECT id FROM sms_messages")


def test_a_refused_message_is_tried_again_at_growing_intervals(world):
    world.sent_code(PHONE)
    provider = Provider(refusals=2)
    assert send(world, provider) == 1
    assert send(world, provider) == 0, "not before its time"
    world.later(seconds=4)
    assert send(world, provider) == 1
    world.later(seconds=4)
    assert send(world, provider) == 0
    world.later(seconds=4)
    assert send(world, provider) == 1
    assert [phone for phone, _, _ in provider.sent] == ["+8613800000001"]


def test_a_message_is_given_up_when_its_code_has_run_out(world):
    world.sent_code(PHONE)
    world.later(minutes=5)
    provider = Provider()
    assert send(world, provider) == 1
    assert provider.sent == [] and not world.rows("SELECT id FROM sms_messages")


# -- sessions ----------------------------------------------------------------------------------


def test_refresh_tokens_rotate(world):
    first = world.log_in(PHONE, "246810", demo=True)
    second = refresh(world, first.refresh_token)
    third = refresh(world, second.refresh_token)
    assert len({t.refresh_token for t in (first, second, third)}) == 3
    assert third.person == first.person
    assert len(world.rows("SELECT id FROM sessions")) == 1


def test_a_reused_refresh_token_ends_the_family_for_everybody(world):
    first = world.log_in(PHONE, "246810", demo=True)
    second = refresh(world, first.refresh_token)
    elsewhere = world.log_in(PHONE, "246810", demo=True)
    world.later(seconds=30)
    with pytest.raises(RefreshTokenReused):
        refresh(world, first.refresh_token)
    with pytest.raises(SessionEnded):
        refresh(world, second.refresh_token)
    (ended,) = world.events("session.revoked.v1")
    assert ended["person_id"] == first.person.id
    assert refresh(world, elsewhere.refresh_token).person.id == first.person.id


def test_a_lost_reply_and_a_retry_end_nothing(world):
    first = world.log_in(PHONE, "246810", demo=True)
    refresh(world, first.refresh_token)
    world.later(seconds=29)
    again = refresh(world, first.refresh_token)
    third = refresh(world, again.refresh_token)
    assert third.person == first.person
    assert not world.events("session.revoked.v1")


def test_of_two_replies_to_one_token_only_one_goes_on(world):
    first = world.log_in(PHONE, "246810", demo=True)
    one, other = (refresh(world, first.refresh_token) for _ in range(2))
    refresh(world, one.refresh_token)
    with pytest.raises(RefreshTokenReused):
        refresh(world, other.refresh_token)
    assert len(world.events("session.revoked.v1")) == 1


def test_a_token_is_not_taken_again_once_its_successor_was_used(world):
    first = world.log_in(PHONE, "246810", demo=True)
    second = refresh(world, first.refresh_token)
    refresh(world, second.refresh_token)
    with pytest.raises(RefreshTokenReused):
        refresh(world, first.refresh_token)


def test_two_uses_at_once_both_get_a_pair_and_only_one_goes_on(world):
    token = world.log_in(PHONE, "246810", demo=True).refresh_token
    cmd = op.RefreshToken(refresh_token=token)
    won, other = first_and_second(
        world,
        lambda uow: sessions.refresh_token(uow, cmd, world.desk),
        lambda: refresh(world, token),
    )
    late = other.result(5)
    assert not world.events("session.revoked.v1")
    refresh(world, late.refresh_token)
    with pytest.raises(RefreshTokenReused):
        refresh(world, won.refresh_token)
    assert len(world.events("session.revoked.v1")) == 1


def test_a_session_ends_after_thirty_days(world):
    token = world.log_in(PHONE, "246810", demo=True).refresh_token
    world.later(days=29)
    token = refresh(world, token).refresh_token
    world.later(days=1)
    with pytest.raises(SessionEnded):
        refresh(world, token)


def test_moving_the_business_clock_ends_no_session(world):
    token = world.log_in(PHONE, "246810", demo=True).refresh_token
    world.now = world.now.replace(year=2030)
    assert refresh(world, token).person.id


@pytest.mark.parametrize("token", ["x", "é" * 50, "' OR 1=1 --"])
def test_an_unknown_refresh_token_is_refused_and_ends_nothing(world, token):
    world.log_in(PHONE, "246810", demo=True)
    with pytest.raises(SessionEnded):
        refresh(world, token)
    assert not world.events("session.revoked.v1")


def test_logging_out_ends_the_session_once(world):
    tokens = world.log_in(PHONE, "246810", demo=True)
    (session,) = world.rows("SELECT id FROM sessions")
    me = actor(tokens.person.id, session_id=session.id)
    for _ in range(2):
        world.do(sessions.revoke_token, me, world.clock)
    assert world.events("session.revoked.v1") == [
        {"session_id": session.id, "person_id": tokens.person.id}
    ]
    with pytest.raises(SessionEnded):
        refresh(world, tokens.refresh_token)


def test_what_has_ended_is_swept_after_a_week(world):
    tokens = world.log_in(PHONE, "246810", demo=True)
    world.sent_code("13800000002")
    refresh(world, tokens.refresh_token)
    world.later(days=36)
    assert world.do(login.sweep, world.clock) == 1, "the code"
    world.later(days=2)
    assert world.do(login.sweep, world.clock) == 1, "the session, with its tokens"
    assert not world.rows("SELECT session_id FROM refresh_tokens")
