"""The SQL of votes, a module for each family."""

from services.votes.repository import clock, due, topics

__all__ = ["clock", "due", "topics"]
