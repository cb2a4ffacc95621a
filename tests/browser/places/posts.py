"""Posts, threads, and what one minds about them."""

from tests.browser.places import CLERK, GRANNY_SUN, HOME, OBSERVER, OLD_LU, Known, Place


def long_thread(known: Known) -> str:
    """A post with comments of two levels, more than the first page of replies has."""

    def make(known: Known) -> str:
        post = known.post(
            OLD_LU,
            f"/communities/{HOME}/posts",
            module="neighbours",
            title="周六一起包饺子，谁来？",
            body="上午九点，活动室。带擀面杖的优先。",
            tags=["包饺子", "周末"],
        )["id"]
        first = known.post(GRANNY_SUN, f"/posts/{post}/comments", body="我带三鲜馅。")["id"]
        for words in ("太好了！", "我来擀皮。", "孩子也能来吗？"):
            known.post(OLD_LU, f"/posts/{post}/comments", body=words, reply_to=first)
        known.post(GRANNY_SUN, f"/posts/{post}/comments", body="记得带围裙。")
        return post

    return known.made("long-thread", make)


def my_post(known: Known) -> str:
    """A post of hers that was written anew once."""

    def make(known: Known) -> str:
        made = known.post(
            GRANNY_SUN,
            f"/communities/{HOME}/posts",
            module="nearby",
            title="楼下的桂花开了",
            body="路过都闻得到，大家去看看。花期不长。",
            extra={"kind": "tip", "place": "3号楼前"},
            tags=["桂花"],
        )["id"]
        known.patch(
            GRANNY_SUN,
            f"/posts/{made}",
            title="楼下的桂花开了，真香",
            body="路过都闻得到，大家快去看看。花期不长。",
        )
        return made

    return known.made("my-post", make)


def a_comment(known: Known) -> str:
    post = long_thread(known)
    said = known.get(OLD_LU, f"/posts/{post}/comments")["items"][0]
    return f"/posts/{post}/comments/{said['id']}"


def someone_kept_away(known: Known) -> str:
    def make(known: Known) -> str:
        known.put(CLERK, f"/posts/{long_thread(known)}/author-distance", kind="mute")
        return "/me/distances"

    return known.made("kept-away", make)


def a_post_taken_down(known: Known) -> str:
    def make(known: Known) -> str:
        post = known.post(
            OLD_LU,
            f"/communities/{HOME}/posts",
            module="neighbours",
            title="隔壁的电话",
            body="谁要找他，打到他家里去。",
        )["id"]
        known.post(CLERK, f"/posts/{post}/takedown", reason="请不要说别人家里的事。")
        return post

    return known.made("taken-down", make)


def cases(known: Known) -> str:
    a_post_taken_down(known)
    return "/me/cases"


def guides(known: Known) -> str:
    return f"/posts/{known.first(GRANNY_SUN, f'/communities/{HOME}/posts', module='guides')['id']}"


PLACES = (
    Place("/c/{cid}/m/{module}", at=f"/c/{HOME}/m/announcements", name="posts-announcements"),
    Place("/c/{cid}/m/{module}", at=f"/c/{HOME}/m/mutual_aid", name="posts-aid"),
    Place("/c/{cid}/m/{module}", at=f"/c/{HOME}/m/guides", name="posts-guides"),
    Place("/c/{cid}/m/{module}", at=f"/c/{HOME}/m/nearby?q=没有这样的", name="posts-nothing"),
    Place(
        "/c/{cid}/m/{module}",
        at=lambda k: (my_post(k), f"/c/{HOME}/m/nearby?mine=1")[1],
        name="posts-mine",
    ),
    Place("/posts/{id}", at=lambda k: f"/posts/{long_thread(k)}", name="posts-thread"),
    Place(
        "/posts/{id}",
        at=lambda k: f"/posts/{long_thread(k)}",
        name="posts-thread-simple",
        look="large.simple",
    ),
    Place(
        "/posts/{id}", at=lambda k: f"/posts/{a_post_taken_down(k)}", who=OLD_LU, name="posts-down"
    ),
    Place("/posts/{id}", at=guides, who=OBSERVER, name="posts-guide-observer"),
    Place("/c/{cid}/m/{module}/new", at=f"/c/{HOME}/m/nearby/new", name="posts-compose"),
    Place(
        "/c/{cid}/m/{module}/new",
        at=lambda k: f"/c/{HOME}/m/nearby/new?thanks={long_thread(k)}",
        name="posts-compose-thanks-simple",
        look="large.simple",
    ),
    Place("/posts/{id}/edit", at=lambda k: f"/posts/{my_post(k)}/edit"),
    Place("/posts/{id}/versions", at=lambda k: f"/posts/{my_post(k)}/versions"),
    Place("/posts/{id}/more", at=lambda k: f"/posts/{long_thread(k)}/more"),
    Place("/posts/{id}/more", at=lambda k: f"/posts/{my_post(k)}/more", name="posts-more-mine"),
    Place(
        "/posts/{id}/more",
        at=lambda k: f"/posts/{long_thread(k)}/more",
        who=CLERK,
        name="posts-more-staff",
    ),
    Place("/posts/{id}/comments/{comment}", at=a_comment, who=OLD_LU),
    Place("/me/distances", at=someone_kept_away, who=CLERK),
    Place("/me/distances", who=GRANNY_SUN, name="me-distances-none"),
    Place("/me/cases", at=cases, who=OLD_LU),
    Place("/me/cases", who=GRANNY_SUN, name="me-cases-none"),
)
