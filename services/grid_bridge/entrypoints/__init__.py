"""Entrypoints of the bridge, a class for each of their families."""
