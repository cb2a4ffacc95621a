"""Results as they are shown, their certificates, and what is in publicity."""

import json
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.base import Page
from services.contracts.operations.documents import Document
from services.contracts.operations.votes import results as ops
from services.contracts.operations.votes.polls import OfPoll
from services.contracts.operations.votes.rules import RuleSet
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import objections
from services.votes.domain.polls import NoResult, NotClosed, NotPublished, State
from services.votes.handlers import certificates, common, polls, publicity
from services.votes.models import ObjectionRow, PollRow, ResultRow


def get_result(uow: UnitOfWork, cmd: OfPoll, actor: Actor, now: datetime) -> ops.Result:
    """The result of a poll.

    Raises:
        PollNotFound: it is not the actor's to see.
        NotClosed, NotPublished, NoResult: there is none yet, or there never will be.
    """
    return shown(uow, polls.visible(uow, actor, cmd.id), now)


def get_certificate(
    uow: UnitOfWork, cmd: ops.GetCertificate, actor: Actor, public_url: str
) -> Document:
    """The certificate as a page; the same refusals as :func:`get_result`."""
    poll = polls.visible(uow, actor, cmd.id)
    result = _published(uow, poll)
    objected = repository.results.objections(uow.session, poll)
    return certificates.document(poll, result, objected, public_url)


def _published(uow: UnitOfWork, poll: PollRow) -> ResultRow:
    if poll.state in (State.ANNOUNCED, State.OPEN):
        raise NotClosed()
    if poll.state == State.CLOSED:
        raise NotPublished()
    result = repository.results.result(uow.session, poll.id)
    if result is None:
        raise NoResult()
    return result


def shown(uow: UnitOfWork, poll: PollRow, now: datetime) -> ops.Result:
    """The result as it is told."""
    result = _published(uow, poll)
    topic = repository.topics.topic(uow.session, poll.topic_id)
    told = result.figures
    objected = repository.results.objections(uow.session, poll)
    return ops.Result(
        poll_id=poll.id,
        topic_id=poll.topic_id,
        community_id=poll.community_id,
        title=poll.title,
        state=poll.state,
        roll=told["roll"]["entries"],
        roll_sums=told["roll"],
        taken_part=told["taken_part"],
        issued=told["issued"],
        unreturned=told["unreturned"],
        late=told["late"],
        by_proxy=told["by_proxy"],
        online=told["online"],
        paper=told["paper"],
        weights=told["weights"],
        quorum_reached=told["quorum_reached"],
        arithmetic=told["arithmetic"],
        passed=result.passed,
        verified=polls.rules_of(poll).verified,
        buildings=told["buildings"],
        disagreements=told["disagreements"],
        objections=[_objection(row, poll) for row in objected],
        certificate_hash=result.certificate_hash,
        certificate=json.loads(result.certificate),
        published_at=result.published_at,
        publicity_ends_at=result.ends_at,
        waits_for=[one.value for one in publicity.awaited(uow, topic, result, now)],
        sign_off=_sign_off(result, "supervision" in common.settings_of(topic).steps),
        adopted_at=result.adopted_at,
        filing=_filing(result),
        annulled_at=result.annulled_at,
        annul_reason=result.annul_reason,
    )


def _objection(row: ObjectionRow, poll: PollRow) -> ops.StandingObjection:
    stands = objections.stands(row.mark, row.withdrawn_at is not None)
    return ops.StandingObjection.model_validate(
        {**certificates.objected(row, poll), "stands": stands}
    )


def _sign_off(result: ResultRow, wanted: bool) -> ops.SupervisorsWord | None:
    if not wanted or not result.passed:
        return None
    return ops.SupervisorsWord(
        due_at=result.sign_by,
        decision=result.sign_off,
        note=result.sign_note,
        at=result.signed_at,
    )


def _filing(result: ResultRow) -> ops.Filing | None:
    if result.file_by is None:
        return None
    return ops.Filing(
        due_at=result.file_by,
        number=result.file_number,
        authority=result.file_authority,
        filed_on=result.filed_on,
    )


def _object_until(row: Row[Any]) -> datetime:
    window = objections.window(
        row.state, row.since, RuleSet.model_validate(row.rules), row.opens_at
    )
    return cast(objections.Window, window).closes  # in both states there is one


def list_publicity(uow: UnitOfWork, cmd: ops.ListPublicity, actor: Actor) -> Page[ops.Publicity]:
    """Notices and results that the community may object to now, the newest topic first.

    Raises:
        CommunityNotFound: it is not the actor's to see.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = repository.results.in_publicity(uow.session, community.id, before, cmd.limit + 1)
    page = rows[: cmd.limit]
    return Page(
        items=[
            ops.Publicity(
                kind="notice" if row.state == "notice" else "result",
                topic_id=row.topic_id,
                poll_id=row.poll_id,
                title=row.title,
                convener=row.convener,
                passed=row.passed,
                since=row.since,
                until=row.until,
                object_until=_object_until(row),
                waits_for=(row.waits or {}).get("missing", []),
            )
            for row in page
        ],
        next_cursor=encode_cursor(page[-1].topic_id) if len(rows) > cmd.limit else None,
    )
