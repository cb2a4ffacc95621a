"""The desk for figures: the community's statistics, the secretary's page, the month report."""

from tests.browser.places import SECRETARY, Place

PLACES = (
    Place("/console/figures", who=SECRETARY, at="/console/figures?days=365"),
    Place("/console/figures/response", who=SECRETARY),
    Place("/console/secretary", who=SECRETARY),
    Place("/console/secretary/month", who=SECRETARY),
)
