"""Entrypoints of feed, a class for each of their families."""
