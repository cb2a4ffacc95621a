"""Text messages: what they say, the sinks, and the settings that choose one."""

import hashlib
import hmac
import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError

import pytest

from services.identity.domain import login
from services.identity.domain.messages import TEMPLATES, Kind, Message
from services.identity.settings import Settings
from services.identity.sms import FileSink, HttpSink, NotDelivered, TencentSink
from services.identity.sms.tencent import Credentials, authorization
from tests.support.fake_http import Asked, fake_http

pytestmark = pytest.mark.unit
CODE = Message(Kind.LOGIN_CODE, ("246813", "5"))


@pytest.fixture
def provider():
    """A provider that keeps what it is told."""
    with fake_http() as fake:
        yield fake


# -- what they say -----------------------------------------------------------------------------


def test_a_code_has_six_digits_and_is_not_guessable():
    codes = {login.new_code() for _ in range(200)}
    assert all(len(c) == 6 and c.isdigit() for c in codes)
    assert len(codes) > 190
    assert login.code_message("246813") == CODE


def test_the_words_hold_the_parameters_in_their_order():
    assert CODE.text == "【社区通】验证码 246813，5 分钟内有效。请勿告诉他人。"


def test_a_parameter_that_looks_like_a_place_for_one_stays_what_it_is():
    assert "{2}，5" in Message(Kind.LOGIN_CODE, ("{2}", "5")).text


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_that_fit_one_message(kind):
    message = Message(kind, ("1234",) * TEMPLATES[kind].count("{"))
    assert "{" not in message.text and len(message.text) <= 70


def test_the_words_to_have_approved_stand_in_the_operators_page():
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    for kind, words in TEMPLATES.items():
        assert f"| `{kind}` | {words} |" in page


@pytest.mark.parametrize("kind", Kind)
def test_a_message_is_kept_and_read_again(kind):
    message = Message(kind, ("一", "2"))
    assert Message.load(message.dump()) == message


@pytest.mark.parametrize(
    "text", ["", "【社区通】验证码 246813", "[]", "{}", '{"kind": "x", "params": []}', "7", "null"]
)
def test_what_is_no_message_is_told_from_one(text):
    with pytest.raises(ValueError):
        Message.load(text)


# -- file and HTTP -----------------------------------------------------------------------------


def test_the_file_sink_appends_lines_that_only_its_owner_reads(tmp_path):
    sink = FileSink(tmp_path / "run" / "sms.jsonl")
    sink.send("+8613800000001", CODE, "k1")
    sink.send("+8613800000001", CODE, "k2")
    lines = [json.loads(line) for line in sink.path.read_text().splitlines()]
    assert [(line["text"], line["key"]) for line in lines] == [(CODE.text, "k1"), (CODE.text, "k2")]
    assert stat.S_IMODE(sink.path.stat().st_mode) == 0o600


def test_the_http_sink_posts_with_secret_and_key(provider):
    HttpSink(f"{provider.url}/send", "s3cret").send("+8613800000001", CODE, "k1")
    (asked,) = provider.asked
    assert json.loads(asked.body) == {
        "phone": "+8613800000001",
        "text": CODE.text,
        "kind": "login_code",
        "params": ["246813", "5"],
        "key": "k1",
    }
    assert asked.headers["Authorization"] == "Bearer s3cret"
    assert asked.headers["Idempotency-Key"] == "k1"


def test_a_refusing_provider_is_an_os_error(provider):
    provider.answer = lambda _: (503, {})
    with pytest.raises(OSError) as caught:
        HttpSink(provider.url, "s").send("+861", CODE, "k")
    assert isinstance(caught.value, HTTPError)
    caught.value.close()


# -- Tencent Cloud -----------------------------------------------------------------------------

OK = {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "1"}], "RequestId": "r"}}
NUMBERS = {kind: str(1000 + n) for n, kind in enumerate(Kind)}


def tencent(url: str, **changes) -> TencentSink:
    usual = {
        "credentials": Credentials("AKIDexample", "secret-key"),
        "app_id": "1400000001",
        "sign_name": "社区通",
        "templates": NUMBERS,
        "url": url,
        "clock": lambda: 1_800_000_000.9,
    }
    return TencentSink(**{**usual, **changes})


def signed(asked: Asked, secret: str) -> bool:
    """The provider's own reckoning, from the headers that arrived: written apart from ours."""
    scheme, _, rest = asked.headers["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    _, date, service, end = parts["Credential"].split("/")
    arrived = {name.lower(): value for name, value in asked.headers.items()}
    canonical = f"{asked.method}\n{asked.path}\n\n"
    for name in parts["SignedHeaders"].split(";"):
        value = arrived[name].strip()
        canonical += f"{name}:{value.lower() if name == 'x-tc-action' else value}\n"
    canonical += f"\n{parts['SignedHeaders']}\n{hashlib.sha256(asked.body).hexdigest()}"
    stamp = arrived["x-tc-timestamp"]
    same_day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d") == date
    to_sign = (
        f"{scheme}\n{stamp}\n{date}/{service}/{end}\n"
        + hashlib.sha256(canonical.encode()).hexdigest()
    )
    key = ("TC3" + secret).encode()
    for part in (date, service, end):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return same_day and scheme == "TC3-HMAC-SHA256" and expected == parts["Signature"]


def test_the_signature_is_the_one_of_the_providers_example():
    """The worked example of the provider's page on signature v3, its key blotted out by stars."""
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    headers = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
        "x-tc-action": "describeinstances",
    }
    stars = Credentials("*" * 36, "*" * 32)
    assert authorization(stars, "cvm", headers, body, 1551113065) == (
        f"TC3-HMAC-SHA256 Credential={'*' * 36}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )


def test_a_request_is_signed_and_sends_the_template_with_its_parameters(provider):
    provider.answer = lambda _: (200, OK)
    tencent(f"{provider.url}/").send("+8613800000001", CODE, "k1")
    (asked,) = provider.asked
    assert signed(asked, "secret-key") and not signed(asked, "another-key")
    assert json.loads(asked.body) == {
        "PhoneNumberSet": ["+8613800000001"],
        "SmsSdkAppId": "1400000001",
        "SignName": "社区通",
        "TemplateId": NUMBERS[Kind.LOGIN_CODE],
        "TemplateParamSet": ["246813", "5"],
        "SessionContext": "k1",
    }
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert (headers["x-tc-action"], headers["x-tc-version"]) == ("SendSms", "2021-01-11")
    assert (headers["x-tc-region"], headers["x-tc-timestamp"]) == ("ap-guangzhou", "1800000000")


def test_a_changed_body_does_not_fit_its_signature(provider):
    provider.answer = lambda _: (200, OK)
    tencent(f"{provider.url}/").send("+8613800000001", CODE, "k1")
    (asked,) = provider.asked
    forged = Asked(asked.method, asked.path, asked.headers, asked.body.replace(b"0001", b"0002"))
    assert not signed(forged, "secret-key")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}, "AuthFailure"),
        ({"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumber"}]}}, "LimitExceeded"),
        ({"Response": {"SendStatusSet": []}}, "cannot be read"),
        ({"Response": 7}, "cannot be read"),
        ([], "cannot be read"),
        (b"<html>", "cannot be read"),
    ],
)
def test_what_was_not_delivered_is_told_by_the_providers_code(provider, said, why):
    provider.answer = lambda _: (200, said)
    with pytest.raises(NotDelivered, match=why):
        tencent(f"{provider.url}/").send("+8613800000001", CODE, "k1")


def test_the_secret_is_in_no_repr():
    assert "secret-key" not in repr(tencent("https://x.example/"))


# -- settings ----------------------------------------------------------------------------------

URL = "postgresql+psycopg2://shequ:long-and-random@db/identity"
SAFE = {
    "env": "production",
    "database_url": URL,
    "amqp_url": "amqps://shequ:long-and-random@mq/",
    "public_url": "https://shequ.example",
}
TENCENT = {
    "sms_provider": "tencent",
    "sms_secret": "x",
    "sms_secret_id": "AKID",
    "sms_app_id": "1400000001",
    "sms_sign": "社区通",
    "sms_templates": ", ".join(f"{kind}={number}" for kind, number in NUMBERS.items()),
}


def test_production_refuses_to_write_codes_into_a_file():
    for more in ({}, {"sms_provider": "file", "sms_url": "https://sms.example", "sms_secret": "x"}):
        with pytest.raises(ValueError, match="SHEQU_SMS_URL") as caught:
            Settings(**SAFE, **more)
        assert "long-and-random" not in str(caught.value)
    settings = Settings(**SAFE, sms_url="https://sms.example/send", sms_secret="x")
    assert settings.sms_sink() == HttpSink("https://sms.example/send", "x")


def test_development_writes_them_into_a_file(tmp_path):
    settings = Settings(database_url=URL, var=tmp_path)
    assert settings.sms_sink() == FileSink(tmp_path / "run" / "sms.jsonl")


def test_messages_never_leave_unencrypted():
    with pytest.raises(ValueError, match="sms_url"):
        Settings(database_url=URL, sms_url="http://sms.example/send", sms_secret="x")


def test_the_provider_is_chosen_by_name():
    sink = Settings(**SAFE, **TENCENT).sms_sink()
    assert isinstance(sink, TencentSink)
    assert sink.credentials == Credentials("AKID", "x")
    assert (sink.templates, sink.url) == (NUMBERS, "https://sms.tencentcloudapi.com/")


@pytest.mark.parametrize("missing", ["sms_secret_id", "sms_app_id", "sms_sign", "sms_templates"])
def test_a_provider_half_set_up_is_refused(missing):
    with pytest.raises(ValueError, match=f"SHEQU_{missing.upper()}"):
        Settings(database_url=URL, **{**TENCENT, missing: ""})


def test_production_refuses_a_provider_without_its_secret():
    with pytest.raises(ValueError, match="SHEQU_SMS_SECRET"):
        Settings(**SAFE, **{**TENCENT, "sms_secret": ""})


def test_a_template_is_missing_or_of_an_unknown_kind():
    with pytest.raises(ValueError, match="SHEQU_SMS_TEMPLATES"):
        Settings(database_url=URL, **{**TENCENT, "sms_templates": "login_code=1"})
    with pytest.raises(ValueError, match="no_such_kind"):
        Settings(database_url=URL, **{**TENCENT, "sms_templates": "no_such_kind=1"})


def test_http_without_an_address_is_refused():
    with pytest.raises(ValueError, match="SHEQU_SMS_URL"):
        Settings(database_url=URL, sms_provider="http")


# -- the other settings of logging in ----------------------------------------------------------

SMS = {"sms_url": "https://sms.example/send", "sms_secret": "x"}


def test_production_asks_staff_for_a_second_factor_unless_told_otherwise():
    assert Settings(**SAFE, **SMS).staff_need_totp
    assert not Settings(**SAFE, **SMS, staff_totp="optional").staff_need_totp
    assert not Settings(database_url=URL).staff_need_totp
    assert Settings(database_url=URL, staff_totp="required").staff_need_totp


def test_a_wechat_app_without_its_secret_is_refused():
    assert Settings(database_url=URL).wechat().app_id == ""
    with pytest.raises(ValueError, match="SHEQU_WECHAT_SECRET"):
        Settings(database_url=URL, wechat_app_id="wx1")
    app = Settings(database_url=URL, wechat_app_id="wx1", wechat_secret="s", wechat_url="").wechat()
    assert app.url == "https://api.weixin.qq.com"
    with pytest.raises(ValueError, match="wechat_url"):
        Settings(database_url=URL, wechat_url="http://wechat.example")
