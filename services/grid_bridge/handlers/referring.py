"""Referral to the property firm, the owners' committee or a department (转办).

The party sees what it needs to act: the problem, where it is, the pictures, the committee's note
and by when the resident was promised an answer. Not who reported it.
"""

from collections.abc import Sequence
from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.events import ReferralChanged
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import (
    AnswerReferral,
    ListReferrals,
    OfReferral,
    ReferIssue,
    Referral,
    WithdrawReferral,
)
from services.grid_bridge import repository, slots
from services.grid_bridge import repository_casework as store
from services.grid_bridge import texts_handling as texts
from services.grid_bridge.domain import handling as rules
from services.grid_bridge.files import Files, attach
from services.grid_bridge.handlers import locating, outcomes, promises
from services.grid_bridge.handlers.common import (
    Doer,
    about,
    for_committee,
    is_staff,
    plain,
    read_attachments,
    serving,
    tell,
)
from services.grid_bridge.handlers.reading import promise_view
from services.grid_bridge.models import IssueRow, ReferralRow
from services.grid_bridge.repository_casework import ReferralNotFound
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork


def refer(uow: UnitOfWork, cmd: ReferIssue, actor: Actor, files: Files, now: datetime) -> Referral:
    """The committee asks another party to act; the resident's promise runs on."""
    row, doer = for_committee(uow, actor, cmd.id)
    changed = rules.refer(repository.as_issue(row))
    if (cmd.to == "department") != (cmd.department is not None):
        raise rules.DepartmentNeeded(errors=[FieldError("department", "with department alone")])
    attachments = attach(files, cmd.attachments, actor.person_id)
    repository.keep(row, changed, now)
    found = ReferralRow(
        id=new_id(),
        issue_id=row.id,
        community_id=row.community_id,
        path=row.path,
        party=cmd.to,
        department=cmd.department,
        state="open",
        note=cmd.note,
        attachments=plain(attachments),
        referred_by=actor.person_id,
        referred_at=now,
        answer=None,
        answer_attachments=[],
        settled_by=None,
        settled_role=None,
        settled_at=None,
    )
    uow.session.add(found)
    text = texts.referred(cmd.to, cmd.department, cmd.note)
    tell(uow, row, "referred", doer, text, now, attachments=attachments)
    uow.emit(_changed(row, found, doer, cmd.note, found.attachments))
    return _views(uow, [(found, row)], now)[0]


def answer(
    uow: UnitOfWork, cmd: AnswerReferral, actor: Actor, files: Files, now: datetime
) -> Referral:
    """The party answers on the thread: done, or back to the committee."""
    row, found = _locked(uow, cmd.id, actor, as_party=True)
    done = cmd.outcome == "done"
    before = repository.as_issue(row)
    changed = (
        rules.referral_done(before) if done else rules.referral_returned(before, declined=True)
    )
    attachments = attach(files, cmd.attachments, actor.person_id)
    repository.keep(row, changed, now)
    doer = Doer(rules.PARTY_ROLES[found.party], actor.person_id)
    found.answer, found.answer_attachments = cmd.body, plain(attachments)
    _settle(found, cmd.outcome, doer, now)
    text = texts.referral_settled(found.state, found.party, found.department, cmd.body)
    tell(uow, row, f"referral_{found.state}", doer, text, now, attachments=attachments)
    event = _changed(row, found, doer, cmd.body, found.answer_attachments)
    if done:
        row.triaged_at = None
        promises.end(uow, row, now)
        outcomes.emit(uow, row, event, doer, text, now, attachments=attachments)
    else:
        uow.emit(event)
    return _views(uow, [(found, row)], now)[0]


def withdraw(uow: UnitOfWork, cmd: WithdrawReferral, actor: Actor, now: datetime) -> Referral:
    """The committee takes it back."""
    row, found = _locked(uow, cmd.id, actor, as_party=False)
    doer = serving(actor, row.path)
    repository.keep(row, rules.referral_returned(repository.as_issue(row), declined=False), now)
    take_back(uow, row, found, doer, cmd.reason, now)
    return _views(uow, [(found, row)], now)[0]


def take_back(
    uow: UnitOfWork, row: IssueRow, found: ReferralRow, doer: Doer, reason: str, now: datetime
) -> None:
    """The party need not act any more; both are locked."""
    _settle(found, "withdrawn", doer, now)
    text = texts.referral_settled("withdrawn", found.party, found.department, reason)
    tell(uow, row, "referral_withdrawn", doer, text, now, reason=reason)
    uow.emit(_changed(row, found, doer, reason, []))


def get_referral(uow: UnitOfWork, cmd: OfReferral, actor: Actor, now: datetime) -> Referral:
    """One referral."""
    found = store.referral(uow.session, cmd.id)
    _require_concerned(found, actor)
    return _views(uow, [(found, repository.issue(uow.session, found.issue_id))], now)[0]


def list_referrals(
    uow: UnitOfWork, cmd: ListReferrals, actor: Actor, now: datetime
) -> Page[Referral]:
    """The referrals in the actor's reach, newest first."""
    rows = store.page_of_referrals(
        uow.session,
        actor,
        state=cmd.state,
        department=cmd.department,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    shown = rows[: cmd.limit]
    return Page[Referral](
        items=_views(uow, shown, now),
        next_cursor=encode_cursor(shown[-1][0].id) if len(rows) > cmd.limit else None,
    )


def _require_concerned(found: ReferralRow, actor: Actor) -> None:
    if found.party not in rules.party_of(actor, found.path) and not is_staff(actor, found.path):
        raise ReferralNotFound()


def _locked(
    uow: UnitOfWork, referral_id: str, actor: Actor, *, as_party: bool
) -> tuple[IssueRow, ReferralRow]:
    """The issue and its open referral, locked in this order, for its party or the committee.

    Raises:
        ReferralNotFound: there is none, or it is not the actor's to see.
        NotReferred: it has ended.
    """
    found = store.referral(uow.session, referral_id)
    _require_concerned(found, actor)
    if as_party and found.party not in rules.party_of(actor, found.path):
        raise ReferralNotFound()  # the committee does not answer in the party's name
    if not as_party:
        serving(actor, found.path)
    row = repository.issue(uow.session, found.issue_id, lock=True)
    found = store.referral(uow.session, referral_id, lock=True)
    if found.state != "open":
        raise rules.NotReferred()
    return row, found


def _settle(found: ReferralRow, state: str, doer: Doer, now: datetime) -> None:
    found.state = state
    found.settled_by, found.settled_role, found.settled_at = doer.person_id, str(doer.role), now


def _changed(
    row: IssueRow,
    found: ReferralRow,
    doer: Doer,
    words: str,
    attachments: Sequence[dict[str, object]],
) -> ReferralChanged:
    return ReferralChanged(
        **about(row),
        referral_id=found.id,
        party=found.party,
        department=found.department,
        state=found.state,
        words=words,
        actor_id=doer.person_id or "",
        actor_role=str(doer.role),
        attachments=read_attachments(attachments),
    )


def _views(
    uow: UnitOfWork, rows: Sequence[tuple[ReferralRow, IssueRow]], now: datetime
) -> list[Referral]:
    uow.session.flush()
    running = repository.running_promises(uow.session, [row.id for _, row in rows])
    return [
        Referral(
            id=found.id,
            issue_id=row.id,
            post_id=row.post_id,
            community_id=row.community_id,
            to=found.party,
            department=found.department,
            state=found.state,
            title=row.title,
            body=row.body,
            slot_name=slots.name_of(row.slot),
            location=locating.shown(row.location, staff=True),
            issue_attachments=read_attachments(row.attachments),
            note=found.note,
            attachments=read_attachments(found.attachments),
            referred_at=found.referred_at,
            promise=promise_view(running.get(row.id), now),
            answer=found.answer,
            answer_attachments=read_attachments(found.answer_attachments),
            settled_at=found.settled_at,
        )
        for found, row in rows
    ]
