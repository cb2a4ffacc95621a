"""What follows from a decision (后续), as a form of whatever page it stands on."""

from collections.abc import Awaitable
from typing import Any, Final

from gateway.web.visit import Visit

FIELDS: Final = ("what", "who", "due_on", "note", "state")


def kept(visit: Visit) -> tuple[str, Awaitable[Any]]:
    """Which of a page's forms was sent, and what it asks for: something more, or how one goes."""
    form = visit.form
    day, item = form.some("due_on"), form.text("item")
    if item:
        state = form.some("state")
        doing = visit.call("updateFollowUp", id=item, note=form.text("note"), **state, **day)
        return f"follow-{item}", doing
    said = {name: form.text(name) for name in ("what", "who")}
    doing = visit.call("addFollowUp", once=form.key, id=form.text("topic"), **said, **day)
    return "follow-new", doing
