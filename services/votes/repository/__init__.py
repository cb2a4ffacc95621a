"""The SQL of votes, a module for each family."""

from services.votes.repository import clock, due, rolls, topics

__all__ = ["clock", "due", "rolls", "topics"]
