"""The desk for figures, and how a district is set up."""

from gateway.web.pages.district.catalogue import as_drafts
from tests.browser.places import HOME, SECRETARY, Known, Place
from tests.browser.places.desk_issues import ADMIN, escalated
from tests.browser.places.district import OPERATOR

SETTINGS = "/districts/demo"


def a_draft(known: Known) -> str:
    """Somebody has begun the catalogue's next version."""

    def make(one: Known) -> str:
        items = one.get(ADMIN, f"{SETTINGS}/catalogue")["items"]
        slots = as_drafts(items)
        one.put(ADMIN, f"{SETTINGS}/catalogue/draft", slots=slots, note="加一类：飞线充电")
        return items[-1]["key"]

    return known.made("catalogue-draft", make)


def compared(known: Known) -> str:
    """The platform's list lacks an order of ours, and has one that we do not know."""

    def make(one: Known) -> str:
        ours = escalated(one)
        there = {"work_order_no": f"{ours[:-4]}9999", "state": "disposing", "seq": 4}
        made = one.post(OPERATOR, f"{SETTINGS}/reconciliations", orders=[there])
        return made["id"]

    return f"/district/reconciliations/{known.made('compared', make)}"


def a_run(known: Known) -> str:
    """A month of the district is reckoned anew."""

    def make(one: Known) -> str:
        month = one.get(ADMIN, f"{SETTINGS}/hot-topics")["month"]
        fields = {"level": "community", "node": HOME, "month": month, "reason": "漏了来电说的"}
        return one.post(ADMIN, "/hot-topic-runs", **fields)["id"]

    return f"/district/hot-runs/{known.made('hot-run', make)}"


PLACES = (
    Place("/console/figures", who=SECRETARY, at="/console/figures?days=365"),
    Place("/console/figures/response", who=SECRETARY),
    Place("/console/secretary", who=SECRETARY),
    Place("/console/secretary/month", who=SECRETARY),
    Place("/console/rules", who=SECRETARY),
    Place("/district/calendar", who=ADMIN),
    Place("/district/limits", who=ADMIN),
    Place("/district/bounds", who=ADMIN),
    Place("/district/open311", who=ADMIN),
    Place("/district/reconciliations", who=OPERATOR),
    Place("/district/reconciliations/{id}", who=OPERATOR, at=compared),
    Place("/district/classifier", who=ADMIN),
    Place("/district/hot-runs", who=ADMIN),
    Place("/district/hot-runs/{id}", who=ADMIN, at=a_run),
    Place("/district/catalogue", who=ADMIN),
    Place("/district/catalogue/draft", who=ADMIN,
          at=lambda k: "/district/catalogue/draft" * bool(a_draft(k))),
    Place("/district/catalogue/draft/{key}", who=ADMIN,
          at=lambda k: f"/district/catalogue/draft/{a_draft(k)}"),
)  # fmt: skip
