"""Tally sheets: two people read each, and neither sees what the other read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from secrets import token_hex

from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.votes import paper_sheets as ops
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import paper as papers
from services.votes.domain import paper_sheets as rules
from services.votes.domain.paper_sheets import OPEN, Counts, State, Weight
from services.votes.files import Files, attach
from services.votes.handlers import common, ledger, polls
from services.votes.handlers.paper import at_desk, once, watched
from services.votes.handlers.reconciling import weighed
from services.votes.models import PaperReadingRow, PaperSheetRow, PollRow
from services.votes.models.base import Json
from services.votes.repository.paper_sheets import SheetNotFound
from services.votes.repository.polls import PollNotFound


def enter(
    uow: UnitOfWork, cmd: ops.EnterPaper, actor: Actor, files: Files
) -> tuple[ops.PaperTally, bool]:
    """The first person enters a sheet.

    Raises:
        UrnSealed, CountingOver: it is not the time of counting.
        DoesNotReconcile, UrnTooSmall, NoSuchPhoto: it cannot be taken as it is.
        BuildingCounted: another sheet holds one of its buildings.
    """
    poll = at_desk(uow, actor, cmd.id)
    return once(
        uow, actor, poll, "enter", cmd, ops.PaperTally, lambda: _begin(uow, cmd, actor, poll, files)
    )


def counter(
    uow: UnitOfWork, cmd: ops.CounterPaper, actor: Actor, files: Files
) -> tuple[ops.PaperTally, bool]:
    """Begin a sheet that takes the place of a confirmed one once a second person confirms it.

    Raises:
        SheetNotFound, SheetClosed: there is no such sheet that stands.
        BuildingCounted: somebody is at another in its place already.
    """
    sheet = _visible(uow, actor, cmd.id)
    poll = at_desk(uow, actor, sheet.poll_id)

    def begin() -> ops.PaperTally:
        old = repository.paper_sheets.sheet(uow.session, sheet.id)
        if old.state != State.CONFIRMED:
            raise rules.SheetClosed()
        return _begin(uow, cmd, actor, poll, files, old)

    return once(uow, actor, poll, "counter", cmd, ops.PaperTally, begin)


def _begin(
    uow: UnitOfWork,
    cmd: ops.EnterPaper | ops.CounterPaper,
    actor: Actor,
    poll: PollRow,
    files: Files,
    old: PaperSheetRow | None = None,
) -> ops.PaperTally:
    now = _counting(uow, poll)
    counts = _read(uow, cmd, poll, old=old)
    _need_free(uow, poll, counts, *([old.id] if old else []))
    if old and repository.paper_sheets.replaced_by(uow.session, old.id):
        raise rules.BuildingCounted()
    pictures = attach(files, cmd.photo_ids, actor.person_id, "photo_ids")
    _, number = repository.paper.take_book(uow.session, poll.id, sheets=1)
    sheet = PaperSheetRow(
        id=new_id(),
        poll_id=poll.id,
        number=number,
        state=State.ENTERED,
        round=1,
        buildings=list(counts.buildings),
        replaces=old.id if old else None,
        reason=cmd.reason if isinstance(cmd, ops.CounterPaper) else None,
        differ=[],
        photos=[one.model_dump(mode="json") for one in pictures],
        created_at=now,
    )
    uow.session.add(sheet)
    uow.session.flush()
    _note(uow, sheet, 1, actor, counts, now)
    return shown(sheet, mine=True)


def confirm(uow: UnitOfWork, cmd: ops.ConfirmPaper, actor: Actor) -> tuple[ops.PaperTally, bool]:
    """Somebody reads a sheet again: the second of its round, or the first after a recount.

    Raises:
        SheetNotFound, SheetClosed: there is no such sheet that waits for a reading.
        SamePerson: she was the first of this round.
        DoesNotReconcile, UrnTooSmall: what she read cannot be taken as it is.
        BuildingCounted: another sheet holds one of its buildings.
    """
    sheet = _visible(uow, actor, cmd.id)
    poll = at_desk(uow, actor, sheet.poll_id)
    return once(
        uow,
        actor,
        poll,
        "confirm",
        cmd,
        ops.PaperTally,
        lambda: _confirm(uow, cmd, actor, poll),
    )


def _confirm(uow: UnitOfWork, cmd: ops.ConfirmPaper, actor: Actor, poll: PollRow) -> ops.PaperTally:
    sheet = repository.paper_sheets.sheet(uow.session, cmd.id)
    if sheet.state not in OPEN:
        raise rules.SheetClosed()
    now = _counting(uow, poll)
    first = None
    if sheet.state == State.ENTERED:
        (first,) = repository.paper_sheets.readings(uow.session, sheet.id, sheet.round)
        if first.person_id == actor.person_id:
            raise rules.SamePerson()
    old = repository.paper_sheets.sheet(uow.session, sheet.replaces) if sheet.replaces else None
    counts = _read(uow, cmd, poll, sheet=sheet.id, old=old)
    _need_free(uow, poll, counts, sheet.id, *([sheet.replaces] if sheet.replaces else []))
    if first is None:
        sheet.round += 1
        sheet.state, sheet.buildings = State.ENTERED, list(counts.buildings)
        _note(uow, sheet, 1, actor, counts, now)
        return shown(sheet, mine=True)
    _note(uow, sheet, 2, actor, counts, now)
    sheet.differ = rules.differ(Counts.of(first.counts), counts)
    if sheet.differ:
        sheet.state = State.RECOUNT
    else:
        _take(uow, sheet, poll, Counts.of(first.counts), actor, now)
    uow.session.flush()
    return shown(sheet, mine=True)


def _take(
    uow: UnitOfWork,
    sheet: PaperSheetRow,
    poll: PollRow,
    counts: Counts,
    actor: Actor,
    now: datetime,
) -> None:
    """Both read the same: the sheet counts, and stands in the ledger."""
    sheet.state, sheet.confirmed_at = State.CONFIRMED, now
    salt = token_hex(16)
    sheet.counts = {**counts.as_json(), "salt": salt}
    told: Json = {
        "sheet": sheet.number,
        "photos": [one["sha256"] for one in sheet.photos],
        **rules.public(counts, poll.secrecy, salt),
    }
    if sheet.replaces is None:
        ledger.append(uow, poll.id, "paper", told)
        return
    old = repository.paper_sheets.sheet(uow.session, sheet.replaces)
    old.state = State.REPLACED
    told.update(replaces=old.number, reason=sheet.reason)
    ledger.append(uow, poll.id, "counter", told)
    common.tell(
        uow,
        repository.topics.topic(uow.session, poll.topic_id),
        "sheet_replaced",
        common.desk(actor, poll),
        f"第 {old.number} 号计票单已由第 {sheet.number} 号更正",
        now,
        reason=sheet.reason,
        ref={"poll_id": poll.id, "sheet": sheet.number},
    )


def drop(uow: UnitOfWork, cmd: ops.DropPaper, actor: Actor) -> tuple[ops.PaperTally, bool]:
    """Give up a sheet that was never confirmed; it stays in the books, and counts for nothing.

    Raises:
        SheetNotFound, SheetClosed: there is no such sheet that is still open.
    """
    sheet = _visible(uow, actor, cmd.id)
    poll = at_desk(uow, actor, sheet.poll_id)

    def give_up() -> ops.PaperTally:
        row = repository.paper_sheets.sheet(uow.session, sheet.id)
        if row.state not in OPEN:
            raise rules.SheetClosed()
        _counting(uow, poll)
        row.state, row.reason = State.DROPPED, cmd.reason
        uow.session.flush()
        return shown(row, mine=False)

    return once(uow, actor, poll, "drop", cmd, ops.PaperTally, give_up)


def list_tallies(uow: UnitOfWork, cmd: ops.ListTallies, actor: Actor) -> Page[ops.PaperTally]:
    """The sheets of a poll, the newest first.

    Raises:
        PollNotFound, Forbidden: they are not the actor's to see.
    """
    poll = watched(uow, actor, cmd.id)
    before = whole_number(decode_cursor(cmd.cursor, 1)[0]) if cmd.cursor else None
    rows = repository.paper_sheets.sheets(uow.session, poll.id, before=before, limit=cmd.limit + 1)
    more, rows = len(rows) > cmd.limit, rows[: cmd.limit]
    mine = repository.paper_sheets.read_by(uow.session, rows, actor.person_id)
    return Page[ops.PaperTally](
        items=[shown(row, mine=row.id in mine) for row in rows],
        next_cursor=encode_cursor(str(rows[-1].number)) if more else None,
    )


# -- parts ---------------------------------------------------------------------------------------


def _visible(uow: UnitOfWork, actor: Actor, sheet_id: str) -> PaperSheetRow:
    """A sheet of a poll that the actor may read.

    Raises:
        SheetNotFound: there is none.
    """
    row = repository.paper_sheets.sheet(uow.session, sheet_id)
    try:
        polls.visible(uow, actor, row.poll_id)
    except PollNotFound:
        raise SheetNotFound() from None
    return row


def _counting(uow: UnitOfWork, poll: PollRow) -> datetime:
    """The time, by the database's clock, if it is that of counting."""
    if poll.state in ("announced", "open"):
        raise rules.UrnSealed()
    if poll.state != "closed":
        raise papers.CountingOver()
    return repository.clock.legal_now(uow.session)


def _read(
    uow: UnitOfWork,
    cmd: ops.PaperCounts,
    poll: PollRow,
    *,
    sheet: str | None = None,
    old: PaperSheetRow | None = None,
) -> Counts:
    """What somebody read, if it can be: of a ``sheet`` that is there, in the place of ``old``."""
    rule_set = polls.rules_of(poll)
    secret = rule_set.secrecy == "secret"
    codes = [one.subject_id for one in cmd.ballots]
    if len(set(codes)) != len(codes):
        raise rules.DoesNotReconcile(errors=[FieldError("ballots", "names an entry twice")])
    counts = Counts(
        buildings=tuple(cmd.buildings),
        issued=cmd.issued,
        returned=cmd.returned,
        spoiled=cmd.spoiled,
        unreturned=cmd.unreturned,
        votes={
            "for": cmd.for_,
            "against": cmd.against,
            "abstain": cmd.abstain,
            "invalid": cmd.invalid,
        },
        weights={
            choice: Weight(one.area, Fraction(one.heads)) for choice, one in cmd.weights.items()
        },
        ballots={one.subject_id: one.choice for one in cmd.ballots},
    )
    rules.check(counts, named=not secret, weighed=weighed(rule_set))
    known = repository.paper.buildings(uow.session, poll.id)
    wrong = [
        FieldError(f"buildings.{place}", "is not on the roll")
        for place, name in enumerate(counts.buildings)
        if name not in known
    ]
    wrong += _not_back(uow, poll, counts, codes)
    if wrong:
        raise rules.DoesNotReconcile(errors=wrong)
    if rule_set.secrecy != "named":  # whose choice nobody, or auditors alone, may know
        booked = repository.paper.register(uow.session, poll.id)
        back = {name: one.returned for name, one in booked.items()}
        others = sum(back.values()) - _sum(back, counts.buildings)
        rules.need_crowd(counts, others, apart=_apart(uow, poll, counts, back, sheet, old))
    return counts


def _apart(
    uow: UnitOfWork,
    poll: PollRow,
    counts: Counts,
    back: Mapping[str, int],
    sheet: str | None,
    old: PaperSheetRow | None,
) -> list[int]:
    """How many ballots can be told of by themselves once this sheet is told."""
    mine = set(counts.buildings)
    if old is not None:
        return [_sum(back, mine - set(old.buildings)), _sum(back, set(old.buildings) - mine)]
    rest = back.keys() - mine
    besides = [sheet] if sheet else []
    return [
        _sum(back, rest - repository.paper_sheets.on_sheets(uow.session, poll.id, rest, besides))
    ]


def _sum(back: Mapping[str, int], buildings: Iterable[str]) -> int:
    return sum(back.get(name, 0) for name in buildings)


def _not_back(uow: UnitOfWork, poll: PollRow, counts: Counts, codes: list[str]) -> list[FieldError]:
    """Ballots that carry the name of an entry whose paper is not back from these buildings."""
    if not codes:
        return []
    rows = repository.paper.entries(uow.session, poll.id, codes)
    back = {
        code
        for code, row in rows.items()
        if row.state == "paper" and row.building in counts.buildings
    }
    return [
        FieldError(f"ballots.{place}.subject_id", "has no returned paper in these buildings")
        for place, code in enumerate(codes)
        if code not in back
    ]


def _need_free(uow: UnitOfWork, poll: PollRow, counts: Counts, *besides: str) -> None:
    taken = repository.paper_sheets.on_sheets(uow.session, poll.id, counts.buildings, besides)
    if taken:
        raise rules.BuildingCounted(
            errors=[
                FieldError(f"buildings.{place}", "is on another sheet")
                for place, name in enumerate(counts.buildings)
                if name in taken
            ]
        )


def _note(
    uow: UnitOfWork, sheet: PaperSheetRow, hand: int, actor: Actor, counts: Counts, now: datetime
) -> None:
    uow.session.add(
        PaperReadingRow(
            sheet_id=sheet.id,
            round=sheet.round,
            hand=hand,
            person_id=actor.person_id,
            counts=counts.as_json(),
            entered_at=now,
        )
    )
    uow.session.flush()


def shown(row: PaperSheetRow, *, mine: bool) -> ops.PaperTally:
    """A sheet as it is told: its numbers once two people read the same."""
    return ops.PaperTally(
        id=row.id,
        poll_id=row.poll_id,
        number=row.number,
        state=row.state,
        round=row.round,
        buildings=row.buildings,
        replaces=row.replaces,
        reason=row.reason,
        differ=row.differ,
        counts=_sums(Counts.of(row.counts)) if row.counts else None,
        photos=row.photos,
        entered_by_me=mine,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
    )


def _sums(counts: Counts) -> ops.PaperSums:
    told = counts.as_json()
    return ops.PaperSums.model_validate({**told, **told["votes"]})
