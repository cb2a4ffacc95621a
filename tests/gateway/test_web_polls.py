"""Pages of votes: what may be done is told by the service; choice and receipt stay out of sight."""

import re
from typing import Any

import pytest

from gateway import web
from gateway.web import inclusion
from gateway.web.pages.polls import bulletin, verifying
from services.contracts import errors
from services.contracts.actor import Role
from services.contracts.errors import FieldError
from services.notify.domain.votes_rules import VOTES_RULES
from services.votes.domain import ballots, merkle, receipts
from services.votes.domain import proxies as proxy_rules
from services.votes.domain.polls import NotClosed
from services.votes.handlers.bulletin import ReceiptNotFound
from tests.gateway import web_votes as v
from tests.gateway import web_world as w
from tests.gateway.web_browser import ORIGIN, token_in

pytestmark = pytest.mark.gateway
HERE = f"/polls/{v.POLL}"
VOTE = f"{HERE}/vote"
SCRIPT = '<script>alert("1")</script>'


@pytest.fixture
def me(world):
    return world.browser(Role.RESIDENT)


def hidden(html: str) -> dict[str, str]:
    """What a form carries along unseen."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


async def looked(me: Any, choice: str = "for", **fields: str) -> Any:
    """The second look at a choice."""
    first = hidden((await me.get(VOTE)).text)
    return await me.client.post(VOTE, data={**first, "choice": choice, **fields}, headers=ORIGIN)


async def cast(me: Any, choice: str = "for", **fields: str) -> Any:
    """Both taps, as somebody without a script makes them."""
    second = hidden((await looked(me, choice, **fields)).text)
    return await me.client.post(f"{VOTE}/cast", data=second, headers=ORIGIN)


# -- where a vote stands ---------------------------------------------------------------------------


async def test_what_can_still_be_voted_on_stands_first(world, me):
    listed = {
        "open": [v.poll(id="p-late", title="晚的", closes_at=v.at(days=-9)), v.poll(title="早的")],
        "announced": [v.poll("announced", title="公示的")],
        None: [v.poll("published", title="过去的", my_state="voted"), v.poll(title="早的")],
    }
    world.say(list_polls=lambda asked: w.page_of(*listed[asked.kwargs.get("state")]))
    html = (await me.get(f"/c/{w.CID}/polls")).text
    assert html.index("早的") < html.index("晚的") < html.index("公示的") < html.index("过去的")
    assert html.count("早的") == 1
    assert html.count("您还没有投，去投票") == 2
    assert f"/polls/{v.POLL}/result" in html


async def test_an_observer_sees_votes_and_is_offered_nothing(world):
    observer = world.browser(Role.OBSERVER)
    for path in (f"/c/{w.CID}/polls", HERE, f"/covenants/{v.COVENANT}"):
        html = (await observer.get(path)).text
        assert "/vote" not in html and "<form" not in html, path
    assert "您在旁观" in (await observer.get(HERE)).text
    for path in (f"/covenants/{v.COVENANT}/breach", f"{HERE}/proxies"):
        assert (await observer.get(path)).status_code == 403, path


@pytest.mark.parametrize(
    ("entry", "told", "button"),
    [
        ({}, "去投票", True),
        ({"state": "paper_out", "why_not": v.why("paper_out", "请用纸质票")}, "请用纸质票", False),
        ({"state": "struck", "why_not": v.why("not_on_roll", "不在名册上")}, "不在名册上", False),
        ({"state": "online", "why_not": v.VOTED}, "已在手机上投", False),
        ({"state": "online", "why_not": v.VOTED, "may_change": True}, "凭回执改票", True),
    ],
)  # fmt: skip
async def test_beside_a_button_that_cannot_be_pressed_stands_why(world, me, entry, told, button):
    world.say(get_poll=v.poll(my_subjects=[v.entry(**entry)]))
    for path in (HERE, f"{VOTE}?entry={v.ENTRY}"):
        html = (await me.get(path)).text
        assert told in html or path != HERE
    assert (f'href="{VOTE}?entry={v.ENTRY}"' in (await me.get(HERE)).text) is button
    assert ('name="choice"' in (await me.get(VOTE)).text) is button


def test_news_of_votes_leads_to_pages_that_there_are():
    pages = [re.sub(r"{\w+}", "[^/]+", one.path) for one in web.PAGES if one.method == "GET"]
    for rule in VOTES_RULES:
        path = re.sub(r"{\w+}", "x", rule.link)
        assert any(re.fullmatch(page, path) for page in pages), rule.link


async def test_whoever_is_not_on_the_roll_reads_how_to_object(world, me):
    missing = v.why("not_on_roll", "您不在本次表决的名册上")
    early = v.poll("announced", my_subjects=[], my_state=None, why_not=missing)
    world.say(get_poll=early)
    html = (await me.get(HERE)).text
    assert missing["text"] in html and f"/topics/{v.TOPIC}/objections" in html


async def test_rules_stand_in_words_and_as_arithmetic_and_say_what_was_not_verified(world, me):
    html = (await me.get(HERE)).text
    assert "谁能投：年满十八周岁的居民。" in html and "参加表决的人数 ÷ 名册人数 &gt; 1/2" in html
    assert "未对照现行法律核实" in html and "电动自行车及其电池不进楼道。" in html
    world.say(get_poll=v.poll(verified=True))
    assert "未对照现行法律核实" not in (await me.get(HERE)).text


async def test_turnout_is_told_while_voting_goes_on_and_never_a_choice(world, me):
    assert "214" in (await me.get(HERE)).text
    world.say(get_poll=v.poll("announced"))
    assert "已经有多少人投" not in (await me.get(HERE)).text


async def test_a_text_that_cannot_be_had_hides_nothing_else(world, me):
    world.say(get_proposal_version=errors.Unavailable())
    page = await me.get(HERE)
    assert page.status_code == 200 and "去投票" in page.text and "暂时看不到" in page.text


# -- casting ---------------------------------------------------------------------------------------


async def test_a_vote_is_two_taps_and_its_receipt_stands_on_no_address(world, me):
    page = await cast(me, "against")
    assert page.status_code == 200, "no other page: its address could be found"
    assert v.RECEIPT in page.text and 'class="qr-code"' in page.text
    assert page.headers["cache-control"] == "no-store"
    (sent,) = world.rpc.last("cast_ballots").kwargs["ballots"]
    assert sent["ballot"] == {"choice": "against", "subject_id": v.ENTRY}
    assert re.fullmatch(r"[0-9a-f]{32}", sent["idempotency_key"]), "128 random bits"
    cookies = " ".join(page.headers.get_list("set-cookie"))
    assert v.RECEIPT not in cookies


async def test_looking_once_more_casts_nothing_and_says_it_large(world, me):
    html = (await looked(me, "abstain")).text
    assert 'class="chosen tone-sand"' in html and "弃权" in html
    assert not [one for one in world.rpc.calls if one.method == "cast_ballots"]


async def test_the_same_press_twice_has_one_key_and_each_new_page_another(world, me):
    first, second = hidden((await me.get(VOTE)).text), hidden((await me.get(VOTE)).text)
    assert first["seal"] != second["seal"]
    look = hidden((await looked(me)).text)
    for _ in range(2):
        await me.client.post(f"{VOTE}/cast", data=look, headers=ORIGIN)
    keys = {
        one.kwargs["ballots"][0]["idempotency_key"]
        for one in world.rpc.calls
        if one.method == "cast_ballots"
    }
    assert keys == {look["seal"]}


async def test_without_an_answer_the_same_key_is_pressed_again(world, me):
    look = hidden((await looked(me)).text)
    world.say(cast_ballots=errors.Unavailable(), get_poll=errors.Unavailable())
    page = await me.client.post(f"{VOTE}/cast", data=look, headers=ORIGIN)
    assert page.status_code == 503 and "再按一次" in page.text
    again = hidden(page.text)
    kept = {"seal", "choice", "entry"}
    assert {name: again[name] for name in kept} == {name: look[name] for name in kept}
    world.say(cast_ballots=v.boxed(), get_poll=v.poll())
    page = await me.client.post(f"{VOTE}/cast", data=again, headers=ORIGIN)
    assert v.RECEIPT in page.text


async def test_what_the_box_refuses_is_told_on_the_page(world, me):
    world.say(cast_ballots=v.boxed(ballots.AlreadyVoted().to_wire()))
    page = await cast(me)
    assert page.status_code == 409 and ballots.AlreadyVoted.zh in page.text
    world.say(cast_ballots=v.boxed(ballots.NotOnRoll().to_wire()))
    assert (await cast(me)).status_code == 403


async def test_a_changed_vote_brings_its_receipt_and_a_wrong_one_is_told_beside_the_field(
    world, me
):
    changeable = v.poll(
        my_subjects=[v.entry(state="online", why_not=v.VOTED, may_change=True)],
        rule_set=v.rule_set(change_of_vote=True),
    )
    world.say(get_poll=changeable)
    assert "请填上次的回执码" in (await looked(me)).text.partition('id="fault-receipt"')[2]
    page = await cast(me, receipt=v.RECEIPT)
    (sent,) = world.rpc.last("cast_ballots").kwargs["ballots"]
    assert sent["ballot"]["receipt"] == v.RECEIPT and "新的一票算数" in page.text
    for error in (ballots.ReceiptNotYours(), receipts.BadReceipt()):
        world.say(cast_ballots=v.boxed(error.to_wire()))
        page = await cast(me, receipt="7K3QF")
        assert page.status_code == error.status
        assert error.zh in page.text.partition('id="fault-receipt"')[2]
        assert 'value="7K3QF"' in page.text, "what she wrote is kept"


async def test_each_of_several_votes_is_cast_by_itself(world, me):
    other = v.entry(subject_id=v.OTHER_ENTRY, place="601室")
    world.say(get_poll=v.poll(my_subjects=[v.entry(), other]))
    html = (await me.get(VOTE)).text
    assert "先在上面选一项" in html and 'name="choice"' not in html
    html = (await me.get(f"{VOTE}?entry={v.OTHER_ENTRY}")).text
    assert hidden(html)["entry"] == v.OTHER_ENTRY


async def test_a_proxy_votes_as_was_stated_and_for_the_principal(world, me):
    held = {"given": [], "held": [v.proxy(choice="against")], "written": []}
    rule_set = v.rule_set(secrecy="named_to_auditors", proxies="written", proxies_each=1)
    world.say(get_poll=v.poll(my_subjects=[], rule_set=rule_set), list_proxies=held)
    html = (await me.get(VOTE)).text
    assert 'value="against"' in html and 'value="for"' not in html
    await cast(me, "against")
    (sent,) = world.rpc.last("cast_ballots").kwargs["ballots"]
    assert sent["ballot"] == {"choice": "against", "on_behalf_of": v.OTHER_ENTRY}


async def test_neither_choice_nor_receipt_is_logged(world, me, capsys):
    await cast(me, "against")
    await check(me, v.RECEIPT)
    said = "".join(capsys.readouterr())
    assert "/polls/{id}/vote/cast" in said
    assert v.RECEIPT not in said and "against" not in said


async def test_the_receipt_is_a_file_and_only_a_receipt_is(world, me, monkeypatch):
    kept: list[Any] = []

    async def draw(_make: Any, document: Any, _font: str) -> bytes:
        kept.append(document)
        return b"%PDF-"

    monkeypatch.setattr(
        world.app.state.gate, "workshop", type("W", (), {"run": staticmethod(draw)})
    )
    token = token_in((await me.get(VOTE)).text)
    for code, status in ((v.RECEIPT, 200), ("<b>", 404)):
        data = {"csrf": token, "receipt": code}
        page = await me.client.post(f"{VOTE}/receipt", data=data, headers=ORIGIN)
        assert page.status_code == status
    (document,) = kept
    assert document.blocks[0].text.endswith(f"/verify#{v.RECEIPT}")


# -- the roll, proxies -----------------------------------------------------------------------------


async def test_the_roll_shows_my_line_and_its_proof_and_nobody_elses(world, me):
    html = (await me.get(f"{HERE}/roll")).text
    assert "3号楼 502室" in html and "第 5 行" in html and "上月搬来" in html
    world.say(list_my_roll_entries=v.proofs(items=[]))
    assert "没有找到您的行" in (await me.get(f"{HERE}/roll")).text


OWNERS = v.rule_set(secrecy="named_to_auditors", proxies="written", proxies_each=1)
CARD = {
    "person_id": v.NEIGHBOUR, "community_id": w.CID, "path": "demo.yuepu.shangyuan",
    "standing": "active", "display_name": "老陆", "building_label": "2号楼",
    "badge_shown": False, "role_badges": [], "residence": "local", "home": "", "minor": None,
}  # fmt: skip


async def test_a_proxy_is_given_to_whom_the_neighbourhood_knows_by_that_name(world, me):
    world.say(get_poll=v.poll(rule_set=OWNERS), get_member_card=CARD)
    page = f"{HERE}/proxies?holder={v.NEIGHBOUR}"
    html = (await me.get(page)).text
    assert "老陆" in html and 'name="choice"' in html
    fields = {"holder_id": v.NEIGHBOUR, "subject_id": v.ENTRY, "choice": "for"}
    answer = await me.form(page, f"{HERE}/proxies", fields)
    assert answer.headers["location"] == f"{HERE}/proxies"
    assert world.rpc.last("grant_proxy").kwargs == {"id": v.POLL, **fields}
    unfit = proxy_rules.ProxyUnfit(errors=[FieldError("holder_id", proxy_rules.ProxyUnfit.zh)])
    world.say(grant_proxy=unfit)
    refused = await me.form(page, f"{HERE}/proxies", fields)
    assert proxy_rules.ProxyUnfit.zh in refused.text.partition('id="fault-holder_id"')[2]


async def test_in_a_secret_poll_no_choice_is_asked_and_a_used_proxy_has_no_button(world, me):
    secret = v.rule_set(proxies="written", proxies_each=1)
    given = [v.proxy(), v.proxy(id="p-2", used=True)]
    world.say(
        get_poll=v.poll(rule_set=secret),
        get_member_card=CARD,
        list_proxies={"given": given, "held": [], "written": []},
    )
    html = (await me.get(f"{HERE}/proxies?holder={v.NEIGHBOUR}")).text
    assert 'name="choice"' not in html and "平台也不该知道" in html
    assert html.count("/revocation") == 1
    answer = await me.form(f"{HERE}/proxies", f"{HERE}/proxies/{v.PROXY}/revocation")
    assert answer.headers["location"] == f"{HERE}/proxies"
    assert world.rpc.last("revoke_proxy").kwargs == {"id": v.PROXY}


# -- the result ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said", "ticks"),
    [
        ({}, "同意 889，反对 56，弃权 39", 2),
        (
            {"passed": False, "quorum_reached": False, "arithmetic": [v.line(holds=False)]},
            "参加的人不够", 0,
        ),
        ({"annulled_at": v.at(), "annul_reason": "名册有误"}, "名册有误", 2),
    ],
)  # fmt: skip
async def test_the_result_is_a_sentence_and_its_arithmetic(world, me, changes, said, ticks):
    world.say(get_result=v.result(**changes))
    html = (await me.get(f"{HERE}/result")).text
    assert said in html and html.count('class="tick yes"') == ticks
    assert "2 × 986 = 1972" in html
    assert f"/api/v1{HERE}/certificate.pdf" in html


async def test_of_alternative_lines_one_is_enough(world, me):
    either = [v.line(alternative=True), v.line(alternative=True, holds=False)]
    world.say(get_result=v.result(arithmetic=either))
    html = (await me.get(f"{HERE}/result")).text
    assert "有一条成立就够" in html
    assert (html.count('class="tick yes"'), html.count('class="tick no"')) == (2, 1)


async def test_objections_that_stand_and_what_it_waits_for_are_told(world, me):
    signing = {"due_at": None, "decision": "refuse", "note": "计票人没有签名", "at": v.at()}
    world.say(get_result=v.result(sign_off=signing, waits_for=["sign_off_refused"]))
    html = (await me.get(f"{HERE}/result")).text
    assert "还有 1 条" in html and "计票人没有签名" in html
    assert "车棚再装二十个充电口" in html


async def test_before_there_is_a_result_the_page_says_when(world, me):
    world.say(get_result=NotClosed())
    page = await me.get(f"{HERE}/result")
    assert page.status_code == 200 and NotClosed.zh in page.text


# -- bulletin and receipts -------------------------------------------------------------------------


async def test_the_bulletin_is_for_everybody_and_its_pages_stay_small(world):
    nobody = world.browser(login=False)
    many = {"first": 0, "leaves": [v.HASH] * 200}
    entries = [
        {"seq": n, "kind": "leaves", "payload": {**many, "first": 200 * n}, "hash": v.HASH}
        for n in range(bulletin.ENTRIES)
    ]
    world.say(get_bulletin=v.bulletin(items=entries, next_cursor="next"))
    page = await nobody.get(f"{HERE}/bulletin")
    assert len(page.content) < 60_000 and "?cursor=next" in page.text
    assert "还有 160 张" in page.text
    world.say(get_bulletin=v.bulletin(items=[{**entries[0], "payload": None}], state="open"))
    html = (await nobody.get(f"{HERE}/bulletin")).text
    assert f"{HERE}/export" not in html


async def check(browser: Any, code: str) -> Any:
    return await browser.form("/verify", "/verify", {"code": code})


def tree(size: int, position: int) -> dict[str, Any]:
    """A receipt's answer out of a real tree."""
    leaves = [bytes([n]) * 32 for n in range(size)]
    hashes = [merkle.leaf(leaf) for leaf in leaves]
    root = merkle.root(hashes).hex()
    return v.found(
        state="published",
        position=position,
        leaf=leaves[position].hex(),
        leaves=size,
        proof=[step.hex() for step in merkle.proof(hashes, position)],
        root=root,
        heads=[v.head(leaves=size, root=root)],
    )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 21])
def test_the_way_up_is_reckoned_for_every_ballot(size):
    for position in range(size):
        told = tree(size, position)
        root, steps = inclusion.way_up(told["leaf"], position, size, told["proof"])
        assert root == told["root"] and len(steps) == len(told["proof"])
        with pytest.raises(ValueError, match="too long"):
            inclusion.way_up(told["leaf"], position, size, [*told["proof"], v.HASH])
        if told["proof"]:
            with pytest.raises(ValueError, match="too short"):
                inclusion.way_up(told["leaf"], position, size, told["proof"][:-1])
            other = [v.HASH, *told["proof"][1:]]
            assert inclusion.way_up(told["leaf"], position, size, other)[0] != told["root"]


async def test_a_receipt_is_found_with_its_steps_and_nobody_is_named(world, me):
    world.say(check_receipt=tree(21, 12))
    page = await check(me, v.RECEIPT)
    assert page.status_code == 200
    assert "您的选票在账本里" in page.text and "第 13 张" in page.text
    assert "这个树根签过名" in page.text
    asked = world.rpc.last("check_receipt")
    assert asked.kwargs == {"code": v.RECEIPT}
    assert asked.options.get("actor") is None, "the service is not told who asks"
    assert v.RECEIPT not in page.text, "it is not left on the screen"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replaced": True, "superseded_by": 9}, "这张选票已被替换"),
        ({"root": v.HASH}, "对不上"),
        ({"proof": []}, "对不上"),
        ({"heads": []}, "没有找到对应的签名"),
    ],
)
async def test_what_does_not_fit_is_said(world, changes, said):
    world.say(check_receipt={**tree(21, 12), **changes})
    assert said in (await check(world.browser(login=False), v.RECEIPT)).text


@pytest.mark.parametrize("error", [ReceiptNotFound(), receipts.BadReceipt()])
async def test_a_code_that_is_none_is_told_beside_its_field(world, error):
    world.say(check_receipt=error)
    page = await check(world.browser(login=False), SCRIPT)
    assert page.status_code == error.status
    assert error.zh in page.text.partition('id="fault-code"')[2]
    assert SCRIPT not in page.text


async def test_the_verifier_is_given_out_with_its_hash(world):
    nobody = world.browser(login=False)
    told = (await nobody.get("/verify")).text
    file = await nobody.get(f"/verify/{verifying.NAME}")
    assert file.content == verifying.VERIFIER.read_bytes()
    assert verifying.verifier()["sha256"] in told
    assert file.headers["content-disposition"].startswith("attachment;")
