"""What happens before and after something is shown: the lexicon, cases, the log.

``check`` is for every text that neighbours read; ``opened`` and ``edited`` for posts, ``said`` for
comments; ``log`` for whatever is done to content or people in office. Reports stand in
:mod:`services.feed.handlers.reports`, decisions in :mod:`services.feed.handlers.decisions`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contracts.actor import Actor
from services.contracts.events import ContentReported, PostChanged, PostRemoved
from services.contracts.ids import new_id
from services.contracts.operations.feed import moderation as ops
from services.feed.domain import comments as comment_rules
from services.feed.domain import moderation as rules
from services.feed.domain import speaking
from services.feed.domain.lexicon import Finding
from services.feed.domain.modules import Module
from services.feed.handlers import sign_up_ends
from services.feed.handlers.common import catalogue
from services.feed.lexicon import WORDS
from services.feed.models import Comment, ModerationCase, Post, Question
from services.feed.repository import comments as comment_rows
from services.feed.repository import moderation as repository
from services.kit.uow import UnitOfWork

_KEPT_OF_FILES = ("id", "content_type", "bytes", "sha256")
_OTHERS_KEPT = 10


@dataclass(frozen=True, slots=True)
class Content:
    """A post, or a comment or question that stands with it, both locked."""

    post: Post
    comment: Comment | None = None
    question: Question | None = None

    @property
    def kind(self) -> ops.Target:
        if self.question is not None:
            return "question"
        return "post" if self.comment is None else "comment"

    @property
    def _itself(self) -> Post | Comment | Question:
        return self.question or self.comment or self.post

    @property
    def id(self) -> str:
        return self._itself.id

    @property
    def author_id(self) -> str:
        """Who wrote it; a comment of an office without an account here has nobody."""
        if self.question is not None:
            return self.question.asker_id
        return self.post.author_id if self.comment is None else self.comment.author_id or ""

    @property
    def state(self) -> str:
        return self._itself.state

    @property
    def official(self) -> bool:
        if self.question is not None:
            return False
        return bool(self.post.author_role) if self.comment is None else self.comment.official

    @property
    def is_issue(self) -> bool:
        """Whether it belongs to the record of a reported problem."""
        if self.comment is not None:
            return self.comment.step is not None
        return self.question is None and self.post.issue_id is not None

    def evidence(self, now: datetime) -> dict[str, Any]:
        """The content as it is: words, and files with their hashes."""
        post, comment = self.post, self.comment
        if self.question is not None:
            return {"body": self.question.body, "at": now.isoformat()}
        kept = post.attachments if comment is None else comment.attachments
        files = [{name: file.get(name) for name in _KEPT_OF_FILES} for file in kept or []]
        if comment is not None:
            return {"body": comment.body, "attachments": files, "at": now.isoformat()}
        return {
            "title": post.title,
            "body": post.body,
            "extra": post.extra or {},
            "attachments": files,
            "version": post.version or 1,
            "at": now.isoformat(),
        }


# -- before -----------------------------------------------------------------------------------


def check(fields: Mapping[str, str], *, office: bool = False, waits: bool = True) -> Finding:
    """What the lexicon finds in texts that others will read, by field.

    Args:
        office: said in office; only private numbers are looked for.
        waits: False for what cannot wait for a moderator (a note, a name): what would be held is
            refused then.

    Raises:
        WordsRefused: something that is not published here; its fields are named.
    """
    finding = WORDS.current.check(fields, office=office)
    if not waits:
        finding = finding.strictly()
    finding.refuse()
    return finding


def fields_of(post: Post) -> dict[str, str]:
    """The texts of a post by the names of their fields, as ``check`` takes them."""
    said = {"title": post.title, "body": post.body, "tags": "\n".join(post.tags or ())}
    extra = {f"extra.{key}": value for key, value in (post.extra or {}).items()}
    return said | {name: value for name, value in extra.items() if isinstance(value, str)}


def why_waiting(
    module: Module,
    finding: Finding,
    actor: Actor,
    path: str,
    *,
    office: bool,
    is_issue: bool = False,
) -> rules.OpenedBy | None:
    """Why what somebody says now has to wait for a moderator; None when it is shown at once.

    Args:
        is_issue: it is said on the thread of a reported problem, where nobody looks before.
    """
    trusted = office or speaking.may_moderate(module, actor, path)
    why = rules.why_it_waits(module, finding, trusted=trusted)
    return None if is_issue and why == "module" else why


def written(
    uow: UnitOfWork, content: Content, why: rules.OpenedBy | None, finding: Finding, now: datetime
) -> None:
    """Open the case of something new, if it waits or somebody should have a look."""
    if why is not None:
        open_case(uow, content, why, now, hits=finding.categories, was_shown=False, held=True)
    elif finding.level is not None:
        open_case(uow, content, "lexicon", now, hits=finding.categories, was_shown=True, held=False)


def edited(
    uow: UnitOfWork, post: Post, why: rules.OpenedBy | None, finding: Finding, now: datetime
) -> None:
    """Look at a post's new text as at a new post's; what is kept of a waiting one follows it.

    The post is locked and has its new text already.

    Raises:
        NotShown: it was refused or taken down.
    """
    content = Content(post)
    if post.state in ("refused", "taken_down"):
        raise rules.NotShown()
    case = repository.open_case(uow.session, content.kind, content.id)
    if case is not None:
        case.evidence = {**content.evidence(now), "before": _before(case.evidence)}
        case.hits = sorted({*case.hits, *finding.categories})
    if post.state == "shown" and why is not None:
        if case is None:
            open_case(uow, content, why, now, hits=finding.categories, was_shown=True, held=True)
        hold(uow, content, case, now)
    elif post.state == "shown" and finding.level is not None and case is None:
        open_case(uow, content, "lexicon", now, hits=finding.categories, was_shown=True, held=False)


def _before(evidence: Mapping[str, Any]) -> list[Any]:
    """What was there before, the latest last; what somebody reported must not be edited away.

    The first text and each that was reported stay; of the others the latest ``_OTHERS_KEPT``.
    """
    known = [*evidence.get("before", []), {k: v for k, v in evidence.items() if k != "before"}]
    latest = len(known) - _OTHERS_KEPT
    return [
        said
        for place, said in enumerate(known)
        if place == 0 or place >= latest or said.get("reported")
    ]


def open_case(
    uow: UnitOfWork,
    content: Content,
    opened_by: rules.OpenedBy,
    now: datetime,
    *,
    hits: Iterable[str] = (),
    was_shown: bool,
    held: bool,
    by: Actor | None = None,
) -> ModerationCase:
    """Open a case with the content as it is, and tell who moderates.

    Args:
        by: who moderates and decides it in the same act; nobody needs to be told then.
    """
    post = content.post
    case = ModerationCase(
        id=new_id(),
        target=content.kind,
        target_id=content.id,
        post_id=post.id,
        community_id=post.community_id,
        path=post.path,
        module=post.module,
        author_id=content.author_id,
        opened_by=opened_by,
        state="open",
        evidence=content.evidence(now),
        hits=list(hits),
        reports=0,
        was_shown=was_shown,
        held=held,
        opened_at=now,
    )
    uow.session.add(case)
    uow.session.flush()
    log_case(uow, case, "case_opened", by, now, details={"opened_by": opened_by, "hits": case.hits})
    if by is None:
        nobody_here = not repository.somebody_else_decides(uow.session, case)
        uow.emit(reported(case, for_town=nobody_here))
    return case


def reported(
    case: ModerationCase, *, appealed: bool = False, for_town: bool = False
) -> ContentReported:
    """The event that a case waits for somebody."""
    return ContentReported.model_validate(
        {
            "case_id": case.id,
            "target": case.target,
            "target_id": case.target_id,
            "post_id": case.post_id,
            "community_id": case.community_id,
            "path": case.path,
            "module": case.module,
            "opened_by": case.opened_by,
            "appealed": appealed,
            "for_town": for_town,
        }
    )


# -- states -----------------------------------------------------------------------------------


def put_state(
    uow: UnitOfWork, content: Content, becomes: str, by: str | None, now: datetime
) -> None:
    """Move a locked content to another state, counters and all; nothing is told."""
    comment = content.comment
    if content.question is not None:
        content.question.state = becomes
        uow.session.flush()
        return
    if comment is None:
        post = content.post
        was_gone, post.state = post.removed_at, becomes
        gone = becomes in ("refused", "taken_down")
        post.removed_at, post.removed_by = (now, by) if gone else (None, None)
        if becomes != "shown":
            post.pinned_at = None
        uow.session.flush()
        if gone:
            sign_up_ends.end(uow, post.id, "taken_down", now)
        elif was_gone is not None:
            sign_up_ends.reopen(uow, post.id, was_gone)
        return
    head = comment_rows.comment_head(uow.session, comment.id)
    if head is None or not comment_rows.change_state(
        uow.session, head, becomes, by=by or "", now=now
    ):
        raise comment_rules.CommentNotFound()
    uow.session.refresh(comment)


def told(content: Content, *, shown_again: bool = False) -> PostChanged:
    """The event that a post, or its thread, looks different now."""
    post = content.post
    return PostChanged(
        post_id=post.id,
        community_id=post.community_id,
        path=post.path,
        module=post.module,
        shown_again=shown_again,
    )


def removed(content: Content) -> PostRemoved | PostChanged:
    """The event that a content is no longer visible; of what stands with a post, that changed."""
    post = content.post
    if content.kind != "post":
        return told(content)
    return PostRemoved(
        post_id=post.id, community_id=post.community_id, path=post.path, module=post.module
    )


def hold(uow: UnitOfWork, content: Content, case: ModerationCase | None, now: datetime) -> None:
    """Keep something that was shown from the neighbours until somebody has looked."""
    if case is not None:
        case.held = True
    put_state(uow, content, "waiting", None, now)
    uow.emit(removed(content))


# -- the log ----------------------------------------------------------------------------------


def log(
    uow: UnitOfWork,
    action: str,
    actor: Actor | None,
    now: datetime,
    *,
    target: str,
    target_id: str,
    community_id: str,
    path: str,
    role: str = "",
    case_id: str | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the moderation log, which nobody can change.

    Args:
        action: what was done, in a word or two (``decided``, ``silenced``, ``name_uncovered``).
        actor: who did it in office; None is time itself, the lexicon, or somebody who acts for
            herself (a reporter, an author).
        target: ``post``, ``comment``, ``question`` or ``person``.
        role: the office in which it was done; found out when it is left empty.
        details: what else is to be known; no words of the content, nobody's name.
    """
    office = role or (speaking.office_of(actor, path) if actor else None) or ""
    repository.put_log(
        uow.session,
        at=now,
        actor=actor.person_id if actor else None,
        role=str(office),
        action=action,
        target=target,
        target_id=target_id,
        community=community_id,
        path=path,
        case=case_id,
        reason=reason,
        details=dict(details or {}),
    )


def log_case(
    uow: UnitOfWork,
    case: ModerationCase,
    action: str,
    actor: Actor | None,
    now: datetime,
    *,
    role: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """A line about a case."""
    log(
        uow,
        action,
        actor,
        now,
        target=case.target,
        target_id=case.target_id,
        community_id=case.community_id,
        path=case.path,
        role=role,
        case_id=case.id,
        reason=reason,
        details=details,
    )


def module_of_case(uow: UnitOfWork, case: ModerationCase) -> Module:
    """The module of a case, as its community has it now."""
    return catalogue(uow, case.community_id).of(case.module)
