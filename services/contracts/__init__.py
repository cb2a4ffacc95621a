"""What is said: events, operations, error codes and the permission table.

Pure pydantic and standard library, nothing of ours imported from elsewhere; the grid
platform's engineers could vendor this folder alone. How it is said (broker, database,
tokens) is the business of ``services.kit``.
"""
