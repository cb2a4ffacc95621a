"""The SQL of votes, a module for each family."""

from services.votes.repository import clock, due, polls, results, rolls, topics

__all__ = ["clock", "due", "polls", "results", "rolls", "topics"]
