"""Supervision questions: asked in public, answered in office, in time."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor
from services.contracts.events import QuestionAnswered, QuestionAsked, QuestionOverdue
from services.contracts.ids import new_id
from services.contracts.operations.feed import questions as ops
from services.feed.domain import questions as rules
from services.feed.domain import speaking, texts
from services.feed.domain.posts import PostNotFound
from services.feed.handlers import keeping_away, moderation
from services.feed.handlers.common import (
    Uploads,
    attached,
    catalogue,
    changed,
    module_of,
    readable,
    require_open,
)
from services.feed.models import Ledger, Post, Question
from services.feed.repository import ledgers
from services.feed.repository import questions as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def ask_question(uow: UnitOfWork, cmd: ops.AskQuestion, actor: Actor, now: datetime) -> JsonText:
    """Ask about a disclosing post, or about a line of its account.

    Raises:
        NoQuestionsHere: the module takes none.
        TooManyQuestions: many of hers wait for an answer.
        Invalid: the account has no such line.
        Silenced: she may not write here now.
        WordsRefused: it holds what is not published here.
    """
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    require_open(uow, head, now)
    module = module_of(uow, head)
    if "question" not in module.works:
        raise rules.NoQuestionsHere()
    rules.check_line(cmd.line, _published_lines(uow, head))
    office = None if cmd.hide_name else speaking.office_in(module, actor, head.path)
    keeping_away.require_voice(uow, actor, head.community_id, now, in_office=office is not None)
    _one_at_a_time(uow, actor.person_id, head.community_id)
    waiting = repository.waiting_of(uow.session, actor.person_id, head.community_id)
    if waiting >= rules.MOST_OPEN:
        raise rules.TooManyQuestions()
    body = texts.required("body", texts.clean_text(cmd.body))
    finding = moderation.check({"body": body}, office=office is not None)
    # What waits are words that the lexicon hit, and only for the neighbours: the office has the
    # question at once, and its time begins.
    waits = moderation.why_waiting(
        module, finding, actor, head.path, office=office is not None, is_issue=True
    )
    question = Question(
        id=new_id(),
        post_id=head.id,
        community_id=head.community_id,
        path=head.path,
        line=cmd.line,
        asker_id=actor.person_id,
        hide_name=cmd.hide_name,
        body=body,
        asked_at=now,
        due_at=rules.due_at(now),
        state="shown" if waits is None else "waiting",
    )
    uow.session.add(question)
    uow.session.flush()
    uow.emit(QuestionAsked(**_about(question, head), due_at=question.due_at))
    if waits is None:
        uow.emit(changed(head))
    content = moderation.Content(uow.session.get_one(Post, head.id), question=question)
    moderation.written(uow, content, waits, finding, now)
    return _shown(uow, question.id, head, actor, now)


def answer_question(
    uow: UnitOfWork, cmd: ops.AnswerQuestion, actor: Actor, now: datetime, uploads: Uploads
) -> JsonText:
    """Answer in the office that discloses; the first answer stands.

    Raises:
        MayNotAnswer: it is another office's matter, or her own question.
        QuestionAnsweredAlready: a colleague was a moment faster.
        QuestionNotFound: there is none, or it was refused or taken down.
    """
    question = uow.session.get(Question, cmd.id, with_for_update=True)
    if question is None or question.state not in rules.TO_ANSWER:
        raise rules.QuestionNotFound()
    head = _of_question(uow, question, actor)
    directory.require_member(uow, actor, head.community_id)
    module = module_of(uow, head)
    writers = module.post.roles
    if question.asker_id == actor.person_id or not speaking.serves_in(actor, writers, head.path):
        raise rules.MayNotAnswer()
    if question.answered_at is not None:
        raise rules.QuestionAnsweredAlready()
    question.answer = texts.required("body", texts.clean_text(cmd.body))
    moderation.check({"body": question.answer}, office=True)
    question.attachments = attached(uploads, cmd.attachments, actor.person_id)
    question.answered_by, question.answered_at = actor.person_id, now
    question.answered_role = speaking.office_in(module, actor, head.path) or ""
    uow.session.flush()
    uow.emit(QuestionAnswered(**_about(question, head), answered_by=actor.person_id))
    uow.emit(changed(head))
    return _shown(uow, question.id, head, actor, now)


def list_questions(
    uow: UnitOfWork, cmd: ops.ListQuestions, actor: Actor, now: datetime
) -> JsonText:
    """The questions about a post, the newest first."""
    head = readable(uow, cmd.id, actor)
    reader = _reader(uow, head.community_id, head.path, actor)
    values = {"now": now, "state": cmd.state, **reader}
    return JsonText(repository.of_post(uow.session, head.id, cmd.limit, cmd.cursor, **values))


def list_community_questions(
    uow: UnitOfWork, cmd: ops.ListCommunityQuestions, actor: Actor, now: datetime
) -> JsonText:
    """The questions of a community, those due first at the head."""
    community = directory.require_reader(uow, actor, cmd.cid)
    reader = _reader(uow, community.id, community.path, actor)
    values = {"now": now, "state": cmd.state, **reader}
    return JsonText(repository.of_community(uow.session, cmd.cid, cmd.limit, cmd.cursor, **values))


def tell_overdue(uow: UnitOfWork, now: datetime) -> int:
    """Tell of one question whose time is over; how many were (the timer comes again at once)."""
    row = uow.session.execute(
        text(
            """
            UPDATE feed_questions SET overdue_at = :now WHERE id = (
                SELECT id FROM feed_questions
                WHERE answered_at IS NULL AND overdue_at IS NULL AND due_at <= :now
                    AND state IN ('shown', 'waiting')
                ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING id
            """
        ),
        {"now": now},
    ).first()
    if row is None:
        return 0
    question = uow.session.get_one(Question, row.id)
    module = uow.session.scalar(
        text("SELECT module FROM feed_posts WHERE id = :id"), {"id": question.post_id}
    )
    uow.emit(
        QuestionOverdue(
            question_id=question.id,
            post_id=question.post_id,
            community_id=question.community_id,
            path=question.path,
            module=module,
            asker_id=question.asker_id,
            due_at=question.due_at,
        )
    )
    return 1


# -- shared -------------------------------------------------------------------------------------


def asked_about(uow: UnitOfWork, question_id: str, actor: Actor) -> PostHead:
    """The head of the post that a question is about.

    Raises:
        QuestionNotFound: there is no such question, or its post is not the actor's to read.
    """
    question = uow.session.get(Question, question_id)
    if question is None:
        raise rules.QuestionNotFound()
    return _of_question(uow, question, actor)


def _reader(uow: UnitOfWork, community_id: str, path: str, actor: Actor) -> dict[str, Any]:
    """Who reads, the modules in which she answers, and those whose questions she reads unshown."""
    modules = catalogue(uow, community_id).by_key
    serves = [
        key for key, module in modules.items() if speaking.serves_in(actor, module.post.roles, path)
    ]
    moderates = [
        key for key, module in modules.items() if speaking.may_moderate(module, actor, path)
    ]
    answers = [] if actor.is_observer else serves
    return {"me": actor.eyes, "answers": answers, "keeps": [*serves, *moderates]}


def _of_question(uow: UnitOfWork, question: Question, actor: Actor) -> PostHead:
    try:
        return readable(uow, question.post_id, actor)
    except PostNotFound:
        raise rules.QuestionNotFound() from None


def _published_lines(uow: UnitOfWork, head: PostHead) -> int:
    ledger = uow.session.get(Ledger, head.id)
    if ledger is None or ledger.state != "published":
        return 0
    return ledgers.last_number(uow.session, head.id)


def _one_at_a_time(uow: UnitOfWork, person_id: str, community_id: str) -> None:
    """Let somebody's questions queue, so that counting them means something."""
    uow.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('feed_questions'), hashtext(:who))"),
        {"who": f"{person_id} {community_id}"},
    )


def _about(question: Question, head: PostHead) -> dict[str, str]:
    return {
        "question_id": question.id,
        "post_id": head.id,
        "community_id": head.community_id,
        "path": head.path,
        "module": head.module,
        "asker_id": question.asker_id,
    }


def _shown(
    uow: UnitOfWork, question_id: str, head: PostHead, actor: Actor, now: datetime
) -> JsonText:
    """The question for who has just asked or answered it: both read it whole."""
    reader = {**_reader(uow, head.community_id, head.path, actor), "keeps": [head.module]}
    return JsonText(repository.question_json(uow.session, question_id, now, **reader))
