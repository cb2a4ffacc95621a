"""The classifier learns from what staff decided: labels, refits, and which version is in use.

::

    triage ─▶ label ──────┐
    asked, night, corpus ─┴▶ refit: claimed, committed ─▶ learned elsewhere ─▶ kept as candidate
                                        │                                         │
                                        └─ whoever did it is gone: claimed anew   └▶ use ─▶ in use

A refit is claimed in one transaction and kept in another, as learning takes a minute; its lease
is stretched meanwhile (:func:`hold`). Who comes back to a lease that another took over keeps
nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.contracts.actor import Actor, Role
from services.contracts.errors import Conflict
from services.contracts.events import ConsentChanged
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge.learning import (
    ClassifierModel,
    ClassifierModels,
    ListClassifierModels,
    ModelUse,
    Refit,
    UseClassifierModel,
)
from services.grid_bridge import repository_learning as rows
from services.grid_bridge import slots
from services.grid_bridge.classifier import Model, examples, store
from services.grid_bridge.classifier.examples import Example
from services.grid_bridge.classifier.lesson import Learned, Lesson, of_model
from services.grid_bridge.classifier.packed import digest, pack
from services.grid_bridge.domain import learning as rules
from services.grid_bridge.domain.learning import GUARD, Cause, Guard, ModelState
from services.grid_bridge.domain.stripping import strip
from services.grid_bridge.handlers.common import Doer
from services.grid_bridge.models import BlobRow, IssueRow, LabelRow, ModelRow, RefitRow, UseRow
from services.kit import logs
from services.kit.apart import Died
from services.kit.aside import aside
from services.kit.uow import UnitOfWork

log = logs.get(__name__)

Learn = Callable[[bytes], bytes]

NEEDED: Final = frozenset({"real_name", "address", "rules"})
"""Consents without which there is no membership; who withdraws one leaves nothing to learn."""

NIGHTS_APART: Final = timedelta(hours=12)
"""A refit that failed is not tried again in the same night."""

_leases: set[str] = set()  # of the refits that this process is at


class NothingToLearn(Conflict):
    """Staff have not decided anything yet."""

    code = "grid.nothing_to_learn"
    zh, en = "还没有可供学习的人工判定", "There are no decisions to learn from yet"


# -- labels ------------------------------------------------------------------------------------


def label(
    uow: UnitOfWork, row: IssueRow, category: str, slot: str | None, doer: Doer, now: datetime
) -> None:
    """Keep a human's decision with the advice that stood beside it; another takes its place.

    The classifier knows the built-in list: a slot that the district means otherwise is none here.
    """
    here = slots.current(uow, row.community_id)
    known = here.of_classifier(slot)
    said = row.suggestion or {}
    rows.keep_label(
        uow.session,
        LabelRow(
            issue_id=row.id,
            path=row.path,
            category=category,
            slot=known.key if known else None,
            role=str(doer.role),
            decided_at=now,
            advised_category=said.get("category"),
            advised_slot=said.get("slot"),
            confidence=said.get("confidence"),
            model_version=said.get("model_version"),
        ),
    )


def leave_out(uow: UnitOfWork, person_id: str, now: datetime) -> None:
    """Somebody has left for good: nothing that she wrote is learned from any more."""
    rows.leave_out(uow.session, person_id, now)


def follow_consent(uow: UnitOfWork, event: ConsentChanged, now: datetime) -> None:
    """A consent that a membership stands on was withdrawn, or given again."""
    if event.purpose not in NEEDED:
        return
    if event.given:
        rows.take_in_again(uow.session, event.person_id)
    else:
        rows.leave_out(uow.session, event.person_id, now)


# -- refits ------------------------------------------------------------------------------------


def request(uow: UnitOfWork, by: str, now: datetime) -> Refit:
    """Want a refit; who asks while one is wanted or under way gets that one.

    Raises:
        NothingToLearn
    """
    if not rows.count_labels(uow.session, None)[0]:
        raise NothingToLearn()
    rows.ask_refit(uow.session, new_id(), Cause.ASKED, by, now)
    found = rows.open_refit(uow.session) or rows.last_refit(uow.session)
    assert found is not None  # noqa: S101 - asked for just now
    return refit_view(found)


def ask_at_night(uow: UnitOfWork, now: datetime) -> bool:
    """Want a refit when enough was decided since the last one and nobody waits; whether it did."""
    fresh = rows.count_labels(uow.session, rows.learned_until(uow.session))[1]
    last = rows.last_refit(uow.session)
    if not rules.worth_a_night(fresh, now) or (last and now - last.asked_at < NIGHTS_APART):
        return False
    return rows.ask_refit(uow.session, new_id(), Cause.NIGHTLY, None, now)


def refit(
    uow: UnitOfWork,
    learn: Learn,
    current: Callable[[], Model],
    now: datetime,
    guard: Guard = GUARD,
) -> int:
    """Do a refit that is wanted and that nobody does; how many that were.

    Args:
        learn: takes a lesson and gives what was learned; elsewhere, for a minute or two.
        current: the version that advises now, against which the new one is held.
    """
    row = rows.free_refit(uow.session, now)
    if row is None:
        return 0
    if row.attempts >= rules.MOST_ATTEMPTS:
        _end(row, "failed", now, error="gave_up")
        return 1
    lease = row.lease = new_id()
    row.state, row.lease_until, row.attempts = "running", now + rules.LEASE, row.attempts + 1
    known = rows.to_learn(uow.session, rules.MOST_LABELS)
    base = store.current_version()
    version = rules.next_version(base, rows.versions(uow.session))
    uow.commit()  # claimed; what follows takes longer than a transaction may
    _leases.add(lease)
    try:
        model = current()
        lesson = aside(_lesson, version, known, model)  # a second, with 5,000 long letters
        learned = Learned.decode(learn(aside(lesson.encode)))
        log.info("classifier refitted", refit=row.id, version=version, labels=len(known))
        _keep(uow, lease, learned, lesson, known, model.version, base, now, guard)
    except Died as error:
        log.error("refit failed", refit=row.id, attempt=row.attempts, error=str(error))
        held = rows.held_refit(uow.session, lease)
        if held is not None:
            held.lease_until = now  # at once, and at most so often
    finally:
        _leases.discard(lease)
    return 1


def hold(uow: UnitOfWork, now: datetime) -> None:
    """Say that what this process is at is being done still."""
    for lease in tuple(_leases):
        rows.stretch_lease(uow.session, lease, now + rules.LEASE)


def _lesson(version: str, known: list[rows.Labelled], model: Model) -> Lesson:
    labels = [_example(at, one) for at, one in enumerate(known)]
    return Lesson(version, labels, rules.held_back(len(known)), pack(model))


def _example(at: int, one: rows.Labelled) -> Example:
    names = [one.name] if one.name else []
    return Example(at, strip(one.title, names), strip(one.body, names), one.category, one.slot)


def _keep(
    uow: UnitOfWork,
    lease: str,
    learned: Learned,
    lesson: Lesson,
    known: list[rows.Labelled],
    parent: str,
    base: str,
    now: datetime,
    guard: Guard,
) -> None:
    rows.one_change_at_a_time(uow.session)
    held = rows.held_refit(uow.session, lease)
    if held is None:
        log.warning("refit was taken over by another process", version=lesson.version)
        return
    figures = learned.figures
    faults = guard.faults(
        figures["held_out"]["macro_f1"], figures["held_out_of_current"]["macro_f1"]
    )
    ancestor = uow.session.get(ModelRow, parent)
    seen_until = ancestor.labels_until if ancestor else None
    newest = known[len(known) - lesson.held_back :]
    seen = sum(seen_until is not None and one.decided_at <= seen_until for one in newest)
    uow.session.add(
        ModelRow(
            version=lesson.version,
            base=base,
            parent=parent,
            made_at=now,
            labels=len(known),
            labels_until=known[-1].decided_at if known else None,
            figures={**figures, "newest_seen": seen},
            faults=list(faults),
            state=ModelState.REFUSED if faults else ModelState.CANDIDATE,
            sha256=digest(learned.model),
            bytes=len(learned.model),
        )
    )
    uow.session.flush()
    uow.session.add(BlobRow(version=lesson.version, content=learned.model))
    held.labels, held.version = len(known), lesson.version
    _end(held, "done", now)


def _end(row: RefitRow, state: str, now: datetime, error: str | None = None) -> None:
    row.state, row.ended_at, row.error = state, now, error
    row.lease = row.lease_until = None


# -- versions ----------------------------------------------------------------------------------


def enter_shipped(uow: UnitOfWork, shipped: Callable[[], Model], now: datetime) -> bool:
    """Enter the version of this release, once; whether it was new.

    It takes the place of whatever an earlier release knew. Where a refit had been in use, one is
    made anew from the labels, as its features were the old corpus's.
    """
    base = store.current_version()
    if base in rows.versions(uow.session):
        return False
    model = shipped()
    figures = {"held_out": aside(of_model, model, examples.held_out())}
    rows.one_change_at_a_time(uow.session)
    if base in rows.versions(uow.session):  # another process was quicker
        return False
    before = rows.in_use(uow.session)
    if rows.overtake(uow.session, base):
        rows.ask_refit(uow.session, new_id(), Cause.CORPUS, None, now)
    uow.session.add(
        ModelRow(
            version=base,
            base=base,
            parent=None,
            made_at=now,
            labels=0,
            labels_until=None,
            figures=figures,
            faults=[],
            state=ModelState.IN_USE,
            sha256=None,
            bytes=0,
        )
    )
    uow.session.flush()
    _note_use(uow, base, before, None, "release", "随新版本发布", now, forced=False)
    rows.drop_old_blobs(uow.session, base)
    log.info("classifier shipped", version=base, before=before.version if before else None)
    return True


def use(
    uow: UnitOfWork, cmd: UseClassifierModel, actor: Actor, now: datetime, guard: Guard = GUARD
) -> ClassifierModel:
    """An administrator puts a version to use, or goes back to one."""
    return put_to_use(uow, cmd, actor.person_id, Role.DISTRICT_ADMIN, now, guard)


def put_to_use(
    uow: UnitOfWork,
    cmd: UseClassifierModel,
    by: str,
    role: str,
    now: datetime,
    guard: Guard = GUARD,
) -> ClassifierModel:
    """Put a version to use instead of the one that is; every process follows within seconds.

    Raises:
        ModelNotFound, ModelIsUsed, ModelDoesNotFit, ModelTooWeak
    """
    rows.one_change_at_a_time(uow.session)
    row, before = rows.model(uow.session, cmd.version), rows.in_use(uow.session)
    faults: tuple[str, ...] = ()
    if row.state != ModelState.RETIRED:  # going back is never hindered: it was weighed before
        faults = guard.faults(_macro_f1(row) or 0.0, _macro_f1(before) if before else None)
    if row.parent is not None and not rows.has_blob(uow.session, row.version):
        raise rules.ModelDoesNotFit()
    base = store.current_version()
    rules.check_use(ModelState(row.state), row.base, base, faults, forced=cmd.force)
    if before is not None:
        before.state = ModelState.RETIRED
        uow.session.flush()  # there is one in use, never two
    row.state = ModelState.IN_USE
    _note_use(uow, row.version, before, by, role, cmd.reason, now, forced=bool(faults))
    uow.session.flush()
    log.info("classifier put to use", version=row.version, by=by, forced=bool(faults))
    return _view(row, rows.uses(uow.session, [row.version])[row.version])


def list_models(uow: UnitOfWork, cmd: ListClassifierModels, serving: str) -> ClassifierModels:
    """The versions with their figures, and how much there is to learn."""
    session = uow.session
    found = rows.newest_models(session, cmd.limit)
    uses = rows.uses(session, [row.version for row in found])
    last = rows.last_refit(session)
    labels, fresh = rows.count_labels(session, rows.learned_until(session))
    return ClassifierModels(
        items=[_view(row, uses[row.version]) for row in found],
        shipped=store.current_version(),
        serving=serving,
        refit=refit_view(last) if last else None,
        labels=labels,
        new_labels=fresh,
        nightly_from=rules.NEW_LABELS,
    )


def _note_use(
    uow: UnitOfWork,
    version: str,
    before: ModelRow | None,
    by: str | None,
    role: str,
    reason: str,
    now: datetime,
    *,
    forced: bool,
) -> None:
    uow.session.add(
        UseRow(
            version=version,
            before=before.version if before else None,
            at=now,
            actor_id=by,
            role=str(role),
            reason=reason,
            forced=forced,
        )
    )


def _macro_f1(row: ModelRow) -> float | None:
    told = row.figures.get("held_out")
    return float(told["macro_f1"]) if told else None


def _view(row: ModelRow, uses: list[UseRow]) -> ClassifierModel:
    stored = ("version", "base", "parent", "made_at", "labels", "labels_until", "state", "faults")
    judged = ("held_out", "held_out_of_current", "newest", "newest_of_current")
    return ClassifierModel.model_validate(
        {
            **{name: getattr(row, name) for name in (*stored, "bytes")},
            **{name: row.figures.get(name) for name in judged},
            "newest_seen": row.figures.get("newest_seen", 0),
            "uses": [
                ModelUse(
                    at=one.at,
                    before=one.before,
                    by=one.actor_id,
                    role=one.role,
                    reason=one.reason,
                    forced=one.forced,
                )
                for one in uses
            ],
        }
    )


def refit_view(row: RefitRow) -> Refit:
    """A refit as operators see it."""
    return Refit.model_validate({name: getattr(row, name) for name in Refit.model_fields})
