"""Somebody else's Open311 client before the whole running system.

The client is ``georeport`` of PyPI. It only reads; to send a report in and to follow its token is
asked for plainly, as GeoReport v2 says it. The rules of its JSON stand in tests/support/georeport.
"""

import pytest
import requests
from georeport import GeoReport

from deploy.client import Client
from services.contracts import demo
from tests.e2e.conftest import Login
from tests.support.georeport import (
    problems_of_definition,
    problems_of_requests,
    problems_of_services,
)
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.e2e
SECONDS = 20


@pytest.fixture(scope="module")
def home(platform: Platform) -> str:
    """Where GeoReport is spoken."""
    return f"{platform.url}/open311/v2"


@pytest.fixture(scope="module")
def api_key(login: Login) -> str:
    """A key that the district has given to the city's app."""
    admin: Client = login("13800000008")
    path = f"/districts/{demo.DISTRICT_ID}/open311-keys"
    return str(admin.send("POST", path, json={"name": "随手拍"}).json()["api_key"])


def test_a_citys_app_finds_reports_and_follows(home: str, api_key: str) -> None:
    discovery = requests.get(f"{home}/discovery.json", timeout=SECONDS).json()
    (endpoint,) = discovery["endpoints"]
    assert endpoint["url"] == home
    assert "application/json" in endpoint["formats"]
    client = GeoReport(home, jurisdiction=demo.SHANGYUAN)
    services = client.get_service_list()
    assert problems_of_services(services) == []
    defined = next(one["service_code"] for one in services if one["metadata"])
    assert problems_of_definition(client.get_service_definition(defined)) == []

    report = {
        "api_key": api_key,
        "jurisdiction_id": demo.SHANGYUAN,
        "service_code": "X9",
        "lat": "31.45213",
        "long": "121.43127",
        "address_string": "尚园3号楼门口",
        "description": "楼下堆了建筑垃圾",
    }
    sent = requests.post(f"{home}/requests.json", data=report, timeout=SECONDS)
    assert sent.status_code == 201, sent.text
    request_id = sent.json()[0]["service_request_id"]
    token = requests.get(f"{home}/tokens/{request_id}.json", timeout=SECONDS).json()
    assert token[0]["service_request_id"] == request_id

    one = until(lambda: client.get_service_request(request_id), what="the request")
    assert (one["service_request_id"], one["status"]) == (request_id, "open")
    assert one["service_code"] == "X9"
    listed = client.get_service_requests(status="open", service_code="X9")
    assert request_id in {found["service_request_id"] for found in listed}
    assert problems_of_requests([one, *listed]) == []
