"""A small client of the HTTP contract: what people do, as methods; the answers as its views.

    api = Client("http://127.0.0.1:8080")
    resident = api.login("13800000001", "246810")
    receipt = resident.report_issue(community_id, "商铺占用绿化带", "…", attachments=[photo.id])

    Problem              the server's answer in problem+json: `status`, `code`, `errors`
    httpx.TransportError no answer at all: refused, cut off, too late

`patience` (seconds) makes the client ask again after 429, 503 and transport errors, for reads and
for writes with an `Idempotency-Key`: those are safe to repeat. A session that has run out is
renewed once. Threads may share a client.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from services.contracts.operations.base import Empty, Page
from services.contracts.operations.feed import Comment, Post
from services.contracts.operations.grid_bridge import (
    Issue,
    IssueReceipt,
    IssueSummary,
    WorkOrder,
)
from services.contracts.operations.identity import (
    CommunityView,
    Me,
    MembershipRequest,
    MembershipState,
    QrTarget,
    QrView,
    Tokens,
)
from services.contracts.operations.notify.inbox import Notification, NotificationPage
from services.contracts.operations.ops import Uploaded

BASE = "/api/v1"
PROBLEM = "application/problem+json"
TRY_LATER = frozenset({429, 502, 503, 504})
LONGEST_PAUSE = 2.0  # seconds between two attempts, whatever the server wishes
PAGE = 100

View = TypeVar("View", bound=BaseModel)


class Problem(Exception):
    """The server said no, and why (RFC 9457)."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.status = answer.status_code
        told = _json(answer) if answer.headers.get("content-type", "").startswith(PROBLEM) else {}
        self.code: str = told.get("code", "")
        self.title: str = told.get("title", "")
        self.detail: str = told.get("detail", "")
        self.request_id: str = told.get("request_id", "")
        self.errors: dict[str, str] = {e["field"]: e["message"] for e in told.get("errors", ())}
        fields = "".join(f"; {field}: {message}" for field, message in self.errors.items())
        where = f"{answer.request.method} {answer.request.url.path}"
        super().__init__(f"{where}: {self.status} {self.code} {self.detail or self.title}{fields}")

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server wants to be asked again."""
        text = self.answer.headers.get("retry-after", "")
        return float(text) if text.isdigit() else None


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


class Session:
    """Somebody's tokens; several threads may find them expired at once, one renews them."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._lock = threading.Lock()

    def renew(self, expired: str, refresh: Callable[[str], Tokens]) -> None:
        """Replace the tokens, unless another thread has done so already."""
        with self._lock:
            if self.tokens.access_token == expired:
                self.tokens = refresh(self.tokens.refresh_token)


class Client:
    """The system at `url`, seen by somebody (`login`) or by nobody in particular."""

    def __init__(
        self,
        url: str,
        *,
        patience: float = 0.0,
        timeout: float = 15.0,
        connections: int = 20,
        language: str = "zh-CN",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        self.session: Session | None = None
        self.http = httpx.Client(
            base_url=self.url,
            timeout=timeout,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers={"Accept-Language": language},
            transport=transport,
        )

    def close(self) -> None:
        """Close the connections, also those of everybody who logged in through this client."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- who ----------------------------------------------------------------------------------

    def request_code(self, phone: str) -> None:
        """Ask for a login code by SMS."""
        self.send("POST", "/auth/codes", json={"phone": phone})

    def login(self, phone: str, code: str) -> "Client":
        """A client that speaks for this person, over the same connections."""
        answer = self.send("POST", "/auth/tokens", json={"phone": phone, "code": code}, safe=True)
        return self.speaking_as(Tokens.model_validate(answer.json()))

    def speaking_as(self, tokens: Tokens | None) -> "Client":
        """A client with these tokens, or with none."""
        other = object.__new__(Client)
        other.url, other.patience, other.http = self.url, self.patience, self.http
        other.session = Session(tokens) if tokens else None
        return other

    @property
    def name(self) -> str:
        """How the neighbours know whoever speaks."""
        return self.session.tokens.person.display_name if self.session else ""

    @property
    def person_id(self) -> str:
        """Whose client this is."""
        return self.session.tokens.person.id if self.session else ""

    def me(self) -> Me:
        """Memberships, roles, badges, unread news."""
        return self.get(Me, "/me")

    def communities(self) -> list[CommunityView]:
        """The communities that one belongs to or watches over."""
        return list(self.each(CommunityView, "/communities"))

    # -- joining ------------------------------------------------------------------------------

    def resolve_qr(self, token: str) -> QrTarget:
        """Where a QR code leads."""
        return self.get(QrTarget, f"/qr/{token}")

    def qr_codes(self, community_id: str) -> list[QrView]:
        """The community's codes (committee)."""
        return list(self.each(QrView, f"/communities/{community_id}/qr"))

    def request_membership(self, **fields: Any) -> MembershipState:
        """Ask to join; the fields are those of `RequestMembership`."""
        return self.post(MembershipState, "/memberships", fields)

    def membership_requests(self, community_id: str) -> Iterator[MembershipRequest]:
        """Who waits to be let in (committee)."""
        return self.each(MembershipRequest, f"/communities/{community_id}/memberships")

    def decide_membership(
        self, membership_id: str, decision: str, reason: str = ""
    ) -> MembershipState:
        """`approve` or `refuse` (committee)."""
        body = {"decision": decision, "reason": reason or None}
        return self.post(MembershipState, f"/memberships/{membership_id}/decision", body)

    # -- the feed -----------------------------------------------------------------------------

    def upload(
        self, data: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg"
    ) -> Uploaded:
        """Store a file; its id can be attached to what one writes."""
        files = {"file": (name, data, content_type)}
        return Uploaded.model_validate(self.send("POST", "/uploads", files=files).json())

    def posts(self, community_id: str, module: str | None = None) -> Iterator[Post]:
        """All posts, newest first."""
        return self.each(Post, f"/communities/{community_id}/posts", {"module": module})

    def post_of(self, post_id: str) -> Post:
        """One post."""
        return self.get(Post, f"/posts/{post_id}")

    def comments(self, post_id: str) -> list[Comment]:
        """The comments of a post and the steps told on its thread, oldest first."""
        return list(self.each(Comment, f"/posts/{post_id}/comments"))

    def comment(self, post_id: str, body: str) -> Comment:
        """Say something under a post."""
        return self.post(Comment, f"/posts/{post_id}/comments", {"body": body})

    # -- issues and work orders ---------------------------------------------------------------

    def report_issue(
        self,
        community_id: str,
        title: str,
        body: str,
        *,
        attachments: Sequence[str] = (),
        location: Mapping[str, Any] | str | None = None,
        key: str = "",
    ) -> IssueReceipt:
        """Report a problem; `key` makes it safe to repeat."""
        fields: dict[str, Any] = {
            "title": title,
            "body": body,
            "attachments": list(attachments),
        }
        if location is not None:
            fields["location"] = location
        return self.post(IssueReceipt, f"/communities/{community_id}/issues", fields, key=key)

    def issue(self, issue_id: str) -> Issue:
        """An issue with its timeline."""
        return self.get(Issue, f"/issues/{issue_id}")

    def issues(self, community_id: str, **filters: str) -> Iterator[IssueSummary]:
        """All issues, newest first."""
        return self.each(IssueSummary, f"/communities/{community_id}/issues", filters)

    def triage(
        self, issue_id: str, category: str, slot: str | None = None, *, key: str = ""
    ) -> Issue:
        """Confirm what kind of problem it is (committee)."""
        body = {"category": category, "slot": slot}
        return self.post(Issue, f"/issues/{issue_id}/triage", body, key=key)

    def answer(self, issue_id: str, body: str, outcome: str = "answered") -> Issue:
        """Answer on the thread (committee)."""
        return self.post(Issue, f"/issues/{issue_id}/answers", {"body": body, "outcome": outcome})

    def self_governance(
        self,
        issue_id: str,
        step: str,
        note: str,
        *,
        spoke_with: str | None = None,
        due_at: datetime | None = None,
        attachments: Sequence[str] = (),
        outcome: str | None = None,
    ) -> Issue:
        """Record a step of self-governance (committee)."""
        body = {
            "step": step,
            "note": note,
            "with": spoke_with,
            "due_at": due_at.isoformat() if due_at else None,
            "attachments": list(attachments),
            "outcome": outcome,
        }
        return self.post(Issue, f"/issues/{issue_id}/self-governance", body)

    def escalate(
        self, issue_id: str, reason: str, *, urgent: bool = False, key: str = ""
    ) -> WorkOrder:
        """Open a work order with the grid (committee)."""
        body = {"reason": reason, "urgent": urgent}
        return self.post(WorkOrder, f"/issues/{issue_id}/escalate", body, key=key)

    def rate(self, issue_id: str, score: int, *, solved: bool, comment: str = "") -> Issue:
        """The reporter's judgement, 1 to 5."""
        body = {"score": score, "solved": solved, "comment": comment}
        return self.post(Issue, f"/issues/{issue_id}/rating", body)

    def reopen(self, issue_id: str, reason: str) -> Issue:
        """The reporter is not satisfied."""
        return self.post(Issue, f"/issues/{issue_id}/reopen", {"reason": reason})

    def work_order(self, no: str) -> WorkOrder:
        """A work order with what its platform told."""
        return self.get(WorkOrder, f"/work-orders/{no}")

    def work_orders(self, **filters: str) -> Iterator[WorkOrder]:
        """The work orders in reach, newest first."""
        return self.each(WorkOrder, "/work-orders", filters)

    def news(self) -> NotificationPage:
        """The first page of the inbox."""
        return self.get(NotificationPage, "/me/notifications", {"limit": PAGE})

    def all_news(self) -> Iterator[Notification]:
        """The whole inbox, newest first."""
        return self.each(Notification, "/me/notifications")

    # -- the way there ------------------------------------------------------------------------

    def get(self, view: type[View], path: str, params: Mapping[str, Any] | None = None) -> View:
        """Read one thing."""
        return view.model_validate(self.send("GET", path, params=params).json())

    def post(self, view: type[View], path: str, body: Mapping[str, Any], *, key: str = "") -> View:
        """Do something."""
        answer = self.send("POST", path, json=body, key=key)
        return view.model_validate(answer.json() if answer.content else Empty())

    def each(
        self, item: type[View], path: str, params: Mapping[str, Any] | None = None
    ) -> Iterator[View]:
        """Every item of a list, page after page."""
        wanted: dict[str, Any] = {"limit": PAGE, **(params or {})}
        while True:
            page = self.get(Page[item], path, wanted)  # type: ignore[valid-type]
            yield from page.items
            if page.next_cursor is None:
                return
            wanted["cursor"] = page.next_cursor

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Any = None,
        key: str = "",
        safe: bool = False,
    ) -> httpx.Response:
        """Ask, with patience where it is safe to ask again.

        Args:
            key: an Idempotency-Key: the server does it once, however often it is asked.
            safe: doing it twice is no harm.

        Raises:
            Problem: the server's answer is an error.
            httpx.TransportError: there was none.
        """
        again = safe or bool(key) or method == "GET"
        deadline = time.monotonic() + (self.patience if again else 0.0)
        given = {name: value for name, value in (params or {}).items() if value is not None}
        pause, renewed = 0.1, False
        while True:
            token = self.session.tokens.access_token if self.session else ""
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if key:
                headers["Idempotency-Key"] = key
            try:
                answer = self.http.request(
                    method, BASE + path, params=given, json=json, files=files, headers=headers
                )
            except httpx.TransportError:
                if time.monotonic() + pause > deadline:
                    raise
            else:
                if answer.is_success:
                    return answer
                problem = Problem(answer)
                if problem.code == "auth.token_expired" and self.session and not renewed:
                    self.session.renew(token, self._refresh)
                    renewed = True
                    continue
                if problem.status not in TRY_LATER or time.monotonic() + pause > deadline:
                    raise problem
                pause = max(pause, min(problem.retry_after or 0.0, LONGEST_PAUSE))
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _refresh(self, refresh_token: str) -> Tokens:
        nobody = self.speaking_as(None)
        return nobody.post(Tokens, "/auth/tokens/refresh", {"refresh_token": refresh_token})
