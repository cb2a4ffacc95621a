"""Identity over HTTP as one story: register, poster, second factor, lost phone, help, figures.

the committee imports its register ─▶ prints the poster ─▶ who is on the register is in at once
─▶ a second factor ─▶ the phone is lost: two of the staff, a day ─▶ in again, the factor gone
who has no phone is registered at the desk ─▶ staff report for her ─▶ the help ends
all of them are counted
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx
import pyotp
import pytest
from pydantic import BaseModel

from deploy.client import Client, Problem
from services.contracts import demo
from services.contracts.operations.grid_bridge import Issue
from services.contracts.operations.identity import (
    Assisted,
    FigureRow,
    Figures,
    ImportReport,
    Me,
    Recovery,
    RegisterEntryView,
)
from tests.e2e.conftest import Login
from tests.support import lives
from tests.support.http_asks import assert_problem, send
from tests.support.lives import House, Somebody
from tests.support.platform import Platform
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

View = TypeVar("View", bound=BaseModel)
REGISTER = f"/communities/{demo.SHANGYUAN}/register"
FIGURES = f"/districts/{demo.DISTRICT_ID}/identity-figures"


@dataclass
class Story:
    """What was seen on the way."""

    committee: Client
    before: FigureRow
    dry: ImportReport
    imported: ImportReport
    again: ImportReport
    not_yet: list[RegisterEntryView]
    waiting: list[RegisterEntryView]
    arrived: list[RegisterEntryView]
    posters: dict[str, httpx.Response]
    poster_refused: Problem
    joined: Me
    recovery_codes: list[str]
    without_factor: Problem
    code_again: Problem
    opened: Recovery
    alone: Problem
    confirmed: Recovery
    warned: Me
    old_phone_ended: httpx.Response
    recovered: Me
    registered: Assisted
    reported: Issue
    on_behalf: list[Problem]
    help_ended: httpx.Response
    after: FigureRow
    town: FigureRow
    own: list[FigureRow]


def refusal(act: Callable[[], object]) -> Problem:
    """How it was refused."""
    with pytest.raises(Problem) as refused:
        act()
    return refused.value


@pytest.fixture(scope="module")
def house(platform: Platform, api: Client) -> House:
    return lives.a_house(platform, api)


@pytest.fixture(scope="module")
def owner() -> Somebody:
    """She is on the register and has a phone."""
    return lives.somebody()


@pytest.fixture(scope="module")
def story(
    platform: Platform, api: Client, login: Login, secretary: Client, house: House, owner: Somebody
) -> Story:
    """Walk the path once; the tests look at what was seen."""
    neighbour, elder, new_phone = lives.somebody(), lives.somebody(), lives.somebody()
    colleague, analyst = login("13800000004"), login("13800000006")

    # the register, and the poster at the door
    before = figures(analyst, "community")[demo.SHANGYUAN]
    file = lives.register_file(house, [owner, neighbour])
    dry = lives.import_register(secretary, file, dry_run=True)
    not_yet = on_register(secretary, owner)
    imported = lives.import_register(secretary, file)
    again = lives.import_register(secretary, file)
    waiting = on_register(secretary, owner)
    posters = {
        form: send(secretary, "GET", f"/qr/{house.token}/poster.{form}") for form in ("png", "pdf")
    }

    # in at once, and a second factor
    me = lives.log_in(api, owner)
    poster_refused = refusal(lambda: me.send("GET", f"/qr/{house.token}/poster.png"))
    lives.join(me, house, owner, "owner")
    joined, arrived = me.me(), on_register(secretary, owner)
    secret, codes = lives.use_second_factor(me)
    without_factor = refusal(lambda: lives.log_in(api, owner))
    lives.log_in(api, owner, totp=codes[0])
    code_again = refusal(lambda: lives.log_in(api, owner, totp=codes[0]))
    assert pyotp.TOTP(secret).verify(pyotp.TOTP(secret).now())

    # the phone is lost
    opened = lives.lose_phone(secretary, me.person_id, new_phone.phone)
    path = f"/phone-recoveries/{opened.id}/confirmation"
    alone = refusal(lambda: secretary.send("POST", path, json={}))
    confirmed = colleague.post(Recovery, path, {}, key=lives.key())
    warned = me.me()
    lives.let_a_day_pass(platform, confirmed)
    old_phone_ended = until(lambda: refused_now(me), what="the end of the old phone's session")
    recovered = api.login(new_phone.phone, lives.CODE).me()

    # somebody without a phone
    registered = lives.register_for(secretary, house, elder)
    helper = lives.acting(secretary, registered.assistance_id)
    receipt = helper.report_issue(demo.SHANGYUAN, "楼道灯不亮", "三楼的灯坏了，老人晚上看不清。")
    reported = secretary.issue(receipt.id)
    on_behalf = [
        refusal(lambda: helper.send("POST", f"/polls/{receipt.id}/ballots", json={})),
        refusal(lambda: helper.send("POST", "/me/totp", json={})),
        refusal(lambda: helper.send("GET", "/me/export")),
    ]
    secretary.send("DELETE", f"/assistances/{registered.assistance_id}", key=lives.key())
    help_ended = until(lambda: refused_now(helper), what="the end of the help")

    return Story(
        committee=secretary,
        before=before,
        dry=dry,
        imported=imported,
        again=again,
        not_yet=not_yet,
        waiting=waiting,
        arrived=arrived,
        posters=posters,
        poster_refused=poster_refused,
        joined=joined,
        recovery_codes=codes,
        without_factor=without_factor,
        code_again=code_again,
        opened=opened,
        alone=alone,
        confirmed=confirmed,
        warned=warned,
        old_phone_ended=old_phone_ended,
        recovered=recovered,
        registered=registered,
        reported=reported,
        on_behalf=on_behalf,
        help_ended=help_ended,
        after=figures(analyst, "community")[demo.SHANGYUAN],
        town=figures(analyst, "town")[demo.TOWN_YUEPU],
        own=list(figures(secretary, "community").values()),
    )


def on_register(staff: Client, who: Somebody) -> list[RegisterEntryView]:
    """Her entries, as the committee finds them by her name."""
    return list(staff.each(RegisterEntryView, REGISTER, {"q": who.real_name}))


def figures(who: Client, level: str) -> dict[str, FigureRow]:
    """The rows that somebody is shown, by place."""
    rows = who.get(Figures, FIGURES, {"level": level}).items
    return {row.place.id: row for row in rows}


def refused_now(client: Client) -> httpx.Response | None:
    """How her token is refused, once it is."""
    answer = send(client, "GET", "/me")
    return answer if answer.status_code != 200 else None


# -- the register ------------------------------------------------------------------------------


def test_a_dry_run_tells_what_an_import_would_do_and_does_nothing(story: Story) -> None:
    assert (story.dry.dry_run, story.dry.imported, story.dry.added) == (True, False, 2)
    assert story.not_yet == []


def test_the_register_is_imported_once_and_shown_masked(story: Story, owner: Somebody) -> None:
    assert (story.imported.imported, story.imported.added, story.imported.errors) == (True, 2, 0)
    assert (story.again.added, story.again.unchanged) == (0, 2)
    (entry,) = story.waiting
    assert (entry.name, entry.room) == ("欧*****", owner.room)
    assert (entry.birth_year, entry.has_account) == (owner.birth_year, False)


def test_whoever_is_on_the_register_is_in_at_once_and_tied_to_her_entry(story: Story) -> None:
    (home,) = story.joined.memberships
    assert (home.status, home.relation) == ("active", "owner")
    (entry,) = story.arrived
    assert entry.id == story.waiting[0].id
    assert (entry.has_account, entry.person_id) == (True, story.joined.person.id)


@pytest.mark.parametrize(
    ("form", "kind", "first"),
    [("png", "image/png", b"\x89PNG\r\n\x1a\n"), ("pdf", "application/pdf", b"%PDF-")],
)
def test_the_poster_is_for_the_committee_to_print(
    story: Story, form: str, kind: str, first: bytes
) -> None:
    answer = story.posters[form]
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content.startswith(first)
    assert (story.poster_refused.status, story.poster_refused.code) == (403, "auth.forbidden")


# -- second factor and lost phone ----------------------------------------------------------------


def test_with_a_second_factor_the_phone_alone_lets_nobody_in(story: Story) -> None:
    assert len(set(story.recovery_codes)) == 10
    assert story.without_factor.code == "identity.totp_required"
    assert story.code_again.code == "identity.totp_wrong"


def test_a_lost_phone_takes_two_of_the_staff_and_a_day(story: Story, owner: Somebody) -> None:
    assert (story.opened.state, story.opened.old_phone[-4:]) == ("opened", owner.phone[-4:])
    assert owner.phone not in story.opened.model_dump_json()
    assert (story.alone.status, story.alone.code) == (403, "identity.second_person_needed")
    assert story.confirmed.state == "waiting"
    assert story.confirmed.confirmed_by and story.confirmed.effective_at
    assert story.warned.recovery and story.warned.recovery.id == story.opened.id
    assert story.warned.recovery.effective_at == story.confirmed.effective_at


def test_the_new_phone_is_hers_then_without_the_factor_and_the_old_one_is_out(
    story: Story,
) -> None:
    assert_problem(story.old_phone_ended, 401, "auth.token_expired")
    assert story.recovered.person.id == story.joined.person.id
    assert story.recovered.memberships == story.joined.memberships
    assert not story.recovered.totp.enrolled


# -- assisted ------------------------------------------------------------------------------------


def test_staff_register_report_and_say_for_whom_until_the_help_ends(story: Story) -> None:
    assert story.registered.status == "active"
    reporter, helper = story.reported.reporter, story.reported.assisted_by
    assert reporter and reporter.person_id == story.registered.person.id
    assert helper and helper.display_name == story.committee.name
    assert {problem.code for problem in story.on_behalf} == {"auth.not_on_behalf"}
    assert_problem(story.help_ended, 401, "auth.token_expired")


# -- figures ---------------------------------------------------------------------------------------


def test_all_of_them_are_counted_in_their_community(story: Story) -> None:
    before, after = story.before, story.after
    assert after.register_persons - before.register_persons == 2
    assert after.members - before.members == 2
    assert after.households_bound - before.households_bound == 2
    assert after.binding_coverage == f"{after.households_bound}/{after.households}"
    assert story.town.members >= after.members


def test_a_committee_is_told_its_own_figures_alone(story: Story) -> None:
    assert story.own == [story.after]


def test_figures_are_no_resident_s(granny_sun: Client) -> None:
    assert_problem(send(granny_sun, "GET", FIGURES), 403, "auth.forbidden")
