"""Pledges (承诺践诺) under the neighbours' eyes: what was done, who saw it, how they were kept."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.ids import new_id
from services.contracts.operations.feed import party as ops
from services.feed.domain import party as rules
from services.feed.domain import speaking, texts
from services.feed.domain.days import day_of
from services.feed.domain.posts import PostNotFound
from services.feed.handlers import keeping_away
from services.feed.handlers.common import Uploads, attached, module_of, readable
from services.feed.handlers.party import gardens, is_kind
from services.feed.handlers.works import acted_on, said, why_no_part
from services.feed.models import PledgeRecord, Post
from services.feed.repository import pledges as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def name_keeper(uow: UnitOfWork, cmd: ops.OfKeeper, actor: Actor, now: datetime) -> JsonText:
    """Name a neighbour who records deeds, too; naming her again changes nothing.

    Raises:
        PledgeNotFound, PledgeNeedsName, NotKeptByHer: see there.
        KeeperElsewhere, TooManyKeepers: she belongs elsewhere, or there are enough.
        KeptAway: she has blocked the author.
    """
    head = _pledge_to_act_on(uow, cmd.id, actor, begins=now)
    if head.author_id != actor.person_id:
        raise rules.NotKeptByHer()
    card = directory.card(uow, cmd.person_id, head.community_id)
    if card is None or not card.present:
        raise rules.KeeperElsewhere(errors=[FieldError("person_id", rules.KeeperElsewhere.zh)])
    repository.lock_post(uow.session, head.id)
    before = repository.keepers(uow.session, head.id)
    named = {*before, cmd.person_id} - {head.author_id}
    if len(named) > rules.MOST_KEEPERS:
        raise rules.TooManyKeepers()
    if cmd.person_id in named and cmd.person_id not in before:
        keeping_away.require_welcome_with(uow, actor, cmd.person_id)
        repository.put_keeper(uow.session, head.id, cmd.person_id, now)
    return _keepers(uow, head)


def remove_keeper(uow: UnitOfWork, cmd: ops.OfKeeper, actor: Actor) -> JsonText:
    """Somebody keeps it no more: the author says so, or she herself; her records stay.

    Raises:
        PledgeNotFound, PledgeNeedsName, NotKeptByHer: see there.
    """
    head = _pledge_to_act_on(uow, cmd.id, actor)
    if actor.person_id not in (head.author_id, cmd.person_id):
        raise rules.NotKeptByHer()
    repository.drop_keeper(uow.session, cmd.person_id, head.id)
    return _keepers(uow, head)


def _keepers(uow: UnitOfWork, head: PostHead) -> JsonText:
    return JsonText(f'{{"keepers":{repository.keepers_json(uow.session, head.id)}}}')


def record_deed(
    uow: UnitOfWork, cmd: ops.RecordDeed, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Record what was done for a pledge.

    Raises:
        PledgeNotFound, PledgeNeedsName, NotKeptByHer: see there.
        Invalid, DeedTooLate: see ``check_deed``.
        Silenced, WordsRefused: see ``said``.
    """
    head = _pledge_to_act_on(uow, cmd.id, actor, begins=now)
    if not _keeps(uow, head, actor):
        raise rules.NotKeptByHer()
    posted = uow.session.get_one(Post, head.id).created_at
    rules.check_deed(cmd.on_date, posted=day_of(posted), today=day_of(now))
    words = said(uow, actor, head, now, note=cmd.note)
    deed = PledgeRecord(
        id=new_id(),
        post_id=head.id,
        on_date=cmd.on_date,
        note=texts.required("note", words["note"]),
        attachments=attached(uploads, cmd.attachments, actor.person_id),
        by=actor.person_id,
        at=now,
    )
    uow.session.add(deed)
    uow.session.flush()
    return JsonText(repository.deed_json(uow.session, deed.id, actor.eyes))


def list_pledges(uow: UnitOfWork, cmd: ops.ListPledges, actor: Actor, now: datetime) -> JsonText:
    """A page of the pledges of a community, the newest first, with how each was kept."""
    community = directory.require_reader(uow, actor, cmd.cid)
    rows, following = repository.pledges_page(
        uow.session,
        community_id=cmd.cid,
        modules=[module.key for module in gardens(uow, community)],
        me=actor.eyes,
        now=now,
        limit=cmd.limit,
        cursor=cmd.cursor,
    )
    today = day_of(now)
    items = [
        f'{row["item"][:-1]},"promise":{_kept(row["texts"], row["days"], today)}}}' for row in rows
    ]
    return JsonText(f'{{"items":[{",".join(items)}],"next_cursor":{json.dumps(following)}}}')


def _kept(written: Iterable[Sequence[Any]], days: Iterable[date], today: date) -> str:
    """How a pledge was kept, as JSON text.

    Args:
        written: the fields that its post had and has, each with when they were written.
    """
    schedules = [rules.schedule_of(extra, at) for extra, at in written]
    kept = rules.how_kept(schedules, frozenset(days), today)
    return ops.KeptPromise(
        due=kept.due, kept=kept.kept, share=kept.share, missed=list(kept.missed)
    ).model_dump_json()


def list_deeds(uow: UnitOfWork, cmd: ops.ListOfItem, actor: Actor, now: datetime) -> JsonText:
    """A page of what was done for a pledge, with how it was kept until yesterday.

    Raises:
        PledgeNotFound: the post is no pledge.
    """
    head = readable(uow, cmd.id, actor)
    if not is_kind(uow, head, "pledge"):
        raise rules.PledgeNotFound()
    session = uow.session
    promise = _kept(
        repository.texts_of(session, head.id),
        repository.days_recorded(session, head.id),
        day_of(now),
    )
    may_record = (
        head.state == "shown"
        and not head.hide_name
        and _keeps(uow, head, actor)
        and why_no_part(uow, actor, head.community_id) is None
    )
    page = repository.deeds_page(session, head.id, actor.eyes, cmd.limit, cmd.cursor)
    return JsonText(
        f'{page[:-1]},"promise":{promise},'
        f'"keepers":{repository.keepers_json(session, head.id)},'
        f'"may_record":{json.dumps(may_record)}}}'
    )


def witness_deed(uow: UnitOfWork, cmd: ops.WitnessDeed, actor: Actor, now: datetime) -> JsonText:
    """Say by name whether one saw it done, or change what one said.

    Raises:
        DeedNotFound: none such, or not the actor's to see.
        OwnDeed: who keeps a pledge is no witness of it.
        KeptAway: words for who has blocked her; looking is everybody's.
        Silenced, WordsRefused: see ``said``.
    """
    deed = _deed(uow, cmd.id)
    try:
        head, _ = acted_on(uow, deed.post_id, actor, begins=now)
    except PostNotFound:
        raise rules.DeedNotFound() from None
    if deed.by == actor.person_id or _keeps(uow, head, actor):
        raise rules.OwnDeed()
    note = said(uow, actor, head, now, note=cmd.note)["note"]
    if note:
        keeping_away.require_welcome(uow, actor, head.path, head.id)
        if speaking.office_in(module_of(uow, head), actor, head.path) is None:
            keeping_away.require_welcome_with(uow, actor, deed.by)
    repository.put_witness(uow.session, deed.id, actor.person_id, seen=cmd.seen, note=note, now=now)
    return JsonText(repository.deed_json(uow.session, deed.id, actor.eyes))


def list_witnesses(uow: UnitOfWork, cmd: ops.ListWitnesses, actor: Actor) -> JsonText:
    """A page of who saw something done, or did not.

    Raises:
        DeedNotFound: none such, or not the actor's to see.
    """
    deed = _deed(uow, cmd.id)
    try:
        readable(uow, deed.post_id, actor)
    except PostNotFound:
        raise rules.DeedNotFound() from None
    return JsonText(repository.witnesses_page(uow.session, deed.id, cmd.limit, cmd.cursor))


def _deed(uow: UnitOfWork, deed_id: str) -> PledgeRecord:
    deed = uow.session.get(PledgeRecord, deed_id)
    if deed is None:
        raise rules.DeedNotFound()
    return deed


def _pledge_to_act_on(
    uow: UnitOfWork, post_id: str, actor: Actor, *, begins: datetime | None = None
) -> PostHead:
    head, _ = acted_on(uow, post_id, actor, begins=begins)
    if not is_kind(uow, head, "pledge"):
        raise rules.PledgeNotFound()
    if head.hide_name:
        raise rules.PledgeNeedsName()
    return head


def _keeps(uow: UnitOfWork, head: PostHead, actor: Actor) -> bool:
    """Whether the actor keeps a pledge: its author, or named by her."""
    if head.author_id == actor.person_id:
        return True
    return actor.person_id in repository.keepers(uow.session, head.id)
