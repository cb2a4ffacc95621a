"""The classifier's versions: how good each is, let it learn anew, put one to use or go back."""

from starlette.responses import Response

from gateway.web.pages.district.holding import holding, sheet
from gateway.web.routing import Page
from gateway.web.visit import Visit
from services.contracts.errors import ShequError


async def versions(visit: Visit) -> Response:
    """The versions; the page asks again while one is being learned."""
    return await _versions(visit)


async def _versions(visit: Visit, failed: str = "") -> Response:
    found = await holding(visit, "listClassifierModels")
    models = await visit.call("listClassifierModels")
    refit = models["refit"]
    return await sheet(
        visit,
        "classifier",
        reach=found,
        models=models,
        learning=bool(refit) and refit["state"] in ("waiting", "running"),
        may_use=visit.may("useClassifierModel"),
        failed=failed,
    )


async def learn(visit: Visit) -> Response:
    """Let it learn from what staff decided; that takes a while and is done beside."""
    doing = visit.call("requestRefit", once=visit.form.key)
    return await visit.do(doing, again=versions, then="/district/classifier#refit")


async def use(visit: Visit) -> Response:
    """Put a version to use, with a reason; a weak one by force alone."""
    form, version = visit.form, visit.part("version")
    try:
        await visit.call(
            "useClassifierModel",
            once=form.key,
            version=version,
            reason=form.text("reason"),
            force=form.ticked("force"),
        )
    except ShequError as error:
        visit.form = visit.refused(error, "reason", "force")
        return await _versions(visit, version)
    return visit.go("/district/classifier")


PAGES = (
    Page("GET /district/classifier", versions),
    Page("POST /district/classifier", learn),
    Page("POST /district/classifier/{version}", use),
)
