"""Whom a text names, when the neighbours see it."""

from services.feed.domain import mentions as rules
from services.feed.repository import mentions as repository
from services.kit.uow import UnitOfWork


def mentioned(
    uow: UnitOfWork, community_id: str, author_id: str, *texts: str, hidden: bool, official: bool
) -> list[str]:
    """The neighbours whom the author's words name, but for those who keep away from her.

    Looked up when the text is shown: whoever is renamed, joins or leaves afterwards is not told.

    Args:
        hidden: the author speaks without her name; who blocked her with it may still be called.
        official: it is said in office, which everybody hears.
    """
    marks = rules.candidates("\n".join(texts))
    if not marks:
        return []
    names = {name for some in marks for name in some}
    found = rules.named(marks, repository.called(uow.session, community_id, names))
    people = [person for person in found if person != author_id]
    if not people or official:
        return people
    apart = repository.apart(uow.session, author_id, people, hidden=hidden)
    return [person for person in people if person not in apart]
