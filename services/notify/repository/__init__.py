"""Queries of notify."""
