"""Whom the grid platform is told about: only a reporter who consented. Needs: db."""

import pytest

from services import directory
from services.contracts.errors import NotFound, TimedOut, Unavailable
from services.contracts.events import PersonDeleted, WorkOrderOpened
from services.contracts.operations.identity import GridReporter
from tests.support.bridge import NOBODY, SHI, SUN, Bridge

pytestmark = pytest.mark.db

CONSENTED = GridReporter(consented=True, name="孙**", phone="138****0001")


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def named(bridge: Bridge) -> list[str | None]:
    """Whom each order told the platform about."""
    opened = bridge.told(WorkOrderOpened)
    return [event.reporter.masked if event.reporter else None for event in opened]


def test_without_consent_the_order_goes_out_without_the_reporter(bridge):
    bridge.escalated()
    assert named(bridge) == [None]
    assert bridge.asked_for == [SUN.person_id]


def test_with_consent_it_names_her_masked(bridge):
    bridge.reporter = CONSENTED
    bridge.escalated()
    assert named(bridge) == ["孙** 138****0001"]


def test_a_consent_withdrawn_later_is_not_used_again(bridge):
    bridge.reporter = CONSENTED
    bridge.escalated()
    bridge.reporter = NOBODY
    bridge.escalated()
    assert named(bridge) == ["孙** 138****0001", None]


def test_without_a_phone_the_name_goes_alone_and_without_both_nothing(bridge):
    bridge.reporter = GridReporter(consented=True, name="孙**")
    bridge.escalated()
    bridge.reporter = GridReporter(consented=True)
    bridge.escalated()
    assert named(bridge) == ["孙**", None]


@pytest.mark.parametrize("error", [Unavailable(), TimedOut(), NotFound()])
def test_an_order_does_not_wait_for_identity(bridge, error):
    bridge.reporter = error
    assert bridge.escalated().state == "reported"
    assert named(bridge) == [None]


def test_who_asked_not_to_be_named_is_not_asked_about(bridge):
    bridge.reporter = CONSENTED
    receipt = bridge.report(hide_name=True)
    bridge.triage(receipt.id)
    bridge.escalate(receipt.id, urgent=True)
    assert named(bridge) == [None]
    assert bridge.asked_for == []


def test_who_deleted_the_account_is_nobody_on_the_issue(bridge):
    receipt = bridge.report()
    with bridge.units() as uow:
        directory.project(uow, PersonDeleted(person_id=SUN.person_id))
        uow.commit()
    seen = bridge.issue(receipt.id, SHI).reporter
    assert (seen.display_name, seen.building_label) == ("已注销用户", "")
