"""People live through it all (``tests/support/lived.py``); afterwards they are looked for wherever
the system writes.

What may be found is a display name, and what somebody wrote to her neighbours. Phones, real names,
ID numbers, tokens and second factors may stand sealed or hashed in identity, rooms in clear where
identity keeps addresses, and nowhere else: no log, no event, no kept answer, no other service, no
dead letter, and no file of the grid platform.

Words that neighbours write stay in feed; only a post that may be a problem is told, to the bridge.
"""

from collections.abc import Iterator

import pytest

from deploy.client import Client
from deploy.processes import SERVICES
from tests.e2e.conftest import Login
from tests.support.lived import HOMES, Lived, Staff, live
from tests.support.platform import Platform
from tests.support.traces import Text, found_in, tapped
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

SPOILT = "notify.news"


@pytest.fixture(scope="module")
def lived(platform: Platform, api: Client, login: Login, secretary: Client) -> Iterator[Lived]:
    staff = Staff(secretary, login("13800000004"))
    with tapped(platform) as traces:
        lived = Lived(traces)
        live(lived, platform, api, staff)
        traces.spoil(SPOILT, f"{lived.spoilt} no event")
        until(
            lambda: found_in(traces.left(), lived.spoilt),
            what="the dead letter",
            pause=0.2,
            limit=30,
        )
        yield lived
        traces.left(take=True)


def size(texts: list[Text]) -> int:
    return sum(len(text.content) for text in texts)


# -- that it looks where something is -----------------------------------------------------------


def test_the_search_finds_a_planted_request_in_the_logs(lived: Lived) -> None:
    logs = lived.traces.logs()
    assert {f"log {name}.log" for name in ("gateway", *SERVICES)} <= {text.where for text in logs}
    assert size(logs) > 5_000
    where = {place for place, _ in found_in(logs, lived.request_id)}
    assert where == {"log gateway.log", "log identity.log"}


def test_the_search_finds_the_display_name_in_events_answers_copies_and_on_the_wire(
    lived: Lived,
) -> None:
    name = lived.display_name
    written = lived.traces.outboxes()
    places = {place for place, _ in found_in(written, name)}
    assert {"identity.kit_outbox", "identity.kit_answer"} <= places
    assert found_in(lived.traces.tables("feed"), name)
    until(lambda: found_in(lived.traces.wire(), name), what="the card on the wire")


TOLD = (  # what the lives tell the others
    "membership.requested",
    "membership.ended",
    "assistance.ended",
    "session.revoked",
    "consent.changed",
    "person.deleted",
    "workorder.opened",
    "post.offered",
    "author.seen",
    "content.decided",
    "sign_up.changed",
    "handshake.changed",
)


def test_every_life_was_heard_on_the_wire(lived: Lived) -> None:
    def unheard() -> list[str]:
        heard = {text.where for text in lived.traces.wire()}
        return [told for told in TOLD if not any(told in where for where in heard)]

    until(lambda: not unheard(), what=f"the whole story, with {', '.join(TOLD)}")


def test_the_search_finds_a_dead_letter(lived: Lived) -> None:
    (place, _), *_ = found_in(lived.traces.left(), lived.spoilt)
    assert place == f"queue {SPOILT}.dlq"


def test_the_search_finds_the_work_order_with_the_grid_platform(lived: Lived) -> None:
    assert found_in(lived.traces.grid_platform(), "商铺占用绿化带")


# -- what must not be there ----------------------------------------------------------------------


def test_no_log_names_anybody(lived: Lived) -> None:
    assert lived.found(lived.traces.logs()) == []


def test_no_event_and_no_kept_answer_names_anybody(lived: Lived) -> None:
    assert lived.found(lived.traces.outboxes()) == []
    assert lived.found(lived.traces.wire()) == []


def test_no_message_left_in_the_broker_names_anybody(lived: Lived) -> None:
    assert lived.found(lived.traces.left()) == []


def test_the_grid_platform_knows_nobody_but_by_her_mask(lived: Lived) -> None:
    assert lived.found(lived.traces.grid_platform()) == []


@pytest.mark.parametrize("service", ["feed", "votes", "grid_bridge", "notify"])
def test_no_other_service_knows_who_anybody_is(lived: Lived, service: str) -> None:
    assert lived.found(lived.traces.tables(service)) == []


def test_identity_holds_people_sealed_and_rooms_in_addresses_alone(lived: Lived) -> None:
    rows = lived.traces.tables("identity")
    assert lived.found(rows, homes=True) == []
    rooms = [room for life in lived.rooms.values() for room in life]
    assert {place for place, _ in found_in(rows, *rooms)} == HOMES


# -- what neighbours say to each other -----------------------------------------------------------

CARDS = "event member.card_changed.v1"  # names travel in cards, and in nothing but them
OFFERED = {"event post.offered.v1", "event issue.reported.v1"}


def test_who_hides_her_name_is_in_events_by_her_id_alone(lived: Lived) -> None:
    told = [text for text in lived.traces.wire() if text.where != CARDS]
    assert found_in(told, lived.veiled_name) == []
    by_id = {place for place, _ in found_in(told, lived.veiled_id)}
    assert {"event post.published.v1", "event author.seen.v1"} <= by_id
    kept = [text for text in lived.traces.outboxes() if not text.where.startswith("identity.")]
    shown_to_who_moderates = {"feed.kit_answer"}
    assert {place for place, _ in found_in(kept, lived.veiled_name)} <= shown_to_who_moderates


def test_words_travel_only_where_they_may_be_a_problem(lived: Lived) -> None:
    wire = lived.traces.wire()
    hits = found_in(wire, *lived.words.values())
    assert {word for _, word in hits} == {lived.words["post"]}
    assert {place for place, _ in hits} <= OFFERED


def test_words_stand_in_feed_and_in_no_log_and_nowhere_else(lived: Lived) -> None:
    words = lived.words.values()
    assert {word for _, word in found_in(lived.traces.tables("feed"), *words)} == set(words)
    for service in ("identity", "grid_bridge", "votes", "notify"):
        assert found_in(lived.traces.tables(service), *words) == []
    assert found_in(lived.traces.logs(), *words) == []
    assert found_in(lived.traces.left(), *words) == []
    assert found_in(lived.traces.grid_platform(), *words) == []
