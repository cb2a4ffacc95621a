"""The generated client at work: log in, list, post, like, report a problem, check a receipt."""

import json
import sys

from shequ_client.api.deliberation import check_receipt
from shequ_client.api.feed import create_post, like, list_posts
from shequ_client.api.identity import create_token
from shequ_client.api.issues_and_work_orders import report_issue
from shequ_client.client import AuthenticatedClient
from shequ_client.models import (
    CreatePost,
    CreateToken,
    IssueReceipt,
    Likes,
    PagePost,
    Post,
    Problem,
    ReportIssue,
    Tokens,
)


def main(url: str, phone: str, code: str, cid: str) -> None:
    """Do all of it and print what came of it."""
    nobody = AuthenticatedClient(url, token="none")  # the generator wants one of everybody
    tokens = create_token.sync(client=nobody, body=CreateToken(phone=phone, code=code))
    assert isinstance(tokens, Tokens), tokens
    me = AuthenticatedClient(url, token=tokens.access_token)
    page = list_posts.sync(cid, client=me, limit=5)
    assert isinstance(page, PagePost), page
    said = CreatePost(module="nearby", title="路灯修好了", body="谢谢！")
    post = create_post.sync(cid, client=me, body=said)
    assert isinstance(post, Post), post
    likes = like.sync(post.id, client=me)
    assert isinstance(likes, Likes), likes
    problem = ReportIssue(title="楼道堆物", body="三楼堆满纸箱")
    issue = report_issue.sync(cid, client=me, body=problem)
    assert isinstance(issue, IssueReceipt), issue
    receipt = check_receipt.sync("none", client=nobody)
    assert isinstance(receipt, Problem), receipt
    told = {
        "posts": len(page.items),
        "post": post.title,
        "likes": likes.like_count,
        "issue": issue.id,
        "receipt": receipt.code,
    }
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
