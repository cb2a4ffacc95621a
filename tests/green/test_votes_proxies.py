"""Written proxies: given, recorded, taken back, voted with; never forged. Needs: db."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services import directory
from services.contracts.actor import Role
from services.contracts.operations.votes import Entitled, RuleSet
from services.contracts.operations.votes import proxies as ops
from services.contracts.operations.votes.polls import OfPoll
from services.kit.blobs import BlobMeta
from services.votes import repository
from services.votes.handlers import proxies
from tests.support.bridge import (
    LU,
    NEXT_DOOR,
    SHANGYUAN,
    SHI,
    STRANGER,
    SUN,
    actor,
    card_told,
    refused,
)
from tests.support.explained import statements
from tests.support.votes import HERE, MA, RULES, Votes
from tests.support.votes_ballots import Booth

pytestmark = pytest.mark.db
NAMED = RULES.model_copy(
    update={"secrecy": "named_to_auditors", "proxies": "written", "proxies_each": 1}
)
SECRET = RULES.model_copy(update={"proxies": "written", "proxies_each": 2})
OWNERS_NAMED = NAMED.model_copy(update={"electorate": Entitled(who="owners")})
ZHOU = actor("p-zhou", (Role.RESIDENT, HERE))


def opened(votes: Votes, rules: RuleSet = NAMED, voters: Any = (SUN, LU, MA)) -> str:
    """A poll on which people are voting."""
    poll_id = votes.poll("open", rules, voters=voters)
    votes.answers["my_subjects"] = lambda **_asked: {"refs": []}
    return poll_id


def code_of(votes: Votes, poll_id: str, who: Any) -> str:
    (row,) = votes.rows(
        "SELECT code FROM roll_people WHERE poll_id = :p AND person_id = :w",
        p=poll_id,
        w=who.person_id,
    )
    return str(row.code)


def give(votes: Votes, poll_id: str, who: Any, to: Any, choice: str | None = "for", **more: Any):
    cmd = ops.GrantProxy(id=poll_id, holder_id=to.person_id, choice=choice, **more)
    return votes.do(proxies.grant, cmd, who)


def take_back(votes: Votes, proxy_id: str, who: Any):
    return votes.do(proxies.revoke, ops.OfProxy(id=proxy_id), who)


class Photos:
    """An upload of the secretary's."""

    def meta(self, upload_id: str) -> BlobMeta | None:
        if upload_id != "photo":
            return None
        return BlobMeta(
            upload_id, f"/media/{upload_id}", None, "image/jpeg", 9, "ab" * 32, SHI.person_id
        )


def test_who_holds_a_proxy_votes_as_the_principal_stated_once_over_all_channels(votes):
    poll_id, booth = opened(votes), Booth(votes)
    code = code_of(votes, poll_id, SUN)
    given = give(votes, poll_id, SUN, LU)
    assert (given.subject_id, given.holder_id, given.used) == (code, LU.person_id, False)
    assert booth.code(poll_id, LU, "against", on_behalf_of=code) == "votes.bound_otherwise"
    assert booth.code(poll_id, LU, "for", on_behalf_of=code) == ""
    assert booth.code(poll_id, LU, "for", on_behalf_of=code) == "votes.already_voted"
    assert booth.code(poll_id, SUN, "against") == "votes.already_voted"
    assert booth.code(poll_id, LU, "against") == "", "her own vote is her own"
    assert refused(take_back, votes, given.id, SUN) == "votes.proxy_used"
    states = votes.rows("SELECT code, state FROM roll_entries WHERE poll_id = :p", p=poll_id)
    assert dict(states)[code] == "proxy"
    mine = votes.do(proxies.list_proxies, OfPoll(id=poll_id), SUN)
    assert [(one.id, one.used) for one in mine.given] == [(given.id, True)]
    names = {(one.holder_name, one.holder_building) for one in (given, *mine.given)}
    card = votes.do(lambda uow: directory.card(uow, LU.person_id, SHANGYUAN))
    assert names == {(card.display_name, card.building_label)}, "by the name that neighbours know"
    hers = votes.do(proxies.list_proxies, OfPoll(id=poll_id), LU)
    assert [one.id for one in hers.held] == [given.id] and hers.given == hers.written == []


def test_proxies_of_a_batch_are_looked_at_together_while_the_head_is_held(votes):
    people = [actor(f"p-v{number}", (Role.RESIDENT, HERE)) for number in range(12)]
    for who in people:
        votes.settle(who)
    rules = NAMED.model_copy(update={"proxies_each": 20})
    poll_id, booth = opened(votes, rules, (*people, LU)), Booth(votes)
    codes = [code_of(votes, poll_id, who) for who in people]
    for who, code in zip(people[:6], codes[:6], strict=True):
        give(votes, poll_id, who, LU, subject_id=code)

    def cast(some: list[str]) -> list[str]:
        ballots = [booth.sent(LU, on_behalf_of=code) for code in some]
        return [(one.error or {}).get("code", "") for one in booth.batch(poll_id, ballots)]

    one, few = statements(votes.engine, lambda: cast(codes[:1]))
    rest, many = statements(votes.engine, lambda: cast(codes[1:]))
    assert one == [""] and rest == [""] * 5 + ["votes.no_authority"] * 6
    assert len(many) <= len(few)


def test_a_forged_a_revoked_and_a_strangers_proxy_are_refused(votes):
    poll_id, booth = opened(votes), Booth(votes)
    code = code_of(votes, poll_id, SUN)
    for forged in (code, code_of(votes, poll_id, MA), "NOBODY"):
        assert booth.code(poll_id, LU, on_behalf_of=forged) == "votes.no_authority"
    given = give(votes, poll_id, SUN, LU)
    assert booth.code(poll_id, MA, on_behalf_of=code) == "votes.no_authority"
    for who in (LU, MA, STRANGER):
        assert refused(take_back, votes, given.id, who) == "votes.proxy_not_found"
    back = take_back(votes, given.id, SUN)
    assert back.revoked_at is not None
    assert take_back(votes, given.id, SUN).revoked_at == back.revoked_at
    assert booth.code(poll_id, LU, on_behalf_of=code) == "votes.no_authority"
    again = give(votes, poll_id, SUN, MA)
    assert refused(give, votes, poll_id, SUN, LU) == "votes.proxy_held"
    assert booth.code(poll_id, SUN, "against") == "", "who comes herself needs nobody"
    assert booth.code(poll_id, MA, on_behalf_of=again.subject_id) == "votes.already_voted"


def test_who_may_hold_a_proxy(votes):
    votes.settle(ZHOU)
    poll_id = opened(votes, voters=(SUN, LU, MA, SHI))
    lives_here = card_told(SHI.person_id, SHANGYUAN, "active")
    lives_here = lives_here.model_copy(update={"role_badges": ["secretary"]})
    votes.do(directory.project, lives_here)
    child = actor("p-child", (Role.RESIDENT, HERE))
    votes.settle(child, standing="child")
    for holder in (SUN, STRANGER, NEXT_DOOR, SHI, child, ZHOU):
        assert refused(give, votes, poll_id, SUN, holder) == "votes.proxy_unfit", holder
    owners = opened(votes, OWNERS_NAMED)
    assert give(votes, owners, SUN, ZHOU).holder_id == ZHOU.person_id, "she owns nothing"
    plain = opened(votes, RULES)
    assert refused(give, votes, plain, SUN, LU) == "votes.no_proxies"
    assert refused(give, votes, poll_id, STRANGER, LU) == "votes.poll_not_found"
    assert refused(give, votes, poll_id, ZHOU, LU) == "votes.not_on_roll"


def test_in_a_secret_poll_the_platform_is_not_told_what_to_vote(votes):
    named, secret, booth = opened(votes), opened(votes, SECRET), Booth(votes)
    assert refused(give, votes, named, SUN, LU, None) == "votes.bad_proxy_choice"
    assert refused(give, votes, secret, SUN, LU, "for") == "votes.bad_proxy_choice"
    give(votes, secret, SUN, LU, None)
    assert votes.rows("SELECT choice FROM proxies") == [(None,)]
    assert booth.code(secret, LU, "against", on_behalf_of=code_of(votes, secret, SUN)) == ""
    columns = votes.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'proxies'"
    )
    assert not {name for (name,) in columns} & {"used_at", "voted_at", "receipt"}


def test_nobody_holds_more_than_the_rules_allow_however_many_give_at_once(votes):
    poll_id = opened(votes)
    principals = [SUN, MA, *(actor(f"p-{n}", (Role.RESIDENT, HERE)) for n in range(6))]
    for who in principals[2:]:
        votes.settle(who)
        votes.entry(poll_id, who)
    together = threading.Barrier(len(principals))

    def grant(who: Any) -> str:
        together.wait(10)
        try:
            give(votes, poll_id, who, LU)
        except Exception as error:
            return str(getattr(error, "code", error))
        return ""

    with ThreadPoolExecutor(len(principals)) as pool:
        came = sorted(pool.map(grant, principals))
    assert came == ["", *["votes.proxy_limit"] * (len(principals) - 1)]


def test_a_proxy_is_taken_back_or_used_never_both(votes):
    """Eight times the two collide; each time exactly one of them wins."""
    poll_id, booth = opened(votes, SECRET), Booth(votes)
    for number in range(8):
        who = actor(f"p-{number}", (Role.RESIDENT, HERE))
        votes.settle(who)
        code = votes.entry(poll_id, who)
        given = give(votes, poll_id, who, LU, None)
        together = threading.Barrier(2)

        def back(who: Any = who, given: Any = given, together: Any = together) -> str:
            together.wait(10)
            try:
                take_back(votes, given.id, who)
            except Exception as error:
                return str(getattr(error, "code", error))
            return ""

        def vote(code: str = code, together: Any = together) -> str:
            together.wait(10)
            return booth.code(poll_id, LU, on_behalf_of=code)

        with ThreadPoolExecutor(2) as pool:
            outcomes = (pool.submit(back), pool.submit(vote))
            came = tuple(one.result(20) for one in outcomes)
        assert came in (("", "votes.no_authority"), ("votes.proxy_used", "")), came
        if came[0] == "votes.proxy_used":
            votes.do(
                lambda uow, i=given.id: uow.session.delete(repository.proxies.proxy(uow.session, i))
            )


def test_the_desk_records_a_written_authority_with_its_photo(votes):
    poll_id, booth = opened(votes), Booth(votes)
    code = votes.entry(poll_id, None)

    def record(who: Any = SHI, **more: Any):
        cmd = ops.RecordProxy(
            id=poll_id, subject_id=code, holder_id=LU.person_id, choice="against", **more
        )
        return votes.do(proxies.record, cmd, who, Photos())

    assert refused(record, SUN) == "auth.forbidden"
    assert refused(record, photo_id="other") == "votes.no_such_photo"
    written = record(photo_id="photo")
    assert written.written and written.photo is not None
    desk = votes.do(proxies.list_proxies, OfPoll(id=poll_id), SHI)
    assert [one.id for one in desk.written] == [written.id]
    assert take_back(votes, written.id, SHI).revoked_at is not None
    assert booth.code(poll_id, LU, "against", on_behalf_of=code) == "votes.no_authority"
    record()
    assert booth.code(poll_id, LU, "against", on_behalf_of=code) == ""


def test_after_the_close_nothing_is_given_or_taken_back(votes):
    poll_id = opened(votes)
    given = give(votes, poll_id, SUN, LU)
    votes.pass_time(days=8)
    assert refused(give, votes, poll_id, MA, LU) == "votes.not_for_proxies"
    assert refused(take_back, votes, given.id, SUN) == "votes.not_for_proxies"
