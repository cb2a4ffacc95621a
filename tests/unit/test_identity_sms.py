"""Text messages: sinks, settings, and what a message says."""

import json
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError

import pytest

from services.identity.domain import login
from services.identity.settings import Settings
from services.identity.sms import FileSink, HttpSink

pytestmark = pytest.mark.unit


def test_a_code_has_six_digits_and_is_not_guessable():
    codes = {login.new_code() for _ in range(200)}
    assert all(len(c) == 6 and c.isdigit() for c in codes)
    assert len(codes) > 190
    assert "246813" in login.sms_text("246813") and "5 分钟" in login.sms_text("246813")


def test_the_file_sink_appends_lines_that_only_its_owner_reads(tmp_path):
    sink = FileSink(tmp_path / "run" / "sms.jsonl")
    sink.send("+8613800000001", "一", "k1")
    sink.send("+8613800000001", "二", "k2")
    lines = [json.loads(line) for line in sink.path.read_text().splitlines()]
    assert [(line["text"], line["key"]) for line in lines] == [("一", "k1"), ("二", "k2")]
    assert stat.S_IMODE(sink.path.stat().st_mode) == 0o600


@pytest.fixture
def provider():
    """A provider that keeps what it is told; `status` is what it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.told.append((dict(self.headers), json.loads(body)))
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.told, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_http_sink_posts_with_secret_and_key(provider):
    url = f"http://127.0.0.1:{provider.server_port}/send"
    HttpSink(url, "s3cret").send("+8613800000001", "验证码 1", "k1")
    ((headers, body),) = provider.told
    assert body == {"phone": "+8613800000001", "text": "验证码 1", "key": "k1"}
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Idempotency-Key"] == "k1"


def test_a_refusing_provider_is_an_os_error(provider):
    provider.status = 503
    with pytest.raises(OSError) as caught:
        HttpSink(f"http://127.0.0.1:{provider.server_port}/", "s").send("+861", "x", "k")
    assert isinstance(caught.value, HTTPError)
    caught.value.close()


URL = "postgresql+psycopg2://shequ:long-and-random@db/identity"
SAFE = {
    "env": "production",
    "database_url": URL,
    "amqp_url": "amqps://shequ:long-and-random@mq/",
    "public_url": "https://shequ.example",
}


def test_production_refuses_to_write_codes_into_a_file():
    with pytest.raises(ValueError, match="SHEQU_SMS_URL") as caught:
        Settings(**SAFE)
    assert "long-and-random" not in str(caught.value)
    settings = Settings(**SAFE, sms_url="https://sms.example/send", sms_secret="x")
    assert settings.sms_sink() == HttpSink("https://sms.example/send", "x")


def test_development_writes_them_into_a_file(tmp_path):
    settings = Settings(database_url=URL, var=tmp_path)
    assert settings.sms_sink() == FileSink(tmp_path / "run" / "sms.jsonl")


def test_messages_never_leave_unencrypted():
    with pytest.raises(ValueError, match="sms_url"):
        Settings(database_url=URL, sms_url="http://sms.example/send", sms_secret="x")
