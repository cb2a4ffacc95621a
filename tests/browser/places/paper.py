"""The paper desk: the demo's running vote takes paper, too."""

from tests.browser.places import CLERK, HOME, SECRETARY, Known, Place
from tests.browser.places.polls import OPEN


def at(more: str = "") -> object:
    """Below the desk of the vote that is going on."""
    return lambda known: f"/console/paper/{OPEN(known).rpartition('/')[2]}{more}"


def several(known: Known) -> str:
    """A room in which more than one may vote."""
    return f"{at()(known)}?q=3-502"


def handed_out(known: Known) -> str:
    """A paper that was handed out."""

    def make(k: Known) -> str:
        poll = OPEN(k).rpartition("/")[2]
        entries = k.get(CLERK, f"/polls/{poll}/roll/entries", building="9号楼", state="free")
        one = entries["items"][0]["subject_id"]
        told = k.post(CLERK, f"/polls/{poll}/paper-issues", subject_id=one)
        return str(told["papers"][0]["paper"])

    return f"{at()(known)}?done={known.made('paper-out', make)}"


def counted(more: str = "") -> object:
    """Below the desk of the vote that is being counted."""

    def find(known: Known) -> str:
        poll = known.first(CLERK, f"/communities/{HOME}/polls", state="closed")
        return f"/console/paper/{poll['id']}/tallies{more}"

    return find


def reading(known: Known) -> str:
    """The sheet that the clerk entered, before somebody else."""
    path = counted()(known)
    sheets = known.get(SECRETARY, f"/polls/{path.split('/')[3]}/paper-tallies")["items"]
    return f"{path}/{sheets[0]['id']}/reading"


PLACES = (
    Place("/console/paper", CLERK),
    Place("/console/paper/{id}", CLERK, several, "console-paper-found"),
    Place("/console/paper/{id}", CLERK, at(), "console-paper-counter"),
    Place("/console/paper/{id}", CLERK, handed_out, "console-paper-done"),
    Place("/console/paper/{id}/round", CLERK, at("/round?b=7号楼"), "console-paper-round"),
    Place("/console/paper/{id}/print", SECRETARY, at("/print"), "console-paper-print"),
    Place("/console/paper/{id}/tallies", SECRETARY, counted(), "console-paper-tallies"),
    Place("/console/paper/{id}/tallies/new", CLERK, counted("/new"), "console-paper-sheet"),
    Place(
        "/console/paper/{id}/tallies/{sheet}/{kind}", SECRETARY, reading, "console-paper-reading"
    ),
    Place("/paper-desk", who="", name="paper-desk-away"),
)
