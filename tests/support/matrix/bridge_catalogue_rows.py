"""Operations of the bridge's catalogue and of the departments' answer guides."""

from services.contracts.actor import Role
from services.contracts.errors import NotFound
from tests.support.catalogues import built_in_list
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place, self_

DISTRICT: Command = {"did": "d"}
GUIDE: Command = {**DISTRICT, "department": "民政局", "title": "敬老卡", "body": "到居委会登记"}


def _drafted(h: House) -> Command:
    """The next version, by an administrator; what was drafted before is written over."""
    author = h.person((Role.DISTRICT_ADMIN, "d"))
    return {**DISTRICT, "revision": h.ask(author, "draftCatalogue", **_draft(h))["revision"]}


def _draft(h: House) -> Command:
    """A list with the revision that stands."""
    reader = h.person((Role.DISTRICT_ADMIN, "d"))
    try:
        revision = h.ask(reader, "getCatalogueDraft", **DISTRICT)["revision"]
    except NotFound:
        revision = None
    return {**DISTRICT, "slots": built_in_list(), "revision": revision}


def _guide(h: House) -> Command:
    """A guide for the town of the home community."""
    author = h.person((Role.DEPARTMENT_STAFF, "d.t"))
    return {"id": h.ask(author, "createAnswerGuide", **GUIDE)["id"]}


def _version(h: House) -> Command:
    return {**_guide(h), "version": 1, "title": "敬老卡（新）", "body": "网上也可以办"}


# Whoever serves in the district reads: a role held at the far end of it is held in it, too.
CATALOGUE: dict[str, Row] = {
    "getCatalogue": self_(lambda _h, _who: DISTRICT),
    "listCatalogueVersions": self_(lambda _h, _who: DISTRICT),
    "getCatalogueDraft": place(lambda h, _who: _drafted(h) and DISTRICT),
    "draftCatalogue": place(lambda h, _who: _draft(h)),
    "publishCatalogue": place(lambda h, _who: _drafted(h)),
}
GUIDES: dict[str, Row] = {
    "listAnswerGuides": self_(lambda _h, _who: DISTRICT),
    "getAnswerGuide": self_(lambda h, _who: _guide(h)),
    "createAnswerGuide": self_(lambda _h, _who: GUIDE),
    "updateAnswerGuide": place(lambda h, _who: _version(h)),
    "retireAnswerGuide": place(lambda h, _who: {**_guide(h), "reason": "政策已变"}),
    "listAnswerGuideUses": place(lambda h, _who: _guide(h)),
}
ROWS = {**CATALOGUE, **GUIDES}
