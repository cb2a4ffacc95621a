"""Every page renders what the services say, as text, from this host alone, without any script."""

import re
from urllib.parse import quote, urlsplit

import pytest

from gateway import web
from gateway.web.house import TEMPLATES
from services.contracts import errors
from services.contracts.actor import Role
from tests.gateway import (
    web_content,
    web_desk,
    web_desk_house,
    web_desk_people,
    web_desk_polls,
    web_desk_topics,
    web_district,
    web_figures,
    web_issues,
    web_neighbours,
    web_news,
    web_paper,
    web_posts,
    web_topics,
    web_votes,
)
from tests.gateway import web_world as w
from tests.gateway.web_browser import World
from tests.gateway.web_poison import MARKUP, poisoned
from tests.gateway.web_reader import Reader

pytestmark = pytest.mark.gateway

RESIDENT = (
    "/",
    f"/c/{w.CID}",
    f"/c/{w.CID}/m/nearby",
    f"/c/{w.CID}/m/nearby?q=树",
    f"/c/{w.CID}/m/nearby/new",
    f"/c/{w.CID}/m/mutual_aid/new",
    f"/posts/{w.POST}",
    f"/posts/{w.POST}?reply_to={w.COMMENT}",
    f"/c/{w.CID}/report",
    f"/c/{w.CID}/issues",
    f"/issues/{w.ISSUE}",
    f"/issues/{w.ISSUE}?new=1",
    "/me",
    "/me/notifications",
    "/me/data",
    "/me/data/farewell",
    f"/j/{w.QR}",
    f"/j/{w.QR}?again=1",
    *web_votes.RESIDENT,
    *web_topics.RESIDENT,
    *web_posts.RESIDENT,
    *web_content.RESIDENT,
    *web_desk_people.RESIDENT,
    *web_issues.RESIDENT,
    *web_neighbours.RESIDENT,
    *web_news.RESIDENT,
)
STAFF = (
    "/console",
    "/console/issues",
    f"/console/issues/{w.ISSUE}",
    "/console/memberships",
    "/console/memberships?status=active",
    "/console/corrections",
    *web_desk.STAFF,
    *web_paper.STAFF,
    *web_desk_house.STAFF,
    *web_desk_polls.STAFF,
    *web_content.STAFF,
    *web_desk_topics.STAFF,
    *web_figures.STAFF,
    *web_news.STAFF,
    *web_neighbours.STAFF,
    *web_desk_people.STAFF,
)
NOBODY = (
    "/login",
    f"/login?next=/j/{w.QR}",
    "/login?phone=13800000001",
    "/offline",
    *web_votes.NOBODY,
    *web_paper.NOBODY,
    *web_desk_people.NOBODY,
)


async def pages(world: World) -> list[tuple[str, str]]:
    """Every page as somebody sees it who may."""
    resident = world.browser(Role.RESIDENT)
    shown = [(path, await resident.get(path)) for path in RESIDENT]
    nobody = world.browser(login=False)
    shown += [(path, await nobody.get(path)) for path in NOBODY]
    world.say(get_me=w.me("committee_staff"), get_issue=w.issue(suggestion=w.SUGGESTION))
    staff = world.browser(Role.COMMITTEE_STAFF)
    shown += [(path, await staff.get(path)) for path in STAFF]
    assert {path: r.status_code for path, r in shown if r.status_code != 200} == {}
    return [(path, r.text) for path, r in shown]


async def test_every_page_loads_from_this_host_alone(world):
    for path, html in await pages(world):
        for address in Reader(html).addresses:
            parts = urlsplit(address)
            assert not parts.netloc and parts.scheme in ("", "tel"), (path, address)


async def test_no_page_holds_a_script_or_style_of_its_own(world):
    for path, html in await pages(world):
        assert Reader(html).inline == [], path


async def test_every_form_that_changes_something_carries_its_token(world):
    for path, html in await pages(world):
        posting = [f for f in Reader(html).forms if f.get("method") == "post"]
        assert html.count('name="csrf"') == len(posting), path


async def test_every_control_has_a_name_for_those_who_cannot_see_it(world):
    for path, html in await pages(world):
        assert Reader(html).unnamed == [], path


async def test_every_page_says_its_language_and_fits_a_phone(world):
    for path, html in await pages(world):
        assert '<html lang="zh-CN">' in html, path
        assert "width=device-width" in html, path
        assert len(html.encode()) < 60_000, path


async def test_pages_forbid_everything_that_is_not_theirs(world):
    page = await world.browser(Role.RESIDENT).get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_markup_in_any_text_stays_text(world):
    """Every string of every answer is an attack; of the addresses, too."""
    world.say(get_me=w.me("committee_staff"), get_issue=w.issue(suggestion=w.SUGGESTION))
    plain = {method: said for method, said in world.rpc.answers.items() if isinstance(said, dict)}
    world.say(**{method: poisoned(method, said) for method, said in plain.items()})
    staff, nobody = world.browser(Role.COMMITTEE_STAFF), world.browser(login=False)
    asked = [(staff, path) for path in (*RESIDENT, *STAFF)]
    asked.append((nobody, f"/login?next=/j/{w.QR}&phone={quote(MARKUP)}"))
    shown = []
    for browser, path in asked:
        page = await browser.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text and "<img src=x" not in page.text, path
        assert Reader(page.text).inline == [], path
        shown.append("&lt;script&gt;alert" in page.text)
    assert sum(shown) > 0.9 * len(shown), "most pages show some of what people write"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (errors.NotFound(), 404, "没有找到"),
        (errors.Forbidden(), 403, "暂时不能进"),
        (errors.ObserverReadOnly(), 403, "观察员只能浏览"),
        (errors.Unavailable(retry_after=7), 503, "正在维护"),
        (errors.TimedOut(), 503, "响应超时"),
        (RuntimeError("with details"), 500, "服务器出错了"),
    ],
)
async def test_errors_are_pages_in_plain_words(world, error, status, words):
    world.say(get_post=error)
    page = await world.browser(Role.RESIDENT).get(f"/posts/{w.POST}")
    assert page.status_code == status
    assert words in page.text
    assert "with details" not in page.text
    assert page.headers["content-type"].startswith("text/html")
    if status == 503:
        assert page.headers["retry-after"] == str(getattr(error, "retry_after", None) or 2)


async def test_an_address_of_nothing_is_a_page_for_people_and_a_problem_for_programs(world):
    browser = world.browser(Role.RESIDENT)
    page, api = await browser.get("/no/such/page"), await browser.get("/api/v1/no/such")
    assert page.status_code == api.status_code == 404
    assert "没有找到这个页面" in page.text
    assert api.headers["content-type"] == "application/problem+json"
    wrong = await browser.get("/api/v1/auth/codes")
    assert wrong.status_code == 405


async def test_an_id_of_another_form_is_a_page_that_is_not_there(world):
    page = await world.browser(Role.RESIDENT).get("/posts/..%2f..%2fetc")
    assert page.status_code == 404


async def test_home_shows_the_rest_while_a_service_is_away(world):
    world.say(list_notifications=errors.Unavailable(), list_issues=errors.TimedOut())
    page = await world.browser(Role.RESIDENT).get("/")
    assert page.status_code == 200
    assert "显示的不完整" in page.text and "党建园地" in page.text


async def test_a_page_waits_for_the_bell_once_not_each_time(world):
    world.say(count_unread=errors.TimedOut())
    browser = world.browser(Role.RESIDENT)
    for _ in range(3):
        assert (await browser.get("/me")).status_code == 200
    assert sum(asked.method == "count_unread" for asked in world.rpc.calls) == 1


async def test_the_flag_waves_beside_those_who_show_it_alone(world):
    page = await world.browser(Role.RESIDENT).get(f"/posts/{w.POST}")
    assert page.text.count('class="flag"') == 1
    styles = await world.browser().get("/assets/shequ.css")
    still = styles.text.partition("prefers-reduced-motion: reduce")[2]
    assert "animation: none !important" in still


async def test_the_official_answer_stands_above_the_thread(world):
    said = w.comment(
        id=w.NEWS, body="周五前清理完", official=True, actor_role="committee_staff",
        author=w.author("居委小王"),
    )  # fmt: skip
    world.say(get_post=w.post(answers=[said]), list_comments=w.page_of(w.comment(), said))
    html = (await world.browser(Role.RESIDENT).get(f"/posts/{w.POST}")).text
    assert html.index("官方答复") < html.index("周五前清理完") < html.index('id="thread"')
    assert html.count("周五前清理完") == 1


@pytest.mark.parametrize(
    ("changes", "shown", "hidden"),
    [
        ({"status": "closed", "outcome": "grid_closed", "promise": None}, "点星星打分", ""),
        ({"status": "closed", "outcome": "grid_closed", "promise": None, "score": 5},
         "非常满意", "点星星打分"),
        ({"status": "closed", "mine": False, "promise": None}, "办理过程", "点星星打分"),
        ({"status": "escalated"}, "办理过程", "点星星打分"),
    ],
)  # fmt: skip
async def test_who_may_judge_is_asked_to(world, changes, shown, hidden):
    world.say(get_issue=w.issue(**changes))
    html = (await world.browser(Role.RESIDENT).get(f"/issues/{w.ISSUE}")).text
    assert shown in html
    assert not hidden or hidden not in html


async def test_what_was_reported_for_somebody_says_by_whom(world):
    helper = {"person_id": "p-lu", "display_name": "小孙<b>"}
    world.say(get_issue=w.issue(assisted_by=helper, suggestion=w.SUGGESTION))
    world.say(get_post=w.post(assisted_by={"id": "p-lu", "display_name": "小孙<b>"}))
    pages = (f"/issues/{w.ISSUE}", f"/console/issues/{w.ISSUE}", f"/posts/{w.POST}")
    for path in pages:
        secretary = world.browser(Role.COMMITTEE_STAFF)
        assert "由小孙&lt;b&gt;代孙奶奶反映" in (await secretary.get(path)).text, path
        english = await secretary.get(path, accept_language="en")
        assert "By 小孙&lt;b&gt; for 孙奶奶" in english.text, path
    world.say(get_issue=w.issue(assisted_by=None), get_post=w.post())
    for path in pages:
        html = (await world.browser(Role.COMMITTEE_STAFF).get(path)).text
        assert "孙奶奶" in html and "小孙" not in html, path


async def test_a_broken_promise_is_not_hidden(world):
    late = {**w.issue()["promise"], "due_at": w.at(hours=5), "overdue": True}
    world.say(get_issue=w.issue(promise=late))
    html = (await world.browser(Role.RESIDENT).get(f"/issues/{w.ISSUE}")).text
    assert "已超过 5 小时" in html


async def test_the_desk_confirms_the_advice_with_one_button(world):
    world.say(get_issue=w.issue(suggestion=w.SUGGESTION))
    html = (await world.browser(Role.COMMITTEE_STAFF).get(f"/console/issues/{w.ISSUE}")).text
    assert 'name="choice" value="8x/X3"' in html
    assert "确认：8+X 难题 · 毁绿占绿" in html
    assert "82%" in html and "绿化带" in html


async def test_the_desk_asks_again_until_there_is_advice(world):
    path = f"/console/issues/{w.ISSUE}"
    staff = world.browser(Role.COMMITTEE_STAFF)
    assert 'hx-trigger="every 2s"' in (await staff.get(path)).text
    world.say(get_issue=w.issue(suggestion=w.SUGGESTION))
    assert 'hx-trigger="every 2s"' not in (await staff.get(path)).text


async def test_the_desk_is_for_those_who_serve_on_a_committee(world):
    for path in STAFF:
        page = await world.browser(Role.RESIDENT).get(path)
        assert page.status_code == 403, path


async def test_observers_get_nothing_to_write_with(world):
    modules = [{**m, "may_post": False, "may_comment": False} for m in w.MODULES["items"]]
    world.say(list_modules={"items": modules})
    observer = world.browser(Role.OBSERVER)
    html = (await observer.get(f"/posts/{w.POST}")).text
    assert "观察员只看不说" in html
    assert "/comments" not in html and f"/posts/{w.POST}/like" not in html
    assert "/report" not in html


async def test_every_page_of_the_table_was_opened_here():
    """A new page must be added to the lists above."""
    opened = [re.sub(r"[?].*", "", path) for path in (*RESIDENT, *STAFF, *NOBODY)]
    opened += ["/report", "/me/bell", "/me/data/copy"]
    opened += ["/sw.js", "/manifest.webmanifest", "/verify/shequtong_verify.py"]
    opened += ["/work-orders/1", f"/issues/{w.ISSUE}/thread", *web_paper.ELSEWHERE]
    opened += web_desk_polls.ELSEWHERE
    opened += web_desk_people.ELSEWHERE
    for family in (
        web_content,
        web_desk,
        web_desk_topics,
        web_district,
        web_figures,
        web_issues,
        web_neighbours,
        web_posts,
    ):
        opened += family.ELSEWHERE
    for page in web.PAGES:
        if page.method == "GET":
            pattern = re.sub(r"{\w+}", "[^/]+", page.path)
            assert any(re.fullmatch(pattern, path) for path in opened), page.path


def test_every_address_that_a_template_names_has_its_page():
    shown = [page.path for page in web.PAGES if page.method == "GET"]
    pages = [re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in shown]
    for path in sorted(TEMPLATES.rglob("*.html")):
        for named in re.findall(r'href="(/(?!api/|assets/)[^"]*)"', path.read_text()):
            address = re.split("[?#]", re.sub(r"{%.*?%}", "", re.sub(r"{{.*?}}", "{}", named)))[0]
            if "{{" in address:
                continue  # a condition with quotes of its own: a browser follows it elsewhere
            any_of = re.compile(re.escape(address).replace(r"\{\}", "[^/]+"))
            led = any(page.fullmatch(address.replace("{}", "x")) for page in pages)
            assert led or any(any_of.fullmatch(one) for one in shown), (path.name, named)
