"""Every PDF that the running district gives out: whole, in its own font, with no sign missing."""

import pytest

from deploy.client import Client
from services.contracts import demo
from services.contracts.operations import ALL
from tests.browser.places import SECRETARY, Known
from tests.browser.places.news import over
from tests.browser.places.paper import handed_out
from tests.e2e.conftest import Login
from tests.support.http_asks import send
from tests.support.pdfs import faults, text_of
from tests.support.platform import Platform

pytestmark = pytest.mark.e2e

HOME = f"/communities/{demo.SHANGYUAN}"
SAID = {
    "getPoster": "尚园居民区",
    "exportPlan": "预算与来源",
    "getEmergencyReportFile": "演练",
    "getPollPoster": "投票",
    "getBallotPapers": "回执",
    "getIssueRegister": "签名",
    "getTallySheet": "计票",
    "getCertificate": "证书",
}
"""A word that stands in each."""


@pytest.fixture(scope="module")
def paths(platform: Platform, login: Login) -> dict[str, str]:
    """Where one of each kind is; what the demo has not had yet is made."""
    known = Known(login, platform.demo)

    def first(path: str, **params: str) -> str:
        return str(known.first(SECRETARY, path, **params)["id"])

    going_on, decided = (first(f"{HOME}/polls", state=state) for state in ("open", "published"))
    handed_out(known)
    return {
        "getPoster": f"/qr/{platform.demo['newcomers'][0]['qr_token']}/poster.pdf",
        "exportPlan": f"/plans/{first(f'{HOME}/plans')}/document.pdf",
        "getEmergencyReportFile": f"/emergencies/{over(known)}/report.pdf",
        "getPollPoster": f"/polls/{going_on}/notice.pdf",
        "getBallotPapers": f"/polls/{going_on}/ballot-papers.pdf",
        "getIssueRegister": f"/polls/{going_on}/issue-register.pdf?building=9号楼",
        "getTallySheet": f"/polls/{going_on}/tally-sheet.pdf",
        "getCertificate": f"/polls/{decided}/certificate.pdf",
    }


@pytest.mark.parametrize("operation", SAID)
def test_a_pdf_brings_its_font_and_lacks_no_sign(
    operation: str, paths: dict[str, str], secretary: Client
) -> None:
    answer = send(secretary, "GET", paths[operation])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert SAID[operation] in text_of(answer.content)
    assert faults(answer.content) == []


def test_every_operation_that_gives_a_pdf_is_looked_at() -> None:
    forms = {row.id: row.command.model_fields.get("format") for row in ALL}
    gives = {name for name, form in forms.items() if form and "pdf" in str(form.annotation)}
    assert gives == set(SAID)
