"""The generated client at work, for whoever begins an app: what each part of the contract looks
like from here.

    python smoke.py http://127.0.0.1:8080 13800000002 13800000021 246810 <community>
"""

import json
import sys
from collections.abc import Iterator

from shequ_client.api.deliberation import check_receipt
from shequ_client.api.feed import create_comment, create_post, like, list_posts
from shequ_client.api.identity import create_token, refresh_token
from shequ_client.api.issues_and_work_orders import report_issue
from shequ_client.client import AuthenticatedClient
from shequ_client.models import (
    Comment,
    CreateComment,
    CreatePost,
    CreateToken,
    IssueReceipt,
    Likes,
    PagePost,
    Post,
    Problem,
    RefreshToken,
    ReportIssue,
    Tokens,
)


def signed_in(url: str, phone: str, code: str) -> AuthenticatedClient:
    """A phone and its code give tokens; with the second one come new ones before the first ends."""
    nobody = AuthenticatedClient(url, token="none")  # the generator wants one of everybody
    tokens = create_token.sync(client=nobody, body=CreateToken(phone=phone, code=code))
    assert isinstance(tokens, Tokens), tokens
    tokens = refresh_token.sync(
        client=nobody, body=RefreshToken(refresh_token=tokens.refresh_token)
    )
    assert isinstance(tokens, Tokens), tokens
    return AuthenticatedClient(url, token=tokens.access_token)


def posts(me: AuthenticatedClient, cid: str, most: int) -> Iterator[Post]:
    """A list is read page by page, each with the cursor of the one before, until there is none."""
    cursor: str | None = None
    for _ in range(most):
        page = list_posts.sync(cid, client=me, limit=3, cursor=cursor)
        assert isinstance(page, PagePost), page
        yield from page.items
        cursor = page.next_cursor or None
        if cursor is None:
            break


def news(me: AuthenticatedClient) -> Iterator[dict[str, str]]:
    """What the live stream tells; it has no end, so it is read by the HTTP client below."""
    with me.get_httpx_client().stream("GET", "/api/v1/me/stream", timeout=30) as stream:
        event = ""
        for line in stream.iter_lines():
            if line.startswith("retry:"):
                yield {"event": "open"}
            name, _, value = line.partition(": ")
            event = value if name == "event" else event
            if name == "data":
                yield {"event": event, **json.loads(value)}


def main(url: str, phone: str, other: str, code: str, cid: str) -> None:
    """Do all of it and print what came of it."""
    me, neighbour = signed_in(url, phone, code), signed_in(url, other, code)
    read = list(posts(me, cid, most=3))

    # what may be sent twice, as the network took the answer away, carries a key
    said = CreatePost(module="nearby", title="路灯修好了", body="谢谢！")
    key = f"post-{read[0].id}-{len(read)}"
    first, again = (
        create_post.sync_detailed(cid, client=me, body=said, idempotency_key=key) for _ in range(2)
    )
    post = first.parsed
    assert isinstance(post, Post), post
    said.title = "路灯又坏了"
    other_body = create_post.sync(cid, client=me, body=said, idempotency_key=key)
    assert isinstance(other_body, Problem), other_body

    # what went wrong is a type, too: its code is for programs, and it names the fields
    wrong = create_post.sync(cid, client=me, body=CreatePost(module="nearby", title="", body=""))
    assert isinstance(wrong, Problem) and wrong.errors, wrong
    receipt = check_receipt.sync("none", client=me)
    assert isinstance(receipt, Problem), receipt

    likes = like.sync(post.id, client=me)
    assert isinstance(likes, Likes), likes
    problem = ReportIssue(title="楼道堆物", body="三楼堆满纸箱", location="3号楼")
    issue = report_issue.sync(cid, client=me, body=problem)
    assert isinstance(issue, IssueReceipt), issue

    heard = news(me)
    assert next(heard) == {"event": "open"}
    comment = create_comment.sync(post.id, client=neighbour, body=CreateComment(body="太好了"))
    assert isinstance(comment, Comment), comment
    told = next(one for one in heard if one["event"] == "notification")

    print(
        json.dumps(
            {
                "pages": len(read) == len({one.id for one in read}) == 9,
                "post": post.title,
                "again": [first.parsed == again.parsed, again.headers["idempotency-replayed"]],
                "other_body": other_body.code,
                "wrong": [wrong.code, sorted(one.field for one in wrong.errors)],
                "receipt": receipt.code,
                "likes": likes.like_count,
                "issue": issue.id,
                "told": told["link"],
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
