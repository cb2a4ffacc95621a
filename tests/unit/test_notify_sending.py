"""When an attempt is repeated, when a provider is left alone, what an answer means."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.notify.domain import sending as rules
from services.notify.domain.sending import Circuit, Circuits, judged, next_pause
from services.notify.sender.wire import Answer

pytestmark = pytest.mark.unit


def test_the_ladder_grows_a_wish_is_obeyed_within_limits_and_after_it_comes_parking():
    pauses = [next_pause(n) for n in range(1, len(rules.LADDER) + 1)]
    assert pauses == sorted(set(rules.LADDER))
    assert next_pause(1, after=900) == timedelta(seconds=900)
    assert next_pause(3, after=1) == rules.LADDER[2]
    assert next_pause(1, after=1e9) == rules.LONGEST
    assert next_pause(len(rules.LADDER) + 1) is None


def test_a_provider_rests_after_failures_in_a_row_and_longer_when_tried_in_vain():
    circuit = Circuit()
    for _ in range(rules.TRIPS_AFTER - 1):
        circuit.failed(0.0)
    circuit.succeeded()
    for _ in range(rules.TRIPS_AFTER + 3):  # some were under way
        circuit.begins()
        circuit.failed(0.0)
    assert circuit.wait(0.0) == rules.FIRST_REST
    now = rules.FIRST_REST
    for rest in (60.0, 120.0, 240.0, 480.0, 600.0, 600.0):
        assert circuit.wait(now) == 0.0
        circuit.begins()
        assert circuit.wait(now) > 0.0, "one tries it out, nobody else"
        circuit.failed(now)
        assert circuit.wait(now) == rest
        now += rest
    circuit.begins()
    circuit.succeeded()
    assert circuit == Circuit()


def test_push_services_that_browsers_make_up_take_no_room_from_one_that_rests():
    circuits = Circuits(lambda: 0.0)
    for _ in range(rules.TRIPS_AFTER):
        circuits.of("web_push:push.apple.com").failed(0.0)
    for n in range(2 * rules.MOST_PROVIDERS):
        circuits.of(f"web_push:{n}.push.apple.com").failed(0.0)
    assert len(circuits.by_provider) <= rules.MOST_PROVIDERS
    assert circuits.of("web_push:push.apple.com").wait(0.0) == rules.FIRST_REST
    assert circuits.resting() == {"web_push": 1}


@pytest.mark.parametrize(
    ("status", "kind", "healthy"),
    [
        (200, "sent", True),
        (202, "sent", True),
        (301, "parked", True),
        (404, "parked", True),
        (408, "later", False),
        (429, "later", False),
        (500, "later", False),
        (599, "later", False),
    ],
)
def test_a_refused_message_says_nothing_about_the_provider(status, kind, healthy):
    tried = judged(status, 7.0)
    assert (tried.outcome.kind, tried.healthy) == (kind, healthy)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("120", 120, 120),
        ("", 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        (timedelta(hours=1), 3000, 3600),
        (timedelta(hours=-1), 0, 0),
        ("Wed, 21 Oct 2015 07:28:00", 0, 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(said, least, most):
    if isinstance(said, timedelta):
        said = format_datetime(datetime.now(UTC) + said)
    assert least <= Answer(429, b"", {"Retry-After": said}).retry_after <= most
