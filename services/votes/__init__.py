"""Votes: what is decided. It keeps its copy of the territory; none of its operations is built."""
