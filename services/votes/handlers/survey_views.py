"""Surveys as they are read: listed, with one's own answers, and what the answers come to."""

from datetime import datetime
from typing import Any, Final

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import NotFound
from services.contracts.operations.base import Page
from services.contracts.operations.feed.common import Sheet
from services.contracts.operations.votes import surveys as ops
from services.contracts.operations.votes.common import BODIES
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import surveys as rules
from services.votes.domain.surveys import ResultsLater, SurveyNotFound
from services.votes.handlers import taking_part
from services.votes.handlers.common import bodies_of, convenes, desk
from services.votes.models import SurveyRow

_COLUMNS: Final = (
    ("题号", "No."),
    ("题目", "Question"),
    ("回答", "Answer"),
    ("人数", "People"),
    ("占答题人数", "Of those who answered"),
)
_NAME: Final = ("问卷结果", "survey results")
_MEAN, _MEDIAN = ("平均数", "Mean"), ("中位数", "Median")
_WITHHELD: Final = ("答卷过少，不公布", "Too few answers to be told")


def list_surveys(uow: UnitOfWork, cmd: ops.ListSurveys, actor: Actor) -> Page[ops.SurveySummary]:
    """The surveys of a community, drafts for their desk alone; one statement."""
    community = directory.require_reader(uow, actor, cmd.cid)
    rows = repository.surveys.page(
        uow.session,
        community.id,
        reader=actor.eyes,
        bodies=bodies_of(actor, community.path),
        state=cmd.state,
        plan_id=cmd.plan_id,
        topic_id=cmd.topic_id,
        before=decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[ops.SurveySummary(**row._mapping) for row in page],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


def get_survey(uow: UnitOfWork, cmd: ops.OfSurvey, actor: Actor, now: datetime) -> ops.Survey:
    """A survey with its questions; :class:`SurveyNotFound` when it is not the actor's to see."""
    return shown(uow, readable(uow, cmd.id, actor), actor, now)


def results(uow: UnitOfWork, cmd: ops.OfSurvey, actor: Actor) -> ops.SurveyResults:
    """What the answers come to, each question for itself.

    Raises:
        SurveyNotFound: it is not the actor's to see.
        ResultsLater: it is not closed, and not to be watched; for the desk neither.
    """
    row = readable(uow, cmd.id, actor)
    if not rules.told(row.state, row.results):
        raise ResultsLater()
    return _results(uow, row, actor)


def export(uow: UnitOfWork, cmd: ops.ExportSurvey, actor: Actor, language: str) -> Sheet:
    """The results as a table: sums, and the free texts beneath.

    Raises:
        SurveyNotFound, Forbidden, NotYourStep, ResultsLater: as in :func:`results`, for its desk.
    """
    row = readable(uow, cmd.id, actor)
    desk(actor, row)
    found = results(uow, ops.OfSurvey(id=cmd.id), actor)
    word = int(language == "en")
    lines: list[list[str]] = []
    for number, one in enumerate(found.questions, 1):
        lines += _lines(number, one, word, withheld=found.withheld)
    return Sheet(
        title=f"{row.title} {_NAME[word]}",
        columns=[names[word] for names in _COLUMNS],
        rows=lines,
    )


def known(uow: UnitOfWork, cmd: ops.KnownSurveys, actor: Actor) -> ops.SurveyIds:
    """Which of these the community was asked; for a service, in the name of who may read there.

    Raises:
        CommunityNotFound: it is not the actor's to read.
    """
    community = directory.require_reader(uow, actor, cmd.community_id)
    return ops.SurveyIds(ids=repository.surveys.known(uow.session, community.id, cmd.ids))


# -- shared ---------------------------------------------------------------------------------------


def readable(uow: UnitOfWork, survey_id: str, actor: Actor) -> SurveyRow:
    """The survey, when the actor may read its community; a draft is its desk's alone.

    Raises:
        SurveyNotFound: it does not exist or is not hers to see.
    """
    row = repository.surveys.survey(uow.session, survey_id)
    try:
        directory.require_reader(uow, actor, row.community_id)
    except NotFound:
        raise SurveyNotFound() from None
    if row.state == "draft" and not convenes(actor, row):
        raise SurveyNotFound()
    return row


def shown(uow: UnitOfWork, row: SurveyRow, actor: Actor, now: datetime) -> ops.Survey:
    """The survey as the actor sees it."""
    uow.session.flush()
    head = repository.surveys.summary(uow.session, row.id, actor.eyes)
    mine = None
    if not row.anonymous:
        mine = repository.surveys.answer_by(uow.session, row.id, actor.eyes)
    return ops.Survey(
        **head._mapping,
        intro=row.intro,
        questions=[ops.QuestionView(**one) for one in row.questions],
        mine=mine.answers if mine else None,
        may_change=mine is not None and rules.takes_answers(row.state, row.closes_at, now),
        may_see=rules.told(row.state, row.results),
        barred=_barred(uow, row, actor, now, done=head.answered and (row.anonymous or not mine)),
    )


def _barred(
    uow: UnitOfWork, row: SurveyRow, actor: Actor, now: datetime, *, done: bool
) -> ops.AnswerBarred | None:
    """Why no answer is taken from the actor; ``done``: there is one that cannot be changed."""
    if not rules.takes_answers(row.state, row.closes_at, now):
        return "closed"
    card = directory.card(uow, actor.eyes, row.community_id)
    return taking_part.barred(actor, card) or ("answered" if done else None)


def _results(uow: UnitOfWork, row: SurveyRow, actor: Actor) -> ops.SurveyResults:
    rows = repository.surveys.answers(uow.session, row.id)
    withheld = rules.withheld(anonymous=row.anonymous, answers=len(rows))
    told = [] if withheld else rows
    reads_all = actor.holds(BODIES[row.convener] | COMMITTEE, row.path)
    return ops.SurveyResults(
        survey_id=row.id,
        state=row.state,
        answers=len(rows),
        withheld=withheld,
        questions=[
            _question(
                question,
                [one.answers[place] for one in told],
                _texts(question, place, told, row.texts, reads_all=reads_all),
            )
            for place, question in enumerate(row.questions)
        ],
    )


def _question(
    question: dict[str, Any], given: list[Any], texts: list[str] | None
) -> ops.QuestionResult:
    found = rules.result(question, given)
    return ops.QuestionResult(
        kind=question["kind"],
        text=question["text"],
        answered=found.answered,
        counts=[ops.Counted(answer=answer, count=count) for answer, count in found.counts],
        mean=found.mean,
        median=found.median,
        lowest=found.lowest,
        highest=found.highest,
        texts=texts,
    )


def _texts(
    question: dict[str, Any], place: int, rows: Any, texts: str, *, reads_all: bool
) -> list[str] | None:
    """What was said, each question in an order of its own: by its words, so that nobody can put
    together what one neighbour said to several."""
    if question["kind"] != "text" or not (reads_all or texts == "public"):
        return None
    return sorted(
        one.answers[place] for one in rows if one.answers[place] and (reads_all or not one.waits)
    )


def _lines(number: int, one: ops.QuestionResult, word: int, *, withheld: bool) -> list[list[str]]:
    head = [str(number), one.text]
    if withheld:
        return [[*head, _WITHHELD[word], "", ""]]
    lines = [
        [*head, counted.answer, str(counted.count), f"{counted.count}/{one.answered}"]
        for counted in one.counts
    ]
    for name, value in ((_MEAN, one.mean), (_MEDIAN, one.median)):
        if value is not None:
            lines.append([*head, name[word], value, ""])
    lines += [[*head, said, "1", ""] for said in one.texts or []]
    return lines or [[*head, "", "0", ""]]
