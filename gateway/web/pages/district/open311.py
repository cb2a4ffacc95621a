"""Keys for those who send reports in by Open311; a key is shown once."""

from starlette.responses import Response

from gateway.web.forms import whole
from gateway.web.pages.district.holding import holding, sheet
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError

FIELDS = ("name", "per_minute", "per_day")


async def keys(visit: Visit) -> Response:
    """Who has a key, how much each may send, and when it was last used."""
    return await _keys(visit)


async def _keys(visit: Visit, fresh: str = "") -> Response:
    found = await holding(visit, "listOpen311Keys")
    shown = await visit.call("listOpen311Keys", did=found.did)
    return await sheet(visit, "open311", reach=found, items=shown["items"], fresh=fresh)


async def create(visit: Visit) -> Response:
    """Give one out. It is shown in the answer itself: nobody can ask for it again."""
    form = visit.form
    bounds = {
        name: whole(form.text(name)) or form.text(name) for name in FIELDS[1:] if form.text(name)
    }
    try:
        made = await visit.call(
            "createOpen311Key",
            once=form.key,
            did=form.text("did"),
            name=form.text("name"),
            **bounds,
        )
    except ShequError as error:
        visit.form = visit.refused(error, *FIELDS)
        return await _keys(visit)
    visit.form = type(form)()
    return await _keys(visit, fresh=made["api_key"])


async def revoke(visit: Visit) -> Response:
    """It opens nothing any more."""
    form = visit.form
    doing = visit.call("revokeOpen311Key", did=form.text("did"), id=form.text("id"))
    return await visit.do(doing, again=keys, then="/district/open311")


PAGES = (
    Page("GET /district/open311", keys),
    Page("POST /district/open311", create),
    Page("POST /district/open311/revoke", revoke),
)
