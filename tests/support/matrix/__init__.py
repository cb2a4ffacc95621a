"""The permission matrix: what the table of operations means, tried against the real services.

``house`` the services in this process, and people for them · ``rows`` how an operation is asked
for · ``identity_rows``, ``accounts_rows``, ``neighbour_rows`` one entry per built operation
"""
