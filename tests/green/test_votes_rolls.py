"""Rolls: an entry is one person's, household's or unit's, and counts once. Needs: db."""

import threading

import pytest

from services.votes import repository
from tests.support.votes import Votes

pytestmark = pytest.mark.db


def states(votes: Votes, poll_id: str) -> dict[str, str]:
    """The state of each entry of the roll, by code."""
    rows = votes.rows("SELECT code, state FROM roll_entries WHERE poll_id = :p", p=poll_id)
    return dict(rows)


def test_an_entry_is_taken_by_one_channel_alone_whoever_comes_at_the_same_time(votes):
    """Paper and phone go for the same entries from eight threads: each gets what nobody has."""
    poll_id = votes.poll(voters=(), without_account=40)
    codes = list(states(votes, poll_id))
    taken: list[tuple[str, set[str]]] = []
    together = threading.Barrier(8)

    def grab(number: int) -> None:
        to = ("online", "paper_out", "proxy", "paper")[number % 4]
        turned = codes[number * 5 :] + codes[: number * 5]
        together.wait(10)
        taken.append((to, votes.do(lambda uow: repository.rolls.take(
            uow.session, poll_id, turned, "free", to
        ))))  # fmt: skip

    threads = [threading.Thread(target=grab, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(taken) == 8
    assert sum(len(mine) for _, mine in taken) == len(codes)
    assert states(votes, poll_id) == {code: to for to, mine in taken for code in mine}


def test_a_paper_under_way_keeps_the_entry_from_the_phone_and_a_spoiled_one_frees_it(votes):
    poll_id = votes.poll(voters=(), without_account=1)
    (code,) = states(votes, poll_id)

    def take(was: str, to: str) -> set[str]:
        return votes.do(lambda uow: repository.rolls.take(uow.session, poll_id, [code], was, to))

    assert take("free", "paper_out") == {code}
    assert take("free", "online") == set()
    assert take("paper_out", "free") == {code}
    assert take("free", "online") == {code}
    assert take("free", "paper_out") == set()
    with pytest.raises(ValueError, match="from online to free"):
        take("online", "free")
