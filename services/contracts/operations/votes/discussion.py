"""Opinions, each with its stance."""

from typing import Literal

from services.contracts.operations.base import NEIGHBOUR, AnyObject, Body, Command, Id, Operation


class DiscussTopic(Command):
    """An opinion, with its stance."""

    id: Id
    stance: Literal["for", "against", "neutral"]
    body: Body


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "discussTopic", "POST /topics/{id}/opinions", "votes", NEIGHBOUR, DiscussTopic, AnyObject,
        "Give an opinion", status=201, built=False,
    ),
)  # fmt: skip
