"""The hours that volunteers give a project, and its account. Needs: db."""

from datetime import date, timedelta
from decimal import Decimal

import eventlet
import pytest

from services.contracts.errors import Invalid
from services.contracts.operations.feed import projects as ops
from services.feed.domain import project as rules
from services.feed.domain.lexicon import WordsRefused
from services.feed.domain.posts import OnRecord
from services.feed.domain.silences import Silenced
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_projects import Projects
from tests.support.feed_street import (
    LU,
    OBSERVER,
    SHI,
    SUN,
    WANG,
    ZHAO,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db):
    return WatchedStreet(db("feed"))


@pytest.fixture
def work(street):
    return Projects(street)


def test_hours_are_a_volunteers_from_recruiting_until_today(street, work):
    post = work.open()
    with pytest.raises(rules.NotAVolunteer):
        work.log(post)
    work.join(post)
    for on in (work.today + timedelta(1), work.today - timedelta(1)):
        with pytest.raises(Invalid):
            work.log(post, on=on)
    street.now = street.now.replace(hour=17)  # half past midnight of the next day in China
    assert work.log(post, on=date(2026, 3, 3))["hours"] == "2.50"


def test_a_project_with_confirmed_hours_or_money_is_not_deleted(street, work):
    given, paid, idle = work.open(), work.open(), work.open()
    for post in (given, idle):
        work.join(post)
    work.confirm(work.log(given))
    work.log(idle)
    work.pay(paid)
    for post in (given, paid):
        with pytest.raises(OnRecord):
            street.delete(post, LU)
    assert len(work.mine()["items"]) == 2
    street.delete(idle, LU)


def test_a_day_has_24_hours_over_all_projects_and_writers_at_once(street, work):
    first, second = work.open(), work.open()
    for post in (first, second):
        work.join(post)

    def turn(post):
        try:
            work.log(post, hours="5")
        except rules.DayHasNoRoom:
            return Decimal(0)
        return Decimal(5)

    logged = sum(eventlet.GreenPool(8).imap(turn, [first, second] * 4))
    assert logged == 20
    assert work.mine()["total"] == {"confirmed": "0.00", "waiting": "20.00"}


def test_hours_count_when_somebody_else_in_charge_confirms_them(street, work):
    post = work.open()
    work.join(post)
    street.later(minutes=1)
    work.join(post, LU)
    hers, leads = work.log(post), work.log(post, LU, hours="1")
    for who, no in ((SUN, rules.MayNotConfirm), (ZHAO, rules.HoursNotFound)):
        with pytest.raises(no):
            work.confirm(hers, who)
    with pytest.raises(rules.OwnHours):
        work.confirm(leads, LU)
    assert work.confirm(leads, SHI)["confirmed_at"] is not None
    assert [i["id"] for i in work.hours(post, OBSERVER)["items"]] == [leads["id"]]
    assert [i["id"] for i in work.hours(post, SUN)["items"]] == [leads["id"], hers["id"]]
    of_the_lead = {i["id"]: i["may_confirm"] for i in work.hours(post, LU)["items"]}
    assert of_the_lead == {leads["id"]: False, hers["id"]: True}
    assert not any(i["may_confirm"] for i in work.hours(post, SUN)["items"])
    work.confirm(hers, LU)
    with pytest.raises(rules.HoursConfirmed):
        work.confirm(hers, SHI)
    with pytest.raises(rules.HoursConfirmed):
        work.withdraw(hers)
    assert work.volunteers(post)["items"][0]["hours"] == "2.50"


def test_hours_that_nobody_confirmed_are_taken_back_by_who_logged_them(work):
    post = work.open()
    work.join(post)
    entry = work.log(post, hours="24")
    with pytest.raises(rules.HoursNotFound):
        work.withdraw(entry, LU)
    work.withdraw(entry)
    assert work.log(post, hours="3")["hours"] == "3.00"
    assert work.mine()["total"]["waiting"] == "3.00"


def test_my_hours_are_summed_whichever_page_is_asked_for(street, work):
    post = work.open()
    work.join(post)
    entries = []
    for _ in range(3):
        entries.append(work.log(post, hours="1.5"))
        street.later(days=1)
    work.confirm(entries[0])
    page = work.mine(limit=2)
    assert ops.MyHoursPage.model_validate(page).items[0].title == "修自行车"
    assert [item["id"] for item in page["items"]] == [entries[2]["id"], entries[1]["id"]]
    rest = work.mine(limit=2, cursor=page["next_cursor"])
    assert [item["id"] for item in rest["items"]] == [entries[0]["id"]]
    assert rest["next_cursor"] is None
    assert page["total"] == rest["total"] == {"confirmed": "1.50", "waiting": "3.00"}
    assert work.mine(LU) == {
        "items": [],
        "next_cursor": None,
        "total": {"confirmed": "0.00", "waiting": "0.00"},
    }


def test_the_account_stays_and_is_corrected_by_opposite_lines(work):
    post = work.open()
    wrong = work.pay(post, amount="800")
    with pytest.raises(rules.NotTheLead):
        work.cancel(wrong, WANG)
    opposite = work.cancel(wrong)
    assert (opposite["amount"], opposite["cancels"], opposite["note"]) == (
        "-800.00",
        wrong["id"],
        "记错了",
    )
    for line in (wrong, opposite):
        with pytest.raises(rules.MoneyCancelled):
            work.cancel(line)
    work.pay(post, amount="80")
    assert work.get(post)["money"] == {"income": "0.00", "spending": "80.00", "balance": "-80.00"}
    lines = work.account(post)["items"]
    assert [(line["amount"], line["cancelled"]) for line in lines] == [
        ("800.00", True),
        ("-800.00", False),
        ("80.00", False),
    ]
    assert ops.Money.model_validate(lines[0]).kind == "spending"


def test_a_line_is_cancelled_once_whoever_comes_at_the_same_time(work):
    line = work.pay(work.open())

    def turn(_):
        try:
            work.cancel(line)
        except rules.MoneyCancelled:
            return "was"
        return "now"

    assert sorted(eventlet.GreenPool(4).imap(turn, range(4))) == ["now", "was", "was", "was"]


def test_money_waits_for_a_yes_and_never_comes_from_tomorrow(work):
    post = work.post()
    work.apply(post)
    with pytest.raises(rules.NotInThisState):
        work.pay(post)
    post = work.open()
    with pytest.raises(Invalid):
        work.pay(post, on_date=work.today + timedelta(1))
    with pytest.raises(rules.NotTheLead):
        work.pay(post, WANG)
    with pytest.raises(Invalid):
        work.pay(post, attachments=["0191d7a0-0000-7000-8000-000000000000"])
    assert work.account(post)["items"] == []


def test_words_are_looked_at_and_a_silenced_neighbour_gives_hours_without_them(street, work):
    post = work.open()
    work.join(post)
    for refused in (
        lambda: work.log(post, note="加我兼职刷单"),
        lambda: work.step(post, "progress", note="招刷单员，日入过千"),
        lambda: work.pay(post, subject="兼职刷单"),
    ):
        with pytest.raises(WordsRefused):
            refused()
    street.silence("sun")
    with pytest.raises(Silenced):
        work.log(post, note="补胎")
    assert work.log(post)["note"] == ""
