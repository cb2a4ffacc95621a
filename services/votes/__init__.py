"""Votes: what is decided, from a neighbour's question to a covenant (公约)."""
