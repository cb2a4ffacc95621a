"""Surveys: made, opened, answered, closed.

Mark and answer of an anonymous survey are written in one transaction, so that none is without the
other. Until the close its number stands in both rows, and an operator with the database could put
the two together; the close writes the answers anew in random order, and from then on nobody can.
"""

import secrets
from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.events import SurveyClosed, SurveyOpened
from services.contracts.ids import new_id
from services.contracts.operations.votes import surveys as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import surveys as rules
from services.votes.domain.surveys import (
    AlreadyAnswered,
    NoHousehold,
    SurveyNotFound,
    SurveyNotOpen,
    UnknownPlan,
    WrongSurveyState,
)
from services.votes.handlers.common import desk, of_community
from services.votes.handlers.survey_views import readable, shown
from services.votes.handlers.taking_part import grown_up, must_wait
from services.votes.handlers.topic_sources import other
from services.votes.models import SurveyAnswerRow, SurveyRow


def create(uow: UnitOfWork, cmd: ops.CreateSurvey, actor: Actor, now: datetime) -> ops.Survey:
    """The desk makes a survey, and opens it unless it is to stay a draft.

    Raises:
        CommunityNotFound, Forbidden, NotYourStep: the actor serves elsewhere, or in the other body.
        BadClosing, UnknownPlan, UnknownTopic: it closes in the past; it is about nothing here.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    row = SurveyRow(
        id=new_id(),
        community_id=community.id,
        path=community.path,
        convener=cmd.convener,
        state="draft",
        created_at=now,
        created_by=actor.person_id,
        **_asked(cmd),
    )
    desk(actor, row)
    _require_about(uow, cmd, community.id)
    rules.require_closing(cmd.closes_at, now)
    uow.session.add(row)
    uow.session.flush()
    if not cmd.draft:
        _open(uow, row, actor, now)
    return shown(uow, row, actor, now)


def update(uow: UnitOfWork, cmd: ops.UpdateSurvey, actor: Actor, now: datetime) -> ops.Survey:
    """The desk puts a draft better.

    Raises:
        SurveyNotFound, Forbidden, NotYourStep: it is not the actor's.
        WrongSurveyState: it is no draft any more.
        BadClosing, UnknownPlan, UnknownTopic: as in :func:`create`.
    """
    found = _of_desk(uow, cmd.id, actor)
    _require_about(uow, cmd, found.community_id)
    rules.require_closing(cmd.closes_at, now)
    row = _in_state(uow, cmd.id, "draft")
    for name, value in _asked(cmd).items():
        setattr(row, name, value)
    return shown(uow, row, actor, now)


def open_draft(uow: UnitOfWork, cmd: ops.OfSurvey, actor: Actor, now: datetime) -> ops.Survey:
    """The desk opens a draft.

    Raises:
        SurveyNotFound, Forbidden, NotYourStep, WrongSurveyState, BadClosing: as in :func:`update`.
    """
    _of_desk(uow, cmd.id, actor)
    row = _in_state(uow, cmd.id, "draft")
    rules.require_closing(row.closes_at, now)
    _open(uow, row, actor, now)
    return shown(uow, row, actor, now)


def close(uow: UnitOfWork, cmd: ops.OfSurvey, actor: Actor, now: datetime) -> ops.Survey:
    """The desk closes a survey before its time, or one that has none.

    Raises:
        SurveyNotFound, Forbidden, NotYourStep: it is not the actor's.
        WrongSurveyState: it is not open.
    """
    _of_desk(uow, cmd.id, actor)
    row = _in_state(uow, cmd.id, "open")  # its duty is left standing, and finds nothing to do
    _close(uow, row, now, by=actor.person_id)
    return shown(uow, row, actor, now)


def close_by_clock(uow: UnitOfWork, survey_id: str, _due: datetime, now: datetime) -> None:
    """Its time is over."""
    row = repository.surveys.survey(uow.session, survey_id, lock=True)
    if row.state == "open":
        _close(uow, row, now)


# -- answering ------------------------------------------------------------------------------------


def answer(uow: UnitOfWork, cmd: ops.AnswerSurvey, actor: Actor, now: datetime) -> ops.Answered:
    """A neighbour answers, or a helper writes down what she says.

    Raises:
        SurveyNotFound, NotAMember, ObserverReadOnly, NotForChildren: it is not hers to answer.
        SurveyNotOpen: it is not open at this moment.
        BadAnswers: some answers do not fit; ``answers.3`` is the fourth question's.
        NoHousehold, AlreadyAnswered: who answers for a household lives here; it is anonymous, or
            was answered by somebody else of the household.
        Silenced, WordsRefused: feed's word on free texts that everybody is to read.
    """
    found = readable(uow, cmd.id, actor)
    grown_up(uow, actor, found.community_id)
    _require_open(found, now)
    given = rules.checked(found.questions, cmd.answers)
    said = rules.words(found.questions, given)
    waits = bool(said) and found.texts == "public" and must_wait(uow, found.community_id, said)
    subject = _subject(uow, found, actor)
    row = repository.surveys.survey(uow.session, found.id, share=True)
    _require_open(row, now)
    first = repository.surveys.mark(uow.session, row.id, subject, actor.person_id)
    if row.anonymous:
        if not first:
            raise AlreadyAnswered()
        _put(uow, row, given, waits=waits)
    else:
        _put_named(uow, row, subject, given, actor, now, waits=waits)
    uow.session.flush()
    return ops.Answered(survey_id=row.id, answers=repository.surveys.count(uow.session, row.id))


def _put(uow: UnitOfWork, row: SurveyRow, given: list[Any], *, waits: bool, **named: Any) -> None:
    code = secrets.token_hex(12)
    uow.session.add(
        SurveyAnswerRow(survey_id=row.id, code=code, answers=given, waits=waits, **named)
    )


def _put_named(
    uow: UnitOfWork,
    row: SurveyRow,
    subject: str,
    given: list[Any],
    actor: Actor,
    now: datetime,
    *,
    waits: bool,
) -> None:
    named = {"person_id": actor.person_id, "assisted_by": actor.acted_by or None, "at": now}
    mine = repository.surveys.answer_of(uow.session, row.id, subject)
    if mine is None:
        _put(uow, row, given, waits=waits, subject=subject, **named)
        return
    if mine.person_id != actor.person_id:
        raise AlreadyAnswered()
    mine.answers, mine.waits = given, waits
    mine.assisted_by, mine.at = actor.acted_by or None, now


def _subject(uow: UnitOfWork, row: SurveyRow, actor: Actor) -> str:
    """Who answers: the person, or her household, as identity names it for this survey alone."""
    if row.one_per == "person":
        return actor.person_id
    told = uow.ask("identity", "household_of", community_id=row.community_id, matter=row.id)
    if not told["key"]:
        raise NoHousehold()
    return str(told["key"])


# -- shared ---------------------------------------------------------------------------------------


def _asked(cmd: ops.CreateSurvey | ops.UpdateSurvey) -> dict[str, Any]:
    return {
        "title": cmd.title,
        "intro": cmd.intro,
        "questions": [one.model_dump(mode="json") for one in cmd.questions],
        "anonymous": cmd.anonymous,
        "one_per": cmd.one_per,
        "results": cmd.results,
        "texts": cmd.texts,
        "plan_id": cmd.plan_id,
        "topic_id": cmd.topic_id,
        "closes_at": cmd.closes_at,
    }


def _require_about(
    uow: UnitOfWork, cmd: ops.CreateSurvey | ops.UpdateSurvey, community_id: str
) -> None:
    """Let a survey be about a topic and a plan of this community; the bridge is asked of plans."""
    if cmd.topic_id:
        other(uow, cmd.topic_id, community_id, "topic_id")
    if cmd.plan_id is not None:
        unknown = UnknownPlan(errors=[FieldError("plan_id", UnknownPlan.zh)])
        of_community(uow, community_id, "grid_bridge", "get_plan", cmd.plan_id, unknown)


def _of_desk(uow: UnitOfWork, survey_id: str, actor: Actor) -> SurveyRow:
    row = readable(uow, survey_id, actor)
    desk(actor, row)
    return row


def _in_state(uow: UnitOfWork, survey_id: str, state: str) -> SurveyRow:
    row = repository.surveys.survey(uow.session, survey_id, lock=True)
    if row.state != state:
        raise WrongSurveyState()
    return row


def _require_open(row: SurveyRow, now: datetime) -> None:
    if row.state == "draft":
        raise SurveyNotFound()
    if not rules.takes_answers(row.state, row.closes_at, now):
        raise SurveyNotOpen()


def _open(uow: UnitOfWork, row: SurveyRow, actor: Actor, now: datetime) -> None:
    row.state, row.opened_at = "open", now
    if row.closes_at:
        repository.due.put(uow.session, "survey.close", row.id, row.closes_at)
    uow.emit(
        SurveyOpened(
            survey_id=row.id,
            community_id=row.community_id,
            path=row.path,
            title=row.title,
            closes_at=row.closes_at,
            convener=row.convener,
            actor_id=actor.person_id,
        )
    )


def _close(uow: UnitOfWork, row: SurveyRow, now: datetime, *, by: str | None = None) -> None:
    row.state, row.closed_at = "closed", now
    if row.anonymous:
        repository.surveys.shuffle(uow.session, row.id)
    uow.emit(
        SurveyClosed(
            survey_id=row.id,
            community_id=row.community_id,
            path=row.path,
            title=row.title,
            convener=row.convener,
            actor_id=by,
        )
    )
