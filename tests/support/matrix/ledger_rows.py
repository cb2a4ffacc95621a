"""Disclosed accounts and supervision questions."""

from services.contracts.actor import COMMITTEE, Role
from services.contracts.errors import NotFound
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place

HERE = {"cid": "c-home"}
QUARTER: Command = {
    "kind": "public_income",
    "title": "一季度公共收益",
    "starts_on": "2026-01-01",
    "ends_on": "2026-03-31",
}
LINE = {"section": "income", "on_date": "2026-02-01", "subject": "电梯广告", "amount": "1200.00"}
KEEPERS = COMMITTEE
DISCLOSURE: Command = {
    "name": "公开栏",
    "name_en": "Disclosure",
    "post": {"roles": sorted(KEEPERS)},
    "official": True,
    "works": ["ledger", "question"],
}


def _disclosure(h: House) -> Command:
    """A post of the committee in a module that discloses."""
    module = {**HERE, "key": "disclosure"}
    try:
        h.ask(h.secretary, "getModule", **module)
    except NotFound:
        h.ask(h.secretary, "putModule", **module, **DISCLOSURE, version=0)
    said = {"module": "disclosure", "title": "公开", "body": "请看账"}
    return {"id": h.ask(h.secretary, "createPost", **HERE, **said)["id"]}


def _draft(h: House) -> Command:
    post = _disclosure(h)
    h.ask(h.secretary, "putLedger", **post, **QUARTER)
    h.ask(h.secretary, "putLedgerLines", **post, lines=[LINE])
    return post


def _published(h: House) -> Command:
    post = _draft(h)
    h.ask(h.secretary, "publishLedger", **post)
    return post


def question(h: House) -> Command:
    """A question of a neighbour, who does not ask too many."""
    neighbour = h.neighbour()
    asked = h.ask(neighbour, "askQuestion", **_disclosure(h), body="为什么？")
    return {"id": asked["id"]}


LEDGERS: dict[str, Row] = {
    "putLedger": place(lambda h, _who: {**_disclosure(h), **QUARTER}, only=KEEPERS),
    "putLedgerLines": place(lambda h, _who: {**_draft(h), "lines": [LINE]}, only=KEEPERS),
    "publishLedger": place(lambda h, _who: _draft(h), only=KEEPERS),
    "correctLedgerLine": place(
        lambda h, _who: {**_published(h), "number": 1, "reason": "写错"}, only=KEEPERS
    ),
    "checkLedger": place(lambda h, _who: _published(h), only=frozenset({Role.SUPERVISOR})),
    "getLedger": inside(lambda h, _who: _published(h)),
    "listLedgerLines": inside(lambda h, _who: _published(h)),
    "exportLedger": inside(lambda h, _who: _published(h)),
    "listLedgers": inside(lambda _h, _who: HERE),
    "askQuestion": place(lambda h, _who: {**_disclosure(h), "body": "为什么？"}),
    "listQuestions": inside(lambda h, _who: _disclosure(h)),
    "listCommunityQuestions": inside(lambda _h, _who: HERE),
    "answerQuestion": place(lambda h, _who: {**question(h), "body": "因为"}, only=KEEPERS),
}
