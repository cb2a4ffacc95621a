"""A small replay that goes on while a test breaks things, and the count afterwards."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex

from deploy.client import Client
from deploy.demo.people import CODE, PHONES, STAFF
from deploy.replay.messages import RESIDENTS, Message, fingerprint
from deploy.replay.posting import Run, post_all
from deploy.replay.proof import prove
from services.contracts import demo
from tests.support.platform import Platform
from tests.support.waiting import until

LIMIT = 90.0  # seconds in which everything has to arrive


@dataclass
class Rehearsal:
    """A replay under way."""

    api: Client
    messages: list[Message]
    before: frozenset[str]
    run: Run | None = None
    failure: BaseException | None = None
    _accepted: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def staff(self) -> Client:
        """The secretary of 尚园."""
        return self.api.login(PHONES[STAFF], CODE)

    def count(self) -> None:
        """One more message is done."""
        with self._lock:
            self._accepted += 1

    def await_share(self, share: float) -> None:
        """Wait until this share of the messages is done."""
        wanted = round(len(self.messages) * share)
        until(lambda: self._accepted >= wanted, what=f"{wanted} messages", limit=LIMIT)

    def assert_each_is_there_once(self) -> None:
        """Every message was accepted; issue, thread, advice and news are there exactly once."""
        assert self.failure is None, self.failure
        assert self.run is not None
        assert not self.run.refused
        assert not self.run.unanswered
        assert len(self.run.accepted) == len(self.messages)
        staff = self.staff
        ours = {receipt.id for receipt in self.run.accepted.values()}
        threads = {receipt.post_id for receipt in self.run.accepted.values()}
        until(
            lambda: threads <= {post.id for post in staff.posts(demo.SHANGYUAN)},
            what="threads",
            limit=LIMIT,
        )
        until(
            lambda: all(i.suggestion for i in staff.issues(demo.SHANGYUAN) if i.id in ours),
            what="suggestions",
            limit=LIMIT,
        )
        until(lambda: ours <= told(staff).keys(), what="news to the committee", limit=LIMIT)
        issues = [(i.id, fingerprint(i.title, i.body)) for i in staff.issues(demo.SHANGYUAN)]
        posts = [post.id for post in staff.posts(demo.SHANGYUAN)]
        proof = prove(self.messages, self.run.accepted, issues, posts, self.before)
        assert proof.holds, proof
        news = told(staff)
        assert {issue_id: news[issue_id] for issue_id in ours} == dict.fromkeys(ours, 1)
        for issue_id in ours:
            issue = staff.issue(issue_id)
            kinds = [line.kind for line in issue.timeline]
            assert issue.suggestion is not None
            if "+" in issue.suggestion.model_version and kinds[2:]:
                assert kinds.pop() == "classified", "the reader's second opinion, told once"
            assert kinds == ["reported", "classified"]


def told(staff: Client) -> Counter[str]:
    """How often the committee was told of each reported issue."""
    return Counter(
        news.link.rpartition("/")[2] for news in staff.all_news() if news.kind == "issue_reported"
    )


@contextmanager
def rehearsal(platform: Platform, *, count: int, speed: float) -> Iterator[Rehearsal]:
    """Post `count` messages at `speed` a second during the block; it ends when all are done."""
    label = token_hex(3)
    messages = [
        Message(f"{label}-{n}", f"user {n}", f"楼道堆物 {label}", f"第 {n} 条：三楼拐角堆满纸箱。")
        for n in range(count)
    ]
    with Client(platform.url, patience=LIMIT, timeout=8) as api:
        people = {phone: api.login(phone, CODE) for phone in RESIDENTS}
        staff = api.login(PHONES[STAFF], CODE)
        before = frozenset(issue.id for issue in staff.issues(demo.SHANGYUAN))
        told_of = Rehearsal(api, messages, before)

        def post() -> None:
            try:
                told_of.run = post_all(
                    messages,
                    people,
                    demo.SHANGYUAN,
                    label=label,
                    concurrency=8,
                    speed=speed,
                    done=told_of.count,
                )
            except BaseException as error:
                told_of.failure = error

        thread = threading.Thread(target=post)
        thread.start()
        try:
            yield told_of
        finally:
            thread.join(timeout=LIMIT * 2)
            assert not thread.is_alive(), "the replay does not end"
        told_of.assert_each_is_there_once()
