"""What neighbours do together: events, mutual aid, things to give away, projects, accounts."""

from typing import Any

from gateway.web import moments
from gateway.web.forms import whole
from gateway.web.visit import Visit

DAYS = range(1, 8)
SLOTS = "slots"


def number(text: str) -> int | str:
    """A whole number of a form; what is none stays text, which the contract refuses."""
    return whole(text) or text


def minutes(visit: Visit, *names: str) -> dict[str, str]:
    """Moments of a form as the contract has them; one that cannot be read stays as it is."""
    said = visit.form.some(*names)
    return {name: moments.local_minute(text) or text for name, text in said.items()}


def weekly(visit: Visit) -> list[dict[str, Any]]:
    """Hours of the week: each ticked day with the hours that stand beside the days."""
    begins, ends = visit.form.text(f"{SLOTS}_from"), visit.form.text(f"{SLOTS}_to")
    days = (whole(day) for day in visit.form.many(f"{SLOTS}[]"))
    return [{"weekday": day, "from": begins, "to": ends} for day in days if day in DAYS]
