"""What can be done with an issue now: the tables of :mod:`.issue` read the other way round."""

from services.grid_bridge.domain.issue import MOVES, Act, By, Category, Issue, NotNow, take

OFFICES = frozenset({By.COMMITTEE, By.CONVENER})


def possible(issue: Issue) -> set[Act]:
    """What the committee may do with it, whatever else that needs (a photo, a reason)."""
    found = {act for act, move in MOVES.items() if move.by in OFFICES and _goes(issue, act)}
    if not issue.order_is_live and _goes(issue, Act.MERGE):  # it asks, the reporter says yes
        found.add(Act.MERGE)
    if issue.category in (Category.CONSULT, Category.ADVISE):
        found -= {Act.STEP, Act.SOLVE}
    return found if issue.category is Category.HARD else found - {Act.ESCALATE}


def _goes(issue: Issue, act: Act) -> bool:
    try:
        take(issue, act)
    except NotNow:
        return False
    return True
