"""The desk for votes and covenants: a vote prepared, on display, counted, decided; a breach."""

from collections.abc import Callable

from tests.browser.places import HOME, SECRETARY, Known, Place
from tests.browser.places.polls import ANNOUNCED, DECIDED, OPEN, covenant, reported

ADMIN = "13800000008"
PREPARE = "/console/polls/prepare/{id}"


def desk(find: Callable[[Known], str], more: str = "") -> Callable[[Known], str]:
    """The same thing as the desk has it."""
    return lambda known: f"/console{find(known)}{more}"


def a_draft(step: str) -> Callable[[Known], str]:
    """A topic of the residents' committee whose text has been written."""

    def at(known: Known) -> str:
        topics = known.get(SECRETARY, f"/communities/{HOME}/topics", state="proposal")["items"]
        own = next(one["id"] for one in topics if one["convener"] == "residents_committee")
        return f"/console/polls/prepare/{own}?step={step}"

    return at


def breach(known: Known) -> str:
    return f"/console/covenants{known.made('breach', reported)}"


def breaches(known: Known) -> str:
    breach(known)
    return "/console/covenants/breaches"


PLACES = (
    Place("/console/polls", SECRETARY),
    Place(PREPARE, SECRETARY, a_draft("terms"), "console-poll-terms"),
    Place(PREPARE, SECRETARY, a_draft("text"), "console-poll-text"),
    Place(PREPARE, SECRETARY, a_draft("rules"), "console-poll-rules"),
    Place(PREPARE, SECRETARY, a_draft("look"), "console-poll-look"),
    Place("/console/polls/rules", SECRETARY),
    Place("/console/polls/rules", ADMIN, name="console-polls-rules-admin"),
    Place("/console/polls/{id}", SECRETARY, desk(DECIDED), "console-poll-decided"),
    Place("/console/polls/{id}", SECRETARY, desk(OPEN), "console-poll-open"),
    Place("/console/polls/{id}", SECRETARY, desk(ANNOUNCED), "console-poll-announced"),
    Place(
        "/console/polls/{id}/roll", SECRETARY, desk(ANNOUNCED, "/roll?place=101"),
        "console-poll-roll",
    ),
    Place("/console/covenants", SECRETARY),
    Place("/console/covenants/{id}", SECRETARY, desk(covenant), "console-covenant"),
    Place("/console/covenants/breaches", SECRETARY, breaches),
    Place("/console/covenants/breaches/{id}", SECRETARY, breach, "console-breach"),
)  # fmt: skip
