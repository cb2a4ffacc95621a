"""Covenants as they are read: listed, article by article with where each came from, compared."""

from collections.abc import Sequence
from typing import Final

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import NotFound
from services.contracts.operations.base import Page
from services.contracts.operations.votes import covenants as ops
from services.contracts.operations.votes.proposals import ProposalChange
from services.kit.aside import aside
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain.covenants import Article, CovenantNotFound, may_be_agreed_to
from services.votes.handlers.common import convenes
from services.votes.handlers.proposals import differences
from services.votes.models import CovenantRow, CovenantVersionRow

MOST_NAMES: Final = 50


def list_covenants(
    uow: UnitOfWork, cmd: ops.ListCovenants, actor: Actor
) -> Page[ops.CovenantSummary]:
    """The covenants of a community, with where the actor stands; one statement."""
    community = directory.require_reader(uow, actor, cmd.cid)
    rows = repository.covenants.page(
        uow.session,
        community.id,
        reader=actor.eyes,
        state=cmd.state,
        convener=cmd.convener,
        to_agree=cmd.to_agree,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[ops.CovenantSummary(**row._mapping) for row in page],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def get_covenant(uow: UnitOfWork, cmd: ops.GetCovenant, actor: Actor) -> ops.Covenant:
    """A covenant as it holds, or as it was or will be in one of its versions.

    Raises:
        CovenantNotFound, CovenantVersionNotFound: it is not the actor's to see; it has none such.
    """
    row = readable(uow, cmd.id, actor)
    head = repository.covenants.summary(uow.session, row.id, actor.eyes)
    shown = repository.covenants.version(uow.session, row.id, cmd.version or row.version)
    articles = articles_of(shown)
    before = _before(uow, shown)
    came = repository.covenants.provenances(
        uow.session, row.id, [shown.version, *(one.since for one in articles)]
    )
    sums = repository.covenants.breach_sums(uow.session, row.id)
    return ops.Covenant(
        **head._mapping,
        shown=shown.version,
        change=shown.change,
        came_by=ops.Provenance(**came[shown.version]),
        shown_effective_at=shown.effective_at,
        shown_expires_at=shown.expires_at,
        shown_agreed=repository.covenants.agreed(uow.session, row.id, shown.version),
        articles=[
            ops.CovenantArticle(
                key=one.key,
                number=one.number,
                title=one.title,
                text=one.text,
                since=ops.Provenance(**came[one.since]),
                breaches=ops.BreachSums(**sums.get(one.key, {})),
            )
            for one in articles
        ],
        changes=aside(_changes, before, articles),
        breaches=_total(list(sums.values())),
        agreed_by=_agreed_by(uow, row, shown.version),
        may_agree=shown.change != "repealed"
        and may_be_agreed_to(row.state, row.version, row.newest, shown.version),
        may_keep=holds(row, shown.version) and convenes(actor, row),
    )


def list_versions(uow: UnitOfWork, cmd: ops.OfCovenant, actor: Actor) -> ops.CovenantVersions:
    """Every version of a covenant, the newest first."""
    row = readable(uow, cmd.id, actor)
    rows = repository.covenants.history(uow.session, row.id)
    return ops.CovenantVersions(items=[ops.CovenantVersion(**one._mapping) for one in rows])


def compare(
    uow: UnitOfWork, cmd: ops.CompareCovenantVersions, actor: Actor
) -> ops.CovenantDifferences:
    """What became of a covenant between two of its versions.

    Raises:
        CovenantNotFound, CovenantVersionNotFound: as in :func:`get_covenant`.
    """
    row = readable(uow, cmd.id, actor)
    older, newer = (
        articles_of(repository.covenants.version(uow.session, row.id, number))
        for number in (cmd.older, cmd.newer)
    )
    return ops.CovenantDifferences(
        older=cmd.older, newer=cmd.newer, changes=aside(_changes, older, newer)
    )


# -- shared ---------------------------------------------------------------------------------------


def readable(uow: UnitOfWork, covenant_id: str, actor: Actor) -> CovenantRow:
    """The covenant, when the actor may read its community.

    Raises:
        CovenantNotFound: it does not exist or is not hers to see.
    """
    row = repository.covenants.covenant(uow.session, covenant_id)
    try:
        directory.require_reader(uow, actor, row.community_id)
    except NotFound:
        raise CovenantNotFound() from None
    return row


def holds(row: CovenantRow, version: int) -> bool:
    """Whether the covenant is in force, in this version."""
    return row.state == "in_force" and row.version == version


def articles_of(row: CovenantVersionRow) -> list[Article]:
    """The articles of a version as it keeps them."""
    return [Article(**one) for one in row.articles]


def _before(uow: UnitOfWork, shown: CovenantVersionRow) -> list[Article]:
    if shown.version == 1:
        return []
    return articles_of(
        repository.covenants.version(uow.session, shown.covenant_id, shown.version - 1)
    )


def _changes(older: Sequence[Article], newer: Sequence[Article]) -> list[ProposalChange]:
    return differences([one.words for one in older], [one.words for one in newer])


def _total(sums: Sequence[dict[str, int]]) -> ops.BreachSums:
    return ops.BreachSums(
        **{
            state: sum(one.get(state, 0) for one in sums)
            for state in ("open", "settled", "to_issue", "closed")
        }
    )


def _agreed_by(uow: UnitOfWork, row: CovenantRow, version: int) -> list[ops.AgreedBy]:
    people = repository.covenants.named(uow.session, row.id, version, MOST_NAMES)
    cards = directory.cards(uow, people, row.community_id)
    return [
        ops.AgreedBy(
            person_id=person,
            display_name=cards[person].display_name,
            building_label=cards[person].building_label,
        )
        for person in people
        if person in cards and cards[person].present
    ]
