"""Queries of feed. Lists and single things leave the database as finished JSON text.

One place makes the JSON of a post and one that of a comment, whether it stands alone or in a
list; a page is one statement, however many rows it has.
"""
