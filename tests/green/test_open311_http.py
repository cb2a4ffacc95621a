"""Open311 end to end: somebody else's client, a gateway process, the bridge. Needs: db, broker.

The client is ``georeport`` of PyPI, which only reads; what it cannot do is asked for plainly.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
from georeport import GeoReport

from deploy.local.system import free_port
from services.grid_bridge.service import GridBridgeService
from services.grid_bridge.settings import Settings
from services.kit.db import make_engine
from services.kit.uow import UnitOfWorkFactory
from tests.support.bridge import SHANGYUAN, SHI
from tests.support.bridge_open311 import REPORT, Counter
from tests.support.georeport import (
    problems_of_definition,
    problems_of_requests,
    problems_of_services,
)
from tests.support.grid_rig import wait_for
from tests.support.infra import ROOT

pytestmark = [pytest.mark.db, pytest.mark.broker]


@pytest.fixture
def counter(db, start, amqp_url, tmp_path) -> Counter:
    url = db("grid_bridge").engine.url.render_as_string(hide_password=False)
    start(GridBridgeService, Settings, url, amqp_url, model_dir=ROOT / "var" / "model")
    return Counter(UnitOfWorkFactory(make_engine(url, pool=4), "grid_bridge"), tmp_path)


@pytest.fixture
def home(counter, amqp_url, signer, tmp_path: Path) -> Iterator[str]:
    """The address of a gateway process in front of the bridge."""
    port, secret = free_port(), tmp_path / "gateway.secret"
    secret.write_bytes(os.urandom(32))
    told = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "SHEQU_ENV": "test",
        "SHEQU_AMQP_URL": amqp_url,
        "SHEQU_PORT": str(port),
        "SHEQU_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SHEQU_JWKS_FILE": str(signer.jwks_file),
        "SHEQU_UPLOAD_SECRET_FILE": str(secret),
        "SHEQU_STORAGE_URL": (tmp_path / "uploads").as_uri(),
        "SHEQU_RATE_LIMITS": "off",
    }
    with (tmp_path / "gateway.log").open("wb") as log:
        gateway = subprocess.Popen(
            [sys.executable, "-m", "gateway"], cwd=ROOT, env=told, stdout=log, stderr=log
        )
    try:
        root = f"http://127.0.0.1:{port}/open311/v2"

        def answers() -> bool:
            try:
                return requests.get(f"{root}/services.json", timeout=5).status_code == 200
            except requests.ConnectionError:
                return False

        wait_for("the gateway and the bridge behind it", answers, 60)
        yield root
    finally:
        gateway.terminate()
        gateway.wait(20)


def test_a_report_is_sent_in_and_followed_by_a_foreign_client(counter: Counter, home: str) -> None:
    key = counter.key().api_key
    form = {**REPORT, "api_key": key}
    form["description"] = '楼道 < & > "堆物" ]]> \x0b'
    sent = requests.post(f"{home}/requests.xml", data=form, timeout=20)
    assert sent.status_code == 201, sent.text
    request_id = ElementTree.fromstring(sent.content).findtext("request/service_request_id") or ""
    again = requests.post(f"{home}/requests.json", data=form, timeout=20)
    assert again.json()[0]["service_request_id"] == request_id
    token = requests.get(f"{home}/tokens/{request_id}.json", timeout=20).json()
    assert token == [{"service_request_id": request_id, "token": request_id}]

    for output in ("json", "xml"):
        client = GeoReport(home, jurisdiction=SHANGYUAN, output_format=output)
        services = client.get_service_list()
        assert len(services) == 17 + 97 + 4
        definition = client.get_service_definition("X2")
        found = client.get_service_request(request_id)
        assert found["service_request_id"] == request_id
        assert (found["service_code"], found["status"]) == ("X9", "open")
        listed = client.get_service_requests(status="open", service_code="X9")
        if output == "json":
            assert problems_of_services(services) == []
            assert problems_of_definition(definition) == []
            assert problems_of_requests([found, *listed]) == []

    counter.triage(request_id, "dispose", None)
    counter.answer(request_id, "fixed")
    closed = GeoReport(home).get_service_requests(status="closed")
    assert [(one["service_request_id"], one["status_notes"]) for one in closed] == [
        (request_id, "已处理完毕")
    ]
    assert counter.issue(request_id, SHI).source == "open311"


def test_refusals_are_lists_of_errors_with_their_numbers(counter: Counter, home: str) -> None:
    key = counter.key().api_key
    for changes, status in (
        ({"api_key": ""}, 403),
        ({"api_key": "o311_wrong"}, 403),
        ({"jurisdiction_id": "nowhere"}, 404),
        ({"service_code": "nothing"}, 404),
        ({"lat": "", "long": "", "address_string": ""}, 400),
        ({"description": "<b>x</b>"}, 400),
        ({"service_code": "X2"}, 400),
    ):
        form = {**REPORT, "api_key": key, **changes}
        refused = requests.post(f"{home}/requests.xml", data=form, timeout=20)
        error = ElementTree.fromstring(refused.content).find("error")
        assert error is not None, refused.text
        assert (refused.status_code, error.findtext("code")) == (status, str(status)), changes
        assert error.findtext("description")
    for path in ("requests/none", "tokens/none", "services/none"):
        assert requests.get(f"{home}/{path}.json", timeout=20).status_code == 404
    spans = "start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z"
    assert requests.get(f"{home}/requests.json?{spans}", timeout=20).status_code == 400
    assert counter.rows("SELECT count(*) AS many FROM issues")[0].many == 0
