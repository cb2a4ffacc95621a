"""The table of queues, and what it says to who asks for one that is not there."""

import pytest

from services.contracts import topology
from services.contracts.events import DistancesChanged

pytestmark = pytest.mark.unit


def test_a_queue_is_found_by_its_name():
    assert topology.queue("votes.territory").service == "votes"


def test_an_unknown_queue_is_named_with_the_place_to_add_it():
    with pytest.raises(KeyError) as caught:
        topology.queue("archive.everything")
    said = str(caught.value)
    assert said == (
        "no queue is called 'archive.everything': "
        "add it to QUEUES in services/contracts/topology.py"
    )


def test_a_misspelt_queue_is_told_the_one_that_was_meant():
    with pytest.raises(topology.UnknownQueue, match=r"did you mean 'votes\.territory'\?"):
        topology.queue("votes.teritory")


def test_who_keeps_away_from_whom_is_told_to_notify_alone():
    asking = [queue.name for queue in topology.QUEUES if DistancesChanged in queue.events]
    assert asking == ["notify.distances"]
    assert DistancesChanged not in topology.BROADCAST
