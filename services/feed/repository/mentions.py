"""Who is called what, and wants to hear from an author."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

# A child is not called upon by name. Of those who share a name all are found: then nobody is meant.
_CALLED = text(
    """
    SELECT display_name, array_agg(person_id) AS people FROM directory_cards
    WHERE community_id = :community AND standing IN ('active', 'staff')
        AND display_name = ANY(:names)
    GROUP BY display_name
    """
)
# Who keeps away from this face of the author, or whom she has blocked. Offices are heard by all.
_APART = text(
    """
    SELECT person_id FROM feed_distances
    WHERE other_id = :author AND person_id = ANY(:people) AND hidden = :hidden
    UNION
    SELECT other_id FROM feed_distances
    WHERE person_id = :author AND other_id = ANY(:people) AND kind = 'block'
        AND NOT hidden AND veiled = :hidden
    """
)


def called(session: Session, community_id: str, names: Collection[str]) -> dict[str, list[str]]:
    """Who of a community is called so, by display name."""
    found = session.execute(_CALLED, {"community": community_id, "names": list(names)})
    return {row.display_name: row.people for row in found}


def apart(session: Session, author_id: str, people: Collection[str], *, hidden: bool) -> set[str]:
    """Those of ``people`` who are not to hear from the author as she speaks here."""
    return set(
        session.scalars(_APART, {"author": author_id, "people": list(people), "hidden": hidden})
    )
